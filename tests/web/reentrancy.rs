//! Callbacks that throw, and callbacks that call the client.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, Listener, js, js_with};
use crate::page;

const MESSAGE: &str = r#"{"type":"channel_message","channel":"room","payload":1}"#;

#[wasm_bindgen_test]
async fn throwing_callback_affects_no_other() {
    let client = Harness::new("");
    let throws = js("() => { throw new Error('mine') }");
    client.subscribe("room", &JsValue::UNDEFINED, &throws).expect("subscribed");
    client.on("state", &throws);
    let listener = client.listen("room");
    let socket = page::socket().await;
    socket.accept(r#""envelope""#);
    socket.receive(MESSAGE);
    socket.receive(MESSAGE);
    assert_eq!(listener.count(), 2);
    assert!(client.is_ready());
    page::settle().await;
    let reported = page::reported();
    assert!(reported.len() >= 4, "two messages and two or more states: {reported:?}");
    assert!(reported.iter().all(|message| message.contains("mine")), "{reported:?}");
}

/// Subscribes with a callback: an expression in which `a` is the client, and `b` the callback of `log`.
fn subscribe(client: &Harness, log: &Listener, callback: &str) -> Function {
    let callback = js_with(callback, client, log.callback());
    client.subscribe("room", &JsValue::UNDEFINED, &callback).expect("subscribed")
}

#[wasm_bindgen_test]
async fn a_callback_may_subscribe() {
    let (client, socket, _listener) = Harness::ready("", r#""envelope","subscribe""#).await;
    socket.receive(r#"{"type":"subscribed","channel":"room","ref":1}"#);
    let log = Listener::new();
    subscribe(&client, &log, "() => { a.subscribe('hall', null, b); b('did'); }");
    socket.receive(MESSAGE);
    assert_eq!(log.texts(), ["\"did\""]);
    assert!(socket.last_sent().contains("hall"), "it joined at once: {}", socket.last_sent());
    socket.receive(r#"{"type":"subscribed","channel":"hall","ref":2}"#);
    socket.receive(r#"{"type":"channel_message","channel":"hall","payload":"later"}"#);
    assert_eq!(log.texts(), ["\"did\"", "\"later\""]);
    assert!(page::reported().is_empty(), "{:?}", page::reported());
}

#[wasm_bindgen_test]
async fn a_callback_may_unsubscribe_itself() {
    let (client, socket, listener) = Harness::ready("", r#""envelope""#).await;
    let log = Listener::new();
    let stop = subscribe(&client, &log, "() => { b('received'); globalThis.stop(); }");
    js_with("globalThis.stop = a", &stop, &stop);
    socket.receive(MESSAGE);
    socket.receive(MESSAGE);
    assert_eq!((log.count(), listener.count()), (1, 2));
    assert!(page::reported().is_empty(), "{:?}", page::reported());
}

#[wasm_bindgen_test]
async fn callback_unsubscribed_by_another_is_not_called() {
    let (client, socket, _listener) = Harness::ready("", r#""envelope""#).await;
    let log = Listener::new();
    subscribe(&client, &log, "() => globalThis.stop()");
    let stop = subscribe(&client, &log, "() => b('received')");
    js_with("globalThis.stop = a", &stop, &stop);
    socket.receive(MESSAGE);
    assert_eq!(log.count(), 0);
}

#[wasm_bindgen_test]
async fn a_callback_may_send_and_order_is_kept() {
    let (client, socket, _listener) = Harness::ready("", r#""envelope""#).await;
    let log = Listener::new();
    subscribe(&client, &log, "() => { a.send('room', 'one'); a.send('room', 'two'); b(); }");
    socket.receive(MESSAGE);
    let sent = socket.sent();
    let payloads: Vec<_> = sent.iter().filter_map(|text| text.split_once("\"payload\":")).collect();
    let payloads: Vec<_> = payloads.iter().map(|(_, rest)| *rest).collect();
    assert_eq!(payloads, ["\"one\"}", "\"two\"}"]);
    assert_eq!(log.count(), 1);
    assert!(page::reported().is_empty(), "{:?}", page::reported());
}

#[wasm_bindgen_test]
async fn a_callback_may_read_everything() {
    let (client, socket, _listener) = Harness::ready("", r#""envelope""#).await;
    let log = Listener::new();
    subscribe(
        &client,
        &log,
        "() => b([a.state, a.isReady(), a.getMetrics().messagesReceived, a.getChannelStats().totalChannels])",
    );
    socket.receive(MESSAGE);
    assert_eq!(log.texts(), [r#"["ready",true,1,1]"#]);
}

#[wasm_bindgen_test]
async fn page_event_during_a_callback_takes_effect_after_it() {
    let (client, socket, _listener) = Harness::ready("", r#""envelope""#).await;
    let log = Listener::new();
    let listener = js_with("(state) => b(state)", &client, log.callback());
    client.on("state", &listener);
    subscribe(
        &client,
        &log,
        "() => { b('enter'); window.dispatchEvent(new Event('offline')); b('leave'); }",
    );
    socket.receive(MESSAGE);
    assert_eq!(log.texts(), ["\"enter\"", "\"leave\"", "\"offline\""]);
    assert_eq!(socket.closed_with(), Some(1000));
    assert!(page::reported().is_empty(), "{:?}", page::reported());
}

#[wasm_bindgen_test]
async fn a_callback_may_destroy_the_client() {
    let (client, socket, listener) = Harness::ready("", r#""envelope""#).await;
    let log = Listener::new();
    subscribe(&client, &log, "() => { a.destroy(); b(a.state); }");
    socket.receive(MESSAGE);
    page::settle().await;
    assert_eq!(log.texts(), ["\"closed\""]);
    assert_eq!(socket.closed_with(), Some(1000));
    socket.receive(MESSAGE);
    assert_eq!(listener.count(), 1);
    assert!(page::reported().is_empty(), "{:?}", page::reported());
}

#[wasm_bindgen_test]
async fn functions_that_return_tokens_and_addresses_may_call_the_client() {
    let client = Harness::new(
        "getToken: () => { globalThis.client.subscribe('hall'); return 'abc'; },
         url: () => { globalThis.client.getMetrics(); return '/live'; }",
    );
    js_with("globalThis.client = a", &client, &client);
    client.listen("room");
    page::socket().await.accept("");
    assert!(client.is_ready());
    assert_eq!(client.metric("channelCount"), 2.0);
    assert!(page::reported().is_empty(), "{:?}", page::reported());
}

#[wasm_bindgen_test]
async fn a_state_listener_may_disconnect() {
    let client = Harness::new("");
    let listener = "(state) => { if (state === 'ready') a.disconnect(); b(state); }";
    let log = Listener::new();
    client.on("state", &js_with(listener, &client, log.callback()));
    client.listen("room");
    page::socket().await.accept("");
    assert_eq!(client.state(), "idle");
    assert_eq!(log.texts(), ["\"connecting\"", "\"authenticating\"", "\"ready\"", "\"idle\""]);
    assert!(page::reported().is_empty(), "{:?}", page::reported());
}
