//! A base server: no extension is visible, and its clients exchange messages with connections that
//! have extensions.

use serde_json::json;

use crate::client::Client;
use crate::setup::{ALL, TestServer, in_seconds, token};

#[tokio::test]
async fn base_server_answers_auth_without_features() {
    let server = TestServer::start().await;
    let token = token(&json!({ "sub": "ann", "exp": in_seconds(60.0) }));
    let mut client = Client::open(server.address(), "?features=none", &["jwt", &token]).await;
    client.auth(None, ALL).await;
    let auth_success = client.auth_success.as_object().expect("an object");
    assert_eq!(auth_success.keys().collect::<Vec<_>>(), ["connectionId", "type"]);
    client.send(json!({ "type": "ping" })).await;
    assert_eq!(client.next().await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn client_without_features_receives_the_answer_of_a_base_server() {
    let server = TestServer::start().await;
    let mut client = Client::open(server.address(), "", &[]).await;
    client.send(json!({ "type": "auth", "token": null })).await;
    let auth_success = client.next().await;
    assert_eq!(auth_success.as_object().map(|w| w.len()), Some(2));
}

#[tokio::test]
async fn base_message_is_sent_verbatim_to_all_base_connections_including_the_sender() {
    let server = TestServer::start().await;
    let (mut ann, mut bob) = (server.base().await, server.base().await);
    let text = r#"{ "type":"channel_message", "channel":"room", "id":1, "n":1.0, "big":12345678901234567890123 }"#;
    ann.send_text(text).await;
    let expected: serde_json::Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(ann.next().await, expected);
    assert_eq!(bob.next().await, expected);
    let own_type = json!({ "type": "subscribe", "channel": "room", "mine": true });
    bob.send(own_type.clone()).await;
    assert_eq!(ann.next().await, own_type);
}

#[tokio::test]
async fn message_without_a_channel_is_relayed_verbatim() {
    let server = TestServer::start().await;
    let mut ann = server.base().await;
    let mut bob = server.full().await;
    bob.subscribe("default").await;
    ann.send(json!({ "type": "channel_message", "x": 1 })).await;
    assert_eq!(ann.next().await, json!({ "type": "channel_message", "x": 1 }));
    let message = bob.until("channel_message").await;
    assert_eq!((&message["channel"], &message["payload"]), (&json!("default"), &json!({ "x": 1 })));
}

#[tokio::test]
async fn base_and_enveloped_connections_exchange_messages() {
    let server = TestServer::start().await;
    let mut base = server.base().await;
    let mut full = server.full().await;
    let joined = full.subscribe("room").await;

    base.send(json!({ "type": "greeting", "channel": "room", "id": "mine", "text": "hi" })).await;
    let message = full.until("channel_message").await;
    assert_eq!(message["payload"], json!({ "type": "greeting", "id": "mine", "text": "hi" }));
    assert_eq!((&message["seq"], &message["epoch"]), (&json!(1), &joined["epoch"]));
    assert_ne!(message["id"], "mine");
    assert_eq!(base.next().await["text"], "hi");

    full.publish("room", "m1", json!({ "text": "hello" })).await;
    assert_eq!(
        base.next().await,
        json!({ "type": "channel_message", "channel": "room", "text": "hello" })
    );
    full.publish("room", "m2", json!([1, 2])).await;
    assert_eq!(
        base.next().await,
        json!({ "type": "channel_message", "channel": "room", "payload": [1, 2] })
    );
}

#[tokio::test]
async fn enveloped_connection_receives_only_subscribed_channels() {
    let server = TestServer::start().await;
    let mut base = server.base().await;
    let mut full = server.full().await;
    full.subscribe("a").await;
    full.received_before_pong().await;
    base.send(json!({ "type": "channel_message", "channel": "b", "x": 1 })).await;
    base.received_before_pong().await;
    assert_eq!(full.received_before_pong().await, Vec::<serde_json::Value>::new());
}
