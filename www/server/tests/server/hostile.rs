//! Invalid and hostile input.

use serde_json::json;
use tidewire_server::config::Config;
use tidewire_server::limits::Limits;

use crate::client::ClientEvent;
use crate::setup::{TestServer, open_config};

#[tokio::test]
async fn invalid_frame_is_counted_and_the_connection_stays_open() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let bad = [
        "",
        "nonsense",
        "7",
        "null",
        "\"x\"",
        "{",
        "{}",
        r#"{"type":"unknown"}"#,
        r#"{"type":7}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","channel":""}"#,
        r#"{"type":"subscribe","channel":7,"ref":1}"#,
        r#"{"type":"subscribe","channel":"c","ref":{}}"#,
        r#"{"type":"subscribe","channel":"c","since":3}"#,
        r#"{"type":"subscribe","channel":"c","since":{"epoch":"e","seq":-1}}"#,
        r#"{"type":"recover","channel":"c","epoch":"e","from":1,"to":2}"#,
        r#"{"type":"recover","channel":"c"}"#,
        r#"{"type":"presence","channel":"c","action":"dance"}"#,
        r#"{"type":"channel_message","channel":"c","id":7,"payload":1}"#,
        r#"{"type":"channel_message","channel":"","payload":1}"#,
    ];
    for text in bad {
        ann.send_text(text).await;
        let error = ann.expect("error").await;
        assert_eq!(error["code"], "invalid", "{text} {error}");
    }
    ann.send_binary(vec![2, 3, 4]).await;
    assert_eq!(ann.expect("error").await["code"], "invalid");
    assert_eq!(ann.subscribe("c").await["channel"], "c");
    let record = server.record(&ann.id()).await;
    assert_eq!(record["received"]["invalid"], bad.len() + 1);
    assert_eq!((&record["received"]["subscribe"], &record["open"]), (&json!(7), &json!(true)));
}

#[tokio::test]
async fn oversized_frame_is_rejected_and_a_huge_one_closes_the_connection() {
    let limits = Limits { max_frame_bytes: 10_000, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut ann = server.full().await;
    ann.send(json!({ "type": "ping", "pad": "x".repeat(11_000) })).await;
    assert_eq!(ann.expect("error").await["code"], "invalid");
    assert!(ann.received_before_pong().await.is_empty());
    // A message within the limit that would exceed it when sent with its envelope is rejected too.
    let ack = ann.publish("c", "m", json!("x".repeat(9_900))).await;
    assert_eq!((&ack["status"], &ack["code"]), (&json!("error"), &json!("invalid")));
    ann.send(json!({ "type": "ping", "pad": "x".repeat(200_000) })).await;
    assert!(matches!(ann.until_closed().await, ClientEvent::Closed(1009) | ClientEvent::Cut));
}

#[tokio::test]
async fn channel_names_have_no_special_meaning() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    for name in ["__proto__", "constructor", "'; DROP TABLE message; --", "\u{0}", "💥"] {
        assert_eq!(ann.subscribe(name).await["channel"], name);
        let payload = json!({ "__proto__": { "x": 1 }, "constructor": 1 });
        ann.send(crate::client::message(name, "__proto__", &payload)).await;
        let message = ann.until("channel_message").await;
        assert_eq!((&message["channel"], &message["payload"]), (&json!(name), &payload));
    }
    let long = "n".repeat(257);
    ann.send(json!({ "type": "subscribe", "channel": long, "ref": 1 })).await;
    assert_eq!(ann.until("error").await["code"], "invalid");
}
