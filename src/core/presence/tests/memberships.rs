//! The own presence across memberships: it is tracked again in each.

use serde_json::json;

use super::{Harness, ROOM, busy, on, take_over, track, update};
use crate::core::error::Code;

#[test]
fn every_rejoin_tracks_again_and_replaces_the_former_presence() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    for (former, next) in [("p1", "p2"), ("p2", "p3")] {
        harness.disconnect();
        harness.rejoin();
        assert_eq!(harness.request(), take_over(on(), json!(former)));
        harness.accept(json!(next));
    }
    assert_eq!(harness.settled.len(), 1, "a rejoin settles no action again");
}

#[test]
fn membership_ended_by_the_server_tracks_again_like_a_lost_connection() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.call(|presences, env| presences.membership_ended(env, ROOM));
    harness.update(busy());
    harness.pass(1_000);
    assert_eq!(harness.request(), None);
    harness.join();
    assert_eq!(harness.request(), take_over(busy(), json!("p1")));
}

#[test]
fn request_in_flight_is_sent_again_after_reconnecting() {
    let mut harness = Harness::joined();
    let first = harness.track(on());
    let second = harness.update(busy());
    harness.disconnect();
    harness.sent.clear();
    harness.pass(60_000);
    assert_eq!(harness.settled, []);
    harness.rejoin();
    assert_eq!(harness.request(), track(busy()));
    harness.accept(json!("p1"));
    assert_eq!(harness.settled, [(first, "ok"), (second, "ok")]);
}

#[test]
fn untrack_while_disconnected_resolves_and_nothing_is_tracked_again() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.disconnect();
    let send = harness.untrack();
    assert_eq!(harness.settled.last(), Some(&(send, "ok")));
    harness.rejoin();
    assert_eq!(harness.request(), None);
}

#[test]
fn late_reply_to_a_former_request_is_ignored() {
    let mut harness = Harness::joined();
    harness.track(on());
    let (former, _) = harness.sent.pop().expect("a request");
    harness.disconnect();
    harness.rejoin();
    harness.call(|presences, env| presences.accepted(env, former, Some(json!("p1"))));
    assert_eq!(harness.settled, []);
}

#[test]
fn new_membership_does_not_wait_for_the_retry_delay_of_a_former_one() {
    let mut harness = Harness::joined();
    harness.env.config.reconnect_base_ms = 1_000_000;
    harness.env.config.reconnect_max_ms = 1_000_000;
    harness.track(on());
    harness.accept(json!("p1"));
    harness.disconnect();
    harness.rejoin();
    harness.reject(Code::RateLimited);
    harness.disconnect();
    harness.rejoin();
    assert_eq!(harness.request(), track(on()));
    harness.update(busy());
    harness.accept(json!("p2"));
    harness.pass(100);
    assert_eq!(harness.request(), update(busy()));
}

#[test]
fn former_presence_is_replaced_once() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.disconnect();
    harness.rejoin();
    harness.update(busy());
    harness.reject(Code::Invalid);
    harness.pass(100);
    assert_eq!(harness.request(), track(busy()));
}

#[test]
fn leaving_a_channel_settles_all_actions() {
    let mut harness = Harness::joined();
    let sends = [harness.track(on()), harness.update(busy())];
    harness.call(|presences, _| presences.left(ROOM));
    assert_eq!(harness.settled, sends.map(|send| (send, "aborted")));
    assert_eq!(harness.presences.poll_timeout(), None);
}
