//! Tokens: asked for before every connection, renewed in time, never tried twice once refused.

use serde_json::json;

use crate::core::config::{AuthMode, Config};
use crate::core::event::Event;
use crate::core::input::Input;
use crate::core::reason::Reason;
use crate::core::state::State;
use crate::core::testing::{ALL, World, grant};

fn asking() -> Config {
    // Without pings, time can pass with nothing but tokens to see.
    Config { asks_token: true, heartbeat_every_ms: None, ..Config::default() }
}

fn connected(lifetime_ms: u64, features: &[&str]) -> World {
    let mut world = World::new(asking());
    world.subscribe(1, "feed");
    world.answer_token(Some("first"), Some(lifetime_ms));
    world.accept(features);
    world.confirm_joins();
    world
}

#[test]
fn the_token_is_asked_for_first_and_travels_both_ways() {
    let mut world = World::new(asking());
    world.subscribe(1, "feed");
    assert_eq!((world.opened.len(), world.state()), (0, State::Connecting));
    world.answer_token(Some("first"), None);
    assert_eq!(world.opened, [Some("first".to_owned())]);
    let socket = world.socket.expect("open");
    world.input(Input::SocketOpened(socket));
    assert_eq!(world.sent[0]["token"], "first");
}

#[test]
fn the_auth_option_decides_how_the_token_travels() {
    for (auth, offered, told) in [
        (AuthMode::Both, Some("first"), json!("first")),
        (AuthMode::Message, None, json!("first")),
        (AuthMode::Subprotocol, Some("first"), json!(null)),
    ] {
        let mut world = World::new(Config { auth, ..asking() });
        world.subscribe(1, "feed");
        world.answer_token(Some("first"), None);
        assert_eq!(world.opened[0].as_deref(), offered);
        let socket = world.socket.expect("open");
        world.input(Input::SocketOpened(socket));
        assert_eq!(world.sent[0]["token"], told);
    }
}

#[test]
fn without_an_exchange_it_is_ready_when_open() {
    let mut world = World::new(Config { auth: AuthMode::None, ..asking() });
    world.subscribe(1, "feed");
    let socket = world.socket.expect("open");
    world.input(Input::SocketOpened(socket));
    assert_eq!((world.state(), world.times_asked, world.sent.len()), (State::Ready, 0, 0));
}

#[test]
fn a_token_that_is_no_subprotocol_goes_by_message_only() {
    let mut world = World::new(asking());
    world.subscribe(1, "feed");
    world.answer_token(Some("not a token, by RFC 6455"), None);
    assert_eq!(world.opened, [None]);
}

#[test]
fn a_token_is_renewed_on_the_open_connection_at_four_fifths_of_its_life() {
    let mut world = connected(100_000, ALL);
    world.pass(79_999);
    assert_eq!(world.times_asked, 1);
    world.pass(1);
    assert_eq!(world.times_asked, 2);
    world.answer_token(Some("second"), Some(100_000));
    assert_eq!(world.take("auth")[0]["token"], "second");
    world.receive(json!({"type": "auth_success", "connectionId": "c1", "expiresInMs": 200_000}));
    assert_eq!((world.opened.len(), world.closed.len()), (1, 0));
    world.pass(159_999);
    assert_eq!(world.times_asked, 2, "the server's word on its life counts");
    world.pass(1);
    assert_eq!(world.times_asked, 3);
}

#[test]
fn without_reauth_a_renewed_token_means_a_reconnect_with_4003() {
    let mut world = connected(40_000, &["subscribe"]);
    world.pass(32_000);
    world.answer_token(Some("second"), None);
    assert_eq!(world.closed, [4003]);
    assert_eq!(world.opened.last(), Some(&Some("second".to_owned())));
    assert_eq!(world.last_reason(), Some(Reason::TokenChanged));
}

#[test]
fn the_same_token_again_changes_nothing() {
    let mut world = connected(40_000, &["subscribe"]);
    world.pass(32_000);
    world.answer_token(Some("first"), None);
    assert!(world.closed.is_empty());
}

#[test]
fn a_failing_renewal_is_told_and_tried_again_while_the_connection_stays() {
    let mut world = connected(40_000, ALL);
    world.pass(32_000);
    let request = world.asked.take().expect("asked");
    world.input(Input::Token(request, Err("no network".to_owned())));
    let told = world.events.iter().any(
        |event| matches!(event, Event::Error(None, error) if error.code.name() == "token_failed"),
    );
    assert!(told && world.state() == State::Ready);
    world.pass(30_000);
    assert!(world.asked.is_some());
}

