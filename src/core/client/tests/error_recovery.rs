//! The end of a failure of the connection: by another token, new demand, or events of the page.

use serde_json::json;

use crate::core::config::Config;
use crate::core::error::Code;
use crate::core::event::Event;
use crate::core::input::{Input, Network, Page};
use crate::core::reason::Reason;
use crate::core::state::{ChannelState, ErrorInForce, State};
use crate::core::testing::{ALL, Harness, grant};

fn with_token_source() -> Config {
    // Without pings, token requests are the only events.
    Config { has_token_source: true, heartbeat_every_ms: None, ..Config::default() }
}

/// A client whose only token was rejected with this code; the app returns it again for each
/// request.
fn denied(code: u16) -> Harness {
    let mut harness = Harness::new(with_token_source());
    harness.subscribe(1, "feed");
    harness.answer_token(Some("bad"), None);
    harness.open();
    harness.close(code);
    harness.pass(250);
    harness.answer_token(Some("bad"), None);
    assert_eq!(
        (harness.state(), harness.opened.len(), harness.requested),
        (State::Failed, 1, None)
    );
    harness
}

fn recover(harness: &mut Harness, token: &str) {
    harness.answer_token(Some(token), None);
    assert_eq!(harness.opened.last(), Some(&Some(token.to_owned())));
    assert!(matches!(harness.state(), State::Reconnecting | State::Connecting));
    harness.accept(ALL);
    harness.confirm_joins();
    assert_eq!(harness.state(), State::Ready);
    for channel in harness.client.channels().iter() {
        assert_eq!(channel.state(), ChannelState::Ready, "{}", channel.name());
    }
}

/// The last event of a channel.
fn emitted(harness: &Harness, channel: &str) -> Option<(ChannelState, Reason, Option<Code>)> {
    let id = harness.client.channels().find(channel)?;
    harness.events.iter().rev().find_map(|event| match event {
        Event::Channel(other, state, _, reason, error) if *other == id => {
            Some((*state, *reason, error.as_ref().map(|error| error.code)))
        }
        _ => None,
    })
}

/// The inputs and calls that may end a failure.
const EVENTS: [&str; 9] =
    ["visible", "resumed", "online", "woke", "slept", "connect", "subscribe", "shared", "send"];

fn trigger(harness: &mut Harness, event: &str) {
    match event {
        "visible" => {
            harness.page(Page::Hidden);
            harness.page(Page::Visible);
        }
        "resumed" => {
            harness.page(Page::Frozen);
            harness.page(Page::Resumed);
        }
        "online" => {
            harness.network(Network::Offline);
            harness.network(Network::Online);
        }
        "woke" => harness.input(Input::Woke),
        "slept" => harness.sleep(600_000),
        "connect" => {
            harness.client.connect(harness.at());
            harness.drain();
        }
        "subscribe" => {
            harness.subscribe(2, "other");
        }
        "shared" => {
            harness.subscribe(2, "feed");
        }
        "send" => {
            let send = harness.send("feed", json!(1));
            let end = *harness.progress(send).last().expect("progress");
            let sent = harness.state() != State::Failed && end == "queued";
            assert!(
                sent || ["auth_denied", "forbidden", "gave_up", "server_error"].contains(&end),
                "{end}"
            );
        }
        event => panic!("unknown event {event}"),
    }
}

#[test]
fn temporarily_stale_token_is_sent_once_and_delays_connecting_by_its_staleness() {
    for code in [4001, 4002] {
        for stale_ms in [100, 2_500, 60_000, 1_200_000] {
            let mut harness = denied(code);
            harness.answer_token_requests(stale_ms, Some("bad"));
            assert_eq!((harness.state(), harness.opened.len()), (State::Failed, 1));
            let fresh_from = harness.now;
            while harness.requested.is_none() {
                harness.pass(1);
            }
            let wait = harness.now - fresh_from;
            assert!(wait <= (2 * stale_ms + 2_000).min(300_000), "{wait} ms after {stale_ms} ms");
            recover(&mut harness, "fresh");
        }
    }
}

