//! The rows with the own changes over them alone.

use serde_json::{Value, json};

use super::{LateMessages, OptimisticRows};
use crate::core::collection::loading::ReceivedChange;
use crate::core::collection::mutation::{Effect, Mutation, Update};
use crate::core::collection::rows_progress::{Awaited, RowsProgress};
use crate::core::collection::stage::{Accepted, Reconcile, Sent, Stage};
use crate::core::collection::testing::options;
use crate::core::collection::{ChangeKind, CollectionOptions, EditKind};
use crate::core::error::Code;
use crate::core::id::MutationId;
use crate::core::time::Instant;

const LIVE: RowsProgress = RowsProgress { loads: 1, reached: None, awaited: Awaited::Nothing };

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

/// Server rows by their keys, each with the field `a`.
fn rows(server: &[(&str, i32)]) -> OptimisticRows<Value> {
    let mut rows = OptimisticRows::default();
    for (key, a) in server {
        rows.table.put(&(*key).into(), Some(json!({ "id": key, "a": a })));
    }
    rows
}

fn persisting() -> CollectionOptions {
    CollectionOptions { persists: true, ..options() }
}

fn sent() -> Stage<Value> {
    let (request, transmitted, base) = (None, true, None);
    Stage::Sent(Sent { request, transmitted, base, loads: 0, observed: false })
}

fn accepted(row: Option<Value>, loads: u32) -> Stage<Value> {
    Stage::Accepted(Accepted { row, seq: None, loads, commit_at: at(10), drop_at: None })
}

fn add(rows: &mut OptimisticRows<Value>, key: &str, effect: Effect<Value>, stage: Stage<Value>) {
    let mut mutation = Mutation::new(MutationId(1), "m".into(), key.into(), effect);
    mutation.stage = stage;
    rows.add(mutation);
}

fn update(patch: Value) -> Effect<Value> {
    Effect::Update(Update { patch, base: None, resolved: None })
}

fn insert(row: Value) -> Effect<Value> {
    Effect::Insert { shown: row.clone(), row }
}

fn shown(rows: &mut OptimisticRows<Value>) -> Vec<Value> {
    assert!(rows.refresh(&options()).is_none());
    rows.table.rows().into_iter().map(|row| row.row).collect()
}

#[test]
fn insert_without_a_key_shows_under_a_temporary_one() {
    let rows = rows(&[]);
    let edit = EditKind::Insert { key: None, row: json!({ "a": 1 }) };
    let (key, effect) = rows.effect(&options(), &"m".into(), edit).expect("an effect");
    assert_eq!(&*key, "tmp:m");
    let Effect::Insert { row, shown } = effect else { panic!("{effect:?}") };
    assert_eq!((row, shown), (json!({ "a": 1 }), json!({ "a": 1, "id": "tmp:m" })));
}

#[test]
fn change_of_a_row_that_does_not_show_is_rejected() {
    let mut rows = rows(&[("1", 0)]);
    let remove = |key: &str| EditKind::Remove { key: key.into() };
    let code = |rows: &OptimisticRows<Value>, edit| {
        rows.effect(&options(), &"m".into(), edit).err().map(|error| error.code)
    };
    assert_eq!(code(&rows, remove("2")), Some(Code::NotFound));
    assert_eq!(code(&rows, remove("1")), None);
    add(&mut rows, "1", Effect::Remove, sent());
    assert_eq!(code(&rows, remove("1")), Some(Code::NotFound));
    let patch = EditKind::Update { key: "1".into(), patch: json!(1) };
    assert_eq!(code(&rows, patch), Some(Code::InvalidArgument));
}

#[test]
fn own_change_shows_over_the_server_s_row_and_the_newest_row_has_accepted_ones_only() {
    let mut rows = rows(&[("1", 0)]);
    add(&mut rows, "1", update(json!({ "a": 1 })), accepted(None, 0));
    add(&mut rows, "1", update(json!({ "b": 2 })), sent());
    assert_eq!(rows.newest("1"), Some(json!({ "id": "1", "a": 1 })));
    assert_eq!(shown(&mut rows), [json!({ "id": "1", "a": 1, "b": 2 })]);
}

#[test]
fn renamed_key_is_the_key_of_the_row_its_changes_and_later_edits() {
    let mut rows = rows(&[]);
    add(&mut rows, "tmp:m", insert(json!({ "a": 1 })), sent());
    rows.rename_key(&"tmp:m".into(), &"7".into());
    assert!(rows.mutations.affects("7") && !rows.mutations.affects("tmp:m"));
    let edit = EditKind::Update { key: "tmp:m".into(), patch: json!({}) };
    let (key, _) = rows.effect(&options(), &"n".into(), edit).expect("an effect");
    assert_eq!(&*key, "7");
}

#[test]
fn update_of_an_unknown_row_is_ignored_where_rows_are_limited() {
    let mut rows = rows(&[("1", 0)]);
    let row = || Some(json!({ "id": "2" }));
    rows.apply(Some(1), ChangeKind::Update, &"2".into(), row());
    assert!(rows.table.server("2").is_none());
    rows.apply(None, ChangeKind::Update, &"2".into(), row());
    assert!(rows.table.server("2").is_some());
    rows.trim(Some(1));
    assert!(rows.table.server("1").is_none());
}

