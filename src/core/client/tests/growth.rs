//! Many channels and long queues: what one message, send or timer costs does not depend on them.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::slots::visits;
use crate::core::testing::{ALL, Harness, SEQ};

const MANY: u32 = 10_000;

fn unlimited() -> Config {
    Config {
        max_channels: u64::MAX,
        queue_max_messages: u64::MAX,
        queue_max_bytes: u64::MAX,
        ..Config::default()
    }
}

fn name(n: u32) -> String {
    format!("c{n}")
}

/// A client with so many joined channels.
fn joined(channels: u32, features: &[&str]) -> Harness {
    let mut harness = Harness::new(unlimited());
    for n in 0..channels {
        harness.subscribe(n, &name(n));
    }
    harness.accept(features);
    assert_eq!(join_all(&mut harness), channels);
    harness.events.clear();
    harness
}

/// Confirms joins until no further one is sent; returns how many there were.
fn join_all(harness: &mut Harness) -> u32 {
    let mut joined = 0;
    loop {
        let confirmed = harness.confirm_joins().len() as u32;
        if confirmed == 0 {
            return joined;
        }
        joined += confirmed;
    }
}

fn receive(harness: &mut Harness, channel: &str, payload: u32) {
    let id = format!("id{payload}");
    harness.receive(
        json!({"type": "channel_message", "channel": channel, "id": id, "payload": payload}),
    );
}

fn ack(harness: &mut Harness, frame: &Value) {
    harness.receive(json!({
        "type": "ack", "channel": frame["channel"], "id": frame["id"], "status": "ok",
    }));
}

/// How many items a call visits, channels and messages together.
fn visited(harness: &mut Harness, call: impl FnOnce(&mut Harness)) -> u64 {
    let before = visits::count();
    call(harness);
    visits::count() - before
}

/// What each operation visits, among so many joined channels.
fn visits_with_channels(channels: u32) -> Vec<u64> {
    let mut harness = joined(channels, ALL);
    let harness = &mut harness;
    // Of the channel that the former operation was about, the totals are computed once more.
    receive(harness, &name(channels / 2), 1);
    vec![
        visited(harness, |harness| receive(harness, &name(7), 2)),
        visited(harness, |harness| receive(harness, &name(7), 3)),
        visited(harness, |harness| {
            harness.send(&name(8), json!(1));
        }),
        visited(harness, |harness| {
            let sent = harness.take("channel_message");
            ack(harness, &sent[0]);
        }),
        visited(harness, |harness| {
            let _ = harness.client.poll_timeout();
            harness.client.handle_timeout(harness.at());
        }),
        visited(harness, |harness| {
            harness.subscribe(channels, "another");
            assert_eq!(harness.confirm_joins(), ["another"]);
        }),
        visited(harness, |harness| harness.unsubscribe(channels)),
        visited(harness, |harness| harness.pass(2_000)),
    ]
}

#[test]
fn message_send_timer_and_subscription_visit_no_more_channels_among_ten_thousand_than_among_few() {
    let few = visits_with_channels(200);
    assert_eq!(visits_with_channels(MANY), few);
    assert!(few.iter().all(|visited| *visited < 100), "{few:?}");
}

/// What each operation visits while so many messages are unsettled.
fn visits_with_queue(messages: u32) -> Vec<u64> {
    let mut harness = joined(2, ALL);
    for n in 0..messages {
        harness.send("c0", json!(n));
    }
    let sent = harness.take("channel_message");
    let middle = &sent[sent.len() / 2];
    let harness = &mut harness;
    vec![
        visited(harness, |harness| {
            harness.send("c0", json!("another"));
        }),
        visited(harness, |harness| ack(harness, middle)),
        visited(harness, |harness| receive(harness, "c1", 1)),
        visited(harness, |harness| harness.client.handle_timeout(harness.at())),
    ]
}

#[test]
fn send_and_its_acknowledgement_visit_no_more_messages_of_a_long_queue_than_of_a_short_one() {
    let few = visits_with_queue(200);
    assert_eq!(visits_with_queue(MANY), few);
    assert!(few.iter().all(|visited| *visited < 100), "{few:?}");
}

#[test]
fn ten_thousand_channels_are_joined_deliver_and_are_joined_again_after_a_loss() {
    let mut harness = joined(MANY, SEQ);
    for n in [0, MANY / 2, MANY - 1] {
        receive(&mut harness, &name(n), n);
    }
    assert_eq!(harness.delivered(), [json!(0), json!(MANY / 2), json!(MANY - 1)]);
    harness.close(1006);
    while harness.socket.is_none() {
        harness.pass(1_000);
    }
    harness.accept(SEQ);
    assert_eq!(join_all(&mut harness), MANY);
    for n in 0..MANY {
        harness.unsubscribe(n);
    }
    harness.pass(60_000);
    assert_eq!(harness.client.channels().iter().count(), 0);
}

#[test]
fn ten_thousand_queued_messages_are_sent_in_order_and_settled_in_any_order() {
    let mut harness = Harness::new(unlimited());
    let sends: Vec<_> = (0..MANY).map(|n| harness.send(&name(n % 100), json!(n))).collect();
    assert_eq!(harness.client.queue_depth(), sends.len());
    harness.accept(ALL);
    let sent = harness.take("channel_message");
    assert!(
        sent.iter()
            .map(|frame| &frame["payload"])
            .eq(&(0..MANY).map(|n| json!(n)).collect::<Vec<_>>())
    );
    for frame in sent.iter().step_by(2).chain(sent.iter().skip(1).step_by(2).rev()) {
        ack(&mut harness, frame);
    }
    assert_eq!(harness.client.queue_depth(), 0);
    for send in [sends[0], sends[5_000], sends[9_999]] {
        assert_eq!(harness.progress(send), ["queued", "sent", "acked"]);
    }
}
