//! Collections of a database table.

use serde_json::{Value, json};

use super::*;
use crate::core::collection::{AppRequest, AppResponse, CollectionOptions, ConflictPolicy, Key};
use crate::core::id::{CollectionId, RequestId};

const NOTES: CollectionId = CollectionId(1);

/// A client with a collection of the table of notes, whose join is pending.
fn opened() -> Harness {
    let mut harness = Harness::new(open_config());
    let options = CollectionOptions {
        key: Key::Field("id".to_owned()),
        loads: true,
        persists: true,
        events: ["insert", "update", "delete"].map(str::to_owned),
        policy: ConflictPolicy::ServerWins,
        version: None,
        limit: None,
        identity: String::new(),
        functions: Vec::new(),
    };
    let wanting = wanting(json!({"postgres_changes": [filter()]}));
    let now = harness.at();
    let opened =
        harness.client.open_collection(now, NOTES, SubscriberId(1), "room:7", wanting, options);
    opened.expect("opened");
    harness.drain();
    harness.open_socket();
    harness
}

/// Takes the load requests.
fn requested(harness: &mut Harness) -> Vec<RequestId> {
    let mut requested = Vec::new();
    harness.events.retain(|event| match event {
        Event::AppRequest(NOTES, request, AppRequest::Load) => {
            requested.push(*request);
            false
        }
        _ => true,
    });
    requested
}

fn load(harness: &mut Harness, rows: &[Value]) {
    let request = requested(harness).pop().expect("it requests its rows");
    let answer = AppResponse::Rows { rows: rows.to_vec(), position: None };
    harness.client.answer(harness.at(), NOTES, request, Ok(answer));
    harness.drain();
    harness.pass(100);
}

fn live(harness: &mut Harness) {
    harness.receive(json!([null, null, TOPIC, "system",
        {"extension": "postgres_changes", "status": "ok", "message": "Subscribed to PostgreSQL"}]));
}

pub(in crate::core::client::tests) fn change(
    harness: &mut Harness,
    kind: &str,
    record: &Value,
    old: &Value,
) {
    harness.receive(json!([null, null, TOPIC, "postgres_changes",
        {"ids": [1], "data": {"type": kind, "record": record, "old_record": old}}]));
    harness.pass(100);
}

/// The same with one row loaded.
pub(in crate::core::client::tests) fn shown_once() -> Harness {
    let mut harness = opened();
    harness.confirm_all();
    live(&mut harness);
    load(&mut harness, &[json!({"id": 1})]);
    harness
}

/// The rows of the last view.
pub(in crate::core::client::tests) fn shown(harness: &Harness) -> Vec<Value> {
    let view = harness.events.iter().rev().find_map(|event| match event {
        Event::Collection(NOTES, view) => Some(view),
        _ => None,
    });
    view.expect("a view").rows.iter().map(|row| row.row.clone()).collect()
}

#[test]
fn rows_are_loaded_when_changes_are_live_and_updated_by_them() {
    let mut harness = opened();
    harness.confirm_all();
    assert_eq!(requested(&mut harness), [], "a change made before it is live would be missed");
    live(&mut harness);
    load(&mut harness, &[json!({"id": 1, "text": "a"})]);
    change(&mut harness, "INSERT", &json!({"id": 2, "text": "b"}), &json!(null));
    change(&mut harness, "UPDATE", &json!({"id": 1, "text": "c"}), &json!({"id": 1}));
    assert_eq!(shown(&harness), [json!({"id": 1, "text": "c"}), json!({"id": 2, "text": "b"})]);
    change(&mut harness, "DELETE", &json!(null), &json!({"id": 1}));
    assert_eq!(shown(&harness), [json!({"id": 2, "text": "b"})]);
}

#[test]
fn rows_are_reloaded_after_a_cut_when_changes_are_live() {
    let mut harness = opened();
    harness.confirm_all();
    live(&mut harness);
    load(&mut harness, &[json!({"id": 1})]);
    harness.close(1006);
    harness.pass(500);
    harness.open_socket();
    harness.confirm_all();
    assert_eq!(requested(&mut harness), []);
    assert_eq!(shown(&harness), [json!({"id": 1})], "the former rows stay");
    live(&mut harness);
    load(&mut harness, &[json!({"id": 1}), json!({"id": 2})]);
    assert_eq!(shown(&harness), [json!({"id": 1}), json!({"id": 2})]);
}

#[test]
fn changes_of_another_subscriber_s_table_are_not_applied() {
    let mut harness = opened();
    harness.confirm_all();
    let bids = json!({"postgres_changes": [{"event": "*", "schema": "public", "table": "bids"}]});
    harness.try_subscribe(2, "room:7", wanting(bids)).expect("subscribed");
    harness.confirm_all();
    live(&mut harness);
    load(&mut harness, &[json!({"id": 1})]);
    harness.receive(json!([null, null, TOPIC, "postgres_changes",
        {"ids": [2], "data": {"type": "INSERT", "record": {"id": 9}}}]));
    harness.pass(100);
    assert_eq!(shown(&harness), [json!({"id": 1})]);
}
