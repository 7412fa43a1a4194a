//! Changes stored by the app itself, over REST say.

use serde_json::{Value, json};

use super::{Bench, options};
use crate::core::client::tests::deep::row;
use crate::core::collection::{
    AppRequest, AppResponse, ChangeKind, CollectionOptions, ConflictPolicy,
};
use crate::core::error::Cause;
use crate::core::id::RequestId;
use crate::core::payload::MAX_DEPTH;

fn persisting() -> CollectionOptions {
    CollectionOptions { persists: true, ..options() }
}

fn asked(bench: &mut Bench) -> (RequestId, ChangeKind, String, Option<Value>, String) {
    let (request, question) = bench.question();
    let AppRequest::Persist(change) = question else { panic!("{question:?}") };
    (request, change.kind, change.key.to_string(), change.row, change.mutation)
}

#[test]
fn the_app_stores_a_change_and_its_row_confirms_it() {
    let mut bench = Bench::live(persisting(), json!([]));
    let insert = bench.insert(json!({"n": 1}));
    let (request, kind, key, row, mutation) = asked(&mut bench);
    assert_eq!((kind, &*key, &*mutation), (ChangeKind::Insert, "tmp:m1", "m1"));
    assert_eq!(row, Some(json!({"n": 1})));
    bench.answer(request, AppResponse::Stored(Some(json!({"id": 3, "n": 1}))));
    assert_eq!((bench.outcome(insert), bench.keys()), (vec!["confirmed"], vec!["3".to_owned()]));
    bench.message("insert", json!({"row": {"id": 3, "n": 1}, "mutation": "m1"}));
    bench.pass(500);
    assert_eq!((bench.rows(), bench.sent.len()), (json!([{"id": 3, "n": 1}]), 0));
}

#[test]
fn the_channel_may_confirm_it_first() {
    let mut bench = Bench::live(persisting(), json!([{"id": "a"}]));
    let update = bench.update("a", json!({"n": 1}));
    bench.message("update", json!({"row": {"id": "a", "n": 1}, "mutation": "m1"}));
    assert_eq!(bench.outcome(update), ["confirmed"]);
    let (request, ..) = asked(&mut bench);
    bench.message("update", json!({"row": {"id": "a", "n": 2}}));
    bench.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": 1}))));
    bench.pass(500);
    assert_eq!(
        (bench.outcome(update), bench.rows()),
        (vec!["confirmed"], json!([{"id": "a", "n": 2}]))
    );
}

#[test]
fn changes_of_a_row_are_stored_one_after_the_other() {
    let mut bench = Bench::live(persisting(), json!([{"id": "a"}]));
    bench.update("a", json!({"n": 1}));
    bench.update("a", json!({"n": 2}));
    let (request, _, _, row, _) = asked(&mut bench);
    assert_eq!(row, Some(json!({"id": "a", "n": 1})));
    bench.answer(request, AppResponse::Stored(None));
    let (_, _, _, row, _) = asked(&mut bench);
    assert_eq!(row, Some(json!({"id": "a", "n": 2})));
}

#[test]
fn an_echo_older_than_the_answer_does_not_flicker() {
    let mut bench = Bench::live(persisting(), json!([{"id": "a", "n": 0}]));
    for n in 1..=2 {
        bench.update("a", json!({"n": n}));
        let (request, ..) = asked(&mut bench);
        bench.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": n}))));
    }
    bench.pass(100);
    for n in 1..=2 {
        bench.message("update", json!({"row": {"id": "a", "n": n}, "mutation": format!("m{n}")}));
        bench.pass(100);
        assert_eq!(bench.rows(), json!([{"id": "a", "n": 2}]));
    }
    bench.message("update", json!({"row": {"id": "a", "n": 3}}));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 3}]));
}

