//! Render ticks: when received messages are due to be rendered.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::testing::{ALL, Harness};

/// The number of messages before each tick.
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
fn first_tick_is_emitted_at_once_and_later_ones_once_per_window() {
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
    assert_eq!(batches(&harness), [1, 5], "no message since");
    harness.receive(sent(6));
    assert_eq!(batches(&harness), [1, 5, 6]);
}

#[test]
fn messages_are_not_delayed_by_render_ticks() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.subscribe(1, "feed");
    for n in 1..=3 {
        harness.receive(sent(n));
        assert_eq!(harness.delivered().len(), n as usize);
    }
}

#[test]
fn tick_is_emitted_for_every_message_without_a_window() {
    let mut harness = Harness::ready(Config { batch_ms: 0, ..Config::default() }, ALL);
    harness.subscribe(1, "feed");
    for n in 1..=3 {
        harness.receive(sent(n));
    }
    assert_eq!(batches(&harness), [1, 2, 3]);
}
