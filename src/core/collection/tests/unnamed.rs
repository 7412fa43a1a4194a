//! Changes stored by the app, whose messages do not name them.

use serde_json::{Value, json};

use super::{Bench, options};
use crate::core::collection::{AppRequest, AppResponse, CollectionOptions};
use crate::core::id::RequestId;

fn persisting() -> CollectionOptions {
    CollectionOptions { persists: true, ..options() }
}

fn asked(bench: &mut Bench) -> RequestId {
    let (request, question) = bench.question();
    assert!(matches!(question, AppRequest::Persist(_)), "{question:?}");
    request
}

/// A collection on a server whose messages have no positions.
fn without_positions(rows: Value) -> Bench {
    let mut bench = Bench::new(persisting());
    bench.with(|collections, env| collections.ready(env, super::FEED, None));
    bench.load(rows);
    bench.pass(1_000);
    bench
}

fn published(bench: &mut Bench, event: &str, payload: Value) {
    bench.deliver(event, payload, None, None);
    bench.pass(100);
}

/// Types a letter every 110 ms; each write takes 300 ms, and its message arrives `lag` ms after it
/// was stored. Returns every value that the field showed.
fn typed(lag: u64, answers: bool, named: bool) -> Vec<String> {
    let mut bench = without_positions(json!([{"id": 1, "text": "", "at": 0}]));
    let (mut stored, mut row) = (Vec::new(), json!({"id": 1, "text": "", "at": 0}));
    let mut text = String::new();
    let mut asked: Option<(RequestId, u64, Value, String)> = None;
    for now in 0..6_000_u64 {
        if now % 110 == 0 && text.len() < 9 {
            text.push('x');
            bench.update("1", json!({"text": text}));
        }
        if let Some((request, _, patch, mutation)) = asked.take_if(|(_, at, ..)| *at == now) {
            row["text"] = patch["text"].clone();
            row["at"] = now.into();
            stored.push((now + lag, row.clone(), mutation));
            bench.answer(request, AppResponse::Stored(answers.then(|| row.clone())));
        }
        if let Some(at) = stored.iter().position(|(at, ..)| *at == now) {
            let (_, row, mutation) = stored.remove(at);
            let name = if named { json!(mutation) } else { Value::Null };
            bench.deliver("update", json!({"row": row, "mutation": name}), None, None);
        }
        if let Some((request, question)) = bench.asked.pop() {
            match question {
                AppRequest::Persist(change) => {
                    let row = change.row.expect("a patch");
                    asked = Some((request, now + 300, row, change.mutation));
                }
                _ => {
                    let rows = vec![row.clone()];
                    bench.answer(request, AppResponse::Rows { rows, position: None });
                }
            }
        }
        bench.pass(1);
    }
    assert_eq!(bench.pending(), 0);
    assert_eq!(bench.rows(), json!([row]), "what shows in the end is the server's");
    let text = |row: &Value| row["text"].as_str().expect("a text").to_owned();
    bench.views.iter().map(|view| text(&view.rows[0].row)).collect()
}

#[test]
fn a_field_that_is_typed_in_never_steps_back_whenever_the_messages_of_its_writes_come() {
    for lag in [0, 50, 250, 299, 301, 350, 700, 1_500] {
        for (answers, named) in [(true, false), (false, false), (true, true), (false, true)] {
            let shown = typed(lag, answers, named);
            assert!(shown.is_sorted(), "{lag} {answers} {named}: {shown:?}");
        }
    }
}

#[test]
fn a_message_before_the_answer_is_the_change_and_later_ones_of_others_show() {
    let mut bench = without_positions(json!([{"id": "a", "n": 0}]));
    let update = bench.update("a", json!({"n": 1}));
    published(&mut bench, "update", json!({"row": {"id": "a", "n": 1}}));
    assert_eq!(bench.pending(), 1, "the server has not answered");
    let request = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(None));
    assert_eq!(bench.outcome(update), ["confirmed"]);
    published(&mut bench, "update", json!({"row": {"id": "a", "n": 2}}));
    bench.pass(60_000);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2}]));
    assert!(bench.asked.is_empty(), "nothing is in doubt");
}

