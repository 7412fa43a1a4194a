//! Requests of the app: their frames, their times, and their settlement.

use serde_json::json;

use super::{Harness, busy, on, track, update};
use crate::core::presence::outbound::REFERENCES_FROM;
use crate::core::presence::{PresenceAction, Request};

#[test]
fn track_is_sent_at_once_and_settled_by_the_reply() {
    let mut harness = Harness::joined();
    let send = harness.track(on());
    assert_eq!(harness.request(), track(on()));
    assert_eq!(harness.settled, []);
    harness.accept(json!("p1"));
    assert_eq!(harness.settled, [(send, "ok")]);
}

#[test]
fn references_do_not_overlap_those_of_joins() {
    let mut harness = Harness::joined();
    harness.track(on());
    let first = harness.sent.first().map(|(reference, _)| *reference);
    assert_eq!(first, Some(REFERENCES_FROM + 1));
}

#[test]
fn track_before_the_join_waits_for_it() {
    let mut harness = Harness::new();
    let send = harness.track(on());
    harness.pass(60_000);
    harness.connect();
    harness.pass(9_000);
    assert_eq!(harness.request(), None);
    harness.join();
    assert_eq!(harness.request(), track(on()));
    harness.accept(json!("p1"));
    assert_eq!(harness.settled, [(send, "ok")]);
}

#[test]
fn key_is_sent_and_kept_by_an_update() {
    let mut harness = Harness::new();
    let key = Some("ann".to_owned());
    harness.act(PresenceAction::Track { key: key.clone(), meta: on() });
    harness.update(busy());
    harness.rejoin();
    assert_eq!(harness.request(), Some(Request::Track { key, meta: busy(), replaces: None }));
}

#[test]
fn update_without_a_track_is_a_track() {
    let mut harness = Harness::joined();
    harness.update(on());
    assert_eq!(harness.request(), track(on()));
}

#[test]
fn second_track_is_an_update_with_the_same_key_and_a_replacement_with_another() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.pass(1_000);
    harness.track(busy());
    assert_eq!(harness.request(), update(busy()));
    harness.accept(json!("p2"));
    harness.pass(1_000);
    let key = Some("ben".to_owned());
    harness.act(PresenceAction::Track { key: key.clone(), meta: on() });
    let replaces = Some(json!("p2"));
    assert_eq!(harness.request(), Some(Request::Track { key, meta: on(), replaces }));
}

#[test]
fn last_of_many_updates_is_sent_once_per_window_and_settles_them_all() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    let sends = [1, 2, 3].map(|n| harness.update(json!({"n": n})));
    assert_eq!(harness.request(), None, "the window is open");
    harness.pass(99);
    assert_eq!(harness.request(), None);
    harness.pass(1);
    assert_eq!(harness.request(), update(json!({"n": 3})));
    harness.settled.clear();
    harness.accept(json!("p2"));
    assert_eq!(harness.settled, sends.map(|send| (send, "ok")));
    harness.pass(60_000);
    assert_eq!(harness.request(), None);
}

#[test]
fn update_waits_for_the_reply_to_the_request_before() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.update(busy());
    harness.pass(5_000);
    assert_eq!(harness.request(), track(on()));
    harness.accept(json!("p1"));
    assert_eq!(harness.request(), update(busy()), "the window has ended");
}

#[test]
fn untrack_is_sent_at_once() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    let (superseded, send) = (harness.update(busy()), harness.untrack());
    assert_eq!(harness.request(), Some(Request::Untrack));
    harness.settled.clear();
    harness.accept(json!(null));
    assert_eq!(harness.settled, [(superseded, "ok"), (send, "ok")]);
    harness.disconnect();
    harness.rejoin();
    assert_eq!(harness.request(), None);
}

#[test]
fn untrack_before_track_is_sent_resolves_both_locally() {
    let mut harness = Harness::new();
    let (tracked, untracked) = (harness.track(on()), harness.untrack());
    assert_eq!(harness.settled, [(tracked, "ok"), (untracked, "ok")]);
    harness.rejoin();
    let nothing = harness.untrack();
    assert_eq!(harness.settled.last(), Some(&(nothing, "ok")));
    assert_eq!(harness.request(), None);
}

#[test]
fn untrack_is_sent_after_a_pending_track() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.untrack();
    assert_eq!(harness.request(), track(on()));
    harness.accept(json!("p1"));
    assert_eq!(harness.request(), Some(Request::Untrack));
}

#[test]
fn pending_actions_are_bounded() {
    let mut harness = Harness::new();
    for n in 0..harness.env.config.queue_max_messages {
        harness.update(json!({ "n": n }));
    }
    assert_eq!(harness.settled, []);
    let send = harness.update(json!({"n": "one too many"}));
    assert_eq!(harness.settled, [(send, "queue_full")]);
    harness.rejoin();
    assert_eq!(harness.request(), track(json!({"n": harness.env.config.queue_max_messages - 1})));
}
