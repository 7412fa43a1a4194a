//! One load alone.

use serde_json::{Value, json};

use super::{LoadReason, LoadedRows, Loading, MAX_RECEIVED, ReceivedChange, RowsCheck};
use crate::core::collection::ChangeKind;
use crate::core::collection::mutations::{Awaits, Inserts};
use crate::core::id::RequestId;
use crate::core::message::StreamPosition;
use crate::core::time::Instant;

const REQUEST: RequestId = RequestId(1);
const AGAIN: RequestId = RequestId(2);

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

fn position(seq: u64) -> StreamPosition {
    StreamPosition { epoch: "e".into(), seq }
}

fn change(key: &str) -> ReceivedChange<Value> {
    let (kind, row) = (ChangeKind::Insert, Some(json!({ "id": key })));
    ReceivedChange { position: None, kind, key: key.into(), row }
}

fn loading(began: Option<StreamPosition>) -> Loading<Value> {
    Loading::new(LoadReason::First, began, REQUEST)
}

/// The rows if no key is awaited.
fn complete(loading: &mut Loading<Value>) -> Option<LoadedRows<Value>> {
    loading.complete(at(0), None, 1, |_, _| false)
}

fn received_keys(mut loading: Loading<Value>) -> Vec<String> {
    let loaded = complete(&mut loading).expect("rows were received");
    loaded.received.into_iter().map(|change| change.key.to_string()).collect()
}

/// What the received rows wait for.
fn waits_for(
    loading: &mut Loading<Value>,
    now: u64,
    seq: Option<u64>,
    loads: u32,
) -> Option<(Awaits, Inserts)> {
    let mut waits = None;
    let loaded = loading.complete(at(now), seq, loads, |awaits, inserts| {
        waits = Some((awaits, inserts));
        true
    });
    assert!(loaded.is_none());
    waits
}

#[test]
fn rows_from_before_the_first_received_change_are_incomplete() {
    let mut loading = loading(Some(position(5)));
    assert_eq!(loading.receive(vec![], Some(position(4)), at(9)), RowsCheck::Incomplete);
    assert!(loading.is_requested(REQUEST));
    assert_eq!(loading.receive(vec![], Some(position(5)), at(9)), RowsCheck::Usable);
}

#[test]
fn rows_after_too_many_changes_are_incomplete_until_they_are_requested_again() {
    let mut loading = loading(None);
    for _ in 0..=MAX_RECEIVED {
        loading.record(change("a"));
    }
    assert_eq!(loading.receive(vec![], None, at(9)), RowsCheck::Incomplete);
    loading.requested_again(AGAIN, None);
    assert_eq!(loading.receive(vec![], None, at(9)), RowsCheck::Usable);
}

#[test]
fn rows_without_a_position_after_an_interruption_are_inconsistent_if_changes_were_received() {
    let mut loading = loading(None);
    loading.interrupted();
    assert_eq!(loading.receive(vec![], None, at(9)), RowsCheck::Usable);
    loading.requested_again(AGAIN, None);
    loading.record(change("a"));
    loading.interrupted();
    assert_eq!(loading.receive(vec![], None, at(9)), RowsCheck::Inconsistent);
    loading.resumed();
    assert_eq!(loading.receive(vec![], None, at(9)), RowsCheck::Usable);
}

#[test]
fn changes_before_the_last_request_are_dropped_where_rows_have_no_position() {
    let mut without = loading(None);
    let mut with = loading(Some(position(1)));
    for loading in [&mut without, &mut with] {
        loading.record(change("a"));
        loading.requested_again(AGAIN, None);
        loading.record(change("b"));
    }
    without.receive(vec![], None, at(9));
    with.receive(vec![], Some(position(1)), at(9));
    assert_eq!(received_keys(without), ["b"]);
    assert_eq!(received_keys(with), ["a", "b"]);
}

#[test]
fn received_rows_wait_for_keys_until_the_deadline_and_then_for_sent_inserts_only() {
    let mut loading = loading(None);
    assert_eq!(waits_for(&mut loading, 0, None, 1), None);
    loading.receive(vec![], None, at(9));
    assert_eq!(loading.poll_timeout(), Some(at(9)));
    assert_eq!(waits_for(&mut loading, 8, None, 1), Some((Awaits::Reply, Inserts::All)));
    assert_eq!(waits_for(&mut loading, 9, None, 1), Some((Awaits::Reply, Inserts::OfChannel)));
    assert_eq!(loading.poll_timeout(), None);
}

#[test]
fn rows_ahead_of_the_channel_wait_for_the_messages_of_inserts() {
    let mut loading = loading(Some(position(1)));
    loading.receive(vec![], Some(position(3)), at(9));
    let ahead = waits_for(&mut loading, 0, Some(2), 7);
    assert_eq!(ahead, Some((Awaits::Message, Inserts::All)));
    let reached = waits_for(&mut loading, 0, Some(3), 7);
    assert_eq!(reached, Some((Awaits::ReplyTo { loads: 7 }, Inserts::All)));
}

#[test]
fn sleep_extends_the_wait_for_keys_and_not_the_retry() {
    let mut loading = loading(None);
    loading.retry_at(at(5));
    loading.extend_deadlines(100);
    assert!(loading.waits_to_retry() && !loading.is_retry_due(at(4)));
    assert!(loading.is_retry_due(at(5)));
    loading.receive(vec![], None, at(9));
    loading.extend_deadlines(100);
    assert_eq!(loading.poll_timeout(), Some(at(109)));
}

#[test]
fn new_rows_show_after_a_failure_of_a_load_for_lost_rows_once() {
    let mut loading = Loading::new(LoadReason::Loss, None, REQUEST);
    loading.record(change("a"));
    assert!(!loading.shows_all());
    assert_eq!(loading.show_received().map(|received| received.len()), Some(1));
    assert!(loading.shows_all() && loading.show_received().is_none());
}
