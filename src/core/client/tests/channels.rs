//! Channels: counted, joined once, left when nobody wants them.

use serde_json::{Value, json};

use crate::core::channel::{Persistence, Subscription};
use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::id::ChannelId;
use crate::core::reason::Reason;
use crate::core::state::{ChannelState, Continuity, State};
use crate::core::testing::{ALL, World};

fn persistent() -> Subscription<Value> {
    Subscription { persistence: Persistence::Persistent, ..Subscription::default() }
}

fn last_change(world: &World, id: ChannelId) -> Option<(ChannelState, Continuity, Reason)> {
    world.events.iter().rev().find_map(|event| match event {
        Event::Channel(of, state, continuity, reason, _) if *of == id => {
            Some((*state, *continuity, *reason))
        }
        _ => None,
    })
}

#[test]
fn a_straggler_of_the_former_membership_is_not_the_new_channel_s() {
    let mut world = World::ready(Config::default(), ALL);
    world.subscribe(2, "elsewhere");
    world.unsubscribe(1);
    world.pass(1_000);
    assert_eq!(world.take("unsubscribe").len(), 1);
    world.subscribe(3, "feed");
    world.receive(json!({"type": "channel_message", "channel": "feed", "id": "a", "payload": 1}));
    world.confirm_joins();
    world.receive(json!({"type": "channel_message", "channel": "feed", "id": "b", "payload": 2}));
    assert_eq!(world.delivered(), [json!(2)]);
}

#[test]
fn two_subscribers_share_one_membership_and_one_leaving_keeps_it() {
    let mut world = World::ready(Config::default(), ALL);
    world.subscribe(2, "feed");
    world.unsubscribe(1);
    world.pass(5_000);
    assert_eq!(world.sent.len(), 0, "no join, no leave");
    world.receive(json!({"type": "channel_message", "channel": "feed", "payload": "hi"}));
    assert_eq!(world.delivered(), [json!("hi")]);
}

#[test]
fn unsubscribing_twice_counts_once() {
    let mut world = World::ready(Config::default(), ALL);
    world.subscribe(2, "feed");
    world.unsubscribe(1);
    world.unsubscribe(1);
    world.pass(5_000);
    assert_eq!(world.take("unsubscribe").len(), 0);
}

#[test]
fn one_channel_of_several_is_left_after_its_linger_time() {
    let mut world = World::ready(Config::default(), ALL);
    let other = world.subscribe(2, "other");
    world.confirm_joins();
    world.unsubscribe(2);
    world.pass(1_000);
    assert_eq!(world.take("unsubscribe")[0]["channel"], "other");
    assert_eq!(last_change(&world, other).map(|told| told.0), Some(ChannelState::Left));
    assert_eq!(world.state(), State::Ready);
}

#[test]
fn a_channel_taken_again_while_it_is_being_left_is_joined_anew() {
    let mut world = World::ready(Config::default(), ALL);
    let first = world.subscribe(2, "other");
    world.confirm_joins();
    world.unsubscribe(2);
    world.pass(1_000);
    let leave = world.take("unsubscribe").remove(0);
    let second = world.subscribe(3, "other");
    assert_ne!(first, second);
    assert_eq!(world.confirm_joins(), ["other"]);
    world.receive(json!({"type": "unsubscribed", "channel": "other", "ref": leave["ref"]}));
    assert_eq!(last_change(&world, second).map(|told| told.0), Some(ChannelState::Ready));
}

#[test]
fn rejoining_says_that_nothing_is_known_of_the_time_between() {
    let mut world = World::new(Config::default());
    let id = world.subscribe(1, "feed");
    world.accept(ALL);
    world.confirm_joins();
    assert_eq!(
        last_change(&world, id),
        Some((ChannelState::Ready, Continuity::Fresh, Reason::Joined))
    );
    world.close(1006);
    assert_eq!(
        last_change(&world, id).map(|told| (told.0, told.2)),
        Some((ChannelState::Joining, Reason::ConnectionDown))
    );
    world.pass(250);
    world.accept(ALL);
    world.confirm_joins();
    assert_eq!(
        last_change(&world, id),
        Some((ChannelState::Ready, Continuity::Unknown, Reason::Joined))
    );
    assert!(world.events.iter().any(|event| matches!(event, Event::Gap(of, _) if *of == id)));
}

