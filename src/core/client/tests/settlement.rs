//! The outcome of a send whose connection was lost before the answer, on a server with `seq`.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::input::Network;
use crate::core::testing::{Harness, SEQ};

/// A config without pings, which would end the long waits of these scenarios.
fn without_pings() -> Config {
    Config { heartbeat_every_ms: None, ..Config::default() }
}

fn joined() -> Harness {
    let mut harness = Harness::new(without_pings());
    harness.subscribe(1, "feed");
    harness.accept(SEQ);
    begin(&mut harness, 10, 10, false);
    harness
}

fn begin(harness: &mut Harness, seq: u64, head: u64, recovered: bool) {
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "subscribed", "channel": join["channel"], "ref": join["ref"],
        "epoch": "e", "seq": seq, "head": head, "recovered": recovered,
    }));
}

fn receive(harness: &mut Harness, seq: u64, id: &str) {
    harness.receive(json!({
        "type": "channel_message", "channel": "feed", "id": id,
        "epoch": "e", "seq": seq, "payload": seq,
    }));
}

fn lose_connection(harness: &mut Harness) {
    harness.close(1006);
    harness.pass(250);
    harness.accept(SEQ);
}

/// Reconnects after a time longer than that for which the server remembers ids.
fn lose_connection_for_long(harness: &mut Harness) {
    harness.network(Network::Offline);
    harness.sent.clear();
    harness.pass(130_000);
    harness.network(Network::Online);
    harness.accept(SEQ);
}

fn ids(harness: &mut Harness) -> Vec<Value> {
    harness.take("channel_message").into_iter().map(|frame| frame["id"].clone()).collect()
}

#[test]
fn unanswered_send_found_by_recovery_is_accepted() {
    let mut harness = joined();
    let send = harness.send("feed", json!(1));
    lose_connection(&mut harness);
    assert_eq!(ids(&mut harness), [Value::Null; 0], "it waits for the channel");
    begin(&mut harness, 10, 12, true);
    receive(&mut harness, 11, "m1");
    assert_eq!(harness.progress(send), ["queued", "sent", "queued", "acked"]);
    receive(&mut harness, 12, "other");
    assert_eq!(ids(&mut harness), [Value::Null; 0]);
}

#[test]
fn unanswered_send_not_in_a_contiguous_run_is_resent_after_any_time() {
    let mut harness = joined();
    let send = harness.send("feed", json!(1));
    assert_eq!(ids(&mut harness), ["m1"]);
    lose_connection_for_long(&mut harness);
    begin(&mut harness, 10, 11, true);
    assert_eq!(ids(&mut harness), [Value::Null; 0], "not before everything missed is received");
    receive(&mut harness, 11, "other");
    assert_eq!(ids(&mut harness), ["m1"], "with the same id");
    harness
        .receive(json!({"type": "ack", "channel": "feed", "id": "m1", "status": "ok", "seq": 12}));
    assert_eq!(harness.progress(send).last(), Some(&"acked"));
}

#[test]
fn unanswered_send_after_a_gap_is_resent_only_within_the_server_s_memory() {
    let mut harness = joined();
    let send = harness.send("feed", json!(1));
    lose_connection(&mut harness);
    begin(&mut harness, 90, 90, false);
    assert_eq!(ids(&mut harness), ["m1"]);
    lose_connection_for_long(&mut harness);
    begin(&mut harness, 900, 900, false);
    assert_eq!(ids(&mut harness), [Value::Null; 0]);
    assert_eq!(harness.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn send_before_the_contiguous_run_began_is_unconfirmed() {
    let mut harness = Harness::new(without_pings());
    let send = harness.send("feed", json!(1));
    harness.accept(SEQ);
    assert_eq!(ids(&mut harness), ["m1"]);
    harness.subscribe(1, "feed");
    begin(&mut harness, 10, 10, false);
    lose_connection_for_long(&mut harness);
    begin(&mut harness, 10, 10, true);
    assert_eq!(ids(&mut harness), [Value::Null; 0], "it may be message 10");
    assert_eq!(harness.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn later_sends_of_the_channel_wait_for_an_unsettled_one_and_other_channels_do_not() {
    let mut harness = joined();
    harness.send("feed", json!(1));
    lose_connection(&mut harness);
    harness.send("feed", json!(2));
    harness.send("elsewhere", json!(3));
    assert_eq!(ids(&mut harness), ["m3"]);
    begin(&mut harness, 10, 10, true);
    assert_eq!(ids(&mut harness), ["m1", "m2"]);
}

#[test]
fn echo_settles_a_send_without_an_answer() {
    let mut harness = joined();
    let send = harness.send("feed", json!(1));
    receive(&mut harness, 11, "m1");
    assert_eq!(harness.progress(send), ["queued", "sent"], "the answer may have more details");
    harness.pass(10_000);
    assert_eq!(harness.progress(send).last(), Some(&"acked"));
    let send = harness.send("feed", json!(2));
    receive(&mut harness, 12, "m2");
    harness.close(1006);
    assert_eq!(harness.progress(send).last(), Some(&"acked"));
}

#[test]
fn transmitted_send_that_times_out_may_have_been_accepted() {
    let mut harness = joined();
    let mut message = harness.message("feed", json!(1));
    message.ttl_ms = Some(5_000);
    let send = harness.push(message);
    harness.network(Network::Offline);
    harness.sent.clear();
    harness.pass(6_000);
    assert_eq!(harness.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn transmitted_send_that_cannot_be_resent_in_time_is_unconfirmed_and_not_expired() {
    let mut harness = joined();
    let mut message = harness.message("feed", json!(1));
    message.ttl_ms = Some(5_000);
    let send = harness.push(message);
    harness.close(1006);
    harness.now += 6_000;
    harness.client.handle_timeout(harness.at());
    harness.drain();
    assert_eq!(harness.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn unanswered_send_of_a_failed_channel_is_resent_within_the_server_s_memory() {
    let mut harness = joined();
    harness.send("feed", json!(1));
    lose_connection(&mut harness);
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "error", "channel": "feed", "ref": join["ref"], "code": "forbidden",
        "message": "no", "retryable": false,
    }));
    assert_eq!(ids(&mut harness), ["m1"]);
}

#[test]
fn queued_sends_are_batched_if_negotiated() {
    let mut harness = Harness::new(without_pings());
    for n in 0..5 {
        harness.send("feed", json!(n));
    }
    harness.accept(&["envelope", "ack", "batch"]);
    assert_eq!(
        (harness.take("channel_message").len(), harness.messages),
        (5, 2),
        "auth, and the five"
    );
}

#[test]
fn batch_stays_within_the_server_s_limit() {
    let mut harness = Harness::new(without_pings());
    for _ in 0..10 {
        harness.send("feed", json!("x".repeat(1_000)));
    }
    harness.open();
    let limits = json!({
        "type": "auth_success", "features": ["envelope", "ack", "batch"], "maxFrameBytes": 4_096,
    });
    harness.receive(limits);
    assert_eq!((harness.take("channel_message").len(), harness.messages), (10, 5));
}
