use std::time::Duration;

use tidewire_server_core::faults::FaultChange;

use crate::world::World;

/// A member that is to have faults, and one that sends.
fn members(change: FaultChange) -> (World, u64, u64) {
    let mut world = World::new();
    let (reader, sender) = (world.join_as("ann"), world.join_as("bob"));
    world.subscribe(reader, "c");
    world.take(reader);
    let now = world.now();
    world.server.change_faults(reader, &change, now);
    (world, reader, sender)
}

fn ids(world: &mut World, reader: u64) -> Vec<String> {
    let frames = world.take(reader);
    frames.iter().map(|frame| frame["id"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn lost_message_is_missing_and_a_doubled_one_comes_twice() {
    let lose = FaultChange { lose: Some(1.0), ..FaultChange::default() };
    let (mut world, reader, sender) = members(lose);
    world.publish(sender, "c", "m1");
    let change = FaultChange { clear: true, duplicate: Some(1.0), ..FaultChange::default() };
    world.server.change_faults(reader, &change, world.now());
    world.publish(sender, "c", "m2");
    assert_eq!(ids(&mut world, reader), ["m2", "m2"]);
}

#[test]
fn delayed_messages_come_later_and_in_order() {
    let delay = Some(Duration::from_millis(300));
    let (mut world, reader, sender) = members(FaultChange { delay, ..FaultChange::default() });
    world.publish(sender, "c", "m1");
    world.advance(299);
    world.publish(sender, "c", "m2");
    assert!(world.take(reader).is_empty());
    world.advance(1);
    assert_eq!(ids(&mut world, reader), ["m1"]);
    world.advance(299);
    assert_eq!(ids(&mut world, reader), ["m2"]);
}

#[test]
fn half_open_connection_neither_sends_nor_receives() {
    let half_open = FaultChange { half_open: Some(true), ..FaultChange::default() };
    let (mut world, reader, sender) = members(half_open);
    world.publish(sender, "c", "m1");
    world.publish(reader, "c", "m2");
    assert!(world.take(reader).is_empty());
    world.server.change_faults(reader, &FaultChange { clear: true, ..half_open }, world.now());
    let off = FaultChange { half_open: Some(false), ..FaultChange::default() };
    world.server.change_faults(reader, &off, world.now());
    world.publish(sender, "c", "m3");
    assert_eq!(ids(&mut world, reader), ["m3"]);
    let seqs: Vec<_> = world.take(sender).iter().map(|ack| ack["seq"].clone()).collect();
    assert_eq!(seqs, [1, 2], "what the half open connection sent was ignored");
}

#[test]
fn cut_after_accepting_leaves_the_message_accepted_and_unacknowledged() {
    let cut = FaultChange { drop_after_accept: Some(true), ..FaultChange::default() };
    let (mut world, reader, sender) = members(cut);
    world.publish(reader, "c", "m1");
    assert!(world.take(reader).is_empty());
    assert_eq!(world.close_code(reader), Some(1006));
    assert_eq!(world.server.hub().messages("c").len(), 1);
    let again = world.join_as("ann");
    world.publish(again, "c", "m1");
    assert_eq!(world.take(again)[0]["seq"], 1);
    assert!(world.take(sender).is_empty());
}
