//! When a connection is opened and closed.

use serde_json::json;

use crate::core::channel::{Persistence, Subscription};
use crate::core::config::{Config, Reconnect, ServerHost};
use crate::core::id::SendId;
use crate::core::input::{ClosedBy, Input, Network, Page};
use crate::core::reason::Reason;
use crate::core::state::State;
use crate::core::testing::{ALL, Harness};

#[test]
fn late_linger_timer_does_not_close_a_connection_in_demand() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.unsubscribe(1);
    harness.now += 1_900;
    let send = harness.send("feed", json!(1));
    assert_eq!((harness.closed.len(), harness.opened.len()), (0, 1));
    assert_eq!(harness.progress(send), ["queued", "sent"]);
}

#[test]
fn no_socket_is_opened_before_the_first_subscriber() {
    let mut harness = Harness::new(Config::default());
    harness.pass(3_600_000);
    assert_eq!(
        (harness.state(), harness.opened.len(), harness.token_requests),
        (State::Idle, 0, 0)
    );
    assert_eq!(harness.client.poll_timeout(), None);
}

#[test]
fn last_unsubscribe_closes_the_socket_after_a_second_and_the_next_subscribe_reconnects() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.unsubscribe(1);
    harness.pass(999);
    assert!(harness.closed.is_empty());
    harness.pass(1);
    assert_eq!((harness.closed.as_slice(), harness.state()), ([1000].as_slice(), State::Idle));
    assert_eq!(harness.take("unsubscribe").len(), 1, "the leave was sent before the close");
    assert_eq!(harness.client.poll_timeout(), None, "an idle client needs no timer");
    harness.subscribe(2, "feed");
    harness.accept(ALL);
    assert_eq!(harness.confirm_joins(), ["feed"]);
    assert_eq!(harness.state(), State::Ready);
}

#[test]
fn repeated_subscribe_and_unsubscribe_uses_one_socket_and_one_join() {
    let mut harness = Harness::new(Config::default());
    for subscriber in 1..20 {
        harness.subscribe(subscriber, "feed");
        harness.pass(10);
        harness.unsubscribe(subscriber);
    }
    harness.subscribe(20, "feed");
    harness.accept(ALL);
    assert_eq!(harness.confirm_joins(), ["feed"]);
    harness.pass(5_000);
    assert_eq!((harness.opened.len(), harness.closed.len(), harness.sent.len()), (1, 0, 0));
}

#[test]
fn hidden_page_closes_with_4000_after_the_delay_and_visible_page_reconnects_at_once() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.page(Page::Hidden);
    harness.pass(4_999);
    assert!(harness.closed.is_empty());
    harness.pass(1);
    assert_eq!((harness.closed.as_slice(), harness.state()), ([4000].as_slice(), State::Paused));
    harness.pass(60_000);
    assert_eq!(harness.opened.len(), 1, "no attempt while hidden");
    harness.page(Page::Visible);
    assert_eq!((harness.opened.len(), harness.last_reason()), (2, Some(Reason::Visible)));
    harness.accept(ALL);
    assert_eq!(harness.confirm_joins(), ["feed"]);
}

#[test]
fn briefly_hidden_page_keeps_the_connection() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.page(Page::Hidden);
    harness.pass(4_000);
    harness.page(Page::Visible);
    harness.receive(json!({"type": "pong"}));
    harness.pass(20_000);
    assert_eq!((harness.opened.len(), harness.closed.len()), (1, 0));
}

#[test]
fn subscribe_in_a_hidden_page_connects_when_visible() {
    let mut harness = Harness::new(Config::default());
    harness.page(Page::Hidden);
    harness.pass(6_000);
    harness.subscribe(1, "feed");
    assert_eq!((harness.opened.len(), harness.state()), (0, State::Paused));
    harness.page(Page::Visible);
    assert_eq!(harness.opened.len(), 1);
}

#[test]
fn hiding_while_connecting_closes_the_socket() {
    let mut harness = Harness::new(Config::default());
    harness.page(Page::Hidden);
    harness.subscribe(1, "feed");
    assert_eq!(harness.opened.len(), 1, "hidden, but not for long");
    harness.pass(5_000);
    assert_eq!((harness.closed.as_slice(), harness.state()), ([4000].as_slice(), State::Paused));
}

#[test]
fn frozen_page_closes_at_once_and_reconnects_when_resumed() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.page(Page::Frozen);
    assert_eq!(
        (harness.closed.as_slice(), harness.last_reason()),
        ([4000].as_slice(), Some(Reason::Frozen))
    );
    harness.sleep(86_400_000);
    harness.page(Page::Resumed);
    assert_eq!((harness.opened.len(), harness.state()), (2, State::Connecting));
}

#[test]
fn offline_client_makes_no_attempts_and_reconnects_when_online() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.network(Network::Offline);
    assert_eq!((harness.state(), harness.closed.len()), (State::Offline, 1));
    harness.pass(600_000);
    assert_eq!(harness.opened.len(), 1);
    harness.network(Network::Online);
    assert_eq!((harness.opened.len(), harness.last_reason()), (2, Some(Reason::Online)));
}

