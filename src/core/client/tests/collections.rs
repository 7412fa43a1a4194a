//! Collections in a whole client, with a server that has tables.

use serde_json::{Value, json};

use super::nesting::row;
use crate::core::channel::Subscription;
use crate::core::collection::{
    AppRequest, AppResponse, CollectionOptions, CollectionStatus, ConflictPolicy, Edit, EditKind,
    Key, MutationProgress, View,
};
use crate::core::config::Config;
use crate::core::error::Cause;
use crate::core::event::Event;
use crate::core::id::{CollectionId, MutationId, RequestId, SubscriberId};
use crate::core::input::Network;
use crate::core::payload::MAX_DEPTH;
use crate::core::testing::{Harness, SEQ};

const NOTES: CollectionId = CollectionId(1);

fn without_pings() -> Config {
    Config { heartbeat_every_ms: None, ..Config::default() }
}

/// A client whose collection is joined at position 10 of epoch `e` and requests its rows.
fn opened() -> Harness {
    let mut harness = Harness::new(without_pings());
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
    let (now, subscription) = (harness.at(), Subscription::default());
    harness
        .client
        .open_collection(now, NOTES, SubscriberId(1), "feed", subscription, options)
        .expect("opened");
    harness.drain();
    harness.accept(SEQ);
    begin(&mut harness, 10, 10, false);
    harness
}

/// The same with row `a` loaded.
pub(super) fn loaded() -> Harness {
    let mut harness = opened();
    load(&mut harness, &json!([{"id": "a", "n": 1}]), 10);
    harness
}

fn begin(harness: &mut Harness, seq: u64, head: u64, recovered: bool) {
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "subscribed", "channel": join["channel"], "ref": join["ref"],
        "epoch": "e", "seq": seq, "head": head, "recovered": recovered,
    }));
}

fn load(harness: &mut Harness, rows: &Value, seq: u64) {
    let request = requested(harness).pop().expect("it requests its rows");
    let rows = rows.as_array().cloned().expect("rows");
    let position = Some(("e".to_owned(), seq));
    answer(harness, request, Ok(AppResponse::Rows { rows, position }));
}

fn answer(harness: &mut Harness, request: RequestId, answer: Result<AppResponse<Value>, Cause>) {
    harness.client.answer(harness.at(), NOTES, request, answer);
    harness.drain();
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

fn edit(harness: &mut Harness, number: u32, change: EditKind<Value>) {
    let edit = Edit { mutation: MutationId(number), id: format!("c{number}"), change };
    harness.client.mutate(harness.at(), NOTES, edit);
    harness.drain();
}

pub(super) fn update(harness: &mut Harness, number: u32, patch: Value) {
    edit(harness, number, EditKind::Update { key: "a".to_owned(), patch });
}

/// The rows after the throttling window.
pub(super) fn view(harness: &mut Harness) -> &View<Value> {
    harness.pass(100);
    let mut events = harness.events.iter().rev();
    let view = events.find_map(|event| match event {
        Event::Collection(_, view) => Some(view),
        _ => None,
    });
    view.expect("a view")
}

pub(super) fn rows(harness: &mut Harness) -> Vec<Value> {
    view(harness).rows.iter().map(|row| row.row.clone()).collect()
}

pub(super) fn settled(harness: &Harness, number: u32) -> Option<&'static str> {
    harness.events.iter().find_map(|event| match event {
        Event::Mutation(id, progress) if id.0 == number => match progress {
            MutationProgress::Sent => None,
            MutationProgress::Confirmed { .. } => Some("confirmed"),
            MutationProgress::Failed(error) => Some(error.code.name()),
        },
        _ => None,
    })
}

pub(super) fn changed(harness: &mut Harness, seq: u64, id: &str, row: &Value) {
    harness.receive(json!({
        "type": "channel_message", "channel": "feed", "id": id, "epoch": "e", "seq": seq,
        "event": "update", "payload": {"row": row, "mutation": id},
    }));
}

#[test]
fn rows_are_loaded_after_the_join_and_updated_by_the_channel() {
    let mut harness = loaded();
    assert_eq!(rows(&mut harness), [json!({"id": "a", "n": 1})]);
    changed(&mut harness, 11, "x", &json!({"id": "a", "n": 2}));
    assert_eq!(rows(&mut harness), [json!({"id": "a", "n": 2})]);
    assert_eq!(view(&mut harness).status, CollectionStatus::Live);
}

#[test]
fn change_shows_at_once_and_is_sent_with_ack() {
    let mut harness = loaded();
    update(&mut harness, 1, json!({"n": 5}));
    assert_eq!(rows(&mut harness), [json!({"id": "a", "n": 5})]);
    let sent = harness.take("channel_message").pop().expect("sent");
    assert_eq!(
        (&sent["event"], &sent["id"], &sent["ack"]),
        (&json!("update"), &json!("c1"), &json!(true))
    );
    assert_eq!(sent["payload"], json!({"row": {"id": "a", "n": 5}, "mutation": "c1"}));
    harness.receive(json!({
        "type": "ack", "channel": "feed", "id": "c1", "status": "ok", "seq": 11,
        "payload": {"id": "a", "n": 5},
    }));
    assert_eq!(settled(&harness, 1), Some("confirmed"));
    assert_eq!(view(&mut harness).pending, []);
}

