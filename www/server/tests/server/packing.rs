//! Batches and compression.

use serde_json::json;
use tidewire_server::config::Config;
use tidewire_server::limits::Limits;

use crate::client::{Client, deflate};
use crate::setup::{ALL, TestServer, open_config};

#[tokio::test]
async fn batch_frames_are_processed_in_order_despite_an_invalid_one() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let batch = json!([
        { "type": "subscribe", "channel": "c", "ref": 1 },
        { "type": "channel_message", "channel": "c", "id": "m1", "ack": true, "payload": 1 },
        [1],
        7,
        { "type": "channel_message", "channel": "c", "id": "m2", "ack": true, "payload": 2 },
    ]);
    ann.send(batch).await;
    let frames = ann.received_before_pong().await;
    let errors = frames.iter().filter(|f| f["code"] == "invalid").count();
    let acks: Vec<_> = frames.iter().filter(|f| f["type"] == "ack").map(|f| &f["id"]).collect();
    assert_eq!((errors, acks), (2, vec![&json!("m1"), &json!("m2")]));
    assert_eq!(frames[0]["type"], "subscribed");
}

#[tokio::test]
async fn batch_without_negotiation_is_invalid() {
    let server = TestServer::start().await;
    let mut client = Client::open(server.address(), "?features=subscribe", &[]).await;
    client.auth(None, ALL).await;
    client.send(json!([{ "type": "ping" }])).await;
    assert_eq!(client.expect("error").await["code"], "invalid");
}

#[tokio::test]
async fn large_frames_are_compressed_in_both_directions() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    ann.received_before_pong().await;
    let text = "tide ".repeat(2_000);
    let message = json!({ "type": "channel_message", "channel": "c", "payload": text });
    ann.send_deflated(&message.to_string()).await;
    assert_eq!(ann.until("channel_message").await["payload"], text);
    assert_eq!(ann.deflated, 1);
}

#[tokio::test]
async fn frames_are_not_compressed_without_negotiation() {
    let server = TestServer::start().await;
    let mut base = server.base().await;
    let message = json!({ "type": "channel_message", "channel": "c", "text": "x".repeat(9_000) });
    base.send(message.clone()).await;
    assert_eq!(base.next().await, message);
    assert_eq!(base.deflated, 0);
    base.send_deflated(r#"{"type":"ping"}"#).await;
    assert_eq!(base.expect("error").await["code"], "invalid");
}

#[tokio::test]
async fn message_that_inflates_beyond_the_limit_is_rejected() {
    let limits = Limits { max_frame_bytes: 10_000, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut ann = server.full().await;
    let bomb = deflate(&vec![b' '; 5_000_000]);
    assert!(bomb.len() < 10_000);
    ann.send_binary(bomb).await;
    assert_eq!(ann.expect("error").await["code"], "invalid");
    assert!(ann.received_before_pong().await.is_empty());
}
