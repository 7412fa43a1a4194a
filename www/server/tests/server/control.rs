//! The control endpoint's actions on a channel: floods, and truncated logs.

use serde_json::{Value, json};
use tidewire_server::config::Config;
use tidewire_server::limits::Limits;

use crate::epochs::connect;
use crate::program::{Program, scratch};
use crate::setup::{TestServer, open_config, post};

#[tokio::test]
async fn flood_is_numbered_in_order_and_waits_for_slow_readers() {
    let limits = Limits { outbound_frames: 32, slow_reader_ms: 500, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let (mut ann, mut base) = (server.full().await, server.base().await);
    ann.subscribe("c").await;
    // Far more than may be queued for one connection, and each message is delayed.
    server.control("/faults", json!({ "connection": ann.id(), "delayMs": 5 })).await;
    let flood = json!({ "channel": "c", "event": "tick", "from": 5, "count": 1_000 });
    let read = async {
        for n in 5..1_005 {
            let message = ann.until("channel_message").await;
            assert_eq!((&message["event"], &message["payload"]["n"]), (&json!("tick"), &json!(n)));
            assert_eq!(base.next().await["n"], n);
        }
    };
    let (answer, ()) = tokio::join!(server.control("/flood", flood), read);
    assert_eq!(answer, json!({ "seq": 1_000 }));
}

#[tokio::test]
async fn flood_keeps_its_rate_despite_a_stuck_reader() {
    let limits = Limits { outbound_frames: 32, slow_reader_ms: 500, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let start = tokio::time::Instant::now();
    server.control("/flood", json!({ "channel": "c", "count": 101, "perSecond": 500 })).await;
    assert!(start.elapsed() >= std::time::Duration::from_millis(200));
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    let fault = json!({ "connection": ann.id(), "delayMs": 60_000 });
    server.control("/faults", fault).await;
    let answer = server.control("/flood", json!({ "channel": "c", "count": 100 })).await;
    assert_eq!(answer["seq"], 201);
    assert_eq!(ann.until("error").await["code"], "slow_reader");
}

#[tokio::test]
async fn trimmed_log_has_a_gap_and_keeps_epoch_head_and_ids() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    let mut acks = Vec::new();
    for n in 1..=5 {
        acks.push(ann.publish("c", &format!("m{n}"), json!(n)).await);
    }
    let left = server.control("/trim", json!({ "channel": "c", "keep": 2 })).await;
    assert_eq!((&left["epoch"], &left["head"]), (&epoch, &json!(5)));
    let entries: Vec<_> = left["entries"].as_array().into_iter().flatten().collect();
    assert_eq!(entries.iter().map(|entry| &entry["seq"]).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(ann.resume("c", &epoch, 3).await["recovered"], true);
    assert_eq!(ann.resume("c", &epoch, 2).await["recovered"], false);
    server.control("/trim", json!({ "channel": "c" })).await;
    assert_eq!(ann.resume("c", &epoch, 4).await["recovered"], false);
    assert_eq!(ann.resume("c", &epoch, 5).await["recovered"], true);
    assert_eq!(ann.publish("c", "m1", json!(1)).await, acks[0]);
    assert_eq!(ann.publish("c", "m6", json!(6)).await["seq"], 6);
    let control = server.server.control().expect("a control endpoint");
    assert_eq!(post(control, "/trim", r#"{"channel":"nowhere"}"#).await.0, 404);
}

#[tokio::test]
async fn stored_log_is_trimmed() {
    let directory = scratch("trim");
    let data = directory.to_str().expect("a path");
    let program = Program::start(&["--anonymous", "--data", data, "--control"]).await;
    let mut ann = connect(&program).await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    for n in 1..=5 {
        ann.publish("c", &format!("m{n}"), json!(n)).await;
    }
    let control = program.control.as_str().and_then(|at| at.parse().ok()).expect("an address");
    assert_eq!(post(control, "/trim", r#"{"channel":"c","keep":2}"#).await.0, 200);
    program.kill().await;
    let program = Program::start(&["--anonymous", "--data", data]).await;
    let mut ann = connect(&program).await;
    assert_eq!(ann.resume("c", &epoch, 2).await["recovered"], false);
    assert_eq!(ann.resume("c", &epoch, 3).await["recovered"], true);
    let missed: Vec<Value> = ann.payloads(2).await;
    assert_eq!(missed, [json!(4), json!(5)]);
    program.kill().await;
    std::fs::remove_dir_all(directory).expect("removed");
}
