//! A message that is too large affects no other message, in both directions.

use serde_json::{Value, json};

use crate::core::config::{Config, ProtocolKind};
use crate::core::event::Event;
use crate::core::id::ChannelId;
use crate::core::input::{Input, Network, Received};
use crate::core::message::Gap;
use crate::core::state::{ChannelState, Continuity};
use crate::core::testing::{ALL, Harness, SEQ, number_of};

const BATCH: &[&str] = &["subscribe", "seq", "envelope", "ack", "batch"];

fn begin(harness: &mut Harness, seq: u64, head: u64, recovered: bool) {
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "subscribed", "channel": "feed", "ref": join["ref"],
        "epoch": "e", "seq": seq, "head": head, "recovered": recovered,
    }));
}

/// A client whose channel is joined at position 0.
fn counted(features: &[&str]) -> Harness {
    let mut harness = Harness::new(Config { heartbeat_every_ms: None, ..Config::default() });
    harness.subscribe(1, "feed");
    harness.accept(features);
    begin(&mut harness, 0, 0, false);
    harness.events.clear();
    harness
}

fn head(seq: u64) -> Value {
    json!({"type": "channel_message", "channel": "feed", "id": format!("x{seq}"), "epoch": "e", "seq": seq})
}

fn message(harness: &mut Harness, seq: u64) {
    let mut frame = head(seq);
    frame["payload"] = json!(seq);
    harness.receive(frame);
}

fn oversize(harness: &mut Harness, head: Option<Value>) {
    let socket = harness.socket.expect("open");
    harness.input(Input::SocketFrame(socket, Received::TooLarge(head), 20_000_000));
}

/// The deliveries and gaps, in order.
fn emitted(harness: &Harness) -> Vec<Value> {
    let emitted = |event: &Event<Value>| match event {
        Event::Message(_, delivery) => Some(delivery.payload.clone()),
        Event::Gap(_, Gap { from, to, .. }) => Some(json!([from, to])),
        _ => None,
    };
    harness.events.iter().filter_map(emitted).collect()
}

fn continuity(harness: &Harness) -> Continuity {
    harness.client.channels().get(ChannelId(1)).expect("a channel").continuity()
}

fn requests(harness: &mut Harness) -> usize {
    harness.take("recover").len() + harness.take("subscribe").len()
}

#[test]
fn oversize_message_with_a_known_position_is_a_gap_of_that_message_at_once() {
    let mut harness = counted(SEQ);
    message(&mut harness, 1);
    oversize(&mut harness, Some(head(2)));
    message(&mut harness, 3);
    assert_eq!(emitted(&harness), [json!(1), json!([2, 2]), json!(3)]);
    assert_eq!(continuity(&harness), Continuity::Gap);
    assert_eq!(harness.client.traffic().invalid_frames, 1);
    let changed = |event: &Event<Value>| {
        matches!(event, Event::Channel(_, ChannelState::Ready, Continuity::Gap, ..))
    };
    assert!(harness.events.iter().any(changed), "and the channel stays ready");
    harness.pass(60_000);
    assert_eq!(requests(&mut harness), 0, "nothing is requested");
}

#[test]
fn oversize_message_after_missing_ones_becomes_a_gap_in_order() {
    let mut harness = counted(SEQ);
    oversize(&mut harness, Some(head(2)));
    message(&mut harness, 3);
    assert!(emitted(&harness).is_empty());
    message(&mut harness, 1);
    assert_eq!(emitted(&harness), [json!(1), json!([2, 2]), json!(3)]);
}

#[test]
fn repeated_oversize_message_is_reported_once() {
    let mut harness = counted(SEQ);
    oversize(&mut harness, Some(head(1)));
    oversize(&mut harness, Some(head(1)));
    message(&mut harness, 2);
    assert_eq!(emitted(&harness), [json!([1, 1]), json!(2)]);
}

/// The server's answer to a recovery request: the messages that are not too large, and `recovered`.
fn answer(harness: &mut Harness, large: &[u64], known: bool) {
    let request = harness.take("recover").pop().expect("the hole is requested");
    let number = |key: &str| request[key].as_u64().expect("a number");
    for seq in number("from")..=number("to") {
        if large.contains(&seq) {
            oversize(harness, known.then(|| head(seq)));
        } else {
            message(harness, seq);
        }
    }
    harness.receive(json!({
        "type": "recovered", "channel": "feed", "ref": request["ref"], "complete": true,
    }));
}

