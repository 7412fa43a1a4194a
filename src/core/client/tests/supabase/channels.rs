//! Channels shared by components, sends, broadcasts, and the rate of joins.

use serde_json::{Value, json};

use super::*;
use crate::core::protocol::phoenix::binary;

#[test]
fn each_subscriber_has_its_own_filters() {
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
    assert_eq!(harness.joins().len(), 0, "fewer filters need no join");
    harness.receive(change(2));
    harness.receive(change(1));
    let receivers: Vec<_> = harness.changes().into_iter().skip(2).map(|(_, to)| to).collect();
    assert_eq!(receivers, [vec![], vec![SubscriberId(1)]]);
}

#[test]
fn subscriber_added_during_a_join_is_covered_by_the_next_join() {
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
fn hundred_channels_are_joined_within_the_server_s_rate_even_after_a_cut() {
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
fn send_without_a_subscriber_joins_until_settled() {
    let mut harness = Harness::new(open_config());
    let send = harness.send("room:7", json!({"n": 1}));
    harness.open_socket();
    assert_eq!(harness.next()[3], "phx_join");
    assert!(harness.sent.is_empty(), "nothing is sent before the join is confirmed");
    harness.reply("1", "ok", &json!({"postgres_changes": []}));
    assert_eq!(harness.next()[4]["payload"], json!({"n": 1}));
    harness.reply("2", "ok", &json!({}));
    assert_eq!(harness.progress(send), ["queued", "sent", "acked"]);
    harness.pass(1_000);
    assert_eq!(harness.next()[3], "phx_leave");
}

#[test]
fn unanswered_push_is_not_resent_after_a_reconnect() {
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
fn broadcasts_keep_event_and_payload_and_replayed_ones_are_delivered_once() {
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
    // Replayed broadcasts arrive as text frames, new ones as binary frames.
    harness.receive(sent(Some("1"), Some(json!({"id": "a", "replayed": true}))));
    from_database(&mut harness, "a");
    from_database(&mut harness, "b");
    assert_eq!(harness.delivered(), [json!({"x": 1}), json!({"x": 1}), json!({"x": 1})]);
}

/// Receives a broadcast sent by the database.
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
fn metadata_in_a_member_s_broadcast_is_neither_id_nor_replay() {
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
        "no other message is dropped as a repetition"
    );
}

#[test]
fn push_without_broadcast_ack_is_settled_when_transmitted() {
    let mut harness = public(json!({"broadcast": {"ack": false}}));
    harness.confirm_all();
    let send = harness.send("room:7", json!({"n": 1}));
    assert_eq!(harness.progress(send), ["queued", "sent unconfirmed"]);
    harness.close(1006);
    harness.pass(500);
    harness.open_socket();
    harness.confirm_all();
    assert!(harness.sent.is_empty(), "nor is it sent again");
}
