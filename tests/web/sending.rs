//! Sends: their frames, invalid values, and outcomes.

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, get, js, js_with, outcome, string_of, text};
use crate::page;

const ENVELOPE: &str = r#""envelope","ack""#;

#[wasm_bindgen_test]
async fn payload_is_inserted_unchanged() {
    let (client, socket, _listener) = Harness::ready("", ENVELOPE).await;
    for expression in [
        r#""snow ☃, 🦀, \u2028, \u0000 and a lone \ud800""#,
        r#"'quotes " and \\ and }{ and "payload":'"#,
        "{ nested: { text: JSON.stringify({ a: '\"' }) }, list: [1, -0.5, 1e21, null, true] }",
        "JSON.parse('{\"__proto__\":{\"polluted\":1},\"constructor\":0}')",
        "'x'.repeat(300_000)",
        "null",
        "0",
        "[]",
    ] {
        let payload = js(expression);
        let _ = client.send("room", &payload);
        let sent = socket.last_sent();
        let whole = js_with("JSON.parse(a)", &sent.as_str().into(), &JsValue::UNDEFINED);
        assert_eq!(text(&get(&whole, "payload")), text(&payload), "{expression}");
        assert!(sent.contains(&text(&payload)), "the text that was serialized at the call");
        assert_eq!(string_of(&whole, "channel"), "room");
    }
    assert!(js("({}).polluted").is_undefined());
}

#[wasm_bindgen_test]
async fn merged_form_accepts_hostile_keys_as_plain_members() {
    let (client, socket, _listener) = Harness::ready("", "").await;
    let message =
        "JSON.parse('{\"__proto__\":{\"polluted\":1},\"type\":\"note\",\"text\":\"hi\"}')";
    let _ = client.send("room", &js(message));
    assert_eq!(
        socket.last_sent(),
        r#"{"type":"note","channel":"room","__proto__":{"polluted":1},"text":"hi"}"#,
        "the message's own type is sent, and all of its members"
    );
    assert!(js("({}).polluted").is_undefined());
    assert!(js("Object.getPrototypeOf({}) === Object.prototype").is_truthy());
}

#[wasm_bindgen_test]
async fn merged_form_rejects_payloads_ambiguous_for_a_base_server() {
    let (client, socket, _listener) = Harness::ready("", "").await;
    let sent = socket.sent().len();
    for message in ["{ type: 'ping' }", "{ channel: 'hall' }", "'text'", "[1]", "null"] {
        let error = outcome(client.send("room", &js(message))).await.expect_err(message);
        assert_eq!(string_of(&error, "code"), "invalid_message", "{message}");
    }
    assert_eq!(socket.sent().len(), sent);
}

#[wasm_bindgen_test]
async fn later_changes_to_a_message_have_no_effect() {
    let client = Harness::new("");
    client.listen("room");
    let message = js("{ text: 'first' }");
    let _ = client.send("room", &message);
    js_with("a.text = 'second'", &message, &message);
    let socket = page::socket().await;
    socket.accept(ENVELOPE);
    assert!(socket.last_sent().contains("first"), "{}", socket.last_sent());
}

#[wasm_bindgen_test]
async fn value_that_json_cannot_represent_is_rejected_at_the_call() {
    let client = Harness::new("");
    for message in [
        "((o) => { o.self = o; return o })({})",
        "({ big: 10n })",
        "undefined",
        "() => 1",
        "Symbol('s')",
        "({ toJSON() { throw new Error('no') } })",
    ] {
        let sent = client.send_with("room", &js(message), &JsValue::UNDEFINED);
        let error = sent.expect_err(message);
        assert_eq!(string_of(&error, "code"), "invalid_argument", "{message}");
        assert!(text(&error).contains("message"), "{}", text(&error));
    }
    assert!(client.send_with("", &js("{}"), &JsValue::UNDEFINED).is_err(), "an empty channel");
    assert_eq!(client.metric("queueDepth"), 0.0);
    page::settle().await;
    assert!(page::sockets().is_empty());
}

