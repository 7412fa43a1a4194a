//! What follows from a change, whoever makes it and whichever way.

use serde_json::{Value, json};

use super::{delete, patch, post, row, start};
use crate::client::Client;

/// The next message of this channel.
async fn told(client: &mut Client, channel: &str) -> Value {
    loop {
        let message = client.until("channel_message").await;
        if message["channel"] == channel {
            return message;
        }
    }
}

#[tokio::test]
async fn an_interview_counts_its_notes() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    ann.subscribe("interviews:1").await;
    let notes = "interviews/interview-2/notes";
    let (_, answer) = post(&server, notes, json!({ "content": "One more." })).await;
    let update = told(&mut ann, "interviews:1").await;
    assert_eq!(update["event"], "update");
    let interview = &update["payload"]["row"];
    assert_eq!((&interview["id"], &interview["note_count"]), (&json!("interview-2"), &json!(3)));
    let note = answer["data"]["id"].as_str().expect("a key");
    let gone = json!({ "row": { "id": note, "is_deleted": true } });
    ann.send(json!({
        "type": "channel_message", "channel": "interview-notes:interview-2", "event": "update",
        "id": "m1", "ack": true, "payload": gone,
    }))
    .await;
    assert_eq!(told(&mut ann, "interviews:1").await["payload"]["row"]["note_count"], 2);
    // What does not count changes nothing.
    delete(&server, &format!("{notes}/{note}")).await;
    patch(&server, &format!("{notes}/note-2-1"), json!({ "content": "Edited." })).await;
    assert!(ann.settled().await.iter().all(|frame| frame["channel"] != "interviews:1"));
    assert_eq!(row(&server, "projects/1/interviews/interview-2").await["note_count"], 2);
}

#[tokio::test]
async fn notes_of_an_interview_that_is_not_there_follow_nowhere() {
    let server = start().await;
    assert_eq!(post(&server, "interviews/none/notes", json!({ "content": "Alone." })).await.0, 201);
}

#[tokio::test]
async fn a_comment_moves_the_bills_figures_and_its_channel_hears_of_them() {
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
        let update = told(&mut ann, "bill-engagement").await;
        assert_eq!(update["payload"]["row"]["comment_count"], count);
        let heard = told(&mut ann, "bill:1").await;
        assert_eq!(heard["event"], "engagement");
        let payload = &heard["payload"];
        assert_eq!((&payload["bill_id"], &payload["comment_count"]), (&json!("1"), &json!(count)));
        assert_eq!(payload["view_count"], 790);
        assert!(payload["timestamp"].is_string());
    }
    let comment = format!("{comments}/comment-1-1");
    patch(&server, &comment, json!({ "state": "removed" })).await;
    assert_eq!(told(&mut ann, "bill:1").await["payload"]["comment_count"], 5);
    assert_eq!(row(&server, "engagement/1").await["comment_count"], 5);
}

#[tokio::test]
async fn a_bills_channel_hears_of_its_status() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    ann.subscribe("bill:2").await;
    patch(&server, "bills/2", json!({ "title": "Night trains" })).await;
    patch(&server, "bills/2", json!({ "status": "passed" })).await;
    let heard = told(&mut ann, "bill:2").await;
    assert_eq!(heard["event"], "status_change");
    let payload = &heard["payload"];
    let expected = (&json!("2"), &json!("floor"), &json!("passed"));
    assert_eq!((&payload["bill_id"], &payload["old_status"], &payload["new_status"]), expected);
}

#[tokio::test]
async fn a_campaign_sums_up_its_calls() {
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
async fn a_higher_bid_ends_the_best_one_for_everybody() {
    let server = start().await;
    let mut ann = server.user("ann").await;
    ann.subscribe("bids:1").await;
    post(&server, "campaigns/1/bids", json!({ "amount": 30 })).await;
    let (made, outbid) = (told(&mut ann, "bids:1").await, told(&mut ann, "bids:1").await);
    assert_eq!((&made["event"], &made["payload"]["row"]["amount"]), (&json!("insert"), &json!(30)));
    let row = &outbid["payload"]["row"];
    assert_eq!((&row["id"], &row["status"]), (&json!("bid-3"), &json!("outbid")));
}
