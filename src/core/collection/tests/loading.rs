//! Loads joined with what the channel brings meanwhile.

use serde_json::{Value, json};

use super::{Bench, FEED, options};
use crate::core::collection::{AppRequest, AppResponse, CollectionOptions, CollectionStatus, Key};
use crate::core::message::StreamPosition;

fn keys(words: &str) -> Vec<String> {
    words.split(' ').map(Into::into).collect()
}

fn status(bench: &Bench) -> CollectionStatus {
    bench.views.last().expect("a view").status
}

#[test]
fn rows_are_asked_for_once_the_channel_is_joined_and_only_once() {
    let mut bench = Bench::new(options());
    bench.pass(60_000);
    assert!(bench.asked.is_empty());
    bench.ready();
    bench.ready();
    bench.load(json!([{"id": "b"}, {"id": "a"}]));
    assert_eq!(
        (bench.keys(), status(&bench)),
        (vec!["a".into(), "b".into()], CollectionStatus::Live)
    );
}

#[test]
fn with_a_position_only_later_changes_apply() {
    let mut bench = Bench::new(options());
    bench.ready();
    bench.message("update", json!({"row": {"id": "a", "n": 1}}));
    bench.message("delete", json!({"key": "b"}));
    bench.message("update", json!({"row": {"id": "a", "m": 3}}));
    bench.load_at(json!([{"id": "a", "n": 2, "m": 0}, {"id": "b"}]), 2);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2, "m": 3}, {"id": "b"}]));
}

#[test]
fn rows_ahead_of_the_channel_are_not_set_back_by_its_messages() {
    let mut bench = Bench::new(options());
    bench.ready();
    bench.load_at(json!([{"id": "a", "n": 3}]), 3);
    for n in 1..=2 {
        bench.message("update", json!({"row": {"id": "a", "n": n}}));
    }
    bench.message("delete", json!({"key": "a"}));
    bench.message("insert", json!({"row": {"id": "b"}}));
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 3}, {"id": "b"}]));
}

#[test]
fn without_a_position_changes_are_replayed_and_deletions_seen_meanwhile_win() {
    let mut bench = Bench::new(options());
    bench.ready();
    bench.message("insert", json!({"row": {"id": "new"}}));
    bench.message("delete", json!({"key": "gone"}));
    bench.message("update", json!({"row": {"id": "a", "n": 1}}));
    bench.load(json!([{"id": "gone"}, {"id": "a", "n": 0, "m": 0}]));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 1, "m": 0}, {"id": "new"}]));
}

#[test]
fn a_position_in_another_log_counts_as_none() {
    let mut bench = Bench::new(options());
    bench.ready();
    bench.message("update", json!({"row": {"id": "a", "n": 1}}));
    let (request, _) = bench.question();
    let position = Some(("other".into(), 99));
    bench.answer(request, AppResponse::Rows { rows: vec![json!({"id": "a", "n": 0})], position });
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}]));
    bench.pass(100);
    bench.message("update", json!({"row": {"id": "a", "n": 2}}));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2}]));
}

#[test]
fn rows_older_than_where_the_channel_began_are_loaded_again() {
    let mut bench = Bench::new(options());
    bench.seq = 5;
    bench.ready();
    bench.message("update", json!({"row": {"id": "a", "m": 6}}));
    bench.load_at(json!([{"id": "a", "n": 4}]), 4);
    assert!(bench.views.is_empty());
    bench.pass(250);
    bench.load_at(json!([{"id": "a", "n": 5}]), 5);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 5, "m": 6}]));
}

#[test]
fn a_load_that_fails_is_told_and_tried_again_with_backoff_until_it_works() {
    let mut bench = Bench::new(options());
    bench.ready();
    let mut waits = Vec::new();
    for _ in 0..12 {
        bench.fail_question();
        let since = bench.now;
        let due = bench.collections.poll_timeout().expect("a retry").as_ms();
        waits.push(due - since);
        bench.pass(due - since);
        while bench.asked.is_empty() {
            bench.pass(1);
        }
    }
    assert!(waits.iter().all(|wait| *wait <= 30_000), "{waits:?}");
    let code = |bench: &Bench| {
        let view = bench.views.last().expect("a view");
        view.error.as_ref().map(|error| error.code.name())
    };
    assert_eq!((code(&bench), status(&bench)), (Some("load_failed"), CollectionStatus::Loading));
    bench.load(json!([{"id": "a"}]));
    bench.pass(100);
    assert_eq!((code(&bench), status(&bench)), (None, CollectionStatus::Live));
}

