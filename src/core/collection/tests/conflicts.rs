//! Conflicts: both sides changed the same field.

use serde_json::{Value, json};

use super::{Harness, conflict, with_policy};
use crate::core::collection::ConflictPolicy::{
    ClientWins, Function, LastWriteWins, Merge, ServerWins,
};
use crate::core::collection::{AppRequest, AppResponse, ConflictPolicy};
use crate::core::id::MutationId;

/// A row at version 1, a pending change of `x`, and the server's change of `x` and `y`.
fn clash(policy: ConflictPolicy, patch: Value) -> (Harness, MutationId) {
    let rows = json!([{"id": "a", "v": 1, "x": 0, "y": 0, "z": 0}]);
    let mut harness = Harness::live(with_policy(policy), rows);
    let update = harness.update("a", patch);
    harness.message("update", json!({"row": {"id": "a", "v": 2, "x": 5, "y": 5}}));
    harness.pass(100);
    (harness, update)
}

/// The messages sent after the first one was rejected with a conflict.
fn sent_again(harness: &mut Harness, update: MutationId) -> Option<Value> {
    harness.sent.clear();
    harness.reject(update, conflict());
    harness.payloads().pop()
}

#[test]
fn server_wins_uses_the_server_s_value_of_the_conflicting_field_only() {
    let (mut harness, update) = clash(ServerWins, json!({"x": 1, "z": 1}));
    assert_eq!(harness.rows(), json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 1}]));
    assert_eq!(sent_again(&mut harness, update), None);
    harness.pass(100);
    assert_eq!(harness.outcome(update), ["rejected"]);
    assert_eq!(harness.rows(), json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 0}]));
}

#[test]
fn client_wins_shows_and_resends_the_edited_row() {
    let (mut harness, update) = clash(ClientWins, json!({"x": 1}));
    assert_eq!(harness.rows(), json!([{"id": "a", "v": 1, "x": 1, "y": 0, "z": 0}]));
    let again = sent_again(&mut harness, update).expect("sent again");
    let row = json!({"id": "a", "v": 2, "x": 1, "y": 0, "z": 0});
    assert_eq!(again, json!({"row": row, "mutation": "m1~1"}));
    harness.echo("update", json!({"row": {"id": "a", "v": 3, "x": 1, "y": 0}}), Some("m1~1"));
    harness.pass(100);
    assert_eq!(harness.outcome(update), ["confirmed"]);
    assert_eq!(harness.rows(), json!([{"id": "a", "v": 3, "x": 1, "y": 0, "z": 0}]));
}

#[test]
fn last_write_wins_by_the_greater_version() {
    let (mut harness, update) = clash(LastWriteWins, json!({"x": 1, "v": 3}));
    assert_eq!(harness.rows(), json!([{"id": "a", "v": 3, "x": 1, "y": 0, "z": 0}]));
    let again = sent_again(&mut harness, update).expect("sent again");
    assert_eq!(again["row"], json!({"id": "a", "v": 3, "x": 1, "y": 0, "z": 0}));

    let (mut harness, update) = clash(LastWriteWins, json!({"x": 1, "v": 2}));
    assert_eq!(harness.rows(), json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 0}]));
    assert_eq!(sent_again(&mut harness, update), None);
    assert_eq!(harness.outcome(update), ["rejected"]);
}

#[test]
fn merge_uses_pending_fields_and_the_server_s_others() {
    let (mut harness, update) = clash(Merge, json!({"x": 1}));
    assert_eq!(harness.rows(), json!([{"id": "a", "v": 2, "x": 1, "y": 5, "z": 0}]));
    let again = sent_again(&mut harness, update).expect("sent again");
    assert_eq!(again["row"], json!({"id": "a", "v": 2, "x": 1}));
}

#[test]
fn conflict_function_decides_and_no_view_is_emitted_before() {
    let (mut harness, update) = clash(Function, json!({"x": 1}));
    assert_eq!(harness.views.len(), 1, "only the local change");
    let (request, app_request) = harness.take_request();
    let AppRequest::Resolve { local, remote, base } = app_request else {
        panic!("{app_request:?}")
    };
    assert_eq!(local, Some(json!({"id": "a", "v": 1, "x": 1, "y": 0, "z": 0})));
    assert_eq!(remote, json!({"id": "a", "v": 2, "x": 5, "y": 5, "z": 0}));
    assert_eq!(base, Some(json!({"id": "a", "v": 1, "x": 0, "y": 0, "z": 0})));
    let decided = json!({"id": "a", "v": 2, "x": 3, "y": 5, "z": 0});
    harness.answer(request, AppResponse::Resolved(decided.clone()));
    assert_eq!((harness.views.len(), harness.rows()), (2, json!([decided])));
    assert_eq!(sent_again(&mut harness, update).expect("sent again")["row"], decided);
    assert!(harness.requests.is_empty(), "the decision about this row is remembered");
}

