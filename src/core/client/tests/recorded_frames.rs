//! Recorded frames of Phoenix and Supabase servers, randomly mutated.

use serde_json::{Value, json};

use crate::core::channel::{Channel, Subscription};
use crate::core::config::{Config, ProtocolKind, Serializer};
use crate::core::input::{BinaryFrame, Input, Received};
use crate::core::protocol::phoenix::binary;
use crate::core::rng::Rng;
use crate::core::state::{ChannelState, State};
use crate::core::testing::Harness;

const RUNS: u64 = 400;

/// Frames recorded from running servers.
fn received(recording: &str) -> Vec<Value> {
    let frame = |line: &str| serde_json::from_str(line.split_once(" <- ")?.1).ok();
    recording.lines().filter_map(frame).collect()
}

/// A value with one mutation.
fn mutated(rng: &mut Rng, value: &Value) -> Value {
    let wrong = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(0.5),
        json!(""),
        json!("1"),
        json!("phx_reply"),
        json!("presence_diff"),
        json!("postgres_changes"),
        json!([]),
        json!({}),
        json!([[[[]]]]),
        json!({"__proto__": {"metas": [{"phx_ref": 1}]}}),
        json!("x".repeat(300)),
    ];
    let at = |rng: &mut Rng, length: usize| rng.up_to(length as u64 - 1) as usize;
    match value {
        Value::Array(items) if !items.is_empty() && rng.up_to(4) > 0 => {
            let mut items = items.clone();
            let chosen = at(rng, items.len());
            match rng.up_to(5) {
                0 => drop(items.remove(chosen)),
                1 => items.push(items[chosen].clone()),
                _ => items[chosen] = mutated(rng, &items[chosen]),
            }
            items.into()
        }
        Value::Object(members) if !members.is_empty() && rng.up_to(4) > 0 => {
            let mut members = members.clone();
            let chosen = members.keys().nth(at(rng, members.len())).cloned().unwrap_or_default();
            match rng.up_to(4) {
                0 => drop(members.remove(&chosen)),
                _ => members[&chosen] = mutated(rng, &members[&chosen]),
            }
            members.into()
        }
        _ => wrong[at(rng, wrong.len())].clone(),
    }
}

/// A harness in which channels of the recordings are joined or being joined.
fn harness(protocol: ProtocolKind, serializer: Serializer, topics: &[String]) -> Harness {
    let mut harness =
        Harness::new(Config { protocol, serializer, max_channels: 500, ..Config::default() });
    let params = json!({
        "presence": {"enabled": true},
        "postgres_changes": [{"event": "*", "schema": "public", "table": "todos"}],
    });
    for (number, topic) in topics.iter().enumerate() {
        let channel = topic.strip_prefix("realtime:").unwrap_or(topic);
        let wanting = Subscription { params: Some(params.clone()), ..Subscription::default() };
        harness.try_subscribe(number as u32 + 1, channel, wanting).expect("subscribed");
    }
    harness.open_socket();
    harness
}

/// Confirms all requests of the client; returns the number of joins.
fn serve(harness: &mut Harness) -> usize {
    let mut joins = 0;
    for frame in harness.sent.drain(..).collect::<Vec<_>>() {
        let part =
            |at: usize, name: &str| frame.get(at).or(frame.get(name)).cloned().unwrap_or_default();
        let (join_ref, reference, topic) = (part(0, "join_ref"), part(1, "ref"), part(2, "topic"));
        joins += usize::from(part(3, "event") == "phx_join");
        let reply = json!({"status": "ok", "response": {"postgres_changes": []}});
        harness.receive(json!([join_ref, reference, topic, "phx_reply", reply]));
    }
    joins
}

