//! What ends a failure of the connection: another token, new demand, the page's own evidence.

use serde_json::json;

use crate::core::config::Config;
use crate::core::error::Code;
use crate::core::event::Event;
use crate::core::input::{Input, Page};
use crate::core::reason::Reason;
use crate::core::state::{ChannelState, State};
use crate::core::testing::{ALL, World, grant};

fn asking() -> Config {
    // Without pings, time can pass with nothing but tokens to see.
    Config { asks_token: true, heartbeat_every_ms: None, ..Config::default() }
}

/// A client whose only token was refused with this code; the app gives it again when asked.
fn denied(code: u16) -> World {
    let mut world = World::new(asking());
    world.subscribe(1, "feed");
    world.answer_token(Some("bad"), None);
    world.open();
    world.close(code);
    world.pass(250);
    world.answer_token(Some("bad"), None);
    assert_eq!((world.state(), world.opened.len(), world.asked), (State::Failed, 1, None));
    world
}

fn heal(world: &mut World, token: &str) {
    world.answer_token(Some(token), None);
    assert_eq!(world.opened.last(), Some(&Some(token.to_owned())));
    assert!(matches!(world.state(), State::Reconnecting | State::Connecting));
    world.accept(ALL);
    world.confirm_joins();
    assert_eq!(world.state(), State::Ready);
    for channel in world.client.channels().iter() {
        assert_eq!(channel.state(), ChannelState::Ready, "{}", channel.name());
    }
}

/// What was told of a channel last.
fn told(world: &World, channel: &str) -> Option<(ChannelState, Reason, Option<Code>)> {
    let id = world.client.channels().find(channel)?;
    world.events.iter().rev().find_map(|event| match event {
        Event::Channel(held, state, _, reason, error) if *held == id => {
            Some((*state, *reason, error.as_ref().map(|error| error.code)))
        }
        _ => None,
    })
}

/// What a client hears or is asked to do that may end a failure.
const EVENTS: [&str; 9] =
    ["visible", "resumed", "online", "woke", "slept", "connect", "subscribe", "shared", "send"];

fn happen(world: &mut World, event: &str) {
    match event {
        "visible" => {
            world.page(Page::Hidden);
            world.page(Page::Visible);
        }
        "resumed" => {
            world.page(Page::Frozen);
            world.page(Page::Resumed);
        }
        "online" => {
            world.network(false);
            world.network(true);
        }
        "woke" => world.input(Input::Woke),
        "slept" => world.sleep(600_000),
        "connect" => {
            world.client.connect(world.at());
            world.drain();
        }
        "subscribe" => {
            world.subscribe(2, "other");
        }
        "shared" => {
            world.subscribe(2, "feed");
        }
        "send" => {
            let send = world.send("feed", json!(1));
            let end = *world.progress(send).last().expect("told");
            let sent = world.state() != State::Failed && end == "queued";
            assert!(
                sent || ["auth_denied", "forbidden", "gave_up", "server_error"].contains(&end),
                "{end}"
            );
        }
        event => panic!("{event}?"),
    }
}

#[test]
fn a_token_that_is_stale_for_a_while_costs_that_while_and_is_sent_once() {
    for code in [4001, 4002] {
        for stale_ms in [100, 2_500, 60_000, 1_200_000] {
            let mut world = denied(code);
            world.answer_each(stale_ms, Some("bad"));
            assert_eq!((world.state(), world.opened.len()), (State::Failed, 1));
            let fresh_from = world.now;
            while world.asked.is_none() {
                world.pass(1);
            }
            let wait = world.now - fresh_from;
            assert!(wait <= (2 * stale_ms + 2_000).min(300_000), "{wait} ms after {stale_ms} ms");
            heal(&mut world, "fresh");
        }
    }
}

#[test]
fn the_app_is_asked_with_growing_waits_up_to_five_minutes() {
    let mut world = denied(4001);
    let mut waits = Vec::new();
    for _ in 0..60 {
        let asked_last = world.now;
        while world.asked.is_none() {
            let due = world.client.poll_timeout().expect("due").as_ms();
            world.pass(due - world.now);
        }
        waits.push(world.now - asked_last);
        world.answer_token(Some("bad"), None);
    }
    assert!(waits.iter().all(|wait| *wait <= 300_000), "{waits:?}");
    assert!(waits[20..].iter().any(|wait| *wait > 200_000), "never near five minutes: {waits:?}");
    assert_eq!(world.opened.len(), 1, "the refused token was sent once");
}

#[test]
fn demand_and_evidence_ask_the_app_at_once_and_a_fresh_token_heals() {
    for code in [4001, 4002] {
        for event in EVENTS {
            let mut world = denied(code);
            happen(&mut world, event);
            assert!(world.asked.is_some(), "{event}");
            heal(&mut world, "fresh");
        }
    }
}

