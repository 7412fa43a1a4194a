//! Values nested deeper than 128: rejected on every path, and never relayed.

use serde_json::{Value, json};
use tidewire_server::config::{Config, PhoenixSettings, TableConfig};

use crate::client::{Client, message};
use crate::phoenix::{Socket, joining, key, path, quick};
use crate::setup::{TestServer, config_with, http, post};

/// JSON text nested this deep.
fn nested(depth: usize) -> String {
    let (arrays, objects) = (depth / 2, depth - depth / 2);
    let (open, close) = ("{\"a\":".repeat(objects), "}".repeat(objects));
    format!("{open}{}0{}{close}", "[".repeat(arrays), "]".repeat(arrays))
}

/// Depths, and whether they are accepted: the maximum, the first beyond it, and far beyond it.
const DEPTHS: [(usize, bool); 4] = [(128, true), (129, false), (1_000, false), (20_000, false)];

async fn server() -> TestServer {
    let tables = [("notes", TableConfig::default())];
    let (phoenix, supabase) = (Some(PhoenixSettings::default()), Some(quick()));
    let config = Config { phoenix, supabase, domains: true, ..config_with(&tables) };
    TestServer::with(config).await
}

/// Sends a value and returns whether it was accepted; a rejection is `invalid`.
async fn is_accepted(client: &mut Client, channel: &str, frame: &str) -> bool {
    client.send_text(frame).await;
    let mut rejection = None;
    for frame in client.received_before_pong().await {
        match frame["type"].as_str() {
            Some("error") => rejection = Some(frame),
            Some("ack") if frame["status"] == "error" => rejection = Some(frame),
            _ => {}
        }
    }
    if let Some(rejection) = &rejection {
        assert_eq!(
            (&rejection["code"], &rejection["channel"]),
            (&json!("invalid"), &json!(channel))
        );
    }
    rejection.is_none()
}

