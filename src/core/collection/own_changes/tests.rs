//! The own changes alone, in virtual time; the loader that they are lent has no rows to load.

use serde_json::{Value, json};

use super::OwnChanges;
use crate::core::collection::acceptance::Reply;
use crate::core::collection::loader::Loader;
use crate::core::collection::loading::LoadReason;
use crate::core::collection::testing::{Surroundings, options};
use crate::core::collection::{
    AppRequest, CollectionOptions, ConflictPolicy, Edit, EditKind, MutationProgress, Step,
};
use crate::core::error::{Cause, Code, Error};
use crate::core::id::MutationId;

struct Harness {
    surroundings: Surroundings,
    loader: Loader<Value>,
    own: OwnChanges<Value>,
}

impl Harness {
    /// The changes over one row, `1`.
    fn live(options: CollectionOptions) -> Self {
        let mut surroundings = Surroundings::new(CollectionOptions { loads: false, ..options });
        let (mut loader, mut own) = (Loader::default(), OwnChanges::default());
        loader.start(&mut surroundings.at(0), LoadReason::First);
        own.rows.table.put(&"1".into(), Some(json!({ "id": 1, "a": 0 })));
        Self { surroundings, loader, own }
    }

    /// Makes a change and returns what is emitted.
    fn mutate(&mut self, id: u32, change: EditKind<Value>) -> Vec<String> {
        let loads = self.loader.loads();
        let edit = Edit { mutation: MutationId(id), id: format!("m{id}"), change };
        self.own.mutate(&mut self.surroundings.at(0), loads, edit);
        self.emitted()
    }

    fn accept(&mut self, id: u32, reply: Reply<Value>) -> Vec<String> {
        let Self { surroundings, loader, own } = self;
        own.accept(&mut surroundings.at(0), loader, MutationId(id), reply);
        self.emitted()
    }

    fn reject(&mut self, id: u32, error: Error) -> Vec<String> {
        let loads = self.loader.loads();
        self.own.reject(&mut self.surroundings.at(0), loads, MutationId(id), error);
        self.emitted()
    }

    /// What was emitted since the last call, in short.
    fn emitted(&mut self) -> Vec<String> {
        let short = |step| match step {
            Step::Send { id, .. } => format!("send {id}"),
            Step::AppRequest(_, _, AppRequest::Persist(change)) => {
                format!("persist {}", change.mutation)
            }
            Step::AppRequest(_, _, AppRequest::Resolve { .. }) => "resolve".into(),
            Step::AppRequest(_, _, AppRequest::Load) => "load".into(),
            Step::Mutation(id, MutationProgress::Sent) => format!("sent {}", id.0),
            Step::Mutation(id, MutationProgress::Confirmed { confirmed, .. }) => {
                format!("{} {}", if confirmed { "confirmed" } else { "unconfirmed" }, id.0)
            }
            Step::Mutation(id, MutationProgress::Failed(error)) => {
                format!("failed {} {}", id.0, error.code.name())
            }
            other => panic!("{other:?}"),
        };
        self.surroundings.steps().into_iter().map(short).collect()
    }

    fn server(&self, key: &str) -> Option<Value> {
        self.own.rows.table.server(key).cloned()
    }
}

fn insert() -> EditKind<Value> {
    EditKind::Insert { key: None, row: json!({ "a": 1 }) }
}

fn update(key: &str) -> EditKind<Value> {
    EditKind::Update { key: key.into(), patch: json!({ "a": 1 }) }
}

fn stored(key: Option<&str>) -> Reply<Value> {
    Reply::Stored { seq: None, row: None, key: key.map(Into::into) }
}

#[test]
fn second_change_of_a_row_is_sent_when_the_first_is_accepted() {
    let mut harness = Harness::live(options());
    assert_eq!(harness.mutate(1, update("1")), ["send m1"]);
    assert!(harness.mutate(2, update("1")).is_empty());
    assert_eq!(harness.accept(1, stored(None)), ["confirmed 1", "send m2"]);
}

#[test]
fn change_of_a_row_that_the_app_stores_is_requested_from_it() {
    let mut harness = Harness::live(CollectionOptions { persists: true, ..options() });
    assert_eq!(harness.mutate(1, update("1")), ["persist m1"]);
}

