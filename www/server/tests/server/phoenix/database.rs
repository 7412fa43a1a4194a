//! Database changes of the Supabase subset.

use serde_json::{Value, json};

use super::socket::{Socket, SocketEvent};
use super::supabase_setup::{joining, key, member, supabase_server};
use crate::setup::{TestServer, http};

async fn subscribe(socket: &mut Socket, bindings: Value) -> Value {
    let joined =
        socket.join("realtime:db", joining(&json!({ "postgres_changes": bindings }))).await;
    assert_eq!(joined["status"], "ok", "{joined}");
    let system = socket.until("system").await;
    assert_eq!(system[4]["status"], "ok", "{system}");
    joined["response"]["postgres_changes"].clone()
}

async fn insert(server: &TestServer, row: Value) {
    let service = key("service_role", 60.0);
    let head = format!("POST /rest/v1/todos HTTP/1.1\r\napikey: {service}\r\n");
    let (status, answer) = http(server.address(), &head, &row.to_string()).await;
    assert_eq!(status, 201, "{answer}");
}

#[tokio::test]
async fn change_values_keep_their_digits() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    subscribe(&mut ann, json!([{ "event": "INSERT", "schema": "public", "table": "todos" }])).await;
    insert(&server, json!({ "n": "9007199254740993.10", "data": { "a": 1 } })).await;
    let SocketEvent::Text(text) = ann.next_event().await else { panic!("a text frame") };
    assert!(text.contains(r#""n":9007199254740993.10,"#), "{text}");
    assert!(text.contains(r#"{"name":"n","type":"numeric"}"#), "{text}");
    assert!(!text.contains("version"), "{text}");
}

#[tokio::test]
async fn filter_passes_only_matching_changes() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    let filters = [
        "owner=eq.ann",
        "owner=neq.ann",
        "n=lt.2",
        "n=lte.2",
        "n=gt.2",
        "n=gte.2",
        "owner=in.(ann,bob)",
        "title=like.T%",
        "title=ilike.t%",
        "done=is.true",
        "title=is.null",
        "title=not.is.null",
        "owner=eq.ann,n=gt.2",
    ];
    let binding = |filter: &str| json!({ "event": "*", "schema": "public", "table": "todos", "filter": filter });
    let bindings: Vec<Value> = filters.into_iter().map(binding).collect();
    let bound = subscribe(&mut ann, bindings.into()).await;
    let ids: Vec<u64> = bound
        .as_array()
        .expect("a list")
        .iter()
        .map(|b| b["id"].as_u64().expect("an id"))
        .collect();
    insert(&server, json!({ "owner": "ann", "n": 2, "title": "T" })).await;
    insert(&server, json!({ "owner": "cai", "n": 10, "done": true })).await;
    insert(&server, json!({ "owner": "ann", "n": 10, "title": "t" })).await;
    let expected: [&[usize]; 3] =
        [&[0, 3, 5, 6, 7, 8, 11], &[1, 4, 5, 9, 10], &[0, 4, 5, 6, 8, 11, 12]];
    for at in expected {
        let mut wanted: Vec<u64> = at.iter().map(|at| ids[*at]).collect();
        wanted.sort_unstable();
        let change = ann.until("postgres_changes").await;
        assert_eq!(change[4]["ids"], json!(wanted), "{change}");
    }
}

#[tokio::test]
async fn equal_bindings_have_the_same_id_across_channels_and_sockets() {
    let server = supabase_server().await;
    let (mut ann, mut bob) = (member(&server).await, member(&server).await);
    let binding = json!([{ "event": "*", "schema": "public", "table": "todos" }]);
    assert_eq!(subscribe(&mut ann, binding.clone()).await, subscribe(&mut bob, binding).await);
}

#[tokio::test]
async fn native_change_is_sent_to_supabase_subscribers() {
    let server = supabase_server().await;
    let (mut ann, mut native) = (member(&server).await, server.full().await);
    subscribe(&mut ann, json!([{ "event": "*", "schema": "public", "table": "notes" }])).await;
    native.change("notes", "m1", "insert", json!({ "row": { "id": "a", "title": "hi" } })).await;
    let change = ann.until("postgres_changes").await;
    assert_eq!(change[4]["data"]["record"], json!({ "id": "a", "title": "hi", "version": 1 }));
    native.change("notes", "m2", "delete", json!({ "key": "a" })).await;
    let change = ann.until("postgres_changes").await;
    assert_eq!(change[4]["data"]["type"], "DELETE");
    assert_eq!(change[4]["data"]["old_record"]["title"], "hi");
}

#[tokio::test]
async fn change_has_only_selected_columns() {
    let server = supabase_server().await;
    let mut ann = member(&server).await;
    let binding =
        json!([{ "event": "*", "schema": "public", "table": "todos", "select": ["id", "owner"] }]);
    subscribe(&mut ann, binding).await;
    insert(&server, json!({ "owner": "ann", "n": 2 })).await;
    let change = ann.until("postgres_changes").await;
    assert_eq!(change[4]["data"]["record"], json!({ "id": 1, "owner": "ann" }));
}

#[tokio::test]
async fn database_outage_delays_changes_and_subscriptions() {
    let server = supabase_server().await;
    let (mut ann, mut bob) = (member(&server).await, member(&server).await);
    let mut native = server.full().await;
    let binding = json!([{ "event": "*", "schema": "public", "table": "notes" }]);
    subscribe(&mut ann, binding.clone()).await;
    server.control("/supabase/database", json!({ "running": false })).await;
    native.change("notes", "m1", "insert", json!({ "row": { "id": "a" } })).await;
    bob.join("realtime:db", joining(&json!({ "postgres_changes": binding }))).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(ann.received_before_pong().await, Vec::<Value>::new());
    assert_eq!(bob.received_before_pong().await, Vec::<Value>::new());
    server.control("/supabase/database", json!({ "running": true })).await;
    assert_eq!(ann.until("postgres_changes").await[4]["data"]["record"]["id"], "a");
    assert_eq!(bob.until("system").await[4]["message"], "Subscribed to PostgreSQL");
}
