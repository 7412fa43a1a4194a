//! Is the other side there? Judged by evidence.

use serde_json::json;

use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::input::{Input, Page};
use crate::core::reason::Reason;
use crate::core::state::{Quality, State};
use crate::core::testing::{ALL, World};

#[test]
fn a_half_open_socket_is_noticed_within_heartbeat_and_timeout() {
    let mut world = World::ready(Config::default(), ALL);
    world.pass(30_000);
    assert_eq!(world.take("ping").len(), 1);
    world.pass(9_999);
    assert_eq!(world.state(), State::Ready);
    world.pass(1);
    assert_eq!(world.last_reason(), Some(Reason::HeartbeatTimeout));
    world.pass(250);
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn a_half_open_socket_is_noticed_within_two_seconds_of_a_wake() {
    let wakes: [fn(&mut World); 4] = [
        |world| world.network(true),
        |world| {
            world.page(Page::Hidden);
            world.page(Page::Visible);
        },
        |world| world.input(Input::Woke),
        |world| world.page(Page::Visible),
    ];
    for (case, wake) in wakes.into_iter().enumerate() {
        let mut world = World::ready(Config::default(), ALL);
        world.pass(1_000);
        wake(&mut world);
        // Becoming visible is none for a page that was not hidden.
        let probed = case != 3;
        assert_eq!(world.take("ping").len(), usize::from(probed), "case {case}");
        world.pass(2_000);
        assert_eq!(world.opened.len(), if probed { 2 } else { 1 }, "case {case}");
    }
}

#[test]
fn an_answered_probe_keeps_the_socket() {
    let mut world = World::ready(Config::default(), ALL);
    world.input(Input::Woke);
    world.pass(40);
    world.receive(json!({"type": "pong"}));
    world.pass(20_000);
    assert_eq!((world.opened.len(), world.client.connection().round_trip().last), (1, Some(40)));
}

#[test]
fn a_sleeping_page_accuses_nobody() {
    let mut world = World::ready(Config::default(), ALL);
    world.pass(30_000);
    assert_eq!(world.take("ping").len(), 1);
    world.sleep(600_000);
    assert_eq!((world.state(), world.take("ping").len()), (State::Ready, 1));
    world.receive(json!({"type": "pong"}));
    world.pass(20_000);
    assert!(world.closed.is_empty());
}

#[test]
fn a_pong_read_after_a_sleep_makes_no_probe_longer_than_a_ping() {
    let mut world = World::ready(Config::default(), ALL);
    world.input(Input::Woke);
    world.sleep(60_000);
    world.receive(json!({"type": "pong"}));
    world.input(Input::Woke);
    world.pass(10_000);
    assert_eq!(world.last_reason(), Some(Reason::ProbeTimeout));
}

#[test]
fn any_frame_after_the_ping_is_life() {
    let mut world = World::ready(Config::default(), ALL);
    world.pass(30_000);
    world.receive(json!({"type": "channel_message", "channel": "feed", "payload": 1}));
    world.pass(20_000);
    assert!(world.closed.is_empty());
}

#[test]
fn the_server_s_heartbeat_interval_wins_unless_there_is_to_be_none() {
    for (own, pings) in [(Some(30_000), 1), (None, 0)] {
        let mut world = World::new(Config { heartbeat_every_ms: own, ..Config::default() });
        world.subscribe(1, "feed");
        world.open();
        world.receive(json!({"type": "auth_success", "connectionId": "c", "heartbeatMs": 5_000}));
        world.pass(5_000);
        assert_eq!(world.take("ping").len(), pings);
    }
}

#[test]
fn a_server_s_heartbeat_interval_is_taken_within_bounds() {
    for (wanted, every) in [(1_u64, 100), (9_007_199_254_740_991, 120_000)] {
        let mut world = World::new(Config::default());
        world.subscribe(1, "feed");
        world.open();
        world.receive(json!({"type": "auth_success", "connectionId": "c", "heartbeatMs": wanted}));
        world.pass(every - 1);
        assert_eq!(world.take("ping").len(), 0, "{wanted}");
        world.pass(1);
        assert_eq!(world.take("ping").len(), 1, "{wanted}");
    }
}

#[test]
fn a_ping_of_the_server_is_answered() {
    let mut world = World::ready(Config::default(), ALL);
    world.receive(json!({"type": "ping"}));
    assert_eq!(world.take("pong").len(), 1);
}

#[test]
fn quality_follows_round_trips_and_losses_and_is_offline_without_a_connection() {
    let mut world = World::ready(Config::default(), ALL);
    let grades = |world: &World| {
        let grade = |event: &Event<_>| match event {
            Event::Quality(quality) => Some(*quality),
            _ => None,
        };
        world.events.iter().filter_map(grade).collect::<Vec<_>>()
    };
    assert_eq!(grades(&world), [Quality::Excellent]);
    world.close(1006);
    world.pass(250);
    world.accept(ALL);
    assert_eq!(grades(&world), [Quality::Excellent, Quality::Offline, Quality::Good]);
    for _ in 0..3 {
        world.pass(30_000);
        world.receive(json!({"type": "pong"}));
    }
    assert_eq!(grades(&world).last(), Some(&Quality::Excellent));
}

#[test]
fn a_timer_far_too_late_is_a_wake_of_its_own() {
    let mut world = World::ready(Config::default(), ALL);
    world.sleep(3_600_000);
    assert_eq!(world.take("ping").len(), 1);
    world.pass(1_500);
    assert_eq!(world.last_reason(), Some(Reason::ProbeTimeout));
}
