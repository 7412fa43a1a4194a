//! Plain Phoenix sockets: tokens, limits, timeouts and faults, which were not recorded.

use std::time::Duration;

use serde_json::{Value, json};
use tidewire_server::config::{Adapter, Config, PhoenixSettings};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Error;

use super::socket::{Socket, SocketEvent};
use crate::setup::{TestServer, in_seconds, open_config, token};

const PATH: &str = "/socket/websocket?vsn=2.0.0";

async fn settings(settings: PhoenixSettings) -> TestServer {
    TestServer::with(Config { phoenix: Some(settings), ..open_config() }).await
}

async fn start() -> TestServer {
    settings(PhoenixSettings::default()).await
}

async fn open(server: &TestServer) -> Socket {
    Socket::open(server.address(), PATH).await
}

#[tokio::test]
async fn subprotocol_token_is_accepted_and_not_selected() {
    let phoenix = Some(PhoenixSettings::default());
    let server = TestServer::with(Config { anonymous: false, phoenix, ..open_config() }).await;
    let good = token(&json!({ "sub": "ann", "exp": in_seconds(60.0) }));
    let offer = async |token: &str| {
        let bearer = format!("base64url.bearer.phx.{}", base64(token));
        Socket::try_open(server.address(), PATH, &["phoenix", &bearer]).await
    };
    let mut ann = offer(&good).await.expect("accepted");
    let selected = ann.handshake.headers().get("sec-websocket-protocol").cloned();
    assert_eq!(selected.expect("one"), "phoenix");
    ann.join("presence:r", json!({})).await;
    let state = ann.until("presence_state").await;
    assert!(state[4]["ann"].is_object(), "the key is the user's: {state}");
    let rejected = offer("no.such.token").await;
    assert!(matches!(rejected, Err(Error::Http(answer)) if answer.status() == 403));
    let rejected = Socket::try_open(server.address(), PATH, &[]).await;
    assert!(matches!(rejected, Err(Error::Http(answer)) if answer.status() == 403));
}

/// Base64 without padding.
fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(text)
}

#[tokio::test]
async fn room_broadcasts_an_event_before_replying() {
    let server = start().await;
    let (mut ann, mut bob) = (open(&server).await, open(&server).await);
    ann.join("room:1", json!({})).await;
    bob.join("room:1", json!({})).await;
    ann.push("room:1", "2", "room:1", "moved", json!({ "x": 1 })).await;
    assert_eq!(ann.next().await, json!([null, null, "room:1", "moved", { "x": 1 }]));
    assert_eq!(ann.next().await[3], "phx_reply");
    assert_eq!(bob.next().await, json!([null, null, "room:1", "moved", { "x": 1 }]));
}

#[tokio::test]
async fn join_beyond_the_limit_is_rejected_and_a_rejoin_is_not() {
    let server = settings(PhoenixSettings { max_channels: 1, ..PhoenixSettings::default() }).await;
    let mut ann = open(&server).await;
    assert_eq!(ann.join("room:1", json!({})).await["status"], "ok");
    assert_eq!(ann.join("room:1", json!({})).await["status"], "ok");
    let rejected = ann.join("room:2", json!({})).await;
    assert_eq!(rejected["response"]["reason"], "too many channels joined");
}

#[tokio::test]
async fn idle_socket_is_closed_with_the_code_of_its_adapter() {
    for (adapter, code) in [(Adapter::Bandit, 1002), (Adapter::Cowboy, 1000)] {
        let idle_timeout_ms = 800;
        let server =
            settings(PhoenixSettings { idle_timeout_ms, adapter, ..PhoenixSettings::default() })
                .await;
        let mut ann = open(&server).await;
        let start = Instant::now();
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert_eq!(ann.received_before_pong().await, Vec::<Value>::new());
        }
        assert_eq!(ann.next_event().await, SocketEvent::Closed(code));
        assert!(start.elapsed() >= Duration::from_millis(1_800));
    }
}

