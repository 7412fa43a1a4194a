//! Loads, and their merging with messages received meanwhile.

use serde_json::{Value, json};

use super::{FEED, Harness, options};
use crate::core::collection::{AppRequest, AppResponse, CollectionOptions, CollectionStatus, Key};
use crate::core::message::StreamPosition;

fn keys(message: &str) -> Vec<String> {
    message.split(' ').map(Into::into).collect()
}

fn status(harness: &Harness) -> CollectionStatus {
    harness.views.last().expect("a view").status
}

#[test]
fn rows_are_requested_once_when_the_channel_is_joined() {
    let mut harness = Harness::new(options());
    harness.pass(60_000);
    assert!(harness.requests.is_empty());
    harness.ready();
    harness.ready();
    harness.load(json!([{"id": "b"}, {"id": "a"}]));
    assert_eq!(
        (harness.keys(), status(&harness)),
        (vec!["a".into(), "b".into()], CollectionStatus::Live)
    );
}

#[test]
fn changes_after_the_loaded_position_are_applied() {
    let mut harness = Harness::new(options());
    harness.ready();
    harness.message("update", json!({"row": {"id": "a", "n": 1}}));
    harness.message("delete", json!({"key": "b"}));
    harness.message("update", json!({"row": {"id": "a", "m": 3}}));
    harness.load_at(json!([{"id": "a", "n": 2, "m": 0}, {"id": "b"}]), 2);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2, "m": 3}, {"id": "b"}]));
}

#[test]
fn rows_newer_than_the_channel_are_not_overwritten_by_its_messages() {
    let mut harness = Harness::new(options());
    harness.ready();
    harness.load_at(json!([{"id": "a", "n": 3}]), 3);
    for n in 1..=2 {
        harness.message("update", json!({"row": {"id": "a", "n": n}}));
    }
    harness.message("delete", json!({"key": "a"}));
    harness.message("insert", json!({"row": {"id": "b"}}));
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 3}, {"id": "b"}]));
}

#[test]
fn load_without_a_position_replays_changes_and_deletions_received_meanwhile() {
    let mut harness = Harness::new(options());
    harness.ready();
    harness.message("insert", json!({"row": {"id": "new"}}));
    harness.message("delete", json!({"key": "gone"}));
    harness.message("update", json!({"row": {"id": "a", "n": 1}}));
    harness.load(json!([{"id": "gone"}, {"id": "a", "n": 0, "m": 0}]));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 1, "m": 0}, {"id": "new"}]));
}

#[test]
fn position_of_another_epoch_is_ignored() {
    let mut harness = Harness::new(options());
    harness.ready();
    harness.message("update", json!({"row": {"id": "a", "n": 1}}));
    let (request, _) = harness.take_request();
    let position = Some(("other".into(), 99));
    harness.answer(request, AppResponse::Rows { rows: vec![json!({"id": "a", "n": 0})], position });
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}]));
    harness.pass(100);
    harness.message("update", json!({"row": {"id": "a", "n": 2}}));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2}]));
}

#[test]
fn rows_older_than_the_join_position_are_reloaded() {
    let mut harness = Harness::new(options());
    harness.seq = 5;
    harness.ready();
    harness.message("update", json!({"row": {"id": "a", "m": 6}}));
    harness.load_at(json!([{"id": "a", "n": 4}]), 4);
    assert!(harness.views.is_empty());
    harness.pass(250);
    harness.load_at(json!([{"id": "a", "n": 5}]), 5);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 5, "m": 6}]));
}

#[test]
fn failed_load_is_reported_and_retried_with_backoff_until_it_succeeds() {
    let mut harness = Harness::new(options());
    harness.ready();
    let mut waits = Vec::new();
    for _ in 0..12 {
        harness.fail_request();
        let since = harness.now;
        let due = harness.collections.poll_timeout().expect("a retry").as_ms();
        waits.push(due - since);
        harness.pass(due - since);
        while harness.requests.is_empty() {
            harness.pass(1);
        }
    }
    assert!(waits.iter().all(|wait| *wait <= 30_000), "{waits:?}");
    let code = |harness: &Harness| {
        let view = harness.views.last().expect("a view");
        view.error.as_ref().map(|error| error.code.name())
    };
    assert_eq!(
        (code(&harness), status(&harness)),
        (Some("load_failed"), CollectionStatus::Loading)
    );
    harness.load(json!([{"id": "a"}]));
    harness.pass(100);
    assert_eq!((code(&harness), status(&harness)), (None, CollectionStatus::Live));
}