#[wasm_bindgen_test]
async fn send_keeps_the_connection_open_until_it_is_settled() {
    let client = Harness::new("");
    let depths = client.listen_to("queue");
    let sent = client.send("room", &js("{ text: 'hi' }"));
    let socket = page::socket().await;
    socket.accept(ENVELOPE);
    let frame = js(&socket.last_sent());
    assert_eq!(get(&frame, "ack"), JsValue::TRUE);
    page::advance(5_000).await;
    assert_eq!(socket.closed_with(), None);
    let id = string_of(&frame, "id");
    assert_eq!(id.len(), 32, "{id}");
    socket.receive(&format!(
        r#"{{"type":"ack","channel":"room","id":"{id}","status":"ok","seq":4,"payload":{{"row":1}}}}"#
    ));
    let ack = outcome(sent).await.expect("acked");
    assert_eq!(text(&ack), r#"{"confirmed":true,"seq":4,"payload":{"row":1}}"#);
    assert_eq!(depths.texts(), ["1", "0"]);
    page::advance(1_000).await;
    assert_eq!(socket.closed_with(), Some(1000));
}

#[wasm_bindgen_test]
async fn rejected_send_has_the_server_s_message() {
    let (client, socket, _listener) = Harness::ready("", ENVELOPE).await;
    let sent = client.send("room", &js("{ price: 1 }"));
    let id = string_of(&js(&socket.last_sent()), "id");
    socket.receive(&format!(
        r#"{{"type":"ack","channel":"room","id":"{id}","status":"error","code":"too_low","message":"bid more","retryable":false}}"#
    ));
    let error = outcome(sent).await.expect_err("rejected");
    assert_eq!(
        (string_of(&error, "code"), string_of(&error, "channel")),
        ("rejected".into(), "room".into())
    );
    assert_eq!(text(&get(&error, "cause")), r#"{"code":"too_low","message":"bid more"}"#);
    assert_eq!(get(&error, "retryable"), JsValue::FALSE);
}

#[wasm_bindgen_test]
async fn send_without_acks_is_settled_when_transmitted() {
    let (client, socket, _listener) = Harness::ready("", "").await;
    let sent = client.send("room", &js("{ text: 'hi' }"));
    assert_eq!(socket.last_sent(), r#"{"type":"channel_message","channel":"room","text":"hi"}"#);
    assert_eq!(text(&outcome(sent).await.expect("transmitted")), r#"{"confirmed":false}"#);
}

#[wasm_bindgen_test]
async fn unanswered_send_is_resent_with_the_same_id() {
    let (client, first, _listener) = Harness::ready("reconnect: { baseMs: 1 }", ENVELOPE).await;
    let _ = client.send("room", &js("{ text: 'once' }"));
    let frame = first.last_sent();
    first.end(1006, "");
    page::advance(5).await;
    let second = page::socket().await;
    second.accept(ENVELOPE);
    assert_eq!(second.last_sent(), frame);
}

#[wasm_bindgen_test]
async fn options_of_a_send_are_sent() {
    let (client, socket, _listener) = Harness::ready("", r#""envelope","ack","ephemeral""#).await;
    let send = |options: &str| {
        let _ = client.send_with("room", &js("1"), &js(options)).expect("accepted");
        socket.last_sent()
    };
    let plain = send("{ event: 'moved', ack: false }");
    assert!(plain.contains(r#""event":"moved""#) && !plain.contains(r#""ack""#), "{plain}");
    assert_eq!(
        send("{ event: 'typing', ephemeral: true }"),
        r#"{"type":"ephemeral","channel":"room","event":"typing","payload":1}"#
    );
    let wrong = client.send_with("room", &js("1"), &js("{ ttlMs: -1 }")).expect_err("negative");
    assert!(text(&wrong).contains("ttlMs"), "{}", text(&wrong));
}

#[wasm_bindgen_test]
async fn failed_send_without_a_handler_is_no_unhandled_rejection() {
    let client = Harness::new("");
    let _ = client.send_with("room", &js("1"), &js("{ ttlMs: 10 }")).expect("accepted");
    page::advance(20).await;
    assert_eq!(client.metric("queueDepth"), 0.0, "it expired");
    page::settle().await;
    assert!(page::reported().is_empty(), "{:?}", page::reported());
}

#[wasm_bindgen_test]
async fn value_that_json_cannot_represent_is_rejected_with_its_path() {
    let (client, socket, _listener) = Harness::ready("", ENVELOPE).await;
    let sent = socket.sent().len();
    for (expression, place) in [
        ("NaN", "message must"),
        ("{ a: { b: [1, Infinity] } }", "message.a.b[1] must"),
        ("[1, undefined]", "message[1] must"),
        ("[1, , 2]", "message[1] must"),
        ("undefined", "message must"),
        ("({ f() {} })", "message.f must"),
        ("[1n]", "message[0] must"),
        ("{ m: new Map() }", "message.m must"),
        ("{ e: Error('x') }", "message.e must"),
        ("{ t: new Uint8Array(1) }", "message.t must"),
        ("(() => { const a = {}; a.a = a; return a; })()", "message.a.a"),
        (
            "(() => { let v = 1; for (let i = 0; i < 20000; i++) v = [v]; return v; })()",
            "message[0][0]",
        ),
        ("{ get a() { throw Error('boom'); } }", "boom"),
        ("{ a: { toJSON() { throw Error('boom'); } } }", "boom"),
        (
            "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
            "message",
        ),
    ] {
        let error =
            client.send_with("room", &js(expression), &JsValue::UNDEFINED).expect_err(expression);
        assert_eq!(string_of(&error, "code"), "invalid_argument", "{expression}");
        let message = string_of(&get(&error, "cause"), "message");
        assert!(message.contains(place), "{expression}: {message}");
    }
    assert_eq!(socket.sent().len(), sent);
    let _ = client.send("room", &js("{ at: new Date(0), none: undefined, list: [null] }"));
    assert!(socket.last_sent().contains(r#"{"at":"1970-01-01T00:00:00.000Z","list":[null]}"#));
}
