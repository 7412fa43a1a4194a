//! Tables at `/rest/v1`.

use serde_json::{Value, json};

use super::supabase_setup::{key, supabase_server};
use crate::setup::{TestServer, http};

/// Makes a request with the role `service_role` and additional headers.
async fn call(server: &TestServer, line: &str, more: &str, body: &Value) -> (u16, Value) {
    let service = key("service_role", 60.0);
    let head = format!("{line} HTTP/1.1\r\napikey: {service}\r\n{more}");
    http(server.address(), &head, &body.to_string()).await
}

const SHOW: &str = "Prefer: return=representation\r\n";

#[tokio::test]
async fn rest_inserts_updates_and_deletes_rows() {
    let server = supabase_server().await;
    let rows = json!([{ "owner": "ann" }, { "owner": "bob", "n": 1.50 }]);
    let (status, made) = call(&server, "POST /rest/v1/todos?select=id,owner,n", SHOW, &rows).await;
    assert_eq!(status, 201);
    let expected =
        json!([{ "id": 1, "owner": "ann", "n": null }, { "id": 2, "owner": "bob", "n": 1.5 }]);
    assert_eq!(made, expected);
    let change = json!({ "done": true, "id": 9 });
    let changed = call(&server, "PATCH /rest/v1/todos?id=eq.2&select=id,done", SHOW, &change).await;
    assert_eq!(changed, (200, json!([{ "id": 2, "done": true }])));
    assert_eq!(call(&server, "PATCH /rest/v1/todos?id=eq.7", "", &change).await.0, 204);
    assert_eq!(
        call(&server, "DELETE /rest/v1/todos?owner=in.(ann,cai)", "", &json!(null)).await.0,
        204
    );
    let left = call(&server, "GET /rest/v1/todos?select=id", "", &json!(null)).await;
    assert_eq!(left, (200, json!([{ "id": 2 }])));
}

#[tokio::test]
async fn value_of_the_wrong_type_is_rejected_over_rest() {
    let server = supabase_server().await;
    for (row, message) in [
        (json!({ "n": "x" }), "invalid input syntax for type numeric: \"x\""),
        (json!({ "arr": ["x"] }), "invalid input syntax for type _int4: \"[\"x\"]\""),
        (json!({ "nope": 1 }), "there is no column nope"),
    ] {
        let (status, answer) = call(&server, "POST /rest/v1/todos", "", &row).await;
        assert_eq!((status, answer["message"].as_str()), (400, Some(message)));
    }
}

#[tokio::test]
async fn rest_requires_an_api_key_and_a_role() {
    let server = supabase_server().await;
    let head = "GET /rest/v1/todos HTTP/1.1\r\n";
    assert_eq!(http(server.address(), head, "").await.0, 401);
    let anon = key("anon", 60.0);
    let head = format!("POST /rest/v1/todos HTTP/1.1\r\napikey: {anon}\r\n");
    assert_eq!(http(server.address(), &head, "{}").await.0, 403);
    let bearer = key("authenticated", 60.0);
    let head = format!(
        "POST /rest/v1/todos HTTP/1.1\r\napikey: {anon}\r\nAuthorization: Bearer {bearer}\r\n"
    );
    assert_eq!(http(server.address(), &head, "{}").await.0, 201);
    server.control("/supabase/database", json!({ "running": false })).await;
    assert_eq!(http(server.address(), &head, "{}").await.0, 503);
}
