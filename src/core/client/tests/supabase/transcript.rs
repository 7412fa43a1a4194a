//! A transcript of the protocol, and its variants.

use serde_json::json;

use super::*;
use crate::core::protocol::phoenix::binary;

#[test]
fn session_matches_the_transcript_in_the_docs() {
    let mut harness = Harness::supabase(config(), part());
    assert_eq!(harness.opened, [None], "the token is in no subprotocol");
    let joined_with = json!({"config": part(), "access_token": "J1"});
    assert_eq!(harness.next(), json!(["1", "1", TOPIC, "phx_join", joined_with]));
    harness.confirm("1");
    assert_eq!(harness.channel(), (ChannelState::Joined, Continuity::Fresh), "not live yet");
    harness.receive(json!(["1", null, TOPIC, "presence_state", {}]));
    harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    assert_eq!(harness.channel(), (ChannelState::Ready, Continuity::Fresh));

    harness.pass(25_000);
    assert_eq!(harness.next(), json!([null, "2", "phoenix", "heartbeat", {}]));
    harness.receive(json!([null, "2", "phoenix", "phx_reply", {"status": "ok", "response": {}}]));

    let change = json!({"ids": [48_210_334], "data": {
        "type": "UPDATE", "schema": "public", "table": "notes", "commit_timestamp": "2026-03-02T10:15:30.123Z",
        "columns": [{"name": "id", "type": "int8"}, {"name": "room_id", "type": "int4"}],
        "record": {"id": 91, "room_id": 7}, "old_record": {"id": 91}, "errors": null,
    }});
    harness.receive(json!([null, null, TOPIC, "postgres_changes", change]));
    let shaped = json!({
        "schema": "public", "table": "notes", "commit_timestamp": "2026-03-02T10:15:30.123Z",
        "eventType": "UPDATE", "new": {"id": 91, "room_id": 7}, "old": {"id": 91}, "errors": null,
    });
    assert_eq!(harness.changes(), [(shaped, vec![SubscriberId(1)])]);

    let mut message = harness.message("room:7", json!({"n": 1}));
    message.event = Some("typed".to_owned());
    let send = harness.push(message);
    let broadcast = json!({"type": "broadcast", "event": "typed", "payload": {"n": 1}});
    assert_eq!(harness.next(), json!(["1", "3", TOPIC, "broadcast", broadcast]));
    harness.receive(json!(["1", "3", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(harness.progress(send), ["queued", "sent", "acked"]);
    let head = binary::read(b"\x04\x0f\x05\x00\x01realtime:room:7typed{\"n\":2}").expect("a head");
    assert!(head.is_json);
    let socket = harness.socket.expect("open");
    let another =
        Received::Binary(Box::new(BinaryFrame { head, data: json!({"n": 2}), meta: None }));
    harness.input(Input::SocketFrame(socket, another, 34));
    assert_eq!(harness.delivered().pop(), Some(json!({"n": 2})), "another member's, of kind 4");

    harness.track(90, json!({"name": "Ana"}));
    let track = json!({"type": "presence", "event": "track", "payload": {"name": "Ana"}});
    assert_eq!(harness.next(), json!(["1", "4", TOPIC, "presence", track]));
    harness.receive(json!(["1", "4", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    harness.receive(json!([null, null, TOPIC, "presence_diff",
        {"joins": {"u-ana": {"metas": [{"name": "Ana", "phx_ref": "F9aQ"}]}}, "leaves": {}}]));
    assert_eq!(harness.progress(SendId(90)), ["acked"]);
    assert_eq!(
        harness.presences(),
        [(PresenceKind::Sync, String::new()), (PresenceKind::Join, "u-ana".to_owned())]
    );

    harness.client.set_token(harness.at(), Some(crate::core::testing::grant("J2", None)));
    harness.drain();
    assert_eq!(harness.next(), json!(["1", "5", TOPIC, "access_token", {"access_token": "J2"}]));
    harness.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));

    harness.receive(json!(["1", "1", TOPIC, "phx_error", {"reason": "channel_crash"}]));
    assert_eq!(harness.channel().0, ChannelState::Joining);
    harness.pass(250);
    let joined_with = json!({"config": part(), "access_token": "J2"});
    let joins = harness.joins();
    assert_eq!(joins.first(), Some(&json!(["6", "6", TOPIC, "phx_join", joined_with])));
    harness.reply(
        "6",
        "error",
        &json!({"reason": "InitializingProjectConnection: Connecting to the project database"}),
    );
    harness.pass(500);
    assert_eq!(harness.joins().first().map(|join| join[0].clone()), Some(json!("7")));
    harness.confirm("7");
    harness.receive(
        json!(["7", null, TOPIC, "presence_state", {"u-bo": {"metas": [{"phx_ref": "F9aZ"}]}}]),
    );
    assert_eq!(harness.next(), json!(["7", "8", TOPIC, "presence", track]), "tracked again");
    harness.receive(json!(["7", "8", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    harness.receive(json!([null, null, TOPIC, "presence_diff",
        {"joins": {"u-ana": {"metas": [{"name": "Ana", "phx_ref": "F9b1"}]}}, "leaves": {}}]));
    harness.receive(system("7", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    assert_eq!(harness.channel(), (ChannelState::Ready, Continuity::Unknown));

    harness.unsubscribe(1);
    harness.pass(1_000);
    assert_eq!(harness.next(), json!(["7", "9", TOPIC, "phx_leave", {}]));
    // Without a subscriber the connection is closed after the leave: its answers do not arrive.
    assert_eq!((harness.state(), harness.socket), (State::Idle, None));
}

#[test]
fn reply_and_close_after_a_leave_affect_nothing_else() {
    let mut harness = public(json!({}));
    harness.confirm_all();
    harness.subscribe(2, "other");
    harness.confirm_all();
    harness.unsubscribe(1);
    harness.pass(1_000);
    let leave = harness.next();
    assert_eq!(
        (&leave[0], &leave[2], &leave[3]),
        (&json!("1"), &json!(TOPIC), &json!("phx_leave"))
    );
    harness.try_subscribe(1, "room:7", wanting(json!({}))).expect("subscribed again at once");
    let join = harness.joins().remove(0);
    harness.receive(json!(["1", leave[1], TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    harness.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    let response = json!({"status": "ok", "response": {"postgres_changes": []}});
    harness.receive(json!([join[0], join[1], TOPIC, "phx_reply", response]));
    assert_eq!(harness.channel(), (ChannelState::Ready, Continuity::Fresh));
}

#[test]
fn channel_ended_for_its_token_is_rejoined_with_a_fresh_one() {
    let mut harness = Harness::supabase(config(), part());
    harness.joins();
    harness.confirm("1");
    harness.receive(system("1", "system", "error", "Token has expired 3 seconds ago"));
    harness.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(harness.channel().0, ChannelState::Joining, "not given up");
    harness.pass(0);
    harness.answer_token(Some("J2"), None);
    let joins = harness.joins();
    assert_eq!(joins[0][4]["access_token"], "J2");
    assert_eq!(joins.len(), 1);
}

#[test]
fn expired_token_without_a_source_is_final() {
    let mut harness = public(part());
    harness.joins();
    harness.reply(
        "1",
        "error",
        &json!({"reason": "InvalidJWTToken: Token has expired 3 seconds ago"}),
    );
    assert_eq!(harness.channel().0, ChannelState::Failed);
}

#[test]
fn close_of_a_replaced_join_is_dropped() {
    let mut harness = public(part());
    harness.joins();
    harness.confirm("1");
    let more = json!({"postgres_changes": [{"event": "*", "schema": "public", "table": "bids"}]});
    harness.try_subscribe(2, "room:7", wanting(more)).expect("subscribed");
    let join = harness.joins().remove(0);
    assert_eq!(
        (&join[0], join[4]["config"]["postgres_changes"].as_array().map(Vec::len)),
        (&json!("2"), Some(2))
    );
    harness.reply("2", "ok", &json!({"postgres_changes": []}));
    harness.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(harness.channel().0, ChannelState::Joined);
    assert_eq!(harness.channel().1, Continuity::Unknown, "messages may have been missed");
    assert_eq!(harness.gaps(), 1);
}