#[test]
fn demand_and_evidence_with_the_refused_token_leave_the_failure_and_send_nothing() {
    for event in EVENTS {
        let mut world = denied(4001);
        happen(&mut world, event);
        world.answer_token(Some("bad"), None);
        assert_eq!((world.state(), world.opened.len()), (State::Failed, 1), "{event}");
        let error = world.client.connection().error().map(|error| error.code);
        assert_eq!(error, Some(Code::AuthDenied), "{event}");
    }
}

#[test]
fn a_question_that_is_open_is_not_asked_twice() {
    let mut world = denied(4001);
    let before = world.times_asked;
    for subscriber in 2..12 {
        world.subscribe(subscriber, "feed");
        world.input(Input::Woke);
    }
    assert_eq!(world.times_asked, before + 1);
}

#[test]
fn every_channel_gets_the_error_at_once_and_loses_it_when_the_client_heals() {
    let mut world = denied(4001);
    let expected = Some((ChannelState::Failed, Reason::AuthDenied, Some(Code::AuthDenied)));
    assert_eq!(told(&world, "feed"), expected, "one that was there before");
    world.subscribe(2, "other");
    assert_eq!(told(&world, "other"), expected, "one that is added");
    world.answer_token(Some("fresh"), None);
    for channel in ["feed", "other"] {
        let joining = Some((ChannelState::Joining, Reason::Joining, None));
        assert_eq!(told(&world, channel), joining);
    }
    world.accept(ALL);
    assert_eq!(world.confirm_joins().len(), 2);
    assert_eq!(told(&world, "other"), Some((ChannelState::Ready, Reason::Joined, None)));
}