#[test]
fn a_base_server_needs_no_join() {
    let mut world = World::new(Config::default());
    let id = world.subscribe(1, "feed");
    world.open();
    world.receive(json!({"type": "auth_success", "connectionId": "c1"}));
    assert_eq!(last_change(&world, id).map(|told| told.0), Some(ChannelState::Ready));
    assert_eq!(world.sent.len(), 0);
    world.receive(json!({"type": "subscribed", "channel": "feed", "any": 1}));
    world.receive(json!({"type": "channel_message", "text": "no channel"}));
    world.receive(json!({"type": "channel_message", "channel": "elsewhere"}));
    assert_eq!(
        world.delivered(),
        [json!({"type": "subscribed", "channel": "feed", "any": 1})],
        "every frame with the channel is its message, whole"
    );
    world.subscribe(2, "default");
    world.receive(json!({"type": "channel_message", "text": "no channel"}));
    assert_eq!(world.delivered().len(), 2);
}

#[test]
fn an_idle_persistent_channel_keeps_the_socket_for_half_an_hour_but_opens_none() {
    let mut world = World::new(Config { heartbeat_every_ms: None, ..Config::default() });
    world.try_subscribe(1, "notes", persistent()).expect("subscribed");
    world.accept(ALL);
    world.confirm_joins();
    world.unsubscribe(1);
    world.pass(1_799_999);
    assert_eq!((world.state(), world.take("unsubscribe").len()), (State::Ready, 0));
    world.close(1006);
    world.pass(1);
    assert_eq!((world.state(), world.opened.len()), (State::Idle, 1));
    assert_eq!(world.client.channels().iter().count(), 0);
}

#[test]
fn a_persistent_channel_is_left_after_its_own_idle_time() {
    let mut world = World::ready(Config::default(), ALL);
    let own =
        Subscription { persistence: Persistence::PersistentFor(5_000), ..Subscription::default() };
    world.try_subscribe(2, "notes", own).expect("subscribed");
    world.confirm_joins();
    world.unsubscribe(2);
    world.pass(5_000);
    assert_eq!(world.take("unsubscribe")[0]["channel"], "notes");
}

#[test]
fn the_51st_channel_in_use_is_refused_and_disturbs_none_of_the_50() {
    let mut world = World::new(Config::default());
    for n in 0..50 {
        world.subscribe(n, &format!("c{n}"));
    }
    world.accept(ALL);
    world.confirm_joins();
    let joined = world.confirm_joins().len();
    let error = world.try_subscribe(50, "c50", Subscription::default()).expect_err("the cap");
    assert_eq!((error.code.name(), error.channel.as_deref()), ("channel_limit", Some("c50")));
    world.subscribe(51, "c0");
    assert_eq!((world.sent.len(), world.client.channels().iter().count()), (0, 50));
    assert!(joined <= 25);
}

#[test]
fn at_the_cap_the_least_recently_used_idle_channel_goes() {
    let mut world = World::new(Config { max_channels: 3, ..Config::default() });
    for (n, name) in ["a", "b", "c"].into_iter().enumerate() {
        world.try_subscribe(n as u32, name, persistent()).expect("subscribed");
    }
    world.accept(ALL);
    world.confirm_joins();
    world.unsubscribe(0);
    world.pass(10);
    world.unsubscribe(1);
    world.pass(10);
    world.receive(json!({"type": "channel_message", "channel": "a", "payload": 1}));
    world.subscribe(9, "d");
    assert_eq!(world.take("unsubscribe")[0]["channel"], "b");
    assert_eq!(world.confirm_joins(), ["d"]);
}

#[test]
fn rejoins_are_paced_and_channels_in_use_come_first() {
    let mut world = World::new(Config::default());
    for n in 0..40 {
        world.try_subscribe(n, &format!("c{n:02}"), persistent()).expect("subscribed");
    }
    for n in 0..20 {
        world.unsubscribe(n);
    }
    world.accept(ALL);
    let first: Vec<_> = world.take("subscribe");
    assert_eq!(first.len(), 25);
    assert!(first.iter().take(20).all(|join| join["channel"].as_str() >= Some("c20")));
    let join = &first[0];
    world.receive(json!({"type": "subscribed", "channel": join["channel"], "ref": join["ref"]}));
    assert_eq!(world.take("subscribe").len(), 1, "an answer makes room for the next");
}

#[test]
fn a_server_that_refuses_joins_for_a_limit_is_joined_at_its_pace_from_then_on() {
    for code in ["rate_limited", "limit"] {
        let mut world = World::new(Config { max_channels: 200, ..Config::default() });
        for n in 0..100 {
            world.subscribe(n, &format!("c{n:02}"));
        }
        world.accept(ALL);
        let unpaced = world.confirm_joins().len() + world.confirm_joins().len();
        assert_eq!(unpaced, 50, "nothing is known to be too much for it");
        let join = world.take("subscribe").remove(0);
        world.receive(json!({
            "type": "error", "channel": join["channel"], "ref": join["ref"],
            "code": code, "message": "slower", "retryable": true, "retryAfterMs": 5_000,
        }));
        world.close(1006);
        world.pass(500);
        world.accept(ALL);
        let mut started = Vec::new();
        for _ in 0..100 {
            let joins = world.confirm_joins().len();
            started.push(joins);
            world.pass(20);
        }
        assert!(started[0] <= 25 && started[1..].iter().all(|joins| *joins <= 1), "{started:?}");
        assert_eq!(started.iter().sum::<usize>(), 100, "{code}");
    }
}

