//! Collections shared by several handles, and their rows after the last handle closes.

use serde_json::json;

use super::{FEED, Harness, OTHER, ROWS, options};
use crate::core::collection::{
    AppResponse, CollectionOptions, CollectionStatus, ConflictPolicy, Edit, EditKind, Key,
};
use crate::core::error::Cause;
use crate::core::id::{CollectionId, MutationId};
use crate::core::message::{RowChange, RowChangeKind};

fn with_functions(functions: &[u32]) -> CollectionOptions {
    CollectionOptions { functions: functions.to_vec(), ..options() }
}

impl Harness {
    fn open(&mut self, id: CollectionId, options: CollectionOptions) {
        self.with(|collections, env| collections.open(env, id, FEED, &"feed".into(), options));
    }

    fn close(&mut self, id: CollectionId) {
        self.with(|collections, env| collections.close(env, id));
    }

    /// The keys that the other handle shows, and whether it is live.
    fn other(&self) -> (Vec<String>, CollectionStatus) {
        let view = self.other_views.last().expect("a view");
        (view.rows.iter().map(|row| row.key.to_string()).collect(), view.status)
    }
}

#[test]
fn collections_with_the_same_options_share_one_load_and_every_change() {
    let mut harness = Harness::new(with_functions(&[1]));
    harness.ready();
    harness.open(OTHER, with_functions(&[1]));
    assert!(harness.requests_to_others.is_empty());
    harness.load(json!([{"id": "a"}]));
    harness.pass(100);
    assert_eq!((harness.keys(), harness.other().0), (vec!["a".to_owned()], vec!["a".to_owned()]));
    harness.insert_as("b", json!({"id": "b"}));
    harness.message("insert", json!({"row": {"id": "c"}}));
    harness.pass(100);
    assert_eq!(harness.other().0, ["a", "b", "c"]);
    assert_eq!(harness.other_views.last().map(|view| view.pending.len()), Some(1));
    harness.gap(9);
    assert_eq!((harness.requests.len(), harness.requests_to_others.len()), (1, 0));
}

#[test]
fn different_options_or_functions_make_a_separate_collection() {
    for other in [
        CollectionOptions { key: Key::Field("name".into()), ..with_functions(&[1]) },
        CollectionOptions { limit: Some(9), ..with_functions(&[1]) },
        CollectionOptions { policy: ConflictPolicy::Merge, ..with_functions(&[1]) },
        CollectionOptions { identity: "{}".into(), ..with_functions(&[1]) },
        with_functions(&[2]),
        with_functions(&[]),
    ] {
        let mut harness = Harness::live(with_functions(&[1]), json!([{"id": "a"}]));
        harness.open(OTHER, other);
        harness.ready();
        assert_eq!(harness.requests_to_others.len(), 1);
    }
}

#[test]
fn changes_continue_while_another_handle_is_open() {
    let mut harness = Harness::live(with_functions(&[1]), json!([{"id": "a"}]));
    harness.open(OTHER, with_functions(&[1]));
    let update = harness.update("a", json!({"n": 1}));
    harness.close(ROWS);
    assert!(harness.outcome(update).is_empty() && harness.cancelled.is_empty());
    harness.accept(update, Some(1), Some(json!({"id": "a", "n": 1})));
    assert_eq!(harness.outcome(update), ["confirmed"]);
    harness.gap(5);
    assert_eq!(
        (harness.requests.len(), harness.requests_to_others.len()),
        (0, 1),
        "the next handle receives the request"
    );
    let late = Edit {
        mutation: MutationId(99),
        id: "m99".into(),
        change: EditKind::Remove { key: "a".into() },
    };
    harness.with(|collections, env| collections.mutate(env, ROWS, late));
    assert_eq!(harness.outcome(MutationId(99)), ["invalid_argument"]);
}

#[test]
fn load_requested_from_a_closed_handle_is_used_by_the_others() {
    let mut harness = Harness::new(with_functions(&[1]));
    harness.ready();
    harness.open(OTHER, with_functions(&[1]));
    harness.close(ROWS);
    harness.load(json!([{"id": "a"}]));
    harness.pass(100);
    assert_eq!(harness.other(), (vec!["a".to_owned()], CollectionStatus::Live));
    assert!(harness.requests_to_others.is_empty());
}

