//! The loader alone, in virtual time.

use serde_json::{Value, json};

use super::{Loader, ShownChanges};
use crate::core::collection::loading::{KeyedRows, LoadReason, LoadedRows, ReceivedChange};
use crate::core::collection::rows_progress::Awaited;
use crate::core::collection::testing::{Surroundings, options, position};
use crate::core::collection::{AppRequest, ChangeKind, CollectionOptions, CollectionStatus, Step};
use crate::core::id::RequestId;
use crate::core::message::StreamPosition;
use crate::core::time::Instant;

/// A loader with what it is lent.
struct Harness {
    surroundings: Surroundings,
    loader: Loader<Value>,
}

impl Harness {
    fn new(options: CollectionOptions) -> Self {
        Self { surroundings: Surroundings::new(options), loader: Loader::default() }
    }

    /// A loader that has requested rows for this reason, at this position of the channel.
    fn loading(reason: LoadReason, position: Option<StreamPosition>) -> (Self, RequestId) {
        let mut harness = Self::new(options());
        harness.loader.set_position(position);
        harness.loader.start(&mut harness.surroundings.at(0), reason);
        let request = harness.request().expect("a load request");
        (harness, request)
    }

    /// A loader whose rows are loaded, without a position.
    fn live() -> Self {
        let (mut harness, request) = Self::loading(LoadReason::First, None);
        harness.receive(0, request, None);
        harness.complete(0).expect("rows");
        harness
    }

    /// The load request emitted since the last call.
    fn request(&mut self) -> Option<RequestId> {
        match self.surroundings.steps().as_slice() {
            [] => None,
            [Step::AppRequest(_, request, AppRequest::Load)] => Some(*request),
            other => panic!("{other:?}"),
        }
    }

    fn rows() -> KeyedRows<Value> {
        vec![("1".into(), json!({ "id": 1 }))]
    }

    fn receive(&mut self, now: u64, request: RequestId, position: Option<StreamPosition>) {
        self.loader.receive(&mut self.surroundings.at(now), request, Self::rows(), position);
    }

    /// Ends the load, no key being awaited.
    fn complete(&mut self, now: u64) -> Option<LoadedRows<Value>> {
        self.loader.complete(Instant::from_ms(now), |_, _| false)
    }

    fn fail(&mut self, now: u64) -> Option<Vec<ReceivedChange<Value>>> {
        self.loader.failed(&mut self.surroundings.at(now))
    }

    fn record(&mut self, key: &str) -> ShownChanges {
        let (kind, row) = (ChangeKind::Insert, Some(json!({ "id": key })));
        self.loader.record(&ReceivedChange { position: None, kind, key: key.into(), row })
    }
}

#[test]
fn rows_are_requested_when_the_channel_is_joined_first_and_not_again() {
    let mut harness = Harness::new(options());
    assert!(harness.loader.joined() && !harness.loader.has_rows());
    harness.loader.start(&mut harness.surroundings.at(0), LoadReason::First);
    assert!(harness.request().is_some() && !harness.loader.joined());
    assert_eq!(harness.loader.status(), CollectionStatus::Loading);
}

#[test]
fn rows_are_live_at_once_where_the_app_cannot_load() {
    let mut harness = Harness::new(CollectionOptions { loads: false, ..options() });
    harness.loader.start(&mut harness.surroundings.at(0), LoadReason::First);
    assert!(harness.request().is_none());
    assert_eq!(harness.loader.status(), CollectionStatus::Live);
}

#[test]
fn failed_load_is_requested_again_after_a_backoff() {
    let (mut harness, first) = Harness::loading(LoadReason::First, None);
    assert!(harness.fail(0).is_none());
    assert!(!harness.loader.is_requested(first));
    let due = harness.loader.poll_timeout().expect("a retry");
    let due = due.duration_since(Instant::from_ms(0));
    if due > 0 {
        harness.loader.handle_timeout(&mut harness.surroundings.at(due - 1));
        assert!(harness.request().is_none());
    }
    harness.loader.handle_timeout(&mut harness.surroundings.at(due));
    let second = harness.request().expect("a load request");
    assert!(second != first && harness.loader.is_requested(second));
}

#[test]
fn failed_load_for_lost_rows_shows_the_new_rows_received_meanwhile() {
    let (mut harness, _) = Harness::loading(LoadReason::Loss, None);
    assert_eq!(harness.record("2"), ShownChanges::OfKnownRows);
    assert_eq!(harness.fail(0).map(|received| received.len()), Some(1));
    assert_eq!(harness.record("3"), ShownChanges::NotOwn);
}

#[test]
fn rows_of_an_earlier_request_are_ignored() {
    let (mut harness, first) = Harness::loading(LoadReason::First, None);
    harness.loader.start(&mut harness.surroundings.at(0), LoadReason::First);
    harness.receive(0, first, None);
    assert!(harness.complete(0).is_none());
}

