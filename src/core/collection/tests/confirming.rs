//! Changes confirmed by their acknowledgement or their echo, whichever comes first.

use serde_json::{Value, json};

use super::{Bench, options};
use crate::core::collection::MutationProgress;
use crate::core::error::{Code, Error};

fn confirmed_row(bench: &Bench) -> Option<Value> {
    bench.told.iter().find_map(|(_, progress)| match progress {
        MutationProgress::Confirmed { row, .. } => row.clone(),
        _ => None,
    })
}

#[test]
fn a_change_goes_out_once_with_its_id() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    bench.insert(json!({"n": 1}));
    bench.update("a", json!({"n": 2}));
    bench.remove("a");
    assert_eq!(bench.sent.len(), 2, "the removal waits for the update");
    assert_eq!((&*bench.sent[0].id, &*bench.sent[0].event), ("m1", "insert"));
    let payloads = bench.payloads();
    assert_eq!(payloads[0], json!({"row": {"n": 1}, "mutation": "m1"}));
    assert_eq!(payloads[1], json!({"row": {"id": "a", "n": 2}, "mutation": "m2"}));
    bench.echo("update", json!({"row": {"id": "a", "n": 2}}), Some("m2"));
    assert_eq!(bench.sent[0].event, "delete");
    assert_eq!(bench.payloads(), [json!({"key": "a", "mutation": "m3"})]);
}

#[test]
fn a_key_is_sent_as_the_server_writes_it() {
    let mut bench = Bench::live(options(), json!([{"id": 7}]));
    bench.update("7", json!({"n": 1}));
    assert_eq!(bench.payloads(), [json!({"row": {"id": 7, "n": 1}, "mutation": "m1"})]);
}

#[test]
fn the_acknowledged_row_shows_until_its_message_is_in_and_never_twice() {
    let mut bench = Bench::live(options(), json!([]));
    let insert = bench.insert(json!({"n": 1}));
    bench.accept(insert, Some(1), Some(json!({"id": "a", "n": 1, "at": 5})));
    assert_eq!(bench.outcome(insert), ["confirmed"]);
    assert_eq!(confirmed_row(&bench), Some(json!({"id": "a", "n": 1, "at": 5})));
    assert_eq!((bench.keys(), bench.pending()), (vec!["a".to_owned()], 0));
    let views = bench.views.len();
    bench.echo("insert", json!({"row": {"id": "a", "n": 1, "at": 5}, "mutation": "m1"}), None);
    bench.pass(500);
    assert_eq!(bench.views.len(), views, "the echo says nothing new");
    assert_eq!(bench.outcome(insert), ["confirmed"]);
}

#[test]
fn the_echo_confirms_as_well_and_the_later_acknowledgement_changes_nothing() {
    let mut bench = Bench::live(options(), json!([]));
    let insert = bench.insert(json!({"n": 1}));
    bench.echo("insert", json!({"row": {"id": "a", "n": 1}}), Some("m1"));
    assert_eq!((bench.outcome(insert), bench.keys()), (vec!["confirmed"], vec!["a".to_owned()]));
    let views = bench.views.len();
    bench.accept(insert, Some(1), Some(json!({"id": "a", "n": 1})));
    bench.pass(500);
    assert_eq!((bench.outcome(insert), bench.views.len()), (vec!["confirmed"], views));
}

#[test]
fn an_accepted_change_without_its_row_stays_shown_until_the_channel_comes_past_it() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    let update = bench.update("a", json!({"n": 1}));
    bench.accept(update, Some(3), None);
    assert_eq!(bench.outcome(update), ["confirmed"]);
    bench.message("update", json!({"row": {"id": "a", "n": -1}}));
    bench.message("update", json!({"row": {"id": "a", "n": -2}}));
    bench.pass(60_000);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}]));
    // Its own message is of a name that this collection does not know.
    bench.message("renamed", json!({}));
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": -2}]));
}

#[test]
fn messages_older_than_an_acknowledged_row_do_not_show_over_it() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    let update = bench.update("a", json!({"n": 3}));
    bench.accept(update, Some(3), Some(json!({"id": "a", "n": 3, "m": 2})));
    bench.message("update", json!({"row": {"id": "a", "n": 1}}));
    bench.message("update", json!({"row": {"id": "a", "m": 2}}));
    bench.pass(100);
    bench.echo("update", json!({"row": {"id": "a", "n": 3}}), Some("m1"));
    bench.pass(100);
    assert!(bench.views.iter().all(|view| view.rows[0].row["n"] == 3), "{:?}", bench.views);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 3, "m": 2}]));
}

#[test]
fn an_acknowledgement_that_the_channel_has_overtaken_brings_back_no_old_row() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    let update = bench.update("a", json!({"n": 1}));
    bench.message("renamed", json!({}));
    bench.message("delete", json!({"key": "a"}));
    bench.accept(update, Some(1), Some(json!({"id": "a", "n": 1})));
    bench.pass(100);
    assert_eq!((bench.rows(), bench.outcome(update)), (json!([]), vec!["confirmed"]));
}

