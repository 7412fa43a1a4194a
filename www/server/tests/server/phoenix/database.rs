//! Database changes of the Supabase subset.

use serde_json::{Value, json};

use super::socket::{Came, Socket};
use super::world::{joining, key, member, world};
use crate::setup::{TestServer, http};

async fn watch(socket: &mut Socket, wishes: Value) -> Value {
    let joined = socket.join("realtime:db", joining(&json!({ "postgres_changes": wishes }))).await;
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
async fn values_keep_their_digits() {
    let server = world().await;
    let mut ann = member(&server).await;
    watch(&mut ann, json!([{ "event": "INSERT", "schema": "public", "table": "todos" }])).await;
    insert(&server, json!({ "n": "9007199254740993.10", "data": { "a": 1 } })).await;
    let Came::Text(text) = ann.came().await else { panic!("a text frame") };
    assert!(text.contains(r#""n":9007199254740993.10,"#), "{text}");
    assert!(text.contains(r#"{"name":"n","type":"numeric"}"#), "{text}");
    assert!(!text.contains("version"), "{text}");
}

#[tokio::test]
async fn each_filter_lets_through_what_it_means() {
    let server = world().await;
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
    let wish = |filter: &str| json!({ "event": "*", "schema": "public", "table": "todos", "filter": filter });
    let wishes: Vec<Value> = filters.into_iter().map(wish).collect();
    let bound = watch(&mut ann, wishes.into()).await;
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
async fn equal_wishes_share_an_id_over_channels_and_sockets() {
    let server = world().await;
    let (mut ann, mut bob) = (member(&server).await, member(&server).await);
    let wish = json!([{ "event": "*", "schema": "public", "table": "todos" }]);
    assert_eq!(watch(&mut ann, wish.clone()).await, watch(&mut bob, wish).await);
}

#[tokio::test]
async fn a_change_made_over_the_native_protocol_is_told_too() {
    let server = world().await;
    let (mut ann, mut native) = (member(&server).await, server.full().await);
    watch(&mut ann, json!([{ "event": "*", "schema": "public", "table": "notes" }])).await;
    native.change("notes", "m1", "insert", json!({ "row": { "id": "a", "title": "hi" } })).await;
    let change = ann.until("postgres_changes").await;
    assert_eq!(change[4]["data"]["record"], json!({ "id": "a", "title": "hi", "version": 1 }));
    native.change("notes", "m2", "delete", json!({ "key": "a" })).await;
    let change = ann.until("postgres_changes").await;
    assert_eq!(change[4]["data"]["type"], "DELETE");
    assert_eq!(change[4]["data"]["old_record"]["title"], "hi");
}

#[tokio::test]
async fn only_selected_columns_are_told() {
    let server = world().await;
    let mut ann = member(&server).await;
    let wish =
        json!([{ "event": "*", "schema": "public", "table": "todos", "select": ["id", "owner"] }]);
    watch(&mut ann, wish).await;
    insert(&server, json!({ "owner": "ann", "n": 2 })).await;
    let change = ann.until("postgres_changes").await;
    assert_eq!(change[4]["data"]["record"], json!({ "id": 1, "owner": "ann" }));
}

#[tokio::test]
async fn a_database_that_is_away_tells_later_and_subscribes_later() {
    let server = world().await;
    let (mut ann, mut bob) = (member(&server).await, member(&server).await);
    let mut native = server.full().await;
    let wish = json!([{ "event": "*", "schema": "public", "table": "notes" }]);
    watch(&mut ann, wish.clone()).await;
    server.control("/supabase/database", json!({ "running": false })).await;
    native.change("notes", "m1", "insert", json!({ "row": { "id": "a" } })).await;
    bob.join("realtime:db", joining(&json!({ "postgres_changes": wish }))).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(ann.settled().await, Vec::<Value>::new());
    assert_eq!(bob.settled().await, Vec::<Value>::new());
    server.control("/supabase/database", json!({ "running": true })).await;
    assert_eq!(ann.until("postgres_changes").await[4]["data"]["record"]["id"], "a");
    assert_eq!(bob.until("system").await[4]["message"], "Subscribed to PostgreSQL");
}
