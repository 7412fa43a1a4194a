//! Heartbeats and probes: the detection of half-open sockets.

use serde_json::json;

use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::input::{Input, Network, Page};
use crate::core::reason::Reason;
use crate::core::state::{Quality, State};
use crate::core::testing::{ALL, Harness};

#[test]
fn half_open_socket_is_detected_within_heartbeat_and_timeout() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.pass(30_000);
    assert_eq!(harness.take("ping").len(), 1);
    harness.pass(9_999);
    assert_eq!(harness.state(), State::Ready);
    harness.pass(1);
    assert_eq!(harness.last_reason(), Some(Reason::HeartbeatTimeout));
    harness.pass(250);
    assert_eq!(harness.opened.len(), 2);
}

#[test]
fn half_open_socket_is_detected_within_two_seconds_of_a_wake() {
    let wakes: [fn(&mut Harness); 4] = [
        |harness| harness.network(Network::Online),
        |harness| {
            harness.page(Page::Hidden);
            harness.page(Page::Visible);
        },
        |harness| harness.input(Input::Woke),
        |harness| harness.page(Page::Visible),
    ];
    for (case, wake) in wakes.into_iter().enumerate() {
        let mut harness = Harness::ready(Config::default(), ALL);
        harness.pass(1_000);
        wake(&mut harness);
        // Becoming visible does not count for a page that was not hidden.
        let probed = case != 3;
        assert_eq!(harness.take("ping").len(), usize::from(probed), "case {case}");
        harness.pass(2_000);
        assert_eq!(harness.opened.len(), if probed { 2 } else { 1 }, "case {case}");
    }
}

#[test]
fn answered_probe_keeps_the_socket() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.input(Input::Woke);
    harness.pass(40);
    harness.receive(json!({"type": "pong"}));
    harness.pass(20_000);
    assert_eq!(
        (harness.opened.len(), harness.client.connection().round_trip().last),
        (1, Some(40))
    );
}

#[test]
fn time_asleep_does_not_count_as_a_missed_pong() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.pass(30_000);
    assert_eq!(harness.take("ping").len(), 1);
    harness.sleep(600_000);
    assert_eq!((harness.state(), harness.take("ping").len()), (State::Ready, 1));
    harness.receive(json!({"type": "pong"}));
    harness.pass(20_000);
    assert!(harness.closed.is_empty());
}

#[test]
fn pong_read_after_a_sleep_does_not_extend_the_probe_timeout() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.input(Input::Woke);
    harness.sleep(60_000);
    harness.receive(json!({"type": "pong"}));
    harness.input(Input::Woke);
    harness.pass(10_000);
    assert_eq!(harness.last_reason(), Some(Reason::ProbeTimeout));
}

#[test]
fn any_frame_after_a_ping_counts_as_a_pong() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.pass(30_000);
    harness.receive(json!({"type": "channel_message", "channel": "feed", "payload": 1}));
    harness.pass(20_000);
    assert!(harness.closed.is_empty());
}

#[test]
fn server_s_heartbeat_interval_overrides_the_option_unless_heartbeats_are_off() {
    for (own, pings) in [(Some(30_000), 1), (None, 0)] {
        let mut harness = Harness::new(Config { heartbeat_every_ms: own, ..Config::default() });
        harness.subscribe(1, "feed");
        harness.open();
        harness.receive(json!({"type": "auth_success", "connectionId": "c", "heartbeatMs": 5_000}));
        harness.pass(5_000);
        assert_eq!(harness.take("ping").len(), pings);
    }
}

#[test]
fn server_s_heartbeat_interval_is_bounded() {
    for (wanted, every) in [(1_u64, 100), (9_007_199_254_740_991, 120_000)] {
        let mut harness = Harness::new(Config::default());
        harness.subscribe(1, "feed");
        harness.open();
        harness
            .receive(json!({"type": "auth_success", "connectionId": "c", "heartbeatMs": wanted}));
        harness.pass(every - 1);
        assert_eq!(harness.take("ping").len(), 0, "{wanted}");
        harness.pass(1);
        assert_eq!(harness.take("ping").len(), 1, "{wanted}");
    }
}

#[test]
fn server_s_ping_is_answered() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.receive(json!({"type": "ping"}));
    assert_eq!(harness.take("pong").len(), 1);
}

#[test]
fn quality_depends_on_round_trips_and_losses_and_is_offline_without_a_connection() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let grades = |harness: &Harness| {
        let grade = |event: &Event<_>| match event {
            Event::Quality(quality) => Some(*quality),
            _ => None,
        };
        harness.events.iter().filter_map(grade).collect::<Vec<_>>()
    };
    assert_eq!(grades(&harness), [Quality::Excellent]);
    harness.close(1006);
    harness.pass(250);
    harness.accept(ALL);
    assert_eq!(grades(&harness), [Quality::Excellent, Quality::Offline, Quality::Good]);
    for _ in 0..3 {
        harness.pass(30_000);
        harness.receive(json!({"type": "pong"}));
    }
    assert_eq!(grades(&harness).last(), Some(&Quality::Excellent));
}

#[test]
fn very_late_timer_is_treated_as_a_wake() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.sleep(3_600_000);
    assert_eq!(harness.take("ping").len(), 1);
    harness.pass(1_500);
    assert_eq!(harness.last_reason(), Some(Reason::ProbeTimeout));
}
