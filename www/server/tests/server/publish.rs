//! Publishing over HTTP, the demo's endpoints, and files.

use serde_json::json;
use tidewire_server::config::{Config, PublishAccess};

use crate::client::Client;
use crate::setup::{ALL, TestServer, get, http, open_config, post, raw_http};

#[tokio::test]
async fn published_message_is_numbered_delivered_and_idempotent() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("news").await;
    let body = r#"{"channel":"news","event":"flash","payload":{"n":1},"id":"h1"}"#;
    let (status, placed) = post(server.address(), "/publish", body).await;
    assert_eq!((status, &placed["id"], &placed["seq"]), (200, &json!("h1"), &json!(1)));
    let message = ann.until("channel_message").await;
    assert_eq!((&message["event"], &message["payload"]), (&json!("flash"), &json!({ "n": 1 })));
    assert_eq!(message["epoch"], placed["epoch"]);
    assert_eq!(post(server.address(), "/publish", body).await.1, placed);
    assert!(ann.received_before_pong().await.is_empty());
}

#[tokio::test]
async fn invalid_publish_request_names_the_error() {
    let server = TestServer::start().await;
    for body in [
        "",
        "[]",
        "{}",
        r#"{"channel":"c"}"#,
        r#"{"channel":"","payload":1}"#,
        r#"{"channel":7,"payload":1}"#,
    ] {
        let (status, answer) = post(server.address(), "/publish", body).await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!("invalid")), "{body}");
    }
}

#[tokio::test]
async fn publish_access_can_require_a_bearer_token_or_be_closed() {
    let publish = PublishAccess::Bearer("sesame".into());
    let server = TestServer::with(Config { publish, ..open_config() }).await;
    let body = r#"{"channel":"c","payload":1}"#;
    assert_eq!(post(server.address(), "/publish", body).await.0, 401);
    for (secret, status) in [("sesamf", 401), ("sesame", 200)] {
        let head = format!("POST /publish HTTP/1.1\r\nAuthorization: Bearer {secret}\r\n");
        assert_eq!(http(server.address(), &head, body).await.0, status);
    }
    let closed = Config { publish: PublishAccess::Closed, ..open_config() };
    let server = TestServer::with(closed).await;
    assert_eq!(post(server.address(), "/publish", body).await.0, 403);
}

#[tokio::test]
async fn open_publish_accepts_any_origin() {
    let server = TestServer::start().await;
    let head = "POST /publish HTTP/1.1\r\nOrigin: http://elsewhere.example\r\n";
    let (status, headers, _) =
        raw_http(server.address(), head, r#"{"channel":"c","payload":1}"#).await;
    assert_eq!(status, 200);
    assert!(headers.contains("access-control-allow-origin: *"), "{headers}");
}

#[tokio::test]
async fn demo_token_connects_and_notes_have_a_position() {
    let server = TestServer::with(Config { demo: true, anonymous: false, ..open_config() }).await;
    let (_, issued) = get(server.address(), "/demo/token?user=zoe&ttl=60").await;
    let token = issued["token"].as_str().expect("a token");
    assert!(issued["expiresAt"].as_u64().is_some());
    let mut zoe = Client::open(server.address(), "", &[]).await;
    zoe.auth(Some(token), ALL).await;
    assert_eq!(zoe.auth_success["user"], "zoe");
    let (_, again) = get(server.address(), "/demo/token?user=zoe&ttl=60").await;
    assert_ne!(again["token"], issued["token"]);
    let (_, notes) = get(server.address(), "/demo/notes").await;
    assert!(notes["rows"].as_array().is_some_and(|rows| rows.len() > 1));
    let joined = zoe.resume("notes", &notes["position"]["epoch"], 0).await;
    assert_eq!(joined["recovered"], true);
    assert_eq!(get(server.address(), "/demo/token?user=zoe&ttl=-1").await.0, 400);
}

#[tokio::test]
async fn demo_is_off_by_default() {
    let server = TestServer::start().await;
    assert_eq!(get(server.address(), "/demo/token").await.0, 404);
    assert_eq!(get(server.address(), "/demo/notes").await.0, 404);
}

#[tokio::test]
async fn demo_traffic_publishes_parcels() {
    let server = TestServer::with(Config { demo_traffic: true, ..open_config() }).await;
    let mut ann = server.full().await;
    ann.subscribe("feed").await;
    let event = ann.until("channel_message").await;
    assert!(event["payload"]["parcel"].is_string(), "{event}");
}

#[tokio::test]
async fn static_files_have_content_types_and_only_those_of_the_directory_are_served() {
    let directory = std::env::temp_dir().join(format!("tidewire-files-{}", std::process::id()));
    std::fs::create_dir_all(directory.join("www")).expect("a directory");
    for (name, text) in
        [("secret", "s"), ("www/index.html", "<p>"), ("www/e.wasm", "w"), ("www/m.js", "")]
    {
        std::fs::write(directory.join(name), text).expect("a file");
    }
    let static_dir = Some(directory.join("www"));
    let server = TestServer::with(Config { static_dir, ..open_config() }).await;
    for (path, kind) in
        [("/", "text/html"), ("/e.wasm", "application/wasm"), ("/m.js", "text/javascript")]
    {
        let head = format!("GET {path} HTTP/1.1\r\n");
        let (status, headers, _) = raw_http(server.address(), &head, "").await;
        assert_eq!(status, 200, "{path}");
        assert!(headers.contains(&format!("content-type: {kind}")), "{path} {headers}");
    }
    for path in ["/../secret", "/%2e%2e/secret", "/..%2fsecret"] {
        assert_eq!(get(server.address(), path).await.0, 404, "{path}");
    }
    std::fs::remove_dir_all(directory).expect("removed");
}