#[test]
fn closed_collection_keeps_its_rows_for_the_linger_time() {
    let mut harness = Harness::live(with_functions(&[1]), json!([{"id": "a"}]));
    harness.close(ROWS);
    harness.pass(999);
    harness.message("insert", json!({"row": {"id": "b"}}));
    let peeked = harness.collections.peek("feed", &with_functions(&[1])).expect("rows");
    assert_eq!(peeked.rows.len(), 2);
    harness.open(OTHER, with_functions(&[1]));
    assert_eq!(harness.other(), (vec!["a".to_owned(), "b".to_owned()], CollectionStatus::Live));
    harness.ready();
    harness.pass(60_000);
    assert!(
        harness.requests.is_empty() && harness.requests_to_others.is_empty(),
        "nothing is loaded again"
    );

    harness.close(OTHER);
    harness.pass(1_000);
    assert!(harness.collections.peek("feed", &with_functions(&[1])).is_none());
    harness.open(OTHER, with_functions(&[1]));
    harness.ready();
    assert_eq!(harness.requests_to_others.len(), 1);
    assert_eq!(harness.collections.poll_timeout(), None);
}

#[test]
fn reopening_with_another_function_shows_the_old_rows_and_reloads_silently() {
    let mut harness = Harness::live(with_functions(&[1]), json!([{"id": "a"}]));
    harness.close(ROWS);
    assert!(harness.collections.peek("feed", &with_functions(&[2])).is_some());
    harness.open(OTHER, with_functions(&[2]));
    assert_eq!(harness.other(), (vec!["a".to_owned()], CollectionStatus::Live));
    let (request, _) = harness.requests_to_others.pop().expect("it loads");
    let rows = vec![json!({"id": "z"})];
    harness.with(|collections, env| {
        collections.answer(env, OTHER, request, Ok(AppResponse::Rows { rows, position: None }));
    });
    harness.pass(100);
    assert_eq!(harness.other(), (vec!["z".to_owned()], CollectionStatus::Live));
    let all_live = harness.other_views.iter().all(|view| view.status == CollectionStatus::Live);
    assert!(all_live, "{:?}", harness.other_views);
}

#[test]
fn reopening_without_positions_reloads_silently() {
    let mut harness = Harness::new(with_functions(&[1]));
    harness.with(|collections, env| collections.ready(env, FEED, None));
    harness.load(json!([{"id": "a"}]));
    harness.close(ROWS);
    harness.open(OTHER, with_functions(&[1]));
    assert_eq!(harness.other(), (vec!["a".to_owned()], CollectionStatus::Live));
    assert_eq!(harness.requests_to_others.len(), 1);
}

#[test]
fn collection_that_could_not_be_updated_does_not_linger() {
    let cause = || Cause { code: None, message: "down".into() };
    for end in ["gap", "user", "load", "no linger time"] {
        let mut harness = Harness::live(with_functions(&[1]), json!([{"id": "a"}]));
        if end == "load" {
            harness.with(|collections, env| collections.reload(env, ROWS));
        }
        if end == "no linger time" {
            harness.env.config.linger_ms = 0;
        }
        harness.close(ROWS);
        match end {
            "gap" => harness.gap(9),
            "user" => harness.with(|collections, env| collections.identity_changed(env)),
            "load" => {
                let (request, _) = harness.take_request();
                harness
                    .with(|collections, env| collections.answer(env, ROWS, request, Err(cause())));
                harness.pass(500);
            }
            _ => {}
        }
        assert!(harness.collections.peek("feed", &with_functions(&[1])).is_none(), "{end}");
        harness.pass(60_000);
        assert_eq!(
            (harness.requests.len(), harness.collections.poll_timeout()),
            (0, None),
            "{end}"
        );
    }
}

#[test]
fn failed_load_does_not_linger_and_the_next_function_is_called_at_once() {
    let mut harness = Harness::new(with_functions(&[1]));
    harness.ready();
    harness.fail_request();
    harness.close(ROWS);
    harness.open(OTHER, with_functions(&[2]));
    harness.ready();
    assert_eq!(harness.requests_to_others.len(), 1);
    assert!(harness.other_views.iter().all(|view| view.error.is_none()));
}

#[test]
fn database_change_is_applied_once_for_all_sharing_handles() {
    let mut harness = Harness::live(with_functions(&[1]), json!([]));
    harness.open(OTHER, with_functions(&[1]));
    let change = RowChange { kind: RowChangeKind::Insert, old: None, new: Some(json!({"id": 1})) };
    for id in [ROWS, OTHER] {
        harness.with(|collections, env| collections.change(env, id, &change));
    }
    harness.pass(100);
    assert_eq!((harness.keys(), harness.other().0), (vec!["1".to_owned()], vec!["1".to_owned()]));
}
