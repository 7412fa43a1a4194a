//! The worked transcript of the protocol, and its variants.

use serde_json::json;

use super::*;
use crate::core::protocol::phoenix::binary;

#[test]
fn the_worked_transcript() {
    let mut world = World::supabase(config(), part());
    assert_eq!(world.opened, [None], "the token is in no subprotocol");
    let joined_with = json!({"config": part(), "access_token": "J1"});
    assert_eq!(world.next(), json!(["1", "1", TOPIC, "phx_join", joined_with]));
    world.confirm("1");
    assert_eq!(world.channel(), (ChannelState::Joined, Continuity::Fresh), "not live yet");
    world.receive(json!(["1", null, TOPIC, "presence_state", {}]));
    world.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    assert_eq!(world.channel(), (ChannelState::Ready, Continuity::Fresh));

    world.pass(25_000);
    assert_eq!(world.next(), json!([null, "2", "phoenix", "heartbeat", {}]));
    world.receive(json!([null, "2", "phoenix", "phx_reply", {"status": "ok", "response": {}}]));

    let change = json!({"ids": [48_210_334], "data": {
        "type": "UPDATE", "schema": "public", "table": "notes", "commit_timestamp": "2026-03-02T10:15:30.123Z",
        "columns": [{"name": "id", "type": "int8"}, {"name": "room_id", "type": "int4"}],
        "record": {"id": 91, "room_id": 7}, "old_record": {"id": 91}, "errors": null,
    }});
    world.receive(json!([null, null, TOPIC, "postgres_changes", change]));
    let shaped = json!({
        "schema": "public", "table": "notes", "commit_timestamp": "2026-03-02T10:15:30.123Z",
        "eventType": "UPDATE", "new": {"id": 91, "room_id": 7}, "old": {"id": 91}, "errors": null,
    });
    assert_eq!(world.changes(), [(shaped, vec![SubscriberId(1)])]);

    let mut message = world.message("room:7", json!({"n": 1}));
    message.event = Some("typed".to_owned());
    let send = world.push(message);
    let broadcast = json!({"type": "broadcast", "event": "typed", "payload": {"n": 1}});
    assert_eq!(world.next(), json!(["1", "3", TOPIC, "broadcast", broadcast]));
    world.receive(json!(["1", "3", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(world.progress(send), ["queued", "sent", "acked"]);
    let head = binary::read(b"\x04\x0f\x05\x00\x01realtime:room:7typed{\"n\":2}").expect("a head");
    assert!(head.is_json);
    let socket = world.socket.expect("open");
    let another =
        Received::Binary(Box::new(BinaryFrame { head, data: json!({"n": 2}), meta: None }));
    world.input(Input::SocketFrame(socket, another, 34));
    assert_eq!(world.delivered().pop(), Some(json!({"n": 2})), "another member's, of kind 4");

    world.track(90, json!({"name": "Ana"}));
    let track = json!({"type": "presence", "event": "track", "payload": {"name": "Ana"}});
    assert_eq!(world.next(), json!(["1", "4", TOPIC, "presence", track]));
    world.receive(json!(["1", "4", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    world.receive(json!([null, null, TOPIC, "presence_diff",
        {"joins": {"u-ana": {"metas": [{"name": "Ana", "phx_ref": "F9aQ"}]}}, "leaves": {}}]));
    assert_eq!(world.progress(SendId(90)), ["acked"]);
    assert_eq!(
        world.presences(),
        [(PresenceKind::Sync, String::new()), (PresenceKind::Join, "u-ana".to_owned())]
    );

    world.client.set_token(world.at(), Some(crate::core::testing::grant("J2", None)));
    world.drain();
    assert_eq!(world.next(), json!(["1", "5", TOPIC, "access_token", {"access_token": "J2"}]));
    world.receive(system("1", "postgres_changes", "ok", "Subscribed to PostgreSQL"));

    world.receive(json!(["1", "1", TOPIC, "phx_error", {"reason": "channel_crash"}]));
    assert_eq!(world.channel().0, ChannelState::Joining);
    world.pass(250);
    let joined_with = json!({"config": part(), "access_token": "J2"});
    let joins = world.joins();
    assert_eq!(joins.first(), Some(&json!(["6", "6", TOPIC, "phx_join", joined_with])));
    world.reply(
        "6",
        "error",
        &json!({"reason": "InitializingProjectConnection: Connecting to the project database"}),
    );
    world.pass(500);
    assert_eq!(world.joins().first().map(|join| join[0].clone()), Some(json!("7")));
    world.confirm("7");
    world.receive(
        json!(["7", null, TOPIC, "presence_state", {"u-bo": {"metas": [{"phx_ref": "F9aZ"}]}}]),
    );
    assert_eq!(world.next(), json!(["7", "8", TOPIC, "presence", track]), "tracked again");
    world.receive(json!(["7", "8", TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    world.receive(json!([null, null, TOPIC, "presence_diff",
        {"joins": {"u-ana": {"metas": [{"name": "Ana", "phx_ref": "F9b1"}]}}, "leaves": {}}]));
    world.receive(system("7", "postgres_changes", "ok", "Subscribed to PostgreSQL"));
    assert_eq!(world.channel(), (ChannelState::Ready, Continuity::Unknown));

    world.unsubscribe(1);
    world.pass(1_000);
    assert_eq!(world.next(), json!(["7", "9", TOPIC, "phx_leave", {}]));
    // Its last subscriber gone, the connection is closed behind the leave: nothing is to be heard
    // of the answers.
    assert_eq!((world.state(), world.socket), (State::Idle, None));
}

#[test]
fn a_leave_is_answered_and_then_closed_which_is_the_end_of_nothing_else() {
    let mut world = public(json!({}));
    world.confirm_all();
    world.subscribe(2, "other");
    world.confirm_all();
    world.unsubscribe(1);
    world.pass(1_000);
    let leave = world.next();
    assert_eq!(
        (&leave[0], &leave[2], &leave[3]),
        (&json!("1"), &json!(TOPIC), &json!("phx_leave"))
    );
    world.try_subscribe(1, "room:7", wanting(json!({}))).expect("taken again at once");
    let join = world.joins().remove(0);
    world.receive(json!(["1", leave[1], TOPIC, "phx_reply", {"status": "ok", "response": {}}]));
    world.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    let response = json!({"status": "ok", "response": {"postgres_changes": []}});
    world.receive(json!([join[0], join[1], TOPIC, "phx_reply", response]));
    assert_eq!(world.channel(), (ChannelState::Ready, Continuity::Fresh));
}

#[test]
fn a_channel_ended_for_its_token_comes_back_with_a_fresh_one() {
    let mut world = World::supabase(config(), part());
    world.joins();
    world.confirm("1");
    world.receive(system("1", "system", "error", "Token has expired 3 seconds ago"));
    world.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(world.channel().0, ChannelState::Joining, "not given up");
    world.pass(0);
    world.answer_token(Some("J2"), None);
    let joins = world.joins();
    assert_eq!(joins[0][4]["access_token"], "J2");
    assert_eq!(joins.len(), 1);
}

#[test]
fn without_anybody_to_ask_for_a_token_an_expired_one_is_final() {
    let mut world = public(part());
    world.joins();
    world.reply(
        "1",
        "error",
        &json!({"reason": "InvalidJWTToken: Token has expired 3 seconds ago"}),
    );
    assert_eq!(world.channel().0, ChannelState::Failed);
}

#[test]
fn the_close_of_a_join_that_was_replaced_is_dropped() {
    let mut world = public(part());
    world.joins();
    world.confirm("1");
    let more = json!({"postgres_changes": [{"event": "*", "schema": "public", "table": "bids"}]});
    world.try_subscribe(2, "room:7", wanting(more)).expect("subscribed");
    let join = world.joins().remove(0);
    assert_eq!(
        (&join[0], join[4]["config"]["postgres_changes"].as_array().map(Vec::len)),
        (&json!("2"), Some(2))
    );
    world.reply("2", "ok", &json!({"postgres_changes": []}));
    world.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    assert_eq!(world.channel().0, ChannelState::Joined);
    assert_eq!(world.channel().1, Continuity::Unknown, "nothing proves that nothing was missed");
    assert_eq!(world.gaps(), 1);
}
