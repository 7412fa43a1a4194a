//! Metrics, channel statistics and the names of states.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, get, js, string_of, text};
use crate::page;

fn keys(value: &JsValue) -> Vec<String> {
    let mut keys: Vec<_> = Object::keys(value.unchecked_ref::<Object>())
        .iter()
        .filter_map(|key| key.as_string())
        .collect();
    keys.sort();
    keys
}

const METRICS: [&str; 21] = [
    "bytesReceived",
    "bytesSent",
    "channelCount",
    "connectTime",
    "connectionAttempts",
    "currentUptime",
    "disconnectTime",
    "duplicatesDropped",
    "errors",
    "gaps",
    "invalidFrames",
    "isConnected",
    "messagesReceived",
    "messagesSent",
    "queueDepth",
    "reconnects",
    "recovered",
    "rtt",
    "subscriberCount",
    "successfulConnections",
    "totalUptime",
];

#[wasm_bindgen_test]
async fn metrics_have_the_documented_keys_from_the_start() {
    let client = Harness::new("");
    let metrics = client.get_metrics();
    assert_eq!(keys(&metrics), METRICS);
    assert_eq!(keys(&get(&metrics, "rtt")), ["jitter", "last", "p50", "p99"]);
    assert_eq!(text(&get(&metrics, "connectTime")), "null");
    assert_eq!(get(&metrics, "isConnected"), JsValue::FALSE);
}

#[wasm_bindgen_test]
async fn metrics_count_connections_messages_and_uptime() {
    let (client, socket, _listener) = Harness::ready("reconnect: { baseMs: 1 }", "").await;
    client.listen("room");
    client.listen("hall");
    socket.receive(r#"{"type":"channel_message","channel":"room"}"#);
    let _ = client.send("room", &js("{ text: 'hi' }"));
    page::advance(2_000).await;
    for (key, value) in [
        ("connectionAttempts", 1.0),
        ("successfulConnections", 1.0),
        ("subscriberCount", 3.0),
        ("channelCount", 2.0),
        ("messagesReceived", 1.0),
        ("messagesSent", 1.0),
        ("currentUptime", 2_000.0),
        ("totalUptime", 2_000.0),
        ("queueDepth", 0.0),
    ] {
        assert_eq!(client.metric(key), value, "{key}");
    }
    assert!(client.metric("bytesReceived") > 0.0 && client.metric("bytesSent") > 0.0);
    let now = js("Date.now()").as_f64().expect("a number");
    assert_eq!(client.metric("connectTime"), now - 2_000.0, "wall time");
    socket.end(1006, "");
    page::advance(5).await;
    assert_eq!((client.metric("errors"), client.metric("currentUptime")), (1.0, 0.0));
    assert_eq!(client.metric("disconnectTime"), now);
}

#[wasm_bindgen_test]
async fn round_trips_are_measured() {
    let (client, socket, _listener) = Harness::ready("", "").await;
    page::advance(30_000).await;
    page::advance(80).await;
    socket.receive(r#"{"type":"pong"}"#);
    assert_eq!(get(&get(&client.get_metrics(), "rtt"), "last").as_f64(), Some(80.0));
}

#[wasm_bindgen_test]
async fn channel_statistics_have_the_documented_keys() {
    let (client, socket, _listener) = Harness::ready("", r#""subscribe""#).await;
    socket.receive(r#"{"type":"subscribed","channel":"room","ref":1}"#);
    socket.receive(r#"{"type":"channel_message","channel":"room"}"#);
    let stats = client.get_channel_stats();
    assert_eq!(keys(&stats), ["channels", "totalChannels"]);
    let channels: Array = get(&stats, "channels").unchecked_into();
    assert_eq!(channels.length(), 1);
    let room = channels.get(0);
    for key in ["key", "state", "referenceCount", "createdAt", "lastAccessedAt", "continuity"] {
        assert!(!get(&room, key).is_undefined(), "{key}");
    }
    assert_eq!(
        (string_of(&room, "key"), string_of(&room, "state")),
        ("room".into(), "ready".into())
    );
    assert_eq!(get(&room, "messagesReceived").as_f64(), Some(1.0));
    let now = js("Date.now()").as_f64();
    assert_eq!(get(&room, "lastAccessedAt").as_f64(), now);
}

#[wasm_bindgen_test]
async fn both_sets_of_state_names_agree() {
    let client = Harness::new("reconnect: { baseMs: 600_000, maxMs: 600_000 }");
    let expect_names = |names: (&str, &str)| {
        assert_eq!((client.state().as_str(), client.get_state().as_str()), names);
        assert_eq!(client.is_ready(), names.0 == "ready");
    };
    expect_names(("idle", "disconnected"));
    client.listen("room");
    expect_names(("connecting", "connecting"));
    let socket = page::socket().await;
    socket.open();
    expect_names(("authenticating", "connected"));
    socket.receive(r#"{"type":"auth_success","connectionId":"c1"}"#);
    expect_names(("ready", "authenticated"));
    socket.end(1006, "");
    expect_names(("reconnecting", "connecting"));
    page::set_online(false);
    expect_names(("offline", "disconnected"));
    page::set_online(true);
    page::lifecycle("pagehide");
    expect_names(("paused", "disconnected"));
    client.disconnect();
    expect_names(("idle", "disconnected"));
    client.destroy();
    expect_names(("closed", "disconnected"));
}

#[wasm_bindgen_test]
async fn state_change_has_its_reason() {
    let client = Harness::new("");
    let states = client.listen_to("state");
    client.listen("room");
    page::socket().await.accept("");
    assert_eq!(states.texts(), ["\"connecting\"", "\"authenticating\"", "\"ready\""]);
    let reasons: Vec<_> =
        (0..states.count()).map(|at| string_of(&states.value(at, 1), "reason")).collect();
    assert_eq!(reasons, ["demand", "opened", "authenticated"]);
    states.stop();
    client.disconnect();
    assert_eq!(states.count(), 3);
}
