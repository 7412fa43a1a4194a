//! Failed changes: only they and the changes that depend on them are rolled back.

use serde_json::json;

use super::{Harness, options};
use crate::core::collection::MutationProgress;
use crate::core::config::Config;
use crate::core::error::{Cause, Code, Error};

fn rejection() -> Error {
    let mut error = Error::new(Code::Rejected);
    error.cause = Some(Cause { code: Some("too_low".into()), message: "Too low.".into() });
    error
}

#[test]
fn rejected_change_is_rolled_back_and_later_ones_are_kept() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "x": 0, "y": 0}]));
    let first = harness.update("a", json!({"x": 1}));
    let second = harness.update("a", json!({"y": 1}));
    harness.reject(first, rejection());
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a", "x": 0, "y": 1}]));
    assert_eq!((harness.outcome(first), harness.outcome(second)), (vec!["rejected"], vec![]));
    assert_eq!(harness.sent.last().map(|sent| sent.mutation), Some(second));
}

#[test]
fn failure_has_the_channel_and_the_server_s_message() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    let update = harness.update("a", json!({"x": 1}));
    harness.reject(update, rejection());
    let Some((_, MutationProgress::Failed(error))) = harness.emitted.last() else {
        panic!("no failure")
    };
    assert_eq!(error.channel.as_deref(), Some("feed"));
    assert_eq!(error.cause, rejection().cause);
}

#[test]
fn rejected_removal_restores_the_row_in_its_position() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}, {"id": "b"}, {"id": "c"}]));
    let removal = harness.remove("b");
    harness.message("update", json!({"row": {"id": "b", "n": 1}}));
    harness.reject(removal, rejection());
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a"}, {"id": "b", "n": 1}, {"id": "c"}]));
}

#[test]
fn changes_of_a_rejected_insert_fail_with_it() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    let insert = harness.insert(json!({"n": 1}));
    let update = harness.update("tmp:m1", json!({"n": 2}));
    let removal = harness.remove("tmp:m1");
    let other = harness.update("a", json!({"n": 3}));
    harness.reject(insert, rejection());
    harness.pass(100);
    assert_eq!(harness.outcome(insert), ["rejected"]);
    assert_eq!(harness.outcome(update), ["dependency_failed"]);
    assert_eq!(harness.outcome(removal), ["dependency_failed"]);
    assert_eq!(harness.outcome(other), [""; 0]);
    assert_eq!((harness.rows(), harness.sent.len()), (json!([{"id": "a", "n": 3}]), 2));
}

#[test]
fn change_of_a_rejected_insert_is_kept_if_the_server_has_the_row() {
    let mut harness = Harness::live(options(), json!([]));
    let insert = harness.insert_as("k", json!({"id": "k", "n": 1}));
    let update = harness.update("k", json!({"n": 2}));
    harness.message("insert", json!({"row": {"id": "k", "n": 0, "by": "bob"}}));
    harness.reject(insert, super::conflict());
    harness.pass(100);
    assert_eq!((harness.outcome(insert), harness.outcome(update)), (vec!["rejected"], vec![]));
    assert_eq!(harness.rows(), json!([{"id": "k", "n": 2, "by": "bob"}]));
    assert_eq!(harness.sent.len(), 2);
}

#[test]
fn every_kind_of_failure_rolls_the_change_back() {
    let codes = [Code::Unconfirmed, Code::Expired, Code::AckTimeout, Code::Destroyed];
    for code in codes {
        let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
        let update = harness.update("a", json!({"n": 1}));
        harness.reject(update, Error::new(code));
        harness.pass(100);
        assert_eq!(harness.outcome(update), [code.name()]);
        assert_eq!((harness.rows(), harness.pending()), (json!([{"id": "a", "n": 0}]), 0));
    }
}

#[test]
fn unconfirmed_change_shows_if_the_server_accepted_it() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    let update = harness.update("a", json!({"n": 1}));
    harness.reject(update, Error::new(Code::AckTimeout));
    harness.echo("update", json!({"row": {"id": "a", "n": 1}}), Some("m1"));
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}]));
    assert_eq!(harness.outcome(update), ["ack_timeout"]);
}

#[test]
fn new_change_fails_at_the_limit_of_unsettled_changes() {
    let mut harness = Harness::live(options(), json!([]));
    harness.env.config = Config { queue_max_messages: 2, ..Config::default() };
    let first = harness.insert(json!({}));
    harness.insert(json!({}));
    let third = harness.insert(json!({}));
    assert_eq!((harness.outcome(third), harness.pending()), (vec!["queue_full"], 2));
    harness.accept(first, Some(1), None);
    let fourth = harness.insert(json!({}));
    assert_eq!(harness.outcome(fourth), [""; 0]);
}

#[test]
fn destroy_fails_every_change_once() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    let sent = harness.update("a", json!({"n": 1}));
    let waits = harness.update("a", json!({"n": 2}));
    harness.with(|collections, env| collections.fail_all(env, &Error::new(Code::Destroyed)));
    harness.reject(sent, Error::new(Code::Destroyed));
    harness.pass(100);
    assert_eq!(
        (harness.outcome(sent), harness.outcome(waits)),
        (vec!["destroyed"], vec!["destroyed"])
    );
    assert_eq!((harness.sent.len(), harness.rows()), (1, json!([{"id": "a"}])));
}
