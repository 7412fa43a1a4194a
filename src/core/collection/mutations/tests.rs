//! The queue of own changes alone.

use serde_json::{Value, json};

use super::{Awaits, Inserts, Mutations};
use crate::core::collection::mutation::{Effect, Mutation, Update};
use crate::core::collection::recent_mutations::ECHOES;
use crate::core::collection::rows_progress::{Awaited, RowsProgress};
use crate::core::collection::stage::{Accepted, Reconcile, Sent, Stage};
use crate::core::id::{MutationId, RequestId};
use crate::core::time::Instant;

const LIVE: RowsProgress = RowsProgress { loads: 1, reached: None, awaited: Awaited::Nothing };

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

fn insert() -> Effect<Value> {
    Effect::Insert { shown: json!({ "a": 1 }), row: json!({ "a": 1 }) }
}

fn update(patch: Value, base: Option<Value>) -> Effect<Value> {
    Effect::Update(Update { patch, base, resolved: None })
}

fn sent(request: Option<RequestId>, loads: u32) -> Stage<Value> {
    Stage::Sent(Sent { request, transmitted: true, base: None, loads, observed: false })
}

fn accepted(loads: u32) -> Stage<Value> {
    Stage::Accepted(Accepted { row: None, seq: Some(5), loads, commit_at: at(10), drop_at: None })
}

const WAITING: Stage<Value> = Stage::Waiting { until: None };

/// A queue of changes with the numbers 0, 1, 2, …
fn queue(changes: Vec<(&str, Effect<Value>, Stage<Value>)>) -> Mutations<Value> {
    let mut mutations = Mutations::default();
    for (id, (key, effect, stage)) in (0..).zip(changes) {
        let base_id = format!("m{id}").into();
        let mut mutation = Mutation::new(MutationId(id), base_id, key.into(), effect);
        mutation.stage = stage;
        mutations.push(mutation);
    }
    mutations
}

fn ids(mutations: &Mutations<Value>) -> Vec<MutationId> {
    mutations.iter().map(|mutation| mutation.id).collect()
}

#[test]
fn change_that_is_not_sent_is_not_found_by_a_message() {
    let update = || update(json!({}), None);
    let mutations = queue(vec![("1", update(), WAITING), ("1", update(), sent(None, 0))]);
    assert_eq!(mutations.find_by_message_id("m0"), None);
    assert_eq!(mutations.find_by_message_id("m1~2"), Some(1));
}

#[test]
fn first_change_of_a_key_is_the_first_unsettled_one() {
    let mutations = queue(vec![
        ("1", Effect::Remove, accepted(0)),
        ("2", Effect::Remove, WAITING),
        ("1", insert(), WAITING),
    ]);
    assert_eq!((mutations.first("1"), mutations.settled("1", 2)), (Some(2), Some(0)));
    assert_eq!(mutations.unsettled_len(), 2);
    assert_eq!(mutations.pending().len(), 2);
}

#[test]
fn included_change_takes_the_settled_ones_before_it_along() {
    let mut mutations = queue(vec![
        ("1", update(json!({}), None), accepted(0)),
        ("2", update(json!({}), None), accepted(0)),
        ("1", update(json!({}), None), sent(None, 0)),
    ]);
    assert_eq!(mutations.remove_included(2).map(|included| included.id), Some(MutationId(2)));
    assert_eq!(ids(&mutations), [MutationId(1)]);
}

#[test]
fn dependents_of_a_failed_insert_end_at_the_next_insert_of_its_key() {
    let mut mutations = queue(vec![
        ("1", update(json!({}), None), WAITING),
        ("1", Effect::Remove, WAITING),
        ("1", insert(), WAITING),
        ("1", update(json!({}), None), WAITING),
    ]);
    assert_eq!(mutations.remove_dependents("1"), [MutationId(0), MutationId(1)]);
    assert_eq!(ids(&mutations), [MutationId(2), MutationId(3)]);
}

#[test]
fn key_of_an_insert_is_awaited_from_its_reply_until_it_is_accepted() {
    let one = |stage| queue(vec![("tmp:m0", insert(), stage)]);
    let awaits = |stage, from| one(stage).awaits_key(from, Inserts::All);
    assert!(awaits(sent(None, 1), Awaits::Reply));
    assert!(!awaits(accepted(1), Awaits::Reply) && awaits(accepted(1), Awaits::Message));
    let reply = Awaits::ReplyTo { loads: 2 };
    assert!(awaits(sent(None, 1), reply) && !awaits(sent(None, 2), reply));
    let with_key = queue(vec![("1", insert(), sent(None, 1))]);
    assert!(!with_key.awaits_key(Awaits::Reply, Inserts::All));
}

