//! Who is there.

use serde_json::{Value, json};

use super::{Bench, ROOM, busy, on};
use crate::core::error::Code;
use crate::core::presence::members::{MAX_METAS, MAX_METAS_OF_KEY};

/// A meta as the server writes it.
fn named(reference: &str, status: &str) -> Value {
    json!({"ref": reference, "status": status})
}

/// A client in a room where ann and ben are.
fn with_ann_and_ben() -> Bench {
    let mut bench = Bench::joined();
    bench.state(json!({"ann": [named("a1", "on")], "ben": [named("b1", "on")]}));
    bench.changes.clear();
    bench.pass(1_000);
    bench
}

#[test]
fn the_first_state_is_told_whole_and_without_references() {
    let mut bench = Bench::joined();
    bench.state(
        json!({"ben": [named("b1", "on"), named("b2", "busy")], "ann": [named("a1", "on")]}),
    );
    assert_eq!(
        bench.told(),
        [
            "sync",
            r#"Join ann [{"status":"on"}] / [{"status":"on"}]"#,
            r#"Join ben [{"status":"on"},{"status":"busy"}] / [{"status":"on"},{"status":"busy"}]"#,
        ]
    );
}

#[test]
fn an_empty_state_is_told_as_well() {
    let mut bench = Bench::joined();
    bench.state(json!({}));
    assert_eq!(bench.told(), ["sync"]);
}

#[test]
fn a_join_and_a_leave_are_told() {
    let mut bench = with_ann_and_ben();
    bench.diff(json!({"cid": [named("c1", "on")]}), json!({"ann": [named("a1", "on")]}));
    assert_eq!(
        bench.told(),
        [
            r#"Leave ann [{"status":"on"}] / []"#,
            r#"Join cid [{"status":"on"}] / [{"status":"on"}]"#
        ]
    );
}

