//! Authentication: tokens, expiry, and channel access.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tidewire_server::config::{Config, KeyConfig, KeyMaterial};
use tidewire_server::limits::Limits;

use crate::client::{Client, ClientEvent};
use crate::setup::{ALL, TestServer, in_seconds, open_config, token};

const PRIVATE: &[u8] = include_bytes!("keys/rs256-private.pem");
const PUBLIC: &[u8] = include_bytes!("keys/rs256-public.pem");

fn strict() -> Config {
    Config { anonymous: false, ..open_config() }
}

/// Sends an `auth` frame; returns the error, and the event after it.
async fn rejected(server: &TestServer, protocols: &[&str], token: Value) -> (Value, ClientEvent) {
    let mut client = Client::open(server.address(), "", protocols).await;
    client.send(json!({ "type": "auth", "token": token, "features": ALL })).await;
    let error = client.expect("error").await;
    (error, client.next_event().await)
}

#[tokio::test]
async fn valid_token_is_answered_with_the_negotiated_settings() {
    let server = TestServer::with(strict()).await;
    let mut client = Client::open(server.address(), "?features=subscribe,seq,reauth", &[]).await;
    let token = token(&json!({ "sub": "ann", "exp": in_seconds(60.0) }));
    client.auth(Some(&token), ALL).await;
    let auth_success = &client.auth_success;
    assert_eq!(auth_success["features"], json!(["subscribe", "seq", "reauth"]));
    assert_eq!(auth_success["user"], "ann");
    assert_eq!(auth_success["heartbeatMs"], 30_000);
    assert_eq!(auth_success["maxFrameBytes"], 16 << 20);
    assert_eq!(auth_success["ackMemoryMs"], 120_000);
    let left = auth_success["expiresInMs"].as_u64().expect("a number");
    assert!((1..=60_000).contains(&left), "{left}");
}

#[tokio::test]
async fn subprotocol_token_is_overridden_by_the_auth_frame() {
    let server = TestServer::with(strict()).await;
    let ann = token(&json!({ "sub": "ann" }));
    let bob = token(&json!({ "sub": "bob" }));
    let mut client = Client::open(server.address(), "", &["jwt", &ann]).await;
    client.auth(None, ALL).await;
    assert_eq!(client.auth_success["user"], "ann");
    let mut client = Client::open(server.address(), "", &["jwt", &ann]).await;
    client.auth(Some(&bob), ALL).await;
    assert_eq!(client.auth_success["user"], "bob");
    let (error, end) = rejected(&server, &["jwt", &ann], json!("not.a.token")).await;
    assert_eq!((&error["code"], end), (&json!("unauthorized"), ClientEvent::Closed(4001)));
}

#[tokio::test]
async fn rs256_token_is_verified_and_its_public_key_is_not_an_hs256_secret() {
    let keys =
        vec![KeyConfig { kid: Some("r".into()), material: KeyMaterial::Rs256(PUBLIC.to_vec()) }];
    let server = TestServer::with(Config { keys, ..strict() }).await;
    let claims = json!({ "sub": "ann", "exp": in_seconds(60.0) });
    let private = EncodingKey::from_rsa_pem(PRIVATE).expect("a key");
    let good = encode(&Header::new(Algorithm::RS256), &claims, &private).expect("signs");
    let mut client = Client::open(server.address(), "", &[]).await;
    client.auth(Some(&good), ALL).await;
    assert_eq!(client.auth_success["user"], "ann");

    let as_secret = EncodingKey::from_secret(PUBLIC);
    let forged = encode(&Header::new(Algorithm::HS256), &claims, &as_secret).expect("signs");
    let (error, end) = rejected(&server, &[], json!(forged)).await;
    assert_eq!((&error["code"], end), (&json!("unauthorized"), ClientEvent::Closed(4001)));
}

#[tokio::test]
async fn close_code_depends_on_the_token_error() {
    let server = TestServer::with(strict()).await;
    let (error, end) = rejected(&server, &[], Value::Null).await;
    assert_eq!((&error["code"], end), (&json!("unauthorized"), ClientEvent::Closed(4001)));
    let expired = token(&json!({ "sub": "ann", "exp": in_seconds(-1.0) }));
    let (error, end) = rejected(&server, &[], json!(expired)).await;
    assert_eq!((&error["code"], end), (&json!("token_expired"), ClientEvent::Closed(4001)));
    let forbidden = token(&json!({ "sub": "ann", "forbidden": true }));
    let (error, end) = rejected(&server, &[], json!(forbidden)).await;
    assert_eq!((&error["code"], end), (&json!("forbidden"), ClientEvent::Closed(4002)));
    assert!(error["message"].is_string() && error["retryable"].is_boolean());
    assert_eq!(server.shown("/stats").await["rejected"], 3);
}

