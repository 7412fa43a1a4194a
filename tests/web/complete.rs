//! Further functions of the bare module: the other protocols, handles, errors and warnings.

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, Listener, get, js, js_with, outcome, string_of, text};
use crate::page;

async fn address_of(members: &str) -> String {
    let client = Harness::new(members);
    client.listen("room");
    page::socket().await.url()
}

#[wasm_bindgen_test]
async fn each_protocol_has_its_own_address() {
    let host = js("location.host").as_string().expect("a page has one");
    for (members, opened) in [
        ("protocol: 'phoenix', url: undefined", format!("ws://{host}/socket/websocket?vsn=2.0.0")),
        (
            "protocol: 'phoenix', url: 'wss://example.test/live/', vsn: '1.0.0'",
            "wss://example.test/live/websocket?vsn=1.0.0".to_owned(),
        ),
        (
            "protocol: 'supabase', url: 'https://ref.test', apiKey: 'public', params: { q: 1 }",
            "wss://ref.test/realtime/v1/websocket?q=1&vsn=2.0.0&apikey=public".to_owned(),
        ),
    ] {
        assert_eq!(address_of(members).await, opened, "{members}");
    }
}

#[wasm_bindgen_test]
async fn client_accepts_an_address_with_options_or_options_only() {
    page::fresh();
    for arguments in [
        "['wss://example.test/one', { lingerMs: 0 }]",
        "[new URL('wss://example.test/one')]",
        "[() => 'wss://example.test/one']",
        "[{ url: 'wss://example.test/one' }]",
    ] {
        let given = js(arguments);
        let part = |at: u32| js_sys::Reflect::get_u32(&given, at).expect("an array");
        let client = tidewire::bare::RealtimeClient::new(part(0), part(1)).expect(arguments);
        let client = crate::harness::Client::of(client);
        client.listen("room");
        assert_eq!(page::socket().await.url(), "wss://example.test/one", "{arguments}");
        client.destroy();
    }
}

#[wasm_bindgen_test]
async fn invalid_address_is_reported_without_its_secrets() {
    let client = Harness::new("url: () => 'ftp://user:secret@example.test/a?token=secret'");
    let errors = client.listen_to("error");
    client.listen("room");
    page::settle().await;
    let error = errors.value(0, 0);
    assert_eq!(string_of(&error, "code"), "url_failed");
    let message = string_of(&error, "message");
    assert!(message.contains("ftp://example.test/a") && !message.contains("secret"), "{message}");
}

#[wasm_bindgen_test]
async fn errors_are_error_objects_with_a_hint() {
    let client = Harness::new("");
    let error = client.subscribe("", &JsValue::NULL, &JsValue::NULL).expect_err("no name");
    assert!(error.is_instance_of::<js_sys::Error>());
    assert_eq!(string_of(&error, "name"), "RealtimeError");
    assert!(string_of(&error, "message").contains("channel must be a non-empty string"));
    assert!(!string_of(&error, "hint").is_empty() && !string_of(&error, "stack").is_empty());
    assert!(!js_with("Object.keys(a).includes('name')", &error, &error).is_truthy());
}

#[wasm_bindgen_test]
async fn token_in_a_message_of_the_server_is_redacted() {
    let (client, socket, _listener) = Harness::ready("getToken: () => 'very-secret'", "").await;
    let errors = client.listen_to("error");
    socket.receive(
        r#"{"type":"error","message":"bad token very-secret and eyJhbGciOi.eyJzdWIi.c2ln"}"#,
    );
    assert!(errors.count() > 0);
    for at in 0..errors.count() {
        let error = errors.value(at, 0);
        let shown = [string_of(&error, "message"), text(&error)].concat();
        assert!(shown.contains("[token]"), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains("eyJ"), "{shown}");
    }
}

#[wasm_bindgen_test]
async fn an_unknown_option_is_reported_once_with_the_nearest_name() {
    let client = Harness::new("");
    let errors = client.listen_to("error");
    for _ in 0..2 {
        let options = js("{ persistant: true, broadcast: undefined }");
        client.subscribe("room", &options, &JsValue::NULL).expect("it has no effect");
    }
    assert_eq!(errors.count(), 1);
    let error = errors.value(0, 0);
    assert_eq!(string_of(&error, "code"), "invalid_argument");
    assert_eq!(string_of(&error, "message"), "There is no channel option \"persistant\".");
    assert_eq!(string_of(&error, "hint"), "Did you mean \"persistent\"?");
}

#[wasm_bindgen_test]
async fn options_of_another_protocol_are_rejected() {
    let client = Harness::new("");
    for options in [
        "{ broadcast: { self: true } }",
        "{ postgresChanges: [{}] }",
        "{ presence: false }",
        "{ private: true }",
    ] {
        let error = client.subscribe("room", &js(options), &JsValue::NULL).expect_err(options);
        assert!(string_of(&error, "message").contains("is for protocol: 'supabase'"), "{options}");
    }
}

