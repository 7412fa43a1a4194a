//! A message that is too large is lost alone, in both directions.

use serde_json::{Value, json};

use crate::core::config::{Config, ProtocolKind};
use crate::core::event::Event;
use crate::core::id::ChannelId;
use crate::core::input::{Input, Received};
use crate::core::message::Gap;
use crate::core::state::{ChannelState, Continuity};
use crate::core::testing::{ALL, SEQ, World, number_of};

const BATCH: &[&str] = &["subscribe", "seq", "envelope", "ack", "batch"];

fn begin(world: &mut World, seq: u64, head: u64, recovered: bool) {
    let join = world.take("subscribe").pop().expect("a join");
    world.receive(json!({
        "type": "subscribed", "channel": "feed", "ref": join["ref"],
        "epoch": "e", "seq": seq, "head": head, "recovered": recovered,
    }));
}

/// Joined at 0.
fn counted(features: &[&str]) -> World {
    let mut world = World::new(Config { heartbeat_every_ms: None, ..Config::default() });
    world.subscribe(1, "feed");
    world.accept(features);
    begin(&mut world, 0, 0, false);
    world.events.clear();
    world
}

fn head(seq: u64) -> Value {
    json!({"type": "channel_message", "channel": "feed", "id": format!("x{seq}"), "epoch": "e", "seq": seq})
}

fn message(world: &mut World, seq: u64) {
    let mut frame = head(seq);
    frame["payload"] = json!(seq);
    world.receive(frame);
}

fn oversize(world: &mut World, head: Option<Value>) {
    let socket = world.socket.expect("open");
    world.input(Input::SocketFrame(socket, Received::TooLarge(head), 20_000_000));
}

/// What was delivered and reported as lost, in order.
fn told(world: &World) -> Vec<Value> {
    let told = |event: &Event<Value>| match event {
        Event::Message(_, delivery) => Some(delivery.payload.clone()),
        Event::Gap(_, Gap { from, to, .. }) => Some(json!([from, to])),
        _ => None,
    };
    world.events.iter().filter_map(told).collect()
}

fn continuity(world: &World) -> Continuity {
    world.client.channels().get(ChannelId(1)).expect("a channel").continuity()
}

fn requests(world: &mut World) -> usize {
    world.take("recover").len() + world.take("subscribe").len()
}

#[test]
fn an_oversize_message_with_a_known_place_is_a_gap_of_exactly_that_message_at_once() {
    let mut world = counted(SEQ);
    message(&mut world, 1);
    oversize(&mut world, Some(head(2)));
    message(&mut world, 3);
    assert_eq!(told(&world), [json!(1), json!([2, 2]), json!(3)]);
    assert_eq!(continuity(&world), Continuity::Gap);
    assert_eq!(world.client.traffic().invalid_frames, 1);
    let changed = |event: &Event<Value>| {
        matches!(event, Event::Channel(_, ChannelState::Ready, Continuity::Gap, ..))
    };
    assert!(world.events.iter().any(changed), "and the channel stays ready");
    world.pass(60_000);
    assert_eq!(requests(&mut world), 0, "nothing is asked for");
}

#[test]
fn beyond_a_hole_it_is_a_gap_when_its_turn_comes() {
    let mut world = counted(SEQ);
    oversize(&mut world, Some(head(2)));
    message(&mut world, 3);
    assert!(told(&world).is_empty());
    message(&mut world, 1);
    assert_eq!(told(&world), [json!(1), json!([2, 2]), json!(3)]);
}

#[test]
fn the_same_one_again_is_reported_once() {
    let mut world = counted(SEQ);
    oversize(&mut world, Some(head(1)));
    oversize(&mut world, Some(head(1)));
    message(&mut world, 2);
    assert_eq!(told(&world), [json!([1, 1]), json!(2)]);
}

/// The server's answer to the request for a hole: what is not too large, and the end.
fn answer(world: &mut World, large: &[u64], known: bool) {
    let request = world.take("recover").pop().expect("the hole is asked for");
    let number = |key: &str| request[key].as_u64().expect("a number");
    for seq in number("from")..=number("to") {
        if large.contains(&seq) {
            oversize(world, known.then(|| head(seq)));
        } else {
            message(world, seq);
        }
    }
    world.receive(json!({
        "type": "recovered", "channel": "feed", "ref": request["ref"], "complete": true,
    }));
}