#[test]
fn token_is_fetched_with_growing_delays_up_to_five_minutes() {
    let mut harness = denied(4001);
    let mut waits = Vec::new();
    for _ in 0..60 {
        let requested_at = harness.now;
        while harness.requested.is_none() {
            let due = harness.client.poll_timeout().expect("due").0.as_ms();
            harness.pass(due - harness.now);
        }
        waits.push(harness.now - requested_at);
        harness.answer_token(Some("bad"), None);
    }
    assert!(waits.iter().all(|wait| *wait <= 300_000), "{waits:?}");
    assert!(waits[20..].iter().any(|wait| *wait > 200_000), "never near five minutes: {waits:?}");
    assert_eq!(harness.opened.len(), 1, "the rejected token was sent once");
}

#[test]
fn demand_and_page_events_fetch_a_token_at_once_and_a_fresh_one_recovers() {
    for code in [4001, 4002] {
        for event in EVENTS {
            let mut harness = denied(code);
            trigger(&mut harness, event);
            assert!(harness.requested.is_some(), "{event}");
            recover(&mut harness, "fresh");
        }
    }
}

#[test]
fn demand_and_page_events_with_the_rejected_token_send_nothing() {
    for event in EVENTS {
        let mut harness = denied(4001);
        trigger(&mut harness, event);
        harness.answer_token(Some("bad"), None);
        assert_eq!((harness.state(), harness.opened.len()), (State::Failed, 1), "{event}");
        let error = harness.client.connection().error().map(|error| error.code);
        assert_eq!(error, Some(Code::AuthDenied), "{event}");
    }
}

#[test]
fn pending_token_request_is_not_repeated() {
    let mut harness = denied(4001);
    let before = harness.token_requests;
    for subscriber in 2..12 {
        harness.subscribe(subscriber, "feed");
        harness.input(Input::Woke);
    }
    assert_eq!(harness.token_requests, before + 1);
}

#[test]
fn every_channel_gets_the_error_at_once_and_clears_it_on_recovery() {
    let mut harness = denied(4001);
    let expected = Some((ChannelState::Failed, Reason::AuthDenied, Some(Code::AuthDenied)));
    assert_eq!(emitted(&harness, "feed"), expected, "a channel from before the failure");
    harness.subscribe(2, "other");
    assert_eq!(emitted(&harness, "other"), expected, "a channel added after it");
    harness.answer_token(Some("fresh"), None);
    for channel in ["feed", "other"] {
        let joining = Some((ChannelState::Joining, Reason::Joining, None));
        assert_eq!(emitted(&harness, channel), joining);
    }
    harness.accept(ALL);
    assert_eq!(harness.confirm_joins().len(), 2);
    assert_eq!(emitted(&harness, "other"), Some((ChannelState::Ready, Reason::Joined, None)));
}

