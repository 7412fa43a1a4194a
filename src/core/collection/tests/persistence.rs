//! Changes stored by the app itself, for example over REST.

use serde_json::{Value, json};

use super::{Harness, options};
use crate::core::client::tests::nesting::row;
use crate::core::collection::{
    AppRequest, AppResponse, ChangeKind, CollectionOptions, ConflictPolicy,
};
use crate::core::error::Cause;
use crate::core::id::RequestId;
use crate::core::payload::MAX_DEPTH;

fn persisting() -> CollectionOptions {
    CollectionOptions { persists: true, ..options() }
}

fn take_persist_request(
    harness: &mut Harness,
) -> (RequestId, ChangeKind, String, Option<Value>, String) {
    let (request, app_request) = harness.take_request();
    let AppRequest::Persist(change) = app_request else { panic!("{app_request:?}") };
    (request, change.kind, change.key.to_string(), change.row, change.mutation)
}

#[test]
fn change_stored_by_the_app_is_confirmed_by_its_row() {
    let mut harness = Harness::live(persisting(), json!([]));
    let insert = harness.insert(json!({"n": 1}));
    let (request, kind, key, row, mutation) = take_persist_request(&mut harness);
    assert_eq!((kind, &*key, &*mutation), (ChangeKind::Insert, "tmp:m1", "m1"));
    assert_eq!(row, Some(json!({"n": 1})));
    harness.answer(request, AppResponse::Stored(Some(json!({"id": 3, "n": 1}))));
    assert_eq!(
        (harness.outcome(insert), harness.keys()),
        (vec!["confirmed"], vec!["3".to_owned()])
    );
    harness.message("insert", json!({"row": {"id": 3, "n": 1}, "mutation": "m1"}));
    harness.pass(500);
    assert_eq!((harness.rows(), harness.sent.len()), (json!([{"id": 3, "n": 1}]), 0));
}

#[test]
fn change_stored_by_the_app_may_be_confirmed_by_the_channel_first() {
    let mut harness = Harness::live(persisting(), json!([{"id": "a"}]));
    let update = harness.update("a", json!({"n": 1}));
    harness.message("update", json!({"row": {"id": "a", "n": 1}, "mutation": "m1"}));
    assert_eq!(harness.outcome(update), ["confirmed"]);
    let (request, ..) = take_persist_request(&mut harness);
    harness.message("update", json!({"row": {"id": "a", "n": 2}}));
    harness.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": 1}))));
    harness.pass(500);
    assert_eq!(
        (harness.outcome(update), harness.rows()),
        (vec!["confirmed"], json!([{"id": "a", "n": 2}]))
    );
}

#[test]
fn changes_of_a_row_are_stored_sequentially() {
    let mut harness = Harness::live(persisting(), json!([{"id": "a"}]));
    harness.update("a", json!({"n": 1}));
    harness.update("a", json!({"n": 2}));
    let (request, _, _, row, _) = take_persist_request(&mut harness);
    assert_eq!(row, Some(json!({"id": "a", "n": 1})));
    harness.answer(request, AppResponse::Stored(None));
    let (_, _, _, row, _) = take_persist_request(&mut harness);
    assert_eq!(row, Some(json!({"id": "a", "n": 2})));
}

#[test]
fn echo_older_than_the_response_does_not_show() {
    let mut harness = Harness::live(persisting(), json!([{"id": "a", "n": 0}]));
    for n in 1..=2 {
        harness.update("a", json!({"n": n}));
        let (request, ..) = take_persist_request(&mut harness);
        harness.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": n}))));
    }
    harness.pass(100);
    for n in 1..=2 {
        harness.message("update", json!({"row": {"id": "a", "n": n}, "mutation": format!("m{n}")}));
        harness.pass(100);
        assert_eq!(harness.rows(), json!([{"id": "a", "n": 2}]));
    }
    harness.message("update", json!({"row": {"id": "a", "n": 3}}));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 3}]));
}

