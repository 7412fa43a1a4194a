use std::time::Duration;

use tidewire_server_core::faults::FaultChange;

use crate::harness::Harness;

/// A harness, a member with faults, and a connection that sends.
fn members(change: FaultChange) -> (Harness, u64, u64) {
    let mut harness = Harness::new();
    let (reader, sender) = (harness.join_as("ann"), harness.join_as("bob"));
    harness.subscribe(reader, "c");
    harness.take(reader);
    let now = harness.now();
    harness.server.change_faults(reader, &change, now);
    (harness, reader, sender)
}

fn ids(harness: &mut Harness, reader: u64) -> Vec<String> {
    let frames = harness.take(reader);
    frames.iter().map(|frame| frame["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn lost_message_is_missing_and_a_duplicated_one_is_received_twice() {
    let lose = FaultChange { lose: Some(1.0), ..FaultChange::default() };
    let (mut harness, reader, sender) = members(lose);
    harness.publish(sender, "c", "m1");
    let change = FaultChange { clear: true, duplicate: Some(1.0), ..FaultChange::default() };
    harness.server.change_faults(reader, &change, harness.now());
    harness.publish(sender, "c", "m2");
    assert_eq!(ids(&mut harness, reader), ["m2", "m2"]);
}

#[test]
fn delayed_messages_are_received_later_and_in_order() {
    let delay = Some(Duration::from_millis(300));
    let (mut harness, reader, sender) = members(FaultChange { delay, ..FaultChange::default() });
    harness.publish(sender, "c", "m1");
    harness.advance(299);
    harness.publish(sender, "c", "m2");
    assert!(harness.take(reader).is_empty());
    harness.advance(1);
    assert_eq!(ids(&mut harness, reader), ["m1"]);
    harness.advance(299);
    assert_eq!(ids(&mut harness, reader), ["m2"]);
}

#[test]
fn half_open_connection_neither_sends_nor_receives() {
    let half_open = FaultChange { half_open: Some(true), ..FaultChange::default() };
    let (mut harness, reader, sender) = members(half_open);
    harness.publish(sender, "c", "m1");
    harness.publish(reader, "c", "m2");
    assert!(harness.take(reader).is_empty());
    harness.server.change_faults(reader, &FaultChange { clear: true, ..half_open }, harness.now());
    let off = FaultChange { half_open: Some(false), ..FaultChange::default() };
    harness.server.change_faults(reader, &off, harness.now());
    harness.publish(sender, "c", "m3");
    assert_eq!(ids(&mut harness, reader), ["m3"]);
    let seqs: Vec<_> = harness.take(sender).iter().map(|ack| ack["seq"].clone()).collect();
    assert_eq!(seqs, [1, 2], "what the half open connection sent was ignored");
}

#[test]
fn abort_after_accepting_leaves_the_message_accepted_and_unacknowledged() {
    let cut = FaultChange { drop_after_accept: Some(true), ..FaultChange::default() };
    let (mut harness, reader, sender) = members(cut);
    harness.publish(reader, "c", "m1");
    assert!(harness.take(reader).is_empty());
    assert_eq!(harness.close_code(reader), Some(1006));
    assert_eq!(harness.server.hub().messages("c").len(), 1);
    let again = harness.join_as("ann");
    harness.publish(again, "c", "m1");
    assert_eq!(harness.take(again)[0]["seq"], 1);
    assert!(harness.take(sender).is_empty());
}