#[test]
fn oversize_message_of_unknown_position_is_identified_by_one_recovery() {
    for large in [vec![1], vec![2], vec![1, 2], vec![2, 3]] {
        let mut harness = counted(SEQ);
        for seq in 1..=4 {
            if large.contains(&seq) {
                oversize(&mut harness, None);
            } else {
                message(&mut harness, seq);
            }
        }
        harness.pass(50);
        answer(&mut harness, &large, false);
        let last = *large.last().expect("one");
        let mut right: Vec<_> = (1..large[0]).map(|seq| json!(seq)).collect();
        right.push(json!([large[0], last]));
        right.extend((last + 1..=4).map(|seq| json!(seq)));
        assert_eq!(emitted(&harness), right);
        assert_eq!(continuity(&harness), Continuity::Gap);
        harness.pass(60_000);
        assert_eq!(requests(&mut harness), 0);
    }
}

#[test]
fn last_oversize_message_of_a_known_channel_is_requested_at_once() {
    let mut harness = counted(SEQ);
    let partial = json!({"type": "channel_message", "channel": "feed"});
    oversize(&mut harness, Some(partial));
    harness.pass(50);
    answer(&mut harness, &[1], false);
    assert_eq!(emitted(&harness), [json!([1, 1])]);
}

#[test]
fn oversize_message_during_recovery_is_skipped() {
    for known in [true, false] {
        for large in 1..=4 {
            let mut harness = counted(SEQ);
            harness.close(1006);
            harness.pass(1_000);
            harness.accept(SEQ);
            harness.events.clear();
            begin(&mut harness, 0, 4, true);
            for seq in 1..=4 {
                if seq == large {
                    oversize(&mut harness, known.then(|| head(seq)));
                } else {
                    message(&mut harness, seq);
                }
            }
            harness.pass(50);
            if !known {
                answer(&mut harness, &[large], false);
            }
            let mut right: Vec<_> = (1..=4).map(|seq| json!(seq)).collect();
            right[usize::try_from(large).expect("small") - 1] = json!([large, large]);
            assert_eq!(emitted(&harness), right, "{known} {large}");
            let channel = harness.client.channels().get(ChannelId(1)).expect("a channel");
            assert_eq!(channel.state(), ChannelState::Ready);
            harness.pass(60_000);
            assert_eq!(requests(&mut harness), 0);
        }
    }
}

#[test]
fn oversize_frame_of_another_channel_is_not_a_gap() {
    let mut harness = counted(SEQ);
    message(&mut harness, 2);
    harness.pass(50);
    let request = harness.take("recover").pop().expect("the hole is requested");
    oversize(&mut harness, Some(json!({"type": "channel_message", "channel": "elsewhere"})));
    harness.receive(json!({
        "type": "recovered", "channel": "feed", "ref": request["ref"], "complete": true,
    }));
    assert!(emitted(&harness).is_empty());
    harness.pass(50);
    answer(&mut harness, &[], false);
    assert_eq!(emitted(&harness), [json!(1), json!(2)]);
}

#[test]
fn slow_recovery_is_not_a_gap_while_its_answer_is_pending() {
    let mut harness = counted(BATCH);
    message(&mut harness, 2);
    harness.pass(50);
    oversize(&mut harness, None);
    harness.pass(5_000);
    assert!(emitted(&harness).is_empty());
    answer(&mut harness, &[], false);
    assert_eq!(emitted(&harness), [json!(1), json!(2)]);
}

#[test]
fn missing_messages_of_another_cause_are_not_a_gap() {
    let mut harness = counted(SEQ);
    oversize(&mut harness, Some(head(1)));
    message(&mut harness, 3);
    harness.pass(50);
    answer(&mut harness, &[], false);
    assert_eq!(emitted(&harness), [json!([1, 1]), json!(2), json!(3)]);
}

