//! Channels: limited in number, joined once, left without subscribers.

use serde_json::{Value, json};

use crate::core::channel::{Persistence, Subscription};
use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::id::ChannelId;
use crate::core::reason::Reason;
use crate::core::state::{ChannelState, Continuity, State};
use crate::core::testing::{ALL, Harness};

fn persistent() -> Subscription<Value> {
    Subscription { persistence: Persistence::Persistent, ..Subscription::default() }
}

fn last_change(harness: &Harness, id: ChannelId) -> Option<(ChannelState, Continuity, Reason)> {
    harness.events.iter().rev().find_map(|event| match event {
        Event::Channel(of, state, continuity, reason, _) if *of == id => {
            Some((*state, *continuity, *reason))
        }
        _ => None,
    })
}

#[test]
fn late_message_of_a_former_membership_is_not_delivered_to_the_new_channel() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.subscribe(2, "elsewhere");
    harness.unsubscribe(1);
    harness.pass(1_000);
    assert_eq!(harness.take("unsubscribe").len(), 1);
    harness.subscribe(3, "feed");
    harness.receive(json!({"type": "channel_message", "channel": "feed", "id": "a", "payload": 1}));
    harness.confirm_joins();
    harness.receive(json!({"type": "channel_message", "channel": "feed", "id": "b", "payload": 2}));
    assert_eq!(harness.delivered(), [json!(2)]);
}

#[test]
fn two_subscribers_share_a_membership_until_both_have_left() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.subscribe(2, "feed");
    harness.unsubscribe(1);
    harness.pass(5_000);
    assert_eq!(harness.sent.len(), 0, "no join, no leave");
    harness.receive(json!({"type": "channel_message", "channel": "feed", "payload": "hi"}));
    assert_eq!(harness.delivered(), [json!("hi")]);
}

#[test]
fn unsubscribing_twice_counts_once() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.subscribe(2, "feed");
    harness.unsubscribe(1);
    harness.unsubscribe(1);
    harness.pass(5_000);
    assert_eq!(harness.take("unsubscribe").len(), 0);
}

#[test]
fn unused_channel_is_left_after_its_linger_time() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let other = harness.subscribe(2, "other");
    harness.confirm_joins();
    harness.unsubscribe(2);
    harness.pass(1_000);
    assert_eq!(harness.take("unsubscribe")[0]["channel"], "other");
    assert_eq!(last_change(&harness, other).map(|emitted| emitted.0), Some(ChannelState::Left));
    assert_eq!(harness.state(), State::Ready);
}

#[test]
fn channel_subscribed_while_leaving_is_joined_again() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let first = harness.subscribe(2, "other");
    harness.confirm_joins();
    harness.unsubscribe(2);
    harness.pass(1_000);
    let leave = harness.take("unsubscribe").remove(0);
    let second = harness.subscribe(3, "other");
    assert_ne!(first, second);
    assert_eq!(harness.confirm_joins(), ["other"]);
    harness.receive(json!({"type": "unsubscribed", "channel": "other", "ref": leave["ref"]}));
    assert_eq!(last_change(&harness, second).map(|emitted| emitted.0), Some(ChannelState::Ready));
}

#[test]
fn rejoin_without_positions_reports_unknown_continuity() {
    let mut harness = Harness::new(Config::default());
    let id = harness.subscribe(1, "feed");
    harness.accept(ALL);
    harness.confirm_joins();
    assert_eq!(
        last_change(&harness, id),
        Some((ChannelState::Ready, Continuity::Fresh, Reason::Joined))
    );
    harness.close(1006);
    assert_eq!(
        last_change(&harness, id).map(|emitted| (emitted.0, emitted.2)),
        Some((ChannelState::Joining, Reason::ConnectionDown))
    );
    harness.pass(250);
    harness.accept(ALL);
    harness.confirm_joins();
    assert_eq!(
        last_change(&harness, id),
        Some((ChannelState::Ready, Continuity::Unknown, Reason::Joined))
    );
    assert!(harness.events.iter().any(|event| matches!(event, Event::Gap(of, _) if *of == id)));
}

