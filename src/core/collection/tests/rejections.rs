//! Changes that fail: just they are taken back, and what depended on them.

use serde_json::json;

use super::{Bench, options};
use crate::core::collection::MutationProgress;
use crate::core::config::Config;
use crate::core::error::{Cause, Code, Error};

fn rejection() -> Error {
    let mut error = Error::new(Code::Rejected);
    error.cause = Some(Cause { code: Some("too_low".into()), message: "Too low.".into() });
    error
}

#[test]
fn a_refusal_takes_back_just_that_change_and_keeps_the_later_ones() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "x": 0, "y": 0}]));
    let first = bench.update("a", json!({"x": 1}));
    let second = bench.update("a", json!({"y": 1}));
    bench.reject(first, rejection());
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a", "x": 0, "y": 1}]));
    assert_eq!((bench.outcome(first), bench.outcome(second)), (vec!["rejected"], vec![]));
    assert_eq!(bench.sent.last().map(|sent| sent.mutation), Some(second));
}

#[test]
fn the_failure_bears_the_channel_and_the_server_s_words() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    let update = bench.update("a", json!({"x": 1}));
    bench.reject(update, rejection());
    let Some((_, MutationProgress::Failed(error))) = bench.told.last() else {
        panic!("no failure")
    };
    assert_eq!(error.channel.as_deref(), Some("feed"));
    assert_eq!(error.cause, rejection().cause);
}

#[test]
fn a_refused_removal_brings_the_row_back_at_its_place() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}, {"id": "b"}, {"id": "c"}]));
    let removal = bench.remove("b");
    bench.message("update", json!({"row": {"id": "b", "n": 1}}));
    bench.reject(removal, rejection());
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a"}, {"id": "b", "n": 1}, {"id": "c"}]));
}

#[test]
fn what_depended_on_a_refused_insert_fails_with_it() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    let insert = bench.insert(json!({"n": 1}));
    let update = bench.update("tmp:m1", json!({"n": 2}));
    let removal = bench.remove("tmp:m1");
    let other = bench.update("a", json!({"n": 3}));
    bench.reject(insert, rejection());
    bench.pass(100);
    assert_eq!(bench.outcome(insert), ["rejected"]);
    assert_eq!(bench.outcome(update), ["dependency_failed"]);
    assert_eq!(bench.outcome(removal), ["dependency_failed"]);
    assert_eq!(bench.outcome(other), [""; 0]);
    assert_eq!((bench.rows(), bench.sent.len()), (json!([{"id": "a", "n": 3}]), 2));
}

#[test]
fn a_change_of_a_refused_insert_is_kept_if_the_server_has_the_row() {
    let mut bench = Bench::live(options(), json!([]));
    let insert = bench.insert_as("k", json!({"id": "k", "n": 1}));
    let update = bench.update("k", json!({"n": 2}));
    bench.message("insert", json!({"row": {"id": "k", "n": 0, "by": "bob"}}));
    bench.reject(insert, super::conflict());
    bench.pass(100);
    assert_eq!((bench.outcome(insert), bench.outcome(update)), (vec!["rejected"], vec![]));
    assert_eq!(bench.rows(), json!([{"id": "k", "n": 2, "by": "bob"}]));
    assert_eq!(bench.sent.len(), 2);
}

#[test]
fn every_kind_of_failure_takes_the_change_back() {
    let codes = [Code::Unconfirmed, Code::Expired, Code::AckTimeout, Code::Destroyed];
    for code in codes {
        let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
        let update = bench.update("a", json!({"n": 1}));
        bench.reject(update, Error::new(code));
        bench.pass(100);
        assert_eq!(bench.outcome(update), [code.name()]);
        assert_eq!((bench.rows(), bench.pending()), (json!([{"id": "a", "n": 0}]), 0));
    }
}

#[test]
fn a_change_given_up_for_lost_still_shows_if_the_server_did_it() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    let update = bench.update("a", json!({"n": 1}));
    bench.reject(update, Error::new(Code::AckTimeout));
    bench.echo("update", json!({"row": {"id": "a", "n": 1}}), Some("m1"));
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}]));
    assert_eq!(bench.outcome(update), ["ack_timeout"]);
}

#[test]
fn too_many_unsettled_changes_fail_the_new_one() {
    let mut bench = Bench::live(options(), json!([]));
    bench.env.config = Config { queue_max_messages: 2, ..Config::default() };
    let first = bench.insert(json!({}));
    bench.insert(json!({}));
    let third = bench.insert(json!({}));
    assert_eq!((bench.outcome(third), bench.pending()), (vec!["queue_full"], 2));
    bench.accept(first, Some(1), None);
    let fourth = bench.insert(json!({}));
    assert_eq!(bench.outcome(fourth), [""; 0]);
}

#[test]
fn the_end_of_the_client_fails_every_change_once() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    let sent = bench.update("a", json!({"n": 1}));
    let waits = bench.update("a", json!({"n": 2}));
    bench.with(|collections, env| collections.fail_all(env, &Error::new(Code::Destroyed)));
    bench.reject(sent, Error::new(Code::Destroyed));
    bench.pass(100);
    assert_eq!((bench.outcome(sent), bench.outcome(waits)), (vec!["destroyed"], vec!["destroyed"]));
    assert_eq!((bench.sent.len(), bench.rows()), (1, json!([{"id": "a"}])));
}