#[test]
fn token_is_not_fetched_while_no_connection_is_possible_or_in_demand() {
    type Case = (&'static str, fn(&mut Harness), fn(&mut Harness));
    let cases: [Case; 4] = [
        ("hidden", |harness| harness.page(Page::Hidden), |harness| harness.page(Page::Visible)),
        ("frozen", |harness| harness.page(Page::Frozen), |harness| harness.page(Page::Resumed)),
        (
            "offline",
            |harness| harness.network(Network::Offline),
            |harness| harness.network(Network::Online),
        ),
        (
            "idle",
            |harness| harness.unsubscribe(1),
            |harness| {
                harness.subscribe(2, "feed");
            },
        ),
    ];
    for (name, begin, end) in cases {
        let mut harness = denied(4001);
        begin(&mut harness);
        harness.answer_token_requests(6_000, Some("bad"));
        let before = harness.token_requests;
        harness.answer_token_requests(3_600_000, Some("bad"));
        assert_eq!(harness.token_requests, before, "{name}");
        end(&mut harness);
        assert!(harness.requested.is_some(), "{name}");
        harness.answer_token(Some("fresh"), None);
        harness.accept(ALL);
        assert_eq!(harness.state(), State::Ready, "{name}");
    }
}

#[test]
fn token_received_in_a_hidden_page_opens_no_connection_until_visible() {
    let mut harness = denied(4001);
    trigger(&mut harness, "subscribe");
    harness.page(Page::Frozen);
    harness.answer_token(Some("fresh"), None);
    assert_eq!((harness.state(), harness.opened.len()), (State::Failed, 1));
    harness.page(Page::Resumed);
    recover(&mut harness, "fresh");
}

#[test]
fn failing_token_source_is_reported_and_retried() {
    let mut harness = denied(4001);
    trigger(&mut harness, "subscribe");
    let request = harness.requested.take().expect("a request");
    harness.input(Input::Token(request, Err("no network".to_owned())));
    let reported = harness
        .events
        .iter()
        .any(|event| matches!(event, Event::Error(None, error) if error.code == Code::TokenFailed));
    assert!(reported && harness.state() == State::Failed);
    harness.answer_token_requests(10_000, Some("fresh"));
    assert_eq!(harness.opened.len(), 2);
}

#[test]
fn repeatedly_rejected_new_tokens_are_tried_with_growing_delays() {
    let mut harness = denied(4001);
    let mut number = 0;
    let mut tried = Vec::new();
    while harness.now < 7_200_000 {
        if harness.requested.is_some() {
            number += 1;
            harness.answer_token(Some(&format!("bad {number}")), None);
            harness.open();
            harness.close(4001);
            assert_eq!(harness.state(), State::Failed);
            tried.push(harness.now);
        }
        let due = harness.client.poll_timeout().expect("due").0.as_ms();
        harness.pass(due - harness.now);
    }
    let last_hour = tried.iter().filter(|at| **at > 3_600_000).count();
    assert!((12..=60).contains(&last_hour), "{last_hour} in an hour: {tried:?}");
}

#[test]
fn rejected_token_of_set_token_is_not_resent_and_another_one_recovers() {
    for again in EVENTS.into_iter().chain(["the same"]) {
        let mut harness = Harness::new(Config { heartbeat_every_ms: None, ..Config::default() });
        harness.client.set_token(harness.at(), Some(grant("bad", None)));
        harness.subscribe(1, "feed");
        harness.open();
        harness.close(4001);
        assert_eq!(harness.state(), State::Failed);
        if again == "the same" {
            harness.client.set_token(harness.at(), Some(grant("bad", None)));
            harness.drain();
        } else {
            trigger(&mut harness, again);
        }
        harness.pass(3_600_000);
        assert_eq!((harness.state(), harness.opened.len()), (State::Failed, 1), "{again}");
        harness.client.set_token(harness.at(), Some(grant("good", None)));
        harness.drain();
        harness.accept(ALL);
        assert_eq!(harness.state(), State::Ready, "{again}");
    }
}

#[test]
fn connect_rejects_again_with_the_error() {
    let mut harness = denied(4001);
    let failures = |harness: &Harness| {
        let failed = |event: &&Event<_>| {
            matches!(event, Event::State(State::Failed, _, Some(_), ErrorInForce::New))
        };
        harness.events.iter().filter(failed).count()
    };
    assert_eq!(failures(&harness), 1);
    harness.answer_token_requests(30_000, Some("bad"));
    assert_eq!(failures(&harness), 1, "requests of the client itself do not report it again");
    trigger(&mut harness, "connect");
    harness.answer_token(Some("bad"), None);
    assert_eq!(failures(&harness), 2);
}

/// Each failure that is not caused by a token, and how to produce it.
const OTHER_FAILURES: [(&str, Code); 3] =
    [("cookie", Code::AuthDenied), ("gave up", Code::GaveUp), ("fatal", Code::ServerError)];

fn failed(failure: &str) -> Harness {
    let max_attempts = (failure == "gave up").then_some(1);
    let mut harness = Harness::new(Config {
        reconnect_max_attempts: max_attempts,
        heartbeat_every_ms: None,
        ..Config::default()
    });
    harness.subscribe(1, "feed");
    harness.open();
    match failure {
        "cookie" => harness.close(4001),
        "gave up" => harness.close(1006),
        _ => {
            harness.receive(json!({"type": "error", "message": "no", "retryable": false}));
            harness.close(1008);
        }
    }
    harness
}

#[test]
fn failure_without_a_token_ends_with_demand_or_page_events_unless_final() {
    for (failure, code) in OTHER_FAILURES {
        // Without a timer only the driver's clock detects that the device slept: `woke`.
        for event in EVENTS.into_iter().filter(|event| *event != "slept") {
            let mut harness = failed(failure);
            assert_eq!(harness.state(), State::Failed, "{failure}");
            assert_eq!(harness.client.connection().error().map(|error| error.code), Some(code));
            harness.pass(3_600_000);
            assert_eq!(harness.opened.len(), 1, "{failure}: no attempt by itself");
            trigger(&mut harness, event);
            let tries = failure != "fatal" || event == "connect";
            assert_eq!(harness.opened.len(), 1 + usize::from(tries), "{failure}, {event}");
            if tries {
                harness.accept(ALL);
                assert_eq!(harness.state(), State::Ready, "{failure}, {event}");
            }
        }
    }
}

#[test]
fn unauthorized_channel_is_joined_again_with_another_token() {
    let mut harness = Harness::new(with_token_source());
    harness.subscribe(1, "feed");
    harness.answer_token(Some("first"), None);
    harness.accept(ALL);
    let reject = |harness: &mut Harness| {
        let join = harness.take("subscribe").pop().expect("a join");
        harness.receive(json!({
            "type": "error", "channel": "feed", "ref": join["ref"], "code": "unauthorized",
            "message": "a token, please", "retryable": false,
        }));
    };
    reject(&mut harness);
    assert_eq!(emitted(&harness, "feed").map(|emitted| emitted.0), Some(ChannelState::Failed));
    assert!(harness.requested.is_some(), "at once");
    harness.answer_token(Some("first"), None);
    harness.answer_token_requests(3_600_000, Some("first"));
    assert_eq!(harness.take("subscribe").len(), 0, "not with the same token");
    assert!(
        (15..80).contains(&harness.token_requests),
        "requested {} times",
        harness.token_requests
    );
    harness.input(Input::Woke);
    harness.receive(json!({"type": "pong"}));
    harness.answer_token(Some("second"), None);
    assert_eq!(harness.take("auth")[0]["token"], "second");
    harness.receive(json!({"type": "auth_success", "connectionId": "c1"}));
    assert_eq!(harness.confirm_joins(), ["feed"]);
    assert_eq!(emitted(&harness, "feed").map(|emitted| emitted.0), Some(ChannelState::Ready));
}

#[test]
fn unauthorized_channel_is_joined_again_on_every_new_connection() {
    let mut harness = Harness::ready(Config::default(), &["subscribe"]);
    harness.subscribe(2, "vault");
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "error", "channel": "vault", "ref": join["ref"], "code": "unauthorized",
        "message": "a token, please", "retryable": false,
    }));
    assert_eq!(emitted(&harness, "vault").map(|emitted| emitted.0), Some(ChannelState::Failed));
    harness.client.set_token(harness.at(), Some(grant("mine", None)));
    harness.drain();
    assert_eq!(harness.closed, [4003]);
    harness.accept(&["subscribe"]);
    assert_eq!(harness.confirm_joins().len(), 2);
}
