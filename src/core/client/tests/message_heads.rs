//! Messages that are decided on by their heads, and those that are not.

use serde_json::{Value, json};

use super::collections::loaded;
use crate::core::channel::Subscription;
use crate::core::config::{Config, ProtocolKind};
use crate::core::event::Event;
use crate::core::id::{ChannelId, SocketId};
use crate::core::input::{Input, Received};
use crate::core::message_head::{MessageHead, Packing, Receipt};
use crate::core::testing::{ALL, Harness, SEQ};

const FEED: ChannelId = ChannelId(1);

/// A config without pings and without render ticks that wait.
fn config() -> Config {
    Config { heartbeat_every_ms: None, batch_ms: 0, ..Config::default() }
}

fn message(epoch: &str, seq: u64) -> Value {
    json!({
        "type": "channel_message", "channel": "feed", "id": format!("{epoch}{seq}"),
        "epoch": epoch, "seq": seq, "payload": seq,
    })
}

/// A client on `feed`, at position 10 of epoch `e`, of which nothing was received yet.
fn joined(config: Config, features: &[&str]) -> Harness {
    let mut harness = Harness::new(config);
    harness.subscribe(1, "feed");
    harness.accept(features);
    begin(&mut harness, 10, false);
    harness
}

fn begin(harness: &mut Harness, seq: u64, recovered: bool) {
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "subscribed", "channel": "feed", "ref": join["ref"],
        "epoch": "e", "seq": seq, "head": seq, "recovered": recovered,
    }));
}

/// The same, after message 11.
fn live() -> Harness {
    let mut harness = joined(config(), SEQ);
    harness.receive(message("e", 11));
    harness
}

fn head(harness: &Harness, seq: Option<u64>) -> MessageHead {
    let socket = harness.socket.expect("a socket");
    MessageHead { socket, channel: FEED, seq, packing: Packing::Alone, bytes: 100 }
}

/// The decision on the message of this number, after which outputs are performed.
fn decide(harness: &mut Harness, seq: Option<u64>) -> Receipt {
    let head = head(harness, seq);
    decide_on(harness, head)
}

fn decide_on(harness: &mut Harness, head: MessageHead) -> Receipt {
    let receipt = harness.client.receive(harness.at(), head);
    harness.drain();
    receipt
}

fn seq(harness: &Harness) -> u64 {
    let channel = harness.client.channels().get(FEED).expect("a channel");
    channel.position().expect("a position").seq
}

#[test]
fn next_message_of_a_reported_epoch_is_decided_on_by_its_head() {
    let mut harness = joined(config(), SEQ);
    assert_eq!(decide(&mut harness, Some(11)), Receipt::Undecided, "its epoch is not reported");
    harness.receive(message("e", 11));
    for next in 12..15 {
        assert_ne!(decide(&mut harness, Some(next)), Receipt::Undecided);
    }
    assert_eq!(seq(&harness), 14);
    harness.close(1006);
    harness.pass(250);
    harness.accept(SEQ);
    let join = harness.take("subscribe").pop().expect("a join");
    assert_eq!(join["since"], json!({"epoch": "e", "seq": 14}));
}

#[test]
fn message_out_of_order_is_not_decided_on_by_its_head() {
    let mut harness = live();
    for other in [0, 10, 11, 13, u64::MAX] {
        assert_eq!(decide(&mut harness, Some(other)), Receipt::Undecided);
        assert_eq!(decide(&mut harness, None), Receipt::Undecided);
    }
    assert_eq!(seq(&harness), 11);
    harness.receive(message("e", 13));
    assert_eq!(decide(&mut harness, Some(12)), Receipt::Undecided, "13 is buffered behind it");
    harness.receive(message("e", 12));
    assert_eq!(harness.delivered(), [11, 12, 13]);
}

#[test]
fn missed_messages_are_not_decided_on_by_their_heads() {
    let mut harness = live();
    harness.close(1006);
    harness.pass(250);
    harness.accept(SEQ);
    assert_eq!(decide(&mut harness, Some(12)), Receipt::Undecided, "the join is not answered");
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "subscribed", "channel": "feed", "ref": join["ref"],
        "epoch": "e", "seq": 11, "head": 12, "recovered": true,
    }));
    assert_eq!(decide(&mut harness, Some(12)), Receipt::Undecided, "it was missed");
    harness.receive(message("e", 12));
    assert_ne!(decide(&mut harness, Some(13)), Receipt::Undecided);
}

