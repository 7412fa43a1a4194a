//! The presence of all members of a channel.

use serde_json::{Value, json};

use super::{Harness, ROOM, busy, on};
use crate::core::error::Code;
use crate::core::presence::members::{MAX_METAS, MAX_METAS_OF_KEY};

/// A meta as the server writes it.
fn named(reference: &str, status: &str) -> Value {
    json!({"ref": reference, "status": status})
}

/// A client in a channel with the presences `ann` and `ben`.
fn with_ann_and_ben() -> Harness {
    let mut harness = Harness::joined();
    harness.state(json!({"ann": [named("a1", "on")], "ben": [named("b1", "on")]}));
    harness.changes.clear();
    harness.pass(1_000);
    harness
}

#[test]
fn first_state_is_emitted_whole_and_without_references() {
    let mut harness = Harness::joined();
    harness.state(
        json!({"ben": [named("b1", "on"), named("b2", "busy")], "ann": [named("a1", "on")]}),
    );
    assert_eq!(
        harness.emitted(),
        [
            "sync",
            r#"Join ann [{"status":"on"}] / [{"status":"on"}]"#,
            r#"Join ben [{"status":"on"},{"status":"busy"}] / [{"status":"on"},{"status":"busy"}]"#,
        ]
    );
}

#[test]
fn empty_state_is_emitted() {
    let mut harness = Harness::joined();
    harness.state(json!({}));
    assert_eq!(harness.emitted(), ["sync"]);
}

#[test]
fn join_and_leave_are_emitted() {
    let mut harness = with_ann_and_ben();
    harness.diff(json!({"cid": [named("c1", "on")]}), json!({"ann": [named("a1", "on")]}));
    assert_eq!(
        harness.emitted(),
        [
            r#"Leave ann [{"status":"on"}] / []"#,
            r#"Join cid [{"status":"on"}] / [{"status":"on"}]"#
        ]
    );
}

