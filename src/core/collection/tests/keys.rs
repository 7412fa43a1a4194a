//! Keys: temporary ones and their replacement, and those computed by the app.

use serde_json::json;

use super::{Harness, options};
use crate::core::collection::{AppRequest, AppResponse, CollectionOptions, Key};
use crate::core::error::{Code, Error};

fn by_function() -> CollectionOptions {
    CollectionOptions { key: Key::Function, ..options() }
}

#[test]
fn temporary_key_is_shown_but_not_sent() {
    let mut harness = Harness::live(options(), json!([]));
    harness.insert(json!({"n": 1}));
    assert_eq!(harness.rows(), json!([{"id": "tmp:m1", "n": 1}]));
    assert_eq!(harness.keys(), ["tmp:m1"]);
    assert_eq!(harness.payloads(), [json!({"row": {"n": 1}, "mutation": "m1"})]);
}

#[test]
fn stored_key_replaces_the_temporary_one_everywhere_at_once() {
    let mut harness = Harness::live(options(), json!([{"id": 1}]));
    let insert = harness.insert(json!({"n": 1}));
    let other = harness.insert(json!({"n": 9}));
    let update = harness.update("tmp:m1", json!({"n": 2}));
    assert_eq!(harness.sent.len(), 2, "the change waits for the real key");
    harness.accept(insert, Some(1), Some(json!({"id": 2, "n": 1})));
    assert_eq!(harness.keys(), ["1", "2", "tmp:m2"], "at the place of the temporary one");
    assert_eq!(harness.rows()[1], json!({"id": 2, "n": 2}));
    assert_eq!(&*harness.views.last().expect("a view").pending[1].key, "2");
    let sent = harness.payloads().pop().expect("sent");
    assert_eq!(sent, json!({"row": {"id": 2, "n": 2}, "mutation": "m3"}));
    harness.accept(update, Some(2), None);
    harness.reject(other, Error::new(Code::Rejected));
    let later = harness.remove("tmp:m1");
    assert_eq!(harness.outcome(later), [""; 0], "the temporary key is still accepted");
    assert_eq!(harness.payloads(), [json!({"key": 2, "mutation": "m4"})]);
}

#[test]
fn row_received_under_its_real_key_first_is_not_duplicated() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    let insert = harness.insert(json!({"n": 1}));
    harness.message("insert", json!({"row": {"id": "b"}}));
    harness.message("insert", json!({"row": {"id": "z", "n": 1}}));
    harness.accept(insert, Some(2), Some(json!({"id": "z", "n": 1})));
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a"}, {"id": "b"}, {"id": "z", "n": 1}]));
}

#[test]
fn change_of_a_transmitted_insert_waits_for_its_key_up_to_a_timeout() {
    let mut harness = Harness::live(options(), json!([]));
    let insert = harness.insert(json!({"n": 1}));
    harness.send_unconfirmed(insert);
    let update = harness.update("tmp:m1", json!({"n": 2}));
    assert_eq!(harness.sent.len(), 1);
    harness.deliver("insert", json!({"row": {"id": 4, "n": 1}, "mutation": "m1"}), None, None);
    assert_eq!(harness.sent[1].payload, json!({"row": {"id": 4, "n": 2}, "mutation": "m2"}));
    harness.send_unconfirmed(update);

    let insert = harness.insert(json!({"n": 1}));
    harness.send_unconfirmed(insert);
    let update = harness.update("tmp:m3", json!({"n": 2}));
    harness.pass(10_000);
    assert_eq!(harness.outcome(update), ["dependency_failed"]);
    assert_eq!(harness.rows()[1], json!({"id": "tmp:m3", "n": 1}));
}

#[test]
fn insert_stored_under_another_key_is_renamed() {
    let mut harness = Harness::live(options(), json!([]));
    let insert = harness.insert_as("mine", json!({"id": "mine"}));
    harness.accept(insert, Some(1), Some(json!({"id": "yours"})));
    assert_eq!(harness.rows(), json!([{"id": "yours"}]));
}

#[test]
fn rows_are_keyed_by_the_app_s_function_and_ordered_by_key() {
    let mut harness = Harness::new(by_function());
    harness.ready();
    harness.load(json!([{"name": "b"}, {"name": "a"}]));
    harness.respond_key();
    harness.message("insert", json!({"row": {"name": "c"}}));
    harness.message("update", json!({"row": {"name": "a", "n": 1}}));
    assert!(harness.views.iter().all(|view| view.rows.is_empty()));
    for _ in 0..3 {
        harness.respond_key();
    }
    harness.pass(100);
    assert_eq!(harness.keys(), ["a", "b", "c"]);
    assert_eq!(harness.rows()[0], json!({"name": "a", "n": 1}));
}