#[test]
fn echo_keeps_what_later_own_changes_made_of_the_row() {
    let mut rows = rows(&[("1", 0)]);
    for (id, patch) in [("m1", json!({ "a": 1 })), ("m2", json!({ "a": 2 }))] {
        let stage = accepted(None, 0);
        let mut mutation = Mutation::new(MutationId(1), id.into(), "1".into(), update(patch));
        mutation.stage = stage;
        rows.add(mutation);
        assert!(rows.commit(None, 0, at(10)).is_some());
    }
    rows.recent.find_by_message_id("m1");
    let echo = Some(json!({ "id": "1", "a": 1, "b": 5 }));
    assert_eq!(rows.not_overtaken("1", echo), Some(json!({ "id": "1", "a": 2, "b": 5 })));
}

#[test]
fn committed_change_is_a_row_of_the_server_whose_echo_is_awaited() {
    let mut rows = rows(&[("1", 0)]);
    add(&mut rows, "1", update(json!({ "a": 1 })), accepted(None, 0));
    rows.commit(None, 0, at(10));
    assert_eq!(rows.table.server("1"), Some(&json!({ "id": "1", "a": 1 })));
    assert!(rows.recent.find_by_message_id("m").is_some());
}

#[test]
fn missed_insert_is_an_accepted_one_that_is_not_among_the_rows() {
    let mut rows = rows(&[]);
    add(&mut rows, "1", insert(json!({ "id": "1" })), sent());
    assert_eq!(rows.missed_insert("1"), None);
    add(&mut rows, "2", insert(json!({ "id": "2" })), accepted(None, 0));
    assert_eq!(rows.missed_insert("2"), Some(1));
    rows.table.put(&"2".into(), Some(json!({ "id": "2" })));
    assert_eq!(rows.missed_insert("2"), None);
}

#[test]
fn due_change_needs_a_load_where_nobody_knows_the_stored_row() {
    let mut rows = rows(&[("1", 0)]);
    add(&mut rows, "1", update(json!({ "a": 1 })), accepted(None, 0));
    let commit = (0, Reconcile::Commit);
    assert!(rows.needs_load(&persisting(), commit, LIVE));
    assert!(!rows.needs_load(&options(), commit, LIVE));
    assert!(!rows.needs_load(&persisting(), (0, Reconcile::Drop), LIVE));
}

#[test]
fn dropped_change_needs_a_load_where_the_rows_lack_it() {
    let lacks = |server: i32| {
        let mut rows = rows(&[("1", server)]);
        let (row, commit_at, drop_at) = (None, at(10), Some(at(10)));
        let stage = Stage::Accepted(Accepted { row, seq: None, loads: 1, commit_at, drop_at });
        add(&mut rows, "1", update(json!({ "a": 1 })), stage);
        rows.needs_load(&options(), (0, Reconcile::Drop), LIVE)
    };
    assert!(lacks(0) && !lacks(1));
}

#[test]
fn loaded_row_that_equals_an_insert_without_a_key_is_it_where_the_app_stores_changes() {
    let loaded = || vec![("7".into(), json!({ "id": 7, "a": 1 }))];
    for (options, key) in [(persisting(), "7"), (options(), "tmp:m")] {
        let mut rows = rows(&[]);
        add(&mut rows, "tmp:m", insert(json!({ "a": 1 })), sent());
        assert!(rows.replace(&options, loaded(), vec![], |_| true).is_empty());
        assert!(rows.mutations.affects(key));
    }
    let mut rows = rows(&[]);
    add(&mut rows, "tmp:m", insert(json!({ "a": 1 })), accepted(None, 0));
    assert_eq!(rows.replace(&persisting(), loaded(), vec![], |_| true).len(), 1);
    assert_eq!(rows.mutations.iter().count(), 0);
}

#[test]
fn changes_received_during_a_load_are_applied_to_its_rows_if_they_are_later() {
    let mut rows = rows(&[("1", 0), ("2", 0)]);
    let change = |key: &str, a: i32| ReceivedChange {
        position: None,
        kind: ChangeKind::Update,
        key: key.into(),
        row: Some(json!({ "a": a })),
    };
    let loaded = vec![("1".into(), json!({ "a": 5 })), ("2".into(), json!({ "a": 5 }))];
    let received = vec![change("1", 9), change("2", 9)];
    rows.replace(&options(), loaded, received, |change| &*change.key == "2");
    assert_eq!(shown(&mut rows), [json!({ "a": 5 }), json!({ "a": 9 })]);
}

#[test]
fn change_that_a_load_includes_is_dropped_and_its_late_message_recognised() {
    for (late, is_awaited) in [(LateMessages::Possible, true), (LateMessages::Impossible, false)] {
        let mut rows = rows(&[("1", 1)]);
        add(&mut rows, "1", update(json!({ "a": 1 })), accepted(None, 0));
        rows.drop_included(1, at(10), late);
        assert_eq!(rows.mutations.iter().count(), 0);
        assert_eq!(rows.recent.find_by_message_id("m").is_some(), is_awaited);
    }
}

#[test]
fn rows_are_ambiguous_if_a_change_was_accepted_since_they_were_requested() {
    let mut rows = rows(&[("1", 1)]);
    add(&mut rows, "1", update(json!({ "a": 1 })), accepted(None, 1));
    assert!(rows.is_ambiguous(LIVE));
    assert!(!rows.is_ambiguous(RowsProgress { loads: 2, ..LIVE }));
    assert!(!rows.is_ambiguous(RowsProgress { reached: Some(1), ..LIVE }));
}

#[test]
fn reset_rows_keep_what_is_sent() {
    let mut rows = rows(&[("1", 1)]);
    add(&mut rows, "2", insert(json!({ "id": "2" })), sent());
    add(&mut rows, "3", insert(json!({ "id": "3" })), accepted(None, 0));
    rows.reset();
    assert_eq!(shown(&mut rows), [json!({ "id": "2" })]);
}
