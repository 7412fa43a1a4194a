//! What a client shows of its user.

use serde_json::json;

use super::{Bench, ROOM, busy, on, take_over, track, update};
use crate::core::error::{Code, Error};
use crate::core::presence::outbound::REFERENCES_FROM;
use crate::core::presence::{PresenceAction, Request};

#[test]
fn a_track_is_said_at_once_and_settled_by_the_answer() {
    let mut bench = Bench::joined();
    let send = bench.track(on());
    assert_eq!(bench.request(), track(on()));
    assert_eq!(bench.settled, []);
    bench.accept(json!("p1"));
    assert_eq!(bench.settled, [(send, "ok")]);
}

#[test]
fn references_are_far_above_those_of_joins() {
    let mut bench = Bench::joined();
    bench.track(on());
    let first = bench.said.first().map(|(reference, _)| *reference);
    assert_eq!(first, Some(REFERENCES_FROM + 1));
}

#[test]
fn what_is_tracked_before_the_join_waits_for_it() {
    let mut bench = Bench::new();
    let send = bench.track(on());
    bench.pass(60_000);
    bench.connect();
    bench.pass(9_000);
    assert_eq!(bench.request(), None);
    bench.join();
    assert_eq!(bench.request(), track(on()));
    bench.accept(json!("p1"));
    assert_eq!(bench.settled, [(send, "ok")]);
}

#[test]
fn the_key_is_said_and_kept_by_an_update() {
    let mut bench = Bench::new();
    let key = Some("ann".to_owned());
    bench.act(PresenceAction::Track { key: key.clone(), meta: on() });
    bench.update(busy());
    bench.rejoin();
    assert_eq!(bench.request(), Some(Request::Track { key, meta: busy(), replaces: None }));
}

#[test]
fn an_update_without_a_track_is_one() {
    let mut bench = Bench::joined();
    bench.update(on());
    assert_eq!(bench.request(), track(on()));
}

#[test]
fn a_second_track_under_the_same_key_is_an_update_and_under_another_takes_over() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.pass(1_000);
    bench.track(busy());
    assert_eq!(bench.request(), update(busy()));
    bench.accept(json!("p2"));
    bench.pass(1_000);
    let key = Some("ben".to_owned());
    bench.act(PresenceAction::Track { key: key.clone(), meta: on() });
    let replaces = Some(json!("p2"));
    assert_eq!(bench.request(), Some(Request::Track { key, meta: on(), replaces }));
}

#[test]
fn of_many_updates_the_last_is_said_once_a_window_and_settles_them_all() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    let sends = [1, 2, 3].map(|n| bench.update(json!({"n": n})));
    assert_eq!(bench.request(), None, "the window is open");
    bench.pass(99);
    assert_eq!(bench.request(), None);
    bench.pass(1);
    assert_eq!(bench.request(), update(json!({"n": 3})));
    bench.settled.clear();
    bench.accept(json!("p2"));
    assert_eq!(bench.settled, sends.map(|send| (send, "ok")));
    bench.pass(60_000);
    assert_eq!(bench.request(), None);
}

#[test]
fn an_update_waits_for_the_answer_to_what_was_said_before() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.update(busy());
    bench.pass(5_000);
    assert_eq!(bench.request(), track(on()));
    bench.accept(json!("p1"));
    assert_eq!(bench.request(), update(busy()), "the window is long over");
}

#[test]
fn an_untrack_is_said_at_once() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    let (superseded, send) = (bench.update(busy()), bench.untrack());
    assert_eq!(bench.request(), Some(Request::Untrack));
    bench.settled.clear();
    bench.accept(json!(null));
    assert_eq!(bench.settled, [(superseded, "ok"), (send, "ok")]);
    bench.disconnect();
    bench.rejoin();
    assert_eq!(bench.request(), None);
}

#[test]
fn an_untrack_of_what_was_never_said_settles_both_without_a_word() {
    let mut bench = Bench::new();
    let (tracked, untracked) = (bench.track(on()), bench.untrack());
    assert_eq!(bench.settled, [(tracked, "ok"), (untracked, "ok")]);
    bench.rejoin();
    let nothing = bench.untrack();
    assert_eq!(bench.settled.last(), Some(&(nothing, "ok")));
    assert_eq!(bench.request(), None);
}

#[test]
fn an_untrack_follows_a_track_under_way() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.untrack();
    assert_eq!(bench.request(), track(on()));
    bench.accept(json!("p1"));
    assert_eq!(bench.request(), Some(Request::Untrack));
}