#[test]
fn old_rows_stay_shown_after_a_gap_until_the_reload() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
    harness.gap(40);
    assert_eq!((harness.keys().len(), status(&harness)), (2, CollectionStatus::Loading));
    harness.message("update", json!({"row": {"id": "a", "n": 2}}));
    harness.pass(100);
    assert_eq!(harness.rows()[0]["n"], 2);
    harness.load_at(json!([{"id": "c"}, {"id": "a", "n": 1}]), 40);
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2}, {"id": "c"}]));
    assert_eq!(status(&harness), CollectionStatus::Live);
}

#[test]
fn update_of_an_unknown_row_during_a_reload_is_withheld_while_an_insert_is_unanswered() {
    for counted in [true, false] {
        let mut harness = Harness::new(options());
        let position = |seq| counted.then(|| super::position(seq));
        harness.with(|collections, env| collections.ready(env, FEED, position(0).as_ref()));
        harness.load(json!([{"id": "a", "n": 0}]));
        harness.pass(1_000);
        let insert = harness.insert(json!({"n": 1}));
        harness.with(|collections, env| collections.gap(env, FEED, position(2).as_ref()));
        harness.deliver("update", json!({"row": {"id": "k", "n": 2}}), None, position(3));
        harness.deliver("update", json!({"row": {"id": "a", "n": 5}}), None, position(4));
        harness.pass(100);
        assert_eq!((harness.keys(), harness.rows()[0]["n"].clone()), (keys("a tmp:m1"), json!(5)));
        harness.load(json!([{"id": "a", "n": 5}, {"id": "k", "n": 2}]));
        harness.pass(100);
        assert_eq!(harness.keys(), keys("a tmp:m1"), "the answer identifies the row");
        harness.accept(insert, counted.then_some(1), Some(json!({"id": "k", "n": 1})));
        harness.pass(100);
        assert_eq!((harness.keys(), harness.outcome(insert)), (keys("a k"), vec!["confirmed"]));
        assert!(harness.views.iter().all(|view| view.rows.len() <= 2), "{:?}", harness.views);
    }
}

#[test]
fn update_of_an_unknown_row_during_a_reload_shows_if_no_insert_is_unanswered() {
    let mut harness = Harness::live(options(), json!([]));
    harness.gap(2);
    harness.message("update", json!({"row": {"id": "k", "n": 2}}));
    harness.pass(100);
    assert_eq!((harness.keys(), status(&harness)), (keys("k"), CollectionStatus::Loading));
}

#[test]
fn pending_changes_are_applied_to_reloaded_rows() {
    let mut harness =
        Harness::live(options(), json!([{"id": "a", "n": 1}, {"id": "b"}, {"id": "c"}]));
    harness.update("a", json!({"n": 5}));
    harness.remove("b");
    harness.insert_as("d", json!({"id": "d"}));
    harness.update("c", json!({"n": 1}));
    harness.with(|collections, env| collections.reload(env, super::ROWS));
    harness.load(json!([{"id": "b", "n": 1}, {"id": "a", "n": 1, "m": 2}]));
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 5, "m": 2}, {"id": "d"}]));
    assert_eq!(harness.pending(), 4);
}

#[test]
fn second_reload_replaces_the_first() {
    let mut harness = Harness::live(options(), json!([]));
    for _ in 0..2 {
        harness.with(|collections, env| collections.reload(env, super::ROWS));
    }
    let (first, _) = harness.requests.remove(0);
    harness.answer(first, AppResponse::Rows { rows: vec![json!({"id": "old"})], position: None });
    harness.load(json!([{"id": "new"}]));
    harness.pass(100);
    assert!(harness.views.iter().all(|view| view.rows.iter().all(|row| &*row.key == "new")));
    assert_eq!(harness.keys(), ["new"]);
}

#[test]
fn reload_without_changes_emits_nothing_in_any_order() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}, {"id": "b"}]));
    harness.with(|collections, env| collections.reload(env, super::ROWS));
    harness.load(json!([{"id": "a"}, {"id": "b"}]));
    harness.pass(500);
    assert_eq!(harness.views.len(), 2, "Loading and Live, with the same rows");
    harness.with(|collections, env| collections.reload(env, super::ROWS));
    harness.load(json!([{"id": "b"}, {"id": "a"}]));
    harness.pass(500);
    assert_eq!((harness.keys(), harness.views.len()), (vec!["a".to_owned(), "b".to_owned()], 4));
}