#[test]
fn former_row_of_the_key_does_not_replace_the_stored_row() {
    let mut harness = Harness::live(persisting(), json!([]));
    let insert = harness.insert_as("a", json!({"id": "a", "n": 2}));
    let (request, ..) = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(Some(json!({"id": "a", "n": 2, "v": 1}))));
    assert_eq!(harness.outcome(insert), ["confirmed"]);
    let stored = json!([{"id": "a", "n": 2, "v": 1}]);
    // Late messages of the channel: another user's row of this key, and its removal.
    harness.message("insert", json!({"row": {"id": "a", "n": 1, "v": 1}, "mutation": "other"}));
    harness.pass(500);
    assert_eq!(harness.rows(), stored);
    harness.message("delete", json!({"key": "a"}));
    harness.pass(500);
    assert_eq!(harness.rows(), stored);
    harness.message("insert", json!({"row": {"id": "a", "n": 2, "v": 1}, "mutation": "m1"}));
    harness.pass(60_000);
    assert_eq!(harness.rows(), stored);
}

#[test]
fn update_in_transit_does_not_restore_a_removed_row() {
    let mut harness = Harness::live(persisting(), json!([{"id": "a", "n": 0}]));
    harness.remove("a");
    let (request, ..) = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(None));
    harness.message("update", json!({"row": {"id": "a", "n": 1}}));
    harness.pass(9_000);
    harness.message("delete", json!({"key": "a", "mutation": "m1"}));
    harness.pass(500);
    assert!(harness.views.iter().all(|view| view.rows.is_empty()), "{:?}", harness.views);
}

#[test]
fn change_that_the_app_could_not_store_is_rolled_back() {
    let mut harness = Harness::live(persisting(), json!([{"id": "a", "n": 0}]));
    let update = harness.update("a", json!({"n": 1}));
    harness.fail_request();
    harness.pass(100);
    assert_eq!(
        (harness.outcome(update), harness.rows()),
        (vec!["rejected"], json!([{"id": "a", "n": 0}]))
    );
}

#[test]
fn conflict_reported_by_the_app_is_handled_as_a_conflict() {
    let options = CollectionOptions { policy: ConflictPolicy::Merge, ..persisting() };
    let mut harness = Harness::live(options, json!([{"id": "a", "n": 0}]));
    harness.update("a", json!({"n": 1}));
    let (request, ..) = take_persist_request(&mut harness);
    harness.message("update", json!({"row": {"id": "a", "n": 7}}));
    let cause = Cause { code: Some("conflict".into()), message: "409".into() };
    harness.with(|collections, env| collections.answer(env, super::ROWS, request, Err(cause)));
    let (_, _, _, row, mutation) = take_persist_request(&mut harness);
    assert_eq!((row, &*mutation), (Some(json!({"id": "a", "n": 1})), "m1~1"));
}

#[test]
fn row_stored_before_the_join_shows_until_the_load() {
    let mut harness = Harness::new(persisting());
    harness.insert(json!({"n": 1}));
    let (request, ..) = take_persist_request(&mut harness);
    harness.answer(request, AppResponse::Stored(Some(json!({"id": 1, "n": 1}))));
    harness.pass(60_000);
    assert_eq!(harness.rows(), json!([{"id": 1, "n": 1}]));
    harness.ready();
    harness.load(json!([{"id": 0}, {"id": 1, "n": 2}]));
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": 0}, {"id": 1, "n": 2}]));
}

#[test]
fn too_deeply_nested_stored_row_fails_its_change_with_invalid_argument() {
    for (depth, outcome) in [(MAX_DEPTH, "confirmed"), (MAX_DEPTH + 1, "invalid_argument")] {
        let mut harness = Harness::live(persisting(), json!([{"id": "a"}]));
        let update = harness.update("a", json!({"n": 1}));
        let (request, ..) = take_persist_request(&mut harness);
        harness.answer(request, AppResponse::Stored(Some(row(depth, json!({"id": "a"})))));
        assert_eq!(harness.outcome(update), [outcome], "{depth}");
    }
}

#[test]
fn stored_row_that_is_not_json_fails_its_change_with_invalid_argument() {
    for (code, outcome) in [(Some("invalid_argument"), "invalid_argument"), (None, "rejected")] {
        let mut harness = Harness::live(persisting(), json!([{"id": "a"}]));
        let update = harness.update("a", json!({"n": 1}));
        let (request, ..) = take_persist_request(&mut harness);
        let cause = Cause { code: code.map(str::to_owned), message: String::new() };
        harness.with(|collections, env| collections.answer(env, super::ROWS, request, Err(cause)));
        assert_eq!(harness.outcome(update), [outcome]);
    }
}
