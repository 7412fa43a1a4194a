use serde_json::json;
use tidewire_server_core::limits::Limits;

use crate::harness::Harness;

#[test]
fn joins_beyond_the_rate_are_rejected_with_the_time_to_wait() {
    let mut harness = Harness::with(Limits { joins_per_second: 5, ..Limits::default() });
    let client = harness.join_as("ann");
    for number in 0..7 {
        let channel = format!("c{number}");
        harness.send(client, &json!({ "type": "subscribe", "channel": channel, "ref": number }));
    }
    let frames = harness.take(client);
    let errors: Vec<_> = frames.iter().filter(|frame| frame["type"] == "error").collect();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0]["code"], "rate_limited");
    let wait = errors[0]["retryAfterMs"].as_u64().expect("a time");
    harness.advance(wait);
    assert_eq!(harness.subscribe(client, "c6")["type"], "subscribed");
}

#[test]
fn messages_beyond_the_rate_are_accepted_later_and_in_order() {
    let mut harness = Harness::with(Limits { messages_per_second: 10, ..Limits::default() });
    let client = harness.join_as("ann");
    let ids: Vec<String> = (0..15).map(|number| format!("m{number}")).collect();
    ids.iter().for_each(|id| harness.publish(client, "c", id));
    assert_eq!(harness.take(client).len(), 10);
    harness.advance(250);
    assert_eq!(harness.take(client).len(), 2);
    harness.advance(1_000);
    let late: Vec<_> = harness.take(client).iter().map(|ack| ack["id"].clone()).collect();
    assert_eq!(late, ids[12..]);
}

#[test]
fn connections_of_one_user_share_its_rate() {
    let limits = Limits { joins_per_second: 5, user_factor: 2, ..Limits::default() };
    let mut harness = Harness::with(limits);
    let joined = (0..3).flat_map(|_| {
        let client = harness.join_as("ann");
        let answers: Vec<_> = (0..5).map(|n| harness.subscribe(client, &format!("c{n}"))).collect();
        answers
    });
    assert_eq!(joined.filter(|answer| answer["type"] == "subscribed").count(), 10);
}

#[test]
fn connections_beyond_the_limit_of_a_user_are_rejected() {
    let mut harness = Harness::with(Limits { user_connections: 1, ..Limits::default() });
    let first = harness.join_as("ann");
    let second = harness.open();
    harness.send(second, &json!({ "type": "auth", "token": "ann" }));
    assert_eq!(harness.close_code(second), Some(1013));
    harness.close(first);
    harness.join_as("ann");
}

#[test]
fn invalid_frame_is_answered_and_the_connection_stays() {
    let mut harness = Harness::new();
    let client = harness.join_as("ann");
    for text in ["", "[]", "{\"type\":\"nothing\"}", "{"] {
        harness.send_text(client, text);
        assert_eq!(harness.take(client)[0]["code"], "invalid", "{text}");
    }
    assert_eq!(harness.close_code(client), None);
}
