//! When there is a connection, and when there is none.

use serde_json::json;

use crate::core::channel::{Persistence, Subscription};
use crate::core::config::{Config, Reconnect};
use crate::core::id::SendId;
use crate::core::input::{ClosedBy, Input, Page};
use crate::core::reason::Reason;
use crate::core::state::State;
use crate::core::testing::{ALL, World};

#[test]
fn a_linger_time_noticed_late_does_not_close_what_is_wanted_again() {
    let mut world = World::ready(Config::default(), ALL);
    world.unsubscribe(1);
    world.now += 1_900;
    let send = world.send("feed", json!(1));
    assert_eq!((world.closed.len(), world.opened.len()), (0, 1));
    assert_eq!(world.progress(send), ["queued", "sent"]);
}

#[test]
fn nothing_happens_before_the_first_subscriber() {
    let mut world = World::new(Config::default());
    world.pass(3_600_000);
    assert_eq!((world.state(), world.opened.len(), world.times_asked), (State::Idle, 0, 0));
    assert_eq!(world.client.poll_timeout(), None);
}

#[test]
fn the_last_subscriber_gone_closes_the_socket_after_a_second_and_the_next_one_reconnects() {
    let mut world = World::ready(Config::default(), ALL);
    world.unsubscribe(1);
    world.pass(999);
    assert!(world.closed.is_empty());
    world.pass(1);
    assert_eq!((world.closed.as_slice(), world.state()), ([1000].as_slice(), State::Idle));
    assert_eq!(world.take("unsubscribe").len(), 1, "the leave went out before the close");
    assert_eq!(world.client.poll_timeout(), None, "an idle client needs no timer");
    world.subscribe(2, "feed");
    world.accept(ALL);
    assert_eq!(world.confirm_joins(), ["feed"]);
    assert_eq!(world.state(), State::Ready);
}

#[test]
fn a_flurry_of_subscribing_makes_one_socket_and_one_join() {
    let mut world = World::new(Config::default());
    for subscriber in 1..20 {
        world.subscribe(subscriber, "feed");
        world.pass(10);
        world.unsubscribe(subscriber);
    }
    world.subscribe(20, "feed");
    world.accept(ALL);
    assert_eq!(world.confirm_joins(), ["feed"]);
    world.pass(5_000);
    assert_eq!((world.opened.len(), world.closed.len(), world.sent.len()), (1, 0, 0));
}

#[test]
fn hiding_pauses_with_4000_after_the_delay_and_showing_reconnects_at_once() {
    let mut world = World::ready(Config::default(), ALL);
    world.page(Page::Hidden);
    world.pass(4_999);
    assert!(world.closed.is_empty());
    world.pass(1);
    assert_eq!((world.closed.as_slice(), world.state()), ([4000].as_slice(), State::Paused));
    world.pass(60_000);
    assert_eq!(world.opened.len(), 1, "no attempt while hidden");
    world.page(Page::Visible);
    assert_eq!((world.opened.len(), world.last_reason()), (2, Some(Reason::Visible)));
    world.accept(ALL);
    assert_eq!(world.confirm_joins(), ["feed"]);
}

#[test]
fn a_glance_away_costs_nothing() {
    let mut world = World::ready(Config::default(), ALL);
    world.page(Page::Hidden);
    world.pass(4_000);
    world.page(Page::Visible);
    world.receive(json!({"type": "pong"}));
    world.pass(20_000);
    assert_eq!((world.opened.len(), world.closed.len()), (1, 0));
}

#[test]
fn subscribing_in_a_hidden_page_connects_when_it_is_shown() {
    let mut world = World::new(Config::default());
    world.page(Page::Hidden);
    world.pass(6_000);
    world.subscribe(1, "feed");
    assert_eq!((world.opened.len(), world.state()), (0, State::Paused));
    world.page(Page::Visible);
    assert_eq!(world.opened.len(), 1);
}