#[test]
fn a_refused_token_is_replaced_once_and_then_the_connection_has_failed() {
    let mut world = World::new(asking());
    world.subscribe(1, "feed");
    world.answer_token(Some("bad"), None);
    world.open();
    world.receive(json!({"type": "error", "message": "expired"}));
    world.close(4001);
    world.pass(250);
    world.answer_token(Some("worse"), None);
    world.open();
    world.close(4001);
    assert_eq!((world.state(), world.last_reason()), (State::Failed, Some(Reason::AuthDenied)));
    world.answer_each(60_000, Some("worse"));
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn the_very_token_that_was_refused_is_not_sent_again() {
    for (code, reason) in [(4001, Reason::AuthDenied), (4002, Reason::Forbidden)] {
        let mut world = World::new(asking());
        world.subscribe(1, "feed");
        world.answer_token(Some("bad"), None);
        world.open();
        world.close(code);
        world.pass(250);
        world.answer_token(Some("bad"), None);
        assert_eq!((world.state(), world.opened.len()), (State::Failed, 1));
        assert_eq!(world.last_reason(), Some(reason), "the standing reason is the server's");
    }
}

#[test]
fn a_failing_source_is_asked_again_with_backoff() {
    let mut world = World::new(asking());
    world.subscribe(1, "feed");
    for _ in 0..10 {
        while world.asked.is_none() {
            world.pass(1);
        }
        let request = world.asked.take().expect("asked");
        world.input(Input::Token(request, Err("down".to_owned())));
        assert_eq!(world.state(), State::Reconnecting);
    }
    assert!(world.now > 5_000, "ten failures took only {} ms", world.now);
    assert_eq!(
        world.client.connection().error().map(|error| error.code.name()),
        Some("token_failed")
    );
}

#[test]
fn a_source_that_never_answers_is_given_up_in_time() {
    let mut world = World::new(asking());
    world.subscribe(1, "feed");
    world.pass(10_000);
    assert_eq!(world.last_reason(), Some(Reason::TokenFailed));
}

#[test]
fn signing_in_after_a_refusal_starts_again() {
    let mut world = World::new(Config::default());
    world.subscribe(1, "feed");
    world.open();
    world.close(4001);
    assert_eq!(world.state(), State::Failed);
    world.client.set_token(world.at(), Some(grant("mine", None)));
    world.drain();
    assert_eq!(world.opened.last(), Some(&Some("mine".to_owned())));
    world.accept(ALL);
    assert_eq!(world.confirm_joins(), ["feed"]);
}

#[test]
fn a_given_token_is_used_on_the_open_connection_where_the_server_can() {
    let mut world = World::ready(Config::default(), ALL);
    world.client.set_token(world.at(), Some(grant("mine", None)));
    world.drain();
    assert_eq!(world.take("auth")[0]["token"], "mine");
    assert!(world.closed.is_empty());
}

#[test]
fn no_answer_to_a_new_token_means_a_new_connection() {
    let mut world = World::ready(Config::default(), ALL);
    world.client.set_token(world.at(), Some(grant("mine", None)));
    world.drain();
    world.pass(10_000);
    assert_eq!(world.last_reason(), Some(Reason::ReauthTimeout));
}

#[test]
fn another_user_s_messages_are_not_sent_in_the_new_one_s_name() {
    let mut world = World::ready(Config::default(), ALL);
    world.network(false);
    let anns = world.send("feed", json!({"from": "ann"}));
    world.client.set_token(world.at(), Some(grant("bobs", None)));
    world.drain();
    let bobs = world.send("feed", json!({"from": "bob"}));
    world.network(true);
    world.open();
    world.receive(json!({"type": "auth_success", "features": ALL, "user": "bob"}));
    assert_eq!(world.progress(anns).last(), Some(&"identity_changed"));
    assert_eq!(world.progress(bobs).last(), Some(&"sent"));
}

#[test]
fn a_token_is_never_printed() {
    let printed = format!("{:?}", grant("secret", None));
    assert!(!printed.contains("secret"), "{printed}");
}

#[test]
fn another_user_s_token_gets_a_connection_of_its_own() {
    let named = |token, user: &str| {
        let mut grant = grant(token, None);
        grant.subject = Some(user.to_owned());
        Some(grant)
    };
    let mut world = World::new(asking());
    world.subscribe(1, "feed");
    let request = world.asked.take().expect("asked");
    world.input(Input::Token(request, Ok(named("anns", "ann"))));
    world.accept(ALL);
    world.client.set_token(world.at(), named("anns-next", "ann"));
    world.drain();
    assert_eq!((world.take("auth").len(), world.closed.len()), (1, 0));
    world.client.set_token(world.at(), named("bobs", "bob"));
    world.drain();
    assert_eq!((world.take("auth").len(), world.closed.as_slice()), (0, [4003].as_slice()));
    assert_eq!(world.opened.last(), Some(&Some("bobs".to_owned())));
}

#[test]
fn a_given_token_that_is_refused_makes_way_for_a_fresh_one() {
    let mut world = connected(100_000, ALL);
    world.client.set_token(world.at(), Some(grant("given", None)));
    world.drain();
    world.close(4001);
    world.pass(250);
    world.answer_token(Some("fresh"), None);
    assert_eq!(world.opened.last(), Some(&Some("fresh".to_owned())));
}