#[test]
fn base_server_needs_no_join() {
    let mut harness = Harness::new(Config::default());
    let id = harness.subscribe(1, "feed");
    harness.open();
    harness.receive(json!({"type": "auth_success", "connectionId": "c1"}));
    assert_eq!(last_change(&harness, id).map(|emitted| emitted.0), Some(ChannelState::Ready));
    assert_eq!(harness.sent.len(), 0);
    harness.receive(json!({"type": "subscribed", "channel": "feed", "any": 1}));
    harness.receive(json!({"type": "channel_message", "text": "no channel"}));
    harness.receive(json!({"type": "channel_message", "channel": "elsewhere"}));
    assert_eq!(
        harness.delivered(),
        [json!({"type": "subscribed", "channel": "feed", "any": 1})],
        "each frame with the channel's name is a message with the whole frame as payload"
    );
    harness.subscribe(2, "default");
    harness.receive(json!({"type": "channel_message", "text": "no channel"}));
    assert_eq!(harness.delivered().len(), 2);
}

#[test]
fn idle_persistent_channel_keeps_the_socket_for_half_an_hour_but_opens_none() {
    let mut harness = Harness::new(Config { heartbeat_every_ms: None, ..Config::default() });
    harness.try_subscribe(1, "notes", persistent()).expect("subscribed");
    harness.accept(ALL);
    harness.confirm_joins();
    harness.unsubscribe(1);
    harness.pass(1_799_999);
    assert_eq!((harness.state(), harness.take("unsubscribe").len()), (State::Ready, 0));
    harness.close(1006);
    harness.pass(1);
    assert_eq!((harness.state(), harness.opened.len()), (State::Idle, 1));
    assert_eq!(harness.client.channels().iter().count(), 0);
}

#[test]
fn persistent_channel_is_left_after_its_idle_time() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let own =
        Subscription { persistence: Persistence::PersistentFor(5_000), ..Subscription::default() };
    harness.try_subscribe(2, "notes", own).expect("subscribed");
    harness.confirm_joins();
    harness.unsubscribe(2);
    harness.pass(5_000);
    assert_eq!(harness.take("unsubscribe")[0]["channel"], "notes");
}

#[test]
fn channel_51_in_use_is_rejected_without_affecting_the_others() {
    let mut harness = Harness::new(Config::default());
    for n in 0..50 {
        harness.subscribe(n, &format!("c{n}"));
    }
    harness.accept(ALL);
    harness.confirm_joins();
    let joined = harness.confirm_joins().len();
    let error = harness.try_subscribe(50, "c50", Subscription::default()).expect_err("the cap");
    assert_eq!((error.code.name(), error.channel.as_deref()), ("channel_limit", Some("c50")));
    harness.subscribe(51, "c0");
    assert_eq!((harness.sent.len(), harness.client.channels().iter().count()), (0, 50));
    assert!(joined <= 25);
}

#[test]
fn least_recently_used_idle_channel_is_left_at_the_limit() {
    let mut harness = Harness::new(Config { max_channels: 3, ..Config::default() });
    for (n, name) in ["a", "b", "c"].into_iter().enumerate() {
        harness.try_subscribe(n as u32, name, persistent()).expect("subscribed");
    }
    harness.accept(ALL);
    harness.confirm_joins();
    harness.unsubscribe(0);
    harness.pass(10);
    harness.unsubscribe(1);
    harness.pass(10);
    harness.receive(json!({"type": "channel_message", "channel": "a", "payload": 1}));
    harness.subscribe(9, "d");
    assert_eq!(harness.take("unsubscribe")[0]["channel"], "b");
    assert_eq!(harness.confirm_joins(), ["d"]);
}

#[test]
fn rejoins_are_rate_limited_and_channels_in_use_are_first() {
    let mut harness = Harness::new(Config::default());
    for n in 0..40 {
        harness.try_subscribe(n, &format!("c{n:02}"), persistent()).expect("subscribed");
    }
    for n in 0..20 {
        harness.unsubscribe(n);
    }
    harness.accept(ALL);
    let first: Vec<_> = harness.take("subscribe");
    assert_eq!(first.len(), 25);
    assert!(first.iter().take(20).all(|join| join["channel"].as_str() >= Some("c20")));
    let join = &first[0];
    harness.receive(json!({"type": "subscribed", "channel": join["channel"], "ref": join["ref"]}));
    assert_eq!(harness.take("subscribe").len(), 1, "an answer permits the next join");
}

#[test]
fn joins_are_paced_after_a_rejection_for_a_limit() {
    for code in ["rate_limited", "limit"] {
        let mut harness = Harness::new(Config { max_channels: 200, ..Config::default() });
        for n in 0..100 {
            harness.subscribe(n, &format!("c{n:02}"));
        }
        harness.accept(ALL);
        let unpaced = harness.confirm_joins().len() + harness.confirm_joins().len();
        assert_eq!(unpaced, 50, "no limit is known");
        let join = harness.take("subscribe").remove(0);
        harness.receive(json!({
            "type": "error", "channel": join["channel"], "ref": join["ref"],
            "code": code, "message": "slower", "retryable": true, "retryAfterMs": 5_000,
        }));
        harness.close(1006);
        harness.pass(500);
        harness.accept(ALL);
        let mut started = Vec::new();
        for _ in 0..100 {
            let joins = harness.confirm_joins().len();
            started.push(joins);
            harness.pass(20);
        }
        assert!(started[0] <= 25 && started[1..].iter().all(|joins| *joins <= 1), "{started:?}");
        assert_eq!(started.iter().sum::<usize>(), 100, "{code}");
    }
}

