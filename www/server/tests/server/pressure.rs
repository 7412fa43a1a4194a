//! Backpressure: bursts, and clients that do not read.

use serde_json::json;
use tidewire_server::config::{Config, TableConfig};
use tidewire_server::limits::Limits;

use crate::client::{Client, ClientEvent, message, within};
use crate::setup::{ALL, TestServer, config_with, open_config, post};

/// Publishes until the server has closed the connection.
async fn flood(server: &TestServer, id: &str) {
    let body = json!({ "channel": "c", "payload": "x".repeat(60_000) }).to_string();
    while server.record(id).await["open"] == true {
        assert_eq!(post(server.address(), "/publish", &body).await.0, 200);
        let sent = server.shown("/log?channel=c").await["head"].as_u64();
        assert!(sent < Some(5_000), "a reader that does not read is never closed");
    }
}

#[tokio::test]
async fn slow_reader_is_closed_with_an_error_without_delaying_others() {
    // The closing handshake may take long, so that the test can read the error before it times out.
    let limits = Limits {
        outbound_frames: 20,
        slow_reader_ms: 200,
        close_timeout_ms: 60_000,
        ..Limits::default()
    };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut slow = server.base().await;
    let mut quick = server.base().await;
    let body = json!({ "channel": "c", "payload": "x".repeat(200_000) }).to_string();
    // Each message is read by one reader before the next is sent, so that only the other is slow.
    let mut is_closed = false;
    for _ in 0..400 {
        assert_eq!(post(server.address(), "/publish", &body).await.0, 200);
        quick.expect("channel_message").await;
        if is_closed_as_slow(&server, &slow.id()).await {
            is_closed = true;
            break;
        }
    }
    assert!(is_closed);
    let mut last = json!(null);
    let end = loop {
        match slow.next_event().await {
            ClientEvent::Frame(frame) => last = frame,
            end => break end,
        }
    };
    assert_eq!((&last["code"], end), (&json!("slow_reader"), ClientEvent::Closed(1013)));
}

/// Whether the server closes a reader as slow: then it sends it no more messages.
async fn is_closed_as_slow(server: &TestServer, id: &str) -> bool {
    let sent = server.record(id).await["sent"]["channel_message"].as_u64().unwrap_or(0);
    let head = server.shown("/log?channel=c").await["head"].as_u64().unwrap_or(0);
    head > sent + 30
}

#[tokio::test]
async fn reader_that_never_reads_is_disconnected() {
    let limits = Limits {
        outbound_frames: 20,
        slow_reader_ms: 200,
        close_timeout_ms: 100,
        ..Limits::default()
    };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let stuck = server.base().await;
    flood(&server, &stuck.id()).await;
    assert!(server.record(&stuck.id()).await["closedAt"].is_u64());
}

#[tokio::test]
async fn peer_without_pong_is_closed_and_one_with_pong_is_kept() {
    let limits = Limits { idle_timeout_ms: 600, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    // A client that reads answers pings.
    let (mut reading, mut silent) = (server.full().await, server.full().await);
    let id = silent.id();
    let closed = async {
        while server.record(&id).await["closedAt"].is_null() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        event = reading.next_event() => panic!("{event:?}"),
        () = within("end", closed) => {}
    }
    assert_eq!(silent.until_closed().await, ClientEvent::Closed(1001));
}

/// Reads `count` messages, which must be numbered in order.
async fn read_numbered(reader: &mut Client, count: usize) {
    for n in 0..count {
        let message = reader.until("channel_message").await;
        assert_eq!(message["payload"]["n"], n);
    }
}

#[tokio::test]
async fn burst_in_one_write_is_received_by_every_reader_without_closing_any() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let mut readers = [server.full().await, server.full().await];
    for reader in &mut readers {
        reader.subscribe("c").await;
    }
    let frame = |n| json!({ "type": "channel_message", "channel": "c", "payload": { "n": n } });
    ann.send_at_once((0..3_000).map(|n| frame(n).to_string())).await;
    for reader in &mut readers {
        read_numbered(reader, 3_000).await;
        assert_eq!(reader.received_before_pong().await.len(), 0);
    }
    assert_eq!(ann.received_before_pong().await.len(), 0);
}

