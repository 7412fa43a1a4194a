use serde_json::json;
use tidewire_server_core::limits::Limits;

use crate::harness::Harness;

#[test]
fn message_is_acknowledged_with_its_number_and_delivered_to_all_members() {
    let mut harness = Harness::new();
    let (ann, bob) = (harness.join_as("ann"), harness.join_as("bob"));
    harness.subscribe(ann, "c");
    harness.subscribe(bob, "c");
    harness.take(ann);
    harness.take(bob);
    harness.publish(ann, "c", "m1");
    let (to_ann, to_bob) = (harness.take(ann), harness.take(bob));
    assert_eq!((&to_ann[0]["id"], &to_ann[0]["seq"]), (&json!("m1"), &json!(1)));
    assert_eq!(to_ann[0], to_bob[0]);
    assert_eq!(
        to_ann[1],
        json!({ "type": "ack", "channel": "c", "id": "m1", "status": "ok", "seq": 1 })
    );
}

#[test]
fn known_id_is_acknowledged_again_and_not_delivered_twice() {
    let mut harness = Harness::new();
    let (ann, reader) = (harness.join_as("ann"), harness.join_as("bob"));
    harness.subscribe(reader, "c");
    harness.publish(ann, "c", "m1");
    harness.publish(ann, "c", "m2");
    harness.close(ann);
    let again = harness.join_as("ann");
    harness.take(reader);
    harness.publish(again, "c", "m1");
    let frames = harness.take(again);
    assert_eq!((&frames[0]["status"], &frames[0]["seq"]), (&json!("ok"), &json!(1)));
    assert!(harness.take(reader).is_empty());
}

#[test]
fn id_of_another_user_is_rejected() {
    let mut harness = Harness::new();
    let (ann, bob) = (harness.join_as("ann"), harness.join_as("bob"));
    harness.publish(ann, "c", "m1");
    harness.publish(bob, "c", "m1");
    let frames = harness.take(bob);
    assert_eq!((&frames[0]["status"], &frames[0]["code"]), (&json!("error"), &json!("invalid")));
}

#[test]
fn id_is_forgotten_after_its_time() {
    let limits = Limits { log_age_ms: 1_000, ack_memory_ms: 60_000, ..Limits::default() };
    let mut harness = Harness::with(limits);
    let ann = harness.join_as("ann");
    harness.publish(ann, "c", "m1");
    harness.advance(59_000);
    harness.publish(ann, "c", "m1");
    harness.advance(2_000);
    harness.publish(ann, "c", "m1");
    let seqs: Vec<_> = harness.take(ann).iter().map(|ack| ack["seq"].clone()).collect();
    assert_eq!(seqs, [1, 1, 2]);
}

#[test]
fn message_to_a_channel_that_the_token_does_not_cover_is_rejected() {
    let mut harness = Harness::new();
    let ann = harness.join_as("ann@news");
    harness.publish(ann, "c", "m1");
    assert_eq!(harness.take(ann)[0]["code"], "forbidden");
    harness.send(ann, &json!({ "type": "subscribe", "channel": "c", "ref": 1 }));
    assert_eq!(harness.take(ann)[0]["code"], "forbidden");
}

#[test]
fn base_connection_receives_messages_unchanged() {
    let mut harness = Harness::new();
    let (one, other) = (harness.open(), harness.open());
    for client in [one, other] {
        harness.send(client, &json!({ "type": "auth", "token": null }));
        harness.take(client);
    }
    let text = r#"{"type":"mine", "channel":"c", "n":1.0}"#;
    harness.send_text(one, text);
    let expected: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(harness.take(other), [expected]);
}

#[test]
fn ephemeral_message_is_not_logged_and_not_sent_to_its_sender() {
    let mut harness = Harness::new();
    let (ann, bob) = (harness.join_as("ann"), harness.join_as("bob"));
    let joined = harness.subscribe(ann, "c");
    harness.subscribe(bob, "c");
    harness.take(ann);
    harness.take(bob);
    harness.send(ann, &json!({ "type": "ephemeral", "channel": "c", "event": "typing" }));
    assert!(harness.take(ann).is_empty());
    assert_eq!(harness.take(bob)[0]["event"], "typing");
    let since = json!({ "epoch": joined["epoch"], "seq": 0 });
    harness.send(bob, &json!({ "type": "subscribe", "channel": "c", "ref": 1, "since": since }));
    assert_eq!(harness.take_types(bob), ["subscribed", "presence_state"]);
}