#[test]
fn rejection_rolls_back_only_its_change() {
    let mut harness = loaded();
    update(&mut harness, 1, json!({"n": 5}));
    update(&mut harness, 2, json!({"m": 6}));
    harness.receive(json!({
        "type": "ack", "channel": "feed", "id": "c1", "status": "error", "code": "invalid",
        "message": "no", "retryable": false,
    }));
    assert_eq!(rows(&mut harness), [json!({"id": "a", "n": 1, "m": 6})]);
    assert_eq!(settled(&harness, 1), Some("rejected"));
    assert_eq!(settled(&harness, 2), None);
}

#[test]
fn change_with_a_lost_answer_is_confirmed_by_recovery() {
    let mut harness = loaded();
    update(&mut harness, 1, json!({"n": 5}));
    harness.close(1006);
    harness.pass(250);
    harness.accept(SEQ);
    begin(&mut harness, 10, 11, true);
    changed(&mut harness, 11, "c1", &json!({"id": "a", "n": 5}));
    harness.pass(100);
    assert_eq!(
        (settled(&harness, 1), rows(&mut harness)),
        (Some("confirmed"), vec![json!({"id": "a", "n": 5})])
    );
    assert_eq!(harness.take("channel_message").len(), 0, "and not sent again");
    assert_eq!(requested(&mut harness).len(), 0, "nothing to load again");
}

#[test]
fn rows_stay_shown_while_they_are_reloaded_after_a_gap() {
    let mut harness = loaded();
    harness.close(1006);
    harness.pass(250);
    harness.accept(SEQ);
    begin(&mut harness, 90, 90, false);
    assert_eq!(
        (rows(&mut harness).len(), view(&mut harness).status),
        (1, CollectionStatus::Loading)
    );
    load(&mut harness, &json!([{"id": "b", "n": 1}]), 90);
    assert_eq!(rows(&mut harness), [json!({"id": "b", "n": 1})]);
    assert_eq!(view(&mut harness).status, CollectionStatus::Live);
}

#[test]
fn offline_changes_show_and_are_sent_after_reconnecting() {
    let mut harness = loaded();
    harness.network(Network::Offline);
    update(&mut harness, 1, json!({"n": 5}));
    assert_eq!((rows(&mut harness), harness.sent.len()), (vec![json!({"id": "a", "n": 5})], 0));
    harness.network(Network::Online);
    harness.accept(SEQ);
    begin(&mut harness, 10, 10, true);
    assert_eq!(harness.take("channel_message").len(), 1);
}

#[test]
fn change_of_user_reloads_rows_and_fails_pending_changes() {
    let mut harness = loaded();
    harness.network(Network::Offline);
    update(&mut harness, 1, json!({"n": 5}));
    harness.client.set_token(harness.at(), None);
    harness.network(Network::Online);
    harness.open();
    harness.receive(json!({"type": "auth_success", "features": SEQ, "user": "bob"}));
    begin(&mut harness, 10, 10, false);
    assert_eq!(settled(&harness, 1), Some("identity_changed"));
    assert_eq!(rows(&mut harness), [Value::Null; 0]);
    load(&mut harness, &json!([{"id": "b"}]), 10);
    assert_eq!(rows(&mut harness), [json!({"id": "b"})]);
}

#[test]
fn closed_collection_leaves_its_channel_without_pending_changes() {
    let mut harness = loaded();
    update(&mut harness, 1, json!({"n": 5}));
    harness.client.close_collection(harness.at(), NOTES);
    harness.drain();
    assert_eq!((settled(&harness, 1), harness.client.queue_depth()), (Some("aborted"), 0));
    harness.pass(1_000);
    assert_eq!(harness.closed, [1000]);
}

#[test]
fn too_deeply_nested_value_of_the_app_fails_only_its_load_or_change() {
    let deep = row(MAX_DEPTH + 1, json!({"id": "a"}));
    let deepest = row(MAX_DEPTH, json!({"id": "a"}));
    let mut harness = opened();
    load(&mut harness, &json!([{"id": "b"}, deep]), 10);
    let error = view(&mut harness).error.clone().expect("an error");
    assert_eq!(error.code.name(), "load_failed");
    assert!(
        error
            .cause
            .as_ref()
            .expect("a cause")
            .message
            .starts_with("load gave a row that is nested")
    );
    harness.pass(2_000);
    load(&mut harness, &json!([deepest]), 10);
    assert_eq!(rows(&mut harness), [deepest]);
}
