//! Keys: temporary ones that become real, and those only the app can tell.

use serde_json::json;

use super::{Bench, options};
use crate::core::collection::{AppRequest, AppResponse, CollectionOptions, Key};
use crate::core::error::{Code, Error};

fn by_function() -> CollectionOptions {
    CollectionOptions { key: Key::Function, ..options() }
}

#[test]
fn a_temporary_row_bears_its_key_but_does_not_send_it() {
    let mut bench = Bench::live(options(), json!([]));
    bench.insert(json!({"n": 1}));
    assert_eq!(bench.rows(), json!([{"id": "tmp:m1", "n": 1}]));
    assert_eq!(bench.keys(), ["tmp:m1"]);
    assert_eq!(bench.payloads(), [json!({"row": {"n": 1}, "mutation": "m1"})]);
}

#[test]
fn the_stored_row_s_key_replaces_the_temporary_one_everywhere_at_once() {
    let mut bench = Bench::live(options(), json!([{"id": 1}]));
    let insert = bench.insert(json!({"n": 1}));
    let other = bench.insert(json!({"n": 9}));
    let update = bench.update("tmp:m1", json!({"n": 2}));
    assert_eq!(bench.sent.len(), 2, "the change waits for the real key");
    bench.accept(insert, Some(1), Some(json!({"id": 2, "n": 1})));
    assert_eq!(bench.keys(), ["1", "2", "tmp:m2"], "at the place of the temporary one");
    assert_eq!(bench.rows()[1], json!({"id": 2, "n": 2}));
    assert_eq!(&*bench.views.last().expect("a view").pending[1].key, "2");
    let sent = bench.payloads().pop().expect("sent");
    assert_eq!(sent, json!({"row": {"id": 2, "n": 2}, "mutation": "m3"}));
    bench.accept(update, Some(2), None);
    bench.reject(other, Error::new(Code::Rejected));
    let later = bench.remove("tmp:m1");
    assert_eq!(bench.outcome(later), [""; 0], "the temporary key is still understood");
    assert_eq!(bench.payloads(), [json!({"key": 2, "mutation": "m4"})]);
}

#[test]
fn a_row_that_came_under_its_real_key_first_is_not_doubled() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    let insert = bench.insert(json!({"n": 1}));
    bench.message("insert", json!({"row": {"id": "b"}}));
    bench.message("insert", json!({"row": {"id": "z", "n": 1}}));
    bench.accept(insert, Some(2), Some(json!({"id": "z", "n": 1})));
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a"}, {"id": "b"}, {"id": "z", "n": 1}]));
}

#[test]
fn a_change_of_a_row_handed_over_waits_for_its_key_but_not_for_ever() {
    let mut bench = Bench::live(options(), json!([]));
    let insert = bench.insert(json!({"n": 1}));
    bench.hand_over(insert);
    let update = bench.update("tmp:m1", json!({"n": 2}));
    assert_eq!(bench.sent.len(), 1);
    bench.deliver("insert", json!({"row": {"id": 4, "n": 1}, "mutation": "m1"}), None, None);
    assert_eq!(bench.sent[1].payload, json!({"row": {"id": 4, "n": 2}, "mutation": "m2"}));
    bench.hand_over(update);

    let insert = bench.insert(json!({"n": 1}));
    bench.hand_over(insert);
    let update = bench.update("tmp:m3", json!({"n": 2}));
    bench.pass(10_000);
    assert_eq!(bench.outcome(update), ["dependency_failed"]);
    assert_eq!(bench.rows()[1], json!({"id": "tmp:m3", "n": 1}));
}

#[test]
fn an_insert_stored_under_another_key_than_its_own_moves_there() {
    let mut bench = Bench::live(options(), json!([]));
    let insert = bench.insert_as("mine", json!({"id": "mine"}));
    bench.accept(insert, Some(1), Some(json!({"id": "yours"})));
    assert_eq!(bench.rows(), json!([{"id": "yours"}]));
}

#[test]
fn rows_are_keyed_by_the_app_s_function_and_shown_by_key() {
    let mut bench = Bench::new(by_function());
    bench.ready();
    bench.load(json!([{"name": "b"}, {"name": "a"}]));
    bench.tell_key();
    bench.message("insert", json!({"row": {"name": "c"}}));
    bench.message("update", json!({"row": {"name": "a", "n": 1}}));
    assert!(bench.views.iter().all(|view| view.rows.is_empty()));
    for _ in 0..3 {
        bench.tell_key();
    }
    bench.pass(100);
    assert_eq!(bench.keys(), ["a", "b", "c"]);
    assert_eq!(bench.rows()[0], json!({"name": "a", "n": 1}));
}