#[test]
fn load_is_complete_once_no_key_is_awaited() {
    let (mut harness, request) = Harness::loading(LoadReason::First, None);
    harness.receive(0, request, None);
    assert!(harness.loader.complete(Instant::from_ms(0), |_, _| true).is_none());
    harness.record("2");
    let loaded = harness.complete(0).expect("rows");
    assert_eq!((loaded.rows.len(), loaded.received.len()), (1, 1));
    assert_eq!(harness.loader.status(), CollectionStatus::Live);
    assert_eq!(harness.record("3"), ShownChanges::All);
}

#[test]
fn rows_older_than_the_changes_kept_are_requested_again_later() {
    let (mut harness, request) = Harness::loading(LoadReason::First, Some(position(5)));
    harness.receive(0, request, Some(position(4)));
    assert!(harness.complete(0).is_none() && harness.request().is_none());
    assert!(harness.loader.poll_timeout().is_some());
}

#[test]
fn position_of_another_log_is_ignored() {
    let (mut harness, request) = Harness::loading(LoadReason::First, Some(position(5)));
    let elsewhere = StreamPosition { epoch: "other".into(), seq: 1 };
    harness.receive(0, request, Some(elsewhere));
    assert_eq!(harness.complete(0).map(|loaded| loaded.position), Some(None));
}

#[test]
fn rows_include_the_messages_up_to_their_position() {
    let (mut harness, request) = Harness::loading(LoadReason::First, Some(position(5)));
    harness.receive(0, request, Some(position(7)));
    harness.complete(0).expect("rows");
    assert!(harness.loader.includes(&position(7)) && !harness.loader.includes(&position(8)));
    assert_eq!(harness.loader.progress().reached, Some(7));
    harness.loader.set_position(Some(position(8)));
    assert_eq!(harness.loader.progress().reached, Some(8));
}

#[test]
fn position_of_another_epoch_ends_the_inclusion_of_messages() {
    let (mut harness, request) = Harness::loading(LoadReason::First, Some(position(5)));
    harness.receive(0, request, Some(position(5)));
    harness.complete(0).expect("rows");
    assert!(!harness.loader.set_position(Some(position(6))));
    let other = StreamPosition { epoch: "other".into(), seq: 1 };
    assert!(harness.loader.set_position(Some(other)));
    assert!(!harness.loader.includes(&position(5)));
}

#[test]
fn progress_awaits_everything_in_a_first_load_and_the_messages_before_it_in_a_later_one() {
    let (first, _) = Harness::loading(LoadReason::First, Some(position(5)));
    assert_eq!(first.loader.progress().awaited, Awaited::Everything);
    let (again, _) = Harness::loading(LoadReason::Again, Some(position(5)));
    assert_eq!(again.loader.progress().awaited, Awaited::UpTo(5));
    assert_eq!(Harness::live().loader.progress().awaited, Awaited::Nothing);
}

#[test]
fn gap_within_an_epoch_makes_rows_incomplete_and_one_between_epochs_may_have_lost_them() {
    let mut harness = Harness::live();
    assert_eq!(harness.loader.reason_after_gap(Some(&position(1))), LoadReason::Loss);
    harness.loader.set_position(Some(position(1)));
    assert_eq!(harness.loader.reason_after_gap(Some(&position(9))), LoadReason::Again);
    assert_eq!(harness.loader.reason_after_gap(None), LoadReason::Loss);
    let waiting = Loader::<Value>::default();
    assert_eq!(waiting.reason_after_gap(None), LoadReason::First);
}

#[test]
fn reload_before_the_channel_is_joined_requests_nothing() {
    let mut harness = Harness::new(options());
    harness.loader.reload(&mut harness.surroundings.at(0));
    assert!(harness.request().is_none());
}

#[test]
fn check_loads_while_what_shows_stays_live() {
    let mut harness = Harness::live();
    harness.loader.check(&mut harness.surroundings.at(0));
    assert!(harness.request().is_some());
    assert_eq!(harness.loader.status(), CollectionStatus::Live);
    harness.loader.reload(&mut harness.surroundings.at(0));
    assert!(harness.request().is_some());
    assert_eq!(harness.loader.status(), CollectionStatus::Loading);
}

#[test]
fn resent_insert_requests_rows_again_unless_they_are_requested_later_anyway() {
    let (mut harness, first) = Harness::loading(LoadReason::First, None);
    harness.loader.insert_resent(&mut harness.surroundings.at(0));
    assert!(harness.request().is_some_and(|second| second != first));
    harness.fail(0);
    harness.loader.insert_resent(&mut harness.surroundings.at(0));
    assert!(harness.request().is_none());
    let mut live = Harness::live();
    live.loader.insert_resent(&mut live.surroundings.at(0));
    assert!(live.request().is_none());
}

#[test]
fn rows_without_a_position_after_an_interruption_are_requested_again_at_once() {
    let (mut harness, request) = Harness::loading(LoadReason::First, None);
    harness.record("2");
    harness.loader.interrupted();
    harness.receive(0, request, None);
    assert!(harness.request().is_some() && harness.complete(0).is_none());
}

#[test]
fn reset_loader_waits_for_the_channel() {
    let mut harness = Harness::live();
    harness.loader.set_position(Some(position(3)));
    harness.loader.reset();
    assert!(harness.loader.joined() && !harness.loader.is_counted());
}