#[test]
fn without_a_known_place_one_request_shows_which_message_it_was() {
    for large in [vec![1], vec![2], vec![1, 2], vec![2, 3]] {
        let mut world = counted(SEQ);
        for seq in 1..=4 {
            if large.contains(&seq) {
                oversize(&mut world, None);
            } else {
                message(&mut world, seq);
            }
        }
        world.pass(50);
        answer(&mut world, &large, false);
        let last = *large.last().expect("one");
        let mut right: Vec<_> = (1..large[0]).map(|seq| json!(seq)).collect();
        right.push(json!([large[0], last]));
        right.extend((last + 1..=4).map(|seq| json!(seq)));
        assert_eq!(told(&world), right);
        assert_eq!(continuity(&world), Continuity::Gap);
        world.pass(60_000);
        assert_eq!(requests(&mut world), 0);
    }
}

#[test]
fn a_last_message_of_unknown_place_but_known_channel_is_asked_for_at_once() {
    let mut world = counted(SEQ);
    let partial = json!({"type": "channel_message", "channel": "feed"});
    oversize(&mut world, Some(partial));
    world.pass(50);
    answer(&mut world, &[1], false);
    assert_eq!(told(&world), [json!([1, 1])]);
}

#[test]
fn among_what_was_missed_it_is_passed_over_too() {
    for known in [true, false] {
        for large in 1..=4 {
            let mut world = counted(SEQ);
            world.close(1006);
            world.pass(1_000);
            world.accept(SEQ);
            world.events.clear();
            begin(&mut world, 0, 4, true);
            for seq in 1..=4 {
                if seq == large {
                    oversize(&mut world, known.then(|| head(seq)));
                } else {
                    message(&mut world, seq);
                }
            }
            world.pass(50);
            if !known {
                answer(&mut world, &[large], false);
            }
            let mut right: Vec<_> = (1..=4).map(|seq| json!(seq)).collect();
            right[usize::try_from(large).expect("small") - 1] = json!([large, large]);
            assert_eq!(told(&world), right, "{known} {large}");
            let channel = world.client.channels().get(ChannelId(1)).expect("a channel");
            assert_eq!(channel.state(), ChannelState::Ready);
            world.pass(60_000);
            assert_eq!(requests(&mut world), 0);
        }
    }
}

#[test]
fn an_oversize_frame_of_another_channel_is_no_gap_of_this_one() {
    let mut world = counted(SEQ);
    message(&mut world, 2);
    world.pass(50);
    let request = world.take("recover").pop().expect("the hole is asked for");
    oversize(&mut world, Some(json!({"type": "channel_message", "channel": "elsewhere"})));
    world.receive(json!({
        "type": "recovered", "channel": "feed", "ref": request["ref"], "complete": true,
    }));
    assert!(told(&world).is_empty());
    world.pass(50);
    answer(&mut world, &[], false);
    assert_eq!(told(&world), [json!(1), json!(2)]);
}

#[test]
fn a_slow_answer_is_waited_for_whatever_else_comes() {
    let mut world = counted(BATCH);
    message(&mut world, 2);
    world.pass(50);
    oversize(&mut world, None);
    world.pass(5_000);
    assert!(told(&world).is_empty());
    answer(&mut world, &[], false);
    assert_eq!(told(&world), [json!(1), json!(2)]);
}

#[test]
fn a_hole_of_another_cause_is_no_gap() {
    let mut world = counted(SEQ);
    oversize(&mut world, Some(head(1)));
    message(&mut world, 3);
    world.pass(50);
    answer(&mut world, &[], false);
    assert_eq!(told(&world), [json!([1, 1]), json!(2), json!(3)]);
}

#[test]
fn a_message_that_comes_without_its_id_again_is_passed_over() {
    let mut world = counted(SEQ);
    let mut nameless = head(1);
    nameless["id"] = json!(null);
    world.receive(nameless.clone());
    message(&mut world, 2);
    world.pass(50);
    let request = world.take("recover").pop().expect("the hole is asked for");
    world.receive(nameless);
    world.receive(json!({
        "type": "recovered", "channel": "feed", "ref": request["ref"], "complete": true,
    }));
    assert_eq!(told(&world), [json!([1, 1]), json!(2)]);
}