#[test]
fn key_of_an_insert_that_the_app_stores_is_not_awaited_for_ever() {
    let mutations = queue(vec![("tmp:m0", insert(), sent(Some(RequestId(1)), 1))]);
    assert!(mutations.awaits_key(Awaits::Reply, Inserts::All));
    assert!(!mutations.awaits_key(Awaits::Reply, Inserts::OfChannel));
    assert_eq!(mutations.find_by_request(RequestId(1)), Some(MutationId(0)));
}

#[test]
fn stored_fields_are_no_change_of_somebody_else_for_later_updates() {
    let base = || Some(json!({ "a": 0, "b": 0 }));
    let mut mutations = queue(vec![
        ("1", update(json!({ "a": 2 }), base()), WAITING),
        ("2", update(json!({ "a": 2 }), base()), WAITING),
    ]);
    mutations.advance("1", &json!({ "a": 1, "b": 9 }), Some(&["a".into()]));
    let bases: Vec<_> = mutations
        .iter()
        .map(|mutation| match &mutation.effect {
            Effect::Update(update) => update.base.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(bases, [Some(json!({ "a": 1, "b": 0 })), base()]);
}

#[test]
fn accepted_change_is_due_at_its_deadline_where_messages_have_no_positions() {
    let mutations = queue(vec![("1", insert(), sent(None, 0)), ("2", insert(), accepted(1))]);
    assert_eq!(mutations.due(at(9), LIVE), None);
    assert_eq!(mutations.poll_timeout(LIVE), Some(at(10)));
    assert_eq!(mutations.due(at(10), LIVE), Some((1, Reconcile::Commit)));
    let past = RowsProgress { reached: Some(5), ..LIVE };
    assert_eq!(mutations.due(at(0), past), Some((1, Reconcile::Drop)));
}

#[test]
fn oldest_accepted_change_is_in_excess_when_too_many_wait_for_their_echo() {
    let change = |_| ("1", update(json!({}), None), accepted(1));
    assert_eq!(queue((0..ECHOES).map(change).collect()).oldest_excess(LIVE), None);
    assert_eq!(queue((0..=ECHOES).map(change).collect()).oldest_excess(LIVE), Some(0));
}

#[test]
fn change_of_others_lets_an_accepted_change_go_at_the_deadline_or_at_once_if_it_is_there() {
    let stored = json!({ "a": 1 });
    let stage = || {
        let (row, commit_at) = (Some(stored.clone()), at(50));
        Stage::Accepted(Accepted { row, seq: None, loads: 1, commit_at, drop_at: None })
    };
    for (server, due) in [(json!({ "a": 2 }), at(30)), (stored.clone(), at(7))] {
        let mut mutations = queue(vec![("1", update(json!({ "a": 1 }), None), stage())]);
        mutations.mark_maybe_applied("2", Some(&server), LIVE, at(7), at(30));
        assert_eq!(mutations.poll_timeout(LIVE), Some(at(50)));
        mutations.mark_maybe_applied("1", Some(&server), LIVE, at(7), at(30));
        assert_eq!(mutations.poll_timeout(LIVE), Some(due));
    }
}

#[test]
fn load_includes_the_changes_accepted_before_it_was_requested() {
    let mut mutations = queue(vec![
        ("1", Effect::Remove, accepted(1)),
        ("1", insert(), WAITING),
        ("2", Effect::Remove, accepted(2)),
    ]);
    let removed = mutations.remove_loaded(2);
    assert_eq!(removed.iter().map(|own| own.id).collect::<Vec<_>>(), [MutationId(0)]);
    assert_eq!(ids(&mutations), [MutationId(1), MutationId(2)]);
}

#[test]
fn decision_about_a_change_is_recorded_while_it_is_unsettled() {
    let mut mutations = queue(vec![
        ("1", update(json!({ "a": 1 }), None), WAITING),
        ("2", update(json!({ "a": 1 }), None), accepted(0)),
    ]);
    let mut resolve = |id| mutations.resolve(MutationId(id), json!({ "a": 2 }), None);
    assert_eq!((resolve(0).as_deref(), resolve(1)), (Some("1"), None));
}

#[test]
fn forgotten_positions_reconcile_nothing() {
    let mut mutations = queue(vec![("1", Effect::Remove, accepted(1))]);
    let past = RowsProgress { reached: Some(5), ..LIVE };
    assert!(mutations.due(at(0), past).is_some());
    mutations.forget_positions();
    assert_eq!(mutations.due(at(0), past), None);
}
