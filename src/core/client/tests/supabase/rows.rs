//! Collections that follow a table of the database.

use serde_json::{Value, json};

use super::*;
use crate::core::collection::{AppRequest, AppResponse, CollectionOptions, ConflictPolicy, Key};
use crate::core::id::{CollectionId, RequestId};

const NOTES: CollectionId = CollectionId(1);

/// A client whose collection follows the table of notes, with its join out.
fn opened() -> World {
    let mut world = World::new(open_config());
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
    let now = world.at();
    let opened =
        world.client.open_collection(now, NOTES, SubscriberId(1), "room:7", wanting, options);
    opened.expect("opened");
    world.drain();
    world.open_socket();
    world
}

/// The loads asked for and not looked at yet.
fn asked(world: &mut World) -> Vec<RequestId> {
    let mut asked = Vec::new();
    world.events.retain(|event| match event {
        Event::Ask(NOTES, request, AppRequest::Load) => {
            asked.push(*request);
            false
        }
        _ => true,
    });
    asked
}

fn load(world: &mut World, rows: &[Value]) {
    let request = asked(world).pop().expect("it asks for its rows");
    let answer = AppResponse::Rows { rows: rows.to_vec(), position: None };
    world.client.answer(world.at(), NOTES, request, Ok(answer));
    world.drain();
    world.pass(100);
}

fn live(world: &mut World) {
    world.receive(json!([null, null, TOPIC, "system",
        {"extension": "postgres_changes", "status": "ok", "message": "Subscribed to PostgreSQL"}]));
}

pub(in crate::core::client::tests) fn change(
    world: &mut World,
    kind: &str,
    record: &Value,
    old: &Value,
) {
    world.receive(json!([null, null, TOPIC, "postgres_changes",
        {"ids": [1], "data": {"type": kind, "record": record, "old_record": old}}]));
    world.pass(100);
}

/// The same with one row loaded.
pub(in crate::core::client::tests) fn shown_once() -> World {
    let mut world = opened();
    world.confirm_all();
    live(&mut world);
    load(&mut world, &[json!({"id": 1})]);
    world
}

/// The rows shown last.
pub(in crate::core::client::tests) fn shown(world: &World) -> Vec<Value> {
    let view = world.events.iter().rev().find_map(|event| match event {
        Event::Collection(NOTES, view) => Some(view),
        _ => None,
    });
    view.expect("a view").rows.iter().map(|row| row.row.clone()).collect()
}

#[test]
fn rows_are_loaded_once_their_changes_are_live_and_follow_them() {
    let mut world = opened();
    world.confirm_all();
    assert_eq!(asked(&mut world), [], "a change made before it is live would be missed");
    live(&mut world);
    load(&mut world, &[json!({"id": 1, "text": "a"})]);
    change(&mut world, "INSERT", &json!({"id": 2, "text": "b"}), &json!(null));
    change(&mut world, "UPDATE", &json!({"id": 1, "text": "c"}), &json!({"id": 1}));
    assert_eq!(shown(&world), [json!({"id": 1, "text": "c"}), json!({"id": 2, "text": "b"})]);
    change(&mut world, "DELETE", &json!(null), &json!({"id": 1}));
    assert_eq!(shown(&world), [json!({"id": 2, "text": "b"})]);
}

#[test]
fn after_a_cut_they_are_loaded_again_as_soon_as_their_changes_are_live() {
    let mut world = opened();
    world.confirm_all();
    live(&mut world);
    load(&mut world, &[json!({"id": 1})]);
    world.close(1006);
    world.pass(500);
    world.open_socket();
    world.confirm_all();
    assert_eq!(asked(&mut world), []);
    assert_eq!(shown(&world), [json!({"id": 1})], "the rows of before stay");
    live(&mut world);
    load(&mut world, &[json!({"id": 1}), json!({"id": 2})]);
    assert_eq!(shown(&world), [json!({"id": 1}), json!({"id": 2})]);
}

#[test]
fn changes_of_another_component_s_table_are_none_of_its_rows() {
    let mut world = opened();
    world.confirm_all();
    let bids = json!({"postgres_changes": [{"event": "*", "schema": "public", "table": "bids"}]});
    world.try_subscribe(2, "room:7", wanting(bids)).expect("subscribed");
    world.confirm_all();
    live(&mut world);
    load(&mut world, &[json!({"id": 1})]);
    world.receive(json!([null, null, TOPIC, "postgres_changes",
        {"ids": [2], "data": {"type": "INSERT", "record": {"id": 9}}}]));
    world.pass(100);
    assert_eq!(shown(&world), [json!({"id": 1})]);
}
