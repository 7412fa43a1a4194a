use serde_json::json;
use tidewire_server_core::limits::Limits;

use crate::world::World;

#[test]
fn message_is_acknowledged_with_its_number_and_delivered_to_all_members() {
    let mut world = World::new();
    let (ann, bob) = (world.join_as("ann"), world.join_as("bob"));
    world.subscribe(ann, "c");
    world.subscribe(bob, "c");
    world.take(ann);
    world.take(bob);
    world.publish(ann, "c", "m1");
    let (to_ann, to_bob) = (world.take(ann), world.take(bob));
    assert_eq!((&to_ann[0]["id"], &to_ann[0]["seq"]), (&json!("m1"), &json!(1)));
    assert_eq!(to_ann[0], to_bob[0]);
    assert_eq!(
        to_ann[1],
        json!({ "type": "ack", "channel": "c", "id": "m1", "status": "ok", "seq": 1 })
    );
}

#[test]
fn known_id_is_acknowledged_again_and_not_delivered_twice() {
    let mut world = World::new();
    let (ann, reader) = (world.join_as("ann"), world.join_as("bob"));
    world.subscribe(reader, "c");
    world.publish(ann, "c", "m1");
    world.publish(ann, "c", "m2");
    world.close(ann);
    let again = world.join_as("ann");
    world.take(reader);
    world.publish(again, "c", "m1");
    let frames = world.take(again);
    assert_eq!((&frames[0]["status"], &frames[0]["seq"]), (&json!("ok"), &json!(1)));
    assert!(world.take(reader).is_empty());
}

#[test]
fn id_of_another_user_is_rejected() {
    let mut world = World::new();
    let (ann, bob) = (world.join_as("ann"), world.join_as("bob"));
    world.publish(ann, "c", "m1");
    world.publish(bob, "c", "m1");
    let frames = world.take(bob);
    assert_eq!((&frames[0]["status"], &frames[0]["code"]), (&json!("error"), &json!("invalid")));
}

#[test]
fn id_is_forgotten_after_its_time() {
    let limits = Limits { log_age_ms: 1_000, ack_memory_ms: 60_000, ..Limits::default() };
    let mut world = World::with(limits);
    let ann = world.join_as("ann");
    world.publish(ann, "c", "m1");
    world.advance(59_000);
    world.publish(ann, "c", "m1");
    world.advance(2_000);
    world.publish(ann, "c", "m1");
    let seqs: Vec<_> = world.take(ann).iter().map(|ack| ack["seq"].clone()).collect();
    assert_eq!(seqs, [1, 1, 2]);
}

#[test]
fn message_to_a_channel_that_the_token_does_not_cover_is_rejected() {
    let mut world = World::new();
    let ann = world.join_as("ann@news");
    world.publish(ann, "c", "m1");
    assert_eq!(world.take(ann)[0]["code"], "forbidden");
    world.send(ann, &json!({ "type": "subscribe", "channel": "c", "ref": 1 }));
    assert_eq!(world.take(ann)[0]["code"], "forbidden");
}

#[test]
fn base_connection_gets_every_message_as_it_came() {
    let mut world = World::new();
    let (one, other) = (world.open(), world.open());
    for client in [one, other] {
        world.send(client, &json!({ "type": "auth", "token": null }));
        world.take(client);
    }
    let text = r#"{"type":"mine", "channel":"c", "n":1.0}"#;
    world.send_text(one, text);
    let expected: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(world.take(other), [expected]);
}

#[test]
fn ephemeral_message_is_not_kept_and_not_sent_back() {
    let mut world = World::new();
    let (ann, bob) = (world.join_as("ann"), world.join_as("bob"));
    let joined = world.subscribe(ann, "c");
    world.subscribe(bob, "c");
    world.take(ann);
    world.take(bob);
    world.send(ann, &json!({ "type": "ephemeral", "channel": "c", "event": "typing" }));
    assert!(world.take(ann).is_empty());
    assert_eq!(world.take(bob)[0]["event"], "typing");
    let since = json!({ "epoch": joined["epoch"], "seq": 0 });
    world.send(bob, &json!({ "type": "subscribe", "channel": "c", "ref": 1, "since": since }));
    assert_eq!(world.take_types(bob), ["subscribed", "presence_state"]);
}