#[tokio::test]
async fn server_frames_do_not_reset_the_idle_timeout() {
    let idle_timeout_ms = 400;
    let server = settings(PhoenixSettings { idle_timeout_ms, ..PhoenixSettings::default() }).await;
    let (mut silent, mut ann) = (open(&server).await, open(&server).await);
    silent.join("room:1", json!({})).await;
    ann.join("room:1", json!({})).await;
    let send = async {
        loop {
            ann.push("room:1", "2", "room:1", "tick", json!({})).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        ended = silent.until_closed() => assert_eq!(ended, SocketEvent::Closed(1002)),
        () = send => {}
    }
}

#[tokio::test]
async fn drain_closes_sockets_with_and_without_channels_differently() {
    let server = start().await;
    let (mut ann, mut idle) = (open(&server).await, open(&server).await);
    ann.join("room:1", json!({})).await;
    server.control("/phoenix/sockets", json!({ "drain": true })).await;
    assert_eq!(ann.next_event().await, SocketEvent::Closed(1012));
    assert_eq!(idle.next_event().await, SocketEvent::Closed(1000));
    let mut ann = open(&server).await;
    ann.join("room:1", json!({})).await;
    let shutdown = tokio::spawn(server.server.shutdown());
    assert_eq!(ann.next_event().await, SocketEvent::Closed(1012));
    shutdown.await.expect("the server shuts down");
}

#[tokio::test]
async fn control_closes_and_crashes_channels() {
    let server = start().await;
    let mut ann = open(&server).await;
    ann.join("room:1", json!({})).await;
    server.control("/phoenix/sockets", json!({ "crash": "room:1" })).await;
    let error = json!(["room:1", "room:1", "room:1", "phx_error", { "reason": "channel_crash" }]);
    assert_eq!(ann.next().await, error);
    ann.join("room:1", json!({})).await;
    server.control("/phoenix/sockets", json!({ "closeChannel": "room:1" })).await;
    assert_eq!(ann.next().await, json!(["room:1", "room:1", "room:1", "phx_close", {}]));
}

#[tokio::test]
async fn control_sends_text_to_a_socket_and_broadcasts_to_a_topic() {
    let server = start().await;
    let (mut ann, mut bob) = (open(&server).await, open(&server).await);
    ann.join("room:1", json!({})).await;
    bob.received_before_pong().await;
    let news = json!({ "topic": "room:1", "event": "news", "payload": { "n": 1 } });
    server.control("/phoenix/broadcast", news).await;
    assert_eq!(ann.next().await, json!([null, null, "room:1", "news", { "n": 1 }]));
    server.control("/phoenix/sockets", json!({ "say": "{oops" })).await;
    assert_eq!(ann.next_event().await, SocketEvent::Text("{oops".into()));
    assert_eq!(bob.next_event().await, SocketEvent::Text("{oops".into()));
}

#[tokio::test]
async fn join_faults_fail_the_given_number_of_joins() {
    let server = start().await;
    let mut ann = open(&server).await;
    let fault = json!({ "topic": "room:*", "reason": "busy", "times": 2 });
    server.control("/phoenix/joins", fault).await;
    assert_eq!(ann.join("echo:1", json!({})).await["status"], "ok");
    for _ in 0..2 {
        let rejected = ann.join("room:1", json!({})).await;
        assert_eq!(rejected, json!({ "status": "error", "response": { "reason": "busy" } }));
    }
    assert_eq!(ann.join("room:1", json!({})).await["status"], "ok");
    server.control("/phoenix/joins", json!({})).await;
    assert_eq!(ann.join("room:2", json!({})).await["response"]["reason"], "join crashed");
    let seen = server.shown("/phoenix/joins").await;
    assert_eq!(seen["joins"].as_array().map(Vec::len), Some(5));
    assert_eq!(seen["mostPerSecond"], 5);
    assert_eq!(seen["joins"][0]["outcome"], "ok");
}

#[tokio::test]
async fn socket_faults_abort_close_delay_and_silence() {
    let server = start().await;
    let mut ann = open(&server).await;
    ann.join("echo:1", json!({})).await;
    server.control("/phoenix/sockets", json!({ "delayMs": 150 })).await;
    let start = Instant::now();
    ann.push("echo:1", "2", "echo:1", "ok", json!({})).await;
    ann.until("phx_reply").await;
    assert!(start.elapsed() >= Duration::from_millis(140));
    server.control("/phoenix/sockets", json!({ "delayMs": 0, "silent": true })).await;
    ann.push("echo:1", "3", "echo:1", "ok", json!({})).await;
    let silence = tokio::time::timeout(Duration::from_millis(100), ann.next_event()).await;
    assert!(silence.is_err(), "{silence:?}");
    server.control("/phoenix/sockets", json!({ "silent": false })).await;
    assert_eq!(ann.until("phx_reply").await[1], "3");
    let id = server.shown("/phoenix/sockets").await[0]["id"].clone();
    server.control("/phoenix/sockets", json!({ "socket": id, "close": 4321 })).await;
    assert_eq!(ann.next_event().await, SocketEvent::Closed(4321));
    let mut bob = open(&server).await;
    bob.received_before_pong().await;
    server.control("/phoenix/sockets", json!({ "cut": true })).await;
    assert_eq!(bob.next_event().await, SocketEvent::Cut);
    let shown = server.shown("/phoenix/sockets").await;
    assert_eq!(shown[0]["closeCode"], 4321);
    assert_eq!((&shown[0]["received"], &shown[0]["open"]), (&json!(3), &json!(false)));
}

#[tokio::test]
async fn rejection_modes_apply_to_phoenix_sockets() {
    let server = start().await;
    for (mode, status) in [("handshake", 503), ("auth", 403)] {
        server.control("/reject", json!({ "mode": mode })).await;
        let rejected = Socket::try_open(server.address(), PATH, &[]).await;
        assert!(matches!(rejected, Err(Error::Http(answer)) if answer.status() == status));
    }
    server.control("/reject", json!({ "mode": "off" })).await;
    open(&server).await.close().await;
}

#[tokio::test]
async fn phoenix_is_not_served_unless_configured() {
    let server = TestServer::start().await;
    for path in [PATH, "/realtime/v1/websocket?apikey=x", "/rest/v1/notes"] {
        let rejected = Socket::try_open(server.address(), path, &[]).await;
        assert!(matches!(rejected, Err(Error::Http(answer)) if answer.status() == 404), "{path}");
    }
}

#[tokio::test]
async fn burst_in_one_write_is_received_by_every_member_without_closing_any() {
    let server = start().await;
    let (mut ann, mut bob) = (open(&server).await, open(&server).await);
    ann.join("room:1", json!({})).await;
    bob.join("room:1", json!({})).await;
    let push = |n: u32| json!(["room:1", n.to_string(), "room:1", "moved", { "n": n }]).to_string();
    ann.send_at_once((0..10_000).map(push)).await;
    let replies = async {
        for n in 0..10_000 {
            assert_eq!(ann.until("phx_reply").await[1], n.to_string());
        }
    };
    let moves = async {
        for n in 0..10_000 {
            assert_eq!(bob.next().await[4]["n"], n);
        }
    };
    tokio::join!(replies, moves);
}

#[tokio::test]
async fn large_pushes_in_one_write_are_received_by_every_member() {
    let server = start().await;
    let (mut ann, mut bob) = (open(&server).await, open(&server).await);
    ann.join("echo:1", json!({})).await;
    bob.join("echo:1", json!({})).await;
    let pad = "x".repeat(3 << 20);
    let push =
        |n: u32| json!(["echo:1", n.to_string(), "echo:1", "shout_from", [n, pad]]).to_string();
    let send = ann.send_at_once((0..8).map(push));
    let moves = async {
        for n in 0..8 {
            assert_eq!(bob.next().await[4][0], n);
        }
    };
    tokio::join!(send, moves);
    assert_eq!(ann.received_before_pong().await.len(), 8);
}
