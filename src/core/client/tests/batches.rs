//! When what was told of messages is due to be shown.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::testing::{ALL, World};

/// How many messages were told before each batch.
fn batches(world: &World) -> Vec<usize> {
    let mut told = 0;
    let mut batches = Vec::new();
    for event in &world.events {
        match event {
            Event::Message(..) => told += 1,
            Event::RenderTick => batches.push(told),
            _ => {}
        }
    }
    batches
}

fn said(n: u32) -> Value {
    json!({"type": "channel_message", "channel": "feed", "payload": n})
}

#[test]
fn the_first_message_is_due_at_once_and_the_following_ones_together() {
    let mut world = World::ready(Config::default(), ALL);
    world.subscribe(1, "feed");
    for n in 1..=5 {
        world.receive(said(n));
    }
    assert_eq!(batches(&world), [1]);
    world.pass(99);
    assert_eq!(batches(&world), [1]);
    world.pass(1);
    assert_eq!(batches(&world), [1, 5]);
    world.pass(10_000);
    assert_eq!(batches(&world), [1, 5], "nothing came since");
    world.receive(said(6));
    assert_eq!(batches(&world), [1, 5, 6]);
}

#[test]
fn messages_themselves_never_wait() {
    let mut world = World::ready(Config::default(), ALL);
    world.subscribe(1, "feed");
    for n in 1..=3 {
        world.receive(said(n));
        assert_eq!(world.delivered().len(), n as usize);
    }
}

#[test]
fn without_a_window_every_message_is_due_at_once() {
    let mut world = World::ready(Config { batch_ms: 0, ..Config::default() }, ALL);
    world.subscribe(1, "feed");
    for n in 1..=3 {
        world.receive(said(n));
    }
    assert_eq!(batches(&world), [1, 2, 3]);
}
