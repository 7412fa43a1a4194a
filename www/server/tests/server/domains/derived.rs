//! Messages derived from a change, however it is made.

use serde_json::{Value, json};

use super::{delete, patch, post, row, start};
use crate::client::Client;

/// The next message of this channel.
async fn next_message(client: &mut Client, channel: &str) -> Value {
    loop {
        let message = client.until("channel_message").await;
        if message["channel"] == channel {
            return message;
        }
    }
}

#[tokio::test]
async fn interview_note_count_is_updated_when_notes_change() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    ann.subscribe("interviews:1").await;
    let notes = "interviews/interview-2/notes";
    let (_, answer) = post(&server, notes, json!({ "content": "One more." })).await;
    let update = next_message(&mut ann, "interviews:1").await;
    assert_eq!(update["event"], "update");
    let interview = &update["payload"]["row"];
    assert_eq!((&interview["id"], &interview["note_count"]), (&json!("interview-2"), &json!(3)));
    let note = answer["data"]["id"].as_str().expect("a key");
    let deleted = json!({ "row": { "id": note, "is_deleted": true } });
    ann.send(json!({
        "type": "channel_message", "channel": "interview-notes:interview-2", "event": "update",
        "id": "m1", "ack": true, "payload": deleted,
    }))
    .await;
    assert_eq!(next_message(&mut ann, "interviews:1").await["payload"]["row"]["note_count"], 2);
    // Changes that do not affect the count publish nothing.
    delete(&server, &format!("{notes}/{note}")).await;
    patch(&server, &format!("{notes}/note-2-1"), json!({ "content": "Edited." })).await;
    assert!(
        ann.received_before_pong().await.iter().all(|frame| frame["channel"] != "interviews:1")
    );
    assert_eq!(row(&server, "projects/1/interviews/interview-2").await["note_count"], 2);
}

#[tokio::test]
async fn note_of_a_missing_interview_is_accepted() {
    let server = start().await;
    assert_eq!(post(&server, "interviews/none/notes", json!({ "content": "Alone." })).await.0, 201);
}

#[tokio::test]
async fn comment_updates_bill_engagement_and_is_published_on_the_bill_channel() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    for channel in ["bill-engagement", "bill:1"] {
        ann.subscribe(channel).await;
    }
    let mut bob = server.user("bob").await;
    let ack = bob.change("comments:1", "m1", "insert", json!({ "row": { "body": "So?" } })).await;
    let author = json!({ "id": "bob", "name": "Bob", "expert": false });
    assert_eq!(ack["payload"]["author"], author);
    let comments = "bills/1/comments";
    post(&server, comments, json!({ "body": "So what?" })).await;
    for count in [5, 6] {
        let update = next_message(&mut ann, "bill-engagement").await;
        assert_eq!(update["payload"]["row"]["comment_count"], count);
        let message = next_message(&mut ann, "bill:1").await;
        assert_eq!(message["event"], "engagement");
        let payload = &message["payload"];
        assert_eq!((&payload["bill_id"], &payload["comment_count"]), (&json!("1"), &json!(count)));
        assert_eq!(payload["view_count"], 790);
        assert!(payload["timestamp"].is_string());
    }
    let comment = format!("{comments}/comment-1-1");
    patch(&server, &comment, json!({ "state": "removed" })).await;
    assert_eq!(next_message(&mut ann, "bill:1").await["payload"]["comment_count"], 5);
    assert_eq!(row(&server, "engagement/1").await["comment_count"], 5);
}

#[tokio::test]
async fn bill_channel_receives_status_changes() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    ann.subscribe("bill:2").await;
    patch(&server, "bills/2", json!({ "title": "Night trains" })).await;
    patch(&server, "bills/2", json!({ "status": "passed" })).await;
    let message = next_message(&mut ann, "bill:2").await;
    assert_eq!(message["event"], "status_change");
    let payload = &message["payload"];
    let expected = (&json!("2"), &json!("floor"), &json!("passed"));
    assert_eq!((&payload["bill_id"], &payload["old_status"], &payload["new_status"]), expected);
}

#[tokio::test]
async fn campaign_row_aggregates_its_calls() {
    let server = start().await;
    let before = row(&server, "campaigns/1").await;
    let figures = ["calls_total", "calls_active", "calls_completed", "conversion_rate"];
    let all = |row: &Value| figures.map(|name| row[name].as_f64().expect("a number"));
    assert_eq!(all(&before), [8.0, 0.0, 4.0, 0.5]);
    let ringing = json!({ "caller_number": "+1 555 0100", "status": "ringing" });
    let (_, answer) = post(&server, "campaigns/1/calls", ringing).await;
    assert_eq!(all(&row(&server, "campaigns/1").await), [9.0, 1.0, 4.0, 0.5]);
    let call = format!("campaigns/1/calls/{}", answer["data"]["id"].as_str().expect("a key"));
    let ended = json!({
        "status": "completed", "duration_seconds": 100, "payout": 10.25, "quality_score": 90,
    });
    patch(&server, &call, ended).await;
    let after = row(&server, "campaigns/1").await;
    assert_eq!(all(&after), [9.0, 0.0, 5.0, 0.556]);
    assert_eq!(after["revenue"], 125.75);
    assert_eq!(after["average_duration_seconds"], 150.4);
    delete(&server, &call).await;
    let mut restored = row(&server, "campaigns/1").await;
    for name in ["version", "updated_at"] {
        restored[name] = before[name].clone();
    }
    assert_eq!(restored, before);
    assert_eq!(row(&server, "campaigns/2").await["version"], 1, "another campaign's calls");
}

#[tokio::test]
async fn higher_bid_marks_the_previous_best_as_outbid() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    ann.subscribe("bids:1").await;
    post(&server, "campaigns/1/bids", json!({ "amount": 30 })).await;
    let (made, outbid) =
        (next_message(&mut ann, "bids:1").await, next_message(&mut ann, "bids:1").await);
    assert_eq!((&made["event"], &made["payload"]["row"]["amount"]), (&json!("insert"), &json!(30)));
    let row = &outbid["payload"]["row"];
    assert_eq!((&row["id"], &row["status"]), (&json!("bid-3"), &json!("outbid")));
}
