//! The replica alone: loads, messages and own changes put together.

use serde_json::{Value, json};

use super::Replica;
use crate::core::collection::change_message::ChangeMessage;
use crate::core::collection::testing::{Surroundings, options, position};
use crate::core::collection::{AppRequest, ChangeKind, CollectionOptions, CollectionStatus, Step};
use crate::core::error::Cause;
use crate::core::id::RequestId;
use crate::core::message::StreamPosition;

struct Harness {
    surroundings: Surroundings,
    replica: Replica<Value>,
}

impl Harness {
    fn new(options: CollectionOptions) -> Self {
        Self { surroundings: Surroundings::new(options), replica: Replica::default() }
    }

    /// A replica with the row `1`, loaded up to the position 5.
    fn live() -> Self {
        let mut harness = Self::new(options());
        let request = harness.ready(Some(position(5)));
        harness.load(request, Some(position(5)));
        harness
    }

    /// Joins the channel and returns the load request.
    fn ready(&mut self, position: Option<StreamPosition>) -> RequestId {
        self.replica.ready(&mut self.surroundings.at(0), position);
        self.request().expect("a load request")
    }

    fn request(&mut self) -> Option<RequestId> {
        self.surroundings.steps().into_iter().find_map(|step| match step {
            Step::AppRequest(_, request, AppRequest::Load) => Some(request),
            _ => None,
        })
    }

    fn load(&mut self, request: RequestId, position: Option<StreamPosition>) {
        let rows = vec![("1".into(), json!({ "id": 1, "a": 0 }))];
        self.replica.rows_loaded(&mut self.surroundings.at(0), request, rows, position);
    }

    fn receive(&mut self, seq: Option<u64>, kind: ChangeKind, row: Value) {
        let key = options().key.read(&row);
        let message = ChangeMessage { kind, key, row: Some(row), ids: [None, None] };
        self.replica.receive(&mut self.surroundings.at(0), seq.map(position), Some(message));
    }

    fn server(&self, key: &str) -> Option<Value> {
        self.replica.own.rows.table.server(key).cloned()
    }
}

#[test]
fn message_behind_the_loaded_rows_is_applied_and_one_that_they_include_is_not() {
    let mut harness = Harness::live();
    harness.receive(Some(5), ChangeKind::Update, json!({ "id": 1, "a": 5 }));
    assert_eq!(harness.server("1"), Some(json!({ "id": 1, "a": 0 })));
    harness.receive(Some(6), ChangeKind::Update, json!({ "id": 1, "a": 6 }));
    assert_eq!(harness.server("1"), Some(json!({ "id": 1, "a": 6 })));
}

#[test]
fn message_during_a_load_is_applied_to_its_rows() {
    let mut harness = Harness::new(options());
    let request = harness.ready(Some(position(5)));
    harness.receive(Some(6), ChangeKind::Insert, json!({ "id": 2 }));
    assert_eq!(harness.server("2"), None);
    harness.load(request, Some(position(5)));
    assert!(harness.server("1").is_some() && harness.server("2").is_some());
}

#[test]
fn gap_loads_again_and_keeps_the_rows_meanwhile() {
    let mut harness = Harness::live();
    harness.replica.gap(&mut harness.surroundings.at(0), Some(position(9)));
    assert!(harness.request().is_some() && harness.server("1").is_some());
    assert_eq!(harness.replica.loader.status(), CollectionStatus::Loading);
}

#[test]
fn failed_load_is_reported_and_is_requested_again_when_due() {
    let mut harness = Harness::new(options());
    let request = harness.ready(None);
    let cause = || Cause { code: None, message: "no".into() };
    assert!(harness.replica.load_failed(&mut harness.surroundings.at(0), request, cause()));
    assert!(!harness.replica.load_failed(&mut harness.surroundings.at(0), request, cause()));
    assert!(harness.replica.poll_timeout().is_some() && harness.request().is_none());
    harness.replica.handle_timeout(&mut harness.surroundings.at(60_000));
    assert!(harness.request().is_some());
}

#[test]
fn message_whose_row_has_no_key_is_counted_as_invalid() {
    let mut harness = Harness::live();
    harness.surroundings.steps();
    harness.receive(Some(6), ChangeKind::Update, json!({ "a": 6 }));
    let steps = harness.surroundings.steps();
    assert!(matches!(steps.as_slice(), [Step::Invalid(_)]), "{steps:?}");
}

#[test]
fn reset_replica_loads_when_the_channel_is_joined_again() {
    let mut harness = Harness::live();
    harness.replica.reset();
    assert_eq!(harness.server("1"), None);
    harness.ready(Some(position(1)));
}
