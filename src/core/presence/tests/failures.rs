//! Requests of presence that are rejected, or not answered.

use serde_json::json;

use super::{Harness, ROOM, busy, on, take_over, track};
use crate::core::error::{Code, Error};
use crate::core::presence::{Request, ServerPresence};

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
fn time_asleep_does_not_count_towards_the_timeout_of_a_request() {
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
fn request_rejected_for_a_rate_limit_at_the_rejoin_is_sent_again_later() {
    let mut harness = Harness::joined();
    harness.track(on());
    harness.accept(json!("p1"));
    harness.disconnect();
    harness.rejoin();
    harness.reject(Code::RateLimited);
    harness.pass(harness.env.config.reconnect_base_ms);
    assert_eq!(harness.request(), track(on()), "the former presence may be the cause");
    harness.accept(json!("p2"));
    assert_eq!(harness.errors, []);
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
    assert_eq!(harness.request(), None, "a failed track is not repeated");
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
fn accepted_track_is_repeated_after_any_outcome_of_its_repetition() {
    type Outcome = fn(&mut Harness);
    let unanswered: Outcome = |harness| harness.pass(10_000);
    let outcomes: [(&str, Outcome); 6] = [
        ("lost with the connection", |_| ()),
        ("never answered", unanswered),
        ("rejected for now", |harness| harness.reject(Code::RateLimited)),
        ("a newer update never answered", |harness| {
            harness.accept(json!("p2"));
            harness.pass(1_000);
            harness.update(busy());
            harness.pass(10_000);
        }),
        ("a newer update rejected after it was not answered", |harness| {
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
    for (outcome, apply) in outcomes {
        let mut harness = Harness::joined();
        harness.track(on());
        harness.accept(json!("p1"));
        harness.disconnect();
        harness.rejoin();
        apply(&mut harness);
        harness.disconnect();
        harness.sent.clear();
        // As the client does when the connection fails.
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
    for disconnected in [true, false] {
        let mut harness = Harness::joined();
        harness.track(on());
        harness.accept(json!("p1"));
        if disconnected {
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