#[test]
fn newer_server_row_is_resolved_again() {
    let (mut harness, _) = clash(Function, json!({"x": 1}));
    let (request, _) = harness.take_request();
    harness.answer(request, AppResponse::Resolved(json!({"id": "a", "x": 3})));
    harness.message("update", json!({"row": {"id": "a", "x": 6}}));
    harness.pass(100);
    let (request, app_request) = harness.take_request();
    let AppRequest::Resolve { remote, .. } = app_request else { panic!("{app_request:?}") };
    assert_eq!(remote["x"], 6);
    harness.answer(request, AppResponse::Resolved(json!({"id": "a", "x": 4})));
    assert_eq!(harness.rows(), json!([{"id": "a", "x": 4}]));
}

#[test]
fn throwing_conflict_function_keeps_the_server_s_row_and_reports_the_error() {
    let (mut harness, _) = clash(Function, json!({"x": 1}));
    harness.fail_request();
    let view = harness.views.last().expect("a view");
    assert_eq!(view.error.as_ref().map(|error| error.code.name()), Some("callback_failed"));
    assert_eq!(harness.rows(), json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 0}]));
}

#[test]
fn change_of_other_fields_is_not_a_conflict() {
    for policy in [ServerWins, ClientWins, LastWriteWins, Merge, Function] {
        let (harness, _) = clash(policy, json!({"z": 1}));
        assert_eq!(
            harness.rows(),
            json!([{"id": "a", "v": 2, "x": 5, "y": 5, "z": 1}]),
            "{policy:?}"
        );
        assert!(harness.requests.is_empty());
    }
}

#[test]
fn own_earlier_changes_are_not_conflicts() {
    for policy in [ServerWins, ClientWins, LastWriteWins, Merge, Function] {
        let mut harness = Harness::live(with_policy(policy), json!([{"id": "a", "v": 1, "x": 0}]));
        let first = harness.update("a", json!({"x": 1}));
        harness.update("a", json!({"x": 2}));
        harness.accept(first, Some(1), Some(json!({"id": "a", "v": 2, "x": 10})));
        harness.echo("update", json!({"row": {"id": "a", "v": 2, "x": 10}}), Some("m1"));
        harness.pass(100);
        assert_eq!(harness.rows(), json!([{"id": "a", "v": 2, "x": 2}]), "{policy:?}");
        let last = harness.payloads().pop().expect("sent");
        assert_eq!(last["row"], json!({"id": "a", "v": 2, "x": 2}), "with the version it now has");
    }
}

#[test]
fn resend_waits_for_the_server_s_newer_row() {
    let mut harness = Harness::live(with_policy(Merge), json!([{"id": "a", "v": 1, "x": 0}]));
    let update = harness.update("a", json!({"x": 1}));
    assert_eq!(sent_again(&mut harness, update), None);
    harness.message("update", json!({"row": {"id": "a", "v": 2, "x": 5}}));
    assert_eq!(harness.payloads()[0]["row"], json!({"id": "a", "v": 2, "x": 1}));
}

#[test]
fn change_fails_if_the_newer_row_never_arrives() {
    let mut harness = Harness::live(with_policy(Merge), json!([{"id": "a", "v": 1, "x": 0}]));
    let update = harness.update("a", json!({"x": 1}));
    harness.reject(update, conflict());
    harness.pass(9_999);
    assert_eq!(harness.outcome(update), [""; 0]);
    harness.pass(1);
    assert_eq!((harness.outcome(update), harness.pending()), (vec!["rejected"], 0));
}

#[test]
fn change_is_resent_at_most_three_times() {
    let mut harness = Harness::live(with_policy(Merge), json!([{"id": "a", "v": 1, "x": 0}]));
    let update = harness.update("a", json!({"x": 1}));
    for v in 2..=5 {
        harness.message("update", json!({"row": {"id": "a", "v": v}}));
        harness.reject(update, conflict());
    }
    let ids: Vec<_> = harness.sent.iter().map(|sent| &*sent.id).collect();
    assert_eq!(ids, ["m1", "m1~1", "m1~2", "m1~3"]);
    assert_eq!(harness.outcome(update), ["rejected"]);
}

#[test]
fn row_deleted_by_the_server_is_not_restored() {
    for policy in [ServerWins, ClientWins, LastWriteWins, Merge, Function] {
        let mut harness = Harness::live(with_policy(policy), json!([{"id": "a", "v": 1, "x": 0}]));
        let update = harness.update("a", json!({"x": 1}));
        harness.message("delete", json!({"key": "a"}));
        assert_eq!(harness.rows(), json!([]));
        assert_eq!(sent_again(&mut harness, update), None);
        assert_eq!(harness.outcome(update), ["rejected"]);
    }
}

#[test]
fn server_s_row_shows_when_nothing_is_pending() {
    for policy in [ServerWins, ClientWins, LastWriteWins, Merge] {
        let (mut harness, update) = clash(policy, json!({"x": 1, "v": 9}));
        harness.accept(update, Some(2), None);
        harness.message("update", json!({"row": {"id": "a", "v": 7, "x": 7, "y": 7, "z": 7}}));
        harness.pass(100);
        assert_eq!(harness.rows(), json!([{"id": "a", "v": 7, "x": 7, "y": 7, "z": 7}]));
    }
}