#[test]
fn a_state_of_one_s_own_is_an_echo_once() {
    let mut bench = without_positions(json!([{"id": "a", "n": 0, "m": 0}]));
    for n in 1..=2 {
        bench.update("a", json!({"n": n}));
        let request = asked(&mut bench);
        bench.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": n, "m": 0}))));
    }
    for n in 1..=2 {
        published(&mut bench, "update", json!({"row": {"id": "a", "n": n, "m": 0}}));
        assert_eq!(bench.rows()[0]["n"], 2);
    }
    published(&mut bench, "update", json!({"row": {"id": "a", "n": 1, "m": 0}}));
    assert_eq!(bench.rows()[0]["n"], 1, "somebody set it back");
}

#[test]
fn own_states_are_forgotten_after_a_while() {
    let mut bench = without_positions(json!([{"id": "a", "n": 0}]));
    for n in 1..=2 {
        bench.update("a", json!({"n": n}));
        let request = asked(&mut bench);
        bench.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": n}))));
    }
    bench.pass(10_000);
    published(&mut bench, "update", json!({"row": {"id": "a", "n": 1}}));
    assert_eq!(bench.rows()[0]["n"], 1);
}

#[test]
fn a_stored_change_that_no_message_equals_is_decided_by_a_load() {
    let mut bench = without_positions(json!([{"id": "a", "n": "0"}]));
    bench.update("a", json!({"n": " 1"}));
    let request = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(None));
    published(&mut bench, "update", json!({"row": {"id": "a", "n": "1"}}));
    assert_eq!(bench.rows()[0]["n"], " 1");
    bench.pass(10_000);
    bench.load(json!([{"id": "a", "n": "1"}]));
    bench.pass(60_000);
    assert_eq!((bench.rows(), bench.asked.len()), (json!([{"id": "a", "n": "1"}]), 0));
}

#[test]
fn an_insert_and_the_message_of_its_row_are_one_row_whatever_comes_first() {
    let stored = json!({"id": 7, "n": 1, "at": 5});
    for answer in [Some(stored.clone()), None] {
        for first in ["message", "answer"] {
            for positions in [false, true] {
                let mut bench = without_positions(json!([]));
                if positions {
                    bench = Bench::live(persisting(), json!([]));
                }
                let insert = bench.insert(json!({"n": 1}));
                let later = bench.update("tmp:m1", json!({"n": 2}));
                let request = asked(&mut bench);
                let place = positions.then(|| super::place(1));
                let message = |bench: &mut Bench| {
                    let payload = json!({"row": stored});
                    bench.deliver("insert", payload, Some("r1"), place.clone());
                    bench.pass(100);
                };
                if first == "message" {
                    message(&mut bench);
                }
                bench.answer(request, AppResponse::Stored(answer.clone()));
                if first == "answer" {
                    message(&mut bench);
                }
                assert_eq!(bench.outcome(insert), ["confirmed"]);
                assert_eq!(bench.keys(), ["7"], "{answer:?} {first} {positions}");
                assert_eq!(bench.rows()[0]["n"], 2, "the later change shows");
                let request = asked(&mut bench);
                bench.answer(request, AppResponse::Stored(Some(json!({"id": 7, "n": 2, "at": 6}))));
                assert_eq!(bench.outcome(later), ["confirmed"]);
                assert!(bench.views.iter().all(|view| view.rows.len() <= 1), "never two rows");
            }
        }
    }
}

#[test]
fn equal_inserts_are_as_many_rows_as_there_are() {
    let mut bench = without_positions(json!([{"id": 1, "n": 1}]));
    let inserts = [bench.insert(json!({"n": 1})), bench.insert(json!({"n": 1}))];
    for id in 2..=3 {
        published(&mut bench, "insert", json!({"row": {"id": id, "n": 1}}));
        assert_eq!(bench.rows().as_array().map(Vec::len), Some(3), "{:?}", bench.rows());
    }
    published(&mut bench, "insert", json!({"row": {"id": 4, "n": 1}}));
    for (request, _) in std::mem::take(&mut bench.asked) {
        bench.answer(request, AppResponse::Stored(None));
    }
    for insert in inserts {
        assert_eq!(bench.outcome(insert), ["confirmed"]);
    }
    bench.pass(60_000);
    assert_eq!((bench.keys(), bench.asked.len()), (["1", "2", "3", "4"].map(Into::into).into(), 0));
}

