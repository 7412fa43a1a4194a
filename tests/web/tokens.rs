//! Token sources, how tokens are sent, and where they must not appear.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, get, js, outcome, string_of, text};
use crate::page;

#[wasm_bindgen_test]
async fn token_may_be_returned_synchronously_or_not_with_or_without_expiry() {
    for source in [
        "() => 'abc'",
        "async () => 'abc'",
        "() => ({ token: 'abc', expiresAt: Date.now() + 3_600_000 })",
        "() => ({ then: (resolve) => resolve('abc') })",
    ] {
        let client = Harness::new(&format!("getToken: {source}"));
        client.listen("room");
        let socket = page::socket().await;
        assert_eq!(socket.offered(), ["jwt", "abc"], "{source}");
        socket.open();
        assert!(socket.last_sent().contains(r#""token":"abc""#), "{source}");
    }
}

#[wasm_bindgen_test]
async fn missing_token_adds_no_subprotocol() {
    for source in ["() => null", "async () => undefined"] {
        let client = Harness::new(&format!("getToken: {source}"));
        client.listen("room");
        let socket = page::socket().await;
        assert!(socket.offered().is_empty());
        socket.open();
        assert!(socket.last_sent().contains(r#""token":null"#));
    }
}

#[wasm_bindgen_test]
async fn token_that_is_not_a_valid_subprotocol_is_sent_as_message_only() {
    let client = Harness::new("getToken: () => 'a b/c=\"'");
    client.listen("room");
    let socket = page::socket().await;
    assert!(socket.offered().is_empty());
    socket.open();
    assert_eq!(string_of(&js(&socket.last_sent()), "token"), "a b/c=\"");
}

#[wasm_bindgen_test]
async fn auth_option_selects_how_a_token_is_sent() {
    for (auth, offered, in_frame) in [("message", false, true), ("subprotocol", true, false)] {
        let client = Harness::new(&format!("getToken: () => 'abc', auth: '{auth}'"));
        client.listen("room");
        let socket = page::socket().await;
        socket.open();
        assert_eq!(!socket.offered().is_empty(), offered, "{auth}");
        assert_eq!(socket.last_sent().contains(r#""token":"abc""#), in_frame, "{auth}");
    }
}

#[wasm_bindgen_test]
async fn failing_token_source_is_reported_and_called_again() {
    for source in [
        "() => { throw new Error('signed out') }",
        "async () => { throw new Error('signed out') }",
        "async () => { throw 'signed out' }",
    ] {
        let client = Harness::new(&format!("reconnect: {{ baseMs: 1 }}, getToken: {source}"));
        let errors = client.listen_to("error");
        client.listen("room");
        page::settle().await;
        let error = errors.value(0, 0);
        assert_eq!(string_of(&error, "code"), "token_failed");
        assert_eq!(string_of(&get(&error, "cause"), "message"), "signed out");
        assert_eq!(client.state(), "reconnecting");
        page::advance(5).await;
        assert!(errors.count() >= 2, "{source}");
        assert!(page::sockets().is_empty());
    }
}

#[wasm_bindgen_test]
async fn token_of_a_wrong_type_is_a_failure() {
    for source in ["() => 7", "() => ({ jwt: 'abc' })", "async () => true"] {
        let client = Harness::new(&format!("getToken: {source}"));
        let errors = client.listen_to("error");
        client.listen("room");
        page::settle().await;
        assert_eq!(string_of(&errors.value(0, 0), "code"), "token_failed", "{source}");
        assert!(page::sockets().is_empty());
    }
}

#[wasm_bindgen_test]
async fn missing_token_times_out_with_the_connection() {
    let client = Harness::new("getToken: () => new Promise(() => {})");
    let errors = client.listen_to("error");
    client.listen("room");
    page::advance(9_999).await;
    assert_eq!(errors.count(), 0);
    page::advance(1).await;
    assert_eq!(string_of(&errors.value(0, 0), "code"), "token_failed");
}

#[wasm_bindgen_test]
async fn new_token_opens_a_new_connection_to_a_base_server() {
    let (client, first, _listener) = Harness::ready("getToken: () => 'old'", "").await;
    client.set_token(&"new".into());
    assert_eq!(first.closed_with(), Some(4003));
    assert_eq!(page::socket().await.offered(), ["jwt", "new"]);
}

#[wasm_bindgen_test]
async fn new_token_is_sent_on_the_open_connection_with_reauth() {
    let (client, socket, _listener) = Harness::ready("getToken: () => 'old'", r#""reauth""#).await;
    client.set_token(&"new".into());
    assert!(socket.last_sent().contains(r#""token":"new""#), "{}", socket.last_sent());
    socket.receive(r#"{"type":"auth_success","connectionId":"c1"}"#);
    page::advance(20_000).await;
    assert_eq!((page::sockets().len(), socket.closed_with()), (1, None));
}

#[wasm_bindgen_test]
async fn jwt_is_refreshed_at_80_percent_of_its_lifetime() {
    // 200 s between `iat` and `exp`; the wall clock is not used.
    let source = "((n) => () => { n += 1;
        const claims = btoa(JSON.stringify({ iat: 1_000, exp: 1_200, n })).replace(/=+$/, '');
        return `e30.${claims.replaceAll('+', '-').replaceAll('/', '_')}.sig`; })(0)";
    let (_client, socket, _listener) =
        Harness::ready(&format!("heartbeat: false, getToken: {source}"), r#""reauth""#).await;
    page::advance(159_000).await;
    assert_eq!(socket.count_sent("auth"), 1);
    page::advance(1_000).await;
    assert_eq!(socket.count_sent("auth"), 2);
}

#[wasm_bindgen_test]
async fn rejected_token_is_not_tried_again() {
    let client = Harness::new("getToken: () => 'stale'");
    let errors = client.listen_to("error");
    let connected = client.connect();
    let socket = page::socket().await;
    socket.open();
    socket.receive(r#"{"type":"error","message":"token expired"}"#);
    socket.end(4001, "");
    page::advance(120_000).await;
    assert_eq!((client.state().as_str(), client.get_state().as_str()), ("failed", "error"));
    assert_eq!(page::sockets().len(), 1);
    let error = outcome(connected).await.expect_err("rejected");
    assert_eq!(string_of(&error, "code"), "auth_denied");
    assert_eq!(string_of(&errors.value(errors.count() - 1, 0), "code"), "auth_denied");
}

#[wasm_bindgen_test]
async fn token_is_in_no_error_state_or_metric() {
    let client = Harness::new("getToken: () => 'very.secret', reconnect: { baseMs: 1 }");
    let (errors, states) = (client.listen_to("error"), client.listen_to("state"));
    client.listen("room");
    for end in [1006, 1011, 4001, 4001] {
        let socket = page::socket().await;
        assert!(!socket.url().contains("secret"));
        socket.open();
        socket.end(end, "");
        page::advance(100).await;
    }
    assert!(errors.count() > 0);
    let mut shown = vec![text(&client.get_metrics()), text(&client.get_channel_stats())];
    shown.extend(errors.texts());
    shown.extend((0..states.count()).map(|at| text(&states.value(at, 1))));
    assert!(shown.iter().all(|text| !text.contains("secret")), "{shown:?}");
    let kept = js("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])");
    assert!(!kept.as_string().is_some_and(|kept| kept.contains("secret")));
}