#[test]
fn a_former_row_of_the_key_does_not_show_in_place_of_the_row_that_was_stored() {
    let mut bench = Bench::live(persisting(), json!([]));
    let insert = bench.insert_as("a", json!({"id": "a", "n": 2}));
    let (request, ..) = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": 2, "v": 1}))));
    assert_eq!(bench.outcome(insert), ["confirmed"]);
    let stored = json!([{"id": "a", "n": 2, "v": 1}]);
    // What the channel was behind with: somebody else's row of this key, and its end.
    bench.message("insert", json!({"row": {"id": "a", "n": 1, "v": 1}, "mutation": "other"}));
    bench.pass(500);
    assert_eq!(bench.rows(), stored);
    bench.message("delete", json!({"key": "a"}));
    bench.pass(500);
    assert_eq!(bench.rows(), stored);
    bench.message("insert", json!({"row": {"id": "a", "n": 2, "v": 1}, "mutation": "m1"}));
    bench.pass(60_000);
    assert_eq!(bench.rows(), stored);
}

#[test]
fn an_update_on_its_way_does_not_bring_back_a_row_that_was_removed() {
    let mut bench = Bench::live(persisting(), json!([{"id": "a", "n": 0}]));
    bench.remove("a");
    let (request, ..) = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(None));
    bench.message("update", json!({"row": {"id": "a", "n": 1}}));
    bench.pass(9_000);
    bench.message("delete", json!({"key": "a", "mutation": "m1"}));
    bench.pass(500);
    assert!(bench.views.iter().all(|view| view.rows.is_empty()), "{:?}", bench.views);
}

#[test]
fn what_the_app_could_not_store_is_taken_back() {
    let mut bench = Bench::live(persisting(), json!([{"id": "a", "n": 0}]));
    let update = bench.update("a", json!({"n": 1}));
    bench.fail_question();
    bench.pass(100);
    assert_eq!(
        (bench.outcome(update), bench.rows()),
        (vec!["rejected"], json!([{"id": "a", "n": 0}]))
    );
}

#[test]
fn a_conflict_told_by_the_app_is_one() {
    let options = CollectionOptions { policy: ConflictPolicy::Merge, ..persisting() };
    let mut bench = Bench::live(options, json!([{"id": "a", "n": 0}]));
    bench.update("a", json!({"n": 1}));
    let (request, ..) = asked(&mut bench);
    bench.message("update", json!({"row": {"id": "a", "n": 7}}));
    let cause = Cause { code: Some("conflict".into()), message: "409".into() };
    bench.with(|collections, env| collections.answer(env, super::ROWS, request, Err(cause)));
    let (_, _, _, row, mutation) = asked(&mut bench);
    assert_eq!((row, &*mutation), (Some(json!({"id": "a", "n": 1})), "m1~1"));
}

#[test]
fn a_row_stored_before_the_channel_is_joined_shows_until_it_is_loaded() {
    let mut bench = Bench::new(persisting());
    bench.insert(json!({"n": 1}));
    let (request, ..) = asked(&mut bench);
    bench.answer(request, AppResponse::Stored(Some(json!({"id": 1, "n": 1}))));
    bench.pass(60_000);
    assert_eq!(bench.rows(), json!([{"id": 1, "n": 1}]));
    bench.ready();
    bench.load(json!([{"id": 0}, {"id": 1, "n": 2}]));
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": 0}, {"id": 1, "n": 2}]));
}

#[test]
fn a_stored_row_nested_too_deeply_fails_its_change_as_an_invalid_argument() {
    for (depth, outcome) in [(MAX_DEPTH, "confirmed"), (MAX_DEPTH + 1, "invalid_argument")] {
        let mut bench = Bench::live(persisting(), json!([{"id": "a"}]));
        let update = bench.update("a", json!({"n": 1}));
        let (request, ..) = asked(&mut bench);
        bench.answer(request, AppResponse::Stored(Some(row(depth, json!({"id": "a"})))));
        assert_eq!(bench.outcome(update), [outcome], "{depth}");
    }
}

#[test]
fn a_stored_row_that_is_no_json_fails_its_change_as_an_invalid_argument() {
    for (code, outcome) in [(Some("invalid_argument"), "invalid_argument"), (None, "rejected")] {
        let mut bench = Bench::live(persisting(), json!([{"id": "a"}]));
        let update = bench.update("a", json!({"n": 1}));
        let (request, ..) = asked(&mut bench);
        let cause = Cause { code: code.map(str::to_owned), message: String::new() };
        bench.with(|collections, env| collections.answer(env, super::ROWS, request, Err(cause)));
        assert_eq!(bench.outcome(update), [outcome]);
    }
}
