//! Each fault: its effect, its target, and clearing it.

use serde_json::{Value, json};

use crate::client::{Client, ClientEvent, message};
use crate::setup::{ALL, TestServer, in_seconds, post, token};

async fn publish(server: &TestServer, count: u64) {
    for n in 1..=count {
        let body = json!({ "channel": "c", "payload": n }).to_string();
        assert_eq!(post(server.address(), "/publish", &body).await.0, 200);
    }
}

fn seqs(frames: &[Value]) -> Vec<u64> {
    frames.iter().filter_map(|frame| frame["seq"].as_u64()).collect()
}

#[tokio::test]
async fn drop_fault_aborts_one_connection_without_a_close_frame() {
    let server = TestServer::start().await;
    let (mut ann, mut bob) = (server.full().await, server.full().await);
    server.control("/faults", json!({ "connection": ann.id(), "drop": true })).await;
    assert_eq!(ann.next_event().await, ClientEvent::Cut);
    assert!(bob.received_before_pong().await.is_empty());
    let record = server.record(&ann.id()).await;
    assert_eq!((&record["open"], &record["closeCode"]), (&json!(false), &json!(1006)));
}

#[tokio::test]
async fn close_fault_uses_the_given_code() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let fault = json!({ "connection": "all", "close": 4002, "reason": "banned" });
    assert_eq!(server.control("/faults", fault).await["applied"], 1);
    assert_eq!(ann.expect("error").await["code"], "forbidden");
    assert_eq!(ann.next_event().await, ClientEvent::Closed(4002));
}

#[tokio::test]
async fn half_open_connection_neither_sends_nor_receives_until_cleared() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    ann.received_before_pong().await;
    server.control("/faults", json!({ "connection": ann.id(), "halfOpen": true })).await;
    ann.send(message("c", "ignored", &json!(1))).await;
    publish(&server, 1).await;
    assert_eq!(server.shown("/log?channel=c").await["head"], 1);
    assert_eq!(server.record(&ann.id()).await["open"], true);
    server.control("/faults", json!({ "connection": ann.id(), "halfOpen": false })).await;
    // The next frame sent is the first one received.
    assert!(ann.received_before_pong().await.is_empty());
    assert_eq!(server.shown("/log?channel=c").await["head"], 1);
}

#[tokio::test]
async fn half_open_connection_can_be_aborted() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    server.control("/faults", json!({ "connection": "all", "halfOpen": true })).await;
    server.control("/faults", json!({ "connection": "all", "drop": true })).await;
    assert_eq!(ann.next_event().await, ClientEvent::Cut);
}

#[tokio::test]
async fn lost_message_is_detected_by_heads_and_recovered() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    ann.received_before_pong().await;
    server.control("/faults", json!({ "connection": "all", "lose": 1 })).await;
    publish(&server, 2).await;
    ann.send(json!({ "type": "ping" })).await;
    let pong = ann.expect("pong").await;
    assert_eq!(pong["heads"]["c"]["seq"], 2);
    server.control("/faults", json!({ "connection": "all", "clear": true })).await;
    let range =
        json!({ "type": "recover", "channel": "c", "ref": 1, "epoch": epoch, "from": 1, "to": 2 });
    ann.send(range).await;
    assert_eq!(ann.payloads(2).await, [json!(1), json!(2)]);
    assert_eq!(ann.expect("recovered").await["complete"], true);
}

#[tokio::test]
async fn duplicate_and_reorder_faults_apply_to_messages_only() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    ann.received_before_pong().await;
    server.control("/faults", json!({ "connection": ann.id(), "duplicate": 1 })).await;
    publish(&server, 2).await;
    assert_eq!(seqs(&ann.received_before_pong().await), [1, 1, 2, 2]);
    let fault = json!({ "connection": ann.id(), "duplicate": 0, "reorder": 1, "seed": 7 });
    server.control("/faults", fault).await;
    publish(&server, 4).await;
    let mut seen = Vec::new();
    while seen.len() < 4 {
        seen.push(ann.until("channel_message").await["seq"].as_u64().expect("a seq"));
    }
    seen.sort_unstable();
    assert_eq!(seen, [3, 4, 5, 6]);
}

#[tokio::test]
async fn delay_applies_to_messages_only() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    ann.received_before_pong().await;
    server.control("/faults", json!({ "connection": "all", "delayMs": 400 })).await;
    ann.send(message("c", "late", &json!(1))).await;
    assert_eq!(ann.next().await["type"], "ack");
    assert_eq!(ann.next().await["id"], "late");
}

#[tokio::test]
async fn lost_ack_is_recovered_by_resending() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    ann.received_before_pong().await;
    server.control("/faults", json!({ "connection": "all", "loseAcks": 1 })).await;
    ann.send(message("c", "m1", &json!(1))).await;
    let frames = ann.received_before_pong().await;
    assert_eq!((seqs(&frames), frames.len()), (vec![1], 1));
    server.control("/faults", json!({ "connection": "all", "loseAcks": 0 })).await;
    assert_eq!(ann.publish("c", "m1", json!(1)).await["seq"], 1);
}

