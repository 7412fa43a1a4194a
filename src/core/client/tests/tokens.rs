//! Tokens: fetched before every connection, renewed in time, and not sent again after a rejection.

use serde_json::json;

use crate::core::config::{AuthMode, Config};
use crate::core::event::Event;
use crate::core::input::{Input, Network};
use crate::core::reason::Reason;
use crate::core::state::State;
use crate::core::testing::{ALL, Harness, grant};

fn with_token_source() -> Config {
    // Without pings, token requests are the only events.
    Config { has_token_source: true, heartbeat_every_ms: None, ..Config::default() }
}

fn connected(lifetime_ms: u64, features: &[&str]) -> Harness {
    let mut harness = Harness::new(with_token_source());
    harness.subscribe(1, "feed");
    harness.answer_token(Some("first"), Some(lifetime_ms));
    harness.accept(features);
    harness.confirm_joins();
    harness
}

#[test]
fn token_is_fetched_first_and_sent_as_subprotocol_and_message() {
    let mut harness = Harness::new(with_token_source());
    harness.subscribe(1, "feed");
    assert_eq!((harness.opened.len(), harness.state()), (0, State::Connecting));
    harness.answer_token(Some("first"), None);
    assert_eq!(harness.opened, [Some("first".to_owned())]);
    let socket = harness.socket.expect("open");
    harness.input(Input::SocketOpened(socket));
    assert_eq!(harness.sent[0]["token"], "first");
}

#[test]
fn auth_option_selects_how_the_token_is_sent() {
    for (auth, offered, emitted) in [
        (AuthMode::Both, Some("first"), json!("first")),
        (AuthMode::Message, None, json!("first")),
        (AuthMode::Subprotocol, Some("first"), json!(null)),
    ] {
        let mut harness = Harness::new(Config { auth, ..with_token_source() });
        harness.subscribe(1, "feed");
        harness.answer_token(Some("first"), None);
        assert_eq!(harness.opened[0].as_deref(), offered);
        let socket = harness.socket.expect("open");
        harness.input(Input::SocketOpened(socket));
        assert_eq!(harness.sent[0]["token"], emitted);
    }
}

#[test]
fn connection_is_ready_when_open_if_there_is_no_authentication() {
    let mut harness = Harness::new(Config { auth: AuthMode::None, ..with_token_source() });
    harness.subscribe(1, "feed");
    let socket = harness.socket.expect("open");
    harness.input(Input::SocketOpened(socket));
    assert_eq!((harness.state(), harness.token_requests, harness.sent.len()), (State::Ready, 0, 0));
}

#[test]
fn token_that_is_not_a_valid_subprotocol_is_sent_as_a_message_only() {
    let mut harness = Harness::new(with_token_source());
    harness.subscribe(1, "feed");
    harness.answer_token(Some("not a token, by RFC 6455"), None);
    assert_eq!(harness.opened, [None]);
}

#[test]
fn token_is_renewed_on_the_open_connection_at_80_percent_of_its_lifetime() {
    let mut harness = connected(100_000, ALL);
    harness.pass(79_999);
    assert_eq!(harness.token_requests, 1);
    harness.pass(1);
    assert_eq!(harness.token_requests, 2);
    harness.answer_token(Some("second"), Some(100_000));
    assert_eq!(harness.take("auth")[0]["token"], "second");
    harness.receive(json!({"type": "auth_success", "connectionId": "c1", "expiresInMs": 200_000}));
    assert_eq!((harness.opened.len(), harness.closed.len()), (1, 0));
    harness.pass(159_999);
    assert_eq!(harness.token_requests, 2, "the lifetime that the server reports takes precedence");
    harness.pass(1);
    assert_eq!(harness.token_requests, 3);
}

#[test]
fn renewed_token_without_reauth_reconnects_with_4003() {
    let mut harness = connected(40_000, &["subscribe"]);
    harness.pass(32_000);
    harness.answer_token(Some("second"), None);
    assert_eq!(harness.closed, [4003]);
    assert_eq!(harness.opened.last(), Some(&Some("second".to_owned())));
    assert_eq!(harness.last_reason(), Some(Reason::TokenChanged));
}

#[test]
fn same_token_again_has_no_effect() {
    let mut harness = connected(40_000, &["subscribe"]);
    harness.pass(32_000);
    harness.answer_token(Some("first"), None);
    assert!(harness.closed.is_empty());
}

#[test]
fn failed_renewal_is_reported_and_retried_on_the_open_connection() {
    let mut harness = connected(40_000, ALL);
    harness.pass(32_000);
    let request = harness.requested.take().expect("a request");
    harness.input(Input::Token(request, Err("no network".to_owned())));
    let emitted = harness.events.iter().any(
        |event| matches!(event, Event::Error(None, error) if error.code.name() == "token_failed"),
    );
    assert!(emitted && harness.state() == State::Ready);
    harness.pass(30_000);
    assert!(harness.requested.is_some());
}