#[test]
fn pending_insert_is_not_duplicated_by_a_load_that_includes_it() {
    let mut harness = Harness::live(options(), json!([]));
    let insert = harness.insert(json!({"n": 1}));
    harness.with(|collections, env| collections.reload(env, super::ROWS));
    harness.load_at(json!([{"id": 1, "n": 1}]), 1);
    harness.pass(500);
    assert_eq!(harness.keys(), ["tmp:m1"]);
    harness.echo("insert", json!({"row": {"id": 1, "n": 1}}), Some("m1"));
    harness.pass(500);
    assert_eq!((harness.keys(), status(&harness)), (vec!["1".to_owned()], CollectionStatus::Live));
    assert_eq!(harness.outcome(insert), ["confirmed"]);
}

#[test]
fn accepted_change_survives_an_older_load_and_is_not_duplicated_by_a_newer_one() {
    for seq in [0, 1] {
        let mut harness = Harness::live(options(), json!([]));
        harness.with(|collections, env| collections.reload(env, super::ROWS));
        let insert = harness.insert(json!({"n": 1}));
        harness.accept(insert, Some(1), Some(json!({"id": 1, "n": 1})));
        let rows = if seq == 0 { json!([]) } else { json!([{"id": 1, "n": 1}]) };
        harness.load_at(rows, seq);
        harness.pass(100);
        assert_eq!(harness.keys(), ["1"]);
        harness.echo("insert", json!({"row": {"id": 1, "n": 1}}), Some("m1"));
        harness.pass(100);
        assert_eq!(harness.keys(), ["1"]);
    }
}

#[test]
fn accepted_change_lost_in_a_gap_is_in_the_next_load() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    let update = harness.update("a", json!({"n": 1}));
    harness.accept(update, Some(1), None);
    let elsewhere = StreamPosition { epoch: "f".into(), seq: 1 };
    harness.with(|collections, env| collections.gap(env, FEED, Some(&elsewhere)));
    harness.pass(60_000);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}]));
    harness.load(json!([{"id": "a", "n": 2}]));
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2}]));
}

#[test]
fn accepted_change_survives_a_gap_without_a_load() {
    let mut harness = Harness::new(CollectionOptions { loads: false, ..options() });
    harness.ready();
    let insert = harness.insert(json!({"n": 1}));
    harness.accept(insert, Some(1), Some(json!({"id": 1, "n": 1})));
    harness.gap(30);
    harness.message("update", json!({"row": {"id": 1, "m": 1}}));
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": 1, "n": 1, "m": 1}]));
}

#[test]
fn too_many_changes_during_a_load_cause_a_reload() {
    let mut harness = Harness::new(options());
    harness.ready();
    for n in 0..=4_096 {
        harness.message("update", json!({"row": {"id": "a", "n": n}}));
    }
    harness.load(json!([{"id": "a"}]));
    assert!(harness.views.is_empty());
    harness.pass(250);
    harness.message("update", json!({"row": {"id": "a", "n": -1}}));
    harness.load(json!([{"id": "a", "n": 4_096}]));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": -1}]));
}

#[test]
fn load_with_an_invalid_key_fails_with_the_key_and_the_row() {
    for (bad, why) in [
        (json!({"_id": "a"}), "row 1: the key 'id' is missing"),
        (json!({"id": null}), "row 1: the key 'id' is null"),
        (json!({"id": 1.5}), "row 1: the key 'id' is a number that is no safe integer"),
        (
            json!({"id": 9_007_199_254_740_992_u64}),
            "row 1: the key 'id' is a number that is no safe integer",
        ),
        (json!({"id": ""}), "row 1: the key 'id' is an empty string"),
        (json!({"id": true}), "row 1: the key 'id' is a boolean"),
        (json!({"id": {}}), "row 1: the key 'id' is an object"),
        (json!({"id": [1]}), "row 1: the key 'id' is an array"),
        (json!(null), "row 1: it is no object"),
        (json!("a"), "row 1: it is no object"),
        (json!([]), "row 1: it is no object"),
    ] {
        let mut harness = Harness::live(options(), json!([{"id": "a"}]));
        harness.with(|collections, env| collections.reload(env, super::ROWS));
        harness.load(json!([{"id": "b"}, bad, {"id": null}]));
        harness.pass(200);
        let error = harness.views.last().and_then(|view| view.error.clone()).expect("an error");
        let cause = error.cause.as_ref().map(|cause| &*cause.message);
        assert_eq!((error.code.name(), cause), ("load_failed", Some(why)));
        assert_eq!(
            (harness.keys(), status(&harness)),
            (vec!["a".to_owned()], CollectionStatus::Loading)
        );
        harness.pass(60_000);
        harness.load(json!([{"id": "b"}, {"id": -7}, {"id": 9_007_199_254_740_991_u64}]));
        harness.pass(200);
        assert_eq!(harness.keys(), ["-7", "9007199254740991", "b"]);
        assert!(harness.views.last().is_some_and(|view| view.error.is_none()));
    }
}