#[test]
fn every_rejoin_tracks_again_and_takes_the_former_presence_over() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    for (former, next) in [("p1", "p2"), ("p2", "p3")] {
        bench.disconnect();
        bench.rejoin();
        assert_eq!(bench.request(), take_over(on(), json!(former)));
        bench.accept(json!(next));
    }
    assert_eq!(bench.settled.len(), 1, "a rejoin settles nothing anew");
}

#[test]
fn a_membership_ended_by_the_server_is_like_a_lost_connection_for_its_channel() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.call(|presences, env| presences.parted(env, ROOM));
    bench.update(busy());
    bench.pass(1_000);
    assert_eq!(bench.request(), None);
    bench.join();
    assert_eq!(bench.request(), take_over(busy(), json!("p1")));
}

#[test]
fn what_was_under_way_when_the_connection_went_is_said_again() {
    let mut bench = Bench::joined();
    let first = bench.track(on());
    let second = bench.update(busy());
    bench.disconnect();
    bench.said.clear();
    bench.pass(60_000);
    assert_eq!(bench.settled, []);
    bench.rejoin();
    assert_eq!(bench.request(), track(busy()));
    bench.accept(json!("p1"));
    assert_eq!(bench.settled, [(first, "ok"), (second, "ok")]);
}

#[test]
fn an_untrack_while_away_is_done_and_nothing_is_tracked_again() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.disconnect();
    let send = bench.untrack();
    assert_eq!(bench.settled.last(), Some(&(send, "ok")));
    bench.rejoin();
    assert_eq!(bench.request(), None);
}

#[test]
fn an_answer_that_is_overdue_fails_and_the_wish_is_said_in_the_next_membership() {
    let mut bench = Bench::joined();
    let send = bench.track(on());
    bench.pass(9_999);
    assert_eq!(bench.settled, []);
    bench.pass(1);
    assert_eq!(bench.settled, [(send, "ack_timeout")]);
    bench.said.clear();
    bench.pass(60_000);
    assert_eq!(bench.request(), None, "not in this one");
    bench.disconnect();
    bench.rejoin();
    assert_eq!(bench.request(), track(on()));
}

#[test]
fn an_untrack_is_said_even_if_the_track_was_never_answered() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.pass(10_000);
    bench.said.clear();
    bench.untrack();
    assert_eq!(bench.request(), Some(Request::Untrack));
}

#[test]
fn a_late_answer_to_a_former_question_is_ignored() {
    let mut bench = Bench::joined();
    bench.track(on());
    let (former, _) = bench.said.pop().expect("a request");
    bench.disconnect();
    bench.rejoin();
    bench.call(|presences, env| presences.accepted(env, former, Some(json!("p1"))));
    assert_eq!(bench.settled, []);
}

#[test]
fn a_sleeping_page_does_not_accuse_the_server() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.now = 60_000;
    bench.call(|presences, _| presences.extend_deadlines(60_000));
    bench.call(|presences, env| presences.handle_timeout(env));
    assert_eq!(bench.settled, []);
    bench.accept(json!("p1"));
    assert_eq!(bench.settled.len(), 1);
}

#[test]
fn a_refused_track_fails_and_is_not_tried_again() {
    let mut bench = Bench::joined();
    let send = bench.track(on());
    bench.reject(Code::RateLimited);
    assert_eq!(bench.settled, [(send, "rate_limited")]);
    bench.pass(60_000);
    bench.disconnect();
    bench.rejoin();
    assert_eq!(bench.request(), None);
}

#[test]
fn a_refused_update_leaves_what_the_server_has() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.pass(1_000);
    let send = bench.update(busy());
    bench.reject(Code::Forbidden);
    assert_eq!(bench.settled.last(), Some(&(send, "forbidden")));
    bench.disconnect();
    bench.rejoin();
    assert_eq!(bench.request(), take_over(on(), json!("p1")));
}

#[test]
fn a_refusal_does_not_stop_what_was_wished_meanwhile() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.update(busy());
    bench.reject(Code::Invalid);
    bench.pass(100);
    assert_eq!(bench.request(), track(busy()));
}

#[test]
fn a_server_that_is_busy_at_the_rejoin_is_asked_again_later() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.disconnect();
    bench.rejoin();
    bench.reject(Code::RateLimited);
    bench.pass(bench.env.config.reconnect_base_ms);
    assert_eq!(bench.request(), track(on()), "the former presence may be the reason");
    bench.accept(json!("p2"));
    assert_eq!(bench.troubles, []);
}

