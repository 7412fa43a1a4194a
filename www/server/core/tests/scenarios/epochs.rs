use serde_json::json;
use tidewire_server_core::Logs;
use tidewire_server_core::limits::Limits;

use crate::harness::Harness;

#[test]
fn lost_logs_start_a_new_epoch_without_recovery() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    let joined = harness.subscribe(client, "c");
    harness.publish(client, "c", "m1");
    harness.server.abort(client, harness.now());
    let now = harness.now();
    harness.server.with_hub(|hub| hub.restart(Logs::Lose), now).expect("restarted");
    harness.settle();
    let again = harness.join_as("ann");
    let since = json!({ "epoch": joined["epoch"], "seq": 1 });
    harness.send(again, &json!({ "type": "subscribe", "channel": "c", "ref": 1, "since": since }));
    let frames = harness.take(again);
    assert_eq!((&frames[0]["recovered"], &frames[0]["seq"]), (&json!(false), &json!(0)));
    assert_ne!(frames[0]["epoch"], joined["epoch"]);
}

#[test]
fn restart_that_keeps_the_logs_keeps_the_epoch() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    let joined = harness.subscribe(client, "c");
    harness.publish(client, "c", "m1");
    harness.server.abort(client, harness.now());
    let now = harness.now();
    harness.server.with_hub(|hub| hub.restart(Logs::Keep), now).expect("restarted");
    harness.settle();
    let again = harness.join_as("ann");
    let since = json!({ "epoch": joined["epoch"], "seq": 0 });
    harness.send(again, &json!({ "type": "subscribe", "channel": "c", "ref": 1, "since": since }));
    assert_eq!(harness.take_types(again), ["subscribed", "channel_message", "presence_state"]);
}

#[test]
fn channel_that_all_members_left_continues_at_its_position() {
    let limits = Limits { log_age_ms: 1_000, ack_memory_ms: 1_000, ..Limits::default() };
    let mut harness = Harness::with(limits);
    let client = harness.join_as("ann");
    let joined = harness.subscribe(client, "c");
    harness.publish(client, "c", "m1");
    harness.send(client, &json!({ "type": "unsubscribe", "channel": "c", "ref": 2 }));
    harness.take(client);
    harness.advance(20_000);
    assert_eq!(harness.server.hub().count().0, 0, "the unused channel is removed");
    let again = harness.subscribe(client, "c");
    assert_eq!((&again["epoch"], &again["seq"]), (&joined["epoch"], &json!(1)));
}
