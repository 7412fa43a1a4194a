//! Tables over HTTP.

use serde_json::{Value, json};
use tidewire_server::config::{Config, PublishAccess, TableConfig};

use crate::setup::{TestServer, config_with, get, http, post, raw_http};

async fn change(server: &TestServer, key: &str, body: &Value) -> (u16, Value) {
    let head = format!("POST /tables/notes HTTP/1.1\r\nIdempotency-Key: {key}\r\n");
    http(server.address(), &head, &body.to_string()).await
}

#[tokio::test]
async fn http_change_is_stored_once_and_broadcast_with_its_mutation_id() {
    let server = TestServer::with_notes().await;
    let mut ann = server.full().await;
    let epoch = ann.subscribe("notes").await["epoch"].clone();
    let insert = json!({ "change": "insert", "row": { "id": "a", "n": 1 } });
    let (status, answer) = change(&server, "h1", &insert).await;
    let row = json!({ "id": "a", "n": 1, "version": 1 });
    assert_eq!((status, &answer), (200, &json!({ "row": row })));
    let received = ann.until("channel_message").await;
    assert_eq!((&received["id"], &received["event"]), (&json!("h1"), &json!("insert")));
    assert_eq!(received["payload"], json!({ "row": row, "mutation": "h1" }));

    let update = json!({ "change": "update", "row": { "id": "a", "n": 2, "version": 1 } });
    assert_eq!(change(&server, "h2", &update).await.1["row"]["version"], 2);
    assert_eq!(change(&server, "h1", &insert).await, (status, answer));
    let table = json!({
        "rows": [{ "id": "a", "n": 2, "version": 2 }],
        "position": { "epoch": epoch, "seq": 2 },
    });
    assert_eq!(get(server.address(), "/tables/notes").await, (200, table));
    let delete = json!({ "change": "delete", "key": "a" });
    assert_eq!(change(&server, "h3", &delete).await, (200, json!({ "row": null })));
    assert_eq!(change(&server, "h3", &delete).await, (200, json!({ "row": null })));
    let (_, answer) = post(server.address(), "/tables/notes", &insert.to_string()).await;
    assert_eq!(answer["row"]["version"], 1);
}

#[tokio::test]
async fn rejected_http_change_has_the_matching_status() {
    let rows = vec![json!({ "id": "a" })];
    let notes = TableConfig { rows, ..TableConfig::default() };
    let server = TestServer::with(config_with(&[("notes", notes)])).await;
    for (body, status, code) in [
        (json!({ "change": "insert", "row": { "id": "a" } }), 409, "conflict"),
        (json!({ "change": "update", "row": { "id": "a", "version": 7 } }), 409, "conflict"),
        (json!({ "change": "update", "row": { "id": "b" } }), 404, "not_found"),
        (json!({ "change": "delete", "key": "b" }), 404, "not_found"),
        (json!({ "change": "insert", "row": 1 }), 422, "invalid"),
        (json!({ "change": "move", "row": {} }), 422, "invalid"),
        (json!([]), 422, "invalid"),
    ] {
        let (answered, answer) = change(&server, "h", &body).await;
        assert_eq!((answered, &answer["error"]["code"]), (status, &json!(code)), "{body}");
        assert_eq!(answer["error"]["retryable"], false);
    }
    let body = r#"{"change":"insert","row":{}}"#;
    for (channel, status) in [("room", 404), ("no%2Ftes", 404), ("n%6Ftes", 200)] {
        let path = format!("/tables/{channel}");
        assert_eq!(post(server.address(), &path, body).await.0, status, "{channel}");
        assert_eq!(get(server.address(), &path).await.0, status, "{channel}");
    }
}

#[tokio::test]
async fn tables_have_the_same_access_as_publish() {
    let tables = config_with(&[("notes", TableConfig::default())]);
    let closed = Config { publish: PublishAccess::Closed, ..tables.clone() };
    let server = TestServer::with(closed).await;
    assert_eq!(get(server.address(), "/tables/notes").await.0, 403);
    let delete = json!({ "change": "delete", "key": "a" });
    assert_eq!(change(&server, "h", &delete).await.0, 403);
    let server = TestServer::with(tables).await;
    let head = "OPTIONS /tables/notes HTTP/1.1\r\nOrigin: http://elsewhere.example\r\n\
        Access-Control-Request-Method: POST\r\n\
        Access-Control-Request-Headers: idempotency-key\r\n";
    let (status, headers, _) = raw_http(server.address(), head, "").await;
    assert_eq!(status, 200);
    assert!(headers.contains("access-control-allow-headers: idempotency-key"), "{headers}");
}
