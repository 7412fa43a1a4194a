use serde_json::{Value, json};

use crate::harness::Harness;

fn track(harness: &mut Harness, client: u64, more: &Value) -> Value {
    let mut frame = json!({ "type": "presence", "channel": "c", "ref": 5, "action": "track" });
    for (name, value) in more.as_object().into_iter().flatten() {
        frame[name] = value.clone();
    }
    harness.send(client, &frame);
    let frames = harness.take(client);
    let answer = frames.iter().find(|frame| frame["type"] == "presence_ok");
    answer.expect("accepted")["presence"].clone()
}

/// A harness, a member that is present, one that observes it, and the first one's presence ref.
fn present() -> (Harness, u64, u64, Value) {
    let mut harness = Harness::new();
    let (ann, watcher) = (harness.join_as("ann"), harness.join_as("bob"));
    harness.subscribe(ann, "c");
    let reference = track(&mut harness, ann, &json!({ "meta": { "at": "desk" } }));
    harness.subscribe(watcher, "c");
    harness.take(watcher);
    (harness, ann, watcher, reference)
}

#[test]
fn presence_of_a_closed_connection_ends_after_the_grace_period() {
    let (mut harness, ann, watcher, reference) = present();
    harness.close(ann);
    harness.advance(4_999);
    assert!(harness.take(watcher).is_empty());
    harness.advance(1);
    let frames = harness.take(watcher);
    assert_eq!(frames[0]["leaves"], json!({ "ann": [{ "ref": reference, "at": "desk" }] }));
    harness.advance(60_000);
    assert!(harness.take(watcher).is_empty());
}

#[test]
fn presence_taken_over_within_the_grace_period_is_one_change() {
    let (mut harness, ann, watcher, reference) = present();
    harness.close(ann);
    harness.advance(1_000);
    let again = harness.join_as("ann");
    harness.subscribe(again, "c");
    let other = track(&mut harness, again, &json!({ "replaces": reference }));
    let frames = harness.take(watcher);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0]["leaves"]["ann"][0]["ref"], reference);
    assert_eq!(frames[0]["joins"], json!({ "ann": [{ "ref": other }] }));
    harness.advance(60_000);
    assert!(harness.take(watcher).is_empty());
}

#[test]
fn untrack_and_unsubscribe_end_presence_without_grace() {
    for frame in [
        json!({ "type": "presence", "channel": "c", "ref": 6, "action": "untrack" }),
        json!({ "type": "unsubscribe", "channel": "c", "ref": 6 }),
    ] {
        let (mut harness, ann, watcher, _) = present();
        harness.send(ann, &frame);
        assert_eq!(harness.take_types(watcher), ["presence_diff"]);
    }
}

#[test]
fn joining_member_receives_the_presence_of_the_others() {
    let (mut harness, _, _, reference) = present();
    let late = harness.join_as("cy");
    harness.send(late, &json!({ "type": "subscribe", "channel": "c", "ref": 1 }));
    let state = harness.take(late).remove(1);
    assert_eq!(state["state"], json!({ "ann": [{ "ref": reference, "at": "desk" }] }));
}

#[test]
fn presence_needs_a_membership() {
    let mut harness = Harness::new();
    let ann = harness.join_as("ann");
    harness.send(ann, &json!({ "type": "presence", "channel": "c", "ref": 5, "action": "track" }));
    assert_eq!(harness.take(ann)[0]["code"], "invalid");
}
