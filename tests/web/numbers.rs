//! What the client says of itself.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Scene, get, js, text, word};
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
    let client = Scene::new("");
    let metrics = client.get_metrics();
    assert_eq!(keys(&metrics), METRICS);
    assert_eq!(keys(&get(&metrics, "rtt")), ["jitter", "last", "p50", "p99"]);
    assert_eq!(text(&get(&metrics, "connectTime")), "null");
    assert_eq!(get(&metrics, "isConnected"), JsValue::FALSE);
}

#[wasm_bindgen_test]
async fn metrics_count_what_happens() {
    let (client, socket, _heard) = Scene::ready("reconnect: { baseMs: 1 }", "").await;
    client.hear("room");
    client.hear("hall");
    socket.say(r#"{"type":"channel_message","channel":"room"}"#);
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
    let (client, socket, _heard) = Scene::ready("", "").await;
    page::advance(30_000).await;
    page::advance(80).await;
    socket.say(r#"{"type":"pong"}"#);
    assert_eq!(get(&get(&client.get_metrics(), "rtt"), "last").as_f64(), Some(80.0));
}

#[wasm_bindgen_test]
async fn channel_statistics_have_the_documented_keys() {
    let (client, socket, _heard) = Scene::ready("", r#""subscribe""#).await;
    socket.say(r#"{"type":"subscribed","channel":"room","ref":1}"#);
    socket.say(r#"{"type":"channel_message","channel":"room"}"#);
    let stats = client.get_channel_stats();
    assert_eq!(keys(&stats), ["channels", "totalChannels"]);
    let channels: Array = get(&stats, "channels").unchecked_into();
    assert_eq!(channels.length(), 1);
    let room = channels.get(0);
    for key in ["key", "state", "referenceCount", "createdAt", "lastAccessedAt", "continuity"] {
        assert!(!get(&room, key).is_undefined(), "{key}");
    }
    assert_eq!((word(&room, "key"), word(&room, "state")), ("room".into(), "ready".into()));
    assert_eq!(get(&room, "messagesReceived").as_f64(), Some(1.0));
    let now = js("Date.now()").as_f64();
    assert_eq!(get(&room, "lastAccessedAt").as_f64(), now);
}

#[wasm_bindgen_test]
async fn both_sets_of_state_names_agree() {
    let client = Scene::new("reconnect: { baseMs: 600_000, maxMs: 600_000 }");
    let stands = |names: (&str, &str)| {
        assert_eq!((client.state().as_str(), client.get_state().as_str()), names);
        assert_eq!(client.is_ready(), names.0 == "ready");
    };
    stands(("idle", "disconnected"));
    client.hear("room");
    stands(("connecting", "connecting"));
    let socket = page::socket().await;
    socket.open();
    stands(("authenticating", "connected"));
    socket.say(r#"{"type":"auth_success","connectionId":"c1"}"#);
    stands(("ready", "authenticated"));
    socket.end(1006, "");
    stands(("reconnecting", "connecting"));
    page::set_online(false);
    stands(("offline", "disconnected"));
    page::set_online(true);
    page::lifecycle("pagehide");
    stands(("paused", "disconnected"));
    client.disconnect();
    stands(("idle", "disconnected"));
    client.destroy();
    stands(("closed", "disconnected"));
}

#[wasm_bindgen_test]
async fn state_change_has_its_reason() {
    let client = Scene::new("");
    let states = client.hear_event("state");
    client.hear("room");
    page::socket().await.accept("");
    assert_eq!(states.texts(), ["\"connecting\"", "\"authenticating\"", "\"ready\""]);
    let reasons: Vec<_> =
        (0..states.count()).map(|at| word(&states.value(at, 1), "reason")).collect();
    assert_eq!(reasons, ["demand", "opened", "authenticated"]);
    states.stop();
    client.disconnect();
    assert_eq!(states.count(), 3);
}
