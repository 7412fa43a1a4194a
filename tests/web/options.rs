//! Invalid options and arguments are rejected synchronously, with their names.

use tidewire::bare::RealtimeClient;
use tidewire::engine::Engine;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, get, js, string_of};
use crate::page;

/// A client of an options object.
fn client_of(options: &str) -> Result<RealtimeClient, JsValue> {
    RealtimeClient::new(js(options), JsValue::UNDEFINED)
}

fn assert_names(error: &JsValue, name: &str) {
    assert_eq!(string_of(error, "code"), "invalid_argument", "{name}");
    let cause = string_of(&get(error, "cause"), "message");
    assert!(cause.contains(name), "{cause:?} does not name {name}");
    assert!(!string_of(error, "message").is_empty() && !string_of(error, "hint").is_empty());
    assert_eq!(get(error, "retryable"), JsValue::FALSE);
}

#[wasm_bindgen_test]
fn caps_of_reconnecting_are_applied() {
    page::fresh();
    for options in [
        "{ reconnect: { caps: [] } }",
        "{ reconnect: { caps: [{ untilMs: 1_000, maxMs: 500 }, { untilMs: Infinity, maxMs: 900 }] } }",
        "{ reconnect: { caps: [{ untilMs: 1_000, maxMs: 500 }, { maxMs: 900 }] } }",
    ] {
        match client_of(options) {
            Ok(client) => client.destroy(),
            Err(error) => panic!("{options}: {}", string_of(&get(&error, "cause"), "message")),
        }
    }
}

#[wasm_bindgen_test]
fn invalid_option_is_rejected_with_its_name() {
    page::fresh();
    let before = page::page_listeners();
    let mut accepted = Vec::new();
    for (options, name) in [
        ("7", "options"),
        ("true", "options"),
        ("{ auth: 'magic' }", "options.auth"),
        ("{ protocol: 'smoke' }", "options.protocol"),
        ("{ connectTimeoutMs: 0 }", "options.connectTimeoutMs"),
        ("{ lingerMs: -1 }", "options.lingerMs"),
        ("{ lingerMs: NaN }", "options.lingerMs"),
        ("{ idleChannelTtlMs: Infinity }", "options.idleChannelTtlMs"),
        ("{ ackTimeoutMs: '10' }", "options.ackTimeoutMs"),
        ("{ joinTimeoutMs: {} }", "options.joinTimeoutMs"),
        ("{ probeTimeoutMs: 0 }", "options.probeTimeoutMs"),
        ("{ maxChannels: 0 }", "options.maxChannels"),
        ("{ maxFrameBytes: 'big' }", "options.maxFrameBytes"),
        ("{ rejoin: -5 }", "options.rejoin"),
        ("{ heartbeat: 30 }", "options.heartbeat"),
        ("{ queue: 'long' }", "options.queue"),
        ("{ heartbeat: { everyMs: 0 } }", "options.heartbeat.everyMs"),
        ("{ heartbeat: { timeoutMs: 'x' } }", "options.heartbeat.timeoutMs"),
        ("{ reconnect: { maxAttempts: -1 } }", "options.reconnect.maxAttempts"),
        ("{ reconnect: { baseMs: 0 } }", "options.reconnect.baseMs"),
        ("{ reconnect: { caps: 2_000 } }", "options.reconnect.caps"),
        ("{ reconnect: { caps: { untilMs: 1, maxMs: 1 } } }", "options.reconnect.caps"),
        ("{ reconnect: { caps: [2_000] } }", "options.reconnect.caps"),
        ("{ reconnect: { caps: [{ untilMs: 1_000 }] } }", "options.reconnect.caps"),
        ("{ reconnect: { caps: [{ untilMs: 0, maxMs: 1 }] } }", "options.reconnect.caps.untilMs"),
        ("{ reconnect: { caps: [{ untilMs: 1, maxMs: 'x' }] } }", "options.reconnect.caps.maxMs"),
        (
            "{ reconnect: { caps: [{ untilMs: 2, maxMs: 1 }, { untilMs: 2, maxMs: 9 }] } }",
            "options.reconnect.caps",
        ),
        (
            "{ reconnect: { caps: [{ maxMs: 1 }, { untilMs: 2, maxMs: 9 }] } }",
            "options.reconnect.caps",
        ),
        ("{ visibility: { pauseAfterMs: 'no' } }", "options.visibility.pauseAfterMs"),
        ("{ queue: { maxMessages: 0 } }", "options.queue.maxMessages"),
        ("{ queue: { maxBytes: null } }", "options.queue.maxBytes"),
        ("{ refresh: { percent: 0 } }", "options.refresh.percent"),
    ] {
        match client_of(options) {
            Ok(client) => {
                client.destroy();
                accepted.push(options);
            }
            Err(error) => assert_names(&error, name),
        }
        let sink = js("() => {}").unchecked_into();
        match Engine::new(js(options), sink).map(drop) {
            Ok(()) => accepted.push(options),
            Err(error) => assert_names(&error, name),
        }
    }
    assert!(accepted.is_empty(), "accepted without an error: {accepted:?}");
    assert_eq!(page::page_listeners(), before, "a rejected client leaves no listeners");
}

