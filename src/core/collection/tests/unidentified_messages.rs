//! Changes stored by the app, whose messages do not contain their mutation ids.

use serde_json::{Value, json};

use super::{Harness, options};
use crate::core::collection::{AppRequest, AppResponse, CollectionOptions};
use crate::core::id::RequestId;

fn persisting() -> CollectionOptions {
    CollectionOptions { persists: true, ..options() }
}

fn take_persist_request(harness: &mut Harness) -> RequestId {
    let (request, app_request) = harness.take_request();
    assert!(matches!(app_request, AppRequest::Persist(_)), "{app_request:?}");
    request
}

/// A collection on a server whose messages have no positions.
fn without_positions(rows: Value) -> Harness {
    let mut harness = Harness::new(persisting());
    harness.with(|collections, env| collections.ready(env, super::FEED, None));
    harness.load(rows);
    harness.pass(1_000);
    harness
}

fn published(harness: &mut Harness, event: &str, payload: Value) {
    harness.deliver(event, payload, None, None);
    harness.pass(100);
}

/// Updates a field every 110 ms; each write takes 300 ms, and its message arrives `lag` ms after it
/// was stored. Returns every value that the field showed.
fn typed(lag: u64, answers: bool, named: bool) -> Vec<String> {
    let mut harness = without_positions(json!([{"id": 1, "text": "", "at": 0}]));
    let (mut stored, mut row) = (Vec::new(), json!({"id": 1, "text": "", "at": 0}));
    let mut text = String::new();
    let mut take_persist_request: Option<(RequestId, u64, Value, String)> = None;
    for now in 0..6_000_u64 {
        if now % 110 == 0 && text.len() < 9 {
            text.push('x');
            harness.update("1", json!({"text": text}));
        }
        if let Some((request, _, patch, mutation)) =
            take_persist_request.take_if(|(_, at, ..)| *at == now)
        {
            row["text"] = patch["text"].clone();
            row["at"] = now.into();
            stored.push((now + lag, row.clone(), mutation));
            harness.answer(request, AppResponse::Stored(answers.then(|| row.clone())));
        }
        if let Some(at) = stored.iter().position(|(at, ..)| *at == now) {
            let (_, row, mutation) = stored.remove(at);
            let name = if named { json!(mutation) } else { Value::Null };
            harness.deliver("update", json!({"row": row, "mutation": name}), None, None);
        }
        if let Some((request, app_request)) = harness.requests.pop() {
            match app_request {
                AppRequest::Persist(change) => {
                    let row = change.row.expect("a patch");
                    take_persist_request = Some((request, now + 300, row, change.mutation));
                }
                _ => {
                    let rows = vec![row.clone()];
                    harness.answer(request, AppResponse::Rows { rows, position: None });
                }
            }
        }
        harness.pass(1);
    }
    assert_eq!(harness.pending(), 0);
    assert_eq!(harness.rows(), json!([row]), "what shows in the end is the server's");
    let text = |row: &Value| row["text"].as_str().expect("a text").to_owned();
    harness.views.iter().map(|view| text(&view.rows[0].row)).collect()
}

#[test]
fn typed_field_never_shows_an_earlier_value_for_any_timing_of_its_echoes() {
    for lag in [0, 50, 250, 299, 301, 350, 700, 1_500] {
        for (answers, named) in [(true, false), (false, false), (true, true), (false, true)] {
            let shown = typed(lag, answers, named);
            assert!(shown.is_sorted(), "{lag} {answers} {named}: {shown:?}");
        }
    }
}

#[test]
fn message_before_the_response_matches_the_change_and_later_ones_are_applied() {
    let mut harness = without_positions(json!([{"id": "a", "n": 0}]));
    let update = harness.update("a", json!({"n": 1}));
    published(&mut harness, "update", json!({"row": {"id": "a", "n": 1}}));
    assert_eq!(harness.pending(), 1, "the server has not answered");
    let request = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(None));
    assert_eq!(harness.outcome(update), ["confirmed"]);
    published(&mut harness, "update", json!({"row": {"id": "a", "n": 2}}));
    harness.pass(60_000);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2}]));
    assert!(harness.requests.is_empty(), "nothing is in doubt");
}