#[test]
fn hiding_in_the_middle_of_connecting_closes_that_socket() {
    let mut world = World::new(Config::default());
    world.page(Page::Hidden);
    world.subscribe(1, "feed");
    assert_eq!(world.opened.len(), 1, "hidden, but not for long");
    world.pass(5_000);
    assert_eq!((world.closed.as_slice(), world.state()), ([4000].as_slice(), State::Paused));
}

#[test]
fn a_page_put_away_closes_at_once_and_comes_back_from_the_cache() {
    let mut world = World::ready(Config::default(), ALL);
    world.page(Page::Frozen);
    assert_eq!(
        (world.closed.as_slice(), world.last_reason()),
        ([4000].as_slice(), Some(Reason::Frozen))
    );
    world.sleep(86_400_000);
    world.page(Page::Resumed);
    assert_eq!((world.opened.len(), world.state()), (2, State::Connecting));
}

#[test]
fn offline_makes_no_attempts_and_online_reconnects_at_once() {
    let mut world = World::ready(Config::default(), ALL);
    world.network(false);
    assert_eq!((world.state(), world.closed.len()), (State::Offline, 1));
    world.pass(600_000);
    assert_eq!(world.opened.len(), 1);
    world.network(true);
    assert_eq!((world.opened.len(), world.last_reason()), (2, Some(Reason::Online)));
}

#[test]
fn a_lost_connection_is_retried_with_growing_jittered_waits_for_ever() {
    let mut world = World::ready(Config::default(), ALL);
    world.pass(6_000);
    world.close(1006);
    assert_eq!(world.state(), State::Reconnecting);
    let mut waits = Vec::new();
    for _ in 0..120 {
        let lost = world.now;
        while world.socket.is_none() {
            world.pass(1);
        }
        waits.push(world.now - lost);
        world.close(1006);
    }
    assert!(waits[0] <= 250 && waits.iter().all(|wait| *wait <= 30_001));
    let late = &waits[waits.len() - 10..];
    assert!(late.iter().any(|wait| *wait > 15_000), "never near the cap: {waits:?}");
    assert!(late.windows(2).any(|pair| pair[0] != pair[1]), "no jitter at the cap");
}

#[test]
fn failures_are_forgotten_only_after_five_seconds_up() {
    let mut world = World::new(Config::default());
    world.subscribe(1, "feed");
    for _ in 0..8 {
        while world.socket.is_none() {
            world.pass(1);
        }
        world.accept(ALL);
        world.pass(4_999);
        world.close(1006);
    }
    let wait = world.client.poll_timeout().expect("a retry").0.as_ms() - world.now;
    while world.socket.is_none() {
        world.pass(1);
    }
    world.accept(ALL);
    world.pass(5_000);
    world.close(1006);
    let after = world.client.poll_timeout().expect("a retry").0.as_ms() - world.now;
    assert!(after <= 250, "{wait} then {after}");
}

#[test]
fn the_page_s_own_evidence_skips_the_wait() {
    let mut world = World::new(Config::default());
    world.subscribe(1, "feed");
    for _ in 0..12 {
        while world.socket.is_none() {
            world.pass(1);
        }
        world.close(1006);
    }
    let opened = world.opened.len();
    world.network(false);
    world.network(true);
    assert_eq!(world.opened.len(), opened + 1);
}

#[test]
fn leaving_and_coming_back_does_not_dodge_the_backoff() {
    let mut world = World::new(Config { reconnect_base_ms: 100_000, ..Config::default() });
    world.subscribe(1, "feed");
    world.close(1006);
    world.unsubscribe(1);
    world.pass(1_000);
    assert_eq!(world.state(), State::Idle);
    world.subscribe(2, "feed");
    assert_eq!((world.opened.len(), world.state()), (1, State::Reconnecting));
}