#[test]
fn repeated_oversize_message_without_an_id_is_skipped() {
    let mut harness = counted(SEQ);
    let mut without_id = head(1);
    without_id["id"] = json!(null);
    harness.receive(without_id.clone());
    message(&mut harness, 2);
    harness.pass(50);
    let request = harness.take("recover").pop().expect("the hole is requested");
    harness.receive(without_id);
    harness.receive(json!({
        "type": "recovered", "channel": "feed", "ref": request["ref"], "complete": true,
    }));
    assert_eq!(emitted(&harness), [json!([1, 1]), json!(2)]);
}

#[test]
fn oversize_echo_does_not_settle_another_send() {
    let mut harness = counted(SEQ);
    let send = harness.send("feed", json!("large"));
    oversize(&mut harness, Some(head(1)));
    harness.network(Network::Offline);
    harness.sent.clear();
    harness.pass(200_000);
    harness.network(Network::Online);
    harness.accept(SEQ);
    begin(&mut harness, 1, 1, true);
    assert_eq!(harness.progress(send).last(), Some(&"unconfirmed"), "it may be message 1");
}

#[test]
fn oversize_acknowledgement_settles_its_send() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let send = harness.send("feed", json!(1));
    oversize(
        &mut harness,
        Some(json!({"type": "ack", "channel": "feed", "id": "m1", "status": "ok"})),
    );
    assert_eq!(harness.progress(send).last(), Some(&"acked"));
}

#[test]
fn oversize_message_without_positions_is_an_error_and_a_gap_of_a_known_channel() {
    let native = json!({"type": "channel_message", "channel": "feed"});
    let phoenix = json!([null, null, "feed", "shout"]);
    let supabase = json!([null, null, "realtime:feed", "broadcast"]);
    for (protocol, known) in [
        (ProtocolKind::Tidewire, native),
        (ProtocolKind::Phoenix, phoenix),
        (ProtocolKind::Supabase, supabase),
    ] {
        for features in [ALL, &[]] {
            let mut harness = Harness::new(Config { protocol, ..Config::default() });
            harness.subscribe(1, "feed");
            if protocol == ProtocolKind::Tidewire {
                harness.accept(features);
                harness.confirm_joins();
            } else {
                harness.open_socket();
                let response = json!({"status": "ok", "response": {"postgres_changes": []}});
                let topic = harness.sent.back().expect("a join")[2].clone();
                harness.receive(json!(["1", "1", topic, "phx_reply", response]));
            }
            harness.events.clear();
            oversize(&mut harness, Some(known.clone()));
            assert_eq!(emitted(&harness), [json!([null, null])], "{protocol:?}");
            assert_eq!(continuity(&harness), Continuity::Unknown);
            oversize(&mut harness, None);
            assert_eq!(emitted(&harness).len(), 1, "of no known channel");
            assert_eq!(harness.client.traffic().invalid_frames, 2);
        }
    }
}

#[test]
fn message_larger_than_the_queue_fails_with_message_too_large() {
    let config = Config { queue_max_bytes: 100, ..Config::default() };
    let mut harness = Harness::new(config);
    let large = harness.send("feed", json!("x".repeat(100)));
    assert_eq!(harness.progress(large), ["message_too_large"]);
    let fits = harness.send("feed", json!("x".repeat(90)));
    let full = harness.send("feed", json!("x".repeat(90)));
    assert_eq!(
        (harness.progress(fits), harness.progress(full)),
        (vec!["queued"], vec!["queue_full"])
    );
}

#[test]
fn default_limits_are_a_queue_of_8_mib_and_frames_of_16() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let send = harness.send("feed", json!("x".repeat(7 << 20)));
    assert_eq!(harness.progress(send).last(), Some(&"sent"));
    let config = Config { queue_max_bytes: 64 << 20, ..Config::default() };
    let mut harness = Harness::ready(config, ALL);
    let send = harness.send("feed", json!("x".repeat(16 << 20)));
    assert_eq!(harness.progress(send).last(), Some(&"message_too_large"));
}

#[test]
fn ephemeral_message_over_the_server_s_limit_fails() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.open();
    harness.receive(json!({"type": "auth_success", "features": ALL, "maxFrameBytes": 1_000}));
    let message = harness.message("feed", json!("x".repeat(1_000)));
    harness.client.send_ephemeral(harness.at(), &message);
    harness.drain();
    assert_eq!(harness.progress(number_of(&message)), ["message_too_large"]);
}
