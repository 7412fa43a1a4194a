use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::json;

use crate::world::World;

fn packing() -> (World, u64) {
    let mut world = World::new();
    let client = world.open();
    let names = ["batch", "deflate", "envelope", "ack"];
    world.send(client, &json!({ "type": "auth", "token": "ann", "features": names }));
    world.take(client);
    (world, client)
}

#[test]
fn frames_of_a_batch_are_processed_in_order() {
    let (mut world, client) = packing();
    let message = |id: &str| json!({ "type": "channel_message", "id": id, "ack": true });
    world.send(client, &json!([message("m1"), { "type": "ping" }, message("m2")]));
    let types = world.take_types(client);
    let answers: Vec<_> = types.iter().filter(|kind| *kind != "channel_message").collect();
    assert_eq!(answers, ["ack", "pong", "ack"]);
}

#[test]
fn compressed_message_is_a_frame() {
    let (mut world, client) = packing();
    let mut encoder = DeflateEncoder::new(vec![1], Compression::fast());
    encoder.write_all(br#"{"type":"ping"}"#).unwrap();
    world.send_binary(client, &encoder.finish().unwrap());
    assert_eq!(world.take_types(client), ["pong"]);
}

#[test]
fn compressed_message_without_agreement_is_invalid() {
    let mut world = World::new();
    let client = world.join_as("ann");
    world.send_binary(client, &[1, 2, 3]);
    assert_eq!(world.take(client)[0]["code"], "invalid");
}