#[test]
fn nobody_is_asked_while_no_connection_is_possible_or_wanted() {
    type Case = (&'static str, fn(&mut World), fn(&mut World));
    let cases: [Case; 4] = [
        ("hidden", |world| world.page(Page::Hidden), |world| world.page(Page::Visible)),
        ("frozen", |world| world.page(Page::Frozen), |world| world.page(Page::Resumed)),
        ("offline", |world| world.network(false), |world| world.network(true)),
        (
            "idle",
            |world| world.unsubscribe(1),
            |world| {
                world.subscribe(2, "feed");
            },
        ),
    ];
    for (name, begin, end) in cases {
        let mut world = denied(4001);
        begin(&mut world);
        world.answer_each(6_000, Some("bad"));
        let before = world.times_asked;
        world.answer_each(3_600_000, Some("bad"));
        assert_eq!(world.times_asked, before, "{name}");
        end(&mut world);
        assert!(world.asked.is_some(), "{name}");
        world.answer_token(Some("fresh"), None);
        world.accept(ALL);
        assert_eq!(world.state(), State::Ready, "{name}");
    }
}

#[test]
fn a_token_that_arrives_while_the_page_is_hidden_opens_nothing_before_it_is_seen() {
    let mut world = denied(4001);
    happen(&mut world, "subscribe");
    world.page(Page::Frozen);
    world.answer_token(Some("fresh"), None);
    assert_eq!((world.state(), world.opened.len()), (State::Failed, 1));
    world.page(Page::Resumed);
    heal(&mut world, "fresh");
}

#[test]
fn a_source_that_throws_meanwhile_is_reported_and_asked_again() {
    let mut world = denied(4001);
    happen(&mut world, "subscribe");
    let request = world.asked.take().expect("asked");
    world.input(Input::Token(request, Err("no network".to_owned())));
    let reported = world
        .events
        .iter()
        .any(|event| matches!(event, Event::Error(None, error) if error.code == Code::TokenFailed));
    assert!(reported && world.state() == State::Failed);
    world.answer_each(10_000, Some("fresh"));
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn other_tokens_that_are_all_refused_are_tried_ever_more_rarely() {
    let mut world = denied(4001);
    let mut number = 0;
    let mut tried = Vec::new();
    while world.now < 7_200_000 {
        if world.asked.is_some() {
            number += 1;
            world.answer_token(Some(&format!("bad {number}")), None);
            world.open();
            world.close(4001);
            assert_eq!(world.state(), State::Failed);
            tried.push(world.now);
        }
        let due = world.client.poll_timeout().expect("due").as_ms();
        world.pass(due - world.now);
    }
    let last_hour = tried.iter().filter(|at| **at > 3_600_000).count();
    assert!((12..=60).contains(&last_hour), "{last_hour} in an hour: {tried:?}");
}

#[test]
fn a_token_the_app_gave_is_never_sent_again_and_another_one_heals() {
    for again in EVENTS.into_iter().chain(["the same"]) {
        let mut world = World::new(Config { heartbeat_every_ms: None, ..Config::default() });
        world.client.set_token(world.at(), Some(grant("bad", None)));
        world.subscribe(1, "feed");
        world.open();
        world.close(4001);
        assert_eq!(world.state(), State::Failed);
        if again == "the same" {
            world.client.set_token(world.at(), Some(grant("bad", None)));
            world.drain();
        } else {
            happen(&mut world, again);
        }
        world.pass(3_600_000);
        assert_eq!((world.state(), world.opened.len()), (State::Failed, 1), "{again}");
        world.client.set_token(world.at(), Some(grant("good", None)));
        world.drain();
        world.accept(ALL);
        assert_eq!(world.state(), State::Ready, "{again}");
    }
}

#[test]
fn connect_says_again_why_it_is_refused() {
    let mut world = denied(4001);
    let failures = |world: &World| {
        let failed =
            |event: &&Event<_>| matches!(event, Event::State(State::Failed, _, Some(_), _));
        world.events.iter().filter(failed).count()
    };
    assert_eq!(failures(&world), 1);
    world.answer_each(30_000, Some("bad"));
    assert_eq!(failures(&world), 1, "what the client does by itself is no news");
    happen(&mut world, "connect");
    world.answer_token(Some("bad"), None);
    assert_eq!(failures(&world), 2);
}

/// Each failure that no token is the cause of, and how it comes about.
const OTHER_FAILURES: [(&str, Code); 3] =
    [("cookie", Code::AuthDenied), ("gave up", Code::GaveUp), ("fatal", Code::ServerError)];

fn failed(failure: &str) -> World {
    let max_attempts = (failure == "gave up").then_some(1);
    let mut world = World::new(Config {
        reconnect_max_attempts: max_attempts,
        heartbeat_every_ms: None,
        ..Config::default()
    });
    world.subscribe(1, "feed");
    world.open();
    match failure {
        "cookie" => world.close(4001),
        "gave up" => world.close(1006),
        _ => {
            world.receive(json!({"type": "error", "message": "no", "retryable": false}));
            world.close(1008);
        }
    }
    world
}

#[test]
fn a_failure_without_a_token_ends_with_demand_or_evidence_unless_the_server_said_it_is_final() {
    for (failure, code) in OTHER_FAILURES {
        // Without a timer only the driver's clock notices that the machine slept: `woke`.
        for event in EVENTS.into_iter().filter(|event| *event != "slept") {
            let mut world = failed(failure);
            assert_eq!(world.state(), State::Failed, "{failure}");
            assert_eq!(world.client.connection().error().map(|error| error.code), Some(code));
            world.pass(3_600_000);
            assert_eq!(world.opened.len(), 1, "{failure}: nothing by itself");
            happen(&mut world, event);
            let tries = failure != "fatal" || event == "connect";
            assert_eq!(world.opened.len(), 1 + usize::from(tries), "{failure}, {event}");
            if tries {
                world.accept(ALL);
                assert_eq!(world.state(), State::Ready, "{failure}, {event}");
            }
        }
    }
}

#[test]
fn an_unauthorized_channel_is_joined_again_with_another_token() {
    let mut world = World::new(asking());
    world.subscribe(1, "feed");
    world.answer_token(Some("first"), None);
    world.accept(ALL);
    let reject = |world: &mut World| {
        let join = world.take("subscribe").pop().expect("a join");
        world.receive(json!({
            "type": "error", "channel": "feed", "ref": join["ref"], "code": "unauthorized",
            "message": "a token, please", "retryable": false,
        }));
    };
    reject(&mut world);
    assert_eq!(told(&world, "feed").map(|told| told.0), Some(ChannelState::Failed));
    assert!(world.asked.is_some(), "at once");
    world.answer_token(Some("first"), None);
    world.answer_each(3_600_000, Some("first"));
    assert_eq!(world.take("subscribe").len(), 0, "not with the same token");
    assert!((15..80).contains(&world.times_asked), "asked {} times", world.times_asked);
    world.input(Input::Woke);
    world.receive(json!({"type": "pong"}));
    world.answer_token(Some("second"), None);
    assert_eq!(world.take("auth")[0]["token"], "second");
    world.receive(json!({"type": "auth_success", "connectionId": "c1"}));
    assert_eq!(world.confirm_joins(), ["feed"]);
    assert_eq!(told(&world, "feed").map(|told| told.0), Some(ChannelState::Ready));
}

#[test]
fn an_unauthorized_channel_is_joined_again_with_every_new_connection() {
    let mut world = World::ready(Config::default(), &["subscribe"]);
    world.subscribe(2, "vault");
    let join = world.take("subscribe").pop().expect("a join");
    world.receive(json!({
        "type": "error", "channel": "vault", "ref": join["ref"], "code": "unauthorized",
        "message": "a token, please", "retryable": false,
    }));
    assert_eq!(told(&world, "vault").map(|told| told.0), Some(ChannelState::Failed));
    world.client.set_token(world.at(), Some(grant("mine", None)));
    world.drain();
    assert_eq!(world.closed, [4003]);
    world.accept(&["subscribe"]);
    assert_eq!(world.confirm_joins().len(), 2);
}
