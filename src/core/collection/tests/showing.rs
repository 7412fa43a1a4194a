//! What shows, and when it is told.

use serde_json::{Value, json};

use super::{Bench, FEED, ROWS, options};
use crate::core::collection::{CollectionOptions, CollectionStatus};
use crate::core::id::CollectionId;

#[test]
fn an_insert_an_update_and_a_removal_show_at_once() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
    bench.insert_as("c", json!({"id": "c"}));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}, {"id": "c"}]));
    bench.update("a", json!({"n": 2}));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2}, {"id": "b"}, {"id": "c"}]));
    bench.remove("b");
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2}, {"id": "c"}]));
    assert_eq!((bench.views.len(), bench.pending()), (3, 3));
}

#[test]
fn changes_of_the_server_are_told_at_once_and_then_once_a_window() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    for n in 1..=5 {
        bench.message("update", json!({"row": {"id": "a", "n": n}}));
    }
    assert_eq!((bench.views.len(), bench.rows()), (1, json!([{"id": "a", "n": 1}])));
    bench.pass(99);
    assert_eq!(bench.views.len(), 1);
    bench.pass(1);
    assert_eq!((bench.views.len(), bench.rows()), (2, json!([{"id": "a", "n": 5}])));
    bench.pass(500);
    assert_eq!((bench.views.len(), bench.collections.poll_timeout()), (2, None));
}

#[test]
fn a_local_change_does_not_wait_for_the_window_and_takes_along_what_does() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    bench.message("update", json!({"row": {"id": "a", "n": 1}}));
    bench.message("update", json!({"row": {"id": "a", "n": 2}}));
    bench.update("a", json!({"mine": true}));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2, "mine": true}]));
    bench.pass(500);
    assert_eq!(bench.views.len(), 2);
}

#[test]
fn a_message_that_changes_nothing_tells_no_view() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 1}]));
    bench.message("update", json!({"row": {"id": "a", "n": 1}}));
    bench.message("insert", json!({"row": {"n": 1, "id": "a"}}));
    bench.message("delete", json!({"key": "nobody"}));
    bench.message("other", json!({"row": {"id": "z"}}));
    bench.pass(500);
    assert_eq!(bench.views.len(), 0);
}

#[test]
fn an_inbound_update_is_merged_an_insert_replaces_and_an_unknown_row_is_taken_in() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 1, "m": 1}]));
    bench.message("update", json!({"row": {"id": "a", "n": 2}}));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 2, "m": 1}]));
    bench.pass(100);
    bench.message("insert", json!({"row": {"id": "a", "n": 3}}));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 3}]));
    bench.pass(100);
    bench.message("update", json!({"row": {"id": "b", "n": 1}}));
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 3}, {"id": "b", "n": 1}]));
}

#[test]
fn several_pending_changes_of_a_row_show_together_in_their_order() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "x": 0, "y": 0}]));
    bench.update("a", json!({"x": 1}));
    bench.update("a", json!({"x": 2, "y": 2}));
    bench.update("a", json!({"y": 3}));
    assert_eq!(bench.rows(), json!([{"id": "a", "x": 2, "y": 3}]));
    bench.message("update", json!({"row": {"id": "a", "z": 9}}));
    assert_eq!(bench.rows(), json!([{"id": "a", "x": 2, "y": 3, "z": 9}]));
}

#[test]
fn rows_are_shown_by_key_however_they_came() {
    let mut bench = Bench::live(options(), json!([{"id": "c"}, {"id": "a"}, {"id": "b"}]));
    bench.update("c", json!({"n": 1}));
    bench.message("update", json!({"row": {"id": "a", "n": 1}}));
    bench.message("insert", json!({"row": {"id": "0"}}));
    bench.pass(100);
    assert_eq!(bench.keys(), ["0", "a", "b", "c"]);
}

