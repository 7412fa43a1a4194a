//! What becomes of a send whose connection was lost before the answer, on a server with `seq`.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::testing::{SEQ, World};

/// Pings would end the long waits of these scenarios.
fn quiet() -> Config {
    Config { heartbeat_every_ms: None, ..Config::default() }
}

fn standing() -> World {
    let mut world = World::new(quiet());
    world.subscribe(1, "feed");
    world.accept(SEQ);
    begin(&mut world, 10, 10, false);
    world
}

fn begin(world: &mut World, seq: u64, head: u64, recovered: bool) {
    let join = world.take("subscribe").pop().expect("a join");
    world.receive(json!({
        "type": "subscribed", "channel": join["channel"], "ref": join["ref"],
        "epoch": "e", "seq": seq, "head": head, "recovered": recovered,
    }));
}

fn hear(world: &mut World, seq: u64, id: &str) {
    world.receive(json!({
        "type": "channel_message", "channel": "feed", "id": id,
        "epoch": "e", "seq": seq, "payload": seq,
    }));
}

fn lose_connection(world: &mut World) {
    world.close(1006);
    world.pass(250);
    world.accept(SEQ);
}

/// Away for longer than the server remembers ids.
fn lose_connection_for_long(world: &mut World) {
    world.network(false);
    world.sent.clear();
    world.pass(130_000);
    world.network(true);
    world.accept(SEQ);
}

fn ids(world: &mut World) -> Vec<Value> {
    world.take("channel_message").into_iter().map(|frame| frame["id"].clone()).collect()
}

#[test]
fn seen_among_what_was_missed_it_was_accepted() {
    let mut world = standing();
    let send = world.send("feed", json!(1));
    lose_connection(&mut world);
    assert_eq!(ids(&mut world), [Value::Null; 0], "it waits for the channel");
    begin(&mut world, 10, 12, true);
    hear(&mut world, 11, "m1");
    assert_eq!(world.progress(send), ["queued", "sent", "queued", "acked"]);
    hear(&mut world, 12, "other");
    assert_eq!(ids(&mut world), [Value::Null; 0]);
}

#[test]
fn not_seen_in_an_unbroken_line_it_was_not_and_is_sent_again_however_long_it_took() {
    let mut world = standing();
    let send = world.send("feed", json!(1));
    assert_eq!(ids(&mut world), ["m1"]);
    lose_connection_for_long(&mut world);
    begin(&mut world, 10, 11, true);
    assert_eq!(ids(&mut world), [Value::Null; 0], "not before everything missed is there");
    hear(&mut world, 11, "other");
    assert_eq!(ids(&mut world), ["m1"], "with the same id");
    world.receive(json!({"type": "ack", "channel": "feed", "id": "m1", "status": "ok", "seq": 12}));
    assert_eq!(world.progress(send).last(), Some(&"acked"));
}

#[test]
fn after_a_gap_it_is_sent_again_only_while_the_server_remembers_ids() {
    let mut world = standing();
    let send = world.send("feed", json!(1));
    lose_connection(&mut world);
    begin(&mut world, 90, 90, false);
    assert_eq!(ids(&mut world), ["m1"]);
    lose_connection_for_long(&mut world);
    begin(&mut world, 900, 900, false);
    assert_eq!(ids(&mut world), [Value::Null; 0]);
    assert_eq!(world.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn a_line_that_began_after_it_was_sent_proves_nothing() {
    let mut world = World::new(quiet());
    let send = world.send("feed", json!(1));
    world.accept(SEQ);
    assert_eq!(ids(&mut world), ["m1"]);
    world.subscribe(1, "feed");
    begin(&mut world, 10, 10, false);
    lose_connection_for_long(&mut world);
    begin(&mut world, 10, 10, true);
    assert_eq!(ids(&mut world), [Value::Null; 0], "it may be message 10, for all we know");
    assert_eq!(world.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn what_was_sent_later_in_the_channel_waits_behind_it_and_other_channels_do_not() {
    let mut world = standing();
    world.send("feed", json!(1));
    lose_connection(&mut world);
    world.send("feed", json!(2));
    world.send("elsewhere", json!(3));
    assert_eq!(ids(&mut world), ["m3"]);
    begin(&mut world, 10, 10, true);
    assert_eq!(ids(&mut world), ["m1", "m2"]);
}

#[test]
fn its_echo_is_as_good_as_an_answer_that_never_comes() {
    let mut world = standing();
    let send = world.send("feed", json!(1));
    hear(&mut world, 11, "m1");
    assert_eq!(world.progress(send), ["queued", "sent"], "the answer may say more");
    world.pass(10_000);
    assert_eq!(world.progress(send).last(), Some(&"acked"));
    let send = world.send("feed", json!(2));
    hear(&mut world, 12, "m2");
    world.close(1006);
    assert_eq!(world.progress(send).last(), Some(&"acked"));
}

#[test]
fn one_whose_time_ran_out_after_it_was_sent_may_have_been_accepted() {
    let mut world = standing();
    let mut message = world.message("feed", json!(1));
    message.ttl_ms = Some(5_000);
    let send = world.push(message);
    world.network(false);
    world.sent.clear();
    world.pass(6_000);
    assert_eq!(world.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn one_that_a_socket_had_is_not_called_expired_when_its_turn_comes_too_late() {
    let mut world = standing();
    let mut message = world.message("feed", json!(1));
    message.ttl_ms = Some(5_000);
    let send = world.push(message);
    world.close(1006);
    world.now += 6_000;
    world.client.handle_timeout(world.at());
    world.drain();
    assert_eq!(world.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn a_channel_whose_join_fails_leaves_it_to_the_server_s_memory() {
    let mut world = standing();
    world.send("feed", json!(1));
    lose_connection(&mut world);
    let join = world.take("subscribe").pop().expect("a join");
    world.receive(json!({
        "type": "error", "channel": "feed", "ref": join["ref"], "code": "forbidden",
        "message": "no", "retryable": false,
    }));
    assert_eq!(ids(&mut world), ["m1"]);
}

#[test]
fn what_waits_goes_out_in_one_message_where_that_was_agreed() {
    let mut world = World::new(quiet());
    for n in 0..5 {
        world.send("feed", json!(n));
    }
    world.accept(&["envelope", "ack", "batch"]);
    assert_eq!((world.take("channel_message").len(), world.messages), (5, 2), "auth, and the five");
}

#[test]
fn a_batch_stays_within_what_the_server_takes() {
    let mut world = World::new(quiet());
    for _ in 0..10 {
        world.send("feed", json!("x".repeat(1_000)));
    }
    world.open();
    let limits = json!({
        "type": "auth_success", "features": ["envelope", "ack", "batch"], "maxFrameBytes": 4_096,
    });
    world.receive(limits);
    assert_eq!((world.take("channel_message").len(), world.messages), (10, 5));
}
