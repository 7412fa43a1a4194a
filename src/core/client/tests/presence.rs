//! Typing and presence in a whole client.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::id::SendId;
use crate::core::presence::{PresenceAction, PresenceKind};
use crate::core::testing::{ALL, Harness};

fn typing(harness: &mut Harness, typing: bool) {
    if typing {
        harness.client.start_typing(harness.at(), "feed");
    } else {
        harness.client.stop_typing(harness.at(), "feed");
    }
    harness.drain();
}

fn who(harness: &Harness) -> Vec<Vec<String>> {
    let who = |event: &Event<Value>| match event {
        Event::Typing(_, who) => Some(who.clone()),
        _ => None,
    };
    harness.events.iter().filter_map(who).collect()
}

fn sent(who: &str, typing: bool) -> Value {
    json!({
        "type": "ephemeral", "channel": "feed", "event": "typing",
        "payload": {"who": who, "typing": typing},
    })
}

#[test]
fn typing_is_sent_as_an_ephemeral_message_with_the_user_s_name() {
    let mut harness = Harness::ready(Config::default(), ALL);
    typing(&mut harness, true);
    typing(&mut harness, true);
    assert_eq!(harness.take("ephemeral"), [sent("ann", true)]);
    typing(&mut harness, false);
    assert_eq!(harness.take("ephemeral"), [sent("ann", false)]);
}

#[test]
fn typing_of_others_is_emitted_and_not_delivered_as_a_message() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.receive(sent("bob", true));
    harness.receive(sent("ann", true));
    harness.pass(6_000);
    assert_eq!(who(&harness), [vec!["bob".to_owned()], vec![]]);
    assert_eq!(harness.delivered(), [json!(null); 0]);
}

#[test]
fn ephemeral_event_named_typing_with_other_content_is_delivered() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.receive(json!({
        "type": "ephemeral", "channel": "feed", "event": "typing", "payload": {"who": 5},
    }));
    assert_eq!((harness.delivered(), who(&harness).len()), (vec![json!({"who": 5})], 0));
}

#[test]
fn typing_on_a_base_server_is_an_ordinary_message() {
    let mut harness = Harness::ready(Config::default(), &[]);
    typing(&mut harness, true);
    let sent = json!({
        "type": "channel_message", "channel": "feed", "event": "typing", "who": "ann", "typing": true,
    });
    assert_eq!(harness.take("channel_message"), [sent]);
    harness.receive(json!({"channel": "feed", "event": "typing", "who": "bob", "typing": true}));
    assert_eq!(who(&harness), [vec!["bob".to_owned()]]);
    harness.close(1006);
    assert_eq!(who(&harness).last(), Some(&vec![]), "typing ends with the connection");
}

#[test]
fn typing_without_a_connection_is_not_sent() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.close(1006);
    typing(&mut harness, true);
    harness.pass(250);
    harness.accept(ALL);
    assert_eq!(harness.take("ephemeral"), [json!(null); 0]);
}

/// The features that presence needs.
const PRESENT: &[&str] = &["subscribe", "envelope", "ack", "presence"];

fn track(harness: &mut Harness, send: u32, meta: Value) {
    let action = PresenceAction::Track { key: None, meta };
    harness.client.presence(harness.at(), "feed", SendId(send), action);
    harness.drain();
}

fn presences(harness: &Harness) -> Vec<(PresenceKind, String)> {
    let changes = |event: &Event<Value>| match event {
        Event::Presence(_, changes) => {
            changes.iter().map(|change| (change.kind, change.key.clone())).collect()
        }
        _ => vec![],
    };
    harness.events.iter().flat_map(changes).collect()
}

#[test]
fn tracked_presence_is_tracked_again_in_every_membership_and_replaces_the_former() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    track(&mut harness, 7, json!({"away": false}));
    harness.accept(PRESENT);
    assert_eq!(harness.take("presence"), [json!(null); 0], "not before the channel is joined");
    harness.confirm_joins();
    let sent = harness.take("presence").pop().expect("tracked");
    assert_eq!((&sent["action"], &sent["meta"]), (&json!("track"), &json!({"away": false})));
    harness.receive(json!({
        "type": "presence_ok", "channel": "feed", "ref": sent["ref"], "key": "ann", "presence": "p1",
    }));
    assert_eq!(harness.progress(SendId(7)), ["acked"]);
    harness.close(1006);
    harness.pass(250);
    harness.accept(PRESENT);
    harness.confirm_joins();
    let sent = harness.take("presence").pop().expect("tracked again");
    assert_eq!((&sent["action"], &sent["replaces"]), (&json!("track"), &json!("p1")));
}

#[test]
fn presence_is_emitted_as_differences() {
    let mut harness = Harness::ready(Config::default(), PRESENT);
    let bob = json!({"bob": [{"ref": "1", "away": false}]});
    harness.receive(json!({"type": "presence_state", "channel": "feed", "state": bob}));
    let away = json!({"bob": [{"ref": "2", "away": true}]});
    harness.receive(json!({
        "type": "presence_diff", "channel": "feed", "joins": away, "leaves": bob,
    }));
    harness.pass(100);
    let of = |kind, who: &str| (kind, who.to_owned());
    assert_eq!(
        presences(&harness),
        [
            of(PresenceKind::Sync, ""),
            of(PresenceKind::Join, "bob"),
            of(PresenceKind::Update, "bob")
        ]
    );
}

#[test]
fn presence_without_the_feature_is_rejected_with_a_code() {
    let mut harness = Harness::ready(Config::default(), &[]);
    track(&mut harness, 7, json!({}));
    assert_eq!(harness.progress(SendId(7)), ["unsupported"]);
    let mut harness = Harness::ready(Config::default(), PRESENT);
    track(&mut harness, 8, json!({}));
    let sent = harness.take("presence").pop().expect("tracked");
    harness.receive(json!({
        "type": "error", "channel": "feed", "ref": sent["ref"], "code": "forbidden", "message": "no",
    }));
    assert_eq!(harness.progress(SendId(8)), ["forbidden"]);
}