#[test]
fn rejected_token_is_replaced_once_and_then_the_connection_fails() {
    let mut harness = Harness::new(with_token_source());
    harness.subscribe(1, "feed");
    harness.answer_token(Some("bad"), None);
    harness.open();
    harness.receive(json!({"type": "error", "message": "expired"}));
    harness.close(4001);
    harness.pass(250);
    harness.answer_token(Some("worse"), None);
    harness.open();
    harness.close(4001);
    assert_eq!((harness.state(), harness.last_reason()), (State::Failed, Some(Reason::AuthDenied)));
    harness.answer_token_requests(60_000, Some("worse"));
    assert_eq!(harness.opened.len(), 2);
}

#[test]
fn rejected_token_is_not_sent_again() {
    for (code, reason) in [(4001, Reason::AuthDenied), (4002, Reason::Forbidden)] {
        let mut harness = Harness::new(with_token_source());
        harness.subscribe(1, "feed");
        harness.answer_token(Some("bad"), None);
        harness.open();
        harness.close(code);
        harness.pass(250);
        harness.answer_token(Some("bad"), None);
        assert_eq!((harness.state(), harness.opened.len()), (State::Failed, 1));
        assert_eq!(harness.last_reason(), Some(reason), "the reported reason is the server's");
    }
}

#[test]
fn failing_token_source_is_retried_with_backoff() {
    let mut harness = Harness::new(with_token_source());
    harness.subscribe(1, "feed");
    for _ in 0..10 {
        while harness.requested.is_none() {
            harness.pass(1);
        }
        let request = harness.requested.take().expect("a request");
        harness.input(Input::Token(request, Err("down".to_owned())));
        assert_eq!(harness.state(), State::Reconnecting);
    }
    assert!(harness.now > 5_000, "ten failures took only {} ms", harness.now);
    assert_eq!(
        harness.client.connection().error().map(|error| error.code.name()),
        Some("token_failed")
    );
}

#[test]
fn unanswered_token_request_times_out() {
    let mut harness = Harness::new(with_token_source());
    harness.subscribe(1, "feed");
    harness.pass(10_000);
    assert_eq!(harness.last_reason(), Some(Reason::TokenFailed));
}

#[test]
fn set_token_after_a_rejection_reconnects() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.open();
    harness.close(4001);
    assert_eq!(harness.state(), State::Failed);
    harness.client.set_token(harness.at(), Some(grant("mine", None)));
    harness.drain();
    assert_eq!(harness.opened.last(), Some(&Some("mine".to_owned())));
    harness.accept(ALL);
    assert_eq!(harness.confirm_joins(), ["feed"]);
}

#[test]
fn set_token_is_sent_on_the_open_connection_with_reauth() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.client.set_token(harness.at(), Some(grant("mine", None)));
    harness.drain();
    assert_eq!(harness.take("auth")[0]["token"], "mine");
    assert!(harness.closed.is_empty());
}

#[test]
fn unanswered_reauthentication_reconnects() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.client.set_token(harness.at(), Some(grant("mine", None)));
    harness.drain();
    harness.pass(10_000);
    assert_eq!(harness.last_reason(), Some(Reason::ReauthTimeout));
}

#[test]
fn messages_of_the_former_user_are_not_sent_as_the_new_one() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.network(Network::Offline);
    let anns = harness.send("feed", json!({"from": "ann"}));
    harness.client.set_token(harness.at(), Some(grant("bobs", None)));
    harness.drain();
    let bobs = harness.send("feed", json!({"from": "bob"}));
    harness.network(Network::Online);
    harness.open();
    harness.receive(json!({"type": "auth_success", "features": ALL, "user": "bob"}));
    assert_eq!(harness.progress(anns).last(), Some(&"identity_changed"));
    assert_eq!(harness.progress(bobs).last(), Some(&"sent"));
}

#[test]
fn token_is_not_in_debug_output() {
    let printed = format!("{:?}", grant("secret", None));
    assert!(!printed.contains("secret"), "{printed}");
}

#[test]
fn token_of_another_user_opens_a_new_connection() {
    let named = |token, user: &str| {
        let mut grant = grant(token, None);
        grant.subject = Some(user.to_owned());
        Some(grant)
    };
    let mut harness = Harness::new(with_token_source());
    harness.subscribe(1, "feed");
    let request = harness.requested.take().expect("a request");
    harness.input(Input::Token(request, Ok(named("anns", "ann"))));
    harness.accept(ALL);
    harness.client.set_token(harness.at(), named("anns-next", "ann"));
    harness.drain();
    assert_eq!((harness.take("auth").len(), harness.closed.len()), (1, 0));
    harness.client.set_token(harness.at(), named("bobs", "bob"));
    harness.drain();
    assert_eq!((harness.take("auth").len(), harness.closed.as_slice()), (0, [4003].as_slice()));
    assert_eq!(harness.opened.last(), Some(&Some("bobs".to_owned())));
}

#[test]
fn rejected_set_token_is_replaced_by_a_fetched_one() {
    let mut harness = connected(100_000, ALL);
    harness.client.set_token(harness.at(), Some(grant("given", None)));
    harness.drain();
    harness.close(4001);
    harness.pass(250);
    harness.answer_token(Some("fresh"), None);
    assert_eq!(harness.opened.last(), Some(&Some("fresh".to_owned())));
}
