//! Received frames: their values, hostile keys, and invalid frames.

use js_sys::{Object, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, get, js, js_with, string_of, text};
use crate::page;

#[wasm_bindgen_test]
async fn frame_of_a_base_server_is_delivered_whole() {
    let (_client, socket, listener) = Harness::ready("", "").await;
    let frame = r#"{"type":"alert","channel":"room","id":7,"payload":{"x":[1,null,"é"]}}"#;
    socket.receive(frame);
    assert_eq!(listener.texts(), [frame]);
    let meta = listener.value(0, 1);
    assert_eq!(string_of(&meta, "event"), "alert");
    assert!(get(&meta, "id").is_undefined(), "an id of a base message is the user's");
}

#[wasm_bindgen_test]
async fn enveloped_payload_is_delivered_without_its_envelope() {
    let (_client, socket, listener) = Harness::ready("", r#""envelope""#).await;
    socket.receive(
        r#"{"type":"channel_message","channel":"room","id":"m1","event":"moved","payload":[1,2]}"#,
    );
    assert_eq!(listener.texts(), ["[1,2]"]);
    let meta = listener.value(0, 1);
    assert_eq!((string_of(&meta, "event"), string_of(&meta, "id")), ("moved".into(), "m1".into()));
    assert_eq!(get(&meta, "own"), JsValue::FALSE);
}

#[wasm_bindgen_test]
async fn all_subscribers_of_a_channel_get_the_same_value() {
    let (client, socket, listener) = Harness::ready("", r#""envelope""#).await;
    let other = client.listen("room");
    let elsewhere = client.listen("hall");
    socket.receive(r#"{"type":"channel_message","channel":"room","payload":{"n":1}}"#);
    assert!(Object::is(&listener.value(0, 0), &other.value(0, 0)), "parsed once, never copied");
    assert_eq!((listener.count(), other.count(), elsewhere.count()), (1, 1, 0));
}

#[wasm_bindgen_test]
async fn message_without_a_channel_is_delivered_on_the_default_channel() {
    let (client, socket, _listener) = Harness::ready("", "").await;
    let listener = client.listen("default");
    socket.receive(r#"{"type":"channel_message","n":1}"#);
    assert_eq!(listener.count(), 1);
}

#[wasm_bindgen_test]
async fn hostile_keys_of_a_message_are_plain_members() {
    for features in ["", r#""envelope""#] {
        let (client, socket, listener) = Harness::ready("", features).await;
        socket.receive(
            r#"{"type":"channel_message","channel":"room","__proto__":{"polluted":1},"constructor":2,
                "payload":{"__proto__":{"polluted":1},"constructor":2}}"#,
        );
        let message = listener.value(0, 0);
        let own =
            js_with("Object.hasOwn(a, '__proto__') && a.constructor === 2", &message, &message);
        assert!(own.is_truthy());
        assert!(js("({}).polluted").is_undefined());
        assert!(client.is_ready());
    }
}

#[wasm_bindgen_test]
async fn channels_may_have_names_of_prototype_members() {
    let (client, socket, listener) = Harness::ready("", "").await;
    for name in ["__proto__", "constructor", "toString", "hasOwnProperty"] {
        let own = client.listen(name);
        socket.receive(&format!(r#"{{"type":"channel_message","channel":"{name}"}}"#));
        assert_eq!(own.count(), 1, "{name}");
    }
    socket.receive(r#"{"type":"channel_message","channel":"valueOf"}"#);
    assert_eq!(listener.count(), 0);
}

#[wasm_bindgen_test]
async fn invalid_frame_is_counted_and_reported_once() {
    let (client, socket, listener) = Harness::ready("maxFrameBytes: 4096", "").await;
    let errors = client.listen_to("error");
    socket.receive("{not json");
    socket.receive_data(&Uint8Array::new_with_length(3).buffer());
    socket.receive(&format!(r#"{{"channel":"room","long":"{}"}}"#, "x".repeat(5_000)));
    for text in ["null", "7", "\"text\"", "[]", "{}", r#"{"type":"news"}"#] {
        socket.receive(text);
    }
    assert_eq!(client.metric("invalidFrames"), 9.0);
    assert_eq!(errors.count(), 1);
    assert_eq!(string_of(&errors.value(0, 0), "code"), "invalid_frame");
    socket.receive(r#"{"type":"channel_message","channel":"room","n":1}"#);
    assert_eq!(listener.count(), 1, "the connection is unharmed");
    assert_eq!(socket.closed_with(), None);
}

#[wasm_bindgen_test]
async fn wrong_types_in_known_frames_are_ignored() {
    let (client, socket, listener) = Harness::ready("", r#""subscribe","envelope","ack""#).await;
    socket.receive(r#"{"type":"subscribed","channel":"room","ref":1}"#);
    for frame in [
        r#"{"type":7,"channel":"room"}"#,
        r#"{"type":"channel_message","channel":{"a":1}}"#,
        r#"{"type":"channel_message","channel":"room","event":{},"id":[],"payload":null}"#,
        r#"{"type":"subscribed","channel":"room","ref":"one"}"#,
        r#"{"type":"subscribed","channel":"room","ref":-1}"#,
        r#"{"type":"ack","channel":"room","id":5,"status":"ok"}"#,
        r#"{"type":"unsubscribed","channel":"room","ref":1e99,"code":{}}"#,
        r#"{"type":"pong","heads":7}"#,
        r#"{"type":"auth_success"}"#,
        r#"{"type":"error","message":{}}"#,
    ] {
        socket.receive(frame);
    }
    assert!(client.is_ready());
    socket.receive(r#"{"type":"channel_message","channel":"room","payload":"fine"}"#);
    assert_eq!(listener.texts().last().map(String::as_str), Some("\"fine\""));
    assert!(page::reported().is_empty());
}

#[wasm_bindgen_test]
async fn a_server_s_ping_is_answered() {
    let (_client, socket, _listener) = Harness::ready("", "").await;
    socket.receive(r#"{"type":"ping"}"#);
    assert_eq!(socket.last_sent(), r#"{"type":"pong"}"#);
}

#[wasm_bindgen_test]
async fn rejected_join_is_reported_and_other_channels_continue() {
    let (client, socket, listener) = Harness::ready("", r#""subscribe","envelope""#).await;
    socket.receive(r#"{"type":"subscribed","channel":"room","ref":1}"#);
    let errors = client.listen_to("error");
    client.listen("vault");
    let join = js(&socket.last_sent());
    assert_eq!(
        (string_of(&join, "type"), string_of(&join, "channel")),
        ("subscribe".into(), "vault".into())
    );
    let reference = text(&get(&join, "ref"));
    socket.receive(&format!(
        r#"{{"type":"error","channel":"vault","ref":{reference},"code":"forbidden","message":"staff only"}}"#
    ));
    let error = errors.value(0, 0);
    assert_eq!(
        (string_of(&error, "code"), string_of(&error, "channel")),
        ("forbidden".into(), "vault".into())
    );
    assert_eq!(string_of(&get(&error, "cause"), "message"), "staff only");
    socket.receive(r#"{"type":"channel_message","channel":"room","payload":1}"#);
    assert_eq!(listener.count(), 1);
}

#[wasm_bindgen_test]
async fn parameters_of_a_channel_are_sent_with_its_join() {
    let (client, socket, _listener) = Harness::ready("", r#""subscribe""#).await;
    client
        .subscribe("hall", &js("{ params: { since: 'noon', deep: { x: [1] } } }"), &JsValue::NULL)
        .expect("subscribed");
    assert!(socket.last_sent().contains(r#""options":{"since":"noon","deep":{"x":[1]}}"#));
}

#[wasm_bindgen_test]
async fn longest_strings_with_exact_numbers_affect_nothing() {
    let (client, socket, listener) = Harness::ready("exactNumbers: true", "").await;
    let frame = |of: &str| {
        js_with(
            "`{\"type\":\"channel_message\",\"channel\":\"room\",\"n\":12345678901234567890,
            \"of\":\"postgres_changes\",\"text\":\"${a.repeat(16_000_000 / a.length)}\"}`",
            &js(of),
            &JsValue::NULL,
        )
    };
    socket.receive_data(&frame("'x'"));
    assert_eq!(string_of(&listener.value(0, 0), "n"), "12345678901234567890");
    // A string that does not end: each quote in it would begin another search.
    socket.receive(&format!(r#"["postgres_changes","{}"#, r#"\""#.repeat(500_000)));
    assert_eq!(client.metric("invalidFrames"), 1.0);
    // A regular expression cannot match that many escapes in one string.
    socket.receive_data(&frame(r"'\\n'"));
    assert_eq!((listener.count(), client.metric("invalidFrames")), (1, 2.0));
    socket.receive(r#"{"type":"channel_message","channel":"room"}"#);
    assert_eq!(listener.count(), 2);
}