#[test]
fn a_fatal_refusal_fails_the_channel_alone_and_a_new_subscriber_may_try_again() {
    let mut world = World::ready(Config::default(), ALL);
    let id = world.subscribe(2, "secret");
    let join = world.take("subscribe").remove(0);
    world.receive(json!({
        "type": "error", "channel": "secret", "ref": join["ref"],
        "code": "forbidden", "message": "not yours", "retryable": false,
    }));
    assert_eq!(
        last_change(&world, id).map(|told| (told.0, told.2)),
        Some((ChannelState::Failed, Reason::JoinRefused))
    );
    world.pass(20_000);
    assert_eq!((world.take("subscribe").len(), world.state()), (0, State::Ready));
    world.subscribe(3, "secret");
    assert_eq!(world.take("subscribe").len(), 1);
}

#[test]
fn a_retryable_refusal_is_tried_again_after_the_time_the_server_named() {
    let mut world = World::ready(Config::default(), ALL);
    world.subscribe(2, "busy");
    let join = world.take("subscribe").remove(0);
    world.receive(json!({
        "type": "error", "channel": "busy", "ref": join["ref"],
        "code": "rate_limited", "retryable": true, "retryAfterMs": 3_000,
    }));
    world.pass(2_999);
    assert_eq!(world.take("subscribe").len(), 0);
    world.pass(251);
    assert_eq!(world.take("subscribe").len(), 1);
}

#[test]
fn an_unanswered_join_is_tried_again() {
    let mut world = World::ready(Config { heartbeat_every_ms: None, ..Config::default() }, ALL);
    let id = world.subscribe(2, "slow");
    world.take("subscribe");
    world.pass(10_000);
    assert_eq!(last_change(&world, id).map(|told| told.2), Some(Reason::JoinTimeout));
    world.pass(250);
    assert_eq!(world.take("subscribe").len(), 1);
}

#[test]
fn a_membership_the_server_ends_is_taken_up_again_only_if_that_can_help() {
    for (retryable, joins) in [(true, 1), (false, 0)] {
        let mut world = World::ready(Config::default(), ALL);
        world.subscribe(2, "room");
        let join = world.take("subscribe").remove(0);
        world.receive(json!({"type": "subscribed", "channel": "room", "ref": join["ref"]}));
        let end = |reference: &Value| {
            json!({
                "type": "unsubscribed", "channel": "room", "ref": reference,
                "code": "internal", "message": "moved", "retryable": retryable,
            })
        };
        world.receive(end(&json!(9_999)));
        assert_eq!(world.take("subscribe").len(), 0, "of no current membership");
        world.receive(end(&join["ref"]));
        world.pass(250);
        assert_eq!(world.take("subscribe").len(), joins);
    }
}

#[test]
fn params_travel_as_the_join_s_options() {
    let mut world = World::ready(Config::default(), ALL);
    let with = Subscription { params: Some(json!({"depth": 2})), ..Subscription::default() };
    world.try_subscribe(2, "tree", with).expect("subscribed");
    assert_eq!(world.take("subscribe")[0]["options"], json!({"depth": 2}));
}

#[test]
fn a_message_repeated_by_the_server_is_delivered_once_even_across_connections() {
    let mut world = World::ready(Config::default(), ALL);
    world.subscribe(2, "other");
    world.confirm_joins();
    let message = |channel: &str| json!({"type": "channel_message", "channel": channel, "id": "a", "payload": channel});
    world.receive(message("feed"));
    world.receive(message("feed"));
    world.receive(message("other"));
    world.close(1006);
    world.pass(250);
    world.accept(ALL);
    world.confirm_joins();
    world.receive(message("feed"));
    assert_eq!(
        world.delivered(),
        [json!("feed"), json!("other")],
        "an id is unique in its channel"
    );
    assert_eq!(world.client.traffic().duplicates, 2);
}

#[test]
fn on_a_base_server_an_id_is_user_data_and_repeats_nothing() {
    let mut world = World::ready(Config::default(), &[]);
    for _ in 0..2 {
        world.receive(json!({"type": "channel_message", "channel": "feed", "id": "a"}));
    }
    assert_eq!(world.delivered().len(), 2);
}
