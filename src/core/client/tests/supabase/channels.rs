//! Channels shared by components, sends, broadcasts, and their pace.

use serde_json::{Value, json};

use super::*;
use crate::core::protocol::phoenix::binary;

#[test]
fn two_components_have_their_own_filters_and_one_that_goes_leaves_the_other() {
    let filter = |table: &str| json!({"event": "*", "schema": "public", "table": table});
    let mut world = public(json!({"postgres_changes": [filter("notes")]}));
    world.confirm_all();
    world
        .try_subscribe(2, "room:7", wanting(json!({"postgres_changes": [filter("bids")]})))
        .expect("subscribed");
    assert_eq!(world.confirm_all(), 1, "one join for both");
    let change = |id: u32| {
        json!([null, null, TOPIC, "postgres_changes",
        {"ids": [id], "data": {"type": "INSERT", "record": {"id": id}}}])
    };
    world.receive(change(1));
    world.receive(change(2));
    let receivers: Vec<_> = world.changes().into_iter().map(|(_, to)| to).collect();
    assert_eq!(receivers, [[SubscriberId(1)], [SubscriberId(2)]]);
    world.unsubscribe(2);
    world.pass(5_000);
    assert_eq!(world.joins().len(), 0, "nothing is joined again to have less");
    world.receive(change(2));
    world.receive(change(1));
    let receivers: Vec<_> = world.changes().into_iter().skip(2).map(|(_, to)| to).collect();
    assert_eq!(receivers, [vec![], vec![SubscriberId(1)]]);
}

#[test]
fn who_comes_while_the_channel_is_being_joined_is_served_by_the_next_join() {
    let mut world = public(json!({}));
    let more = json!({"postgres_changes": [filter()]});
    world.try_subscribe(2, "room:7", wanting(more)).expect("subscribed");
    let join = world.joins().remove(0);
    assert_eq!(join[4]["config"]["postgres_changes"], json!([]));
    world.reply("1", "ok", &json!({"postgres_changes": []}));
    let join = world.joins().remove(0);
    assert_eq!(join[4]["config"]["postgres_changes"], json!([filter()]));
    assert_eq!(world.channel().0, ChannelState::Joining);
}

#[test]
fn a_hundred_channels_are_joined_no_faster_than_the_server_allows_after_a_cut_too() {
    let mut world = World::new(open_config());
    for number in 0..100 {
        world.subscribe(number + 1, &format!("room:{number}"));
    }
    let mut started: Vec<u64> = Vec::new();
    for _ in 0..2 {
        world.open_socket();
        for _ in 0..300 {
            started.extend(std::iter::repeat_n(world.now, world.confirm_all()));
            world.pass(10);
        }
        let ready =
            world.client.channels().iter().filter(|each| each.state() == ChannelState::Ready);
        assert_eq!(ready.count(), 100);
        world.close(1006);
        world.pass(300);
    }
    assert_eq!(started.len(), 200);
    for window in started.windows(100) {
        assert!(
            window[99] - window[0] > 1_000,
            "a hundred joins within {} ms",
            window[99] - window[0]
        );
    }
}

#[test]
fn a_send_without_a_subscriber_joins_for_as_long_as_it_needs() {
    let mut world = World::new(open_config());
    let send = world.send("room:7", json!({"n": 1}));
    world.open_socket();
    assert_eq!(world.next()[3], "phx_join");
    assert!(world.sent.is_empty(), "nothing is said before the join is confirmed");
    world.reply("1", "ok", &json!({"postgres_changes": []}));
    assert_eq!(world.next()[4]["payload"], json!({"n": 1}));
    world.reply("2", "ok", &json!({}));
    assert_eq!(world.progress(send), ["queued", "sent", "acked"]);
    world.pass(1_000);
    assert_eq!(world.next()[3], "phx_leave");
}

#[test]
fn what_was_said_and_not_answered_before_the_connection_went_is_not_said_again() {
    let mut world = public(json!({}));
    world.joins();
    world.reply("1", "ok", &json!({"postgres_changes": []}));
    let send = world.send("room:7", json!({"n": 1}));
    world.close(1006);
    world.pass(1_000);
    world.open_socket();
    world.confirm_all();
    assert_eq!(world.progress(send), ["queued", "sent", "unconfirmed"]);
}

#[test]
fn broadcasts_come_with_their_own_event_and_payload_and_replayed_ones_once() {
    let mut world = public(json!({}));
    world.confirm_all();
    let said = |join_ref: Option<&str>, meta: Option<Value>| {
        let mut payload = json!({"type": "broadcast", "event": "pos", "payload": {"x": 1}});
        if let Some(meta) = meta {
            payload["meta"] = meta;
        }
        json!([join_ref, null, TOPIC, "broadcast", payload])
    };
    world.receive(said(None, None));
    // What is replayed is pushed, what is new comes in a binary frame.
    world.receive(said(Some("1"), Some(json!({"id": "a", "replayed": true}))));
    from_database(&mut world, "a");
    from_database(&mut world, "b");
    assert_eq!(world.delivered(), [json!({"x": 1}), json!({"x": 1}), json!({"x": 1})]);
}

/// Receives a message that the database sent.
fn from_database(world: &mut World, id: &str) {
    let meta = json!({ "id": id });
    let bytes = [&[4, 15, 3, meta.to_string().len() as u8, 1], TOPIC.as_bytes(), b"pos"].concat();
    let bytes = [bytes, meta.to_string().into_bytes()].concat();
    let head = binary::read(&bytes).expect("a head");
    let socket = world.socket.expect("open");
    let received =
        Received::Binary(Box::new(BinaryFrame { head, data: json!({"x": 1}), meta: Some(meta) }));
    world.input(Input::SocketFrame(socket, received, bytes.len()));
}

#[test]
fn what_a_member_writes_about_its_broadcast_is_neither_an_id_nor_a_replay() {
    let mut world = public(json!({}));
    world.confirm_all();
    for _ in 0..2 {
        let meta = json!({"id": "a", "replayed": true});
        let payload =
            json!({"type": "broadcast", "event": "pos", "payload": {"x": 1}, "meta": meta});
        world.receive(json!([null, null, TOPIC, "broadcast", payload]));
    }
    from_database(&mut world, "a");
    let known = world.events.iter().filter_map(|event| match event {
        Event::Message(_, delivery) => Some((delivery.id.clone(), delivery.recovered)),
        _ => None,
    });
    assert_eq!(
        known.collect::<Vec<_>>(),
        [(None, false), (None, false), (Some(json!("a")), false)],
        "it takes no message's place"
    );
}

#[test]
fn where_the_join_wants_no_answers_none_is_waited_for() {
    let mut world = public(json!({"broadcast": {"ack": false}}));
    world.confirm_all();
    let send = world.send("room:7", json!({"n": 1}));
    assert_eq!(world.progress(send), ["queued", "handed over"]);
    world.close(1006);
    world.pass(500);
    world.open_socket();
    world.confirm_all();
    assert!(world.sent.is_empty(), "nor is it said again");
}
