//! Both sides changed the same field: what shows, and what is sent again.

use serde_json::{Value, json};

use super::{Bench, conflict, with_policy};
use crate::core::collection::ConflictPolicy::{Ask, ClientWins, LastWriteWins, Merge, ServerWins};
use crate::core::collection::{AppRequest, AppResponse, ConflictPolicy};
use crate::core::id::MutationId;

/// A row at version 1, a pending change of `x`, and the server's change of `x` and `y`.
fn clash(policy: ConflictPolicy, patch: Value) -> (Bench, MutationId) {
    let rows = json!([{"id": "a", "v": 1, "x": 0, "y": 0, "z": 0}]);
    let mut bench = Bench::live(with_policy(policy), rows);
    let update = bench.update("a", patch);
    bench.message("update", json!({"row": {"id": "a", "v": 2, "x": 5, "y": 5}}));
    bench.pass(100);
    (bench, update)
}

/// What is sent after the first message and a refusal for a conflict.
fn sent_again(bench: &mut Bench, update: MutationId) -> Option<Value> {
    bench.sent.clear();
    bench.reject(update, conflict());
    bench.payloads().pop()
}

#[test]
fn server_wins_shows_the_server_s_value_of_that_field_only() {
    let (mut bench, update) = clash(ServerWins, json!({"x": 1, "z": 1}));
    assert_eq!(bench.rows(), json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 1}]));
    assert_eq!(sent_again(&mut bench, update), None);
    bench.pass(100);
    assert_eq!(bench.outcome(update), ["rejected"]);
    assert_eq!(bench.rows(), json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 0}]));
}

#[test]
fn client_wins_shows_and_sends_again_the_row_as_edited() {
    let (mut bench, update) = clash(ClientWins, json!({"x": 1}));
    assert_eq!(bench.rows(), json!([{"id": "a", "v": 1, "x": 1, "y": 0, "z": 0}]));
    let again = sent_again(&mut bench, update).expect("sent again");
    let row = json!({"id": "a", "v": 2, "x": 1, "y": 0, "z": 0});
    assert_eq!(again, json!({"row": row, "mutation": "m1~1"}));
    bench.echo("update", json!({"row": {"id": "a", "v": 3, "x": 1, "y": 0}}), Some("m1~1"));
    bench.pass(100);
    assert_eq!(bench.outcome(update), ["confirmed"]);
    assert_eq!(bench.rows(), json!([{"id": "a", "v": 3, "x": 1, "y": 0, "z": 0}]));
}

#[test]
fn last_write_wins_by_the_greater_version() {
    let (mut bench, update) = clash(LastWriteWins, json!({"x": 1, "v": 3}));
    assert_eq!(bench.rows(), json!([{"id": "a", "v": 3, "x": 1, "y": 0, "z": 0}]));
    let again = sent_again(&mut bench, update).expect("sent again");
    assert_eq!(again["row"], json!({"id": "a", "v": 3, "x": 1, "y": 0, "z": 0}));

    let (mut bench, update) = clash(LastWriteWins, json!({"x": 1, "v": 2}));
    assert_eq!(bench.rows(), json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 0}]));
    assert_eq!(sent_again(&mut bench, update), None);
    assert_eq!(bench.outcome(update), ["rejected"]);
}

#[test]
fn merge_takes_the_pending_fields_and_leaves_the_others_to_the_server() {
    let (mut bench, update) = clash(Merge, json!({"x": 1}));
    assert_eq!(bench.rows(), json!([{"id": "a", "v": 2, "x": 1, "y": 5, "z": 0}]));
    let again = sent_again(&mut bench, update).expect("sent again");
    assert_eq!(again["row"], json!({"id": "a", "v": 2, "x": 1}));
}

#[test]
fn a_function_decides_and_no_view_is_told_before() {
    let (mut bench, update) = clash(Ask, json!({"x": 1}));
    assert_eq!(bench.views.len(), 1, "only the local change");
    let (request, question) = bench.question();
    let AppRequest::Resolve { local, remote, base } = question else { panic!("{question:?}") };
    assert_eq!(local, Some(json!({"id": "a", "v": 1, "x": 1, "y": 0, "z": 0})));
    assert_eq!(remote, json!({"id": "a", "v": 2, "x": 5, "y": 5, "z": 0}));
    assert_eq!(base, Some(json!({"id": "a", "v": 1, "x": 0, "y": 0, "z": 0})));
    let decided = json!({"id": "a", "v": 2, "x": 3, "y": 5, "z": 0});
    bench.answer(request, AppResponse::Resolved(decided.clone()));
    assert_eq!((bench.views.len(), bench.rows()), (2, json!([decided])));
    assert_eq!(sent_again(&mut bench, update).expect("sent again")["row"], decided);
    assert!(bench.asked.is_empty(), "the decision about this row is remembered");
}