/// These options are not passed to the engine of the package: its facade calls the app's functions.
#[wasm_bindgen_test]
fn invalid_source_is_rejected_with_its_name() {
    page::fresh();
    let mut accepted = Vec::new();
    for (options, name) in [
        ("{ url: 'ftp://example.test' }", "options.url"),
        ("{ url: 'ws://' }", "options.url"),
        ("{ getToken: 'abc' }", "options.getToken"),
        ("{ params: 'q=1' }", "options.params"),
        ("{ protocols: 'v1' }", "options.protocols"),
    ] {
        match client_of(options) {
            Ok(client) => {
                client.destroy();
                accepted.push(options);
            }
            Err(error) => assert_names(&error, name),
        }
    }
    assert!(accepted.is_empty(), "accepted without an error: {accepted:?}");
}

#[wasm_bindgen_test]
fn missing_option_of_a_protocol_is_rejected_with_its_name() {
    page::fresh();
    let before = page::page_listeners();
    let client = client_of("{ protocol: 'tidewire' }").expect("the native one");
    for (options, name) in [
        ("{ protocol: 'supabase' }", "options.url"),
        ("{ protocol: 'supabase', url: 'https://x.test' }", "options.apiKey"),
        ("{ protocol: 'supabase', url: 'https://x.test', apiKey: 7 }", "options.apiKey"),
        ("{ protocol: 'phoenix', vsn: '3.0.0' }", "options.vsn"),
    ] {
        assert_names(&client_of(options).map(drop).expect_err(options), name);
        assert_names(&client.configure(js(options)).expect_err(options), name);
    }
    client.destroy();
    assert_eq!(page::page_listeners(), before, "a rejected client leaves no listeners");
}

#[wasm_bindgen_test]
fn missing_options_are_valid() {
    page::fresh();
    for options in ["undefined", "{}", "{ lingerMs: undefined, heartbeat: undefined }"] {
        client_of(options).expect(options).destroy();
    }
}

#[wasm_bindgen_test]
async fn invalid_arguments_of_subscribe_are_named_and_change_nothing() {
    let client = Harness::new("");
    for (channel, options, callback, name) in [
        ("", "undefined", "() => {}", "channel"),
        ("room", "undefined", "7", "callback"),
        ("room", "undefined", "'print'", "callback"),
        ("room", "{ persistent: true, idleTtlMs: -1 }", "null", "options.idleTtlMs"),
    ] {
        let error = client.subscribe(channel, &js(options), &js(callback)).expect_err(name);
        assert_names(&error, name);
    }
    page::settle().await;
    assert!(page::sockets().is_empty());
    assert_eq!(client.metric("channelCount"), 0.0);
    for callback in ["null", "undefined"] {
        client.subscribe("room", &JsValue::NULL, &js(callback)).expect("no callback is fine");
    }
}

#[wasm_bindgen_test]
async fn channel_above_the_limit_is_rejected_unless_one_is_idle() {
    let client = Harness::new("maxChannels: 2");
    let first = client.listen("one");
    client.listen("two");
    let error =
        client.subscribe("three", &JsValue::UNDEFINED, &JsValue::NULL).expect_err("two are in use");
    assert_eq!(string_of(&error, "code"), "channel_limit");
    assert_eq!(client.metric("channelCount"), 2.0);
    first.stop();
    client.listen("three");
    assert_eq!(client.metric("channelCount"), 2.0, "the idle channel was left");
}