#[test]
fn after_a_gap_the_rows_of_before_stay_shown_until_the_new_ones_are_there() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
    bench.gap(40);
    assert_eq!((bench.keys().len(), status(&bench)), (2, CollectionStatus::Loading));
    bench.message("update", json!({"row": {"id": "a", "n": 2}}));
    bench.pass(100);
    assert_eq!(bench.rows()[0]["n"], 2);
    bench.load_at(json!([{"id": "c"}, {"id": "a", "n": 1}]), 40);
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2}, {"id": "c"}]));
    assert_eq!(status(&bench), CollectionStatus::Live);
}

#[test]
fn during_a_reload_an_update_of_an_unknown_row_is_not_shown_beside_an_unanswered_insert() {
    for counted in [true, false] {
        let mut bench = Bench::new(options());
        let place = |seq| counted.then(|| super::place(seq));
        bench.with(|collections, env| collections.ready(env, FEED, place(0).as_ref()));
        bench.load(json!([{"id": "a", "n": 0}]));
        bench.pass(1_000);
        let insert = bench.insert(json!({"n": 1}));
        bench.with(|collections, env| collections.gap(env, FEED, place(2).as_ref()));
        bench.deliver("update", json!({"row": {"id": "k", "n": 2}}), None, place(3));
        bench.deliver("update", json!({"row": {"id": "a", "n": 5}}), None, place(4));
        bench.pass(100);
        assert_eq!((bench.keys(), bench.rows()[0]["n"].clone()), (keys("a tmp:m1"), json!(5)));
        bench.load(json!([{"id": "a", "n": 5}, {"id": "k", "n": 2}]));
        bench.pass(100);
        assert_eq!(bench.keys(), keys("a tmp:m1"), "the answer says which row it is");
        bench.accept(insert, counted.then_some(1), Some(json!({"id": "k", "n": 1})));
        bench.pass(100);
        assert_eq!((bench.keys(), bench.outcome(insert)), (keys("a k"), vec!["confirmed"]));
        assert!(bench.views.iter().all(|view| view.rows.len() <= 2), "{:?}", bench.views);
    }
}

#[test]
fn during_a_reload_an_update_of_an_unknown_row_shows_at_once_where_no_insert_is_unanswered() {
    let mut bench = Bench::live(options(), json!([]));
    bench.gap(2);
    bench.message("update", json!({"row": {"id": "k", "n": 2}}));
    bench.pass(100);
    assert_eq!((bench.keys(), status(&bench)), (keys("k"), CollectionStatus::Loading));
}

#[test]
fn pending_changes_show_over_the_new_rows() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 1}, {"id": "b"}, {"id": "c"}]));
    bench.update("a", json!({"n": 5}));
    bench.remove("b");
    bench.insert_as("d", json!({"id": "d"}));
    bench.update("c", json!({"n": 1}));
    bench.with(|collections, env| collections.reload(env, super::ROWS));
    bench.load(json!([{"id": "b", "n": 1}, {"id": "a", "n": 1, "m": 2}]));
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 5, "m": 2}, {"id": "d"}]));
    assert_eq!(bench.pending(), 4);
}

#[test]
fn a_second_reload_replaces_the_first() {
    let mut bench = Bench::live(options(), json!([]));
    for _ in 0..2 {
        bench.with(|collections, env| collections.reload(env, super::ROWS));
    }
    let (first, _) = bench.asked.remove(0);
    bench.answer(first, AppResponse::Rows { rows: vec![json!({"id": "old"})], position: None });
    bench.load(json!([{"id": "new"}]));
    bench.pass(100);
    assert!(bench.views.iter().all(|view| view.rows.iter().all(|row| &*row.key == "new")));
    assert_eq!(bench.keys(), ["new"]);
}

#[test]
fn a_reload_that_changes_nothing_is_not_reported_whatever_its_order() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}, {"id": "b"}]));
    bench.with(|collections, env| collections.reload(env, super::ROWS));
    bench.load(json!([{"id": "a"}, {"id": "b"}]));
    bench.pass(500);
    assert_eq!(bench.views.len(), 2, "Loading and Live, with the same rows");
    bench.with(|collections, env| collections.reload(env, super::ROWS));
    bench.load(json!([{"id": "b"}, {"id": "a"}]));
    bench.pass(500);
    assert_eq!((bench.keys(), bench.views.len()), (vec!["a".to_owned(), "b".to_owned()], 4));
}

