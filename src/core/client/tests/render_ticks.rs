//! When what was told of messages is due to be shown.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::testing::{ALL, Harness};

/// How many messages were told before each batch.
fn batches(harness: &Harness) -> Vec<usize> {
    let mut emitted = 0;
    let mut batches = Vec::new();
    for event in &harness.events {
        match event {
            Event::Message(..) => emitted += 1,
            Event::RenderTick => batches.push(emitted),
            _ => {}
        }
    }
    batches
}

fn sent(n: u32) -> Value {
    json!({"type": "channel_message", "channel": "feed", "payload": n})
}

#[test]
fn the_first_message_is_due_at_once_and_the_following_ones_together() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.subscribe(1, "feed");
    for n in 1..=5 {
        harness.receive(sent(n));
    }
    assert_eq!(batches(&harness), [1]);
    harness.pass(99);
    assert_eq!(batches(&harness), [1]);
    harness.pass(1);
    assert_eq!(batches(&harness), [1, 5]);
    harness.pass(10_000);
    assert_eq!(batches(&harness), [1, 5], "nothing came since");
    harness.receive(sent(6));
    assert_eq!(batches(&harness), [1, 5, 6]);
}

#[test]
fn messages_themselves_never_wait() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.subscribe(1, "feed");
    for n in 1..=3 {
        harness.receive(sent(n));
        assert_eq!(harness.delivered().len(), n as usize);
    }
}

#[test]
fn without_a_window_every_message_is_due_at_once() {
    let mut harness = Harness::ready(Config { batch_ms: 0, ..Config::default() }, ALL);
    harness.subscribe(1, "feed");
    for n in 1..=3 {
        harness.receive(sent(n));
    }
    assert_eq!(batches(&harness), [1, 2, 3]);
}
