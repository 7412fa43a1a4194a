//! Channels shared by components, sends, broadcasts, and their pace.

use serde_json::{Value, json};

use super::*;
use crate::core::protocol::phoenix::binary;

#[test]
fn two_components_have_their_own_filters_and_one_that_goes_leaves_the_other() {
    let filter = |table: &str| json!({"event": "*", "schema": "public", "table": table});
    let mut harness = public(json!({"postgres_changes": [filter("notes")]}));
    harness.confirm_all();
    harness
        .try_subscribe(2, "room:7", wanting(json!({"postgres_changes": [filter("bids")]})))
        .expect("subscribed");
    assert_eq!(harness.confirm_all(), 1, "one join for both");
    let change = |id: u32| {
        json!([null, null, TOPIC, "postgres_changes",
        {"ids": [id], "data": {"type": "INSERT", "record": {"id": id}}}])
    };
    harness.receive(change(1));
    harness.receive(change(2));
    let receivers: Vec<_> = harness.changes().into_iter().map(|(_, to)| to).collect();
    assert_eq!(receivers, [[SubscriberId(1)], [SubscriberId(2)]]);
    harness.unsubscribe(2);
    harness.pass(5_000);
    assert_eq!(harness.joins().len(), 0, "nothing is joined again to have less");
    harness.receive(change(2));
    harness.receive(change(1));
    let receivers: Vec<_> = harness.changes().into_iter().skip(2).map(|(_, to)| to).collect();
    assert_eq!(receivers, [vec![], vec![SubscriberId(1)]]);
}

#[test]
fn who_comes_while_the_channel_is_being_joined_is_served_by_the_next_join() {
    let mut harness = public(json!({}));
    let more = json!({"postgres_changes": [filter()]});
    harness.try_subscribe(2, "room:7", wanting(more)).expect("subscribed");
    let join = harness.joins().remove(0);
    assert_eq!(join[4]["config"]["postgres_changes"], json!([]));
    harness.reply("1", "ok", &json!({"postgres_changes": []}));
    let join = harness.joins().remove(0);
    assert_eq!(join[4]["config"]["postgres_changes"], json!([filter()]));
    assert_eq!(harness.channel().0, ChannelState::Joining);
}

#[test]
fn a_hundred_channels_are_joined_no_faster_than_the_server_allows_after_a_cut_too() {
    let mut harness = Harness::new(open_config());
    for number in 0..100 {
        harness.subscribe(number + 1, &format!("room:{number}"));
    }
    let mut started: Vec<u64> = Vec::new();
    for _ in 0..2 {
        harness.open_socket();
        for _ in 0..300 {
            started.extend(std::iter::repeat_n(harness.now, harness.confirm_all()));
            harness.pass(10);
        }
        let ready =
            harness.client.channels().iter().filter(|each| each.state() == ChannelState::Ready);
        assert_eq!(ready.count(), 100);
        harness.close(1006);
        harness.pass(300);
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
    let mut harness = Harness::new(open_config());
    let send = harness.send("room:7", json!({"n": 1}));
    harness.open_socket();
    assert_eq!(harness.next()[3], "phx_join");
    assert!(harness.sent.is_empty(), "nothing is said before the join is confirmed");
    harness.reply("1", "ok", &json!({"postgres_changes": []}));
    assert_eq!(harness.next()[4]["payload"], json!({"n": 1}));
    harness.reply("2", "ok", &json!({}));
    assert_eq!(harness.progress(send), ["queued", "sent", "acked"]);
    harness.pass(1_000);
    assert_eq!(harness.next()[3], "phx_leave");
}

#[test]
fn what_was_said_and_not_answered_before_the_connection_went_is_not_said_again() {
    let mut harness = public(json!({}));
    harness.joins();
    harness.reply("1", "ok", &json!({"postgres_changes": []}));
    let send = harness.send("room:7", json!({"n": 1}));
    harness.close(1006);
    harness.pass(1_000);
    harness.open_socket();
    harness.confirm_all();
    assert_eq!(harness.progress(send), ["queued", "sent", "unconfirmed"]);
}

#[test]
fn broadcasts_come_with_their_own_event_and_payload_and_replayed_ones_once() {
    let mut harness = public(json!({}));
    harness.confirm_all();
    let sent = |join_ref: Option<&str>, meta: Option<Value>| {
        let mut payload = json!({"type": "broadcast", "event": "pos", "payload": {"x": 1}});
        if let Some(meta) = meta {
            payload["meta"] = meta;
        }
        json!([join_ref, null, TOPIC, "broadcast", payload])
    };
    harness.receive(sent(None, None));
    // What is replayed is pushed, what is new comes in a binary frame.
    harness.receive(sent(Some("1"), Some(json!({"id": "a", "replayed": true}))));
    from_database(&mut harness, "a");
    from_database(&mut harness, "b");
    assert_eq!(harness.delivered(), [json!({"x": 1}), json!({"x": 1}), json!({"x": 1})]);
}

/// Receives a message that the database sent.
fn from_database(harness: &mut Harness, id: &str) {
    let meta = json!({ "id": id });
    let bytes = [&[4, 15, 3, meta.to_string().len() as u8, 1], TOPIC.as_bytes(), b"pos"].concat();
    let bytes = [bytes, meta.to_string().into_bytes()].concat();
    let head = binary::read(&bytes).expect("a head");
    let socket = harness.socket.expect("open");
    let received =
        Received::Binary(Box::new(BinaryFrame { head, data: json!({"x": 1}), meta: Some(meta) }));
    harness.input(Input::SocketFrame(socket, received, bytes.len()));
}

#[test]
fn what_a_member_writes_about_its_broadcast_is_neither_an_id_nor_a_replay() {
    let mut harness = public(json!({}));
    harness.confirm_all();
    for _ in 0..2 {
        let meta = json!({"id": "a", "replayed": true});
        let payload =
            json!({"type": "broadcast", "event": "pos", "payload": {"x": 1}, "meta": meta});
        harness.receive(json!([null, null, TOPIC, "broadcast", payload]));
    }
    from_database(&mut harness, "a");
    let known = harness.events.iter().filter_map(|event| match event {
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
    let mut harness = public(json!({"broadcast": {"ack": false}}));
    harness.confirm_all();
    let send = harness.send("room:7", json!({"n": 1}));
    assert_eq!(harness.progress(send), ["queued", "handed over"]);
    harness.close(1006);
    harness.pass(500);
    harness.open_socket();
    harness.confirm_all();
    assert!(harness.sent.is_empty(), "nor is it said again");
}
