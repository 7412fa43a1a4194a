//! Limits: a connection or user that exceeds them does not affect others.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tidewire_server::config::{Config, TableConfig};
use tidewire_server::limits::Limits;

use crate::client::{Client, ClientEvent, message};
use crate::setup::{TestServer, config_with, get, open_config, post};

async fn limited(limits: Limits) -> TestServer {
    let tables =
        config_with(&[("notes", TableConfig::default()), ("board:*", TableConfig::default())]);
    TestServer::with(Config { limits, ..tables }).await
}

/// Sends a frame; returns the code of its rejection, if it is rejected by an error or an ack.
async fn rejection_code(client: &mut Client, frame: Value) -> Option<String> {
    client.send(frame).await;
    let mut rejections =
        client.received_before_pong().await.into_iter().filter(|frame| frame["code"].is_string());
    rejections.next_back().map(|frame| frame["code"].as_str().unwrap_or_default().to_owned())
}

/// Builds the `n`th frame.
type Build = fn(usize) -> Value;

fn subscribe(channel: &str) -> Value {
    json!({ "type": "subscribe", "channel": channel, "ref": channel })
}

#[tokio::test]
async fn one_connection_cannot_create_every_channel() {
    let server = TestServer::start().await;
    let mut ann = server.full().await;
    let frames = (0..4_500).map(|n| {
        json!({ "type": "channel_message", "channel": format!("taken-{n}"), "payload": n })
            .to_string()
    });
    ann.send_at_once(frames).await;
    let rejected = ann
        .received_before_pong()
        .await
        .iter()
        .filter(|frame| frame["code"] == "rate_limited")
        .count();
    assert!(rejected > 4_000, "{rejected}");
    let mut bob = server.full().await;
    assert_eq!(bob.subscribe("bobs").await["channel"], "bobs");
    assert_eq!(bob.publish("bobs-other", "m", json!(1)).await["status"], "ok");
}

#[tokio::test]
async fn created_channels_are_limited_per_connection_and_user() {
    let limits = Limits { made_channels: 3, user_made_channels: 5, ..Limits::default() };
    let server = limited(limits).await;
    let (mut first, mut second) = (server.user("ann").await, server.user("ann").await);
    let mut created = 0;
    for (client, allowed) in [(&mut first, 3), (&mut second, 2)] {
        for n in 0..6 {
            let channel = format!("c{created}");
            let frame =
                if n % 2 == 0 { message(&channel, "m", &json!(1)) } else { subscribe(&channel) };
            let code = rejection_code(client, frame).await;
            assert_eq!(code.as_deref(), (n >= allowed).then_some("limit"), "{n}");
            created += usize::from(code.is_none());
        }
        // Existing channels can be used.
        assert_eq!(rejection_code(client, subscribe("c0")).await, None);
        assert_eq!(rejection_code(client, message("c0", "again", &json!(1))).await, None);
    }
    let mut bob = server.user("bob").await;
    assert_eq!(rejection_code(&mut bob, message("bobs", "m", &json!(1))).await, None);
    // A channel that never had a message is removed with its last member.
    let mut third = server.user("cat").await;
    for n in 0..9 {
        let channel = format!("quiet-{n}");
        assert_eq!(rejection_code(&mut third, subscribe(&channel)).await, None);
        third.send(json!({ "type": "unsubscribe", "channel": channel, "ref": 1 })).await;
    }
}

#[tokio::test]
async fn requests_beyond_their_rate_are_rejected() {
    let rates = Limits { joins_per_second: 4, requests_per_second: 4, ..Limits::default() };
    let rates = Limits { auths_per_second: 4, made_channels_per_second: 4, ..rates };
    let kinds: [(&str, Build); 6] = [
        ("subscribe", |_| subscribe("c")),
        ("subscribe anew", |n| subscribe(&format!("c{n}"))),
        ("message", |n| message(&format!("c{n}"), "m", &json!(1))),
        (
            "presence",
            |n| json!({ "type": "presence", "channel": "c", "ref": 1, "action": "track", "meta": { "n": n } }),
        ),
        (
            "recover",
            |_| json!({ "type": "recover", "channel": "c", "ref": 1, "epoch": "e", "from": 1, "to": 1 }),
        ),
        ("auth", |_| json!({ "type": "auth" })),
    ];
    for (kind, frame) in kinds {
        let server = limited(rates.clone()).await;
        let mut ann = server.full().await;
        if matches!(kind, "presence" | "recover") {
            ann.subscribe("c").await;
        }
        ann.send_at_once((0..12).map(|n| frame(n).to_string())).await;
        let mut rejected = 0;
        for _ in 0..12 {
            let answer = loop {
                let frame = ann.next().await;
                let is_answer =
                    ["subscribed", "ack", "presence_ok", "recovered", "auth_success", "error"];
                if is_answer.iter().any(|kind| frame["type"] == *kind) {
                    break frame;
                }
            };
            if answer["code"] == "rate_limited" {
                assert_eq!(answer["retryable"], true, "{kind}");
                rejected += 1;
            }
        }
        assert!((6..=8).contains(&rejected), "{kind} {rejected}");
        assert_eq!(server.record(&ann.id()).await["open"], true);
        // Another connection has its own limit.
        assert_eq!(server.full().await.subscribe("c").await["channel"], "c");
    }
}

