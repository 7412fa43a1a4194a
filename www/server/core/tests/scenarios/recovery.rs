use serde_json::{Value, json};
use tidewire_server_core::limits::Limits;

use crate::harness::Harness;

fn since(position: &Value, seq: u64) -> Value {
    let since = json!({ "epoch": position["epoch"], "seq": seq });
    json!({ "type": "subscribe", "channel": "c", "ref": 2, "since": since })
}

fn payloads(frames: &[Value]) -> Vec<&str> {
    let messages = frames.iter().filter(|frame| frame["type"] == "channel_message");
    messages.map(|message| message["payload"].as_str().expect("text")).collect()
}

#[test]
fn join_since_a_position_receives_missed_messages_before_newer_ones() {
    let mut harness = Harness::new();
    let (reader, sender) = (harness.join_as("ann"), harness.join_as("bob"));
    let joined = harness.subscribe(reader, "c");
    harness.publish(sender, "c", "m1");
    harness.close(reader);
    harness.publish(sender, "c", "m2");
    harness.publish(sender, "c", "m3");
    let again = harness.join_as("ann");
    harness.send(again, &since(&joined, 1));
    harness.publish(sender, "c", "m4");
    let frames = harness.take(again);
    assert_eq!(frames[0]["recovered"], true);
    assert_eq!((&frames[0]["seq"], &frames[0]["head"]), (&json!(1), &json!(3)));
    assert_eq!(payloads(&frames), ["m2", "m3", "m4"]);
}

#[test]
fn join_since_the_head_is_recovered_without_messages() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    let joined = harness.subscribe(client, "c");
    harness.take(client);
    harness.send(client, &since(&joined, 0));
    let frames = harness.take(client);
    assert_eq!((&frames[0]["recovered"], &frames[0]["seq"]), (&json!(true), &json!(0)));
}

#[test]
fn join_since_a_position_beyond_the_head_is_not_recovered() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    let joined = harness.subscribe(client, "c");
    harness.take(client);
    harness.send(client, &since(&joined, 7));
    assert_eq!(harness.take(client)[0]["recovered"], false);
}

#[test]
fn join_since_a_position_the_log_no_longer_has_is_not_recovered() {
    let mut harness = Harness::with(Limits { log_age_ms: 10_000, ..Limits::default() });
    let (reader, sender) = (harness.join_as("ann"), harness.join_as("bob"));
    let joined = harness.subscribe(reader, "c");
    harness.publish(sender, "c", "m1");
    harness.advance(10_001);
    harness.publish(sender, "c", "m2");
    harness.take(reader);
    harness.send(reader, &since(&joined, 0));
    let frames = harness.take(reader);
    assert_eq!((&frames[0]["recovered"], &frames[0]["seq"]), (&json!(false), &json!(2)));
    assert!(payloads(&frames).is_empty());
    harness.send(reader, &since(&joined, 1));
    assert_eq!(payloads(&harness.take(reader)), ["m2"]);
}

#[test]
fn missing_messages_are_sent_again_on_request() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    let joined = harness.subscribe(client, "c");
    ["m1", "m2", "m3"].iter().for_each(|id| harness.publish(client, "c", id));
    harness.take(client);
    for (to, complete) in [(3, true), (4, false)] {
        let epoch = &joined["epoch"];
        let recover = json!({
            "type": "recover", "channel": "c", "ref": 9, "epoch": epoch, "from": 2, "to": to,
        });
        harness.send(client, &recover);
        let frames = harness.take(client);
        assert_eq!(payloads(&frames), ["m2", "m3"]);
        assert_eq!(
            frames[2],
            json!({
                "type": "recovered", "channel": "c", "ref": 9, "complete": complete,
            })
        );
    }
}

#[test]
fn pong_reports_the_heads_that_changed_since_the_last_one() {
    let mut harness = Harness::new();
    let (reader, sender) = (harness.join_as("ann"), harness.join_as("bob"));
    harness.subscribe(reader, "c");
    harness.subscribe(reader, "quiet");
    harness.publish(sender, "c", "m1");
    harness.take(reader);
    harness.send(reader, &json!({ "type": "ping" }));
    let heads = harness.take(reader).remove(0)["heads"].clone();
    assert_eq!(heads.as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(heads["c"]["seq"], 1);
    harness.send(reader, &json!({ "type": "ping" }));
    assert_eq!(harness.take(reader)[0]["heads"], json!({}));
}