#[test]
fn a_new_membership_does_not_wait_for_the_pause_of_a_former_one() {
    let mut bench = Bench::joined();
    bench.env.config.reconnect_base_ms = 1_000_000;
    bench.env.config.reconnect_max_ms = 1_000_000;
    bench.track(on());
    bench.accept(json!("p1"));
    bench.disconnect();
    bench.rejoin();
    bench.reject(Code::RateLimited);
    bench.disconnect();
    bench.rejoin();
    assert_eq!(bench.request(), track(on()));
    bench.update(busy());
    bench.accept(json!("p2"));
    bench.pass(100);
    assert_eq!(bench.request(), update(busy()));
}

#[test]
fn a_former_presence_is_named_once() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.disconnect();
    bench.rejoin();
    bench.update(busy());
    bench.reject(Code::Invalid);
    bench.pass(100);
    assert_eq!(bench.request(), track(busy()));
}

#[test]
fn a_presence_lost_at_the_rejoin_for_good_is_told() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.disconnect();
    bench.rejoin();
    bench.reject(Code::Forbidden);
    assert_eq!(bench.troubles, [Code::Forbidden]);
    bench.disconnect();
    bench.rejoin();
    assert_eq!(bench.request(), None);
}

#[test]
fn a_server_without_presence_fails_what_waits_and_what_comes() {
    let mut bench = Bench::new();
    let waiting = bench.track(on());
    bench.call(|presences, env| presences.connected(env, false));
    let later = bench.update(on());
    bench.join();
    assert_eq!(bench.settled, [(waiting, "unsupported"), (later, "unsupported")]);
    assert_eq!(bench.request(), None);
    bench.disconnect();
    bench.rejoin();
    assert_eq!(bench.request(), None, "a failed track is none");
}

#[test]
fn another_user_does_not_show_what_the_former_one_wished() {
    let mut bench = Bench::new();
    let former = bench.track(on());
    let mark = bench.presences.next_sequence();
    bench.connect();
    bench.call(|presences, env| presences.identity_changed(env, mark));
    bench.join();
    assert_eq!(bench.settled, [(former, "identity_changed")]);
    assert_eq!(bench.request(), None);
}

#[test]
fn what_the_new_user_wished_already_is_kept_and_takes_nothing_over() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.disconnect();
    let mark = bench.presences.next_sequence();
    bench.update(busy());
    bench.connect();
    bench.call(|presences, env| presences.identity_changed(env, mark));
    bench.join();
    assert_eq!(bench.request(), track(busy()));
}

#[test]
fn a_user_who_changes_on_the_open_connection_is_untracked() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.call(|presences, env| presences.identity_changed(env, u64::MAX));
    assert_eq!(bench.request(), Some(Request::Untrack));
}

#[test]
fn a_user_who_changes_while_a_track_is_under_way_is_untracked_after_it() {
    let mut bench = Bench::joined();
    let send = bench.track(on());
    bench.call(|presences, env| presences.identity_changed(env, u64::MAX));
    assert_eq!(bench.settled, [(send, "identity_changed")]);
    bench.accept(json!("p1"));
    assert_eq!(bench.request(), Some(Request::Untrack));
}

#[test]
fn a_channel_that_is_left_leaves_no_action_unsettled() {
    let mut bench = Bench::joined();
    let sends = [bench.track(on()), bench.update(busy())];
    bench.call(|presences, _| presences.left(ROOM));
    assert_eq!(bench.settled, sends.map(|send| (send, "aborted")));
    assert_eq!(bench.presences.poll_timeout(), None);
}

#[test]
fn a_client_that_ends_fails_everything_once() {
    let mut bench = Bench::joined();
    let sends = [bench.track(on()), bench.update(busy())];
    for _ in 0..2 {
        bench.call(|presences, _| presences.fail(&Error::new(Code::Destroyed)));
    }
    assert_eq!(bench.settled, sends.map(|send| (send, "destroyed")));
}

#[test]
fn actions_that_wait_do_not_grow_without_bound() {
    let mut bench = Bench::new();
    for n in 0..bench.env.config.queue_max_messages {
        bench.update(json!({ "n": n }));
    }
    assert_eq!(bench.settled, []);
    let send = bench.update(json!({"n": "one too many"}));
    assert_eq!(bench.settled, [(send, "queue_full")]);
    bench.rejoin();
    assert_eq!(bench.request(), track(json!({"n": bench.env.config.queue_max_messages - 1})));
}