#[test]
fn a_newer_row_of_the_server_is_decided_about_anew() {
    let (mut bench, _) = clash(Ask, json!({"x": 1}));
    let (request, _) = bench.question();
    bench.answer(request, AppResponse::Resolved(json!({"id": "a", "x": 3})));
    bench.message("update", json!({"row": {"id": "a", "x": 6}}));
    bench.pass(100);
    let (request, question) = bench.question();
    let AppRequest::Resolve { remote, .. } = question else { panic!("{question:?}") };
    assert_eq!(remote["x"], 6);
    bench.answer(request, AppResponse::Resolved(json!({"id": "a", "x": 4})));
    assert_eq!(bench.rows(), json!([{"id": "a", "x": 4}]));
}

#[test]
fn a_function_that_throws_leaves_the_server_s_row_and_says_so() {
    let (mut bench, _) = clash(Ask, json!({"x": 1}));
    bench.fail_question();
    let view = bench.views.last().expect("a view");
    assert_eq!(view.error.as_ref().map(|error| error.code.name()), Some("callback_failed"));
    assert_eq!(bench.rows(), json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 0}]));
}

#[test]
fn a_change_of_other_fields_is_no_conflict() {
    for policy in [ServerWins, ClientWins, LastWriteWins, Merge, Ask] {
        let (bench, _) = clash(policy, json!({"z": 1}));
        assert_eq!(
            bench.rows(),
            json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 1}]),
            "{policy:?}"
        );
        assert!(bench.asked.is_empty());
    }
}

#[test]
fn own_earlier_changes_are_no_conflict() {
    for policy in [ServerWins, ClientWins, LastWriteWins, Merge, Ask] {
        let mut bench = Bench::live(with_policy(policy), json!([{"id": "a", "v": 1, "x": 0}]));
        let first = bench.update("a", json!({"x": 1}));
        bench.update("a", json!({"x": 2}));
        bench.accept(first, Some(1), Some(json!({"id": "a", "v": 2, "x": 10})));
        bench.echo("update", json!({"row": {"id": "a", "v": 2, "x": 10}}), Some("m1"));
        bench.pass(100);
        assert_eq!(bench.rows(), json!([{"id": "a", "v": 2, "x": 2}]), "{policy:?}");
        let last = bench.payloads().pop().expect("sent");
        assert_eq!(last["row"], json!({"id": "a", "v": 2, "x": 2}), "with the version it now has");
    }
}

#[test]
fn a_resend_waits_for_the_server_s_newer_row() {
    let mut bench = Bench::live(with_policy(Merge), json!([{"id": "a", "v": 1, "x": 0}]));
    let update = bench.update("a", json!({"x": 1}));
    assert_eq!(sent_again(&mut bench, update), None);
    bench.message("update", json!({"row": {"id": "a", "v": 2, "x": 5}}));
    assert_eq!(bench.payloads()[0]["row"], json!({"id": "a", "v": 2, "x": 1}));
}

#[test]
fn a_newer_row_that_never_comes_fails_the_change() {
    let mut bench = Bench::live(with_policy(Merge), json!([{"id": "a", "v": 1, "x": 0}]));
    let update = bench.update("a", json!({"x": 1}));
    bench.reject(update, conflict());
    bench.pass(9_999);
    assert_eq!(bench.outcome(update), [""; 0]);
    bench.pass(1);
    assert_eq!((bench.outcome(update), bench.pending()), (vec!["rejected"], 0));
}

#[test]
fn a_change_is_sent_again_three_times_at_most() {
    let mut bench = Bench::live(with_policy(Merge), json!([{"id": "a", "v": 1, "x": 0}]));
    let update = bench.update("a", json!({"x": 1}));
    for v in 2..=5 {
        bench.message("update", json!({"row": {"id": "a", "v": v}}));
        bench.reject(update, conflict());
    }
    let ids: Vec<_> = bench.sent.iter().map(|sent| &*sent.id).collect();
    assert_eq!(ids, ["m1", "m1~1", "m1~2", "m1~3"]);
    assert_eq!(bench.outcome(update), ["rejected"]);
}

#[test]
fn a_row_that_the_server_deleted_is_not_brought_back() {
    for policy in [ServerWins, ClientWins, LastWriteWins, Merge, Ask] {
        let mut bench = Bench::live(with_policy(policy), json!([{"id": "a", "v": 1, "x": 0}]));
        let update = bench.update("a", json!({"x": 1}));
        bench.message("delete", json!({"key": "a"}));
        assert_eq!(bench.rows(), json!([]));
        assert_eq!(sent_again(&mut bench, update), None);
        assert_eq!(bench.outcome(update), ["rejected"]);
    }
}

#[test]
fn once_nothing_is_pending_the_server_s_row_shows() {
    for policy in [ServerWins, ClientWins, LastWriteWins, Merge] {
        let (mut bench, update) = clash(policy, json!({"x": 1, "v": 9}));
        bench.accept(update, Some(2), None);
        bench.message("update", json!({"row": {"id": "a", "v": 7, "x": 7, "y": 7, "z": 7}}));
        bench.pass(100);
        assert_eq!(bench.rows(), json!([{"id": "a", "v": 7, "x": 7, "y": 7, "z": 7}]));
    }
}
