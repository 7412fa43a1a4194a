//! Mutated frames.

use fastrand::Rng;

/// Names with a meaning in some protocol, and edge cases.
const NAMES: &[&str] = &[
    "room",
    "notes",
    "board:1",
    "good",
    "room:1",
    "echo:1",
    "presence:1",
    "realtime:room",
    "realtime:good",
    "",
    " ",
    "*",
    "__proto__",
    "constructor",
    "\u{0}",
    "💥",
    "phoenix",
    "bids:1",
    "system",
];

/// Values of every kind, and edge cases.
const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "1e999",
    "-0",
    "18446744073709551615",
    "18446744073709551616",
    "[]",
    "{}",
    "\"\"",
    "\"x\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[[[]]]",
    "{\"a\":{}}",
    "{\"id\":1,\"id\":2}",
    "\"tmp:1\"",
    "1e-999",
    "9007199254740993",
    "[null]",
    "{\"row\":{}}",
    "{\"key\":null}",
];

const EVENTS: &[&str] = &[
    "insert",
    "update",
    "delete",
    "moved",
    "shout",
    "shout_from",
    "echo",
    "push_me",
    "intercept_me",
    "stop",
    "slow",
    "phx_join",
    "phx_leave",
    "phx_close",
    "phx_reply",
    "heartbeat",
    "broadcast",
    "presence",
    "access_token",
    "track",
    "",
];

pub(super) fn one<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    rng.choice(from).copied().unwrap_or_default()
}

pub(super) fn name(rng: &mut Rng) -> String {
    match rng.u8(..20) {
        0 => "n".repeat(rng.usize(..2_000)),
        1 => format!("made-{}", rng.u64(..)),
        _ => one(rng, NAMES).to_owned(),
    }
}

pub(super) fn event(rng: &mut Rng) -> String {
    if rng.u8(..20) == 0 { "e".repeat(rng.usize(..2_000)) } else { one(rng, EVENTS).to_owned() }
}

/// A JSON value: flat, deep, wide or long.
pub(super) fn value(rng: &mut Rng) -> String {
    match rng.u8(..12) {
        0 => deep(rng.usize(1..30_000)),
        1 => format!("[{}]", vec!["0"; rng.usize(1..20_000)].join(",")),
        2 => format!(
            "{{{}}}",
            (0..rng.usize(1..12_000)).map(|n| format!("\"f{n}\":1")).collect::<Vec<_>>().join(",")
        ),
        3 => format!("\"{}\"", "x".repeat(rng.usize(1..200_000))),
        4 => format!("{{\"row\":{}}}", object(rng)),
        5 => format!("{{\"key\":{}}}", one(rng, VALUES)),
        6 => object(rng),
        _ => one(rng, VALUES).to_owned(),
    }
}

fn object(rng: &mut Rng) -> String {
    let members = (0..rng.usize(..5)).map(|_| {
        let key = one(
            rng,
            &[
                "id",
                "version",
                "title",
                "ref",
                "phx_ref",
                "__proto__",
                "x",
                "channel",
                "type",
                "meta",
            ],
        );
        format!("{}:{}", serde_json::json!(key), one(rng, VALUES))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// A value nested at least this deep.
pub(super) fn deep(depth: usize) -> String {
    format!("{}0{}", "[{\"a\":".repeat(depth / 2 + 1), "}]".repeat(depth / 2 + 1))
}

/// Damages a text at random, or leaves it unchanged.
pub(super) fn damage(rng: &mut Rng, text: String) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    if bytes.is_empty() || rng.u8(..3) > 0 {
        return bytes;
    }
    let at = rng.usize(..bytes.len());
    match rng.u8(..5) {
        0 => bytes.truncate(at),
        1 => bytes[at] = rng.u8(..),
        2 => bytes.insert(at, *rng.choice(b"{}[]\",:\\\0".as_slice()).unwrap_or(&b'{')),
        3 => bytes.drain(at..(at + rng.usize(..20)).min(bytes.len())).for_each(drop),
        _ => bytes.extend_from_within(..at),
    }
    bytes
}