#[test]
fn neither_a_silent_handshake_nor_a_silent_server_holds_it_up() {
    let mut world = World::new(Config::default());
    world.subscribe(1, "feed");
    world.pass(10_000);
    assert_eq!((world.closed.len(), world.last_reason()), (1, Some(Reason::ConnectTimeout)));
    while world.socket.is_none() {
        world.pass(1);
    }
    world.open();
    world.pass(10_000);
    assert_eq!((world.closed.len(), world.last_reason()), (2, Some(Reason::ConnectTimeout)));
}

#[test]
fn a_late_event_of_a_former_socket_is_ignored() {
    let mut world = World::ready(Config::default(), ALL);
    let former = world.socket.expect("open");
    world.page(Page::Frozen);
    world.page(Page::Resumed);
    world.accept(ALL);
    world.input(Input::SocketClosed(former, ClosedBy::Peer(4001, String::new())));
    world.input(Input::SocketOpened(former));
    assert_eq!(world.state(), State::Ready);
}

#[test]
fn disconnect_holds_until_something_new_is_wanted() {
    let mut world = World::ready(Config::default(), ALL);
    world.client.disconnect(world.at());
    world.drain();
    assert_eq!((world.state(), world.closed.as_slice()), (State::Idle, [1000].as_slice()));
    assert_eq!(world.last_reason(), Some(Reason::DisconnectCalled));
    world.page(Page::Hidden);
    world.page(Page::Visible);
    world.network(false);
    world.network(true);
    world.pass(60_000);
    assert_eq!(world.opened.len(), 1);
    world.subscribe(2, "other");
    world.accept(ALL);
    assert_eq!(world.confirm_joins(), ["feed", "other"]);
}

#[test]
fn connect_wants_a_connection_without_any_channel() {
    let mut world = World::new(Config { heartbeat_every_ms: None, ..Config::default() });
    world.client.connect(world.at());
    world.drain();
    world.accept(ALL);
    world.pass(60_000);
    assert_eq!((world.state(), world.opened.len()), (State::Ready, 1));
}

#[test]
fn attempts_have_a_limit_only_if_the_app_sets_one_and_connect_starts_anew() {
    let mut world = World::new(Config { reconnect_max_attempts: Some(3), ..Config::default() });
    world.subscribe(1, "feed");
    for _ in 0..3 {
        while world.socket.is_none() {
            world.pass(1);
        }
        world.close(1006);
    }
    assert_eq!((world.state(), world.last_reason()), (State::Failed, Some(Reason::GaveUp)));
    let send = world.send("feed", json!({"late": true}));
    assert_eq!(world.progress(send), ["gave_up"]);
    world.client.connect(world.at());
    world.drain();
    assert_eq!(world.opened.len(), 4);
}

#[test]
fn a_fatal_word_of_the_server_ends_it_and_a_retryable_one_is_waited_out() {
    for (retryable, state) in [(false, State::Failed), (true, State::Reconnecting)] {
        let mut world = World::new(Config::default());
        world.subscribe(1, "feed");
        world.open();
        world.receive(json!({
            "type": "error", "code": "maintenance", "message": "back soon",
            "retryable": retryable, "retryAfterMs": 5_000,
        }));
        world.close(1000);
        assert_eq!(world.state(), state);
        world.pass(4_999);
        assert_eq!(world.opened.len(), 1);
    }
}

#[test]
fn an_old_error_does_not_explain_a_later_close() {
    let mut world = World::ready(Config::default(), ALL);
    world.receive(json!({"type": "error", "message": "bad frame", "retryable": false}));
    world.pass(2_000);
    world.close(1006);
    assert_eq!(
        (world.state(), world.last_reason()),
        (State::Reconnecting, Some(Reason::ConnectionLost))
    );
}

#[test]
fn destroy_ends_everything_and_fails_what_is_unsettled() {
    let mut world = World::new(Config::default());
    world.subscribe(1, "feed");
    let send = world.send("feed", json!({}));
    world.client.destroy(world.at());
    world.drain();
    assert_eq!(world.progress(send), ["queued", "destroyed"]);
    assert_eq!((world.state(), world.closed.as_slice()), (State::Closed, [1000].as_slice()));
    assert!(world.try_subscribe(2, "feed", Default::default()).is_err());
    let late = world.send("feed", json!({}));
    assert_eq!((late, world.progress(late)), (SendId(2), vec!["destroyed"]));
    world.pass(100_000);
    assert_eq!(world.opened.len(), 1);
}

