//! Acknowledgements: a message is accepted once, and every resend is acknowledged.

use serde_json::json;
use tidewire_server::config::Config;
use tidewire_server::limits::Limits;

use crate::client::message;
use crate::setup::{TestServer, open_config};

#[tokio::test]
async fn resent_message_is_acknowledged_again_and_delivered_once() {
    let server = TestServer::start().await;
    let mut reader = server.full().await;
    reader.subscribe("c").await;
    let mut ann = server.user("ann").await;
    let first = ann.publish("c", "m1", json!({ "n": 1 })).await;
    assert_eq!((&first["status"], &first["seq"]), (&json!("ok"), &json!(1)));
    ann.close(1000).await;
    let mut ann = server.user("ann").await;
    assert_eq!(ann.publish("c", "m1", json!({ "n": 1 })).await, first);
    ann.publish("c", "m2", json!({ "n": 2 })).await;
    assert_eq!(reader.payloads(2).await, [json!({ "n": 1 }), json!({ "n": 2 })]);
    let log = server.shown("/log?channel=c").await;
    assert_eq!(log["head"], 2);
    assert_eq!(
        (&log["entries"][0]["id"], &log["entries"][0]["user"]),
        (&json!("m1"), &json!("ann"))
    );
}

#[tokio::test]
async fn echoed_message_has_the_senders_id() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    ann.received_before_pong().await;
    ann.send(message("c", "m1", &json!(1))).await;
    let frames = ann.received_before_pong().await;
    assert_eq!(frames.len(), 2);
    assert!(frames.iter().all(|frame| frame["id"] == "m1"), "{frames:?}");
}

#[tokio::test]
async fn message_ids_are_scoped_to_channel_and_user() {
    let server = TestServer::start().await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    assert_eq!(ann.publish("c", "same", json!(1)).await["status"], "ok");
    assert_eq!(ann.publish("d", "same", json!(1)).await["seq"], 1);
    let rejected = bob.publish("c", "same", json!(2)).await;
    assert_eq!((&rejected["status"], &rejected["code"]), (&json!("error"), &json!("invalid")));
    assert_eq!(server.shown("/log?channel=c").await["head"], 1);
}

#[tokio::test]
async fn accepted_ids_are_kept_longer_than_their_messages() {
    let limits = Limits { ack_memory_ms: 0, log_age_ms: 60_000, log_count: 2, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut ann = server.full().await;
    assert_eq!(ann.auth_success["ackMemoryMs"], 60_000);
    for id in ["m1", "m2", "m3", "m4"] {
        ann.publish("c", id, json!(id)).await;
    }
    assert_eq!(ann.publish("c", "m1", json!("m1")).await["seq"], 1);
    assert_eq!(ann.publish("c", "m4", json!("m4")).await["seq"], 4);
}

#[tokio::test]
async fn messages_of_one_channel_keep_their_order() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    for n in 0..100 {
        ann.send(message("c", &format!("m{n}"), &json!(n))).await;
    }
    for n in 0..100 {
        let ack = ann.until("ack").await;
        assert_eq!((&ack["id"], &ack["seq"]), (&json!(format!("m{n}")), &json!(n + 1)));
    }
}

#[tokio::test]
async fn ack_request_without_an_id_is_rejected_and_no_unrequested_ack_is_sent() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.send(json!({ "type": "channel_message", "channel": "c", "ack": true, "payload": 1 })).await;
    assert_eq!(ann.expect("error").await["code"], "invalid");
    ann.send(json!({ "type": "channel_message", "channel": "c", "id": "m", "payload": 1 })).await;
    assert!(ann.received_before_pong().await.is_empty());
    assert_eq!(server.shown("/log?channel=c").await["head"], 1);
}
