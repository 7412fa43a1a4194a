//! Each collection over HTTP: read, created, changed and deleted, and published on its channel.

use serde_json::{Value, json};

use super::{Request, collections, config, get, patch, post, row, rows, start};
use crate::client::Client;
use crate::setup::{TestServer, raw_http};

/// The message of this mutation; skips derived messages.
async fn message_of_mutation(client: &mut Client, id: &str) -> Value {
    loop {
        let message = client.until("channel_message").await;
        if message["id"] == id {
            return message;
        }
    }
}

#[tokio::test]
async fn every_collection_supports_read_create_update_and_delete() {
    let server = start().await;
    let mut tab = server.user("ann").await;
    for (path, channel, row_given, fields) in collections() {
        tab.subscribe(channel).await;
        let before = rows(&server, path).await.len();
        let key = format!("{channel}-create");
        let create = Request { method: "POST", path, key: &key, body: row_given.clone() };
        let (status, created) = create.by(&server, "ann").await;
        assert_eq!(status, 201, "{path} {created}");
        let made = &created["data"];
        for (name, value) in row_given.as_object().expect("an object") {
            assert_eq!(made[name], *value, "{path}");
        }
        assert_eq!(made["version"], 1);
        assert!(made["created_at"].is_string() && made["updated_at"].is_string(), "{path}");
        let insert = message_of_mutation(&mut tab, &key).await;
        assert_eq!((&insert["channel"], &insert["event"]), (&json!(channel), &json!("insert")));
        assert_eq!(insert["payload"], json!({ "row": made, "mutation": key }));

        assert_eq!(create.by(&server, "ann").await, (201, created.clone()), "resent");
        assert_eq!(rows(&server, path).await.len(), before + 1, "{path}");

        let item = format!("{path}/{}", made["id"].as_str().expect("a key"));
        assert_eq!(row(&server, &item).await, *made);
        let key = format!("{channel}-update");
        let update = Request { method: "PATCH", path: &item, key: &key, body: fields.clone() };
        let (status, updated) = update.by(&server, "ann").await;
        assert_eq!(status, 200, "{item} {updated}");
        for (name, value) in fields.as_object().expect("an object") {
            assert_eq!(updated["data"][name], *value, "{path}");
        }
        let update = message_of_mutation(&mut tab, &key).await;
        assert_eq!(update["event"], "update");
        assert_eq!(update["payload"]["row"], updated["data"]);
        assert!(updated["data"]["updated_at"].as_str() >= made["updated_at"].as_str());

        let key = format!("{channel}-delete");
        let remove = Request { method: "DELETE", path: &item, key: &key, body: Value::Null };
        for _ in ["first", "again"] {
            assert_eq!(remove.by(&server, "ann").await, (200, json!({ "data": null })), "{item}");
        }
        let deleted = message_of_mutation(&mut tab, &key).await;
        assert_eq!(deleted["payload"]["key"], made["id"]);
        assert_eq!(get(&server, &item).await.0, 404);
        assert_eq!(rows(&server, path).await.len(), before);
        tab.send(json!({ "type": "unsubscribe", "channel": channel, "ref": 1 })).await;
        tab.until("unsubscribed").await;
    }
}

#[tokio::test]
async fn snapshot_and_stream_from_its_position_are_complete() {
    let server = start().await;
    let path = "bills/1/comments";
    post(&server, path, json!({ "body": "Before." })).await;
    let (_, snapshot) = get(&server, path).await;
    post(&server, path, json!({ "body": "Between." })).await;
    let mut bob = server.user("bob").await;
    let position = &snapshot["position"];
    let seq = position["seq"].as_u64().expect("a number");
    let joined = bob.resume("comments:1", &position["epoch"], seq).await;
    assert_eq!(joined["recovered"], true);
    post(&server, path, json!({ "body": "After." })).await;
    let mut all = snapshot["data"].as_array().expect("rows").clone();
    for payload in bob.payloads(2).await {
        all.push(payload["row"].clone());
    }
    let key = |row: &Value| row["id"].as_str().map(ToOwned::to_owned);
    all.sort_by_key(key);
    assert_eq!(all, rows(&server, path).await);
}

