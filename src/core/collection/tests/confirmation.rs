//! Changes confirmed by their acknowledgement or their echo, whichever comes first.

use serde_json::{Value, json};

use super::{Harness, options};
use crate::core::collection::MutationProgress;
use crate::core::error::{Code, Error};

fn confirmed_row(harness: &Harness) -> Option<Value> {
    harness.emitted.iter().find_map(|(_, progress)| match progress {
        MutationProgress::Confirmed { row, .. } => row.clone(),
        _ => None,
    })
}

#[test]
fn change_is_sent_once_with_its_id() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    harness.insert(json!({"n": 1}));
    harness.update("a", json!({"n": 2}));
    harness.remove("a");
    assert_eq!(harness.sent.len(), 2, "the removal waits for the update");
    assert_eq!((&*harness.sent[0].id, &*harness.sent[0].event), ("m1", "insert"));
    let payloads = harness.payloads();
    assert_eq!(payloads[0], json!({"row": {"n": 1}, "mutation": "m1"}));
    assert_eq!(payloads[1], json!({"row": {"id": "a", "n": 2}, "mutation": "m2"}));
    harness.echo("update", json!({"row": {"id": "a", "n": 2}}), Some("m2"));
    assert_eq!(harness.sent[0].event, "delete");
    assert_eq!(harness.payloads(), [json!({"key": "a", "mutation": "m3"})]);
}

#[test]
fn key_is_sent_in_the_server_s_form() {
    let mut harness = Harness::live(options(), json!([{"id": 7}]));
    harness.update("7", json!({"n": 1}));
    assert_eq!(harness.payloads(), [json!({"row": {"id": 7, "n": 1}, "mutation": "m1"})]);
}

#[test]
fn acknowledged_row_shows_once_until_its_message_arrives() {
    let mut harness = Harness::live(options(), json!([]));
    let insert = harness.insert(json!({"n": 1}));
    harness.accept(insert, Some(1), Some(json!({"id": "a", "n": 1, "at": 5})));
    assert_eq!(harness.outcome(insert), ["confirmed"]);
    assert_eq!(confirmed_row(&harness), Some(json!({"id": "a", "n": 1, "at": 5})));
    assert_eq!((harness.keys(), harness.pending()), (vec!["a".to_owned()], 0));
    let views = harness.views.len();
    harness.echo("insert", json!({"row": {"id": "a", "n": 1, "at": 5}, "mutation": "m1"}), None);
    harness.pass(500);
    assert_eq!(harness.views.len(), views, "the echo changes nothing");
    assert_eq!(harness.outcome(insert), ["confirmed"]);
}

#[test]
fn echo_confirms_a_change_and_the_later_ack_is_ignored() {
    let mut harness = Harness::live(options(), json!([]));
    let insert = harness.insert(json!({"n": 1}));
    harness.echo("insert", json!({"row": {"id": "a", "n": 1}}), Some("m1"));
    assert_eq!(
        (harness.outcome(insert), harness.keys()),
        (vec!["confirmed"], vec!["a".to_owned()])
    );
    let views = harness.views.len();
    harness.accept(insert, Some(1), Some(json!({"id": "a", "n": 1})));
    harness.pass(500);
    assert_eq!((harness.outcome(insert), harness.views.len()), (vec!["confirmed"], views));
}

#[test]
fn accepted_change_without_its_row_shows_until_the_channel_passes_its_position() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    let update = harness.update("a", json!({"n": 1}));
    harness.accept(update, Some(3), None);
    assert_eq!(harness.outcome(update), ["confirmed"]);
    harness.message("update", json!({"row": {"id": "a", "n": -1}}));
    harness.message("update", json!({"row": {"id": "a", "n": -2}}));
    harness.pass(60_000);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}]));
    // Its own message has an event name that this collection does not use.
    harness.message("renamed", json!({}));
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": -2}]));
}

#[test]
fn messages_older_than_an_acknowledged_row_do_not_replace_it() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    let update = harness.update("a", json!({"n": 3}));
    harness.accept(update, Some(3), Some(json!({"id": "a", "n": 3, "m": 2})));
    harness.message("update", json!({"row": {"id": "a", "n": 1}}));
    harness.message("update", json!({"row": {"id": "a", "m": 2}}));
    harness.pass(100);
    harness.echo("update", json!({"row": {"id": "a", "n": 3}}), Some("m1"));
    harness.pass(100);
    assert!(harness.views.iter().all(|view| view.rows[0].row["n"] == 3), "{:?}", harness.views);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 3, "m": 2}]));
}

#[test]
fn ack_older_than_the_channel_s_position_does_not_restore_an_old_row() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    let update = harness.update("a", json!({"n": 1}));
    harness.message("renamed", json!({}));
    harness.message("delete", json!({"key": "a"}));
    harness.accept(update, Some(1), Some(json!({"id": "a", "n": 1})));
    harness.pass(100);
    assert_eq!((harness.rows(), harness.outcome(update)), (json!([]), vec!["confirmed"]));
}