#[test]
fn somebody_else_s_row_that_says_the_same_is_a_row_of_its_own_once_the_answer_says_so() {
    let mut bench = without_positions(json!([]));
    let insert = bench.insert(json!({"n": 1}));
    let update = bench.update("tmp:m1", json!({"n": 5}));
    let request = asked(&mut bench);
    published(&mut bench, "insert", json!({"row": {"id": 1, "n": 1}}));
    assert_eq!(bench.keys(), ["1"]);
    bench.answer(request, AppResponse::Stored(Some(json!({"id": 2, "n": 1}))));
    assert_eq!(bench.outcome(insert), ["confirmed"]);
    assert_eq!(bench.rows(), json!([{"id": 1, "n": 1}, {"id": 2, "n": 5}]));
    let request = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(Some(json!({"id": 2, "n": 5}))));
    assert_eq!(bench.outcome(update), ["confirmed"]);
    published(&mut bench, "insert", json!({"row": {"id": 2, "n": 1}}));
    published(&mut bench, "update", json!({"row": {"id": 2, "n": 5}}));
    bench.pass(60_000);
    assert_eq!(bench.rows(), json!([{"id": 1, "n": 1}, {"id": 2, "n": 5}]));
}

#[test]
fn a_refused_insert_leaves_somebody_else_s_row_and_its_own_changes_fail() {
    let mut bench = without_positions(json!([]));
    let insert = bench.insert(json!({"n": 1}));
    let update = bench.update("tmp:m1", json!({"n": 5}));
    published(&mut bench, "insert", json!({"row": {"id": 1, "n": 1}}));
    bench.fail_question();
    assert_eq!(bench.outcome(insert), ["rejected"]);
    assert_eq!(bench.outcome(update), ["dependency_failed"]);
    assert_eq!(bench.rows(), json!([{"id": 1, "n": 1}]));
}

#[test]
fn an_open_insert_is_the_new_loaded_row_that_says_the_same() {
    for settled in [false, true] {
        let mut bench = without_positions(json!([{"id": 1, "n": 1}]));
        let insert = bench.insert(json!({"n": 1}));
        let request = asked(&mut bench);
        if settled {
            bench.answer(request, AppResponse::Stored(None));
        }
        bench.with(|collections, env| collections.reload(env, super::ROWS));
        bench.load(json!([{"id": 1, "n": 1}, {"id": 2, "n": 1}]));
        // The answer never comes.
        bench.pass(10_000);
        assert_eq!(bench.keys(), ["1", "2"], "{settled}");
        bench.answer(request, AppResponse::Stored(None));
        bench.pass(60_000);
        assert_eq!((bench.keys().len(), bench.outcome(insert)), (2, vec!["confirmed"]));
    }
}

#[test]
fn a_stored_insert_that_no_message_equals_is_decided_by_a_load() {
    let mut bench = without_positions(json!([]));
    bench.insert(json!({"n": " 1"}));
    let request = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(None));
    published(&mut bench, "insert", json!({"row": {"id": 1, "n": "1"}}));
    bench.pass(10_000);
    bench.load(json!([{"id": 1, "n": "1"}]));
    bench.pass(60_000);
    assert_eq!((bench.rows(), bench.asked.len()), (json!([{"id": 1, "n": "1"}]), 0));
}

#[test]
fn a_removal_is_over_when_the_row_of_its_key_is_removed() {
    let mut bench = without_positions(json!([{"id": "a"}]));
    let removal = bench.remove("a");
    let request = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(None));
    assert_eq!(bench.outcome(removal), ["confirmed"]);
    published(&mut bench, "delete", json!({"key": "a"}));
    published(&mut bench, "insert", json!({"row": {"id": "a", "n": 2}}));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2}]));
    bench.pass(60_000);
    assert_eq!((bench.rows(), bench.asked.len()), (json!([{"id": "a", "n": 2}]), 0));
}