#[test]
fn an_insert_under_way_is_not_doubled_by_rows_that_include_it() {
    let mut bench = Bench::live(options(), json!([]));
    let insert = bench.insert(json!({"n": 1}));
    bench.with(|collections, env| collections.reload(env, super::ROWS));
    bench.load_at(json!([{"id": 1, "n": 1}]), 1);
    bench.pass(500);
    assert_eq!(bench.keys(), ["tmp:m1"]);
    bench.echo("insert", json!({"row": {"id": 1, "n": 1}}), Some("m1"));
    bench.pass(500);
    assert_eq!((bench.keys(), status(&bench)), (vec!["1".to_owned()], CollectionStatus::Live));
    assert_eq!(bench.outcome(insert), ["confirmed"]);
}

#[test]
fn an_accepted_change_survives_a_load_that_is_older_and_is_not_doubled_by_one_that_is_not() {
    for seq in [0, 1] {
        let mut bench = Bench::live(options(), json!([]));
        bench.with(|collections, env| collections.reload(env, super::ROWS));
        let insert = bench.insert(json!({"n": 1}));
        bench.accept(insert, Some(1), Some(json!({"id": 1, "n": 1})));
        let rows = if seq == 0 { json!([]) } else { json!([{"id": 1, "n": 1}]) };
        bench.load_at(rows, seq);
        bench.pass(100);
        assert_eq!(bench.keys(), ["1"]);
        bench.echo("insert", json!({"row": {"id": 1, "n": 1}}), Some("m1"));
        bench.pass(100);
        assert_eq!(bench.keys(), ["1"]);
    }
}

#[test]
fn an_accepted_change_whose_message_was_lost_in_a_gap_is_in_the_next_rows() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    let update = bench.update("a", json!({"n": 1}));
    bench.accept(update, Some(1), None);
    let elsewhere = StreamPosition { epoch: "f".into(), seq: 1 };
    bench.with(|collections, env| collections.gap(env, FEED, Some(&elsewhere)));
    bench.pass(60_000);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}]));
    bench.load(json!([{"id": "a", "n": 2}]));
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2}]));
}

#[test]
fn without_a_load_an_accepted_change_outlives_a_gap() {
    let mut bench = Bench::new(CollectionOptions { loads: false, ..options() });
    bench.ready();
    let insert = bench.insert(json!({"n": 1}));
    bench.accept(insert, Some(1), Some(json!({"id": 1, "n": 1})));
    bench.gap(30);
    bench.message("update", json!({"row": {"id": 1, "m": 1}}));
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": 1, "n": 1, "m": 1}]));
}

#[test]
fn too_many_changes_during_a_load_have_the_rows_loaded_again() {
    let mut bench = Bench::new(options());
    bench.ready();
    for n in 0..=4_096 {
        bench.message("update", json!({"row": {"id": "a", "n": n}}));
    }
    bench.load(json!([{"id": "a"}]));
    assert!(bench.views.is_empty());
    bench.pass(250);
    bench.message("update", json!({"row": {"id": "a", "n": -1}}));
    bench.load(json!([{"id": "a", "n": 4_096}]));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": -1}]));
}

#[test]
fn a_load_with_a_row_that_has_no_usable_key_fails_and_names_the_key_and_the_row() {
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
        let mut bench = Bench::live(options(), json!([{"id": "a"}]));
        bench.with(|collections, env| collections.reload(env, super::ROWS));
        bench.load(json!([{"id": "b"}, bad, {"id": null}]));
        bench.pass(200);
        let error = bench.views.last().and_then(|view| view.error.clone()).expect("an error");
        let cause = error.cause.as_ref().map(|cause| &*cause.message);
        assert_eq!((error.code.name(), cause), ("load_failed", Some(why)));
        assert_eq!(
            (bench.keys(), status(&bench)),
            (vec!["a".to_owned()], CollectionStatus::Loading)
        );
        bench.pass(60_000);
        bench.load(json!([{"id": "b"}, {"id": -7}, {"id": 9_007_199_254_740_991_u64}]));
        bench.pass(200);
        assert_eq!(bench.keys(), ["-7", "9007199254740991", "b"]);
        assert!(bench.views.last().is_some_and(|view| view.error.is_none()));
    }
}