#[test]
fn an_accepted_removal_hides_its_row_until_the_message_is_in() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    let removal = bench.remove("a");
    bench.accept(removal, Some(2), Some(json!({"id": "a", "n": 0})));
    bench.message("update", json!({"row": {"id": "a", "n": 1}}));
    bench.echo("delete", json!({"key": "a"}), Some("m1"));
    bench.pass(500);
    assert!(bench.views.iter().all(|view| view.rows.is_empty()));
}

#[test]
fn what_is_handed_over_without_acknowledgements_is_done_and_the_echo_merges_with_it() {
    let mut bench = Bench::live(options(), json!([]));
    let insert = bench.insert(json!({"n": 1}));
    bench.hand_over(insert);
    assert_eq!(bench.outcome(insert), ["handed over"]);
    assert_eq!((bench.rows(), bench.pending()), (json!([{"id": "tmp:m1", "n": 1}]), 0));
    bench.deliver("insert", json!({"row": {"id": 5, "n": 1}, "mutation": "m1"}), None, None);
    bench.pass(100);
    assert_eq!((bench.rows(), bench.keys()), (json!([{"id": 5, "n": 1}]), vec!["5".to_owned()]));
    assert_eq!(bench.outcome(insert), ["handed over"]);
}

#[test]
fn the_echo_of_an_overwritten_change_does_not_flicker() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    for n in 1..=2 {
        let update = bench.update("a", json!({"n": n}));
        bench.hand_over(update);
    }
    bench.pass(500);
    bench.views.clear();
    bench.deliver("update", json!({"row": {"id": "a", "n": 1}, "mutation": "m1"}), None, None);
    bench.deliver("update", json!({"row": {"id": "a", "n": 2}, "mutation": "m2"}), None, None);
    bench.deliver("update", json!({"row": {"id": "a", "n": 3}}), None, None);
    bench.pass(500);
    assert_eq!((bench.views.len(), bench.rows()), (1, json!([{"id": "a", "n": 3}])));
}

#[test]
fn an_update_on_its_way_does_not_bring_back_a_row_whose_removal_was_handed_over() {
    let mut bench = Bench::live(options(), json!([{"id": "a", "n": 0}]));
    bench.gap(0);
    bench.load(json!([{"id": "a", "n": 0}]));
    let removal = bench.remove("a");
    bench.hand_over(removal);
    bench.pass(500);
    bench.views.clear();
    bench.deliver("update", json!({"row": {"id": "a", "n": 1}}), None, None);
    bench.deliver("delete", json!({"key": "a", "mutation": "m1"}), None, None);
    bench.deliver("insert", json!({"row": {"id": "a", "n": 2}}), None, None);
    bench.pass(500);
    assert_eq!((bench.views.len(), bench.rows()), (1, json!([{"id": "a", "n": 2}])));
}

#[test]
fn an_acknowledgement_that_says_nothing_waits_for_the_echo_and_no_longer_than_an_answer_may_take() {
    let mut bench = Bench::live(options(), json!([]));
    let first = bench.insert_as("a", json!({"id": "a"}));
    let second = bench.insert_as("b", json!({"id": "b"}));
    bench.accept(first, None, None);
    bench.accept(second, None, None);
    bench.deliver("insert", json!({"row": {"id": "a", "n": 1}, "mutation": "m1"}), None, None);
    bench.pass(100);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
    bench.pass(60_000);
    assert_eq!(bench.rows(), json!([{"id": "a", "n": 1}, {"id": "b"}]));
    assert_eq!(bench.collections.poll_timeout(), None);
    bench.message("delete", json!({"key": "b"}));
    bench.pass(10_000);
    assert_eq!(bench.keys(), ["a", "b"], "a row of before may be meant");
    bench.load(json!([{"id": "a", "n": 1}]));
    bench.pass(100);
    assert_eq!(bench.keys(), ["a"], "it was one of the server's rows");
}

#[test]
fn changes_of_one_row_go_one_at_a_time_and_of_different_rows_together() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}, {"id": "b"}]));
    let first = bench.update("a", json!({"n": 1}));
    bench.update("a", json!({"n": 2}));
    bench.update("b", json!({"n": 3}));
    let ids = |bench: &Bench| bench.sent.iter().map(|sent| sent.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&bench), ["m1", "m3"]);
    bench.accept(first, Some(1), None);
    assert_eq!(ids(&bench), ["m1", "m3", "m2"]);
}

#[test]
fn another_user_s_rows_and_changes_are_not_taken_over() {
    let mut bench = Bench::live(options(), json!([{"id": "a"}]));
    let sent = bench.update("a", json!({"n": 1}));
    let waits = bench.update("a", json!({"n": 2}));
    bench.with(|collections, env| collections.identity_changed(env));
    assert_eq!((bench.outcome(sent).len(), bench.outcome(waits)), (0, vec!["identity_changed"]));
    bench.reject(sent, Error::new(Code::IdentityChanged));
    bench.pass(100);
    assert_eq!((bench.rows(), bench.pending()), (json!([]), 0));
    bench.ready();
    bench.load(json!([{"id": "z"}]));
    bench.pass(100);
    assert_eq!(bench.keys(), ["z"]);
}