#[test]
fn accepted_removal_hides_its_row_until_the_message_arrives() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    let removal = harness.remove("a");
    harness.accept(removal, Some(2), Some(json!({"id": "a", "n": 0})));
    harness.message("update", json!({"row": {"id": "a", "n": 1}}));
    harness.echo("delete", json!({"key": "a"}), Some("m1"));
    harness.pass(500);
    assert!(harness.views.iter().all(|view| view.rows.is_empty()));
}

#[test]
fn change_without_acks_is_settled_when_transmitted_and_merged_with_its_echo() {
    let mut harness = Harness::live(options(), json!([]));
    let insert = harness.insert(json!({"n": 1}));
    harness.send_unconfirmed(insert);
    assert_eq!(harness.outcome(insert), ["handed over"]);
    assert_eq!((harness.rows(), harness.pending()), (json!([{"id": "tmp:m1", "n": 1}]), 0));
    harness.deliver("insert", json!({"row": {"id": 5, "n": 1}, "mutation": "m1"}), None, None);
    harness.pass(100);
    assert_eq!(
        (harness.rows(), harness.keys()),
        (json!([{"id": 5, "n": 1}]), vec!["5".to_owned()])
    );
    assert_eq!(harness.outcome(insert), ["handed over"]);
}

#[test]
fn echo_of_an_overwritten_change_does_not_show() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    for n in 1..=2 {
        let update = harness.update("a", json!({"n": n}));
        harness.send_unconfirmed(update);
    }
    harness.pass(500);
    harness.views.clear();
    harness.deliver("update", json!({"row": {"id": "a", "n": 1}, "mutation": "m1"}), None, None);
    harness.deliver("update", json!({"row": {"id": "a", "n": 2}, "mutation": "m2"}), None, None);
    harness.deliver("update", json!({"row": {"id": "a", "n": 3}}), None, None);
    harness.pass(500);
    assert_eq!((harness.views.len(), harness.rows()), (1, json!([{"id": "a", "n": 3}])));
}

#[test]
fn update_in_transit_does_not_restore_a_row_whose_removal_was_transmitted() {
    let mut harness = Harness::live(options(), json!([{"id": "a", "n": 0}]));
    harness.gap(0);
    harness.load(json!([{"id": "a", "n": 0}]));
    let removal = harness.remove("a");
    harness.send_unconfirmed(removal);
    harness.pass(500);
    harness.views.clear();
    harness.deliver("update", json!({"row": {"id": "a", "n": 1}}), None, None);
    harness.deliver("delete", json!({"key": "a", "mutation": "m1"}), None, None);
    harness.deliver("insert", json!({"row": {"id": "a", "n": 2}}), None, None);
    harness.pass(500);
    assert_eq!((harness.views.len(), harness.rows()), (1, json!([{"id": "a", "n": 2}])));
}

#[test]
fn ack_without_details_waits_for_the_echo_up_to_the_ack_timeout() {
    let mut harness = Harness::live(options(), json!([]));
    let first = harness.insert_as("a", json!({"id": "a"}));
    let second = harness.insert_as("b", json!({"id": "b"}));
    harness.accept(first, None, None);
    harness.accept(second, None, None);
    harness.deliver("insert", json!({"row": {"id": "a", "n": 1}, "mutation": "m1"}), None, None);
    harness.pass(100);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
    harness.pass(60_000);
    assert_eq!(harness.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
    assert_eq!(harness.collections.poll_timeout(), None);
    harness.message("delete", json!({"key": "b"}));
    harness.pass(10_000);
    assert_eq!(harness.keys(), ["a", "b"], "a row of before may be meant");
    harness.load(json!([{"id": "a", "n": 1}]));
    harness.pass(100);
    assert_eq!(harness.keys(), ["a"], "it was one of the server's rows");
}

#[test]
fn changes_of_one_row_are_sent_one_at_a_time_and_of_different_rows_in_parallel() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}, {"id": "b"}]));
    let first = harness.update("a", json!({"n": 1}));
    harness.update("a", json!({"n": 2}));
    harness.update("b", json!({"n": 3}));
    let ids =
        |harness: &Harness| harness.sent.iter().map(|sent| sent.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&harness), ["m1", "m3"]);
    harness.accept(first, Some(1), None);
    assert_eq!(ids(&harness), ["m1", "m3", "m2"]);
}

#[test]
fn rows_and_changes_of_the_former_user_are_dropped() {
    let mut harness = Harness::live(options(), json!([{"id": "a"}]));
    let sent = harness.update("a", json!({"n": 1}));
    let waits = harness.update("a", json!({"n": 2}));
    harness.with(|collections, env| collections.identity_changed(env));
    assert_eq!(
        (harness.outcome(sent).len(), harness.outcome(waits)),
        (0, vec!["identity_changed"])
    );
    harness.reject(sent, Error::new(Code::IdentityChanged));
    harness.pass(100);
    assert_eq!((harness.rows(), harness.pending()), (json!([]), 0));
    harness.ready();
    harness.load(json!([{"id": "z"}]));
    harness.pass(100);
    assert_eq!(harness.keys(), ["z"]);
}