#[test]
fn a_connection_given_up_counts_as_uptime_once() {
    let mut world = World::ready(Config::default(), ALL);
    world.pass(3_000);
    world.client.configure(world.at(), Config::default(), Reconnect::Always);
    world.drain();
    world.pass(50);
    world.accept(ALL);
    world.pass(1_000);
    let record = world.client.connection().record();
    assert_eq!((record.uptime_ms, record.current_uptime_ms(world.at())), (3_000, 1_000));
}

#[test]
fn a_connection_nobody_waits_for_any_more_is_not_called_connecting() {
    let mut world = World::new(Config::default());
    let parked = Subscription { persistence: Persistence::Persistent, ..Subscription::default() };
    world.try_subscribe(1, "notes", parked).expect("subscribed");
    world.unsubscribe(1);
    world.client.configure(world.at(), Config::default(), Reconnect::Always);
    world.drain();
    assert_eq!((world.state(), world.closed.len()), (State::Idle, 1));
}

#[test]
fn options_that_need_a_new_connection_get_one() {
    let mut world = World::ready(Config::default(), ALL);
    world.client.configure(world.at(), Config::default(), Reconnect::Always);
    world.drain();
    assert_eq!((world.closed.len(), world.opened.len()), (1, 2));
    world.client.configure(
        world.at(),
        Config { linger_ms: 5, ..Config::default() },
        Reconnect::IfNeeded,
    );
    world.drain();
    assert_eq!(world.opened.len(), 2);
}

#[test]
fn connect_tries_although_the_browser_says_there_is_no_network() {
    let mut world = World::new(Config::default());
    world.network(false);
    world.subscribe(1, "feed");
    assert_eq!((world.state(), world.opened.len()), (State::Offline, 0));
    world.client.connect(world.at());
    world.drain();
    assert_eq!((world.state(), world.opened.len()), (State::Connecting, 1));
    world.close(1006);
    world.pass(2_000);
    assert!(world.opened.len() > 1, "and goes on");
    world.network(false);
    assert_eq!(world.state(), State::Offline, "until it says so again");
}

#[test]
fn an_address_on_this_machine_never_waits_for_the_network() {
    let mut world = World::new(Config { is_local: true, ..Config::default() });
    world.network(false);
    world.subscribe(1, "feed");
    assert_eq!(world.opened.len(), 1);
    world.accept(ALL);
    world.network(false);
    assert_eq!((world.state(), world.closed.len()), (State::Ready, 0));
    // The next address is another one.
    world.input(Input::Local(false));
    assert_eq!(world.state(), State::Offline);
    world.input(Input::Local(true));
    assert_eq!(world.state(), State::Connecting);
}

#[test]
fn a_page_resumed_in_the_background_reconnects_where_hiding_never_pauses() {
    let config = Config { pause_after_ms: None, ..Config::default() };
    let mut world = World::ready(config, ALL);
    world.page(Page::Hidden);
    world.page(Page::Frozen);
    assert_eq!(world.state(), State::Paused);
    world.page(Page::ResumedHidden);
    assert_eq!((world.opened.len(), world.last_reason()), (2, Some(Reason::Resumed)));
}

#[test]
fn a_page_resumed_in_the_background_stays_paused_where_it_was_hidden_for_long() {
    let mut world = World::ready(Config::default(), ALL);
    world.page(Page::Hidden);
    world.pass(6_000);
    world.page(Page::Frozen);
    world.page(Page::ResumedHidden);
    assert_eq!((world.opened.len(), world.state()), (1, State::Paused));
    world.page(Page::Visible);
    assert_eq!(world.opened.len(), 2);
}
