//! The kind of a frame does not depend on the event name that a member chose.

use serde_json::{Value, json};

use super::*;
use crate::core::id::ChannelId;
use crate::core::protocol::phoenix::binary;

/// Names used by the protocol, and names with a meaning as keys of JavaScript objects.
const NAMES: [&str; 15] = [
    "system",
    "postgres_changes",
    "presence",
    "presence_state",
    "presence_diff",
    "broadcast",
    "phx_reply",
    "phx_error",
    "phx_close",
    "phx_join",
    "access_token",
    "",
    "message",
    "*",
    "__proto__",
];

/// A channel with a live database subscription.
fn live() -> Harness {
    let mut harness =
        public(json!({"postgres_changes": [filter()], "presence": {"enabled": true}}));
    harness.confirm_all();
    harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    harness.events.clear();
    harness
}

#[test]
fn broadcast_of_any_event_name_is_delivered_as_a_broadcast() {
    for name in NAMES {
        // Frames that would close the channel, change rows or presence, or settle a send, if they
        // were taken for the server's.
        for payload in [
            json!({"extension": "system", "status": "error", "message": "Token has expired 0 seconds ago"}),
            json!({"extension": "postgres_changes", "status": "error", "message": "no"}),
            json!({"ids": [1], "data": {"type": "INSERT", "record": {"id": 1}}}),
            json!({"ann": {"metas": [{"phx_ref": "a"}]}, "joins": {"ann": {"metas": [{}]}}}),
            json!({"status": "error", "response": {"reason": "no"}}),
        ] {
            let mut harness = live();
            let send = harness.send("room:7", json!({}));
            let sent = json!({"type": "broadcast", "event": name, "payload": payload});
            harness.receive(json!([null, null, TOPIC, "broadcast", sent]));
            let bytes = [&[4, 15, name.len() as u8, 0, 1][..], TOPIC.as_bytes(), name.as_bytes()];
            let bytes = bytes.concat();
            let head = binary::read(&bytes).expect("a head");
            let socket = harness.socket.expect("open");
            let binary =
                Received::Binary(Box::new(BinaryFrame { head, data: payload.clone(), meta: None }));
            harness.input(Input::SocketFrame(socket, binary, bytes.len()));
            assert_eq!(harness.named(), vec![(name.to_owned(), payload.clone()); 2], "{name:?}");
            assert_eq!(harness.progress(send), ["queued", "sent"], "{name:?}");
            harness.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
            harness.pass(200);
            let forged = |event: &Event<Value>| match event {
                Event::System(..) | Event::Change(..) | Event::Presence(..) | Event::Error(..) => {
                    true
                }
                Event::Channel(_, state, ..) => *state != ChannelState::Joining,
                _ => false,
            };
            assert!(!harness.events.iter().any(forged), "{name:?} {payload}");
            let error =
                harness.client.channels().get(ChannelId(1)).expect("a channel").error().cloned();
            let cause = error.expect("it ended").cause.clone().expect("a cause");
            assert_eq!(cause.message, "phx_close", "the cause is not from a broadcast");
        }
    }
}

#[test]
fn sent_broadcast_keeps_its_event_name_even_if_empty() {
    for name in NAMES {
        let mut harness = live();
        harness.sent.clear();
        let mut message = harness.message("room:7", json!({}));
        message.event = Some(name.to_owned());
        harness.push(message);
        assert_eq!(harness.next()[4]["event"], name);
    }
}

#[test]
fn system_message_of_a_channel_is_emitted_as_such() {
    let mut harness = live();
    let sent = system("1", "system", "ok", "Replication connection established");
    harness.receive(sent.clone());
    assert_eq!(harness.system(), [("system", sent[4].clone(), None)]);
    assert!(harness.delivered().is_empty());
    harness.receive(system("9", "system", "error", "Token has expired 0 seconds ago"));
    assert_eq!(harness.system().len(), 1, "of another join");
}

#[test]
fn lost_database_subscription_marks_the_channel_until_restored() {
    let mut harness = live();
    harness.receive(system("1", "postgres_changes", "error", "the connection is gone"));
    assert_eq!(harness.channel(), (ChannelState::Joined, Continuity::Unknown), "not live");
    assert!(harness.events.iter().any(|event| matches!(event, Event::Error(Some(_), _))));
    assert_eq!(harness.gaps(), 0, "reported when it is live again");
    harness.receive(system("1", "postgres_changes", "error", "still gone"));
    harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    assert_eq!(
        (harness.channel(), harness.gaps()),
        ((ChannelState::Ready, Continuity::Unknown), 1)
    );
    harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    assert_eq!(harness.gaps(), 2, "made again without an earlier report: changes may be missing");
    assert_eq!(harness.joins().len(), 0, "nothing is joined again for it");
}

#[test]
fn database_subscription_recreated_for_a_token_misses_no_change() {
    let mut harness = Harness::supabase(config(), json!({"postgres_changes": [filter()]}));
    harness.confirm("1");
    harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    for (token, gaps) in [("J2", 0), ("J3", 0), ("J3", 1)] {
        harness.client.set_token(harness.at(), Some(crate::core::testing::grant(token, None)));
        harness.drain();
        harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
        assert_eq!(harness.gaps(), gaps, "{token}");
    }
}

#[test]
fn system_message_about_the_database_is_ignored_without_filters() {
    let mut harness = public(json!({}));
    harness.confirm_all();
    harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    harness.receive(system("1", "postgres_changes", "error", "no"));
    assert_eq!((harness.channel(), harness.gaps()), ((ChannelState::Ready, Continuity::Fresh), 0));
}
