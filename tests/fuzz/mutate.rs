//! Mutation of frames by their structure.

use std::borrow::Cow;

use crate::rng::Rng;
use crate::step::{Broken, FuzzStep, nested};
use crate::value::{Key, Value};

/// The types that a mutated frame can have.
const TYPES: [&str; 18] = [
    "auth_success",
    "error",
    "ping",
    "pong",
    "subscribed",
    "unsubscribed",
    "recovered",
    "ack",
    "channel_message",
    "presence_ok",
    "presence_state",
    "presence_diff",
    "ephemeral",
    "insert",
    "auth",
    "subscribe",
    "batch",
    "",
];

/// The names that a mutated member can have: those of the protocol, and those with a meaning in
/// JavaScript.
const NAMES: [&str; 20] = [
    "type",
    "channel",
    "ref",
    "id",
    "seq",
    "epoch",
    "head",
    "heads",
    "state",
    "joins",
    "leaves",
    "payload",
    "row",
    "key",
    "mutation",
    "status",
    "__proto__",
    "constructor",
    "toString",
    "length",
];

/// The strings that a mutated member can have.
const TEXTS: [&str; 14] = [
    "a",
    "b",
    "t",
    "e",
    "m0",
    "m1",
    "c0",
    "c1",
    "k1",
    "tmp:c0",
    "",
    "__proto__",
    "ok",
    "\u{0}\u{2028}",
];

/// Values for the parts of a Phoenix frame.
const REFERENCES: [&str; 7] = ["1", "2", "3", "4", "5", "", "4294967296"];
const TOPICS: [&str; 7] = ["a", "t", "realtime:a", "realtime:t", "realtime:", "phoenix", ""];
const EVENTS: [&str; 10] = [
    "phx_reply",
    "phx_error",
    "phx_close",
    "phx_join",
    "presence_state",
    "presence_diff",
    "postgres_changes",
    "broadcast",
    "system",
    "",
];

/// Numbers at and near limits.
const NUMBERS: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    2.0,
    3.0,
    4.0,
    -1.0,
    0.5,
    2.5,
    4_294_967_296.0,
    9_007_199_254_740_991.0,
    9_007_199_254_740_992.0,
    1e300,
    -1e300,
];

/// Depths of nesting at and near limits, and the maximum length of a string.
const DEPTHS: [u64; 6] = [1, 16, 126, 128, 130, 1_500];
const MAX_LENGTH: u64 = 20_000;

/// A mutation of this step.
pub(crate) fn mutate(step: &FuzzStep, rng: &mut Rng, others: &[FuzzStep]) -> FuzzStep {
    match step {
        FuzzStep::Frame(frame) => FuzzStep::Frame(mutate_frame(frame, rng, others)),
        FuzzStep::Answer(answer) => FuzzStep::Answer(mutate_value(answer, rng, others)),
        FuzzStep::Wait(_) => FuzzStep::Wait(rng.of(&[0, 1, 60, 1_000, 11_000, 40_000])),
        FuzzStep::Broken(_) => {
            FuzzStep::Broken(rng.of(&[Broken::Binary, Broken::NotJson, Broken::TooLarge]))
        }
        other => other.clone(),
    }
}

fn mutate_frame(frame: &Value, rng: &mut Rng, others: &[FuzzStep]) -> Value {
    if let Value::Array(parts) = frame
        && parts.len() == 5
        && rng.one_in(3)
    {
        return mutate_parts(parts, rng, others);
    }
    match rng.below(12) {
        0 => frame.merged([("type".into(), rng.of(&TYPES).into())]),
        1 => frame.merged([("channel".into(), rng.of(&TEXTS).into())]),
        // Batches of frames, and batches within batches.
        2 => Value::Array((0..rng.below(4)).map(|_| frame.clone()).collect()),
        3 => {
            let other = any_frame(rng, others).unwrap_or(Value::Null);
            Value::Array([frame.clone(), other, frame.clone()].into())
        }
        _ => mutate_value(frame, rng, others),
    }
}

/// Changes one part of a Phoenix frame: the references, the topic, the event, the payload.
fn mutate_parts(parts: &[Value], rng: &mut Rng, others: &[FuzzStep]) -> Value {
    let mut parts = parts.to_vec();
    let at = rng.below(5) as usize;
    parts[at] = match at {
        0 | 1 => rng.of(&REFERENCES).into(),
        2 => rng.of(&TOPICS).into(),
        3 => rng.of(&EVENTS).into(),
        _ => mutate_value(&parts[4], rng, others),
    };
    Value::Array(parts.into())
}

/// Changes one part of a value.
fn mutate_value(value: &Value, rng: &mut Rng, others: &[FuzzStep]) -> Value {
    match value {
        Value::Object(members) if !members.is_empty() && !rng.one_in(12) => {
            mutate_members(members, rng, others)
        }
        Value::Array(items) if !items.is_empty() && !rng.one_in(6) => {
            let mut items = items.to_vec();
            let at = rng.below(items.len() as u64) as usize;
            match rng.below(4) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => items[at] = mutate_value(&items[at], rng, others),
            }
            Value::Array(items.into())
        }
        Value::Number(number) if !rng.one_in(3) => Value::Number(rng.of(&[
            number + 1.0,
            number - 1.0,
            -number,
            number / 2.0,
            number * 1e9,
        ])),
        _ => any_value(rng, others),
    }
}

fn mutate_members(members: &[(Key, Value)], rng: &mut Rng, others: &[FuzzStep]) -> Value {
    let mut members = members.to_vec();
    let at = rng.below(members.len() as u64) as usize;
    match rng.below(8) {
        0 => drop(members.remove(at)),
        1 => members[at].0 = Cow::Borrowed(rng.of(&NAMES)),
        2 => {
            let other = rng.below(members.len() as u64) as usize;
            members[at].1 = members[other].1.clone();
        }
        3 => {
            let named = (Cow::Borrowed(rng.of(&NAMES)), any_value(rng, others));
            members.push(named);
        }
        _ => members[at].1 = mutate_value(&members[at].1, rng, others),
    }
    Value::members(members)
}

/// A value of any kind.
fn any_value(rng: &mut Rng, others: &[FuzzStep]) -> Value {
    match rng.below(12) {
        0 => Value::Null,
        1 => Value::Bool(rng.one_in(2)),
        2..5 => Value::Number(rng.of(&NUMBERS)),
        5..7 => rng.of(&TEXTS).into(),
        7 => "x".repeat(rng.below(MAX_LENGTH) as usize).as_str().into(),
        8 => {
            let depth = rng.of(&DEPTHS) + rng.below(3);
            nested(depth, if rng.one_in(3) { "" } else { rng.of(&NAMES) })
        }
        9 => Value::Array([].into()),
        10 => Value::members(Vec::new()),
        _ => any_frame(rng, others).unwrap_or(Value::Null),
    }
}

fn any_frame(rng: &mut Rng, others: &[FuzzStep]) -> Option<Value> {
    let at = rng.below(others.len().max(1) as u64) as usize;
    match others.get(at)? {
        FuzzStep::Frame(frame) => Some(frame.clone()),
        _ => None,
    }
}
