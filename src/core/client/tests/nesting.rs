//! Values nested too deeply are dropped and counted where they are traversed, and affect nothing
//! else.

use serde_json::{Value, json};

use super::collections;
use super::supabase;
use crate::core::config::Config;
use crate::core::error::Code;
use crate::core::event::{Event, SendProgress};
use crate::core::payload::{MAX_DEPTH, MAX_VALUES, Payload};
use crate::core::presence::PresenceKind;
use crate::core::state::State;
use crate::core::testing::Harness;

const FEATURES: &[&str] = &["subscribe", "seq", "envelope", "ack", "presence"];

/// A value of this depth.
pub(in crate::core) fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, level| match level % 2 {
        0 => json!([inner]),
        _ => json!({ "in": inner }),
    })
}

/// An object of this depth, with these members.
pub(in crate::core) fn row(depth: usize, mut members: Value) -> Value {
    members["deep"] = nested(depth - 1);
    members
}

fn invalid(harness: &Harness) -> (u64, usize) {
    let emitted = |event: &&Event<Value>| matches!(event, Event::Error(_, error) if error.code == Code::InvalidFrame);
    (harness.client.traffic().invalid_frames, harness.events.iter().filter(emitted).count())
}

#[test]
fn nesting_depth_counts_objects_and_arrays_and_values_are_limited() {
    assert!(json!(1).fits(0) && !json!([]).fits(0) && json!({}).fits(1));
    assert!(nested(MAX_DEPTH).fits(MAX_DEPTH));
    assert!(!nested(MAX_DEPTH + 1).fits(MAX_DEPTH));
    let wide = |values: u32| Value::from(vec![Value::Null; values as usize]);
    assert!(wide(MAX_VALUES - 2).fits(1) && !wide(MAX_VALUES).fits(1));
}

#[test]
fn too_deeply_nested_row_is_dropped_and_counted_and_its_position_advances() {
    let mut harness = collections::loaded();
    for seq in 11..19 {
        let deep = row(MAX_DEPTH + 1, json!({"id": "a", "n": seq}));
        collections::changed(&mut harness, seq, "x", &deep);
    }
    assert_eq!(collections::rows(&mut harness), [json!({"id": "a", "n": 1})]);
    assert_eq!((invalid(&harness), harness.state()), ((8, 1), State::Ready));
    assert_eq!(harness.delivered().len(), 8, "each message itself is delivered");
    let deepest = row(MAX_DEPTH, json!({"id": "a", "n": 2}));
    collections::changed(&mut harness, 19, "y", &deepest);
    assert_eq!(collections::rows(&mut harness), [deepest]);
}

#[test]
fn message_without_a_collection_may_be_nested_to_any_depth() {
    let mut harness = collections::loaded();
    harness.receive(json!({
        "type": "channel_message", "channel": "feed", "id": "x", "epoch": "e", "seq": 11,
        "event": "chat", "payload": {"row": nested(MAX_DEPTH + 9)},
    }));
    assert_eq!((invalid(&harness), harness.delivered().len()), ((0, 0), 1));
}

#[test]
fn too_deeply_nested_database_change_is_dropped_and_counted() {
    let mut harness = supabase::collections::shown_once();
    let deep = row(MAX_DEPTH + 1, json!({"id": 1}));
    supabase::collections::change(&mut harness, "UPDATE", &deep, &json!({"id": 1}));
    supabase::collections::change(&mut harness, "DELETE", &json!(null), &deep);
    assert_eq!(supabase::collections::shown(&harness), [json!({"id": 1})]);
    assert_eq!((invalid(&harness), harness.state()), ((2, 1), State::Ready));
}

#[test]
fn too_deeply_nested_ack_payload_is_dropped_and_the_send_is_accepted() {
    let mut harness = Harness::ready(Config::default(), FEATURES);
    let send = harness.send("feed", json!(1));
    let id = harness.take("channel_message")[0]["id"].clone();
    let payload = nested(MAX_DEPTH + 1);
    harness.receive(
        json!({"type": "ack", "channel": "feed", "id": id, "status": "ok", "payload": payload}),
    );
    let payload = harness.events.iter().find_map(|event| match event {
        Event::Send(id, SendProgress::Acked { payload, .. }) if *id == send => Some(payload),
        _ => None,
    });
    assert_eq!(payload, Some(&None));
    assert_eq!((invalid(&harness), harness.state()), ((1, 1), State::Ready));
}

#[test]
fn too_deeply_nested_presence_is_dropped_and_others_of_its_frame_show() {
    for frame in ["presence_state", "presence_diff"] {
        let mut harness = Harness::ready(Config::default(), FEATURES);
        let metas = json!({
            "ann": [row(MAX_DEPTH + 1, json!({"ref": "1"}))],
            "bob": [row(MAX_DEPTH, json!({"ref": "2"})), row(MAX_DEPTH + 1, json!({"ref": "3"}))],
        });
        if frame == "presence_diff" {
            harness.receive(json!({"type": "presence_state", "channel": "feed", "state": {}}));
        }
        harness.receive(json!({
            "type": frame, "channel": "feed", "state": metas, "joins": metas, "leaves": {},
        }));
        harness.pass(200);
        let joined = |event: &Event<Value>| match event {
            Event::Presence(_, changes) => Some(changes.clone()),
            _ => None,
        };
        let changes = harness.events.iter().filter_map(joined).flatten();
        let joined: Vec<_> = changes
            .filter(|change| change.kind == PresenceKind::Join)
            .map(|change| (change.key, change.metas.len()))
            .collect();
        assert_eq!(joined, [("bob".to_owned(), 1)], "{frame}");
        assert_eq!((invalid(&harness), harness.state()), ((1, 1), State::Ready), "{frame}");
    }
}

#[test]
fn row_without_a_valid_key_is_counted_and_reported_once() {
    let mut harness = collections::loaded();
    for seq in 11..14 {
        collections::changed(&mut harness, seq, "x", &json!({"_id": "b", "n": seq}));
    }
    assert_eq!(collections::rows(&mut harness), [json!({"id": "a", "n": 1})]);
    assert_eq!((invalid(&harness), harness.state()), ((3, 1), State::Ready));
    collections::changed(&mut harness, 14, "y", &json!({"id": "a", "n": 2}));
    assert_eq!(collections::rows(&mut harness), [json!({"id": "a", "n": 2})]);
}