#[tokio::test]
async fn messages_beyond_the_rate_are_delayed_in_order() {
    let limits = Limits { messages_per_second: 50, ..Limits::default() };
    let server = limited(limits).await;
    let (mut ann, mut bob) = (server.full().await, server.full().await);
    bob.subscribe("c").await;
    let start = tokio::time::Instant::now();
    let frame = |n: u32| json!({ "type": "channel_message", "channel": "c", "payload": n });
    ann.send_at_once((0..100).map(|n| frame(n).to_string())).await;
    for n in 0..100 {
        assert_eq!(bob.until("channel_message").await["payload"], n);
    }
    assert!(start.elapsed().as_millis() >= 900, "{:?}", start.elapsed());
}

#[tokio::test]
async fn invalid_frames_count_as_requests() {
    let limits = Limits { requests_per_second: 20, ..Limits::default() };
    let server = limited(limits).await;
    let (mut ann, mut bob) = (server.full().await, server.full().await);
    let start = tokio::time::Instant::now();
    ann.send_at_once((0..40).map(|_| "nonsense".to_owned())).await;
    for _ in 0..40 {
        assert_eq!(ann.expect("error").await["code"], "invalid");
    }
    assert!(start.elapsed().as_millis() >= 900, "{:?}", start.elapsed());
    assert_eq!(bob.subscribe("c").await["channel"], "c");
}

#[tokio::test]
async fn user_connections_are_limited() {
    let server = limited(Limits { user_connections: 2, ..Limits::default() }).await;
    let (_first, second) = (server.user("ann").await, server.user("ann").await);
    let token = crate::setup::token(&json!({ "sub": "ann" }));
    let mut third = Client::open(server.address(), "", &[]).await;
    third.send(json!({ "type": "auth", "token": token })).await;
    assert_eq!(third.expect("error").await["code"], "limit");
    assert_eq!(third.next_event().await, ClientEvent::Closed(1013));
    let mut bob = server.user("bob").await;
    assert_eq!(bob.subscribe("c").await["channel"], "c");
    let mut second = second;
    second.close(1000).await;
    while server.shown("/stats").await["open"] != 2 {
        tokio::task::yield_now().await;
    }
    server.user("ann").await.subscribe("c").await;
}

#[tokio::test]
async fn data_before_auth_is_limited() {
    let server = limited(Limits { auth_bytes: 2_000, ..Limits::default() }).await;
    let mut ann = Client::open(server.address(), "", &[]).await;
    ann.send(json!({ "type": "auth", "token": "x".repeat(4_000) })).await;
    assert_eq!(ann.expect("error").await["code"], "limit");
    assert!(matches!(ann.next_event().await, ClientEvent::Closed(1009) | ClientEvent::Cut));
    let mut bob = server.full().await;
    let large = json!("x".repeat(100_000));
    assert_eq!(bob.publish("c", "m", large).await["status"], "ok", "auth removes the limit");
}