#[test]
fn change_beyond_the_limit_of_unsettled_ones_fails() {
    let mut harness = Harness::live(options());
    harness.surroundings.client.config.queue_max_messages = 1;
    harness.mutate(1, update("1"));
    assert_eq!(harness.mutate(2, update("1")), ["failed 2 queue_full"]);
}

#[test]
fn update_of_an_insert_without_a_key_is_sent_once_the_key_is_known() {
    let mut harness = Harness::live(options());
    assert_eq!(harness.mutate(1, insert()), ["send m1"]);
    assert!(harness.mutate(2, update("tmp:m1")).is_empty());
    assert_eq!(harness.accept(1, stored(Some("7"))), ["confirmed 1", "send m2"]);
    assert!(harness.own.rows.mutations.affects("7"));
}

#[test]
fn rejected_insert_fails_with_what_depends_on_it() {
    let mut harness = Harness::live(options());
    harness.mutate(1, insert());
    harness.mutate(2, update("tmp:m1"));
    let failures = harness.reject(1, Error::new(Code::Rejected));
    assert_eq!(failures, ["failed 1 rejected", "failed 2 dependency_failed"]);
}

#[test]
fn conflict_without_a_newer_row_fails_at_the_deadline_and_lets_the_next_change_go() {
    let mut harness =
        Harness::live(CollectionOptions { policy: ConflictPolicy::Merge, ..options() });
    harness.mutate(1, update("1"));
    harness.mutate(2, update("1"));
    let mut conflict = Error::new(Code::Rejected);
    conflict.cause = Some(Cause { code: Some("conflict".into()), message: String::new() });
    assert!(harness.reject(1, conflict).is_empty());
    let deadline = harness.surroundings.client.config.ack_timeout_ms;
    let loads = harness.loader.loads();
    harness.own.expire(&mut harness.surroundings.at(deadline - 1), loads);
    assert!(harness.emitted().is_empty());
    harness.own.expire(&mut harness.surroundings.at(deadline), loads);
    assert_eq!(harness.emitted(), ["failed 1 rejected", "send m2"]);
}

#[test]
fn accepted_change_without_an_echo_is_committed_at_the_deadline() {
    let mut harness = Harness::live(options());
    harness.mutate(1, update("1"));
    harness.accept(1, stored(None));
    let deadline = harness.surroundings.client.config.ack_timeout_ms;
    harness.own.reconcile(&mut harness.surroundings.at(deadline - 1), &mut harness.loader);
    assert_eq!(harness.server("1"), Some(json!({ "id": 1, "a": 0 })));
    harness.own.reconcile(&mut harness.surroundings.at(deadline), &mut harness.loader);
    assert_eq!(harness.server("1"), Some(json!({ "id": 1, "a": 1 })));
}

#[test]
fn change_handed_to_a_server_that_answers_nothing_is_committed_at_once() {
    let mut harness = Harness::live(options());
    harness.mutate(1, update("1"));
    assert_eq!(harness.accept(1, Reply::None), ["unconfirmed 1"]);
    harness.own.reconcile(&mut harness.surroundings.at(0), &mut harness.loader);
    assert_eq!(harness.server("1"), Some(json!({ "id": 1, "a": 1 })));
}

#[test]
fn insert_without_a_key_that_is_sent_again_requests_rows_that_are_being_loaded_again() {
    let mut harness = Harness::live(options());
    harness.surroundings.options.loads = true;
    harness.loader.start(&mut harness.surroundings.at(0), LoadReason::Again);
    harness.mutate(1, insert());
    let transmitted = |harness: &mut Harness| {
        let Harness { surroundings, loader, own } = harness;
        own.transmitted(&mut surroundings.at(0), loader, MutationId(1));
        harness.emitted()
    };
    assert_eq!(transmitted(&mut harness), ["sent 1"]);
    assert_eq!(transmitted(&mut harness), ["sent 1", "load"]);
}

#[test]
fn aborted_changes_fail_in_their_order() {
    let mut harness = Harness::live(options());
    harness.mutate(1, update("1"));
    harness.mutate(2, insert());
    let error = Error::new(Code::Aborted);
    harness.own.fail_all(&mut harness.surroundings.at(0), &error, |_| true);
    assert_eq!(harness.emitted(), ["failed 1 aborted", "failed 2 aborted"]);
}
