//! Private channels, replays and broadcasts of the Supabase subset.

use serde_json::{Value, json};

use super::socket::{Socket, SocketEvent};
use super::supabase_setup::{joining, key, member, path, supabase_server};
use crate::setup::http;

#[tokio::test]
async fn replay_has_the_newest_messages_and_needs_a_private_channel() {
    let server = supabase_server().await;
    for n in 1..=4 {
        let body = json!({ "topic": "r", "event": "x", "payload": { "n": n }, "private": true });
        server.control("/supabase/send", body).await;
    }
    let mut ann = member(&server).await;
    let replay = json!({ "since": 1, "limit": 2 });
    let config = json!({ "private": true, "broadcast": { "replay": replay } });
    assert_eq!(ann.join("realtime:r", joining(&config)).await["status"], "ok");
    for n in [3, 4] {
        let frame = ann.next().await;
        assert_eq!((&frame[0], &frame[3]), (&json!("realtime:r"), &json!("broadcast")));
        assert_eq!(
            (&frame[4]["payload"]["n"], &frame[4]["meta"]["replayed"]),
            (&json!(n), &json!(true))
        );
        assert_eq!(frame[4]["payload"]["id"], frame[4]["meta"]["id"]);
    }
    for (config, reason) in [
        (json!({ "broadcast": { "replay": replay } }), "Replay is not allowed for public channels"),
        (json!({ "broadcast": { "replay": null } }), "Replay is not allowed for public channels"),
        (
            json!({ "private": true, "broadcast": { "replay": { "limit": 3 } } }),
            "Replay params are not valid",
        ),
    ] {
        let rejected = ann.join("realtime:r2", joining(&config)).await;
        assert_eq!(rejected["response"]["reason"], format!("UnableToReplayMessages: {reason}"));
    }
}

#[tokio::test]
async fn role_without_read_right_is_removed_from_the_channel() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    ann.join("realtime:r", joining(&json!({ "private": true }))).await;
    let weaker = json!({ "access_token": key("anon", 600.0) });
    ann.push("realtime:r", "2", "realtime:r", "access_token", weaker).await;
    let system = ann.until("system").await;
    let message = "You no longer have permission to read from this Channel topic: r";
    assert_eq!(system[4]["message"], message);
    assert_eq!(ann.next().await[3], "phx_close");
}

#[tokio::test]
async fn denied_private_http_message_is_skipped_in_a_batch_and_rejected_alone() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    ann.join("realtime:r", joining(&json!({ "private": true }))).await;
    let anon = key("anon", 600.0);
    let post = async |path: &str, key: &str, body: Value| {
        let head = format!(
            "POST /realtime/v1/api/broadcast{path} HTTP/1.1\r\napikey: {key}\r\n\
             Content-Type: application/json\r\n"
        );
        http(server.address(), &head, &body.to_string()).await.0
    };
    let message =
        |n: u8| json!({ "topic": "r", "event": "x", "payload": { "n": n }, "private": true });
    assert_eq!(post("", &anon, json!({ "messages": [message(1)] })).await, 202);
    assert_eq!(post("/r/events/x?private=true", &anon, json!({ "n": 2 })).await, 403);
    let service = key("service_role", 600.0);
    assert_eq!(post("/r/events/x?private=true", &service, json!({ "n": 3 })).await, 202);
    assert_eq!(post("", &service, json!({ "messages": [message(4)] })).await, 202);
    assert_eq!(ann.until("broadcast").await[4]["payload"]["n"], 3);
    assert_eq!(ann.until("broadcast").await[4]["payload"]["n"], 4);
    assert_eq!(post("", "", json!({ "messages": [] })).await, 401);
    let no_object = json!({ "messages": [{ "topic": "r", "event": "x", "payload": 7 }] });
    assert_eq!(post("", &service, no_object).await, 422);
}

#[tokio::test]
async fn http_bytes_are_broadcast_as_a_binary_frame() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    ann.join("realtime:r", joining(&json!({}))).await;
    let anon = key("anon", 600.0);
    let head = format!(
        "POST /realtime/v1/api/broadcast/r/events/x HTTP/1.1\r\nAuthorization: Bearer {anon}\r\n\
         Content-Type: application/octet-stream\r\n"
    );
    assert_eq!(http(server.address(), &head, "raw").await.0, 202);
    assert_eq!(
        ann.next_event().await,
        SocketEvent::Binary(b"\x04\x0a\x01\x00\x00realtime:rxraw".to_vec())
    );
}

#[tokio::test]
async fn binary_payload_is_relayed_unchanged() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    let mut bob = Socket::open(server.address(), &path("1.0.0", &key("anon", 60.0))).await;
    ann.join("realtime:r", joining(&json!({}))).await;
    bob.send(r#"{"topic":"realtime:r","event":"phx_join","payload":{"config":{}},"ref":"1"}"#)
        .await;
    bob.next_event().await;
    ann.send_binary(b"\x03\x00\x00\x0a\x01\x00\x01realtime:rx{oops".to_vec()).await;
    let SocketEvent::Text(text) = bob.next_event().await else { panic!("a text frame") };
    assert!(text.contains(r#""payload":{oops"#) && serde_json::from_str::<Value>(&text).is_err());
}

#[tokio::test]
async fn any_api_key_is_accepted_when_configured() {
    let server = supabase_server().await;
    server.control("/supabase/settings", json!({ "anyKey": true })).await;
    let mut ann = Socket::open(server.address(), &path("2.0.0", "sb_publishable_x")).await;
    assert_eq!(ann.join("realtime:r", joining(&json!({}))).await["status"], "ok");
    let rejected = ann.join("realtime:p", joining(&json!({ "private": true }))).await;
    assert_eq!(rejected["status"], "error");
}
