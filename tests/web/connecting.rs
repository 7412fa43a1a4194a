//! When a socket is opened, to which address, and when it is closed.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, js, outcome, string_of, text};
use crate::page;

#[wasm_bindgen_test]
async fn module_start_changes_nothing_on_the_page() {
    page::fresh();
    assert_eq!(page::traces(), [0, 0, 0], "sockets, timers, page listeners");
}

#[wasm_bindgen_test]
async fn unused_client_opens_no_connection() {
    let client = Harness::new("getToken: () => { throw new Error('requested') }");
    page::advance(60_000).await;
    assert!(page::sockets().is_empty());
    assert_eq!((client.state().as_str(), page::armed()), ("idle", 0));
}

#[wasm_bindgen_test]
async fn the_first_subscribe_opens_one_socket_and_offers_the_token() {
    let client = Harness::new("getToken: () => 'abc.def'");
    client.listen("room");
    client.listen("room");
    client.listen("hall");
    page::settle().await;
    let sockets = page::sockets();
    assert_eq!(sockets.len(), 1);
    assert_eq!(sockets[0].url(), "wss://example.test/ws");
    assert_eq!(sockets[0].offered(), ["jwt", "abc.def"]);
    assert_eq!(client.state(), "connecting");
}

#[wasm_bindgen_test]
async fn auth_frame_is_sent_first() {
    let client = Harness::new("getToken: () => 'abc.def'");
    client.listen("room");
    let socket = page::socket().await;
    assert!(socket.sent().is_empty(), "nothing is sent before the socket is open");
    socket.open();
    assert_eq!(client.state(), "authenticating");
    let sent = socket.sent();
    let [auth] = sent.as_slice() else { panic!("one frame, not {sent:?}") };
    let frame = js(auth);
    assert_eq!(
        (string_of(&frame, "type"), string_of(&frame, "token")),
        ("auth".into(), "abc.def".into())
    );
    assert_eq!(string_of(&frame, "client"), concat!("tidewire/", env!("CARGO_PKG_VERSION")));
    assert!(auth.contains(r#""features":["#), "{auth}");
    socket.receive(r#"{"type":"auth_success","connectionId":"c1"}"#);
    assert!(client.is_ready());
}

#[wasm_bindgen_test]
async fn compression_is_offered_and_compressed_frames_are_inflated_in_order() {
    let client = Harness::new("");
    let listener = client.listen("room");
    let socket = page::socket().await;
    socket.open();
    let [auth] = &socket.sent()[..] else { panic!("one frame") };
    assert!(auth.contains("deflate"), "{auth}");
    socket.receive(
        r#"{"type":"auth_success","connectionId":"c1","features":["envelope","deflate"]}"#,
    );
    let frame = r#"{"type":"channel_message","channel":"room","payload":"inflated"}"#;
    socket.receive_data(&page::deflated(frame).await);
    socket.receive(r#"{"type":"channel_message","channel":"room","payload":"behind it"}"#);
    while listener.count() < 2 {
        page::settle().await;
    }
    assert_eq!(listener.texts(), [r#""inflated""#, r#""behind it""#], "in order");
}

#[wasm_bindgen_test]
async fn extra_subprotocols_follow_the_token() {
    let client = Harness::new("getToken: () => 'abc', protocols: ['v2', 'v1']");
    client.listen("room");
    assert_eq!(page::socket().await.offered(), ["jwt", "abc", "v2", "v1"]);
}

#[wasm_bindgen_test]
async fn without_the_auth_exchange_an_open_socket_is_ready() {
    let client = Harness::new("auth: 'none'");
    client.listen("room");
    let socket = page::socket().await;
    assert!(socket.offered().is_empty());
    socket.open();
    assert!(client.is_ready());
    assert_eq!(socket.count_sent("auth"), 0);
}

async fn address_of(members: &str) -> String {
    let client = Harness::new(members);
    client.listen("room");
    page::socket().await.url()
}

#[wasm_bindgen_test]
async fn address_may_be_a_path_a_string_or_a_url_object() {
    let host = js("location.host").as_string().expect("a page has one");
    for (given, opened) in [
        ("undefined", format!("ws://{host}/ws/realtime")),
        ("() => null", format!("ws://{host}/ws/realtime")),
        ("'/live'", format!("ws://{host}/live")),
        ("'http://example.test/live'", "ws://example.test/live".to_owned()),
        ("'https://example.test/live?x=1'", "wss://example.test/live?x=1".to_owned()),
        ("new URL('https://example.test/live')", "wss://example.test/live".to_owned()),
        ("'wss://example.test/live#part'", "wss://example.test/live".to_owned()),
    ] {
        assert_eq!(address_of(&format!("url: {given}")).await, opened, "{given}");
    }
}

#[wasm_bindgen_test]
async fn parameters_are_merged_with_those_of_the_address() {
    let opened =
        address_of("url: 'wss://example.test/?v=1&q=old', params: { q: 'a b&c', n: 7, ok: true }");
    assert_eq!(opened.await, "wss://example.test/?v=1&q=a+b%26c&n=7&ok=true");
}

#[wasm_bindgen_test]
async fn address_function_is_called_before_every_connection() {
    let client = Harness::new(
        "url: ((n) => async () => { n += 1; return `wss://example.test/${n}`; })(0), reconnect: { baseMs: 1 }",
    );
    client.listen("room");
    assert_eq!(page::socket().await.url(), "wss://example.test/1");
    page::socket().await.end(1006, "");
    page::advance(5).await;
    let urls: Vec<_> = page::sockets().iter().map(page::FakeSocket::url).collect();
    assert_eq!(urls, ["wss://example.test/1", "wss://example.test/2"]);
}

#[wasm_bindgen_test]
async fn failing_address_function_is_reported_and_retried() {
    for fails in
        ["() => { throw new Error('no address') }", "async () => { throw new Error('no address') }"]
    {
        let client = Harness::new(&format!("url: {fails}, reconnect: {{ baseMs: 1 }}"));
        let errors = client.listen_to("error");
        client.listen("room");
        page::settle().await;
        assert_eq!(client.state(), "reconnecting");
        let error = errors.value(0, 0);
        assert_eq!(string_of(&error, "code"), "url_failed");
        assert!(text(&error).contains("no address"), "{}", text(&error));
        page::advance(5).await;
        assert!(client.metric("connectionAttempts") >= 2.0);
        assert!(page::sockets().is_empty());
    }
}

#[wasm_bindgen_test]
async fn late_address_opens_no_connection() {
    let client =
        Harness::new("url: () => new Promise((resolve) => { globalThis.answerUrl = resolve; })");
    let listener = client.listen("room");
    page::settle().await;
    listener.stop();
    page::advance(1_000).await;
    js("globalThis.answerUrl('wss://example.test/late')");
    page::settle().await;
    assert!(page::sockets().is_empty());
    assert_eq!(client.state(), "idle");
}

#[wasm_bindgen_test]
async fn the_last_unsubscribe_closes_the_socket_after_a_second() {
    let (client, socket, listener) = Harness::ready("", "").await;
    let other = client.listen("room");
    listener.stop();
    listener.stop();
    page::advance(5_000).await;
    assert_eq!(socket.closed_with(), None, "one subscriber is left");
    other.stop();
    page::advance(999).await;
    assert_eq!(socket.closed_with(), None);
    page::advance(1).await;
    assert_eq!(socket.closed_with(), Some(1000));
    assert_eq!((client.state().as_str(), page::armed()), ("idle", 0));
    client.listen("room");
    page::settle().await;
    assert_eq!(page::sockets().len(), 2, "subscribing again reconnects");
}

#[wasm_bindgen_test]
async fn repeated_subscribe_and_unsubscribe_sends_one_join() {
    let (client, socket, listener) = Harness::ready("", r#""subscribe""#).await;
    listener.stop();
    let again = client.listen("room");
    again.stop();
    client.listen("room");
    page::advance(5_000).await;
    assert_eq!((socket.count_sent("subscribe"), socket.count_sent("unsubscribe")), (1, 0));
    assert_eq!(page::sockets().len(), 1);
}

#[wasm_bindgen_test]
async fn lost_connection_is_reopened_and_the_old_socket_is_ignored() {
    let (client, first, listener) = Harness::ready("reconnect: { baseMs: 1 }", "").await;
    first.end(1006, "");
    assert_eq!(client.state(), "reconnecting");
    page::advance(5).await;
    let second = page::socket().await;
    second.accept("");
    first.receive(r#"{"type":"channel_message","channel":"room","n":1}"#);
    second.receive(r#"{"type":"channel_message","channel":"room","n":2}"#);
    assert_eq!(listener.texts(), [r#"{"type":"channel_message","channel":"room","n":2}"#]);
    assert_eq!(client.metric("reconnects"), 1.0);
}

#[wasm_bindgen_test]
async fn closing_socket_accepts_no_more_messages() {
    let (client, socket, _listener) = Harness::ready("reconnect: { baseMs: 1 }", "").await;
    socket.start_closing();
    let sent = socket.sent().len();
    let _ = client.send("room", &js("{ text: 'kept' }"));
    assert_eq!(socket.sent().len(), sent);
    socket.end(1006, "");
    page::advance(5).await;
    let next = page::socket().await;
    next.accept("");
    assert!(next.last_sent().contains("kept"), "it was queued until the next connection");
}

#[wasm_bindgen_test]
async fn connect_resolves_when_ready_and_disconnect_closes() {
    let client = Harness::new("");
    let connected = client.connect();
    page::socket().await.accept("");
    outcome(connected).await.expect("connected");
    outcome(client.connect()).await.expect("connected already");
    client.disconnect();
    assert_eq!(page::socket().await.closed_with(), Some(1000));
    assert_eq!((client.state().as_str(), page::armed()), ("idle", 0));
    page::advance(60_000).await;
    assert_eq!((page::sockets().len(), page::armed()), (1, 0));
}

#[wasm_bindgen_test]
async fn failed_connect_rejects_with_the_reason() {
    let client = Harness::new("");
    let connected = client.connect();
    page::settle().await;
    client.disconnect();
    let error = outcome(connected).await.expect_err("disconnected first");
    assert_eq!(string_of(&error, "code"), "aborted");
    client.destroy();
    let error = outcome(client.connect()).await.expect_err("destroyed");
    assert_eq!(string_of(&error, "code"), "destroyed");
}

#[wasm_bindgen_test]
async fn new_connection_options_take_effect_at_once() {
    let (client, first, _listener) = Harness::ready("", "").await;
    client.configure(&js("{ url: 'wss://example.test/other' }")).expect("valid options");
    let second = page::socket().await;
    assert_eq!(first.closed_with(), Some(1000));
    assert_eq!(second.url(), "wss://example.test/other");
    let wrong = client.configure(&js("{ lingerMs: 'soon' }")).expect_err("invalid options");
    assert_eq!(string_of(&wrong, "code"), "invalid_argument");
    assert_eq!(second.closed_with(), None);
}
