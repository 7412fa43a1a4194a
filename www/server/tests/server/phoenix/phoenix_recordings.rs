//! Recordings of a real Phoenix server.

use serde_json::json;
use tidewire_server::config::{Config, PhoenixSettings};
use tokio_tungstenite::tungstenite::Error;

use super::recording::{Clients, Line, Order, read};
use super::socket::{Socket, SocketEvent};
use crate::setup::{TestServer, open_config};

async fn server() -> TestServer {
    let phoenix = Some(PhoenixSettings::default());
    TestServer::with(Config { phoenix, ..open_config() }).await
}

/// Replays a recording of Phoenix.
async fn replay(name: &str, vsn: &str) {
    let server = server().await;
    let path = format!("/socket/websocket?vsn={vsn}");
    let mut clients = Clients::new(server.address(), vsn, Order::Kept);
    let mut scenario = String::new();
    for line in read(name) {
        // This scenario is of an application of the recorded server, which this server does not have.
        if scenario.starts_with("realtime:*") && !matches!(line, Line::Scenario(_)) {
            continue;
        }
        match line {
            Line::Scenario(title) => {
                scenario = title;
                if scenario.starts_with("websocket ping") {
                    clients.socket('A').ping(b"hi".to_vec()).await;
                }
                if scenario.starts_with("server-side disconnect") {
                    let sockets = server.shown("/phoenix/sockets").await;
                    let first = json!({ "socket": sockets[0]["id"], "disconnect": true });
                    server.control("/phoenix/sockets", first).await;
                }
            }
            Line::Opened(client) => clients.open(client, &path).await,
            Line::Sent(client, frame) => clients.send(client, &frame).await,
            Line::SocketEvent(client, frame) => clients.expect(client, &frame).await,
            Line::Pong(client, bytes) => {
                assert_eq!(clients.socket(client).next_event().await, SocketEvent::Pong(bytes));
            }
            Line::Closed(client, _) if scenario == "client closes 1000" => clients.dismiss(client),
            Line::Closed(client, code) => {
                assert_eq!(clients.ends(client).await, SocketEvent::Closed(code));
            }
            Line::Note(_) => assert!(scenario.starts_with("connect refused"), "{scenario}"),
        }
    }
    clients.finish().await;
}

#[tokio::test]
async fn v1_matches_the_recording() {
    replay("phoenix-v1.txt", "1.0.0").await;
}

#[tokio::test]
async fn v2_matches_the_recording() {
    replay("phoenix-v2.txt", "2.0.0").await;
}

#[tokio::test]
async fn rejected_phoenix_handshakes_match_the_recording() {
    let server = server().await;
    let address = server.address();
    for (query, expected) in [
        ("refuse=error", 403),
        ("refuse=reason", 403),
        ("refuse=crash", 500),
        ("vsn=3.0.0", 403),
        ("vsn=abc", 403),
        ("vsn=2", 403),
    ] {
        let path = format!("/socket/websocket?{query}");
        let rejected = Socket::try_open(address, &path, &[]).await;
        let Err(Error::Http(answer)) = rejected else { panic!("{query} was not rejected") };
        assert_eq!(answer.status(), expected, "{query}");
        if expected == 403 {
            assert!(answer.body().as_deref().unwrap_or_default().is_empty(), "{query}");
        }
    }
    let mut plain = Socket::open(address, "/socket/websocket").await;
    plain.send(r#"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}"#).await;
    let SocketEvent::Text(text) = plain.next_event().await else { panic!("a text frame") };
    assert!(text.starts_with('{'), "{text}");
}
