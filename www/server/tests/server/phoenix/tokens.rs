//! Tokens of Realtime channels.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::socket::Socket;
use super::supabase_setup::{joining, key, member, path, supabase_server};

async fn renew(socket: &mut Socket, token: Value) {
    let payload = json!({ "access_token": token });
    socket.push("realtime:r", "7", "realtime:r", "access_token", payload).await;
}

#[tokio::test]
async fn channel_token_expiry_closes_the_channel_and_a_newer_token_extends_it() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    let start = Instant::now();
    let mut config = joining(&json!({}));
    config["access_token"] = key("authenticated", 0.4).into();
    ann.join("realtime:r", config).await;
    renew(&mut ann, key("authenticated", 0.8).into()).await;
    let system = ann.until("system").await;
    assert_eq!(system[4]["message"], "Token has expired 0 seconds ago");
    let elapsed = start.elapsed();
    assert!((780..3_000).contains(&elapsed.as_millis()), "{elapsed:?}");
    assert_eq!(ann.next().await[3], "phx_close");
    // The socket's own token is still valid, and the socket is open.
    assert_eq!(ann.join("realtime:r", joining(&json!({}))).await["status"], "ok");
}

#[tokio::test]
async fn unchanged_token_is_ignored_and_an_empty_one_is_invalid() {
    let server = supabase_server().await;
    let own = key("authenticated", 60.0);
    let mut ann = Socket::open(server.address(), &path("2.0.0", &own)).await;
    let changes = json!({ "postgres_changes": [{ "event": "*", "schema": "public" }] });
    ann.join("realtime:r", joining(&changes)).await;
    assert_eq!(ann.next().await[4]["message"], "Subscribed to PostgreSQL");
    for token in [json!(null), json!(own), json!("sb_publishable_x")] {
        renew(&mut ann, token).await;
    }
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(ann.received_before_pong().await, Vec::<Value>::new());
    renew(&mut ann, key("authenticated", 90.0).into()).await;
    assert_eq!(ann.next().await[4]["message"], "Subscribed to PostgreSQL");
    renew(&mut ann, "".into()).await;
    assert_eq!(ann.next().await[4]["message"], "The token provided is not a valid JWT");
    assert_eq!(ann.next().await[3], "phx_close");
}

#[tokio::test]
async fn control_expires_tokens() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    ann.join("realtime:r", joining(&json!({}))).await;
    server.control("/supabase/sockets", json!({ "expireTokens": true })).await;
    assert_eq!(ann.next().await[4]["message"], "Token has expired 0 seconds ago");
    assert_eq!(ann.next().await[3], "phx_close");
    // The token is no longer accepted, on open or new sockets; a newer one is.
    let reason = "InvalidJWTToken: Token has expired 0 seconds ago";
    assert_eq!(ann.join("realtime:r", joining(&json!({}))).await["response"]["reason"], reason);
    let newer = json!({ "config": {}, "access_token": key("authenticated", 60.0) });
    assert_eq!(ann.join("realtime:r", newer).await["status"], "ok");
}

#[tokio::test]
async fn socket_with_an_expired_token_stays_open_but_cannot_join() {
    let server = supabase_server().await;
    let at = path("2.0.0", &key("authenticated", 0.2));
    let mut ann = Socket::open(server.address(), &at).await;
    tokio::time::sleep(Duration::from_millis(250)).await;
    let rejected = ann.join("realtime:r", joining(&json!({}))).await;
    let reason = "InvalidJWTToken: Token has expired 0 seconds ago";
    assert_eq!(rejected["response"]["reason"], reason);
}
