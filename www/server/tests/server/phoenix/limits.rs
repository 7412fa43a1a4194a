//! Limits of the Supabase subset.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::socket::{Socket, SocketEvent};
use super::supabase_setup::{joining, member, quick, supabase_server};
use crate::setup::TestServer;
use tidewire_server::config::SupabaseSettings;

async fn with(settings: SupabaseSettings) -> TestServer {
    TestServer::with(super::supabase_setup::config(settings)).await
}

async fn track(socket: &mut Socket, n: usize) {
    let payload = json!({ "type": "presence", "event": "track", "payload": { "n": n } });
    socket.push("realtime:r", &n.to_string(), "realtime:r", "presence", payload).await;
}

#[tokio::test]
async fn sixth_presence_call_closes_the_channel() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    ann.join("realtime:r", joining(&json!({}))).await;
    for n in 0..6 {
        track(&mut ann, n).await;
    }
    let system = ann.until("system").await;
    assert_eq!(
        system[4],
        json!({ "message": "Client presence rate limit exceeded", "status": "error",
                "extension": "system", "channel": "r" })
    );
    assert_eq!(
        ann.next().await,
        json!(["realtime:r", "realtime:r", "realtime:r", "phx_close", {}])
    );
    assert_eq!(ann.received_before_pong().await, Vec::<Value>::new());
}

#[tokio::test]
async fn join_beyond_the_channel_limit_is_rejected() {
    let server = with(SupabaseSettings { max_channels: 1, ..quick() }).await;
    let mut ann = member(&server).await;
    assert_eq!(ann.join("realtime:1", joining(&json!({}))).await["status"], "ok");
    let rejected = ann.join("realtime:2", joining(&json!({}))).await;
    assert_eq!(rejected["response"]["reason"], "ChannelRateLimitReached: Too many channels");
}

#[tokio::test]
async fn join_rate_is_shared_and_exceeding_it_closes_the_channel() {
    let server = with(SupabaseSettings { joins_per_second: 2, ..quick() }).await;
    let (mut ann, mut bob) = (member(&server).await, member(&server).await);
    assert_eq!(ann.join("realtime:1", joining(&json!({}))).await["status"], "ok");
    assert_eq!(bob.join("realtime:1", joining(&json!({}))).await["status"], "ok");
    let rejected = ann.join("realtime:2", joining(&json!({}))).await;
    let reason = "ClientJoinRateLimitReached: Too many joins per second";
    assert_eq!(rejected["response"]["reason"], reason);
    assert_eq!(ann.next_event().await, SocketEvent::Closed(1001));
    assert_eq!(bob.received_before_pong().await, Vec::<Value>::new());
}

#[tokio::test]
async fn rejected_join_blocks_its_socket_until_answered() {
    let server = with(SupabaseSettings { join_rejection_delay_ms: 600, ..quick() }).await;
    let (mut ann, mut bob) = (member(&server).await, member(&server).await);
    ann.join("realtime:r", joining(&json!({}))).await;
    bob.join("realtime:r", joining(&json!({}))).await;
    let start = Instant::now();
    let config = joining(&json!({ "private": true }));
    ann.push("9", "9", "realtime:priv-no", "phx_join", config.clone()).await;
    ann.push("10", "10", "realtime:priv-no", "phx_join", config).await;
    let hello = json!({ "type": "broadcast", "event": "x", "payload": {} });
    bob.push("realtime:r", "2", "realtime:r", "broadcast", hello).await;
    assert_eq!(bob.received_before_pong().await, Vec::<Value>::new());
    assert!(start.elapsed() < Duration::from_millis(600), "other sockets are not blocked");
    ann.received_before_pong().await;
    assert!(start.elapsed() >= Duration::from_millis(1_200), "{:?}", start.elapsed());
}

#[tokio::test]
async fn frame_far_over_the_limit_closes_the_socket() {
    let settings = SupabaseSettings { max_payload_bytes: 100, max_frame_bytes: 1_000, ..quick() };
    let server = with(settings).await;
    let mut ann = member(&server).await;
    let config = json!({ "broadcast": { "ack": true } });
    ann.join("realtime:r", joining(&config)).await;
    let large =
        |bytes| json!({ "type": "broadcast", "event": "x", "payload": { "x": "x".repeat(bytes) } });
    ann.push("realtime:r", "2", "realtime:r", "broadcast", large(200)).await;
    let reply = ann.until("phx_reply").await;
    assert_eq!(reply[4], json!({ "status": "error", "response": "payload_size_exceeded" }));
    ann.push("realtime:r", "3", "realtime:r", "broadcast", large(2_000)).await;
    assert_eq!(ann.until_closed().await, SocketEvent::Closed(1009));
}

#[tokio::test]
async fn idle_socket_is_closed_with_1000() {
    let server = with(SupabaseSettings { idle_timeout_ms: 200, ..quick() }).await;
    let mut ann = member(&server).await;
    let start = Instant::now();
    assert_eq!(ann.next_event().await, SocketEvent::Closed(1000));
    assert!(start.elapsed() >= Duration::from_millis(215), "10 % later than configured");
}