#[test]
fn own_state_is_matched_as_an_echo_once() {
    let mut harness = without_positions(json!([{"id": "a", "n": 0, "m": 0}]));
    for n in 1..=2 {
        harness.update("a", json!({"n": n}));
        let request = take_persist_request(&mut harness);
        harness.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": n, "m": 0}))));
    }
    for n in 1..=2 {
        published(&mut harness, "update", json!({"row": {"id": "a", "n": n, "m": 0}}));
        assert_eq!(harness.rows()[0]["n"], 2);
    }
    published(&mut harness, "update", json!({"row": {"id": "a", "n": 1, "m": 0}}));
    assert_eq!(harness.rows()[0]["n"], 1, "somebody set it back");
}

#[test]
fn own_states_expire() {
    let mut harness = without_positions(json!([{"id": "a", "n": 0}]));
    for n in 1..=2 {
        harness.update("a", json!({"n": n}));
        let request = take_persist_request(&mut harness);
        harness.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": n}))));
    }
    harness.pass(10_000);
    published(&mut harness, "update", json!({"row": {"id": "a", "n": 1}}));
    assert_eq!(harness.rows()[0]["n"], 1);
}

#[test]
fn stored_change_without_an_equal_message_is_resolved_by_a_load() {
    let mut harness = without_positions(json!([{"id": "a", "n": "0"}]));
    harness.update("a", json!({"n": " 1"}));
    let request = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(None));
    published(&mut harness, "update", json!({"row": {"id": "a", "n": "1"}}));
    assert_eq!(harness.rows()[0]["n"], " 1");
    harness.pass(10_000);
    harness.load(json!([{"id": "a", "n": "1"}]));
    harness.pass(60_000);
    assert_eq!((harness.rows(), harness.requests.len()), (json!([{"id": "a", "n": "1"}]), 0));
}

#[test]
fn insert_and_its_message_are_one_row_in_any_order() {
    let stored = json!({"id": 7, "n": 1, "at": 5});
    for answer in [Some(stored.clone()), None] {
        for first in ["message", "answer"] {
            for positions in [false, true] {
                let mut harness = without_positions(json!([]));
                if positions {
                    harness = Harness::live(persisting(), json!([]));
                }
                let insert = harness.insert(json!({"n": 1}));
                let later = harness.update("tmp:m1", json!({"n": 2}));
                let request = take_persist_request(&mut harness);
                let position = positions.then(|| super::position(1));
                let message = |harness: &mut Harness| {
                    let payload = json!({"row": stored});
                    harness.deliver("insert", payload, Some("r1"), position.clone());
                    harness.pass(100);
                };
                if first == "message" {
                    message(&mut harness);
                }
                harness.answer(request, AppResponse::Stored(answer.clone()));
                if first == "answer" {
                    message(&mut harness);
                }
                assert_eq!(harness.outcome(insert), ["confirmed"]);
                assert_eq!(harness.keys(), ["7"], "{answer:?} {first} {positions}");
                assert_eq!(harness.rows()[0]["n"], 2, "the later change shows");
                let request = take_persist_request(&mut harness);
                harness
                    .answer(request, AppResponse::Stored(Some(json!({"id": 7, "n": 2, "at": 6}))));
                assert_eq!(harness.outcome(later), ["confirmed"]);
                assert!(harness.views.iter().all(|view| view.rows.len() <= 1), "never two rows");
            }
        }
    }
}

#[test]
fn equal_inserts_are_separate_rows() {
    let mut harness = without_positions(json!([{"id": 1, "n": 1}]));
    let inserts = [harness.insert(json!({"n": 1})), harness.insert(json!({"n": 1}))];
    for id in 2..=3 {
        published(&mut harness, "insert", json!({"row": {"id": id, "n": 1}}));
        assert_eq!(harness.rows().as_array().map(Vec::len), Some(3), "{:?}", harness.rows());
    }
    published(&mut harness, "insert", json!({"row": {"id": 4, "n": 1}}));
    for (request, _) in std::mem::take(&mut harness.requests) {
        harness.answer(request, AppResponse::Stored(None));
    }
    for insert in inserts {
        assert_eq!(harness.outcome(insert), ["confirmed"]);
    }
    harness.pass(60_000);
    assert_eq!(
        (harness.keys(), harness.requests.len()),
        (["1", "2", "3", "4"].map(Into::into).into(), 0)
    );
}