#[test]
fn change_contains_the_key_if_no_field_does() {
    let mut harness = Harness::new(by_function());
    harness.ready();
    harness.load(json!([{"name": "a"}]));
    harness.respond_key();
    let update = harness.update("a", json!({"n": 1}));
    harness.accept(update, Some(1), None);
    harness.remove("a");
    let update = json!({"row": {"n": 1}, "key": "a", "mutation": "m1"});
    assert_eq!(harness.payloads(), [update, json!({"key": "a", "mutation": "m2"})]);
}

#[test]
fn temporary_row_gets_its_key_and_order_from_the_function() {
    let mut harness = Harness::new(by_function());
    harness.ready();
    harness.load(json!([]));
    let insert = harness.insert(json!({"n": 1}));
    harness.insert_as("other", json!({"name": "other"}));
    assert_eq!(harness.keys(), ["other", "tmp:m1"]);
    harness.accept(insert, Some(1), Some(json!({"name": "new", "n": 1})));
    harness.echo("insert", json!({"row": {"name": "new", "n": 1}}), Some("m1"));
    assert_eq!(harness.keys(), ["other", "tmp:m1"]);
    harness.respond_key();
    harness.respond_key();
    harness.pass(100);
    assert_eq!(harness.keys(), ["new", "other"]);
    assert_eq!(harness.outcome(insert), ["confirmed"]);
}

#[test]
fn row_without_a_key_is_dropped_and_reported() {
    let mut harness = Harness::new(by_function());
    harness.ready();
    harness.load(json!([{"name": "a"}]));
    harness.respond_key();
    harness.message("insert", json!({"row": {}}));
    harness.fail_request();
    harness.message("insert", json!({"row": {"name": "b"}}));
    harness.respond_key();
    harness.pass(100);
    let view = harness.views.last().expect("a view");
    assert_eq!(view.error.as_ref().map(|error| error.code.name()), Some("callback_failed"));
    assert_eq!(harness.keys(), ["a", "b"]);
}

#[test]
fn message_with_an_invalid_key_is_dropped_and_reported() {
    let keys = [json!(null), json!(1.5), json!(9_007_199_254_740_992_u64), json!(""), json!({})];
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    for key in &keys {
        harness.message("insert", json!({"row": {"id": key}}));
        harness.message("update", json!({"row": {"id": key, "n": 1}}));
        harness.message("delete", json!({"key": key}));
    }
    harness.message("insert", json!({"row": {"n": 1}}));
    harness.message("insert", json!({"row": 7}));
    harness.message("another", json!({"row": {"n": 1}}));
    harness.pass(200);
    assert_eq!(
        (harness.faults.len(), &*harness.faults[0]),
        (3 * keys.len() + 2, "the key 'id' is null")
    );
    assert!(harness.views.is_empty(), "nothing changed");

    let mut harness = Harness::new(by_function());
    harness.ready();
    harness.load(json!([{"name": "a"}]));
    harness.respond_key();
    harness.message("insert", json!({"row": {"name": null}}));
    harness.respond_key();
    harness.message("insert", json!({"row": {"name": 7}}));
    harness.respond_key();
    harness.pass(200);
    assert_eq!(
        (&*harness.faults[0], harness.keys()),
        ("the key 'key()' is null", vec!["7".into(), "a".into()])
    );
}

#[test]
fn key_function_without_a_result_fails_the_load_with_the_row() {
    let mut harness = Harness::new(by_function());
    harness.ready();
    harness.load(json!([{"name": "a"}, {"name": 0.5}, {"name": "b"}]));
    harness.respond_key();
    harness.respond_key();
    harness.pass(200);
    let error = harness.views.last().and_then(|view| view.error.clone()).expect("an error");
    let cause = error.cause.as_ref().map(|cause| &*cause.message);
    let why = "row 1: the key 'key()' is a number that is no safe integer";
    assert_eq!((error.code.name(), cause), ("load_failed", Some(why)));
    assert!(
        harness.requests.iter().all(|(_, app_request)| matches!(app_request, AppRequest::Load))
    );
}

#[test]
fn number_and_its_text_are_the_same_key() {
    let mut harness = Harness::live(options(), json!([{"id": 1, "n": 0}]));
    harness.message("update", json!({"row": {"id": "1", "n": 1}}));
    harness.update("1", json!({"m": 1}));
    harness.pass(200);
    assert_eq!(harness.rows(), json!([{"id": "1", "n": 1, "m": 1}]));
}

#[test]
fn response_to_an_obsolete_request_is_ignored() {
    let mut harness = Harness::new(by_function());
    harness.ready();
    harness.load(json!([{"name": "a"}]));
    let (former, app_request) = harness.take_request();
    assert!(matches!(app_request, AppRequest::Key(_)));
    harness.with(|collections, env| collections.identity_changed(env));
    harness.answer(former, AppResponse::Key("a".into()));
    harness.ready();
    harness.load(json!([{"name": "b"}]));
    harness.respond_key();
    harness.pass(100);
    assert_eq!(harness.keys(), ["b"]);
}
