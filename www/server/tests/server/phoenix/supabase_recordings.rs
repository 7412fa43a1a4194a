//! Recordings of a real Supabase Realtime server.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;

use super::recording::{Clients, Frame, Line, Order, read};
use super::socket::Socket;
use super::supabase_setup::{key, path, supabase_server};
use crate::setup::{TestServer, http, in_seconds, token};

/// Repeats a recorded action outside of the sockets.
async fn act(server: &TestServer, note: &str) {
    let service = key("service_role", 600.0);
    let rest = async |method: &str, at: &str, body: Value| {
        let head = format!(
            "{method} {at} HTTP/1.1\r\napikey: {service}\r\nContent-Type: application/json\r\n"
        );
        let (status, answer) = http(server.address(), &head, &body.to_string()).await;
        assert!((200..300).contains(&status), "{at} {status} {answer}");
        status
    };
    if note.starts_with("SQL select realtime.send") {
        let body = json!({ "topic": "priv-ok", "event": "dbevent", "payload": { "from": "db" }, "private": true });
        server.control("/supabase/send", body).await;
    } else if note.starts_with("SQL insert into todos") {
        let row =
            json!({ "owner": "me", "title": "t", "n": "1.50", "arr": "{1,2}", "data": { "a": 1 } });
        rest("POST", "/rest/v1/todos", row).await;
    } else if note.starts_with("SQL update todos") {
        rest("PATCH", "/rest/v1/todos?owner=eq.me", json!({ "title": "t2" })).await;
    } else if note.starts_with("SQL delete from todos") {
        rest("DELETE", "/rest/v1/todos?id=gt.0", json!(null)).await;
    } else if let Some(topic) = note.strip_prefix("REST to ") {
        let message = json!({ "topic": topic, "event": "rest", "payload": { "z": 1 } });
        let status =
            rest("POST", "/realtime/v1/api/broadcast", json!({ "messages": [message] })).await;
        assert_eq!(status, 202);
    } else {
        let known = note.starts_with("REST 202") || note.starts_with("SQL insert into secrets");
        assert!(known || note.contains("HTTP 401"), "{note}");
    }
}

/// Replays a recording of Supabase Realtime.
async fn replay(name: &str, vsn: &str) {
    let server = supabase_server().await;
    let mut clients = Clients::new(server.address(), vsn, Order::Free);
    let mut scenario = String::new();
    let (mut tokens, mut topic) = (0, String::new());
    for line in read(name) {
        match line {
            Line::Scenario(title) => {
                scenario = title;
                if scenario == "REST broadcast" {
                    act(&server, &format!("REST to {topic}")).await;
                }
            }
            Line::Opened(client) => {
                let life = if scenario.starts_with("token that expires") { 1.0 } else { 600.0 };
                clients.open(client, &path(vsn, &key("authenticated", life))).await;
            }
            Line::Sent(client, Frame::Text(text)) if text.contains("<jwt>") => {
                // The first token is valid, the following ones have expired.
                tokens += 1;
                let jwt = key("authenticated", if tokens == 1 { 300.0 } else { -5.2 });
                clients.send(client, &Frame::Text(text.replace("<jwt>", &jwt))).await;
            }
            Line::Sent(client, frame) => {
                if let (Frame::Text(text), true) = (&frame, topic.is_empty()) {
                    let at = text.find("realtime:").map(|at| at + "realtime:".len());
                    let name = at.and_then(|at| text[at..].split('"').next());
                    topic = name.unwrap_or_default().to_owned();
                }
                clients.send(client, &frame).await;
            }
            Line::SocketEvent(client, frame) => clients.expect(client, &frame).await,
            Line::Closed(client, _) => clients.dismiss(client),
            Line::Note(note) => act(&server, &note).await,
            Line::Pong(..) => panic!("there was no ping"),
        }
    }
    clients.finish().await;
}

#[tokio::test]
async fn v1_matches_the_recording() {
    replay("supabase-v1.txt", "1.0.0").await;
}

#[tokio::test]
async fn v2_matches_the_recording() {
    replay("supabase-v2.txt", "2.0.0").await;
}

#[tokio::test]
async fn rejected_supabase_handshake_has_a_delayed_reason() {
    let server = supabase_server().await;
    let unsigned = key("anon", 600.0);
    let (head, _) = unsigned.rsplit_once('.').expect("a token");
    let forged = format!("{head}.c2lnbmVkIGJ5IG5vYm9keQ");
    let bare = token(&json!({ "sub": "x", "exp": in_seconds(60.0) }));
    for (key, error) in [
        (String::new(), "API key is missing"),
        ("nonsense".into(), "The token provided is not a valid JWT"),
        (forged, "Failed to validate JWT signature"),
        (key("anon", -9.0), "Token has expired"),
        (bare, "Fields `role` and `exp` are required in JWT"),
    ] {
        let start = tokio::time::Instant::now();
        let rejected = Socket::try_open(server.address(), &path("2.0.0", &key), &[]).await;
        let Err(Error::Http(answer)) = rejected else { panic!("{error} was not rejected") };
        assert_eq!(answer.status(), 401);
        let body: Value =
            serde_json::from_slice(answer.body().as_deref().unwrap_or_default()).expect("JSON");
        assert_eq!(body, json!({ "error": error }));
        assert!(start.elapsed() >= std::time::Duration::from_millis(20));
    }
}
