//! Views: their content, and when they are emitted.

use serde_json::{Value, json};

use super::{FEED, Harness, ROWS, options};
use crate::core::collection::{CollectionOptions, CollectionStatus};
use crate::core::id::CollectionId;

#[test]
fn insert_update_and_removal_show_at_once() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
    harness.insert_as("c", json!({"id": "c"}));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}, {"id": "c"}]));
    harness.update("a", json!({"n": 2}));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2}, {"id": "b"}, {"id": "c"}]));
    harness.remove("b");
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2}, {"id": "c"}]));
    assert_eq!((harness.views.len(), harness.pending()), (3, 3));
}

#[test]
fn server_changes_are_emitted_at_once_and_then_once_per_window() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    for n in 1..=5 {
        harness.message("update", json!({"row": {"id": "a", "n": n}}));
    }
    assert_eq!((harness.views.len(), harness.rows()), (1, json!([{"id": "a", "n": 1}])));
    harness.pass(99);
    assert_eq!(harness.views.len(), 1);
    harness.pass(1);
    assert_eq!((harness.views.len(), harness.rows()), (2, json!([{"id": "a", "n": 5}])));
    harness.pass(500);
    assert_eq!((harness.views.len(), harness.collections.poll_timeout()), (2, None));
}

#[test]
fn local_change_is_emitted_at_once_together_with_throttled_ones() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    harness.message("update", json!({"row": {"id": "a", "n": 1}}));
    harness.message("update", json!({"row": {"id": "a", "n": 2}}));
    harness.update("a", json!({"mine": true}));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2, "mine": true}]));
    harness.pass(500);
    assert_eq!(harness.views.len(), 2);
}

#[test]
fn message_without_changes_emits_no_view() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 1}]));
    harness.message("update", json!({"row": {"id": "a", "n": 1}}));
    harness.message("insert", json!({"row": {"n": 1, "id": "a"}}));
    harness.message("delete", json!({"key": "nobody"}));
    harness.message("other", json!({"row": {"id": "z"}}));
    harness.pass(500);
    assert_eq!(harness.views.len(), 0);
}

#[test]
fn received_update_is_merged_insert_replaces_and_unknown_row_is_added() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 1, "m": 1}]));
    harness.message("update", json!({"row": {"id": "a", "n": 2}}));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 2, "m": 1}]));
    harness.pass(100);
    harness.message("insert", json!({"row": {"id": "a", "n": 3}}));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 3}]));
    harness.pass(100);
    harness.message("update", json!({"row": {"id": "b", "n": 1}}));
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 3}, {"id": "b", "n": 1}]));
}

#[test]
fn pending_changes_of_a_row_are_applied_in_order() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "x": 0, "y": 0}]));
    harness.update("a", json!({"x": 1}));
    harness.update("a", json!({"x": 2, "y": 2}));
    harness.update("a", json!({"y": 3}));
    assert_eq!(harness.rows(), json!([{"id": "a", "x": 2, "y": 3}]));
    harness.message("update", json!({"row": {"id": "a", "z": 9}}));
    assert_eq!(harness.rows(), json!([{"id": "a", "x": 2, "y": 3, "z": 9}]));
}

#[test]
fn rows_are_ordered_by_key_in_any_order_of_arrival() {
    let mut harness = Harness::live(options(), json!([{"id": "c"}, {"id": "a"}, {"id": "b"}]));
    harness.update("c", json!({"n": 1}));
    harness.message("update", json!({"row": {"id": "a", "n": 1}}));
    harness.message("insert", json!({"row": {"id": "0"}}));
    harness.pass(100);
    assert_eq!(harness.keys(), ["0", "a", "b", "c"]);
}

#[test]
fn order_is_the_same_for_loaded_and_received_rows() {
    let rows = [json!("b"), json!(10), json!("a"), json!("9"), json!(-3), json!("007")];
    let row = |id: &Value| json!({"id": id});
    let loaded = Harness::live(options(), rows.iter().rev().map(row).collect());
    let mut live = Harness::live(options(), json!([]));
    for id in &rows {
        live.message("insert", json!({"row": row(id)}));
    }
    live.pass(100);
    let mut reloaded = loaded;
    reloaded.with(|collections, env| collections.reload(env, ROWS));
    reloaded.load(rows.iter().map(row).collect());
    reloaded.pass(100);
    assert_eq!(live.keys(), ["-3", "9", "10", "007", "a", "b"]);
    assert_eq!(reloaded.keys(), live.keys());
}

