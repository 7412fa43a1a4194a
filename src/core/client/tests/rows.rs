//! Collections through the whole client, on a server with tables.

use serde_json::{Value, json};

use super::deep::row;
use crate::core::channel::Subscription;
use crate::core::collection::{
    AppRequest, AppResponse, CollectionOptions, CollectionStatus, ConflictPolicy, Edit, EditKind,
    Key, MutationProgress, View,
};
use crate::core::config::Config;
use crate::core::error::Cause;
use crate::core::event::Event;
use crate::core::id::{CollectionId, MutationId, RequestId, SubscriberId};
use crate::core::payload::MAX_DEPTH;
use crate::core::testing::{SEQ, World};

const NOTES: CollectionId = CollectionId(1);

fn quiet() -> Config {
    Config { heartbeat_every_ms: None, ..Config::default() }
}

/// A client whose collection is joined at `e` 10 and asks for its rows.
fn opened() -> World {
    let mut world = World::new(quiet());
    let options = CollectionOptions {
        key: Key::Field("id".to_owned()),
        loads: true,
        persists: false,
        events: ["insert", "update", "delete"].map(str::to_owned),
        policy: ConflictPolicy::ServerWins,
        version: None,
        limit: None,
        identity: String::new(),
        functions: Vec::new(),
    };
    let (now, subscription) = (world.at(), Subscription::default());
    world
        .client
        .open_collection(now, NOTES, SubscriberId(1), "feed", subscription, options)
        .expect("opened");
    world.drain();
    world.accept(SEQ);
    begin(&mut world, 10, 10, false);
    world
}

/// The same with row `a` loaded.
pub(super) fn loaded() -> World {
    let mut world = opened();
    load(&mut world, &json!([{"id": "a", "n": 1}]), 10);
    world
}

fn begin(world: &mut World, seq: u64, head: u64, recovered: bool) {
    let join = world.take("subscribe").pop().expect("a join");
    world.receive(json!({
        "type": "subscribed", "channel": join["channel"], "ref": join["ref"],
        "epoch": "e", "seq": seq, "head": head, "recovered": recovered,
    }));
}

fn load(world: &mut World, rows: &Value, seq: u64) {
    let request = asked(world).pop().expect("it asks for its rows");
    let rows = rows.as_array().cloned().expect("rows");
    let position = Some(("e".to_owned(), seq));
    answer(world, request, Ok(AppResponse::Rows { rows, position }));
}

fn answer(world: &mut World, request: RequestId, answer: Result<AppResponse<Value>, Cause>) {
    world.client.answer(world.at(), NOTES, request, answer);
    world.drain();
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

fn edit(world: &mut World, number: u32, change: EditKind<Value>) {
    let edit = Edit { mutation: MutationId(number), id: format!("c{number}"), change };
    world.client.mutate(world.at(), NOTES, edit);
    world.drain();
}

pub(super) fn update(world: &mut World, number: u32, patch: Value) {
    edit(world, number, EditKind::Update { key: "a".to_owned(), patch });
}

/// What shows once nothing is held back any more.
pub(super) fn view(world: &mut World) -> &View<Value> {
    world.pass(100);
    let mut events = world.events.iter().rev();
    let view = events.find_map(|event| match event {
        Event::Collection(_, view) => Some(view),
        _ => None,
    });
    view.expect("a view")
}

pub(super) fn rows(world: &mut World) -> Vec<Value> {
    view(world).rows.iter().map(|row| row.row.clone()).collect()
}

pub(super) fn settled(world: &World, number: u32) -> Option<&'static str> {
    world.events.iter().find_map(|event| match event {
        Event::Mutation(id, progress) if id.0 == number => match progress {
            MutationProgress::Sent => None,
            MutationProgress::Confirmed { .. } => Some("confirmed"),
            MutationProgress::Failed(error) => Some(error.code.name()),
        },
        _ => None,
    })
}

pub(super) fn changed(world: &mut World, seq: u64, id: &str, row: &Value) {
    world.receive(json!({
        "type": "channel_message", "channel": "feed", "id": id, "epoch": "e", "seq": seq,
        "event": "update", "payload": {"row": row, "mutation": id},
    }));
}

#[test]
fn its_rows_are_asked_for_once_it_is_joined_and_follow_the_channel() {
    let mut world = loaded();
    assert_eq!(rows(&mut world), [json!({"id": "a", "n": 1})]);
    changed(&mut world, 11, "x", &json!({"id": "a", "n": 2}));
    assert_eq!(rows(&mut world), [json!({"id": "a", "n": 2})]);
    assert_eq!(view(&mut world).status, CollectionStatus::Live);
}