#[tokio::test]
async fn connection_without_auth_is_closed_and_not_served() {
    let limits = Limits { auth_timeout_ms: 1_000, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut client = Client::open(server.address(), "", &[]).await;
    client.send(json!({ "type": "subscribe", "channel": "a", "ref": 1 })).await;
    assert_eq!(client.expect("error").await["code"], "unauthorized");
    assert_eq!(client.expect("error").await["code"], "unauthorized");
    assert_eq!(client.next_event().await, ClientEvent::Closed(4001));
}

#[tokio::test]
async fn expired_token_closes_the_connection_unless_renewed() {
    let server = TestServer::with(strict()).await;
    let short = || token(&json!({ "sub": "ann", "exp": in_seconds(2.0) }));
    let long = token(&json!({ "sub": "ann", "exp": in_seconds(600.0) }));
    let mut expired = Client::open(server.address(), "", &[]).await;
    expired.auth(Some(&short()), ALL).await;
    let mut renewed = Client::open(server.address(), "", &[]).await;
    renewed.auth(Some(&short()), ALL).await;
    renewed.auth(Some(&long), ALL).await;
    assert_eq!(expired.expect("error").await["code"], "token_expired");
    assert_eq!(expired.next_event().await, ClientEvent::Closed(4001));
    // Both short tokens were issued together, so that of the renewed connection has expired too.
    assert_eq!(renewed.received_before_pong().await, Vec::<Value>::new());
}

#[tokio::test]
async fn reauth_requires_the_extension_and_the_same_user() {
    let server = TestServer::with(strict()).await;
    let ann = token(&json!({ "sub": "ann" }));
    let bob = token(&json!({ "sub": "bob" }));
    let mut plain = Client::open(server.address(), "?features=subscribe", &[]).await;
    plain.auth(Some(&ann), ALL).await;
    plain.send(json!({ "type": "auth", "token": ann })).await;
    assert_eq!(plain.expect("error").await["code"], "invalid");
    assert!(plain.received_before_pong().await.is_empty());

    let mut client = Client::open(server.address(), "", &[]).await;
    client.auth(Some(&ann), ALL).await;
    client.send(json!({ "type": "auth", "token": bob })).await;
    assert_eq!(client.expect("error").await["code"], "unauthorized");
    assert_eq!(client.next_event().await, ClientEvent::Closed(4001));
}

#[tokio::test]
async fn token_claims_limit_the_channels() {
    let server = TestServer::with(strict()).await;
    let limited = token(&json!({ "sub": "ann", "channels": ["news", "room:*"] }));
    let mut ann = Client::open(server.address(), "", &[]).await;
    ann.auth(Some(&limited), ALL).await;
    ann.subscribe("room:1").await;
    ann.send(json!({ "type": "subscribe", "channel": "secret", "ref": "x" })).await;
    let error = ann.until("error").await;
    assert_eq!((&error["ref"], &error["code"]), (&json!("x"), &json!("forbidden")));
    let ack = ann.publish("secret", "m", json!(1)).await;
    assert_eq!((&ack["status"], &ack["code"]), (&json!("error"), &json!("forbidden")));

    let mut base = Client::open(server.address(), "?features=none", &[]).await;
    base.auth(Some(&limited), &[]).await;
    let mut bob = server.user("bob").await;
    bob.publish("secret", "s", json!({ "x": 1 })).await;
    bob.publish("news", "n", json!({ "x": 2 })).await;
    assert_eq!(base.next().await["channel"], "news");
}

#[tokio::test]
async fn narrower_token_ends_uncovered_memberships() {
    let server = TestServer::with(strict()).await;
    let mut ann = server.user("ann").await;
    ann.subscribe("a").await;
    ann.subscribe("b").await;
    let narrow = token(&json!({ "sub": "ann", "channels": ["a"] }));
    ann.send(json!({ "type": "auth", "token": narrow })).await;
    ann.until("auth_success").await;
    let ended = ann.expect("unsubscribed").await;
    assert_eq!(ended["channel"], "b");
    assert_eq!((&ended["ref"], &ended["code"]), (&json!("b"), &json!("forbidden")));
}