#[test]
fn temporary_rows_are_last_in_the_order_of_insertion() {
    let mut harness = Harness::live(options(), json!([{"id": 2}, {"id": "zz"}]));
    let first = harness.insert(json!({"n": 1}));
    for n in 2..=12 {
        harness.insert(json!({"n": n}));
    }
    let pending: Vec<String> = (1..=12).map(|n| format!("tmp:m{n}")).collect();
    assert_eq!(harness.keys(), [vec!["2".to_owned(), "zz".to_owned()], pending.clone()].concat());
    harness.accept(first, Some(1), Some(json!({"id": 1, "n": 1})));
    harness.pass(100);
    let shown = [vec!["1".to_owned(), "2".to_owned(), "zz".to_owned()], pending[1..].to_vec()];
    assert_eq!(harness.keys(), shown.concat());
    harness.with(|collections, env| collections.reload(env, ROWS));
    harness.load_at(json!([{"id": 2}, {"id": 1, "n": 1}, {"id": "zz"}]), 1);
    harness.pass(20_000);
    assert_eq!(harness.keys(), shown.concat());
}

#[test]
fn change_of_an_unknown_row_fails_at_once() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    let update = harness.update("z", json!({"n": 1}));
    let removal = harness.remove("z");
    harness.remove("a");
    let late = harness.update("a", json!({"n": 1}));
    for mutation in [update, removal, late] {
        assert_eq!(harness.outcome(mutation), ["not_found"]);
    }
    assert_eq!(harness.sent.len(), 1);
}

#[test]
fn row_that_is_not_an_object_is_dropped() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    let insert = harness.insert(json!([1]));
    let update = harness.update("a", json!(null));
    assert_eq!(harness.outcome(insert), ["invalid_argument"]);
    assert_eq!(harness.outcome(update), ["invalid_argument"]);
}

#[test]
fn collection_without_a_load_is_live_when_its_channel_is_joined() {
    let mut harness = Harness::new(CollectionOptions { loads: false, ..options() });
    harness.ready();
    let view = harness.views.last().expect("a view");
    assert_eq!((view.status, view.rows.len()), (CollectionStatus::Live, 0));
    harness.message("insert", json!({"row": {"id": "a"}}));
    harness.gap(10);
    harness.pass(100);
    assert_eq!(harness.keys(), ["a"]);
    assert_eq!(harness.views.last().expect("a view").status, CollectionStatus::Live);
}

#[test]
fn collections_of_one_channel_do_not_mix() {
    let mut harness = Harness::live(options(), json!([]));
    let bills = ["bill", "bill-changed", "bill-gone"].map(Into::into);
    let other = CollectionOptions { events: bills, loads: false, ..options() };
    harness.with(|collections, env| {
        collections.open(env, CollectionId(2), FEED, &"feed".into(), other);
    });
    harness.ready();
    harness.message("bill", json!({"row": {"id": "x"}}));
    harness.message("insert", json!({"row": {"id": "a"}}));
    assert_eq!(harness.keys(), ["a"]);
}

#[test]
fn hostile_payloads_are_ignored() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    for payload in [
        json!(null),
        json!("row"),
        json!([]),
        json!({}),
        json!({"row": null}),
        json!({"row": [1]}),
        json!({"row": {"id": true}}),
        json!({"row": {"id": {"id": 1}}}),
        json!({"row": {"id": 1.5}}),
        json!({"key": [], "row": 7, "mutation": {}}),
    ] {
        for event in ["insert", "update", "delete"] {
            harness.echo(event, payload.clone(), Some("m1"));
        }
    }
    harness.pass(500);
    assert_eq!(harness.views.len(), 0);
}

#[test]
fn close_fails_unsettled_changes_and_frees_all_state() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    let sent = harness.update("a", json!({"n": 1}));
    let waits = harness.update("a", json!({"n": 2}));
    harness.with(|collections, env| collections.close(env, ROWS));
    assert_eq!((harness.outcome(sent), harness.outcome(waits)), (vec!["aborted"], vec!["aborted"]));
    assert_eq!(harness.cancelled, [sent]);
    let views = harness.views.len();
    harness.message("insert", json!({"row": {"id": "b"}}));
    harness.accept(sent, Some(9), None);
    harness.pass(1_000);
    assert_eq!((harness.views.len(), harness.collections.poll_timeout()), (views, None));
}