#[test]
fn a_message_that_holds_two_own_states_is_the_echo_that_is_still_to_come() {
    let mut bench = without_positions(json!([{"id": 1, "a": 0, "b": 0}]));
    let states = [json!({"id": 1, "a": 3, "b": 1}), json!({"id": 1, "a": 2, "b": 1})];
    for (patch, row) in [json!({"b": 1}), json!({"a": 2})].into_iter().zip(&states) {
        bench.update("1", patch);
        let request = asked(&mut bench);
        bench.answer(request, AppResponse::Stored(Some(row.clone())));
        bench.pass(100);
    }
    published(&mut bench, "update", json!({"row": {"id": 1, "a": 3, "b": 0}}));
    for row in &states {
        published(&mut bench, "update", json!({"row": row}));
    }
    assert_eq!(bench.rows(), json!([states[1]]));
}

#[test]
fn a_message_of_others_before_the_echo_takes_nothing_away_from_an_answer() {
    let mut bench = without_positions(json!([{"id": 1, "a": 0, "b": 0}]));
    bench.update("1", json!({"b": 1}));
    let request = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(Some(json!({"id": 1, "a": 5, "b": 1}))));
    published(&mut bench, "update", json!({"row": {"id": 1, "a": 5, "b": 0}}));
    assert_eq!(bench.rows(), json!([{"id": 1, "a": 5, "b": 1}]));
    published(&mut bench, "update", json!({"row": {"id": 1, "a": 5, "b": 1}}));
    published(&mut bench, "update", json!({"row": {"id": 1, "a": 6, "b": 2}}));
    assert_eq!(bench.rows(), json!([{"id": 1, "a": 6, "b": 2}]));
    bench.pass(60_000);
    assert!(bench.asked.is_empty(), "nothing is in doubt");
}

#[test]
fn where_no_echo_comes_a_load_decides_once_and_later_messages_of_others_show_at_once() {
    let mut bench = without_positions(json!([{"id": 1, "n": 0}]));
    for (n, echoes) in [(1, true), (3, false)] {
        bench.update("1", json!({"n": n}));
        let request = asked(&mut bench);
        bench.answer(request, AppResponse::Stored(Some(json!({"id": 1, "n": n}))));
        published(&mut bench, "update", json!({"row": {"id": 1, "n": n + 1}}));
        let shown = if echoes { n } else { n + 1 };
        assert_eq!(bench.rows(), json!([{"id": 1, "n": shown}]));
        bench.pass(10_000);
        if echoes {
            bench.load(json!([{"id": 1, "n": n + 1}]));
        }
        bench.pass(60_000);
        assert_eq!((bench.rows(), bench.asked.len()), (json!([{"id": 1, "n": n + 1}]), 0));
    }
}

#[test]
fn a_stored_insert_is_the_known_row_that_comes_to_say_the_same() {
    let mut bench = without_positions(json!([]));
    bench.insert(json!({"n": 1}));
    let request = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(None));
    published(&mut bench, "update", json!({"row": {"id": 1, "n": 2}}));
    assert_eq!(bench.keys(), ["1", "tmp:m1"], "nobody can know");
    bench.with(|collections, env| collections.reload(env, super::ROWS));
    bench.load(json!([{"id": 1, "n": 1}]));
    bench.pass(100);
    assert_eq!(bench.keys(), ["1"]);
}

#[test]
fn after_a_reload_the_messages_of_changes_that_it_included_take_nothing_back() {
    let mut bench = without_positions(json!([{"id": 1, "n": 0}]));
    for n in 1..=2 {
        bench.update("1", json!({"n": n}));
        let request = asked(&mut bench);
        bench.answer(request, AppResponse::Stored(Some(json!({"id": 1, "n": n}))));
    }
    bench.with(|collections, env| collections.reload(env, super::ROWS));
    bench.load(json!([{"id": 1, "n": 2}]));
    for n in 1..=2 {
        published(&mut bench, "update", json!({"row": {"id": 1, "n": n}}));
        assert_eq!(bench.rows(), json!([{"id": 1, "n": 2}]));
    }
    published(&mut bench, "update", json!({"row": {"id": 1, "n": 3}}));
    assert_eq!(bench.rows(), json!([{"id": 1, "n": 3}]));
}
