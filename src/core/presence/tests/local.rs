//! The presence of the client's own user.

use serde_json::json;

use super::{Harness, ROOM, busy, on, take_over, track, update};
use crate::core::error::{Code, Error};
use crate::core::presence::outbound::REFERENCES_FROM;
use crate::core::presence::{PresenceAction, Request, ServerPresence};

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
    assert_eq!(harness.request(), update(busy()), "the window is long over");
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
    assert_eq!(harness.settled.len(), 1, "a rejoin settles nothing anew");
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
fn overdue_reply_fails_and_the_state_is_sent_in_the_next_membership() {
    let mut harness = Harness::joined();
    let send = harness.track(on());
    harness.pass(9_999);
    assert_eq!(harness.settled, []);
    harness.pass(1);
    assert_eq!(harness.settled, [(send, "ack_timeout")]);
    harness.sent.clear();
    harness.pass(60_000);
    assert_eq!(harness.request(), None, "not in this one");
    harness.disconnect();
    harness.rejoin();
    assert_eq!(harness.request(), track(on()));
}

#[test]
fn untrack_is_sent_even_if_the_track_was_never_answered() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.pass(10_000);
    harness.sent.clear();
    harness.untrack();
    assert_eq!(harness.request(), Some(Request::Untrack));
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
fn time_asleep_does_not_time_a_request_out() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.now = 60_000;
    harness.call(|presences, _| presences.extend_deadlines(60_000));
    harness.call(|presences, env| presences.handle_timeout(env));
    assert_eq!(harness.settled, []);
    harness.accept(json!("p1"));
    assert_eq!(harness.settled.len(), 1);
}

#[test]
fn rejected_track_fails_and_is_not_retried() {
    let mut harness = Harness::joined();
    let send = harness.track(on());
    harness.reject(Code::RateLimited);
    assert_eq!(harness.settled, [(send, "rate_limited")]);
    harness.pass(60_000);
    harness.disconnect();
    harness.rejoin();
    assert_eq!(harness.request(), None);
}

#[test]
fn rejected_update_leaves_the_server_s_state() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.pass(1_000);
    let send = harness.update(busy());
    harness.reject(Code::Forbidden);
    assert_eq!(harness.settled.last(), Some(&(send, "forbidden")));
    harness.disconnect();
    harness.rejoin();
    assert_eq!(harness.request(), take_over(on(), json!("p1")));
}

#[test]
fn rejection_does_not_stop_later_actions() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.update(busy());
    harness.reject(Code::Invalid);
    harness.pass(100);
    assert_eq!(harness.request(), track(busy()));
}

#[test]
fn busy_server_at_the_rejoin_gets_the_request_again_later() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.disconnect();
    harness.rejoin();
    harness.reject(Code::RateLimited);
    harness.pass(harness.env.config.reconnect_base_ms);
    assert_eq!(harness.request(), track(on()), "the former presence may be the reason");
    harness.accept(json!("p2"));
    assert_eq!(harness.errors, []);
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
fn presence_rejected_permanently_at_the_rejoin_is_reported() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.disconnect();
    harness.rejoin();
    harness.reject(Code::Forbidden);
    assert_eq!(harness.errors, [Code::Forbidden]);
    harness.disconnect();
    harness.rejoin();
    assert_eq!(harness.request(), None);
}

#[test]
fn server_without_presence_fails_pending_and_new_actions() {
    let mut harness = Harness::new();
    let waiting = harness.track(on());
    harness.call(|presences, env| presences.connected(env, ServerPresence::Unsupported));
    let later = harness.update(on());
    harness.join();
    assert_eq!(harness.settled, [(waiting, "unsupported"), (later, "unsupported")]);
    assert_eq!(harness.request(), None);
    harness.disconnect();
    harness.rejoin();
    assert_eq!(harness.request(), None, "a failed track is none");
}

