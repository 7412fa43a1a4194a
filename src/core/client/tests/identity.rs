//! A change of user: the former user's state is removed in the same call, connected or not.

use serde_json::json;

use super::collections::{loaded, rows, settled, update};
use crate::core::config::{Config, Reconnect};
use crate::core::event::Event;
use crate::core::id::SendId;
use crate::core::input::{Input, Network};
use crate::core::presence::PresenceAction;
use crate::core::reason::Reason;
use crate::core::state::Continuity;
use crate::core::testing::{ALL, Harness};
use crate::core::token::{Grant, Token, TokenLifetime};

/// A token: the user of `ann-1` is `ann`, `-1` has none.
fn token(text: Option<&str>) -> Option<Box<Grant>> {
    let text = text?;
    let subject = text.split('-').next().filter(|subject| !subject.is_empty());
    Some(Box::new(Grant {
        token: Token::new(text.to_owned()),
        lifetime: TokenLifetime::default(),
        subject: subject.map(str::to_owned),
    }))
}

fn set_token(harness: &mut Harness, text: Option<&str>) {
    harness.client.set_token(harness.at(), token(text));
    harness.drain();
}

/// A client of user `ann` with a loaded row, a pending change, a pending message and a presence.
fn used(former: Option<&str>, connected: bool) -> (Harness, SendId) {
    let mut harness = loaded();
    set_token(&mut harness, former);
    harness.take("auth");
    harness.close(1006);
    harness.pass(250);
    harness.accept(&["subscribe", "seq", "envelope", "ack", "presence"]);
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "subscribed", "channel": "feed", "ref": join["ref"],
        "epoch": "e", "seq": 10, "head": 10, "recovered": true,
    }));
    harness.receive(json!({
        "type": "presence_state", "channel": "feed",
        "state": {"bob": [{"ref": "p", "meta": {}}]},
    }));
    harness.subscribe(2, "feed");
    let now = harness.at();
    let action = PresenceAction::Track { key: None, meta: json!({"mood": "fine"}) };
    harness.client.presence(now, "feed", SendId(900), action);
    harness.drain();
    if !connected {
        harness.network(Network::Offline);
    }
    update(&mut harness, 1, json!({"n": 5}));
    let send = harness.send("feed", json!({"from": "ann"}));
    assert_eq!(rows(&mut harness), [json!({"id": "a", "n": 5})]);
    (harness, send)
}

/// The remaining state of the former user.
fn left(harness: &mut Harness, send: SendId) -> Vec<&'static str> {
    let mut left = Vec::new();
    if !rows(harness).is_empty() {
        left.push("rows");
    }
    if settled(harness, 1) != Some("identity_changed") {
        left.push("pending change");
    }
    if harness.progress(send).last() != Some(&"identity_changed") {
        left.push("send");
    }
    let feed = harness.client.channels().find("feed").expect("a channel");
    if harness.client.channels().get(feed).expect("a channel").position().is_some() {
        left.push("position");
    }
    left
}

/// (the former token, the next one, whether it is certainly another user)
const CHANGES: [(Option<&str>, Option<&str>, bool); 10] = [
    (Some("ann-1"), Some("bob-1"), true),
    (Some("ann-1"), None, true),
    (Some("-1"), None, true),
    (Some("ann-1"), Some("ann-2"), false),
    (Some("ann-1"), Some("ann-1"), false),
    (Some("ann-1"), Some("-2"), false),
    (Some("-1"), Some("-2"), false),
    (Some("-1"), Some("ann-1"), false),
    (None, Some("bob-1"), true),
    (None, None, false),
];

#[test]
fn set_token_of_another_user_drops_the_former_user_s_state_in_the_same_call() {
    for (former, next, is_another) in CHANGES {
        for connected in [true, false] {
            let (mut harness, send) = used(former, connected);
            set_token(&mut harness, next);
            let left = left(&mut harness, send);
            let case = format!("{former:?} to {next:?}, connected: {connected}: {left:?}");
            assert_eq!(left.is_empty(), is_another, "{case}");
            assert_eq!(left.contains(&"rows"), !is_another, "{case}");
        }
    }
}

#[test]
fn user_identified_by_cookie_stays_with_a_token_of_the_same_user() {
    let (mut harness, send) = used(None, true);
    set_token(&mut harness, Some("ann-1"));
    assert!(left(&mut harness, send).contains(&"rows"));
}

#[test]
fn presence_shown_to_the_former_user_is_removed_in_the_same_call() {
    for connected in [true, false] {
        let (mut harness, _) = used(Some("ann-1"), connected);
        harness.events.clear();
        set_token(&mut harness, Some("bob-1"));
        let shown = harness.events.iter().any(|event| matches!(event, Event::Presence(..)));
        assert!(shown, "connected: {connected}");
        let tracked = harness.progress(SendId(900));
        assert_eq!(tracked.last(), Some(&"identity_changed"), "connected: {connected}");
    }
}