#[tokio::test]
async fn presence_is_limited_per_meta_channel_and_user() {
    let limits = Limits {
        presence_meta_bytes: 100,
        presence_bytes: 400,
        presence_per_user: 2,
        ..Limits::default()
    };
    let server = limited(limits).await;
    let track = |size: usize| {
        json!({
            "type": "presence", "channel": "c", "ref": 1, "action": "track", "meta": { "x": "x".repeat(size) },
        })
    };
    let mut tabs = [server.user("ann").await, server.user("ann").await, server.user("ann").await];
    let mut codes = Vec::new();
    for tab in &mut tabs {
        tab.subscribe("c").await;
        assert_eq!(rejection_code(tab, track(200)).await.as_deref(), Some("invalid"));
        codes.push(rejection_code(tab, track(20)).await);
    }
    assert_eq!(codes, [None, None, Some("limit".to_owned())]);
    let mut others = Vec::new();
    for n in 0..5 {
        let mut other = server.user(&format!("user-{n}")).await;
        other.subscribe("c").await;
        others.push((rejection_code(&mut other, track(50)).await, other));
    }
    let codes: Vec<_> = others.iter().map(|(code, _)| code.as_deref()).collect();
    assert!(codes.contains(&None) && codes.last() == Some(&Some("limit")), "{codes:?}");
    assert_eq!(
        rejection_code(&mut tabs[0], track(10)).await,
        None,
        "an existing presence may shrink"
    );
}

#[tokio::test]
async fn total_table_size_is_limited_and_may_shrink() {
    let server = limited(Limits { table_bytes_total: 1_000, ..Limits::default() }).await;
    let mut ann = server.full().await;
    let row = |id: &str, size: usize| json!({ "row": { "id": id, "x": "x".repeat(size) } });
    assert_eq!(ann.change("notes", "1", "insert", row("a", 700)).await["status"], "ok");
    assert_eq!(ann.change("board:1", "2", "insert", row("a", 700)).await["status"], "ok");
    let ack = ann.change("board:2", "3", "insert", row("a", 1)).await;
    assert_eq!((&ack["status"], &ack["code"]), (&json!("error"), &json!("limit")));
    assert_eq!(ann.change("notes", "4", "delete", json!({ "key": "a" })).await["status"], "ok");
    assert_eq!(ann.change("board:2", "5", "insert", row("a", 1)).await["status"], "ok");
}

#[tokio::test]
async fn reading_tables_creates_no_channels() {
    let limits = Limits { max_channels_total: 5, ..Limits::default() };
    let server = limited(limits).await;
    for n in 0..20 {
        let (status, table) = get(server.address(), &format!("/tables/board:{n}")).await;
        assert_eq!(
            (status, &table["rows"], &table["position"]["seq"]),
            (200, &json!([]), &json!(0))
        );
    }
    let mut ann = server.full().await;
    let position = get(server.address(), "/tables/board:1").await.1["position"].clone();
    ann.send(json!({ "type": "subscribe", "channel": "board:1", "ref": 1, "since": position }))
        .await;
    assert_eq!(ann.until("subscribed").await["recovered"], true);
}

#[tokio::test]
async fn counters_are_limited_by_name_count() {
    let limits = Limits {
        counted_channels: 3,
        joins_per_second: u32::MAX,
        made_channels_per_second: u32::MAX,
        ..Limits::default()
    };
    let server = limited(limits).await;
    let mut ann = server.full().await;
    let pair = |n: u32| {
        let channel = format!("c{n}");
        let leave = json!({ "type": "unsubscribe", "channel": channel, "ref": 1 });
        [subscribe(&channel).to_string(), leave.to_string()]
    };
    ann.send_at_once((0..1_000).flat_map(pair)).await;
    while ann.until("unsubscribed").await["channel"] != "c999" {}
    let stats = server.shown("/stats").await;
    let last = json!({ "c997": 1, "c998": 1, "c999": 1 });
    assert_eq!((&stats["subscribes"], &stats["unsubscribes"]), (&last, &last));
    assert_eq!(stats["channels"], 0, "they are removed with their last member");
}

#[tokio::test]
async fn full_ack_memory_announces_a_shorter_time_and_keeps_earlier_ids() {
    // Enough for 100 ids, of which a user may use half.
    let server = limited(Limits { ack_memory_bytes: 20_000, ..Limits::default() }).await;
    let (mut ann, mut bob) = (server.user("ann").await, server.user("bob").await);
    assert_eq!(ann.auth_success["ackMemoryMs"], 120_000);
    let mut first = Value::Null;
    for n in 0..60 {
        let ack = ann.publish("c", &format!("m{n}"), json!(n)).await;
        if n == 0 {
            first = ack.clone();
        }
        let code = (n >= 50).then_some("rate_limited");
        assert_eq!(ack["code"].as_str(), code, "{n} {ack}");
    }
    assert_eq!(ann.publish("c", "m0", json!(0)).await, first, "it is still remembered");
    assert_eq!(
        bob.publish("c", "b", json!(0)).await["status"],
        "ok",
        "another user has a separate limit"
    );
    let announced = server.user("cat").await.auth_success["ackMemoryMs"].as_u64();
    assert!(announced.is_some_and(|ms| ms < 120_000), "{announced:?}");
    // Messages without an id need no memory.
    let body = json!({ "channel": "c", "payload": 1 }).to_string();
    for _ in 0..200 {
        assert_eq!(post(server.address(), "/publish", &body).await.0, 200);
    }
}