#[tokio::test]
async fn failed_request_has_a_status_and_a_code() {
    let server = start().await;
    for (method, path, body, status, code) in [
        ("POST", "bills", json!({ "number": "HB 1" }), 422, "invalid"),
        ("POST", "bills", json!([]), 422, "invalid"),
        ("POST", "bills", json!({ "number": "1", "title": "t", "colour": "red" }), 422, "invalid"),
        ("POST", "bills", json!({ "id": "1", "number": "1", "title": "t" }), 409, "conflict"),
        ("PATCH", "bills/1", json!({ "status": "lost" }), 422, "invalid"),
        ("PATCH", "bills/1", json!({ "status": "floor", "version": 9 }), 409, "conflict"),
        ("PATCH", "bills/99", json!({ "status": "floor" }), 404, "not_found"),
        ("DELETE", "bills/99", Value::Null, 404, "not_found"),
        ("GET", "bills/99", Value::Null, 404, "not_found"),
        ("GET", "laws", Value::Null, 404, "not_found"),
    ] {
        let request = Request { method, path, key: "", body };
        let (answered, answer) = request.by(&server, "ann").await;
        assert_eq!((answered, &answer["error"]["code"]), (status, &json!(code)), "{method} {path}");
        assert!(answer["error"]["message"].is_string());
        assert_eq!(answer["error"]["retryable"], false);
    }
    assert_eq!(rows(&server, "bills").await.len(), 6);
}

#[tokio::test]
async fn token_is_required_unless_anonymous_and_limits_access() {
    let server = start().await;
    let plain = |server: &TestServer| {
        let address = server.address();
        async move { crate::setup::get(address, "/api/bills").await }
    };
    let (status, answer) = plain(&server).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("unauthorized")));
    let open = tidewire_server::config::Config { anonymous: true, ..config() };
    assert_eq!(plain(&TestServer::with(open).await).await.0, 200);
    let claims =
        json!({ "sub": "ann", "channels": ["bills"], "exp": crate::setup::in_seconds(9.0) });
    let head = |path: &str| {
        let token = crate::setup::token(&claims);
        format!("GET /api/{path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n")
    };
    assert_eq!(raw_http(server.address(), &head("bills"), "").await.0, 200);
    assert_eq!(raw_http(server.address(), &head("campaigns"), "").await.0, 403);
}

#[tokio::test]
async fn cors_allows_tokens_from_any_origin() {
    let server = start().await;
    let head = "OPTIONS /api/bills/1 HTTP/1.1\r\nOrigin: http://elsewhere.example\r\n\
        Access-Control-Request-Method: PATCH\r\n\
        Access-Control-Request-Headers: authorization,idempotency-key\r\n";
    let (status, headers, _) = raw_http(server.address(), head, "").await;
    assert_eq!(status, 200);
    let allowed = "access-control-allow-headers: authorization,idempotency-key";
    assert!(headers.contains(allowed), "{headers}");
}

#[tokio::test]
async fn domain_endpoints_are_off_by_default() {
    let server = TestServer::start().await;
    assert_eq!(crate::setup::get(server.address(), "/api/bills").await.0, 404);
    assert_eq!(crate::setup::get(server.address(), "/tables/bills").await.0, 404);
}

#[tokio::test]
async fn stamped_columns_cannot_be_forged() {
    let server = start().await;
    let forged = json!({
        "content": "Mine.",
        "created_by": "bob",
        "created_by_profile": { "id": "bob", "name": "Annie", "avatar_url": "http://x" },
        "interview_id": "another",
        "created_at": "2001-01-01",
    });
    let (_, answer) = post(&server, "interviews/interview-2/notes", forged).await;
    let note = &answer["data"];
    assert_eq!(
        (&note["created_by"], &note["interview_id"]),
        (&json!("ann"), &json!("interview-2"))
    );
    let profile = json!({ "id": "ann", "name": "Annie", "avatar_url": null });
    assert_eq!(note["created_by_profile"], profile);
    assert!(note["created_at"].as_str() > Some("2026"));
    let item = format!("interviews/interview-2/notes/{}", note["id"].as_str().expect("a key"));
    let (_, answer) = patch(&server, &item, json!({ "created_by": "bob", "content": "x" })).await;
    assert_eq!(answer["data"]["created_by"], "ann");
    let (_, answer) = patch(&server, "campaigns/1", json!({ "revenue": 1e6 })).await;
    assert_eq!(answer["data"]["revenue"], 115.5);
}