#[test]
fn leave_and_join_in_one_diff_are_an_update() {
    let mut harness = with_ann_and_ben();
    harness.diff(json!({"ann": [named("a2", "busy")]}), json!({"ann": [named("a1", "on")]}));
    assert_eq!(harness.emitted(), [r#"Update ann [{"status":"busy"}] / [{"status":"busy"}]"#]);
}

#[test]
fn updates_within_one_window_are_emitted_once() {
    let mut harness = with_ann_and_ben();
    harness.diff(json!({"cid": [named("c1", "on")]}), json!({}));
    harness.emitted();
    for n in 1..5 {
        let (next, former) = (format!("a{}", n + 1), format!("a{n}"));
        harness.diff(json!({"ann": [named(&next, &next)]}), json!({"ann": [{"ref": former}]}));
    }
    assert_eq!(harness.emitted(), [""; 0]);
    harness.pass(100);
    assert_eq!(harness.emitted(), [r#"Update ann [{"status":"a5"}] / [{"status":"a5"}]"#]);
}

#[test]
fn consecutive_updates_are_one_update_per_window() {
    let mut harness = with_ann_and_ben();
    for n in 1..4 {
        let (next, former) = (format!("a{}", n + 1), format!("a{n}"));
        harness.diff(json!({"ann": [named(&next, &next)]}), json!({"ann": [{"ref": former}]}));
        harness.pass(100);
        let meta = format!(r#"[{{"status":"{next}"}}]"#);
        assert_eq!(harness.emitted(), [format!("Update ann {meta} / {meta}")]);
    }
}

#[test]
fn update_with_an_unchanged_reference_is_emitted() {
    let mut harness = with_ann_and_ben();
    harness.diff(json!({"ann": [named("a1", "busy")]}), json!({}));
    assert_eq!(harness.emitted(), [r#"Update ann [{"status":"busy"}] / [{"status":"busy"}]"#]);
    harness.pass(100);
    harness.diff(json!({"ann": [named("a1", "on")]}), json!({"ann": [named("a1", "busy")]}));
    assert_eq!(harness.emitted(), [r#"Update ann [{"status":"on"}] / [{"status":"on"}]"#]);
}

#[test]
fn presence_replaced_unchanged_emits_nothing() {
    let mut harness = with_ann_and_ben();
    harness.diff(json!({"ann": [named("a2", "on")]}), json!({"ann": [named("a1", "on")]}));
    assert_eq!(harness.emitted(), [""; 0]);
    harness.diff(json!({}), json!({"ann": [named("a2", "on")]}));
    harness.pass(100);
    assert_eq!(
        harness.emitted(),
        [r#"Leave ann [{"status":"on"}] / []"#],
        "it has the new reference"
    );
}

#[test]
fn join_and_leave_within_one_window_emit_nothing() {
    let mut harness = with_ann_and_ben();
    harness.diff(json!({"dan": [named("d1", "on")]}), json!({}));
    harness.emitted();
    harness.diff(json!({"cid": [named("c1", "on")]}), json!({}));
    harness.diff(json!({}), json!({"cid": [named("c1", "on")]}));
    harness.diff(json!({}), json!({"ann": [named("a1", "on")]}));
    harness.diff(json!({"ann": [named("a1", "on")]}), json!({}));
    harness.pass(1_000);
    assert_eq!(harness.emitted(), [""; 0]);
}

#[test]
fn metas_of_one_key_are_added_and_removed_individually() {
    let mut harness = with_ann_and_ben();
    harness.diff(json!({"ann": [named("a2", "busy")]}), json!({}));
    assert_eq!(
        harness.emitted(),
        [r#"Join ann [{"status":"busy"}] / [{"status":"on"},{"status":"busy"}]"#]
    );
    harness.pass(100);
    harness.diff(json!({}), json!({"ann": [named("a1", "on")]}));
    assert_eq!(harness.emitted(), [r#"Leave ann [{"status":"on"}] / [{"status":"busy"}]"#]);
}

#[test]
fn changes_of_one_key_are_emitted_by_kind() {
    let mut harness = Harness::joined();
    harness.state(json!({"ann": [named("a1", "1"), named("a2", "2")]}));
    harness.emitted();
    harness.diff(json!({"ann": [named("a3", "3")]}), json!({"ann": [{"ref": "a1"}]}));
    harness.diff(json!({"ann": [named("a4", "4")]}), json!({}));
    harness.diff(json!({}), json!({"ann": [{"ref": "a2"}]}));
    harness.pass(100);
    let all = r#"[{"status":"3"},{"status":"4"}]"#;
    assert_eq!(
        harness.emitted(),
        [
            format!(r#"Join ann [{{"status":"4"}}] / {all}"#),
            format!(r#"Update ann [{{"status":"3"}}] / {all}"#),
            format!(r#"Leave ann [{{"status":"2"}}] / {all}"#),
        ]
    );
}

#[test]
fn only_differences_are_emitted_after_a_rejoin() {
    let mut harness = with_ann_and_ben();
    harness.disconnect();
    harness.pass(10_000);
    assert_eq!(harness.emitted(), [""; 0], "the members stay");
    harness.rejoin();
    harness.state(json!({"ann": [named("a1", "on")], "cid": [named("c1", "on")]}));
    assert_eq!(
        harness.emitted(),
        [
            "sync",
            r#"Leave ben [{"status":"on"}] / []"#,
            r#"Join cid [{"status":"on"}] / [{"status":"on"}]"#,
        ]
    );
}

#[test]
fn new_references_after_a_server_restart_emit_nothing() {
    let mut harness = Harness::joined();
    harness.state(
        json!({"ann": [named("a1", "on"), named("a2", "busy")], "ben": [named("b1", "on")]}),
    );
    harness.disconnect();
    harness.pass(1_000);
    harness.emitted();
    harness.rejoin();
    harness.state(json!({
        "ann": [named("x1", "busy"), named("x2", "on")],
        "ben": [named("x3", "busy")],
    }));
    assert_eq!(
        harness.emitted(),
        ["sync", r#"Update ben [{"status":"busy"}] / [{"status":"busy"}]"#]
    );
}

#[test]
fn diff_before_the_state_is_ignored() {
    let mut harness = Harness::joined();
    harness.diff(json!({"ann": [named("a1", "on")]}), json!({}));
    harness.state(json!({"ben": [named("b1", "on")]}));
    harness.emitted();
    harness.disconnect();
    harness.rejoin();
    harness.diff(json!({}), json!({"ben": [named("b1", "on")]}));
    harness.pass(1_000);
    assert_eq!(harness.emitted(), [""; 0]);
}

#[test]
fn change_of_user_clears_presence() {
    let mut harness = with_ann_and_ben();
    harness.diff(json!({"ann": [named("a2", "on")]}), json!({}));
    harness.diff(json!({}), json!({"ann": [named("a2", "on")]}));
    harness.emitted();
    harness.call(|presences, env| presences.identity_changed(env, u64::MAX));
    assert_eq!(harness.presences.poll_timeout(), None, "no timer is needed");
    assert_eq!(
        harness.emitted(),
        [
            "sync",
            r#"Leave ann [{"status":"on"},{"status":"on"}] / []"#,
            r#"Leave ben [{"status":"on"}] / []"#,
        ]
    );
    harness.diff(json!({"cid": [named("c1", "on")]}), json!({}));
    harness.pass(1_000);
    assert_eq!(harness.emitted(), [""; 0], "until there is a state");
}

#[test]
fn members_of_a_channel_that_was_left_are_removed() {
    let mut harness = with_ann_and_ben();
    harness.diff(json!({"cid": [named("c1", "on")]}), json!({}));
    harness.diff(json!({"dan": [named("d1", "on")]}), json!({}));
    harness.emitted();
    harness.call(|presences, _| presences.left(ROOM));
    harness.pass(1_000);
    harness.diff(json!({"eve": [named("e1", "on")]}), json!({}));
    assert_eq!(harness.emitted(), [""; 0]);
    assert_eq!(harness.presences.poll_timeout(), None);
}

#[test]
fn invalid_presence_is_ignored() {
    let mut harness = with_ann_and_ben();
    for invalid in [json!(null), json!(7), json!("ann"), json!([named("a1", "on")])] {
        harness.state(invalid.clone());
        harness.diff(invalid.clone(), invalid);
    }
    harness.diff(
        json!({"a": 1, "b": "x", "c": {"ref": "r"}, "d": [1, null, {}, {"ref": 7}, {"ref": ""}]}),
        json!({"ann": null, "ben": [{"ref": "unknown"}, {}, 3], "cid": [{"ref": "c1"}]}),
    );
    harness.pass(1_000);
    assert_eq!(harness.emitted(), [""; 0]);
    harness.diff(json!({"cid": [named("c1", "on"), named("c1", "busy")]}), json!({}));
    assert_eq!(harness.emitted(), [r#"Join cid [{"status":"busy"}] / [{"status":"busy"}]"#]);
}

#[test]
fn key_with_invalid_metas_is_removed_by_the_state() {
    let mut harness = with_ann_and_ben();
    harness.state(json!({"ann": "invalid", "ben": [named("b1", "on")]}));
    assert_eq!(harness.emitted(), ["sync", r#"Leave ann [{"status":"on"}] / []"#]);
}

#[test]
fn presence_over_the_limit_is_dropped_and_reported_once() {
    let members = |from: usize, to: usize| {
        let one = |n: usize| (format!("k{n}"), json!([{"ref": format!("r{n}")}]));
        Value::Object((from..to).map(one).collect())
    };
    let mut harness = Harness::joined();
    harness.state(members(0, MAX_METAS - 1));
    assert_eq!(harness.errors, []);
    harness.diff(members(MAX_METAS - 1, MAX_METAS + 50), json!({}));
    harness.diff(members(MAX_METAS + 50, MAX_METAS + 60), json!({}));
    harness.pass(1_000);
    assert_eq!(harness.errors, [Code::InvalidFrame]);
    assert_eq!(harness.emitted().len(), 1 + MAX_METAS);
    harness.diff(json!({"late": [named("l1", "on")]}), members(0, 1));
    assert_eq!(harness.emitted().len(), 2, "a leave frees capacity");
}

#[test]
fn metas_of_one_key_are_limited() {
    let mut harness = Harness::joined();
    let tabs = |name: &str| -> Vec<_> {
        (0..MAX_METAS_OF_KEY + 5).map(|n| json!({"ref": format!("{name}{n}")})).collect()
    };
    harness.state(json!({"ann": tabs("a")}));
    harness.diff(json!({"ann": tabs("b")}), json!({}));
    harness.pass(1_000);
    let ann = harness.changes.iter().flatten().last().map(|change| change.metas.len());
    assert_eq!(ann, Some(MAX_METAS_OF_KEY));
    assert_eq!(harness.errors, [Code::InvalidFrame]);
}

#[test]
fn own_presence_does_not_depend_on_the_presence_of_others() {
    let mut harness = with_ann_and_ben();
    harness.track(on());
    harness.diff(json!({"me": [named("m1", "on")]}), json!({}));
    harness.accept(json!("m1"));
    harness.pass(1_000);
    harness.update(busy());
    harness.state(json!({}));
    assert_eq!(harness.sent.len(), 1);
}

#[test]
fn thousand_similar_metas_with_new_references_are_matched() {
    let metas = |prefix: &str, order: &mut dyn Iterator<Item = usize>| -> Value {
        let meta = |at| json!({"ref": format!("{prefix}{at}"), "zeros": vec![0; 200], "at": at});
        order.map(meta).collect()
    };
    let mut harness = Harness::joined();
    harness.state(json!({"ann": metas("x", &mut (0..MAX_METAS_OF_KEY))}));
    harness.changes.clear();
    harness.pass(1_000);
    harness.state(json!({"ann": metas("y", &mut (0..MAX_METAS_OF_KEY).rev())}));
    assert_eq!(harness.emitted(), ["sync"]);
}