#[test]
fn an_accepted_track_outlives_whatever_befalls_its_repetition() {
    type Fate = fn(&mut Bench);
    let unanswered: Fate = |bench| bench.pass(10_000);
    let fates: [(&str, Fate); 6] = [
        ("lost with the connection", |_| ()),
        ("never answered", unanswered),
        ("refused for now", |bench| bench.reject(Code::RateLimited)),
        ("a newer wish never answered", |bench| {
            bench.accept(json!("p2"));
            bench.pass(1_000);
            bench.update(busy());
            bench.pass(10_000);
        }),
        ("a newer wish refused after it was not answered", |bench| {
            bench.pass(10_000);
            bench.said.clear();
            bench.update(busy());
            bench.pass(60_000);
            while !bench.said.is_empty() {
                bench.reject(Code::Forbidden);
            }
        }),
        ("the membership ended by the server", |bench| {
            bench.call(|presences, env| presences.parted(env, ROOM));
        }),
    ];
    for (fate, befall) in fates {
        let mut bench = Bench::joined();
        bench.track(on());
        bench.accept(json!("p1"));
        bench.disconnect();
        bench.rejoin();
        befall(&mut bench);
        bench.disconnect();
        bench.said.clear();
        // As the link does when it gives up.
        bench.call(|presences, _| presences.fail(&Error::new(Code::AuthDenied)));
        bench.rejoin();
        let metas = bench.said.iter().map(|(_, request)| match request {
            Request::Track { meta, .. } => meta.clone(),
            other => panic!("{fate}: {other:?}"),
        });
        assert_eq!(metas.collect::<Vec<_>>(), [on()], "{fate}");
        assert_eq!(bench.troubles, [], "{fate}");
    }
}

#[test]
fn a_repetition_that_is_never_answered_is_said_again_in_the_same_membership() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    bench.disconnect();
    bench.rejoin();
    bench.said.clear();
    bench.pass(10_000 + bench.env.config.reconnect_base_ms);
    assert_eq!(bench.request(), track(on()));
}

#[test]
fn a_new_wish_refused_at_the_rejoin_leaves_the_accepted_one_to_be_tracked() {
    for code in [Code::RateLimited, Code::Forbidden] {
        let mut bench = Bench::joined();
        bench.track(on());
        bench.accept(json!("p1"));
        bench.disconnect();
        let send = bench.update(busy());
        bench.rejoin();
        assert_eq!(bench.request(), take_over(busy(), json!("p1")));
        bench.reject(code);
        assert_eq!(bench.settled.last(), Some(&(send, code.name())));
        bench.pass(bench.env.config.reconnect_base_ms);
        assert_eq!(bench.request(), track(on()), "{code:?}");
    }
}

#[test]
fn a_failed_update_of_an_accepted_presence_is_not_tracked_in_the_next_membership() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.accept(json!("p1"));
    let send = bench.update(busy());
    bench.disconnect();
    bench.call(|presences, _| presences.fail(&Error::new(Code::AuthDenied)));
    assert_eq!(bench.settled.last(), Some(&(send, "auth_denied")));
    bench.rejoin();
    assert_eq!(bench.request(), take_over(on(), json!("p1")));
}

#[test]
fn what_was_taken_back_is_not_tracked_when_a_later_wish_fails() {
    for away in [true, false] {
        let mut bench = Bench::joined();
        bench.track(on());
        bench.accept(json!("p1"));
        if away {
            bench.disconnect();
        }
        bench.untrack();
        if bench.request().is_some() {
            bench.accept(json!(null));
        }
        bench.pass(1_000);
        bench.rejoin();
        bench.track(busy());
        bench.reject(Code::Forbidden);
        bench.pass(60_000);
        assert_eq!(bench.request(), None);
        bench.disconnect();
        bench.rejoin();
        assert_eq!(bench.request(), None);
    }
}

#[test]
fn a_new_user_s_refused_wish_brings_nothing_of_the_former_user_back() {
    let mut bench = Bench::joined();
    bench.track(on());
    bench.call(|presences, env| presences.identity_changed(env, u64::MAX));
    bench.update(busy());
    bench.accept(json!("p1"));
    bench.pass(100);
    assert_eq!(bench.request(), update(busy()));
    bench.reject(Code::Forbidden);
    bench.disconnect();
    bench.rejoin();
    assert_eq!(bench.request(), None);
}
