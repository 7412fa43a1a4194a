//! Membership, order, and the recovery of missed messages.

use serde_json::{Value, json};
use tidewire_server::config::Config;
use tidewire_server::limits::Limits;

use crate::setup::{TestServer, open_config};

#[tokio::test]
async fn messages_are_numbered_and_received_after_the_subscribe_answer() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.publish("c", "m1", json!(1)).await;
    ann.send(json!({ "type": "subscribe", "channel": "c", "ref": 17, "options": {} })).await;
    let joined = ann.expect("subscribed").await;
    assert_eq!((&joined["ref"], &joined["channel"]), (&json!(17), &json!("c")));
    assert_eq!((&joined["seq"], &joined["head"]), (&json!(1), &json!(1)));
    assert_eq!(joined["recovered"], false);
    ann.publish("c", "m2", json!(2)).await;
    ann.received_before_pong().await;
    let mut bob = server.full().await;
    bob.subscribe("c").await;
    bob.publish("c", "m3", json!(3)).await;
    let message = ann.until("channel_message").await;
    assert_eq!((&message["id"], &message["seq"]), (&json!("m3"), &json!(3)));
    assert_eq!(message["epoch"], joined["epoch"]);
}

#[tokio::test]
async fn missed_messages_precede_newer_ones() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    for n in 1..=300 {
        ann.send(json!({ "type": "channel_message", "channel": "c", "payload": n })).await;
    }
    ann.received_before_pong().await;
    let mut bob = server.full().await;
    let joined = bob.resume("c", &epoch, 10).await;
    assert_eq!((&joined["recovered"], &joined["seq"]), (&json!(true), &json!(10)));
    assert_eq!(joined["head"], 300);
    ann.publish("c", "newer", json!(301)).await;
    let expected: Vec<Value> = (11..=301).map(Value::from).collect();
    assert_eq!(bob.payloads(291).await, expected);
    assert!(bob.batches > 0);
}

#[tokio::test]
async fn position_is_recovered_only_if_all_later_messages_are_logged() {
    let limits = Limits { log_count: 3, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut ann = server.full().await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    for n in 1..=5 {
        ann.publish("c", &format!("m{n}"), json!(n)).await;
    }
    let mut bob = server.full().await;
    for (seq, recovered) in [(1, false), (2, true), (5, true), (6, false), (u64::MAX, false)] {
        let joined = bob.resume("c", &epoch, seq).await;
        assert_eq!(joined["recovered"], recovered, "since {seq}");
        assert_eq!(joined["seq"], if recovered { json!(seq) } else { json!(5) });
    }
    assert_eq!(bob.resume("c", &json!("another"), 5).await["recovered"], false);
}

#[tokio::test]
async fn recover_request_fills_a_gap() {
    let limits = Limits { log_count: 3, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut ann = server.full().await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    for n in 1..=5 {
        ann.publish("c", &format!("m{n}"), json!(n)).await;
    }
    ann.received_before_pong().await;
    for (epoch, from, to, seqs, complete) in [
        (&epoch, 3, 4, vec![3, 4], true),
        (&epoch, 2, 3, vec![3], false),
        (&epoch, 4, 9, vec![4, 5], false),
        (&json!("another"), 3, 4, vec![], false),
    ] {
        let range = json!({ "type": "recover", "channel": "c", "ref": "r", "epoch": epoch, "from": from, "to": to });
        ann.send(range).await;
        for seq in seqs {
            assert_eq!(ann.expect("channel_message").await["seq"], seq);
        }
        let answer = ann.expect("recovered").await;
        assert_eq!((&answer["ref"], &answer["complete"]), (&json!("r"), &json!(complete)));
    }
}

#[tokio::test]
async fn pong_has_the_heads_changed_since_the_last_pong() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let epoch = ann.subscribe("a").await["epoch"].clone();
    ann.subscribe("b").await;
    let heads = async |ann: &mut crate::client::Client| {
        ann.send(json!({ "type": "ping" })).await;
        ann.until("pong").await["heads"].clone()
    };
    assert_eq!(heads(&mut ann).await, json!({}));
    ann.publish("a", "m1", json!(1)).await;
    ann.publish("a", "m2", json!(2)).await;
    assert_eq!(heads(&mut ann).await, json!({ "a": { "epoch": epoch, "seq": 2 } }));
    assert_eq!(heads(&mut ann).await, json!({}));
}

#[tokio::test]
async fn no_message_is_received_after_unsubscribe() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    ann.send(json!({ "type": "unsubscribe", "channel": "c", "ref": "u" })).await;
    assert_eq!(ann.until("unsubscribed").await["ref"], "u");
    ann.send(json!({ "type": "channel_message", "channel": "c", "payload": 1 })).await;
    assert!(ann.received_before_pong().await.is_empty());
    let stats = server.shown("/stats").await;
    assert_eq!((&stats["subscribes"]["c"], &stats["unsubscribes"]["c"]), (&json!(1), &json!(1)));
    assert_eq!(server.record(&ann.id()).await["channels"], json!([]));
}

#[tokio::test]
async fn repeated_subscribe_replaces_the_membership() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    ann.subscribe("c").await;
    ann.received_before_pong().await;
    ann.send(json!({ "type": "channel_message", "channel": "c", "payload": 1 })).await;
    assert_eq!(ann.received_before_pong().await.len(), 1);
}

#[tokio::test]
async fn subscriptions_of_a_connection_are_limited() {
    let limits = Limits { max_channels: 2, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut ann = server.full().await;
    for name in ["a", "b", "c", "b"] {
        ann.send(json!({ "type": "subscribe", "channel": name, "ref": name })).await;
    }
    let answers: Vec<Value> = ann
        .received_before_pong()
        .await
        .into_iter()
        .filter(|frame| frame["type"] != "presence_state")
        .map(|frame| frame["code"].clone())
        .collect();
    assert_eq!(answers, [Value::Null, Value::Null, json!("limit"), Value::Null]);
}

#[tokio::test]
async fn rate_limited_subscribe_has_a_retry_delay() {
    let limits = Limits { joins_per_second: 0, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut ann = server.full().await;
    ann.send(json!({ "type": "subscribe", "channel": "a", "ref": 1 })).await;
    let error = ann.expect("error").await;
    assert_eq!((&error["code"], &error["retryable"]), (&json!("rate_limited"), &json!(true)));
    assert!(error["retryAfterMs"].as_u64().is_some_and(|ms| (1..=1_000).contains(&ms)));
}