#[tokio::test]
async fn frame_nested_too_deeply_is_rejected_and_not_delivered() {
    let server = server().await;
    let (mut ann, mut bob) = (server.full().await, server.full().await);
    for channel in ["room", "notes"] {
        ann.subscribe(channel).await;
        bob.subscribe(channel).await;
    }
    bob.received_before_pong().await;
    for (depth, passes) in DEPTHS {
        let id = format!("m{depth}");
        // A row and a meta add one level to the value inside.
        let (value, inside) = (nested(depth), nested(depth - 1));
        let row = nested(depth - 2);
        let frames = [
            (
                "room",
                format!(
                    r#"{{"type":"channel_message","channel":"room","id":"{id}","ack":true,"payload":{value}}}"#
                ),
            ),
            ("room", format!(r#"{{"type":"channel_message","channel":"room","payload":{value}}}"#)),
            (
                "room",
                format!(r#"{{"type":"ephemeral","channel":"room","event":"e","payload":{value}}}"#),
            ),
            (
                "room",
                format!(
                    r#"{{"type":"presence","channel":"room","ref":1,"action":"track","meta":{{"m":{inside}}}}}"#
                ),
            ),
            (
                "room",
                format!(
                    r#"{{"type":"presence","channel":"room","ref":1,"action":"update","meta":{{"m":{inside}}}}}"#
                ),
            ),
            (
                "notes",
                format!(
                    r#"{{"type":"channel_message","channel":"notes","id":"{id}","event":"insert","ack":true,"payload":{{"row":{{"id":"r{depth}","x":{row}}}}}}}"#
                ),
            ),
            (
                "notes",
                format!(
                    r#"{{"type":"channel_message","channel":"notes","id":"{id}u","event":"update","ack":true,"payload":{{"row":{{"id":"r128","x":{row}}}}}}}"#
                ),
            ),
        ];
        for (channel, frame) in &frames {
            assert_eq!(is_accepted(&mut ann, channel, frame).await, passes, "{depth} {channel}");
        }
        let received = bob.received_before_pong().await.len();
        assert_eq!(received, if passes { frames.len() } else { 0 }, "{depth}");
    }
    for (depth, passes) in DEPTHS {
        let key = json!({ "key": format!("r{depth}") });
        let ack = ann.change("notes", &format!("d{depth}"), "delete", key).await;
        assert_eq!(ack["status"] == "ok", passes, "{depth} {ack}");
    }
}

#[tokio::test]
async fn merged_message_depth_includes_the_envelope() {
    let server = server().await;
    let (mut ann, mut bob) = (server.base().await, server.base().await);
    for (depth, passes) in DEPTHS {
        let value = nested(depth - 1);
        let frame = format!(r#"{{"type":"mine","channel":"room","x":{value}}}"#);
        assert_eq!(is_accepted(&mut ann, "room", &frame).await, passes, "{depth}");
        assert_eq!(bob.received_before_pong().await.len(), usize::from(passes), "{depth}");
    }
}

#[tokio::test]
async fn http_value_nested_too_deeply_is_rejected() {
    let server = server().await;
    let bearer = crate::setup::token(&json!({ "sub": "ann" }));
    let service = key("service_role", 60.0);
    for (depth, passes) in DEPTHS {
        let payload = nested(depth);
        let field = nested(depth - 2);
        let plain = |path: &str| format!("POST {path} HTTP/1.1\r\n");
        let api =
            format!("POST /api/campaigns/1/calls HTTP/1.1\r\nAuthorization: Bearer {bearer}\r\n");
        let rest = format!("POST /rest/v1/notes HTTP/1.1\r\napikey: {service}\r\n");
        let broadcast = "/realtime/v1/api/broadcast";
        let batch = format!("POST {broadcast} HTTP/1.1\r\napikey: {service}\r\n");
        let single = format!(
            "POST {broadcast}/room/events/e HTTP/1.1\r\napikey: {service}\r\nContent-Type: application/json\r\n"
        );
        let requests = [
            (plain("/publish"), format!(r#"{{"channel":"room","payload":{payload}}}"#)),
            (plain("/tables/notes"), format!(r#"{{"change":"insert","row":{{"x":{field}}}}}"#)),
            (api, format!(r#"{{"caller_number":"1","metadata":{field}}}"#)),
            (rest, format!(r#"{{"x":{field}}}"#)),
            (
                batch,
                format!(r#"{{"messages":[{{"topic":"room","event":"e","payload":{payload}}}]}}"#),
            ),
            (single, payload.clone()),
        ];
        for (head, body) in requests {
            let (status, answer) = http(server.address(), &head, &body).await;
            assert_eq!(matches!(status, 200..=202), passes, "{depth} {head} {status} {answer}");
            assert!(passes || matches!(status, 400 | 422), "{depth} {head} {status} {answer}");
        }
    }
    let head = server.full().await.subscribe("room").await["head"].clone();
    assert_eq!(head, DEPTHS.iter().filter(|(_, passes)| *passes).count());
}

/// Pushes, and returns the payload of the reply.
async fn pushed(socket: &mut Socket, topic: &str, event: &str, payload: &str) -> Value {
    socket.send(&format!(r#"["{topic}","9","{topic}","{event}",{payload}]"#)).await;
    loop {
        let reply = socket.until("phx_reply").await;
        if reply[1] == "9" {
            return reply[4].clone();
        }
    }
}

#[tokio::test]
async fn phoenix_push_nested_too_deeply_is_answered_with_an_error() {
    let server = server().await;
    let socket = "/socket/websocket?vsn=2.0.0";
    let (mut ann, mut bob) = (
        Socket::open(server.address(), socket).await,
        Socket::open(server.address(), socket).await,
    );
    for topic in ["room:1", "presence:1", "echo:1"] {
        ann.join(topic, json!({})).await;
        bob.join(topic, json!({})).await;
    }
    bob.received_before_pong().await;
    for (depth, passes) in DEPTHS {
        let value = nested(depth);
        let mut relayed = 0;
        for (topic, event, visible) in [
            ("room:1", "moved", true),
            ("presence:1", "update", true),
            ("echo:1", "shout_from", true),
            ("echo:1", "echo", false),
            ("echo:2", "phx_join", false),
        ] {
            let answer = pushed(&mut ann, topic, event, &value).await;
            assert_eq!(answer["status"] == "ok", passes, "{depth} {event} {answer}");
            assert!(passes || answer["response"]["code"] == "invalid", "{depth} {event} {answer}");
            relayed += usize::from(passes && visible);
        }
        assert_eq!(bob.received_before_pong().await.len(), relayed, "{depth}");
    }
}

#[tokio::test]
async fn supabase_push_nested_too_deeply_is_answered_with_an_error() {
    let server = server().await;
    let address = path("2.0.0", &key("authenticated", 600.0));
    let (mut ann, mut bob) = (
        Socket::open(server.address(), &address).await,
        Socket::open(server.address(), &address).await,
    );
    let topic = "realtime:room";
    let config = json!({ "broadcast": { "ack": true }, "presence": { "enabled": true } });
    ann.join(topic, joining(&config)).await;
    bob.join(topic, joining(&config)).await;
    bob.received_before_pong().await;
    for (depth, passes) in DEPTHS {
        let inner = nested(depth - 1);
        let broadcast = format!(r#"{{"type":"broadcast","event":"e","payload":{inner}}}"#);
        let track = format!(r#"{{"type":"presence","event":"track","payload":{inner}}}"#);
        for (event, payload) in [("broadcast", broadcast), ("presence", track)] {
            let answer = pushed(&mut ann, topic, event, &payload).await;
            assert_eq!(answer["status"] == "ok", passes, "{depth} {event} {answer}");
        }
        let mut binary = b"\x03\x00\x00\x0d\x01\x00\x01realtime:roome".to_vec();
        binary.extend(nested(depth).into_bytes());
        ann.send_binary(binary).await;
        let answer = ann.until("phx_reply").await;
        assert_eq!(answer[4]["status"] == "ok", passes, "{depth} {answer}");
        let received = bob.count_before_reply().await;
        assert_eq!(received, if passes { 3 } else { 0 }, "{depth}");
    }
}

#[tokio::test]
async fn large_flat_value_is_accepted() {
    let server = server().await;
    let (mut ann, mut bob) = (server.full().await, server.full().await);
    bob.subscribe("room").await;
    let flat = json!([{ "text": "x".repeat(1 << 20) }, "[".repeat(1_000), { "{": "}" }]);
    ann.send(message("room", "m", &flat)).await;
    assert_eq!(ann.until("ack").await["status"], "ok");
    assert_eq!(bob.until("channel_message").await["payload"], flat);
    let body = json!({ "channel": "room", "payload": flat }).to_string();
    assert_eq!(post(server.address(), "/publish", &body).await.0, 200);
}
