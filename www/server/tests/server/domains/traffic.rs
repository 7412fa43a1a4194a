//! The people who act in the domains.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tidewire_server::config::Config;

use super::config;
use crate::client::Client;
use crate::setup::TestServer;

async fn busy(seed: u64) -> TestServer {
    TestServer::with(Config { domain_traffic: Some(200.0), seed, ..config() }).await
}

/// The channel, event and words of the next messages, without what differs from run to run.
async fn course(seed: u64, count: usize) -> Vec<String> {
    let server = busy(seed).await;
    let mut ann = server.user("ann").await;
    // Before the one message that lets people see that somebody is there, nobody acts.
    ann.subscribe("comments:3").await;
    let mut told = Vec::new();
    while told.len() < count {
        let frame = ann.next().await;
        let row = &frame["payload"]["row"];
        match frame["type"].as_str() {
            Some("channel_message") => told.push(format!("{} {}", row["created_by"], row["body"])),
            Some("ephemeral") => told.push(frame["payload"].to_string()),
            _ => {}
        }
    }
    told
}

#[tokio::test]
async fn traffic_with_the_same_seed_sends_the_same_messages() {
    let (one, again, other) = tokio::join!(course(5, 30), course(5, 30), course(6, 30));
    assert_eq!(one, again);
    assert_ne!(one, other);
    let said = |text: &str| one.iter().any(|told| told.contains(text));
    assert!(said(r#""typing":true"#) && said(r#""typing":false"#), "{one:?}");
}

/// Waits for messages until each of these was seen, by event or by the status of a row.
async fn until_seen(client: &mut Client, wanted: &[&str]) {
    let mut missing: BTreeSet<&str> = wanted.iter().copied().collect();
    while !missing.is_empty() {
        let message = client.until("channel_message").await;
        let row = &message["payload"]["row"];
        for word in [&message["event"], &row["status"], &row["category"]] {
            missing.remove(word.as_str().unwrap_or_default());
        }
    }
}

#[tokio::test]
async fn calls_ring_and_end_bids_rise_and_users_are_notified() {
    let server = busy(1).await;
    let mut ann = server.user("ann").await;
    for channel in ["calls:1", "bids:2", "notifications:ann", "bill:1"] {
        ann.subscribe(channel).await;
    }
    let calls = ["ringing", "connected", "completed", "no_answer"];
    let bids = ["active", "outbid", "won"];
    let bill = ["engagement", "amendment", "voting_scheduled", "status_change"];
    let notices = ["system", "payment"];
    until_seen(&mut ann, &[&calls[..], &bids, &bill, &notices].concat()).await;
}

#[tokio::test]
async fn nothing_is_said_where_nobody_is() {
    let server = busy(1).await;
    let mut ann = server.user("ann").await;
    ann.subscribe("votes:2").await;
    ann.payloads(20).await;
    let stats = server.shown("/stats").await;
    let spoken: Vec<&String> = stats["publishes"].as_object().expect("counts").keys().collect();
    assert_eq!(spoken, ["votes:2"]);
    ann.send(json!({ "type": "unsubscribe", "channel": "votes:2", "ref": 1 })).await;
    ann.until("unsubscribed").await;
    let head = async || server.shown("/log?channel=votes:2").await["head"].clone();
    // Whoever was about to act has done so.
    let mut bob = server.user("bob").await;
    bob.settled().await;
    let left: Value = head().await;
    let mut cal = server.user("cal").await;
    cal.subscribe("votes:3").await;
    cal.payloads(20).await;
    assert_eq!(head().await, left);
}