#[wasm_bindgen_test]
async fn unhandled_error_is_printed_as_one_warning() {
    let printed =
        js("((lines) => { console.warn = (line) => lines.push(line); return lines; })([])");
    let client = Harness::new("reconnect: { baseMs: 1 }");
    client.listen("room");
    page::socket().await.end(1006, "");
    page::advance(20).await;
    page::socket().await.end(1006, "");
    page::advance(20).await;
    let lines = text(&printed);
    assert_eq!(lines.matches("[tidewire] connect_refused").count(), 1, "{lines}");
    js("delete console.warn");
}

#[wasm_bindgen_test]
async fn logger_receives_records_instead_of_the_console() {
    let client = Harness::new("logger: (record) => { (globalThis.records ??= []).push(record) }");
    client.listen("room");
    page::socket().await.accept("");
    let records =
        text(&js("globalThis.records.map(({ level, event, state }) => [level, event, state])"));
    for record in [
        r#"["info","state","connecting"]"#,
        r#"["debug","socket open",null]"#,
        r#"["info","state","ready"]"#,
    ] {
        assert!(records.contains(record), "{records}");
    }
    js("delete globalThis.records");
}

#[wasm_bindgen_test]
async fn the_snapshot_is_the_same_object_until_it_changes() {
    let (client, socket, _listener) = Harness::ready("", "").await;
    let snapshot = || js_with("a.getSnapshot()", &client, &client);
    let before = snapshot();
    assert!(js_sys::Object::is(&before, &snapshot()));
    assert_eq!(
        (string_of(&before, "state"), get(&before, "queueDepth").as_f64()),
        ("ready".into(), Some(0.0))
    );
    socket.end(1006, "");
    assert_eq!(string_of(&snapshot(), "state"), "reconnecting");
}

#[wasm_bindgen_test]
async fn handle_receives_events_by_name_and_sends_one() {
    let (client, socket, _listener) = Harness::ready("", r#""envelope","ack""#).await;
    let room = js_with("a.channel('room')", &client, &client);
    let (named, all) = (Listener::new(), Listener::new());
    js_with("a.on('chat', b)", &room, named.callback());
    let stop = js_with("a.on('*', b)", &room, all.callback());
    socket.receive(r#"{"type":"channel_message","channel":"room","event":"chat","payload":1}"#);
    socket.receive(r#"{"type":"channel_message","channel":"room","event":"left","payload":2}"#);
    assert_eq!((named.texts(), all.texts()), (vec!["1".into()], vec!["1".into(), "2".into()]));
    js_with("a()", &stop, &stop);

    let sent = js_with("a.send('chat', { text: 'hi' })", &room, &room);
    let frame = js(&socket.last_sent());
    assert_eq!(
        (string_of(&frame, "event"), string_of(&frame, "id")),
        ("chat".into(), string_of(&sent, "id"))
    );
    assert_eq!(string_of(&sent, "status"), "sent");
    assert!(js_sys::Object::is(&get(&sent, "acked"), &sent));
    let plain = js_with("a.send('chat')", &room, &room);
    assert!(socket.last_sent().contains(r#""payload":"chat""#), "one argument is the payload");
    let id = string_of(&sent, "id");
    socket.receive(&format!(
        r#"{{"type":"ack","channel":"room","id":"{id}","status":"ok","seq":1}}"#
    ));
    let ack = outcome(sent.clone().unchecked_into()).await.expect("acked");
    assert_eq!(
        (text(&ack), string_of(&sent, "status")),
        (r#"{"confirmed":true,"seq":1}"#.into(), "acked".into())
    );
    drop(plain);
    js_with("[a.release(), a.release()]", &room, &room);
    assert_eq!(string_of(&room, "state"), "left");
    assert_eq!(client.metric("subscriberCount"), 1.0);
}

#[wasm_bindgen_test]
async fn client_that_the_app_dropped_works_while_it_has_a_subscription() {
    page::fresh();
    let listener = Listener::new();
    let options = js("{ url: 'wss://example.test/ws' }");
    let client =
        tidewire::bare::RealtimeClient::new(options, JsValue::UNDEFINED).expect("valid options");
    let stop = client
        .subscribe(&"room".into(), &JsValue::UNDEFINED, listener.callback())
        .expect("subscribed");
    drop(client);
    let socket = page::socket().await;
    socket.accept(r#""envelope""#);
    socket.receive(r#"{"type":"channel_message","channel":"room","payload":1}"#);
    assert_eq!(listener.count(), 1);
    stop.call0(&JsValue::UNDEFINED).expect("never throws");
    drop(stop);
}
