//! Notifications, which only their user may read and change.

use serde_json::json;

use super::{Request, config, start};
use crate::setup::{TestServer, get, http, in_seconds, post, token};

#[tokio::test]
async fn notifications_of_another_user_are_forbidden_everywhere() {
    let server = start().await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    bob.subscribe("notifications:bob").await;
    bob.received_before_pong().await;
    ann.send(json!({ "type": "subscribe", "channel": "notifications:bob", "ref": 1 })).await;
    assert_eq!(ann.until("error").await["code"], "forbidden");
    let row = json!({ "row": { "title": "Hello" } });
    assert_eq!(ann.change("notifications:bob", "m1", "insert", row).await["code"], "forbidden");
    for method in ["GET", "POST"] {
        let body = json!({ "title": "Hello" });
        let request = Request { method, path: "users/bob/notifications", key: "", body };
        let (status, answer) = request.by(&server, "ann").await;
        assert_eq!((status, &answer["error"]["code"]), (403, &json!("forbidden")), "{method}");
    }
    let path = "/tables/notifications:bob";
    assert_eq!(get(server.address(), path).await.0, 401);
    let claims = json!({ "sub": "bob", "exp": in_seconds(60.0) });
    let head = format!("GET {path} HTTP/1.1\r\nAuthorization: Bearer {}\r\n", token(&claims));
    assert_eq!(http(server.address(), &head, "").await.0, 200);
    assert_eq!(bob.received_before_pong().await, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn anonymous_users_have_no_notifications() {
    let open = tidewire_server::config::Config { anonymous: true, ..config() };
    let server = TestServer::with(open).await;
    let mut visitor = server.full().await;
    visitor.send(json!({ "type": "subscribe", "channel": "notifications:", "ref": 1 })).await;
    assert_eq!(visitor.until("error").await["code"], "forbidden");
    assert_eq!(get(server.address(), "/tables/notifications:bob").await.0, 403);
    let mut everywhere = server.base().await;
    let body = json!({ "channel": "notifications:bob", "event": "insert",
        "payload": { "row": { "title": "Hello", "category": "payment" } } });
    assert_eq!(post(server.address(), "/publish", &body.to_string()).await.0, 200);
    assert_eq!(everywhere.received_before_pong().await, Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn users_read_and_dismiss_their_notifications() {
    let server = start().await;
    let mut bob = server.user("bob").await;
    bob.subscribe("notifications:bob").await;
    let body = json!({ "channel": "notifications:bob", "event": "insert",
        "payload": { "row": { "title": "Paid", "category": "payment", "priority": "high" } } });
    assert_eq!(post(server.address(), "/publish", &body.to_string()).await.0, 200);
    let row = bob.until("channel_message").await["payload"]["row"].clone();
    assert_eq!((&row["read"], &row["type"]), (&json!(false), &json!("info")));
    let read = json!({ "row": { "id": row["id"], "read": true } });
    let ack = bob.change("notifications:bob", "m1", "update", read).await;
    assert_eq!(ack["payload"]["read"], true);
    let dismissed = json!({ "key": row["id"] });
    assert_eq!(bob.change("notifications:bob", "m2", "delete", dismissed).await["status"], "ok");
}

#[tokio::test]
async fn supabase_subset_excludes_personal_tables() {
    let config = tidewire_server::config::Config {
        supabase: Some(tidewire_server::config::SupabaseSettings {
            any_key: true,
            ..Default::default()
        }),
        ..config()
    };
    let server = TestServer::with(config).await;
    let rest = async |table: &str| {
        let head = format!("GET /rest/v1/{table}?select=* HTTP/1.1\r\napikey: any\r\n");
        http(server.address(), &head, "").await.0
    };
    assert_eq!((rest("campaigns").await, rest("notifications:bob").await), (200, 404));
}
