//! Sockets that cannot be opened.

use crate::core::config::Config;
use crate::core::error::Code;
use crate::core::event::Event;
use crate::core::id::SocketId;
use crate::core::input::{ClosedBy, Input};
use crate::core::state::{ErrorInForce, State};
use crate::core::testing::Harness;

/// A client whose first socket is being opened.
fn opening() -> (Harness, SocketId) {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    let socket = harness.socket.expect("a socket was requested");
    (harness, socket)
}

/// The errors of the connection so far, with their causes.
fn errors(harness: &Harness) -> Vec<(Code, String)> {
    let error = |event: &Event<_>| match event {
        Event::State(_, _, Some(error), ErrorInForce::New) => {
            Some((error.code, error.cause.as_ref().map_or_else(String::new, |c| c.message.clone())))
        }
        _ => None,
    };
    harness.events.iter().filter_map(error).collect()
}

#[test]
fn socket_forbidden_by_the_page_is_reported_at_once_and_retried() {
    let (mut harness, socket) = opening();
    harness.socket = None;
    harness.input(Input::SocketClosed(socket, ClosedBy::Blocked("connect-src".into())));
    assert_eq!(errors(&harness), [(Code::ConnectRefused, "connect-src".into())]);
    assert_eq!(harness.state(), State::Reconnecting);
    harness.pass(60_000);
    assert!(harness.opened.len() > 1 || harness.token_requests > 1);
}

#[test]
fn socket_error_without_close_is_a_failed_connect_after_a_delay() {
    let (mut harness, socket) = opening();
    harness.input(Input::SocketErrored(socket));
    assert_eq!(errors(&harness), []);
    harness.pass(60);
    assert_eq!(errors(&harness), [(Code::ConnectRefused, String::new())]);
}

#[test]
fn socket_error_followed_by_its_close_is_reported_as_the_close() {
    let (mut harness, socket) = opening();
    harness.input(Input::SocketErrored(socket));
    harness.socket = None;
    harness.input(Input::SocketClosed(socket, ClosedBy::Peer(1006, String::new())));
    harness.pass(60);
    assert_eq!(errors(&harness), [(Code::ConnectRefused, String::new())]);
}

#[test]
fn error_of_a_former_socket_is_ignored() {
    let (mut harness, socket) = opening();
    harness.input(Input::SocketErrored(SocketId(socket.0 + 1)));
    harness.pass(1_000);
    assert_eq!((errors(&harness), harness.state()), (vec![], State::Connecting));
}