#[test]
fn a_change_says_the_key_that_no_field_says() {
    let mut bench = Bench::new(by_function());
    bench.ready();
    bench.load(json!([{"name": "a"}]));
    bench.tell_key();
    let update = bench.update("a", json!({"n": 1}));
    bench.accept(update, Some(1), None);
    bench.remove("a");
    let update = json!({"row": {"n": 1}, "key": "a", "mutation": "m1"});
    assert_eq!(bench.payloads(), [update, json!({"key": "a", "mutation": "m2"})]);
}

#[test]
fn a_temporary_row_gets_its_key_from_the_function_and_its_place_by_it() {
    let mut bench = Bench::new(by_function());
    bench.ready();
    bench.load(json!([]));
    let insert = bench.insert(json!({"n": 1}));
    bench.insert_as("other", json!({"name": "other"}));
    assert_eq!(bench.keys(), ["other", "tmp:m1"]);
    bench.accept(insert, Some(1), Some(json!({"name": "new", "n": 1})));
    bench.echo("insert", json!({"row": {"name": "new", "n": 1}}), Some("m1"));
    assert_eq!(bench.keys(), ["other", "tmp:m1"]);
    bench.tell_key();
    bench.tell_key();
    bench.pass(100);
    assert_eq!(bench.keys(), ["new", "other"]);
    assert_eq!(bench.outcome(insert), ["confirmed"]);
}

#[test]
fn a_row_without_a_key_is_left_out_and_the_error_is_shown() {
    let mut bench = Bench::new(by_function());
    bench.ready();
    bench.load(json!([{"name": "a"}]));
    bench.tell_key();
    bench.message("insert", json!({"row": {}}));
    bench.fail_question();
    bench.message("insert", json!({"row": {"name": "b"}}));
    bench.tell_key();
    bench.pass(100);
    let view = bench.views.last().expect("a view");
    assert_eq!(view.error.as_ref().map(|error| error.code.name()), Some("callback_failed"));
    assert_eq!(bench.keys(), ["a", "b"]);
}

#[test]
fn a_message_whose_row_has_no_usable_key_is_dropped_and_reported() {
    let keys = [json!(null), json!(1.5), json!(9_007_199_254_740_992_u64), json!(""), json!({})];
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    for key in &keys {
        bench.message("insert", json!({"row": {"id": key}}));
        bench.message("update", json!({"row": {"id": key, "n": 1}}));
        bench.message("delete", json!({"key": key}));
    }
    bench.message("insert", json!({"row": {"n": 1}}));
    bench.message("insert", json!({"row": 7}));
    bench.message("another", json!({"row": {"n": 1}}));
    bench.pass(200);
    assert_eq!(
        (bench.faults.len(), &*bench.faults[0]),
        (3 * keys.len() + 2, "the key 'id' is null")
    );
    assert!(bench.views.is_empty(), "nothing changed");

    let mut bench = Bench::new(by_function());
    bench.ready();
    bench.load(json!([{"name": "a"}]));
    bench.tell_key();
    bench.message("insert", json!({"row": {"name": null}}));
    bench.tell_key();
    bench.message("insert", json!({"row": {"name": 7}}));
    bench.tell_key();
    bench.pass(200);
    assert_eq!(
        (&*bench.faults[0], bench.keys()),
        ("the key 'key()' is null", vec!["7".into(), "a".into()])
    );
}

#[test]
fn a_function_that_gives_no_key_fails_the_load_with_the_row_it_gave_none_for() {
    let mut bench = Bench::new(by_function());
    bench.ready();
    bench.load(json!([{"name": "a"}, {"name": 0.5}, {"name": "b"}]));
    bench.tell_key();
    bench.tell_key();
    bench.pass(200);
    let error = bench.views.last().and_then(|view| view.error.clone()).expect("an error");
    let cause = error.cause.as_ref().map(|cause| &*cause.message);
    let why = "row 1: the key 'key()' is a number that is no safe integer";
    assert_eq!((error.code.name(), cause), ("load_failed", Some(why)));
    assert!(bench.asked.iter().all(|(_, question)| matches!(question, AppRequest::Load)));
}

#[test]
fn one_and_the_text_one_are_the_same_key() {
    let mut bench = Bench::live(options(), json!([{"id": 1, "n": 0}]));
    bench.message("update", json!({"row": {"id": "1", "n": 1}}));
    bench.update("1", json!({"m": 1}));
    bench.pass(200);
    assert_eq!(bench.rows(), json!([{"id": "1", "n": 1, "m": 1}]));
}

#[test]
fn an_answer_to_a_question_of_before_is_ignored() {
    let mut bench = Bench::new(by_function());
    bench.ready();
    bench.load(json!([{"name": "a"}]));
    let (former, question) = bench.question();
    assert!(matches!(question, AppRequest::Key(_)));
    bench.with(|collections, env| collections.identity_changed(env));
    bench.answer(former, AppResponse::Key("a".into()));
    bench.ready();
    bench.load(json!([{"name": "b"}]));
    bench.tell_key();
    bench.pass(100);
    assert_eq!(bench.keys(), ["b"]);
}