#[test]
fn change_of_user_is_reported_for_each_channel() {
    for (former, next, is_another) in CHANGES {
        for connected in [true, false] {
            let (mut harness, _) = used(former, connected);
            harness.events.clear();
            set_token(&mut harness, next);
            let reported = harness.events.iter().any(|event| {
                matches!(
                    event,
                    Event::Channel(.., Continuity::Fresh, Reason::IdentityChanged, None)
                )
            });
            assert_eq!(reported, is_another, "{former:?} to {next:?}, connected: {connected}");
        }
    }
}

#[test]
fn typing_is_cleared_on_a_change_of_user() {
    let mut harness = Harness::new(Config::default());
    set_token(&mut harness, Some("ann-1"));
    harness.subscribe(1, "feed");
    harness.accept(ALL);
    harness.confirm_joins();
    harness.receive(json!({
        "type": "ephemeral", "channel": "feed", "event": "typing",
        "payload": {"who": "bob", "typing": true},
    }));
    harness.events.clear();
    set_token(&mut harness, Some("carl-1"));
    let gone = |event: &Event<_>| matches!(event, Event::Typing(_, who) if who.is_empty());
    assert!(harness.events.iter().any(gone));
}

#[test]
fn actions_of_the_next_user_before_the_answer_are_kept() {
    let (mut harness, _) = used(Some("ann-1"), false);
    set_token(&mut harness, Some("bob-1"));
    let send = harness.send("feed", json!({"from": "bob"}));
    harness.network(Network::Online);
    harness.sent.clear();
    harness.open();
    harness.receive(json!({"type": "auth_success", "features": ALL, "user": "bob"}));
    harness.confirm_joins();
    assert_eq!(harness.progress(send).last(), Some(&"sent"));
}

#[test]
fn opaque_token_is_another_user_once_the_server_reports_it() {
    let (mut harness, send) = used(Some("-1"), true);
    set_token(&mut harness, Some("-2"));
    assert!(!left(&mut harness, send).is_empty());
    harness.sent.clear();
    harness.open();
    harness.receive(json!({"type": "auth_success", "features": ALL, "user": "bob"}));
    assert_eq!(left(&mut harness, send), Vec::<&str>::new());
}

#[test]
fn identity_option_alone_determines_the_user_at_once() {
    for connected in [true, false] {
        let (mut harness, send) = used(Some("ann-1"), connected);
        let named = |name: Option<&str>| Config {
            identity: name.map(str::to_owned),
            heartbeat_every_ms: None,
            ..Config::default()
        };
        harness.client.configure(harness.at(), named(Some("ann")), Reconnect::IfNeeded);
        harness.drain();
        assert!(left(&mut harness, send).contains(&"rows"), "the same name");
        set_token(&mut harness, Some("bob-1"));
        assert!(
            left(&mut harness, send).contains(&"rows"),
            "tokens do not determine the user then"
        );
        harness.client.configure(harness.at(), named(Some("bob")), Reconnect::IfNeeded);
        harness.drain();
        assert_eq!(left(&mut harness, send), Vec::<&str>::new(), "connected: {connected}");
    }
}

#[test]
fn fetched_token_of_another_user_takes_effect_when_received() {
    let mut harness = Harness::new(Config {
        has_token_source: true,
        heartbeat_every_ms: None,
        ..Config::default()
    });
    harness.subscribe(1, "feed");
    let answer = |harness: &mut Harness, text: Option<&str>| {
        let request = harness.requested.take().expect("a request");
        harness.input(Input::Token(request, Ok(token(text))));
    };
    answer(&mut harness, Some("ann-1"));
    harness.accept(ALL);
    harness.confirm_joins();
    harness.network(Network::Offline);
    let send = harness.send("feed", json!({"from": "ann"}));
    harness.network(Network::Online);
    assert_eq!(harness.progress(send).last(), Some(&"queued"));
    answer(&mut harness, Some("bob-1"));
    assert_eq!(
        harness.progress(send).last(),
        Some(&"identity_changed"),
        "before the socket is open"
    );
}

#[test]
fn actions_before_the_first_token_belong_to_the_user_who_signs_in() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.network(Network::Offline);
    let send = harness.send("feed", json!(1));
    set_token(&mut harness, Some("ann-1"));
    assert_eq!(harness.progress(send), ["queued"]);
    set_token(&mut harness, Some("bob-1"));
    assert_eq!(harness.progress(send).last(), Some(&"identity_changed"), "it is a send of ann");
    assert_eq!(harness.client.channels().subscriber_count(), 1);
}