fn survives_mutations(protocol: ProtocolKind, serializer: Serializer, recording: &str) {
    let frames = received(recording);
    let topic = |frame: &Value| Some(frame.get(2).or(frame.get("topic"))?.as_str()?.to_owned());
    let mut topics: Vec<String> = frames.iter().filter_map(topic).collect();
    topics.sort_unstable();
    topics.dedup();
    topics.retain(|topic| topic != "phoenix" && topic != "realtime:");
    for seed in 0..RUNS {
        let mut rng = Rng::new(seed);
        let mut harness = harness(protocol, serializer, &topics);
        for _ in 0..30 {
            let mut frame = frames[rng.up_to(frames.len() as u64 - 1) as usize].clone();
            // With a current join reference, because most frames would be stale otherwise.
            if let (Some(Value::String(join_ref)), 0) = (frame.get_mut(0), rng.up_to(1)) {
                *join_ref = (rng.up_to(topics.len() as u64) + 1).to_string();
            }
            harness.receive(mutated(&mut rng, &frame));
            if rng.up_to(3) == 0 {
                serve(&mut harness);
            }
            if rng.up_to(3) == 0 {
                harness.pass(rng.up_to(300));
            }
        }
        // Afterwards the client must work with a correct server.
        harness.close(1006);
        let deadline = harness.now + 31_000;
        while harness.socket.is_none() {
            assert!(harness.now < deadline, "seed {seed}: no attempt");
            harness.pass(100);
        }
        harness.open_socket();
        for _ in 0..200 {
            serve(&mut harness);
            harness.pass(20);
        }
        assert_eq!(harness.state(), State::Ready, "seed {seed}");
        let joined = |name: &String| {
            let channels = harness.client.channels();
            let id = channels.find(name.strip_prefix("realtime:").unwrap_or(name));
            let state = id.and_then(|id| channels.get(id)).map(Channel::state);
            matches!(state, Some(ChannelState::Joined | ChannelState::Ready))
        };
        assert!(topics.iter().any(joined), "seed {seed}: nothing is joined");
    }
}

#[test]
fn phoenix_client_with_serializer_1_rejoins_after_mutated_frames() {
    survives_mutations(
        ProtocolKind::Phoenix,
        Serializer::V1,
        include_str!("../../../../tests/recorded/phoenix-v1.txt"),
    );
}

#[test]
fn phoenix_client_with_serializer_2_rejoins_after_mutated_frames() {
    survives_mutations(
        ProtocolKind::Phoenix,
        Serializer::V2,
        include_str!("../../../../tests/recorded/phoenix-v2.txt"),
    );
}

#[test]
fn supabase_client_with_serializer_1_rejoins_after_mutated_frames() {
    survives_mutations(
        ProtocolKind::Supabase,
        Serializer::V1,
        include_str!("../../../../tests/recorded/supabase-v1.txt"),
    );
}

#[test]
fn supabase_client_with_serializer_2_rejoins_after_mutated_frames() {
    survives_mutations(
        ProtocolKind::Supabase,
        Serializer::V2,
        include_str!("../../../../tests/recorded/supabase-v2.txt"),
    );
}

#[test]
fn binary_frame_head_read_from_random_bytes_is_within_the_frame() {
    let mut rng = Rng::new(7);
    for _ in 0..20_000 {
        let length = rng.up_to(40);
        let mut bytes: Vec<u8> = (0..length).map(|_| rng.up_to(255) as u8).collect();
        if let Some(kind) = bytes.first_mut() {
            *kind %= 6;
        }
        for length in bytes.iter_mut().skip(1).take(5) {
            *length %= 9;
        }
        if let Some(head) = binary::read(&bytes) {
            assert!(head.data_at <= bytes.len(), "{bytes:?}");
        }
    }
}

#[test]
fn binary_frame_on_a_native_connection_is_invalid() {
    let mut harness = Harness::ready(Config::default(), &[]);
    let head = binary::read(b"\x02\x01\x01te!").expect("a head");
    let socket = harness.socket.expect("open");
    let received = Received::Binary(Box::new(BinaryFrame { head, data: json!("!"), meta: None }));
    harness.input(Input::SocketFrame(socket, received, 6));
    assert_eq!(harness.delivered(), Vec::<Value>::new());
}