#[tokio::test]
async fn drop_after_accept_stores_the_message_and_sends_no_ack_once() {
    let server = TestServer::start().await;
    let (mut ann, mut bob) = (server.full().await, server.full().await);
    bob.subscribe("c").await;
    ann.subscribe("c").await;
    ann.received_before_pong().await;
    let fault = json!({ "connection": ann.id(), "dropAfterAccept": true });
    server.control("/faults", fault).await;
    // A rejected message is not accepted, and the drop applies to the next accepted one.
    let rejected = json!({ "type": "channel_message", "channel": "", "id": "x", "ack": true });
    ann.send(rejected).await;
    assert_eq!(ann.until("ack").await["code"], "invalid");
    ann.send(json!([message("c", "m1", &json!(1)), message("c", "m2", &json!(2))])).await;
    assert_eq!(ann.next_event().await, ClientEvent::Cut);
    assert_eq!(bob.until("channel_message").await["id"], "m1");
    assert_eq!(server.shown("/log?channel=c").await["head"], 1);
    let mut ann = server.full().await;
    assert_eq!(ann.publish("c", "m1", json!(1)).await["seq"], 1);
    assert_eq!(ann.publish("c", "m2", json!(2)).await["seq"], 2);
}

#[tokio::test]
async fn next_faults_apply_to_open_and_future_connections_until_cleared() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    server.control("/faults", json!({ "connection": "next", "lose": 1 })).await;
    let mut bob = server.full().await;
    ann.subscribe("c").await;
    bob.subscribe("c").await;
    publish(&server, 1).await;
    assert!(seqs(&ann.received_before_pong().await).iter().all(|seq| *seq != 1));
    bob.send(json!({ "type": "ping" })).await;
    assert_eq!(bob.until("pong").await["heads"]["c"]["seq"], 1);
    server.control("/faults", json!({ "connection": "next", "clear": true })).await;
    let mut zoe = server.full().await;
    zoe.subscribe("c").await;
    publish(&server, 1).await;
    for client in [&mut ann, &mut bob, &mut zoe] {
        assert_eq!(client.until("channel_message").await["seq"], 2);
    }
}

#[tokio::test]
async fn future_faults_do_not_affect_open_connections() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    server.control("/faults", json!({ "connection": "future", "drop": true })).await;
    if let Ok(mut bob) = Client::try_open(server.address(), "", &[]).await {
        assert_eq!(bob.next_event().await, ClientEvent::Cut);
    }
    assert!(ann.received_before_pong().await.is_empty());
}

#[tokio::test]
async fn invalid_fault_is_rejected_with_a_reason() {
    let server = TestServer::start().await;
    let control = server.server.control().expect("a control endpoint");
    for (body, status) in [
        (r#"{"connection":"all","lose":2}"#, 400),
        (r#"{"connection":"all","loose":1}"#, 400),
        (r#"{"connection":"all","close":7}"#, 400),
        (r#"{"lose":1}"#, 400),
        (r#"{"connection":"nobody","drop":true}"#, 404),
    ] {
        let (answered, why) = post(control, "/faults", body).await;
        assert_eq!(answered, status, "{body}");
        assert!(why["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn expired_token_is_rejected_and_a_newer_one_accepted() {
    let server = TestServer::start().await;
    let make = |jti: &str| token(&json!({ "sub": "ann", "exp": in_seconds(600.0), "jti": jti }));
    let old = make("1");
    let mut ann = Client::open(server.address(), "", &[]).await;
    ann.auth(Some(&old), ALL).await;
    let mut bob = server.user("bob").await;
    let expired = server.control("/tokens/expire", json!({ "user": "ann" })).await;
    assert_eq!(expired["applied"], 1);
    assert_eq!(ann.expect("error").await["code"], "token_expired");
    assert_eq!(ann.next_event().await, ClientEvent::Closed(4001));
    assert!(bob.received_before_pong().await.is_empty());
    let mut again = Client::open(server.address(), "", &[]).await;
    again.send(json!({ "type": "auth", "token": old })).await;
    assert_eq!(again.expect("error").await["code"], "token_expired");
    assert_eq!(again.next_event().await, ClientEvent::Closed(4001));
    let mut newer = Client::open(server.address(), "", &[]).await;
    newer.auth(Some(&make("2")), ALL).await;
}

#[tokio::test]
async fn new_token_within_the_grace_period_keeps_the_connection() {
    let server = TestServer::start().await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    server.control("/tokens/expire", json!({ "graceMs": 2_000 })).await;
    let newer = token(&json!({ "sub": "ann", "exp": in_seconds(900.0), "jti": "n" }));
    ann.auth(Some(&newer), ALL).await;
    assert_eq!(bob.expect("error").await["code"], "token_expired");
    assert_eq!(bob.next_event().await, ClientEvent::Closed(4001));
    assert!(ann.received_before_pong().await.is_empty());
}
