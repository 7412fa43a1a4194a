//! Presence in Realtime channels: cases that were not recorded.

use serde_json::{Value, json};
use tidewire_server::config::{Config, PhoenixSettings};
use tidewire_server::limits::Limits;

use super::socket::Socket;
use super::supabase_setup::{config, joining, member, quick, supabase_server};
use crate::setup::TestServer;

/// Makes a presence call; returns all frames up to a heartbeat, among them the reply.
async fn call(socket: &mut Socket, payload: Value) -> Vec<Value> {
    socket.push("realtime:r", "7", "realtime:r", "presence", payload).await;
    socket.received_before_pong().await
}

fn track(meta: &Value) -> Value {
    json!({ "type": "presence", "event": "TRACK", "payload": meta })
}

#[tokio::test]
async fn unchanged_track_is_acknowledged_and_not_broadcast() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    ann.join("realtime:r", joining(&json!({ "presence": { "key": "a", "enabled": true } }))).await;
    ann.until("presence_state").await;
    let first = call(&mut ann, track(&json!({ "n": 1, "m": 2 }))).await;
    assert_eq!(first.len(), 2, "{first:?}");
    let again = call(&mut ann, track(&json!({ "m": 2, "n": 1 }))).await;
    assert_eq!(again.len(), 1, "{again:?}");
    assert_eq!(again[0][4]["status"], "ok");
    let untracked = call(&mut ann, json!({ "event": "untrack" })).await;
    assert_eq!(untracked.len(), 2, "{untracked:?}");
    let again = call(&mut ann, json!({ "event": "untrack" })).await;
    assert_eq!(again.len(), 1, "{again:?}");
}

#[tokio::test]
async fn track_requires_an_object_and_write_access() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    ann.join("realtime:r", joining(&json!({}))).await;
    let rejected = call(&mut ann, track(&json!([1]))).await;
    let reason = json!({ "reason": "Presence track payload must be a map" });
    assert_eq!(rejected[0][4], json!({ "status": "error", "response": reason }));
    let mut bob = member(&server).await;
    let config = json!({ "private": true, "presence": { "enabled": true } });
    assert_eq!(bob.join("realtime:priv-ro", joining(&config)).await["status"], "ok");
    bob.until("presence_state").await;
    let at = "realtime:priv-ro";
    bob.push(at, "2", at, "presence", track(&json!({}))).await;
    let denied = bob.received_before_pong().await;
    assert_eq!(denied[0][4], json!({ "status": "error", "response": {} }));
    assert_eq!(denied.len(), 1, "{denied:?}");
}

#[tokio::test]
async fn replication_ready_message_is_sent_on_request() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    let config = json!({ "broadcast": { "replication_ready": true } });
    ann.join("realtime:r", joining(&config)).await;
    let system = ann.until("system").await;
    assert_eq!(system[4]["message"], "Replication connection established");
}

#[tokio::test]
async fn topic_presence_is_limited() {
    let limits = Limits { presence_bytes: 300, ..Limits::default() };
    let phoenix = Some(PhoenixSettings::default());
    let server = TestServer::with(Config { limits, phoenix, ..config(quick()) }).await;
    let path = "/socket/websocket?vsn=2.0.0";
    let mut sockets =
        [Socket::open(server.address(), path).await, Socket::open(server.address(), path).await];
    let join = |key: &str| json!({ "key": key, "meta": {} });
    sockets[0].join("presence:1", join("ann")).await;
    sockets[1].join("presence:1", join("bob")).await;
    for (who, size, status) in [(0, 200, "ok"), (1, 200, "error"), (1, 50, "ok")] {
        let socket = &mut sockets[who];
        socket
            .push("presence:1", "9", "presence:1", "update", json!({ "x": "x".repeat(size) }))
            .await;
        let answer = socket.until("phx_reply").await;
        assert_eq!(answer[4]["status"], status, "{answer}");
        assert!(status == "ok" || answer[4]["response"]["code"] == "limit", "{answer}");
    }
    let mut cat = member(&server).await;
    let topic = "realtime:room";
    cat.join(topic, joining(&json!({ "presence": { "enabled": true } }))).await;
    for (size, status) in [(500, "error"), (50, "ok")] {
        let track = json!({ "event": "track", "payload": { "x": "x".repeat(size) } });
        cat.push(topic, "9", topic, "presence", track).await;
        assert_eq!(cat.until("phx_reply").await[4]["status"], status);
    }
}
