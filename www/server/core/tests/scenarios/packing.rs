use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::json;

use crate::harness::Harness;

fn packing() -> (Harness, u64) {
    let mut harness = Harness::new();
    let client = harness.open();
    let names = ["batch", "deflate", "envelope", "ack"];
    harness.send(client, &json!({ "type": "auth", "token": "ann", "features": names }));
    harness.take(client);
    (harness, client)
}

#[test]
fn frames_of_a_batch_are_processed_in_order() {
    let (mut harness, client) = packing();
    let message = |id: &str| json!({ "type": "channel_message", "id": id, "ack": true });
    harness.send(client, &json!([message("m1"), { "type": "ping" }, message("m2")]));
    let types = harness.take_types(client);
    let answers: Vec<_> = types.iter().filter(|kind| *kind != "channel_message").collect();
    assert_eq!(answers, ["ack", "pong", "ack"]);
}

#[test]
fn compressed_message_is_a_frame() {
    let (mut harness, client) = packing();
    let mut encoder = DeflateEncoder::new(vec![1], Compression::fast());
    encoder.write_all(br#"{"type":"ping"}"#).unwrap();
    harness.send_binary(client, &encoder.finish().unwrap());
    assert_eq!(harness.take_types(client), ["pong"]);
}

#[test]
fn compressed_message_without_negotiation_is_invalid() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    harness.send_binary(client, &[1, 2, 3]);
    assert_eq!(harness.take(client)[0]["code"], "invalid");
}