#[test]
fn epoch_of_a_later_membership_has_to_be_reported_first() {
    let mut harness = live();
    harness.close(1006);
    harness.pass(250);
    harness.accept(SEQ);
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "subscribed", "channel": "feed", "ref": join["ref"],
        "epoch": "f", "seq": 11, "head": 11, "recovered": false,
    }));
    assert_eq!(decide(&mut harness, Some(12)), Receipt::Undecided);
    harness.receive(message("f", 12));
    assert_ne!(decide(&mut harness, Some(13)), Receipt::Undecided);
}

#[test]
fn nothing_is_decided_while_a_timer_is_due_or_an_output_is_pending() {
    let mut harness = joined(Config { batch_ms: 0, ..Config::default() }, SEQ);
    harness.receive(message("e", 11));
    let (due, _) = harness.client.poll_timeout().expect("a ping is due some time");
    let head = head(&harness, Some(12));
    assert_eq!(harness.client.receive(due, head), Receipt::Undecided);
    harness.client.connect(harness.at());
    harness.client.destroy(harness.at());
    assert_eq!(harness.client.receive(harness.at(), head), Receipt::Undecided);
}

#[test]
fn message_of_a_former_socket_or_another_channel_is_not_decided_on() {
    let mut harness = live();
    let known = head(&harness, Some(12));
    let former = MessageHead { socket: SocketId(known.socket.0 + 1), ..known };
    assert_eq!(decide_on(&mut harness, former), Receipt::Undecided);
    let unknown = MessageHead { channel: ChannelId(9), ..known };
    assert_eq!(decide_on(&mut harness, unknown), Receipt::Undecided);
    harness.input(Input::SocketClosing(known.socket));
    assert_eq!(decide_on(&mut harness, known), Receipt::Undecided, "it is received again");
}

#[test]
fn frame_in_an_array_has_a_head_only_where_arrays_were_negotiated() {
    let mut harness = live();
    let in_array = MessageHead { packing: Packing::Batch, ..head(&harness, Some(12)) };
    assert_eq!(decide_on(&mut harness, in_array), Receipt::Undecided);
    let mut harness = joined(config(), &[SEQ, &["batch"]].concat());
    harness.receive(message("e", 11));
    let in_array = MessageHead { packing: Packing::Batch, ..head(&harness, Some(12)) };
    assert_ne!(decide_on(&mut harness, in_array), Receipt::Undecided);
}

#[test]
fn messages_of_a_channel_with_a_collection_are_read() {
    let mut harness = loaded();
    harness.receive(message("e", 11));
    assert_eq!(decide(&mut harness, Some(12)), Receipt::Undecided);
}

#[test]
fn messages_that_are_identified_by_their_ids_are_read() {
    let mut harness = Harness::ready(config(), ALL);
    assert_eq!(decide(&mut harness, None), Receipt::Undecided);
    assert_eq!(decide(&mut harness, Some(1)), Receipt::Undecided);
}

#[test]
fn messages_of_a_base_server_are_decided_on_unless_the_app_identifies_them() {
    let mut harness = Harness::ready(config(), &[]);
    assert_ne!(decide(&mut harness, None), Receipt::Undecided);
    assert_eq!(decide(&mut harness, Some(1)), Receipt::Undecided);
    let dedup_key = Some(json!("n"));
    let subscription = Subscription { dedup_key, ..Subscription::default() };
    harness.try_subscribe(2, "bids", subscription).expect("subscribed");
    let other = MessageHead { channel: ChannelId(2), ..head(&harness, None) };
    assert_eq!(decide_on(&mut harness, other), Receipt::Undecided);
}