#[test]
fn fatal_rejection_fails_only_its_channel_until_a_new_subscriber() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let id = harness.subscribe(2, "secret");
    let join = harness.take("subscribe").remove(0);
    harness.receive(json!({
        "type": "error", "channel": "secret", "ref": join["ref"],
        "code": "forbidden", "message": "not yours", "retryable": false,
    }));
    assert_eq!(
        last_change(&harness, id).map(|emitted| (emitted.0, emitted.2)),
        Some((ChannelState::Failed, Reason::JoinRefused))
    );
    harness.pass(20_000);
    assert_eq!((harness.take("subscribe").len(), harness.state()), (0, State::Ready));
    harness.subscribe(3, "secret");
    assert_eq!(harness.take("subscribe").len(), 1);
}

#[test]
fn retryable_join_rejection_is_retried_after_the_server_s_delay() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.subscribe(2, "busy");
    let join = harness.take("subscribe").remove(0);
    harness.receive(json!({
        "type": "error", "channel": "busy", "ref": join["ref"],
        "code": "rate_limited", "retryable": true, "retryAfterMs": 3_000,
    }));
    harness.pass(2_999);
    assert_eq!(harness.take("subscribe").len(), 0);
    harness.pass(251);
    assert_eq!(harness.take("subscribe").len(), 1);
}

#[test]
fn unanswered_join_is_retried() {
    let mut harness = Harness::ready(Config { heartbeat_every_ms: None, ..Config::default() }, ALL);
    let id = harness.subscribe(2, "slow");
    harness.take("subscribe");
    harness.pass(10_000);
    assert_eq!(last_change(&harness, id).map(|emitted| emitted.2), Some(Reason::JoinTimeout));
    harness.pass(250);
    assert_eq!(harness.take("subscribe").len(), 1);
}

#[test]
fn membership_ended_by_the_server_is_rejoined_only_if_retryable() {
    for (retryable, joins) in [(true, 1), (false, 0)] {
        let mut harness = Harness::ready(Config::default(), ALL);
        harness.subscribe(2, "room");
        let join = harness.take("subscribe").remove(0);
        harness.receive(json!({"type": "subscribed", "channel": "room", "ref": join["ref"]}));
        let end = |reference: &Value| {
            json!({
                "type": "unsubscribed", "channel": "room", "ref": reference,
                "code": "internal", "message": "moved", "retryable": retryable,
            })
        };
        harness.receive(end(&json!(9_999)));
        assert_eq!(harness.take("subscribe").len(), 0, "not of the present membership");
        harness.receive(end(&join["ref"]));
        harness.pass(250);
        assert_eq!(harness.take("subscribe").len(), joins);
    }
}

#[test]
fn params_are_sent_as_join_options() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let with = Subscription { params: Some(json!({"depth": 2})), ..Subscription::default() };
    harness.try_subscribe(2, "tree", with).expect("subscribed");
    assert_eq!(harness.take("subscribe")[0]["options"], json!({"depth": 2}));
}

#[test]
fn repeated_message_is_delivered_once_across_connections() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.subscribe(2, "other");
    harness.confirm_joins();
    let message = |channel: &str| json!({"type": "channel_message", "channel": channel, "id": "a", "payload": channel});
    harness.receive(message("feed"));
    harness.receive(message("feed"));
    harness.receive(message("other"));
    harness.close(1006);
    harness.pass(250);
    harness.accept(ALL);
    harness.confirm_joins();
    harness.receive(message("feed"));
    assert_eq!(
        harness.delivered(),
        [json!("feed"), json!("other")],
        "an id is unique in its channel"
    );
    assert_eq!(harness.client.traffic().duplicates, 2);
}

#[test]
fn id_from_a_base_server_is_user_data_and_not_used_for_deduplication() {
    let mut harness = Harness::ready(Config::default(), &[]);
    for _ in 0..2 {
        harness.receive(json!({"type": "channel_message", "channel": "feed", "id": "a"}));
    }
    assert_eq!(harness.delivered().len(), 2);
}
