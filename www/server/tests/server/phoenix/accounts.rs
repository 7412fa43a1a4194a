//! Signing in at `/auth/v1`.

use serde_json::{Value, json};
use tidewire_server::config::SupabaseSettings;

use super::supabase_setup::{config, quick};
use crate::setup::{TestServer, get, http, post};

async fn server() -> TestServer {
    let users = [("ann@demo.test".to_owned(), "demo".to_owned())];
    let settings = SupabaseSettings { users: users.into(), token_ttl_ms: 60_000, ..quick() };
    TestServer::with(config(settings)).await
}

#[tokio::test]
async fn password_opens_a_session_and_each_refresh_token_works_once() {
    let server = server().await;
    let at = "/auth/v1/token?grant_type=";
    let sign_in = async |body: Value| {
        post(server.address(), &format!("{at}password"), &body.to_string()).await
    };
    let (status, session) = sign_in(json!({ "email": "ann@demo.test", "password": "demo" })).await;
    assert_eq!((status, &session["expires_in"]), (200, &json!(60)));
    assert_eq!(sign_in(json!({ "email": "ann@demo.test", "password": "x" })).await.0, 400);
    assert_eq!(sign_in(json!({ "email": "ann@demo.test" })).await.0, 400);
    assert_eq!(sign_in(json!({ "email": "bob@demo.test", "password": "demo" })).await.0, 400);
    let refresh = json!({ "refresh_token": session["refresh_token"] }).to_string();
    let (status, newer) = post(server.address(), &format!("{at}refresh_token"), &refresh).await;
    assert_eq!((status, &newer["user"]["id"]), (200, &session["user"]["id"]));
    assert_eq!(post(server.address(), &format!("{at}refresh_token"), &refresh).await.0, 400);
    let bearer = newer["access_token"].as_str().expect("a token");
    let head = format!("GET /auth/v1/user HTTP/1.1\r\nAuthorization: Bearer {bearer}\r\n");
    let (status, user) = http(server.address(), &head, "").await;
    assert_eq!((status, &user["email"]), (200, &json!("ann@demo.test")));
    let head = format!("POST /auth/v1/logout HTTP/1.1\r\nAuthorization: Bearer {bearer}\r\n");
    assert_eq!(http(server.address(), &head, "").await.0, 204);
    let refresh = json!({ "refresh_token": newer["refresh_token"] }).to_string();
    assert_eq!(post(server.address(), &format!("{at}refresh_token"), &refresh).await.0, 400);
}

#[tokio::test]
async fn demo_has_an_anonymous_key_and_users() {
    let demo = tidewire_server::config::Config { demo: true, ..crate::setup::open_config() };
    let server = TestServer::with(demo).await;
    let (_, answer) = get(server.address(), "/demo/anon-key").await;
    let key = answer["key"].as_str().expect("a key");
    let head = format!("GET /rest/v1/notes?select=id HTTP/1.1\r\napikey: {key}\r\n");
    let (status, rows) = http(server.address(), &head, "").await;
    assert_eq!((status, &rows[0]["id"]), (200, &json!("note-1")));
    let body = json!({ "email": "ann@demo.test", "password": "demo" }).to_string();
    let at = "/auth/v1/token?grant_type=password";
    assert_eq!(post(server.address(), at, &body).await.0, 200);
}
