//! Pages that are hidden, frozen, asleep or offline, and their return.

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, js, outcome, string_of};
use crate::page;

#[wasm_bindgen_test]
async fn hidden_page_pauses_after_five_seconds_and_reconnects_when_visible() {
    let (client, first, listener) = Harness::ready("", "").await;
    page::set_hidden(true);
    page::advance(4_999).await;
    assert_eq!(first.closed_with(), None);
    page::advance(1).await;
    assert_eq!((first.closed_with(), client.state().as_str()), (Some(4000), "paused"));
    let _ = client.send("room", &js("{ text: 'meanwhile' }"));
    page::advance(600_000).await;
    assert_eq!(page::sockets().len(), 1, "nothing connects while hidden");
    page::set_hidden(false);
    let second = page::socket().await;
    second.accept("");
    assert_eq!(page::sockets().len(), 2);
    assert!(second.last_sent().contains("meanwhile"));
    second.receive(r#"{"type":"channel_message","channel":"room"}"#);
    assert_eq!(listener.count(), 1);
}

#[wasm_bindgen_test]
async fn briefly_hidden_page_keeps_the_socket_and_probes_it() {
    let (_client, socket, _listener) = Harness::ready("", "").await;
    page::set_hidden(true);
    page::advance(1_000).await;
    assert_eq!(socket.count_sent("ping"), 0);
    page::set_hidden(false);
    assert_eq!(socket.count_sent("ping"), 1);
    socket.receive(r#"{"type":"pong"}"#);
    page::advance(10_000).await;
    assert_eq!((page::sockets().len(), socket.closed_with()), (1, None));
}

#[wasm_bindgen_test]
async fn socket_lost_while_hidden_is_replaced_soon_after() {
    let (_client, socket, _listener) = Harness::ready("", "").await;
    page::set_hidden(true);
    page::advance(1_000).await;
    page::set_hidden(false);
    page::advance(2_000).await;
    assert!(socket.closed_with().is_some());
    assert_eq!(page::sockets().len(), 2, "within two seconds");
}

#[wasm_bindgen_test]
async fn pause_can_be_immediate_or_disabled() {
    let (_client, socket, _listener) = Harness::ready("visibility: { pauseAfterMs: 0 }", "").await;
    page::set_hidden(true);
    page::advance(0).await;
    assert_eq!(socket.closed_with(), Some(4000));
    for never in ["visibility: false", "visibility: { pauseAfterMs: false }"] {
        let (_client, socket, _listener) =
            Harness::ready(&format!("heartbeat: false, {never}"), "").await;
        page::set_hidden(true);
        page::advance(3_600_000).await;
        assert_eq!(socket.closed_with(), None);
    }
}

#[wasm_bindgen_test]
async fn frozen_page_closes_at_once_and_reconnects() {
    for (away, back) in [("pagehide", "pageshow"), ("freeze", "resume")] {
        let (client, socket, _listener) = Harness::ready("", "").await;
        page::lifecycle(away);
        assert_eq!((socket.closed_with(), client.state().as_str()), (Some(4000), "paused"));
        page::lifecycle(back);
        page::socket().await.accept("");
        assert!(client.is_ready(), "{back}");
    }
}

#[wasm_bindgen_test]
async fn page_resumed_hidden_waits_until_visible() {
    let (client, _socket, _listener) = Harness::ready("", "").await;
    page::set_hidden(true);
    page::lifecycle("freeze");
    page::lifecycle("resume");
    page::advance(60_000).await;
    assert_eq!((client.state().as_str(), page::sockets().len()), ("paused", 1));
    page::set_hidden(false);
    page::settle().await;
    assert_eq!(page::sockets().len(), 2);
}

#[wasm_bindgen_test]
async fn client_created_on_a_hidden_page_pauses() {
    page::fresh();
    page::set_hidden(true);
    let client = Harness::on_this_page("");
    client.listen("room");
    page::advance(10_000).await;
    assert_eq!(client.state(), "paused");
    assert!(page::sockets().iter().all(|socket| socket.closed_with().is_some()));
}

#[wasm_bindgen_test]
async fn no_attempt_while_offline_and_one_at_once_when_online() {
    let (client, first, _listener) = Harness::ready("", "").await;
    page::set_online(false);
    assert_eq!(client.state(), "offline");
    assert!(first.closed_with().is_some());
    page::advance(600_000).await;
    assert_eq!(page::sockets().len(), 1);
    page::set_online(true);
    page::socket().await.accept("");
    assert_eq!((page::sockets().len(), client.state().as_str()), (2, "ready"));
}

#[wasm_bindgen_test]
async fn hidden_page_has_no_timer_for_an_unused_client() {
    let client = Harness::new("");
    page::set_hidden(true);
    assert_eq!((client.state().as_str(), page::armed()), ("idle", 0));
}

#[wasm_bindgen_test]
async fn client_created_offline_waits_for_the_network() {
    page::fresh();
    page::set_online(false);
    let client = Harness::on_this_page("");
    client.listen("room");
    page::advance(60_000).await;
    assert_eq!((client.state().as_str(), page::sockets().len()), ("offline", 0));
    page::set_online(true);
    page::settle().await;
    assert_eq!(page::sockets().len(), 1);
}

#[wasm_bindgen_test]
async fn online_event_skips_the_backoff() {
    let (client, first, _listener) =
        Harness::ready("reconnect: { baseMs: 600_000, maxMs: 600_000 }", "").await;
    first.end(1006, "");
    page::settle().await;
    assert_eq!(client.state(), "reconnecting");
    page::set_online(false);
    page::set_online(true);
    page::settle().await;
    assert_eq!(page::sockets().len(), 2);
}

#[wasm_bindgen_test]
async fn wake_probes_the_socket() {
    let (_client, socket, _listener) = Harness::ready("", "").await;
    page::advance(6_000).await;
    assert_eq!(socket.count_sent("ping"), 0);
    page::jump(600_000.0);
    page::fire_early();
    assert_eq!(socket.count_sent("ping"), 1);
    page::advance(2_000).await;
    assert!(socket.closed_with().is_some(), "it did not answer");
    assert_eq!(page::sockets().len(), 2);
}

#[wasm_bindgen_test]
async fn a_probe_that_is_answered_keeps_the_socket() {
    let (_client, socket, _listener) = Harness::ready("", "").await;
    page::jump(600_000.0);
    page::fire_early();
    socket.receive(r#"{"type":"pong"}"#);
    page::advance(10_000).await;
    assert_eq!((page::sockets().len(), socket.closed_with()), (1, None));
}

#[wasm_bindgen_test]
async fn clock_set_back_or_drifting_is_not_sleep() {
    let (_client, socket, _listener) = Harness::ready("", "").await;
    for ms in [-3_600_000.0, 1_500.0, -1_500.0] {
        page::jump(ms);
        page::fire_early();
    }
    assert_eq!(socket.count_sent("ping"), 0);
    page::advance(30_000).await;
    assert_eq!(socket.count_sent("ping"), 1, "the heartbeat continues");
}

#[wasm_bindgen_test]
async fn destroy_removes_all_listeners_and_timers() {
    page::fresh();
    let before = page::page_listeners();
    let client = Harness::on_this_page("");
    assert!(page::page_listeners() > before, "it listens to the page");
    client.listen("room");
    let socket = page::socket().await;
    socket.accept("");
    client.destroy();
    client.destroy();
    assert_eq!(page::page_listeners(), before);
    assert_eq!((socket.closed_with(), page::armed()), (Some(1000), 0));
    page::set_hidden(true);
    page::set_hidden(false);
    socket.end(1000, "");
    page::advance(60_000).await;
    assert_eq!((client.state().as_str(), page::sockets().len()), ("closed", 1));
}

#[wasm_bindgen_test]
async fn destroyed_client_rejects_every_call() {
    let (client, _socket, listener) = Harness::ready("", "").await;
    client.destroy();
    let error = client
        .subscribe("room", &js("undefined"), listener.callback())
        .expect_err("it is destroyed");
    assert_eq!(string_of(&error, "code"), "destroyed");
    let error =
        client.send_with("room", &js("{}"), &JsValue::UNDEFINED).expect_err("it is destroyed");
    assert_eq!(string_of(&error, "code"), "destroyed");
    let connected = outcome(client.connect()).await;
    assert_eq!(string_of(&connected.expect_err("destroyed"), "code"), "destroyed");
    listener.stop();
    page::advance(60_000).await;
    assert_eq!((page::sockets().len(), page::armed()), (1, 0));
}

#[wasm_bindgen_test]
async fn page_resumed_hidden_reconnects_if_hiding_never_pauses() {
    for never in ["visibility: false", "visibility: { pauseAfterMs: 86_400_000 }"] {
        let (client, _socket, _listener) = Harness::ready(never, "").await;
        page::set_hidden(true);
        page::lifecycle("freeze");
        page::lifecycle("resume");
        page::socket().await.accept("");
        assert!(client.is_ready(), "{never}");
    }
}

#[wasm_bindgen_test]
async fn page_that_is_not_cached_sends_until_it_ends() {
    let (client, socket, _listener) = Harness::ready("", "").await;
    page::end();
    assert_eq!(socket.closed_with(), None);
    let _ = client.send("room", &js("{ text: 'last' }"));
    assert!(socket.last_sent().contains("last"));
}