#[test]
fn a_load_made_obsolete_while_its_rows_are_keyed_asks_for_no_more_keys() {
    let mut bench = Bench::new(CollectionOptions { key: Key::Function, ..options() });
    bench.ready();
    bench.load(Value::Array((0..50).map(|n| json!({"name": n.to_string()})).collect()));
    bench.with(|collections, env| collections.reload(env, super::ROWS));
    let (reload, question) = bench.asked.pop().expect("asked");
    assert!(matches!(question, AppRequest::Load));
    bench.tell_key();
    assert!(bench.asked.is_empty());
    bench.answer(reload, AppResponse::Rows { rows: vec![json!({"name": "z"})], position: None });
    bench.tell_key();
    bench.pass(100);
    assert_eq!(bench.keys(), ["z"]);
}

#[test]
fn places_are_not_needed() {
    let mut bench = Bench::new(options());
    bench.with(|collections, env| collections.ready(env, FEED, None));
    bench.deliver("insert", json!({"row": {"id": "b"}}), None, None);
    bench.load_from(json!([{"id": "a"}]), Some(("e".into(), 9)));
    bench.deliver("update", json!({"row": {"id": "a", "n": 1}}), None, None);
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
}

#[test]
fn rows_asked_for_before_an_insert_is_sent_again_are_loaded_again() {
    let mut bench = Bench::new(options());
    bench.with(|collections, env| collections.ready(env, FEED, None));
    bench.load(json!([]));
    let insert = bench.insert(json!({"n": 1}));
    bench.with(|collections, env| collections.sent(env, insert));
    bench.with(|collections, env| collections.reload(env, super::ROWS));
    bench.load(json!([{"id": "lost", "n": 1}]));
    bench.with(|collections, env| collections.sent(env, insert));
    bench.accept(insert, None, Some(json!({"id": "k", "n": 1})));
    bench.load(json!([{"id": "k", "n": 1}]));
    bench.pass(60_000);
    assert_eq!(bench.keys(), ["k"]);
    assert!(bench.views.iter().all(|view| view.rows.len() <= 1), "{:?}", bench.views);
}

#[test]
fn a_load_tried_again_includes_what_was_heard_before_unless_it_has_a_position() {
    for position in [None, Some(("e".to_owned(), 0))] {
        let mut bench = Bench::new(options());
        bench.ready();
        bench.message("insert", json!({"row": {"id": "lost"}}));
        bench.fail_question();
        bench.pass(250);
        bench.message("insert", json!({"row": {"id": "b"}}));
        let counted = position.is_some();
        bench.load_from(json!([{"id": "a"}]), position);
        bench.pass(100);
        assert_eq!(bench.keys(), keys(if counted { "a b lost" } else { "a b" }));
    }
}

#[test]
fn rows_whose_channel_was_lost_meanwhile_are_loaded_again_if_anything_was_heard() {
    for heard in [true, false] {
        let mut bench = Bench::new(options());
        bench.with(|collections, env| collections.ready(env, FEED, None));
        if heard {
            bench.deliver("insert", json!({"row": {"id": "lost"}}), None, None);
            bench.with(|collections, _| collections.interrupted(FEED));
            bench.load(json!([]));
        }
        bench.with(|collections, _| collections.interrupted(FEED));
        bench.load(json!([{"id": "a"}]));
        bench.pass(60_000);
        assert_eq!((bench.keys(), bench.views.len()), (keys("a"), 1), "{heard}");
    }
}

#[test]
fn after_lost_messages_new_rows_wait_for_the_load_unless_it_fails() {
    for fails in [false, true] {
        let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
        let elsewhere = |seq| StreamPosition { epoch: "f".into(), seq };
        bench.with(|collections, env| collections.gap(env, FEED, Some(&elsewhere(1))));
        bench.deliver("insert", json!({"row": {"id": "b"}}), None, Some(elsewhere(2)));
        bench.deliver("update", json!({"row": {"id": "a", "n": 1}}), None, Some(elsewhere(3)));
        bench.pass(100);
        assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}]));
        if fails {
            bench.fail_question();
            bench.pass(100);
            assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
            bench.pass(1_000);
        }
        bench.load_from(json!([{"id": "b"}]), Some(("f".into(), 3)));
        bench.pass(100);
        assert_eq!((bench.rows(), status(&bench)), (json!([{"id": "b"}]), CollectionStatus::Live));
    }
}