#[test]
fn frames_of_an_extension_are_no_messages_on_a_server_without_ids() {
    for features in [&["subscribe"][..], &["subscribe", "presence"], &["ephemeral"]] {
        let mut harness = Harness::ready(config(), features);
        assert_eq!(decide(&mut harness, None), Receipt::Undecided, "{features:?}");
    }
    let mut harness = Harness::ready(config(), &["ephemeral"]);
    harness.receive(json!({"type": "ephemeral", "channel": "feed", "payload": 5}));
    assert_eq!(harness.delivered(), [5]);
    let mut harness = Harness::ready(config(), &["subscribe"]);
    harness.receive(json!({"type": "error", "channel": "feed", "code": "limit"}));
    let is_error = |event: &Event<Value>| matches!(event, Event::Error(Some(FEED), _));
    assert!(harness.events.iter().any(is_error));
    assert!(harness.delivered().is_empty());
}

#[test]
fn messages_of_phoenix_are_decided_on_while_the_channel_is_joined() {
    let config = Config { protocol: ProtocolKind::Phoenix, ..config() };
    let mut harness = Harness::new(config);
    harness.subscribe(1, "feed");
    harness.open_socket();
    assert_eq!(decide(&mut harness, None), Receipt::Undecided);
    harness.receive(json!(["1", "1", "feed", "phx_reply", {"status": "ok", "response": {}}]));
    assert_ne!(decide(&mut harness, None), Receipt::Undecided);
    harness.receive(json!(["1", "1", "feed", "phx_error", {}]));
    assert_eq!(decide(&mut harness, None), Receipt::Undecided);
}

#[test]
fn message_decided_on_by_its_head_answers_a_ping() {
    let mut harness = joined(Config { batch_ms: 0, ..Config::default() }, SEQ);
    harness.receive(message("e", 11));
    while harness.take("ping").is_empty() {
        let (due, _) = harness.client.poll_timeout().expect("a ping is due some time");
        harness.pass(due.as_ms() - harness.now);
    }
    assert_ne!(decide(&mut harness, Some(12)), Receipt::Undecided);
    let (deadline, _) = harness.client.poll_timeout().expect("a deadline of the pong");
    harness.pass(deadline.as_ms() - harness.now);
    assert_eq!(harness.closed, Vec::<u16>::new(), "the connection is alive");
}

#[test]
fn engine_runs_after_a_message_only_if_there_is_a_tick_or_an_earlier_timer() {
    let config = Config { heartbeat_every_ms: None, batch_ms: 50, ..Config::default() };
    let mut harness = joined(config, SEQ);
    harness.receive(message("e", 11));
    assert_eq!(decide(&mut harness, Some(12)), Receipt::DeliverThenRun, "a tick waits from now on");
    assert_eq!(decide(&mut harness, Some(13)), Receipt::Deliver);
    harness.pass(100);
    assert_eq!(decide(&mut harness, Some(14)), Receipt::DeliverThenRun, "there is a tick at once");
}

#[test]
fn engine_runs_after_a_message_that_makes_the_next_ping_due_sooner() {
    let heartbeat_every_ms = Some(2_000);
    let config = Config { heartbeat_every_ms, batch_ms: 60_000, ..Config::default() };
    let mut harness = joined(config, SEQ);
    for seq in 11..13 {
        harness.receive(message("e", seq));
    }
    harness.pass(2_000);
    assert_eq!(harness.take("ping").len(), 1);
    harness.pass(100);
    assert_eq!(decide(&mut harness, Some(13)), Receipt::DeliverThenRun);
    assert_eq!(decide(&mut harness, Some(14)), Receipt::Deliver);
}

#[test]
fn counters_and_timers_are_the_same_as_of_frames_that_are_read() {
    let mut heads = live();
    let mut frames = live();
    for next in 12..20 {
        heads.receive(message("e", next));
        let socket = frames.socket.expect("a socket");
        let received = Received::Value(message("e", next));
        let bytes = message("e", next).to_string().len();
        frames.input(Input::SocketFrame(socket, received, bytes));
        heads.pass(7);
        frames.pass(7);
    }
    assert_eq!(heads.client.traffic(), frames.client.traffic());
    let stats = |harness: &Harness| {
        harness.client.channels().get(FEED).map(|channel| channel.stats().clone())
    };
    assert_eq!(stats(&heads), stats(&frames));
    assert_eq!(heads.client.poll_timeout(), frames.client.poll_timeout());
    assert_eq!(heads.delivered(), frames.delivered());
    assert_eq!(heads.events.len(), frames.events.len());
}
