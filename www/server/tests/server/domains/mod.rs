//! The domains: their tables over HTTP and over channels, derived messages, and simulated traffic.

mod churn;
mod derived;
mod persistence;
mod personal;
mod resources;
mod rules;
mod traffic;

use serde_json::{Value, json};
use tidewire_server::config::Config;

use crate::setup::{TestServer, http, in_seconds, open_config, token};

/// The configuration of a server with the domains, which requires a token.
fn config() -> Config {
    Config { domains: true, anonymous: false, ..open_config() }
}

async fn start() -> TestServer {
    TestServer::with(config()).await
}

/// A user's request; `key` is the mutation's id.
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    key: &'a str,
    body: Value,
}

impl Request<'_> {
    async fn by(&self, server: &TestServer, user: &str) -> (u16, Value) {
        let Self { method, path, key, body } = self;
        let token = token(&json!({ "sub": user, "exp": in_seconds(600.0) }));
        let authorization = format!("Authorization: Bearer {token}\r\n");
        let key =
            if key.is_empty() { String::new() } else { format!("Idempotency-Key: {key}\r\n") };
        let head = format!("{method} /api/{path} HTTP/1.1\r\n{authorization}{key}");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        http(server.address(), &head, &body).await
    }
}

async fn get(server: &TestServer, path: &str) -> (u16, Value) {
    Request { method: "GET", path, key: "", body: Value::Null }.by(server, "ann").await
}

async fn post(server: &TestServer, path: &str, body: Value) -> (u16, Value) {
    Request { method: "POST", path, key: "", body }.by(server, "ann").await
}

async fn patch(server: &TestServer, path: &str, body: Value) -> (u16, Value) {
    Request { method: "PATCH", path, key: "", body }.by(server, "ann").await
}

async fn delete(server: &TestServer, path: &str) -> (u16, Value) {
    Request { method: "DELETE", path, key: "", body: Value::Null }.by(server, "ann").await
}

/// The rows of a collection.
async fn rows(server: &TestServer, path: &str) -> Vec<Value> {
    let (status, answer) = get(server, path).await;
    assert_eq!(status, 200, "{path} {answer}");
    answer["data"].as_array().expect("a list").clone()
}

/// One row of a collection.
async fn row(server: &TestServer, path: &str) -> Value {
    let (status, answer) = get(server, path).await;
    assert_eq!(status, 200, "{path} {answer}");
    answer["data"].clone()
}

/// The paths of the collections, their channels, a valid row of each, and a change of it.
fn collections() -> Vec<(&'static str, &'static str, Value, Value)> {
    let note = json!({ "content": "Well said." });
    let edited = json!({ "content": "Very well said." });
    let reply = json!({ "note_id": "note-1-1", "content": "Yes." });
    vec![
        (
            "projects/1/interviews",
            "interviews:1",
            json!({ "title": "Gift cards" }),
            json!({ "status": "processing" }),
        ),
        ("interviews/interview-1/notes", "interview-notes:interview-1", note, edited.clone()),
        ("interviews/interview-1/replies", "interview-replies:interview-1", reply, edited),
        (
            "bills",
            "bills",
            json!({ "number": "HB 1", "title": "A bill" }),
            json!({ "status": "floor" }),
        ),
        ("engagement", "bill-engagement", json!({ "id": "7" }), json!({ "view_count": 3 })),
        (
            "bills/1/comments",
            "comments:1",
            json!({ "body": "Why now?" }),
            json!({ "state": "flagged" }),
        ),
        ("bills/1/votes", "votes:1", json!({ "choice": "support" }), json!({ "choice": "oppose" })),
        (
            "experts",
            "experts",
            json!({ "name": "Ann", "field": "Law" }),
            json!({ "verified": true }),
        ),
        (
            "moderation",
            "moderation",
            json!({ "bill_id": "1", "comment_id": "comment-1-1", "reason": "Off topic" }),
            json!({ "state": "upheld", "decided_by": "ann" }),
        ),
        (
            "users/ann/notifications",
            "notifications:ann",
            json!({ "title": "Hello" }),
            json!({ "read": true }),
        ),
        (
            "campaigns/1/calls",
            "calls:1",
            json!({ "caller_number": "+1 555 0100" }),
            json!({ "status": "ringing" }),
        ),
        ("campaigns", "campaigns", json!({ "name": "Windows" }), json!({ "status": "paused" })),
        ("campaigns/1/bids", "bids:1", json!({ "amount": 30 }), json!({ "amount": 31.5 })),
    ]
}