/// Publishes three messages to a channel and waits until the channel is removed.
async fn publish_and_wait_until_removed(server: &TestServer, channel: &str) {
    let address: SocketAddr = server.address();
    let body = json!({ "channel": channel, "payload": 1 }).to_string();
    for _ in 0..3 {
        assert_eq!(post(address, "/publish", &body).await.0, 200);
    }
    while !server.shown(&format!("/log?channel={channel}")).await["epoch"].is_null() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn removed_channel_continues_at_its_position() {
    let limits =
        Limits { log_age_ms: 50, ack_memory_ms: 50, max_channels_total: 3, ..Limits::default() };
    let limits = Limits { sweep_ms: 20, ..limits };
    let server = TestServer::with(Config { limits, ..open_config() }).await;
    let mut ann = server.full().await;
    let epoch = ann.subscribe("c").await["epoch"].clone();
    ann.send(json!({ "type": "unsubscribe", "channel": "c", "ref": 1 })).await;
    ann.until("unsubscribed").await;
    publish_and_wait_until_removed(&server, "c").await;
    assert_eq!(ann.resume("c", &epoch, 2).await["recovered"], false, "the third was missed");
    ann.send(json!({ "type": "unsubscribe", "channel": "c", "ref": 1 })).await;
    ann.until("unsubscribed").await;
    publish_and_wait_until_removed(&server, "c").await;
    let resumed = ann.resume("c", &epoch, 6).await;
    assert_eq!(
        (&resumed["recovered"], &resumed["head"], &resumed["epoch"]),
        (&json!(true), &json!(6), &epoch)
    );
    // Even if more channels are removed than are remembered, no two messages have the same position.
    for n in 0..4 {
        publish_and_wait_until_removed(&server, &format!("other-{n}")).await;
    }
    let other = ann.subscribe("other-0").await;
    assert_eq!(ann.subscribe("new").await["head"], 0);
    let position = (&other["epoch"], &other["head"]);
    assert!(position == (&epoch, &json!(3)) || position.0 != &epoch, "{other}");
}

#[tokio::test]
async fn large_messages_beyond_the_byte_rate_are_delayed() {
    let limits = Limits { bytes_per_second: 100 << 10, ..Limits::default() };
    let server = limited(limits).await;
    let mut bob = server.full().await;
    bob.subscribe("c").await;
    for is_packed in [false, true] {
        let mut ann = server.full().await;
        let start = tokio::time::Instant::now();
        for n in 0..3 {
            let text = message("c", &format!("{is_packed}-{n}"), &json!("x".repeat(100 << 10)))
                .to_string();
            if is_packed {
                ann.send_deflated(&text).await;
            } else {
                ann.send_text(&text).await;
            }
        }
        for _ in 0..3 {
            bob.until("channel_message").await;
        }
        assert!(start.elapsed().as_millis() >= 900, "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn incomplete_messages_are_limited_in_memory() {
    let server = limited(Limits { inbound_bytes_total: 1 << 20, ..Limits::default() }).await;
    let mut whole = server.full().await;
    let mut partial = Vec::new();
    for _ in 0..3 {
        let mut client = server.full().await;
        let mut bytes = vec![0x81, 0x80 | 127];
        bytes.extend((8_u64 << 20).to_be_bytes());
        bytes.extend([0; 4]);
        bytes.extend(vec![b' '; 500_000]);
        let _ = client.send_raw(&bytes).await;
        partial.push(client);
    }
    assert_eq!(partial[2].until("error").await["code"], "limit");
    assert!(matches!(partial[2].next_event().await, ClientEvent::Closed(1013) | ClientEvent::Cut));
    assert_eq!(whole.subscribe("c").await["channel"], "c", "small messages are never limited");
    drop(partial);
    let large = json!("x".repeat(700_000));
    assert_eq!(
        whole.publish("c", "m", large).await["status"],
        "ok",
        "closed connections no longer count"
    );
}