#[test]
fn an_own_message_that_came_back_too_large_proves_nothing_about_another() {
    let mut world = counted(SEQ);
    let send = world.send("feed", json!("large"));
    oversize(&mut world, Some(head(1)));
    world.network(false);
    world.sent.clear();
    world.pass(200_000);
    world.network(true);
    world.accept(SEQ);
    begin(&mut world, 1, 1, true);
    assert_eq!(world.progress(send).last(), Some(&"unconfirmed"), "it may be message 1");
}

#[test]
fn an_oversize_acknowledgement_is_one() {
    let mut world = World::ready(Config::default(), ALL);
    let send = world.send("feed", json!(1));
    oversize(
        &mut world,
        Some(json!({"type": "ack", "channel": "feed", "id": "m1", "status": "ok"})),
    );
    assert_eq!(world.progress(send).last(), Some(&"acked"));
}

#[test]
fn without_places_it_is_an_error_and_a_gap_where_the_channel_is_known() {
    let native = json!({"type": "channel_message", "channel": "feed"});
    let phoenix = json!([null, null, "feed", "shout"]);
    let supabase = json!([null, null, "realtime:feed", "broadcast"]);
    for (protocol, known) in [
        (ProtocolKind::Tidewire, native),
        (ProtocolKind::Phoenix, phoenix),
        (ProtocolKind::Supabase, supabase),
    ] {
        for features in [ALL, &[]] {
            let mut world = World::new(Config { protocol, ..Config::default() });
            world.subscribe(1, "feed");
            if protocol == ProtocolKind::Tidewire {
                world.accept(features);
                world.confirm_joins();
            } else {
                world.open_socket();
                let response = json!({"status": "ok", "response": {"postgres_changes": []}});
                let topic = world.sent.back().expect("a join")[2].clone();
                world.receive(json!(["1", "1", topic, "phx_reply", response]));
            }
            world.events.clear();
            oversize(&mut world, Some(known.clone()));
            assert_eq!(told(&world), [json!([null, null])], "{protocol:?}");
            assert_eq!(continuity(&world), Continuity::Unknown);
            oversize(&mut world, None);
            assert_eq!(told(&world).len(), 1, "of no known channel");
            assert_eq!(world.client.traffic().invalid_frames, 2);
        }
    }
}

#[test]
fn a_message_that_can_never_fit_fails_for_its_size_and_not_for_a_full_queue() {
    let config = Config { queue_max_bytes: 100, ..Config::default() };
    let mut world = World::new(config);
    let large = world.send("feed", json!("x".repeat(100)));
    assert_eq!(world.progress(large), ["message_too_large"]);
    let fits = world.send("feed", json!("x".repeat(90)));
    let full = world.send("feed", json!("x".repeat(90)));
    assert_eq!((world.progress(fits), world.progress(full)), (vec!["queued"], vec!["queue_full"]));
}

#[test]
fn the_limits_are_a_queue_of_8_mib_and_frames_of_16() {
    let mut world = World::ready(Config::default(), ALL);
    let send = world.send("feed", json!("x".repeat(7 << 20)));
    assert_eq!(world.progress(send).last(), Some(&"sent"));
    let config = Config { queue_max_bytes: 64 << 20, ..Config::default() };
    let mut world = World::ready(config, ALL);
    let send = world.send("feed", json!("x".repeat(16 << 20)));
    assert_eq!(world.progress(send).last(), Some(&"message_too_large"));
}

#[test]
fn an_ephemeral_message_over_the_server_s_limit_fails() {
    let mut world = World::new(Config::default());
    world.subscribe(1, "feed");
    world.open();
    world.receive(json!({"type": "auth_success", "features": ALL, "maxFrameBytes": 1_000}));
    let message = world.message("feed", json!("x".repeat(1_000)));
    world.client.send_ephemeral(world.at(), &message);
    world.drain();
    assert_eq!(world.progress(number_of(&message)), ["message_too_large"]);
}