#[test]
fn equal_row_of_another_user_is_separate_after_the_response() {
    let mut harness = without_positions(json!([]));
    let insert = harness.insert(json!({"n": 1}));
    let update = harness.update("tmp:m1", json!({"n": 5}));
    let request = take_persist_request(&mut harness);
    published(&mut harness, "insert", json!({"row": {"id": 1, "n": 1}}));
    assert_eq!(harness.keys(), ["1"]);
    harness.answer(request, AppResponse::Stored(Some(json!({"id": 2, "n": 1}))));
    assert_eq!(harness.outcome(insert), ["confirmed"]);
    assert_eq!(harness.rows(), json!([{"id": 1, "n": 1}, {"id": 2, "n": 5}]));
    let request = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(Some(json!({"id": 2, "n": 5}))));
    assert_eq!(harness.outcome(update), ["confirmed"]);
    published(&mut harness, "insert", json!({"row": {"id": 2, "n": 1}}));
    published(&mut harness, "update", json!({"row": {"id": 2, "n": 5}}));
    harness.pass(60_000);
    assert_eq!(harness.rows(), json!([{"id": 1, "n": 1}, {"id": 2, "n": 5}]));
}

#[test]
fn rejected_insert_leaves_an_equal_row_of_others_and_its_changes_fail() {
    let mut harness = without_positions(json!([]));
    let insert = harness.insert(json!({"n": 1}));
    let update = harness.update("tmp:m1", json!({"n": 5}));
    published(&mut harness, "insert", json!({"row": {"id": 1, "n": 1}}));
    harness.fail_request();
    assert_eq!(harness.outcome(insert), ["rejected"]);
    assert_eq!(harness.outcome(update), ["dependency_failed"]);
    assert_eq!(harness.rows(), json!([{"id": 1, "n": 1}]));
}

#[test]
fn pending_insert_matches_an_equal_newly_loaded_row() {
    for settled in [false, true] {
        let mut harness = without_positions(json!([{"id": 1, "n": 1}]));
        let insert = harness.insert(json!({"n": 1}));
        let request = take_persist_request(&mut harness);
        if settled {
            harness.answer(request, AppResponse::Stored(None));
        }
        harness.with(|collections, env| collections.reload(env, super::ROWS));
        harness.load(json!([{"id": 1, "n": 1}, {"id": 2, "n": 1}]));
        // The response never arrives.
        harness.pass(10_000);
        assert_eq!(harness.keys(), ["1", "2"], "{settled}");
        harness.answer(request, AppResponse::Stored(None));
        harness.pass(60_000);
        assert_eq!((harness.keys().len(), harness.outcome(insert)), (2, vec!["confirmed"]));
    }
}

#[test]
fn stored_insert_without_an_equal_message_is_resolved_by_a_load() {
    let mut harness = without_positions(json!([]));
    harness.insert(json!({"n": " 1"}));
    let request = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(None));
    published(&mut harness, "insert", json!({"row": {"id": 1, "n": "1"}}));
    harness.pass(10_000);
    harness.load(json!([{"id": 1, "n": "1"}]));
    harness.pass(60_000);
    assert_eq!((harness.rows(), harness.requests.len()), (json!([{"id": 1, "n": "1"}]), 0));
}

#[test]
fn removal_is_confirmed_by_the_removal_of_its_key() {
    let mut harness = without_positions(json!([{"id": "a"}]));
    let removal = harness.remove("a");
    let request = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(None));
    assert_eq!(harness.outcome(removal), ["confirmed"]);
    published(&mut harness, "delete", json!({"key": "a"}));
    published(&mut harness, "insert", json!({"row": {"id": "a", "n": 2}}));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2}]));
    harness.pass(60_000);
    assert_eq!((harness.rows(), harness.requests.len()), (json!([{"id": "a", "n": 2}]), 0));
}