#[test]
fn lost_connection_is_retried_forever_with_growing_jittered_delays() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.pass(6_000);
    harness.close(1006);
    assert_eq!(harness.state(), State::Reconnecting);
    let mut waits = Vec::new();
    for _ in 0..120 {
        let lost = harness.now;
        while harness.socket.is_none() {
            harness.pass(1);
        }
        waits.push(harness.now - lost);
        harness.close(1006);
    }
    assert!(waits[0] <= 250 && waits.iter().all(|wait| *wait <= 30_001));
    let late = &waits[waits.len() - 10..];
    assert!(late.iter().any(|wait| *wait > 15_000), "never near the cap: {waits:?}");
    assert!(late.windows(2).any(|pair| pair[0] != pair[1]), "no jitter at the cap");
}

#[test]
fn failure_count_resets_after_five_seconds_of_connection() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    for _ in 0..8 {
        while harness.socket.is_none() {
            harness.pass(1);
        }
        harness.accept(ALL);
        harness.pass(4_999);
        harness.close(1006);
    }
    let wait = harness.client.poll_timeout().expect("a retry").0.as_ms() - harness.now;
    while harness.socket.is_none() {
        harness.pass(1);
    }
    harness.accept(ALL);
    harness.pass(5_000);
    harness.close(1006);
    let after = harness.client.poll_timeout().expect("a retry").0.as_ms() - harness.now;
    assert!(after <= 250, "{wait} then {after}");
}

#[test]
fn page_event_skips_the_backoff() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    for _ in 0..12 {
        while harness.socket.is_none() {
            harness.pass(1);
        }
        harness.close(1006);
    }
    let opened = harness.opened.len();
    harness.network(Network::Offline);
    harness.network(Network::Online);
    assert_eq!(harness.opened.len(), opened + 1);
}

#[test]
fn unsubscribe_and_subscribe_do_not_skip_the_backoff() {
    let mut harness = Harness::new(Config { reconnect_base_ms: 100_000, ..Config::default() });
    harness.subscribe(1, "feed");
    harness.close(1006);
    harness.unsubscribe(1);
    harness.pass(1_000);
    assert_eq!(harness.state(), State::Idle);
    harness.subscribe(2, "feed");
    assert_eq!((harness.opened.len(), harness.state()), (1, State::Reconnecting));
}

#[test]
fn unopened_socket_and_unanswered_authentication_time_out() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.pass(10_000);
    assert_eq!((harness.closed.len(), harness.last_reason()), (1, Some(Reason::ConnectTimeout)));
    while harness.socket.is_none() {
        harness.pass(1);
    }
    harness.open();
    harness.pass(10_000);
    assert_eq!((harness.closed.len(), harness.last_reason()), (2, Some(Reason::ConnectTimeout)));
}

#[test]
fn late_event_of_a_former_socket_is_ignored() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let former = harness.socket.expect("open");
    harness.page(Page::Frozen);
    harness.page(Page::Resumed);
    harness.accept(ALL);
    harness.input(Input::SocketClosed(former, ClosedBy::Peer(4001, String::new())));
    harness.input(Input::SocketOpened(former));
    assert_eq!(harness.state(), State::Ready);
}

#[test]
fn disconnect_lasts_until_new_demand() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.client.disconnect(harness.at());
    harness.drain();
    assert_eq!((harness.state(), harness.closed.as_slice()), (State::Idle, [1000].as_slice()));
    assert_eq!(harness.last_reason(), Some(Reason::DisconnectCalled));
    harness.page(Page::Hidden);
    harness.page(Page::Visible);
    harness.network(Network::Offline);
    harness.network(Network::Online);
    harness.pass(60_000);
    assert_eq!(harness.opened.len(), 1);
    harness.subscribe(2, "other");
    harness.accept(ALL);
    assert_eq!(harness.confirm_joins(), ["feed", "other"]);
}

#[test]
fn connect_opens_a_connection_without_channels() {
    let mut harness = Harness::new(Config { heartbeat_every_ms: None, ..Config::default() });
    harness.client.connect(harness.at());
    harness.drain();
    harness.accept(ALL);
    harness.pass(60_000);
    assert_eq!((harness.state(), harness.opened.len()), (State::Ready, 1));
}

#[test]
fn attempts_are_limited_only_by_an_option_and_connect_restarts_the_count() {
    let mut harness = Harness::new(Config { reconnect_max_attempts: Some(3), ..Config::default() });
    harness.subscribe(1, "feed");
    for _ in 0..3 {
        while harness.socket.is_none() {
            harness.pass(1);
        }
        harness.close(1006);
    }
    assert_eq!((harness.state(), harness.last_reason()), (State::Failed, Some(Reason::GaveUp)));
    let send = harness.send("feed", json!({"late": true}));
    assert_eq!(harness.progress(send), ["gave_up"]);
    harness.client.connect(harness.at());
    harness.drain();
    assert_eq!(harness.opened.len(), 4);
}

