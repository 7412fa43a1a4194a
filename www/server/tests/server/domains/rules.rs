//! Table rules, over HTTP and over channels.

use serde_json::{Value, json};

use super::{Request, post, row, rows, start};

#[tokio::test]
async fn rule_applies_to_channel_and_http() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    for (path, channel, given, code) in [
        ("interviews/i/notes", "interview-notes:i", json!({ "content": "" }), "invalid"),
        (
            "interviews/i/notes",
            "interview-notes:i",
            json!({ "content": "x".repeat(2001) }),
            "invalid",
        ),
        ("interviews/i/notes", "interview-notes:i", json!({ "content": "Forbidden." }), "invalid"),
        ("interviews/i/notes", "interview-notes:i", json!({}), "invalid"),
        ("interviews/i/replies", "interview-replies:i", json!({ "content": "x" }), "invalid"),
        ("bills/1/comments", "comments:1", json!({ "body": "x".repeat(1001) }), "invalid"),
        ("bills/1/comments", "comments:1", json!({ "body": "x", "state": "lost" }), "invalid"),
        ("bills/1/votes", "votes:1", json!({ "choice": "maybe" }), "invalid"),
        ("campaigns/1/calls", "calls:1", json!({ "caller_number": "1", "payout": -1 }), "invalid"),
        ("campaigns/1/bids", "bids:1", json!({ "amount": 0 }), "invalid"),
        ("campaigns/1/bids", "bids:1", json!({ "amount": 1_000_001 }), "invalid"),
        ("campaigns/1/bids", "bids:1", json!({ "amount": "much" }), "invalid"),
        ("campaigns/1/bids", "bids:1", json!({ "amount": 25 }), "conflict"),
        (
            "users/ann/notifications",
            "notifications:ann",
            json!({ "title": "t", "type": "x" }),
            "invalid",
        ),
    ] {
        let (status, answer) = post(&server, path, given.clone()).await;
        let expected = if code == "conflict" { 409 } else { 422 };
        assert_eq!((status, &answer["error"]["code"]), (expected, &json!(code)), "{path} {given}");
        let ack = ann.change(channel, "m", "insert", json!({ "row": given })).await;
        assert_eq!((&ack["status"], &ack["code"]), (&json!("error"), &json!(code)), "{channel}");
        assert_eq!(ack["message"], answer["error"]["message"]);
    }
}

#[tokio::test]
async fn bid_below_the_best_is_rejected_with_the_minimum() {
    let server = start().await;
    let path = "campaigns/1/bids";
    let (_, answer) = post(&server, path, json!({ "amount": 24.5 })).await;
    let message = answer["error"]["message"].as_str().expect("a sentence");
    assert!(message.contains("more than 25"), "{message}");
    let (status, answer) = post(&server, path, json!({ "amount": 25.5 })).await;
    assert_eq!((status, &answer["data"]["bidder_id"]), (201, &json!("ann")));
    assert_eq!(row(&server, &format!("{path}/bid-3")).await["status"], "outbid");
    let other = Request { method: "POST", path, key: "", body: json!({ "amount": 25.5 }) };
    assert_eq!(other.by(&server, "bob").await.0, 409);
    // A withdrawn bid does not count.
    let mine = format!("{path}/{}", answer["data"]["id"].as_str().expect("a key"));
    let body = json!({ "status": "withdrawn" });
    let withdrawn = Request { method: "PATCH", path: &mine, key: "", body };
    assert_eq!(withdrawn.by(&server, "ann").await.0, 200);
    assert_eq!(other.by(&server, "bob").await.0, 201);
    let body = json!({ "status": "active" });
    let again = Request { method: "PATCH", path: &mine, key: "", body };
    assert_eq!(again.by(&server, "ann").await.0, 409);
    let is_active = |row: &&Value| row["status"] == "active";
    assert_eq!(rows(&server, path).await.iter().filter(is_active).count(), 1);
}

#[tokio::test]
async fn user_has_one_vote_and_cannot_change_others() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    let support = json!({ "row": { "choice": "support" } });
    let ack = ann.change("votes:2", "m1", "insert", support.clone()).await;
    assert_eq!((&ack["payload"]["id"], &ack["payload"]["bill_id"]), (&json!("ann"), &json!("2")));
    assert_eq!(ann.change("votes:2", "m2", "insert", support).await["code"], "conflict");
    let path = "bills/2/votes/ann";
    let oppose = Request { method: "PATCH", path, key: "", body: json!({ "choice": "oppose" }) };
    let (status, answer) = oppose.by(&server, "bob").await;
    assert_eq!((status, &answer["error"]["code"]), (403, &json!("forbidden")));
    assert_eq!(oppose.by(&server, "ann").await.0, 200);
    assert_eq!(row(&server, path).await["choice"], "oppose");
}