#[test]
fn obsolete_load_requests_no_more_keys() {
    let mut harness = Harness::new(CollectionOptions { key: Key::Function, ..options() });
    harness.ready();
    harness.load(Value::Array((0..50).map(|n| json!({"name": n.to_string()})).collect()));
    harness.with(|collections, env| collections.reload(env, super::ROWS));
    let (reload, app_request) = harness.requests.pop().expect("a request");
    assert!(matches!(app_request, AppRequest::Load));
    harness.respond_key();
    assert!(harness.requests.is_empty());
    harness.answer(reload, AppResponse::Rows { rows: vec![json!({"name": "z"})], position: None });
    harness.respond_key();
    harness.pass(100);
    assert_eq!(harness.keys(), ["z"]);
}

#[test]
fn collection_works_without_positions() {
    let mut harness = Harness::new(options());
    harness.with(|collections, env| collections.ready(env, FEED, None));
    harness.deliver("insert", json!({"row": {"id": "b"}}), None, None);
    harness.load_from(json!([{"id": "a"}]), Some(("e".into(), 9)));
    harness.deliver("update", json!({"row": {"id": "a", "n": 1}}), None, None);
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
}

#[test]
fn rows_requested_before_an_insert_is_resent_are_loaded_again() {
    let mut harness = Harness::new(options());
    harness.with(|collections, env| collections.ready(env, FEED, None));
    harness.load(json!([]));
    let insert = harness.insert(json!({"n": 1}));
    harness.with(|collections, env| collections.sent(env, insert));
    harness.with(|collections, env| collections.reload(env, super::ROWS));
    harness.load(json!([{"id": "lost", "n": 1}]));
    harness.with(|collections, env| collections.sent(env, insert));
    harness.accept(insert, None, Some(json!({"id": "k", "n": 1})));
    harness.load(json!([{"id": "k", "n": 1}]));
    harness.pass(60_000);
    assert_eq!(harness.keys(), ["k"]);
    assert!(harness.views.iter().all(|view| view.rows.len() <= 1), "{:?}", harness.views);
}

#[test]
fn retried_load_includes_changes_received_before_unless_it_has_a_position() {
    for position in [None, Some(("e".to_owned(), 0))] {
        let mut harness = Harness::new(options());
        harness.ready();
        harness.message("insert", json!({"row": {"id": "lost"}}));
        harness.fail_request();
        harness.pass(250);
        harness.message("insert", json!({"row": {"id": "b"}}));
        let counted = position.is_some();
        harness.load_from(json!([{"id": "a"}]), position);
        harness.pass(100);
        assert_eq!(harness.keys(), keys(if counted { "a b lost" } else { "a b" }));
    }
}

#[test]
fn rows_are_loaded_again_if_the_channel_was_lost_and_changes_were_received() {
    for received in [true, false] {
        let mut harness = Harness::new(options());
        harness.with(|collections, env| collections.ready(env, FEED, None));
        if received {
            harness.deliver("insert", json!({"row": {"id": "lost"}}), None, None);
            harness.with(|collections, _| collections.interrupted(FEED));
            harness.load(json!([]));
        }
        harness.with(|collections, _| collections.interrupted(FEED));
        harness.load(json!([{"id": "a"}]));
        harness.pass(60_000);
        assert_eq!((harness.keys(), harness.views.len()), (keys("a"), 1), "{received}");
    }
}

#[test]
fn after_lost_messages_new_rows_wait_for_the_load_unless_it_fails() {
    for fails in [false, true] {
        let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
        let elsewhere = |seq| StreamPosition { epoch: "f".into(), seq };
        harness.with(|collections, env| collections.gap(env, FEED, Some(&elsewhere(1))));
        harness.deliver("insert", json!({"row": {"id": "b"}}), None, Some(elsewhere(2)));
        harness.deliver("update", json!({"row": {"id": "a", "n": 1}}), None, Some(elsewhere(3)));
        harness.pass(100);
        assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}]));
        if fails {
            harness.fail_request();
            harness.pass(100);
            assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
            harness.pass(1_000);
        }
        harness.load_from(json!([{"id": "b"}]), Some(("f".into(), 3)));
        harness.pass(100);
        assert_eq!(
            (harness.rows(), status(&harness)),
            (json!([{"id": "b"}]), CollectionStatus::Live)
        );
    }
}