#[tokio::test]
async fn burst_with_acks_receives_every_ack() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    ann.subscribe("c").await;
    ann.until("presence_state").await;
    let id = |n: usize| format!("m{n}");
    ann.send_at_once((0..5_000).map(|n| message("c", &id(n), &json!({ "n": n })).to_string()))
        .await;
    let (mut acks, mut echoes) = (0, 0);
    while acks < 5_000 || echoes < 5_000 {
        let frame = ann.next().await;
        match frame["type"].as_str() {
            Some("ack") => {
                assert_eq!((&frame["id"], &frame["status"]), (&json!(id(acks)), &json!("ok")));
                acks += 1;
            }
            Some("channel_message") => {
                assert_eq!(frame["payload"]["n"], echoes);
                echoes += 1;
            }
            other => panic!("{other:?} {frame}"),
        }
    }
    assert_eq!(server.record(&ann.id()).await["open"], true);
}

#[tokio::test]
async fn largest_batch_keeps_sender_and_reader_connected() {
    let limits = Limits { messages_per_second: u32::MAX, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let (mut ann, mut bob) = (server.full().await, server.full().await);
    bob.subscribe("c").await;
    let frames: Vec<_> =
        (0..10_000).map(|n| message("c", &format!("m{n}"), &json!({ "n": n }))).collect();
    ann.send(json!(frames)).await;
    let acks = async {
        for n in 0..10_000 {
            assert_eq!(ann.until("ack").await["id"], format!("m{n}"));
        }
    };
    tokio::join!(acks, read_numbered(&mut bob, 10_000));
    ann.send(json!(vec![1; 10_001])).await;
    assert_eq!(ann.until("error").await["code"], "invalid");
}

#[tokio::test]
async fn large_messages_in_one_write_are_received_by_the_reader() {
    let server = TestServer::start().await;
    // Without compression, which would make them small.
    let query = "?features=subscribe,seq,envelope,ack,presence";
    let (mut ann, mut bob) = (
        Client::open(server.address(), query, &[]).await,
        Client::open(server.address(), query, &[]).await,
    );
    ann.auth(None, ALL).await;
    bob.auth(None, ALL).await;
    bob.subscribe("c").await;
    let pad = "x".repeat(3 << 20);
    let frame =
        |n| json!({ "type": "channel_message", "channel": "c", "payload": { "n": n, "pad": pad } });
    let send = ann.send_at_once((0..8).map(|n| frame(n).to_string()));
    tokio::join!(send, read_numbered(&mut bob, 8));
    assert_eq!(ann.received_before_pong().await.len(), 0);
}

#[tokio::test]
async fn sender_that_does_not_read_is_paused_and_then_closed() {
    let limits = Limits { slow_reader_ms: 300, close_timeout_ms: 100, ..Limits::default() };
    let tables = config_with(&[("notes", TableConfig::default())]);
    let server = TestServer::with(Config { limits, ..tables }).await;
    let mut ann = Client::open_narrow(server.address()).await;
    ann.auth(None, ALL).await;
    let mut bob = server.full().await;
    let id = ann.id();
    ann.change("notes", "i", "insert", json!({ "row": { "id": "a" } })).await;
    // The acks contain a whole row of random digits, which compression does not shrink much.
    let noise = |n: u64| {
        (0..4_000)
            .map(|k| format!("{:016x}", (n * 4_000 + k).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            .collect::<String>()
    };
    let flood = async {
        for n in 0.. {
            let mut update =
                message("notes", &format!("u{n}"), &json!({ "row": { "id": "a", "x": noise(n) } }));
            update["event"] = "update".into();
            if ann.try_send_at_once([update.to_string()]).await.is_err() {
                break;
            }
        }
    };
    let closed = async {
        while server.record(&id).await["open"] == true {
            // Other connections are not blocked.
            assert_eq!(bob.received_before_pong().await.len(), 0);
        }
    };
    tokio::join!(flood, within("end", closed));
}
