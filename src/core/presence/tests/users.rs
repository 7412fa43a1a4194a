//! The own presence when another user signs in.

use serde_json::json;

use super::{Harness, busy, on, track, update};
use crate::core::error::Code;
use crate::core::presence::Request;

#[test]
fn new_user_does_not_show_the_former_user_s_state() {
    let mut harness = Harness::new();
    let former = harness.track(on());
    let mark = harness.presences.last_sequence();
    harness.connect();
    harness.call(|presences, env| presences.identity_changed(env, mark));
    harness.join();
    assert_eq!(harness.settled, [(former, "identity_changed")]);
    assert_eq!(harness.request(), None);
}

#[test]
fn state_of_the_new_user_is_kept_and_replaces_nothing() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.disconnect();
    let mark = harness.presences.last_sequence();
    harness.update(busy());
    harness.connect();
    harness.call(|presences, env| presences.identity_changed(env, mark));
    harness.join();
    assert_eq!(harness.request(), track(busy()));
}

#[test]
fn change_of_user_on_the_open_connection_untracks_the_former_one() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.call(|presences, env| presences.identity_changed(env, u64::MAX));
    assert_eq!(harness.request(), Some(Request::Untrack));
}

#[test]
fn change_of_user_during_a_track_untracks_after_it() {
    let mut harness = Harness::joined();
    let send = harness.track(on());
    harness.call(|presences, env| presences.identity_changed(env, u64::MAX));
    assert_eq!(harness.settled, [(send, "identity_changed")]);
    harness.accept(json!("p1"));
    assert_eq!(harness.request(), Some(Request::Untrack));
}

#[test]
fn new_user_s_rejected_state_restores_nothing_of_the_former_user() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.call(|presences, env| presences.identity_changed(env, u64::MAX));
    harness.update(busy());
    harness.accept(json!("p1"));
    harness.pass(100);
    assert_eq!(harness.request(), update(busy()));
    harness.reject(Code::Forbidden);
    harness.disconnect();
    harness.rejoin();
    assert_eq!(harness.request(), None);
}
