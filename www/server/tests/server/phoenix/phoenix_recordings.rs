//! What the real Phoenix was seen to do.

use serde_json::json;
use tidewire_server::config::{Config, PhoenixSettings};
use tokio_tungstenite::tungstenite::Error;

use super::recording::{Cast, Line, Order, read};
use super::socket::{Came, Socket};
use crate::setup::{TestServer, open_config};

async fn server() -> TestServer {
    let phoenix = Some(PhoenixSettings::default());
    TestServer::with(Config { phoenix, ..open_config() }).await
}

/// Plays a recording of Phoenix.
async fn play(name: &str, vsn: &str) {
    let server = server().await;
    let path = format!("/socket/websocket?vsn={vsn}");
    let mut cast = Cast::new(server.address(), vsn, Order::Kept);
    let mut scene = String::new();
    for line in read(name) {
        // That one was an application of the recorded server, which has no place here.
        if scene.starts_with("realtime:*") && !matches!(line, Line::Scene(_)) {
            continue;
        }
        match line {
            Line::Scene(title) => {
                scene = title;
                if scene.starts_with("websocket ping") {
                    cast.socket('A').ping(b"hi".to_vec()).await;
                }
                if scene.starts_with("server-side disconnect") {
                    let sockets = server.shown("/phoenix/sockets").await;
                    let first = json!({ "socket": sockets[0]["id"], "disconnect": true });
                    server.control("/phoenix/sockets", first).await;
                }
            }
            Line::Opened(client) => cast.open(client, &path).await,
            Line::Sent(client, frame) => cast.send(client, &frame).await,
            Line::Came(client, frame) => cast.expect(client, &frame).await,
            Line::Pong(client, bytes) => {
                assert_eq!(cast.socket(client).came().await, Came::Pong(bytes));
            }
            Line::Closed(client, _) if scene == "client closes 1000" => cast.dismiss(client),
            Line::Closed(client, code) => assert_eq!(cast.ends(client).await, Came::Closed(code)),
            Line::Note(_) => assert!(scene.starts_with("connect refused"), "{scene}"),
        }
    }
    cast.finish().await;
}

#[tokio::test]
async fn version_1_does_what_the_real_server_did() {
    play("phoenix-v1.txt", "1.0.0").await;
}

#[tokio::test]
async fn version_2_does_what_the_real_server_did() {
    play("phoenix-v2.txt", "2.0.0").await;
}

#[tokio::test]
async fn refused_handshakes_are_answered_as_the_real_server_did() {
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
        let refused = Socket::try_open(address, &path, &[]).await;
        let Err(Error::Http(answer)) = refused else { panic!("{query} was not refused") };
        assert_eq!(answer.status(), expected, "{query}");
        if expected == 403 {
            assert!(answer.body().as_deref().unwrap_or_default().is_empty(), "{query}");
        }
    }
    let mut plain = Socket::open(address, "/socket/websocket").await;
    plain.send(r#"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}"#).await;
    let Came::Text(text) = plain.came().await else { panic!("a text frame") };
    assert!(text.starts_with('{'), "{text}");
}