#[test]
fn fatal_server_error_ends_attempts_and_retryable_one_delays_the_next() {
    for (retryable, state) in [(false, State::Failed), (true, State::Reconnecting)] {
        let mut harness = Harness::new(Config::default());
        harness.subscribe(1, "feed");
        harness.open();
        harness.receive(json!({
            "type": "error", "code": "maintenance", "message": "back soon",
            "retryable": retryable, "retryAfterMs": 5_000,
        }));
        harness.close(1000);
        assert_eq!(harness.state(), state);
        harness.pass(4_999);
        assert_eq!(harness.opened.len(), 1);
    }
}

#[test]
fn old_server_error_is_not_the_reason_of_a_later_close() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.receive(json!({"type": "error", "message": "bad frame", "retryable": false}));
    harness.pass(2_000);
    harness.close(1006);
    assert_eq!(
        (harness.state(), harness.last_reason()),
        (State::Reconnecting, Some(Reason::ConnectionLost))
    );
}

#[test]
fn destroy_closes_the_connection_and_fails_unsettled_sends() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    let send = harness.send("feed", json!({}));
    harness.client.destroy(harness.at());
    harness.drain();
    assert_eq!(harness.progress(send), ["queued", "destroyed"]);
    assert_eq!((harness.state(), harness.closed.as_slice()), (State::Closed, [1000].as_slice()));
    assert!(harness.try_subscribe(2, "feed", Default::default()).is_err());
    let late = harness.send("feed", json!({}));
    assert_eq!((late, harness.progress(late)), (SendId(2), vec!["destroyed"]));
    harness.pass(100_000);
    assert_eq!(harness.opened.len(), 1);
}

#[test]
fn abandoned_connection_counts_as_uptime_once() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.pass(3_000);
    harness.client.configure(harness.at(), Config::default(), Reconnect::Always);
    harness.drain();
    harness.pass(50);
    harness.accept(ALL);
    harness.pass(1_000);
    let record = harness.client.connection().record();
    assert_eq!((record.uptime_ms, record.current_uptime_ms(harness.at())), (3_000, 1_000));
}

#[test]
fn abandoned_attempt_is_not_reported_as_connecting() {
    let mut harness = Harness::new(Config::default());
    let persistent =
        Subscription { persistence: Persistence::Persistent, ..Subscription::default() };
    harness.try_subscribe(1, "notes", persistent).expect("subscribed");
    harness.unsubscribe(1);
    harness.client.configure(harness.at(), Config::default(), Reconnect::Always);
    harness.drain();
    assert_eq!((harness.state(), harness.closed.len()), (State::Idle, 1));
}

#[test]
fn connection_options_reconnect_if_they_changed() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.client.configure(harness.at(), Config::default(), Reconnect::Always);
    harness.drain();
    assert_eq!((harness.closed.len(), harness.opened.len()), (1, 2));
    harness.client.configure(
        harness.at(),
        Config { linger_ms: 5, ..Config::default() },
        Reconnect::IfNeeded,
    );
    harness.drain();
    assert_eq!(harness.opened.len(), 2);
}

#[test]
fn connect_attempts_even_if_the_browser_is_offline() {
    let mut harness = Harness::new(Config::default());
    harness.network(Network::Offline);
    harness.subscribe(1, "feed");
    assert_eq!((harness.state(), harness.opened.len()), (State::Offline, 0));
    harness.client.connect(harness.at());
    harness.drain();
    assert_eq!((harness.state(), harness.opened.len()), (State::Connecting, 1));
    harness.close(1006);
    harness.pass(2_000);
    assert!(harness.opened.len() > 1, "and it is retried");
    harness.network(Network::Offline);
    assert_eq!(harness.state(), State::Offline, "the browser's next report applies again");
}

#[test]
fn loopback_address_does_not_wait_for_the_network() {
    let mut harness = Harness::new(Config { server_host: ServerHost::Local, ..Config::default() });
    harness.network(Network::Offline);
    harness.subscribe(1, "feed");
    assert_eq!(harness.opened.len(), 1);
    harness.accept(ALL);
    harness.network(Network::Offline);
    assert_eq!((harness.state(), harness.closed.len()), (State::Ready, 0));
    // The next attempt uses another address.
    harness.input(Input::ServerHost(ServerHost::Remote));
    assert_eq!(harness.state(), State::Offline);
    harness.input(Input::ServerHost(ServerHost::Local));
    assert_eq!(harness.state(), State::Connecting);
}

#[test]
fn page_resumed_hidden_reconnects_if_hiding_never_pauses() {
    let config = Config { pause_after_ms: None, ..Config::default() };
    let mut harness = Harness::ready(config, ALL);
    harness.page(Page::Hidden);
    harness.page(Page::Frozen);
    assert_eq!(harness.state(), State::Paused);
    harness.page(Page::ResumedHidden);
    assert_eq!((harness.opened.len(), harness.last_reason()), (2, Some(Reason::Resumed)));
}

#[test]
fn page_resumed_hidden_stays_paused_after_the_delay() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.page(Page::Hidden);
    harness.pass(6_000);
    harness.page(Page::Frozen);
    harness.page(Page::ResumedHidden);
    assert_eq!((harness.opened.len(), harness.state()), (1, State::Paused));
    harness.page(Page::Visible);
    assert_eq!(harness.opened.len(), 2);
}