#[test]
fn two_collections_show_the_same_order_whether_rows_were_loaded_or_came_live() {
    let rows = [json!("b"), json!(10), json!("a"), json!("9"), json!(-3), json!("007")];
    let row = |id: &Value| json!({"id": id});
    let loaded = Bench::live(options(), rows.iter().rev().map(row).collect());
    let mut live = Bench::live(options(), json!([]));
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
fn rows_without_a_key_yet_come_last_in_the_order_of_their_insertion() {
    let mut bench = Bench::live(options(), json!([{"id": 2}, {"id": "zz"}]));
    let first = bench.insert(json!({"n": 1}));
    for n in 2..=12 {
        bench.insert(json!({"n": n}));
    }
    let pending: Vec<String> = (1..=12).map(|n| format!("tmp:m{n}")).collect();
    assert_eq!(bench.keys(), [vec!["2".to_owned(), "zz".to_owned()], pending.clone()].concat());
    bench.accept(first, Some(1), Some(json!({"id": 1, "n": 1})));
    bench.pass(100);
    let shown = [vec!["1".to_owned(), "2".to_owned(), "zz".to_owned()], pending[1..].to_vec()];
    assert_eq!(bench.keys(), shown.concat());
    bench.with(|collections, env| collections.reload(env, ROWS));
    bench.load_at(json!([{"id": 2}, {"id": 1, "n": 1}, {"id": "zz"}]), 1);
    bench.pass(20_000);
    assert_eq!(bench.keys(), shown.concat());
}

#[test]
fn a_change_of_an_unknown_row_fails_at_once() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    let update = bench.update("z", json!({"n": 1}));
    let removal = bench.remove("z");
    bench.remove("a");
    let late = bench.update("a", json!({"n": 1}));
    for mutation in [update, removal, late] {
        assert_eq!(bench.outcome(mutation), ["not_found"]);
    }
    assert_eq!(bench.sent.len(), 1);
}

#[test]
fn what_is_no_object_is_not_taken_in() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    let insert = bench.insert(json!([1]));
    let update = bench.update("a", json!(null));
    assert_eq!(bench.outcome(insert), ["invalid_argument"]);
    assert_eq!(bench.outcome(update), ["invalid_argument"]);
}

#[test]
fn without_a_load_a_collection_is_live_when_its_channel_is() {
    let mut bench = Bench::new(CollectionOptions { loads: false, ..options() });
    bench.ready();
    let view = bench.views.last().expect("a view");
    assert_eq!((view.status, view.rows.len()), (CollectionStatus::Live, 0));
    bench.message("insert", json!({"row": {"id": "a"}}));
    bench.gap(10);
    bench.pass(100);
    assert_eq!(bench.keys(), ["a"]);
    assert_eq!(bench.views.last().expect("a view").status, CollectionStatus::Live);
}

#[test]
fn collections_of_one_channel_do_not_mix() {
    let mut bench = Bench::live(options(), json!([]));
    let bills = ["bill", "bill-changed", "bill-gone"].map(Into::into);
    let other = CollectionOptions { events: bills, loads: false, ..options() };
    bench.with(|collections, env| {
        collections.open(env, CollectionId(2), FEED, &"feed".into(), other)
    });
    bench.ready();
    bench.message("bill", json!({"row": {"id": "x"}}));
    bench.message("insert", json!({"row": {"id": "a"}}));
    assert_eq!(bench.keys(), ["a"]);
}

#[test]
fn hostile_payloads_are_ignored() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
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
            bench.echo(event, payload.clone(), Some("m1"));
        }
    }
    bench.pass(500);
    assert_eq!(bench.views.len(), 0);
}

#[test]
fn closing_fails_what_is_unsettled_and_leaves_nothing_behind() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    let sent = bench.update("a", json!({"n": 1}));
    let waits = bench.update("a", json!({"n": 2}));
    bench.with(|collections, env| collections.close(env, ROWS));
    assert_eq!((bench.outcome(sent), bench.outcome(waits)), (vec!["aborted"], vec!["aborted"]));
    assert_eq!(bench.cancelled, [sent]);
    let views = bench.views.len();
    bench.message("insert", json!({"row": {"id": "b"}}));
    bench.accept(sent, Some(9), None);
    bench.pass(1_000);
    assert_eq!((bench.views.len(), bench.collections.poll_timeout()), (views, None));
}