#[test]
fn new_user_does_not_show_the_former_user_s_state() {
    let mut harness = Harness::new();
    let former = harness.track(on());
    let mark = harness.presences.next_sequence();
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
    let mark = harness.presences.next_sequence();
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
fn leaving_a_channel_settles_all_actions() {
    let mut harness = Harness::joined();
    let sends = [harness.track(on()), harness.update(busy())];
    harness.call(|presences, _| presences.left(ROOM));
    assert_eq!(harness.settled, sends.map(|send| (send, "aborted")));
    assert_eq!(harness.presences.poll_timeout(), None);
}

#[test]
fn destroy_fails_all_actions_once() {
    let mut harness = Harness::joined();
    let sends = [harness.track(on()), harness.update(busy())];
    for _ in 0..2 {
        harness.call(|presences, _| presences.fail(&Error::new(Code::Destroyed)));
    }
    assert_eq!(harness.settled, sends.map(|send| (send, "destroyed")));
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

#[test]
fn accepted_track_survives_any_outcome_of_its_repetition() {
    type Outcome = fn(&mut Harness);
    let unanswered: Outcome = |harness| harness.pass(10_000);
    let fates: [(&str, Outcome); 6] = [
        ("lost with the connection", |_| ()),
        ("never answered", unanswered),
        ("refused for now", |harness| harness.reject(Code::RateLimited)),
        ("a newer wish never answered", |harness| {
            harness.accept(json!("p2"));
            harness.pass(1_000);
            harness.update(busy());
            harness.pass(10_000);
        }),
        ("a newer wish refused after it was not answered", |harness| {
            harness.pass(10_000);
            harness.sent.clear();
            harness.update(busy());
            harness.pass(60_000);
            while !harness.sent.is_empty() {
                harness.reject(Code::Forbidden);
            }
        }),
        ("the membership ended by the server", |harness| {
            harness.call(|presences, env| presences.membership_ended(env, ROOM));
        }),
    ];
    for (outcome, befall) in fates {
        let mut harness = Harness::joined();
        harness.track(on());
        harness.accept(json!("p1"));
        harness.disconnect();
        harness.rejoin();
        befall(&mut harness);
        harness.disconnect();
        harness.sent.clear();
        // As the connection does when it closes.
        harness.call(|presences, _| presences.fail(&Error::new(Code::AuthDenied)));
        harness.rejoin();
        let metas = harness.sent.iter().map(|(_, request)| match request {
            Request::Track { meta, .. } => meta.clone(),
            other => panic!("{outcome}: {other:?}"),
        });
        assert_eq!(metas.collect::<Vec<_>>(), [on()], "{outcome}");
        assert_eq!(harness.errors, [], "{outcome}");
    }
}

#[test]
fn unanswered_repetition_is_resent_in_the_same_membership() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.disconnect();
    harness.rejoin();
    harness.sent.clear();
    harness.pass(10_000 + harness.env.config.reconnect_base_ms);
    assert_eq!(harness.request(), track(on()));
}

#[test]
fn state_rejected_at_the_rejoin_leaves_the_accepted_one_tracked() {
    for code in [Code::RateLimited, Code::Forbidden] {
        let mut harness = Harness::joined();
        harness.track(on());
        harness.accept(json!("p1"));
        harness.disconnect();
        let send = harness.update(busy());
        harness.rejoin();
        assert_eq!(harness.request(), take_over(busy(), json!("p1")));
        harness.reject(code);
        assert_eq!(harness.settled.last(), Some(&(send, code.name())));
        harness.pass(harness.env.config.reconnect_base_ms);
        assert_eq!(harness.request(), track(on()), "{code:?}");
    }
}

#[test]
fn failed_update_is_not_tracked_in_the_next_membership() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    let send = harness.update(busy());
    harness.disconnect();
    harness.call(|presences, _| presences.fail(&Error::new(Code::AuthDenied)));
    assert_eq!(harness.settled.last(), Some(&(send, "auth_denied")));
    harness.rejoin();
    assert_eq!(harness.request(), take_over(on(), json!("p1")));
}

#[test]
fn untracked_state_is_not_tracked_when_a_later_request_fails() {
    for away in [true, false] {
        let mut harness = Harness::joined();
        harness.track(on());
        harness.accept(json!("p1"));
        if away {
            harness.disconnect();
        }
        harness.untrack();
        if harness.request().is_some() {
            harness.accept(json!(null));
        }
        harness.pass(1_000);
        harness.rejoin();
        harness.track(busy());
        harness.reject(Code::Forbidden);
        harness.pass(60_000);
        assert_eq!(harness.request(), None);
        harness.disconnect();
        harness.rejoin();
        assert_eq!(harness.request(), None);
    }
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