#[test]
fn message_that_matches_two_own_states_is_the_pending_echo() {
    let mut harness = without_positions(json!([{"id": 1, "a": 0, "b": 0}]));
    let states = [json!({"id": 1, "a": 3, "b": 1}), json!({"id": 1, "a": 2, "b": 1})];
    for (patch, row) in [json!({"b": 1}), json!({"a": 2})].into_iter().zip(&states) {
        harness.update("1", patch);
        let request = take_persist_request(&mut harness);
        harness.answer(request, AppResponse::Stored(Some(row.clone())));
        harness.pass(100);
    }
    published(&mut harness, "update", json!({"row": {"id": 1, "a": 3, "b": 0}}));
    for row in &states {
        published(&mut harness, "update", json!({"row": row}));
    }
    assert_eq!(harness.rows(), json!([states[1]]));
}

#[test]
fn message_of_others_before_the_echo_does_not_undo_a_response() {
    let mut harness = without_positions(json!([{"id": 1, "a": 0, "b": 0}]));
    harness.update("1", json!({"b": 1}));
    let request = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(Some(json!({"id": 1, "a": 5, "b": 1}))));
    published(&mut harness, "update", json!({"row": {"id": 1, "a": 5, "b": 0}}));
    assert_eq!(harness.rows(), json!([{"id": 1, "a": 5, "b": 1}]));
    published(&mut harness, "update", json!({"row": {"id": 1, "a": 5, "b": 1}}));
    published(&mut harness, "update", json!({"row": {"id": 1, "a": 6, "b": 2}}));
    assert_eq!(harness.rows(), json!([{"id": 1, "a": 6, "b": 2}]));
    harness.pass(60_000);
    assert!(harness.requests.is_empty(), "nothing is in doubt");
}

#[test]
fn missing_echo_is_resolved_by_one_load_and_later_messages_are_applied_at_once() {
    let mut harness = without_positions(json!([{"id": 1, "n": 0}]));
    for (n, echoes) in [(1, true), (3, false)] {
        harness.update("1", json!({"n": n}));
        let request = take_persist_request(&mut harness);
        harness.answer(request, AppResponse::Stored(Some(json!({"id": 1, "n": n}))));
        published(&mut harness, "update", json!({"row": {"id": 1, "n": n + 1}}));
        let shown = if echoes { n } else { n + 1 };
        assert_eq!(harness.rows(), json!([{"id": 1, "n": shown}]));
        harness.pass(10_000);
        if echoes {
            harness.load(json!([{"id": 1, "n": n + 1}]));
        }
        harness.pass(60_000);
        assert_eq!((harness.rows(), harness.requests.len()), (json!([{"id": 1, "n": n + 1}]), 0));
    }
}

#[test]
fn stored_insert_matches_the_known_row_that_becomes_equal() {
    let mut harness = without_positions(json!([]));
    harness.insert(json!({"n": 1}));
    let request = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(None));
    published(&mut harness, "update", json!({"row": {"id": 1, "n": 2}}));
    assert_eq!(harness.keys(), ["1", "tmp:m1"], "it is undecidable");
    harness.with(|collections, env| collections.reload(env, super::ROWS));
    harness.load(json!([{"id": 1, "n": 1}]));
    harness.pass(100);
    assert_eq!(harness.keys(), ["1"]);
}

#[test]
fn messages_of_changes_included_in_a_reload_do_not_undo_them() {
    let mut harness = without_positions(json!([{"id": 1, "n": 0}]));
    for n in 1..=2 {
        harness.update("1", json!({"n": n}));
        let request = take_persist_request(&mut harness);
        harness.answer(request, AppResponse::Stored(Some(json!({"id": 1, "n": n}))));
    }
    harness.with(|collections, env| collections.reload(env, super::ROWS));
    harness.load(json!([{"id": 1, "n": 2}]));
    for n in 1..=2 {
        published(&mut harness, "update", json!({"row": {"id": 1, "n": n}}));
        assert_eq!(harness.rows(), json!([{"id": 1, "n": 2}]));
    }
    published(&mut harness, "update", json!({"row": {"id": 1, "n": 3}}));
    assert_eq!(harness.rows(), json!([{"id": 1, "n": 3}]));
}
