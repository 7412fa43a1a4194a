//! The traffic generator of the domains.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tidewire_server::config::Config;

use super::config;
use crate::client::Client;
use crate::setup::TestServer;

async fn server_with_traffic(seed: u64) -> TestServer {
    TestServer::with(Config { domain_traffic: Some(200.0), seed, ..config() }).await
}

/// The next messages, without the parts that differ between runs.
async fn message_sequence(seed: u64, count: usize) -> Vec<String> {
    let server = server_with_traffic(seed).await;
    let mut ann = server.user("ann").await;
    // The generator does not act before the first member joins.
    ann.subscribe("comments:3").await;
    let mut received = Vec::new();
    while received.len() < count {
        let frame = ann.next().await;
        let row = &frame["payload"]["row"];
        match frame["type"].as_str() {
            Some("channel_message") => {
                received.push(format!("{} {}", row["created_by"], row["body"]));
            }
            Some("ephemeral") => received.push(frame["payload"].to_string()),
            _ => {}
        }
    }
    received
}

#[tokio::test]
async fn traffic_with_the_same_seed_sends_the_same_messages() {
    let (one, again, other) =
        tokio::join!(message_sequence(5, 30), message_sequence(5, 30), message_sequence(6, 30));
    assert_eq!(one, again);
    assert_ne!(one, other);
    let has_text = |text: &str| one.iter().any(|received| received.contains(text));
    assert!(has_text(r#""typing":true"#) && has_text(r#""typing":false"#), "{one:?}");
}

/// Waits until each of these was received as an event, or as a row's status or category.
async fn until_received(client: &mut Client, wanted: &[&str]) {
    let mut missing: BTreeSet<&str> = wanted.iter().copied().collect();
    while !missing.is_empty() {
        let message = client.until("channel_message").await;
        let row = &message["payload"]["row"];
        for name in [&message["event"], &row["status"], &row["category"]] {
            missing.remove(name.as_str().unwrap_or_default());
        }
    }
}

#[tokio::test]
async fn traffic_covers_calls_bids_bills_and_notifications() {
    let server = server_with_traffic(1).await;
    let mut ann = server.user("ann").await;
    for channel in ["calls:1", "bids:2", "notifications:ann", "bill:1"] {
        ann.subscribe(channel).await;
    }
    let calls = ["ringing", "connected", "completed", "no_answer"];
    let bids = ["active", "outbid", "won"];
    let bill = ["engagement", "amendment", "voting_scheduled", "status_change"];
    let notices = ["system", "payment"];
    until_received(&mut ann, &[&calls[..], &bids, &bill, &notices].concat()).await;
}

#[tokio::test]
async fn traffic_publishes_only_in_joined_channels() {
    let server = server_with_traffic(1).await;
    let mut ann = server.user("ann").await;
    ann.subscribe("votes:2").await;
    ann.payloads(20).await;
    let stats = server.shown("/stats").await;
    let published: Vec<&String> = stats["publishes"].as_object().expect("counts").keys().collect();
    assert_eq!(published, ["votes:2"]);
    ann.send(json!({ "type": "unsubscribe", "channel": "votes:2", "ref": 1 })).await;
    ann.until("unsubscribed").await;
    let head = async || server.shown("/log?channel=votes:2").await["head"].clone();
    // An action that is being processed is finished first.
    let mut bob = server.user("bob").await;
    bob.received_before_pong().await;
    let left: Value = head().await;
    let mut cal = server.user("cal").await;
    cal.subscribe("votes:3").await;
    cal.payloads(20).await;
    assert_eq!(head().await, left);
}
