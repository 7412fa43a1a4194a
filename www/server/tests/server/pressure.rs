//! Readers that do not read.

use serde_json::json;
use tidewire_server::config::{Config, Limits};

use crate::client::{Seen, within};
use crate::setup::{TestServer, open_config, post};

/// Keeps publishing until the server has given the connection up.
async fn flood(server: &TestServer, id: &str) {
    let body = json!({ "channel": "c", "payload": "x".repeat(60_000) }).to_string();
    while server.record(id).await["open"] == true {
        assert_eq!(post(server.address(), "/publish", &body).await.0, 200);
        let sent = server.shown("/log?channel=c").await["head"].as_u64();
        assert!(sent < Some(5_000), "a reader that does not read is kept for ever");
    }
}

#[tokio::test]
async fn a_slow_reader_is_told_so_and_closed_and_the_others_are_not_delayed() {
    // Long enough for the reader to come back to.
    let limits = Limits { outbound_frames: 20, close_timeout_ms: 60_000, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut slow = server.base().await;
    let mut quick = server.base().await;
    let body = json!({ "channel": "c", "payload": "x".repeat(200_000) }).to_string();
    // Each message is read by one before the next is sent, so that only the other falls behind.
    let mut given_up = false;
    for _ in 0..400 {
        assert_eq!(post(server.address(), "/publish", &body).await.0, 200);
        quick.expect("channel_message").await;
        if slow_reader_is_noted(&server, &slow.id()).await {
            given_up = true;
            break;
        }
    }
    assert!(given_up);
    let mut last = json!(null);
    let end = loop {
        match slow.seen().await {
            Seen::Frame(frame) => last = frame,
            end => break end,
        }
    };
    assert_eq!((&last["code"], end), (&json!("slow_reader"), Seen::Closed(1013)));
}

/// A reader that is behind does not yet know it: what tells is that nothing is queued any more.
async fn slow_reader_is_noted(server: &TestServer, id: &str) -> bool {
    let sent = server.record(id).await["sent"]["channel_message"].as_u64().unwrap_or(0);
    let head = server.shown("/log?channel=c").await["head"].as_u64().unwrap_or(0);
    head > sent + 30
}

#[tokio::test]
async fn a_reader_that_never_reads_is_dropped() {
    let limits = Limits { outbound_frames: 20, close_timeout_ms: 100, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let stuck = server.base().await;
    flood(&server, &stuck.id()).await;
    assert!(server.record(&stuck.id()).await["closedAt"].is_u64());
}

#[tokio::test]
async fn a_peer_that_answers_pings_stays_and_one_that_does_not_is_closed() {
    let limits = Limits { idle_timeout_ms: 600, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    // Reading is what answers pings.
    let (mut polite, mut deaf) = (server.full().await, server.full().await);
    let id = deaf.id();
    let closed = async {
        while server.record(&id).await["closedAt"].is_null() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        seen = polite.seen() => panic!("{seen:?}"),
        () = within("end", closed) => {}
    }
    assert_eq!(deaf.ending().await, Seen::Closed(1001));
}