#[test]
fn a_change_shows_at_once_and_goes_out_as_an_acknowledged_message() {
    let mut world = loaded();
    update(&mut world, 1, json!({"n": 5}));
    assert_eq!(rows(&mut world), [json!({"id": "a", "n": 5})]);
    let sent = world.take("channel_message").pop().expect("sent");
    assert_eq!(
        (&sent["event"], &sent["id"], &sent["ack"]),
        (&json!("update"), &json!("c1"), &json!(true))
    );
    assert_eq!(sent["payload"], json!({"row": {"id": "a", "n": 5}, "mutation": "c1"}));
    world.receive(json!({
        "type": "ack", "channel": "feed", "id": "c1", "status": "ok", "seq": 11,
        "payload": {"id": "a", "n": 5},
    }));
    assert_eq!(settled(&world, 1), Some("confirmed"));
    assert_eq!(view(&mut world).pending, []);
}

#[test]
fn a_refusal_takes_back_that_change_alone() {
    let mut world = loaded();
    update(&mut world, 1, json!({"n": 5}));
    update(&mut world, 2, json!({"m": 6}));
    world.receive(json!({
        "type": "ack", "channel": "feed", "id": "c1", "status": "error", "code": "invalid",
        "message": "no", "retryable": false,
    }));
    assert_eq!(rows(&mut world), [json!({"id": "a", "n": 1, "m": 6})]);
    assert_eq!(settled(&world, 1), Some("rejected"));
    assert_eq!(settled(&world, 2), None);
}

#[test]
fn a_change_whose_answer_was_lost_is_settled_by_what_was_missed() {
    let mut world = loaded();
    update(&mut world, 1, json!({"n": 5}));
    world.close(1006);
    world.pass(250);
    world.accept(SEQ);
    begin(&mut world, 10, 11, true);
    changed(&mut world, 11, "c1", &json!({"id": "a", "n": 5}));
    world.pass(100);
    assert_eq!(
        (settled(&world, 1), rows(&mut world)),
        (Some("confirmed"), vec![json!({"id": "a", "n": 5})])
    );
    assert_eq!(world.take("channel_message").len(), 0, "and not sent again");
    assert_eq!(asked(&mut world).len(), 0, "nothing to load again");
}

#[test]
fn after_a_gap_the_rows_are_loaded_again_and_shown_meanwhile() {
    let mut world = loaded();
    world.close(1006);
    world.pass(250);
    world.accept(SEQ);
    begin(&mut world, 90, 90, false);
    assert_eq!((rows(&mut world).len(), view(&mut world).status), (1, CollectionStatus::Loading));
    load(&mut world, &json!([{"id": "b", "n": 1}]), 90);
    assert_eq!(rows(&mut world), [json!({"id": "b", "n": 1})]);
    assert_eq!(view(&mut world).status, CollectionStatus::Live);
}

#[test]
fn changes_made_offline_go_out_when_it_is_back_and_show_all_the_time() {
    let mut world = loaded();
    world.network(false);
    update(&mut world, 1, json!({"n": 5}));
    assert_eq!((rows(&mut world), world.sent.len()), (vec![json!({"id": "a", "n": 5})], 0));
    world.network(true);
    world.accept(SEQ);
    begin(&mut world, 10, 10, true);
    assert_eq!(world.take("channel_message").len(), 1);
}

#[test]
fn another_user_s_rows_are_loaded_anew_and_the_former_one_s_changes_fail() {
    let mut world = loaded();
    world.network(false);
    update(&mut world, 1, json!({"n": 5}));
    world.client.set_token(world.at(), None);
    world.network(true);
    world.open();
    world.receive(json!({"type": "auth_success", "features": SEQ, "user": "bob"}));
    begin(&mut world, 10, 10, false);
    assert_eq!(settled(&world, 1), Some("identity_changed"));
    assert_eq!(rows(&mut world), [Value::Null; 0]);
    load(&mut world, &json!([{"id": "b"}]), 10);
    assert_eq!(rows(&mut world), [json!({"id": "b"})]);
}

#[test]
fn closed_it_leaves_its_channel_and_nothing_is_pending() {
    let mut world = loaded();
    update(&mut world, 1, json!({"n": 5}));
    world.client.close_collection(world.at(), NOTES);
    world.drain();
    assert_eq!((settled(&world, 1), world.client.queue_depth()), (Some("aborted"), 0));
    world.pass(1_000);
    assert_eq!(world.closed, [1000]);
}

#[test]
fn what_the_app_gives_too_deeply_fails_the_load_or_the_change_and_nothing_else() {
    let deep = row(MAX_DEPTH + 1, json!({"id": "a"}));
    let deepest = row(MAX_DEPTH, json!({"id": "a"}));
    let mut world = opened();
    load(&mut world, &json!([{"id": "b"}, deep]), 10);
    let error = view(&mut world).error.clone().expect("an error");
    assert_eq!(error.code.name(), "load_failed");
    assert!(
        error
            .cause
            .as_ref()
            .expect("a cause")
            .message
            .starts_with("load gave a row that is nested")
    );
    world.pass(2_000);
    load(&mut world, &json!([deepest]), 10);
    assert_eq!(rows(&mut world), [deepest]);
}
