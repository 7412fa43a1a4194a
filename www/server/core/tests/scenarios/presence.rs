use serde_json::{Value, json};

use crate::world::World;

fn track(world: &mut World, client: u64, more: &Value) -> Value {
    let mut frame = json!({ "type": "presence", "channel": "c", "ref": 5, "action": "track" });
    for (name, value) in more.as_object().into_iter().flatten() {
        frame[name] = value.clone();
    }
    world.send(client, &frame);
    let frames = world.take(client);
    let answer = frames.iter().find(|frame| frame["type"] == "presence_ok");
    answer.expect("accepted")["presence"].clone()
}

/// A member that is present, one that watches, and the former's presence ref.
fn present() -> (World, u64, u64, Value) {
    let mut world = World::new();
    let (ann, watcher) = (world.join_as("ann"), world.join_as("bob"));
    world.subscribe(ann, "c");
    let reference = track(&mut world, ann, &json!({ "meta": { "at": "desk" } }));
    world.subscribe(watcher, "c");
    world.take(watcher);
    (world, ann, watcher, reference)
}

#[test]
fn presence_of_a_closed_connection_ends_after_the_grace_period() {
    let (mut world, ann, watcher, reference) = present();
    world.close(ann);
    world.advance(4_999);
    assert!(world.take(watcher).is_empty());
    world.advance(1);
    let frames = world.take(watcher);
    assert_eq!(frames[0]["leaves"], json!({ "ann": [{ "ref": reference, "at": "desk" }] }));
    world.advance(60_000);
    assert!(world.take(watcher).is_empty());
}

#[test]
fn presence_taken_over_within_the_grace_period_is_one_change() {
    let (mut world, ann, watcher, reference) = present();
    world.close(ann);
    world.advance(1_000);
    let again = world.join_as("ann");
    world.subscribe(again, "c");
    let other = track(&mut world, again, &json!({ "replaces": reference }));
    let frames = world.take(watcher);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0]["leaves"]["ann"][0]["ref"], reference);
    assert_eq!(frames[0]["joins"], json!({ "ann": [{ "ref": other }] }));
    world.advance(60_000);
    assert!(world.take(watcher).is_empty());
}

#[test]
fn untrack_and_unsubscribe_end_presence_without_grace() {
    for frame in [
        json!({ "type": "presence", "channel": "c", "ref": 6, "action": "untrack" }),
        json!({ "type": "unsubscribe", "channel": "c", "ref": 6 }),
    ] {
        let (mut world, ann, watcher, _) = present();
        world.send(ann, &frame);
        assert_eq!(world.take_types(watcher), ["presence_diff"]);
    }
}

#[test]
fn joining_member_gets_everybody_present() {
    let (mut world, _, _, reference) = present();
    let late = world.join_as("cy");
    world.send(late, &json!({ "type": "subscribe", "channel": "c", "ref": 1 }));
    let state = world.take(late).remove(1);
    assert_eq!(state["state"], json!({ "ann": [{ "ref": reference, "at": "desk" }] }));
}

#[test]
fn presence_needs_a_membership() {
    let mut world = World::new();
    let ann = world.join_as("ann");
    world.send(ann, &json!({ "type": "presence", "channel": "c", "ref": 5, "action": "track" }));
    assert_eq!(world.take(ann)[0]["code"], "invalid");
}
