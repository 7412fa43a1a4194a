//! A socket that cannot even be opened.

use crate::core::config::Config;
use crate::core::error::Code;
use crate::core::event::Event;
use crate::core::id::SocketId;
use crate::core::input::{ClosedBy, Input};
use crate::core::state::State;
use crate::core::testing::World;

/// A client whose first socket is being opened.
fn opening() -> (World, SocketId) {
    let mut world = World::new(Config::default());
    world.subscribe(1, "feed");
    let socket = world.socket.expect("a socket was asked for");
    (world, socket)
}

/// The errors of the connection so far, with their causes.
fn errors(world: &World) -> Vec<(Code, String)> {
    let error = |event: &Event<_>| match event {
        Event::State(_, _, Some(error), _) => {
            Some((error.code, error.cause.as_ref().map_or_else(String::new, |c| c.message.clone())))
        }
        _ => None,
    };
    world.events.iter().filter_map(error).collect()
}

#[test]
fn a_socket_that_the_page_forbids_is_refused_at_once_and_tried_again() {
    let (mut world, socket) = opening();
    world.socket = None;
    world.input(Input::SocketClosed(socket, ClosedBy::Blocked("connect-src".into())));
    assert_eq!(errors(&world), [(Code::ConnectRefused, "connect-src".into())]);
    assert_eq!(world.state(), State::Reconnecting);
    world.pass(60_000);
    assert!(world.opened.len() > 1 || world.times_asked > 1);
}

#[test]
fn an_error_without_a_close_is_a_refusal_soon() {
    let (mut world, socket) = opening();
    world.input(Input::SocketErrored(socket));
    assert_eq!(errors(&world), []);
    world.pass(60);
    assert_eq!(errors(&world), [(Code::ConnectRefused, String::new())]);
}

#[test]
fn an_error_with_its_close_behind_it_is_that_close() {
    let (mut world, socket) = opening();
    world.input(Input::SocketErrored(socket));
    world.socket = None;
    world.input(Input::SocketClosed(socket, ClosedBy::Peer(1006, String::new())));
    world.pass(60);
    assert_eq!(errors(&world), [(Code::ConnectRefused, String::new())]);
}

#[test]
fn an_error_of_a_former_socket_changes_nothing() {
    let (mut world, socket) = opening();
    world.input(Input::SocketErrored(SocketId(socket.0 + 1)));
    world.pass(1_000);
    assert_eq!((errors(&world), world.state()), (vec![], State::Connecting));
}