#[test]
fn a_leave_and_a_join_in_one_diff_are_an_update() {
    let mut bench = with_ann_and_ben();
    bench.diff(json!({"ann": [named("a2", "busy")]}), json!({"ann": [named("a1", "on")]}));
    assert_eq!(bench.told(), [r#"Update ann [{"status":"busy"}] / [{"status":"busy"}]"#]);
}

#[test]
fn updates_within_one_window_are_one() {
    let mut bench = with_ann_and_ben();
    bench.diff(json!({"cid": [named("c1", "on")]}), json!({}));
    bench.told();
    for n in 1..5 {
        let (next, former) = (format!("a{}", n + 1), format!("a{n}"));
        bench.diff(json!({"ann": [named(&next, &next)]}), json!({"ann": [{"ref": former}]}));
    }
    assert_eq!(bench.told(), [""; 0]);
    bench.pass(100);
    assert_eq!(bench.told(), [r#"Update ann [{"status":"a5"}] / [{"status":"a5"}]"#]);
}

#[test]
fn an_update_of_an_update_is_one_in_every_window() {
    let mut bench = with_ann_and_ben();
    for n in 1..4 {
        let (next, former) = (format!("a{}", n + 1), format!("a{n}"));
        bench.diff(json!({"ann": [named(&next, &next)]}), json!({"ann": [{"ref": former}]}));
        bench.pass(100);
        let meta = format!(r#"[{{"status":"{next}"}}]"#);
        assert_eq!(bench.told(), [format!("Update ann {meta} / {meta}")]);
    }
}

#[test]
fn a_server_that_keeps_the_reference_updates_all_the_same() {
    let mut bench = with_ann_and_ben();
    bench.diff(json!({"ann": [named("a1", "busy")]}), json!({}));
    assert_eq!(bench.told(), [r#"Update ann [{"status":"busy"}] / [{"status":"busy"}]"#]);
    bench.pass(100);
    bench.diff(json!({"ann": [named("a1", "on")]}), json!({"ann": [named("a1", "busy")]}));
    assert_eq!(bench.told(), [r#"Update ann [{"status":"on"}] / [{"status":"on"}]"#]);
}

#[test]
fn a_presence_taken_over_unchanged_is_no_news() {
    let mut bench = with_ann_and_ben();
    bench.diff(json!({"ann": [named("a2", "on")]}), json!({"ann": [named("a1", "on")]}));
    assert_eq!(bench.told(), [""; 0]);
    bench.diff(json!({}), json!({"ann": [named("a2", "on")]}));
    bench.pass(100);
    assert_eq!(bench.told(), [r#"Leave ann [{"status":"on"}] / []"#], "known by its new name");
}

#[test]
fn a_join_and_a_leave_within_one_window_cancel_out() {
    let mut bench = with_ann_and_ben();
    bench.diff(json!({"dan": [named("d1", "on")]}), json!({}));
    bench.told();
    bench.diff(json!({"cid": [named("c1", "on")]}), json!({}));
    bench.diff(json!({}), json!({"cid": [named("c1", "on")]}));
    bench.diff(json!({}), json!({"ann": [named("a1", "on")]}));
    bench.diff(json!({"ann": [named("a1", "on")]}), json!({}));
    bench.pass(1_000);
    assert_eq!(bench.told(), [""; 0]);
}

#[test]
fn tabs_of_one_key_come_and_go_one_by_one() {
    let mut bench = with_ann_and_ben();
    bench.diff(json!({"ann": [named("a2", "busy")]}), json!({}));
    assert_eq!(
        bench.told(),
        [r#"Join ann [{"status":"busy"}] / [{"status":"on"},{"status":"busy"}]"#]
    );
    bench.pass(100);
    bench.diff(json!({}), json!({"ann": [named("a1", "on")]}));
    assert_eq!(bench.told(), [r#"Leave ann [{"status":"on"}] / [{"status":"busy"}]"#]);
}

#[test]
fn different_things_of_one_key_are_told_each_by_its_kind() {
    let mut bench = Bench::joined();
    bench.state(json!({"ann": [named("a1", "1"), named("a2", "2")]}));
    bench.told();
    bench.diff(json!({"ann": [named("a3", "3")]}), json!({"ann": [{"ref": "a1"}]}));
    bench.diff(json!({"ann": [named("a4", "4")]}), json!({}));
    bench.diff(json!({}), json!({"ann": [{"ref": "a2"}]}));
    bench.pass(100);
    let all = r#"[{"status":"3"},{"status":"4"}]"#;
    assert_eq!(
        bench.told(),
        [
            format!(r#"Join ann [{{"status":"4"}}] / {all}"#),
            format!(r#"Update ann [{{"status":"3"}}] / {all}"#),
            format!(r#"Leave ann [{{"status":"2"}}] / {all}"#),
        ]
    );
}

#[test]
fn after_a_rejoin_only_what_differs_is_told() {
    let mut bench = with_ann_and_ben();
    bench.disconnect();
    bench.pass(10_000);
    assert_eq!(bench.told(), [""; 0], "what is shown stays");
    bench.rejoin();
    bench.state(json!({"ann": [named("a1", "on")], "cid": [named("c1", "on")]}));
    assert_eq!(
        bench.told(),
        [
            "sync",
            r#"Leave ben [{"status":"on"}] / []"#,
            r#"Join cid [{"status":"on"}] / [{"status":"on"}]"#,
        ]
    );
}

#[test]
fn a_restarted_server_names_everybody_anew_and_that_is_no_difference() {
    let mut bench = Bench::joined();
    bench.state(
        json!({"ann": [named("a1", "on"), named("a2", "busy")], "ben": [named("b1", "on")]}),
    );
    bench.disconnect();
    bench.pass(1_000);
    bench.told();
    bench.rejoin();
    bench.state(json!({
        "ann": [named("x1", "busy"), named("x2", "on")],
        "ben": [named("x3", "busy")],
    }));
    assert_eq!(bench.told(), ["sync", r#"Update ben [{"status":"busy"}] / [{"status":"busy"}]"#]);
}

#[test]
fn differences_to_an_unknown_state_mean_nothing() {
    let mut bench = Bench::joined();
    bench.diff(json!({"ann": [named("a1", "on")]}), json!({}));
    bench.state(json!({"ben": [named("b1", "on")]}));
    bench.told();
    bench.disconnect();
    bench.rejoin();
    bench.diff(json!({}), json!({"ben": [named("b1", "on")]}));
    bench.pass(1_000);
    assert_eq!(bench.told(), [""; 0]);
}

#[test]
fn another_user_begins_with_nobody() {
    let mut bench = with_ann_and_ben();
    bench.diff(json!({"ann": [named("a2", "on")]}), json!({}));
    bench.diff(json!({}), json!({"ann": [named("a2", "on")]}));
    bench.told();
    bench.call(|presences, env| presences.identity_changed(env, u64::MAX));
    assert_eq!(bench.presences.poll_timeout(), None, "nothing waits any more");
    assert_eq!(
        bench.told(),
        [
            "sync",
            r#"Leave ann [{"status":"on"},{"status":"on"}] / []"#,
            r#"Leave ben [{"status":"on"}] / []"#,
        ]
    );
    bench.diff(json!({"cid": [named("c1", "on")]}), json!({}));
    bench.pass(1_000);
    assert_eq!(bench.told(), [""; 0], "until there is a state");
}

#[test]
fn a_channel_that_was_left_is_forgotten() {
    let mut bench = with_ann_and_ben();
    bench.diff(json!({"cid": [named("c1", "on")]}), json!({}));
    bench.diff(json!({"dan": [named("d1", "on")]}), json!({}));
    bench.told();
    bench.call(|presences, _| presences.left(ROOM));
    bench.pass(1_000);
    bench.diff(json!({"eve": [named("e1", "on")]}), json!({}));
    assert_eq!(bench.told(), [""; 0]);
    assert_eq!(bench.presences.poll_timeout(), None);
}

#[test]
fn nonsense_is_nobody() {
    let mut bench = with_ann_and_ben();
    for nonsense in [json!(null), json!(7), json!("ann"), json!([named("a1", "on")])] {
        bench.state(nonsense.clone());
        bench.diff(nonsense.clone(), nonsense);
    }
    bench.diff(
        json!({"a": 1, "b": "x", "c": {"ref": "r"}, "d": [1, null, {}, {"ref": 7}, {"ref": ""}]}),
        json!({"ann": null, "ben": [{"ref": "unknown"}, {}, 3], "cid": [{"ref": "c1"}]}),
    );
    bench.pass(1_000);
    assert_eq!(bench.told(), [""; 0]);
    bench.diff(json!({"cid": [named("c1", "on"), named("c1", "busy")]}), json!({}));
    assert_eq!(bench.told(), [r#"Join cid [{"status":"busy"}] / [{"status":"busy"}]"#]);
}

#[test]
fn a_key_whose_metas_are_no_list_is_gone_with_the_state() {
    let mut bench = with_ann_and_ben();
    bench.state(json!({"ann": "nonsense", "ben": [named("b1", "on")]}));
    assert_eq!(bench.told(), ["sync", r#"Leave ann [{"status":"on"}] / []"#]);
}

#[test]
fn a_flood_of_presences_is_cut_and_told_once() {
    let crowd = |from: usize, to: usize| {
        let one = |n: usize| (format!("k{n}"), json!([{"ref": format!("r{n}")}]));
        Value::Object((from..to).map(one).collect())
    };
    let mut bench = Bench::joined();
    bench.state(crowd(0, MAX_METAS - 1));
    assert_eq!(bench.troubles, []);
    bench.diff(crowd(MAX_METAS - 1, MAX_METAS + 50), json!({}));
    bench.diff(crowd(MAX_METAS + 50, MAX_METAS + 60), json!({}));
    bench.pass(1_000);
    assert_eq!(bench.troubles, [Code::InvalidFrame]);
    assert_eq!(bench.told().len(), 1 + MAX_METAS);
    bench.diff(json!({"late": [named("l1", "on")]}), crowd(0, 1));
    assert_eq!(bench.told().len(), 2, "who leaves makes room");
}

#[test]
fn a_flood_under_one_key_is_cut() {
    let mut bench = Bench::joined();
    let tabs = |name: &str| -> Vec<_> {
        (0..MAX_METAS_OF_KEY + 5).map(|n| json!({"ref": format!("{name}{n}")})).collect()
    };
    bench.state(json!({"ann": tabs("a")}));
    bench.diff(json!({"ann": tabs("b")}), json!({}));
    bench.pass(1_000);
    let ann = bench.changes.iter().flatten().last().map(|change| change.metas.len());
    assert_eq!(ann, Some(MAX_METAS_OF_KEY));
    assert_eq!(bench.troubles, [Code::InvalidFrame]);
}

#[test]
fn what_the_client_shows_does_not_depend_on_who_it_sees() {
    let mut bench = with_ann_and_ben();
    bench.track(on());
    bench.diff(json!({"me": [named("m1", "on")]}), json!({}));
    bench.accept(json!("m1"));
    bench.pass(1_000);
    bench.update(busy());
    bench.state(json!({}));
    assert_eq!(bench.said.len(), 1);
}

#[test]
fn a_thousand_nearly_equal_metas_under_new_references_are_the_same_ones() {
    let metas = |prefix: &str, order: &mut dyn Iterator<Item = usize>| -> Value {
        let meta = |at| json!({"ref": format!("{prefix}{at}"), "zeros": vec![0; 200], "at": at});
        order.map(meta).collect()
    };
    let mut bench = Bench::joined();
    bench.state(json!({"ann": metas("x", &mut (0..MAX_METAS_OF_KEY))}));
    bench.changes.clear();
    bench.pass(1_000);
    bench.state(json!({"ann": metas("y", &mut (0..MAX_METAS_OF_KEY).rev())}));
    assert_eq!(bench.told(), ["sync"]);
}
