//! The only timer of a client.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::harness::{Harness, Listener, js, string_of};
use crate::page;

#[wasm_bindgen_test]
async fn there_is_never_more_than_one_timer() {
    let (client, socket, listener) =
        Harness::ready("reconnect: { baseMs: 1 }", r#""subscribe","envelope","ack""#).await;
    let others: Vec<_> = (0..20).map(|n| client.listen(&format!("hall {n}"))).collect();
    let _ = client.send_with("room", &js("1"), &js("{ ttlMs: 50, timeoutMs: 70 }"));
    page::advance(100).await;
    page::set_hidden(true);
    page::advance(1_000).await;
    page::set_hidden(false);
    page::set_online(false);
    page::set_online(true);
    socket.end(1006, "");
    page::socket().await.accept("");
    others.iter().for_each(Listener::stop);
    listener.stop();
    page::advance(60_000).await;
    assert_eq!(page::armed_at_most(), 1);
    assert_eq!((client.state().as_str(), page::armed()), ("idle", 0));
}

#[wasm_bindgen_test]
async fn early_timer_is_armed_again() {
    let client = Harness::new("");
    client.listen("room");
    page::settle().await;
    for _ in 0..3 {
        page::fire_early();
        assert_eq!(page::armed(), 1);
    }
    assert_eq!(client.state(), "connecting");
    page::advance(10_000).await;
    assert_eq!(client.state(), "reconnecting", "the deadline is unchanged");
}

#[wasm_bindgen_test]
async fn socket_that_never_opens_times_out() {
    let client = Harness::new("connectTimeoutMs: 3_000, reconnect: { baseMs: 1 }");
    let errors = client.listen_to("error");
    client.listen("room");
    let socket = page::socket().await;
    page::advance(2_999).await;
    assert_eq!(socket.closed_with(), None);
    page::advance(10).await;
    assert_eq!(socket.closed_with(), Some(1000));
    assert_eq!(string_of(&errors.value(0, 0), "code"), "connect_timeout");
    assert_eq!(page::sockets().len(), 2);
}

#[wasm_bindgen_test]
async fn silent_server_is_detected_within_heartbeat_and_timeout() {
    let (_client, socket, _listener) = Harness::ready("", "").await;
    page::advance(30_000).await;
    assert_eq!(socket.count_sent("ping"), 1);
    page::advance(9_999).await;
    assert_eq!(socket.closed_with(), None);
    page::advance(1).await;
    assert_eq!(socket.closed_with(), Some(1000));
}

#[wasm_bindgen_test]
async fn any_frame_answers_a_ping() {
    let (_client, socket, _listener) = Harness::ready("", "").await;
    page::advance(30_000).await;
    socket.receive(r#"{"type":"channel_message","channel":"room"}"#);
    page::advance(20_000).await;
    assert_eq!(socket.closed_with(), None);
}

#[wasm_bindgen_test]
async fn delay_above_the_timer_s_maximum_does_not_fire_at_once() {
    let (client, socket, _listener) =
        Harness::ready("heartbeat: { everyMs: 5_000_000_000 }", "").await;
    page::advance(10_000).await;
    assert!(page::longest_delay() <= 2_147_483_647.0, "{}", page::longest_delay());
    assert_eq!(page::armed(), 1);
    page::advance(2_200_000_000).await;
    assert_eq!((socket.count_sent("ping"), client.is_ready()), (0, true));
    page::advance(2_800_000_000).await;
    assert_eq!(socket.count_sent("ping"), 1);
}
