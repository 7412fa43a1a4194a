//! Sends: kept while they can be kept, in order, and never twice.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::event::{Event, SendProgress};
use crate::core::input::{Input, Page};
use crate::core::outbox::OutgoingMessage;
use crate::core::output::Output;
use crate::core::reason::Reason;
use crate::core::testing::{ALL, World, number_of};

fn ids(world: &mut World) -> Vec<String> {
    let name = |frame: &Value| frame["id"].as_str().expect("an id").to_owned();
    world.take("channel_message").iter().map(name).collect()
}

fn ack(world: &mut World, id: &str) {
    world.receive(json!({"type": "ack", "channel": "feed", "id": id, "status": "ok", "seq": 7}));
}

#[test]
fn a_send_before_ready_waits_and_goes_out_once() {
    let mut world = World::new(Config::default());
    let send = world.send("feed", json!({"n": 1}));
    world.accept(ALL);
    assert_eq!(ids(&mut world), ["m1"]);
    ack(&mut world, "m1");
    assert_eq!(world.progress(send), ["queued", "sent", "acked"]);
}

#[test]
fn a_send_needs_no_subscriber_and_holds_the_connection_only_until_it_is_settled() {
    let mut world = World::new(Config::default());
    world.send("feed", json!({"n": 1}));
    world.accept(ALL);
    world.pass(5_000);
    assert!(world.closed.is_empty());
    ack(&mut world, "m1");
    world.pass(1_000);
    assert_eq!(world.closed, [1000]);
}

#[test]
fn an_unanswered_send_is_sent_again_with_the_same_id_and_before_its_successors() {
    let mut world = World::ready(Config::default(), ALL);
    let first = world.send("feed", json!({"n": 1}));
    world.close(1006);
    let second = world.send("feed", json!({"n": 2}));
    world.sent.clear();
    world.pass(250);
    world.accept(ALL);
    assert_eq!(ids(&mut world), ["m1", "m2"]);
    ack(&mut world, "m1");
    ack(&mut world, "m2");
    assert_eq!(world.progress(first), ["queued", "sent", "queued", "sent", "acked"]);
    assert_eq!(world.progress(second), ["queued", "sent", "acked"]);
}

#[test]
fn beyond_the_server_s_memory_a_send_is_unconfirmed_rather_than_doubled() {
    // Also so close to its end that the message could arrive when it is over.
    for (passed, resent) in [(119_700, 1), (119_800, 0), (120_001, 0)] {
        let mut world = World::ready(Config { heartbeat_every_ms: None, ..Config::default() }, ALL);
        let send = world.send("feed", json!({"n": 1}));
        world.network(false);
        world.sent.clear();
        world.pass(passed);
        world.network(true);
        world.accept(ALL);
        assert_eq!(ids(&mut world).len(), resent, "{passed}");
        let end = if resent == 1 { "sent" } else { "unconfirmed" };
        assert_eq!(world.progress(send).last(), Some(&end), "{passed}");
    }
}

#[test]
fn a_server_that_lost_its_acks_gets_nothing_twice() {
    let mut world = World::ready(Config::default(), ALL);
    let send = world.send("feed", json!({"n": 1}));
    world.close(1006);
    world.sent.clear();
    world.pass(250);
    world.accept(&["subscribe"]);
    assert_eq!(world.take("channel_message").len(), 0);
    assert_eq!(world.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn on_a_base_server_a_message_is_spread_last_and_settled_when_handed_over() {
    let mut world = World::new(Config::default());
    let send = world.send("feed", json!({"type": "chat", "text": "hi"}));
    world.accept(&[]);
    assert_eq!(
        world.sent.pop_front(),
        Some(json!({"type": "chat", "channel": "feed", "text": "hi"}))
    );
    assert_eq!(world.progress(send), ["queued", "handed over"]);
    world.close(1006);
    world.pass(10_000);
    assert_eq!(world.sent.len(), 0, "never sent again");
}

#[test]
fn what_a_base_frame_cannot_carry_is_refused_before_it_is_sent() {
    for payload in [
        json!({"type": "ping"}),
        json!({"type": "auth_success"}),
        json!({"channel": "elsewhere"}),
        json!({"channel": 5}),
        json!("text"),
        json!([1, 2]),
        json!(null),
    ] {
        let mut world = World::new(Config::default());
        let send = world.send("feed", payload.clone());
        let after = world.send("feed", json!({"channel": "feed"}));
        world.accept(&[]);
        assert_eq!(world.progress(send).last(), Some(&"invalid_message"), "{payload}");
        assert_eq!((world.progress(after).last(), world.sent.len()), (Some(&"handed over"), 1));
    }
}

#[test]
fn with_an_envelope_anything_can_be_said() {
    let mut world = World::ready(Config::default(), ALL);
    world.send("feed", json!({"type": "ping", "channel": "elsewhere"}));
    let frame = world.sent.pop_front().expect("sent");
    assert_eq!(
        frame,
        json!({
            "type": "channel_message", "channel": "feed", "id": "m1", "ack": true,
            "payload": {"type": "ping", "channel": "elsewhere"},
        })
    );
}

#[test]
fn a_refusal_is_final_and_carries_the_server_s_words() {
    let mut world = World::ready(Config::default(), ALL);
    let send = world.send("feed", json!({}));
    world.receive(json!({
        "type": "ack", "channel": "feed", "id": "m1", "status": "error",
        "code": "price_too_low", "message": "at least 5", "retryable": false,
    }));
    assert_eq!(world.progress(send).last(), Some(&"rejected"));
    world.sent.clear();
    world.close(1006);
    world.pass(250);
    world.accept(ALL);
    assert_eq!(world.take("channel_message").len(), 0);
}

#[test]
fn an_answer_that_never_comes_times_out_but_not_while_the_page_sleeps() {
    let mut world = World::ready(Config { heartbeat_every_ms: None, ..Config::default() }, ALL);
    let send = world.send("feed", json!({}));
    world.sleep(60_000);
    assert_eq!(world.progress(send).last(), Some(&"sent"));
    world.receive(json!({"type": "pong"}));
    world.pass(10_000);
    assert_eq!(world.progress(send).last(), Some(&"ack_timeout"));
}

#[test]
fn a_message_expires_only_while_it_waits() {
    let mut world = World::new(Config::default());
    let with = |world: &mut World| OutgoingMessage {
        ttl_ms: Some(1_000),
        ..world.message("feed", json!({}))
    };
    let message = with(&mut world);
    let late = world.push(message);
    world.pass(1_000);
    assert_eq!(world.progress(late), ["queued", "expired"]);
    world.accept(ALL);
    let message = with(&mut world);
    let sent = world.push(message);
    world.pass(2_000);
    assert_eq!(world.progress(sent), ["queued", "sent"]);
}

#[test]
fn the_queue_is_bounded_and_refuses_the_newest() {
    let config = Config { queue_max_messages: 2, ..Config::default() };
    let mut world = World::new(config);
    let kept = [world.send("feed", json!(1)), world.send("feed", json!(2))];
    let rejected = world.send("feed", json!(3));
    assert_eq!(world.progress(rejected), ["queue_full"]);
    assert!(kept.into_iter().all(|send| world.progress(send) == ["queued"]));
    let mut world = World::new(Config { queue_max_bytes: 10, ..Config::default() });
    let kept = world.send("feed", json!("six"));
    let rejected = world.send("feed", json!("seven"));
    assert_eq!(world.progress(rejected), ["queue_full"]);
    assert_eq!(world.progress(kept), ["queued"]);
}

#[test]
fn a_message_over_the_server_s_limit_is_refused() {
    let mut world = World::new(Config::default());
    world.subscribe(1, "feed");
    world.open();
    world.receive(json!({"type": "auth_success", "features": ALL, "maxFrameBytes": 1_000}));
    let send = world.send("feed", json!("x".repeat(1_000)));
    assert_eq!(world.progress(send).last(), Some(&"message_too_large"));
}

#[test]
fn sends_made_while_hidden_arrive_once_when_shown() {
    let mut world = World::ready(Config::default(), ALL);
    world.page(Page::Hidden);
    world.pass(5_000);
    for n in 0..3 {
        world.send("feed", json!({"n": n}));
    }
    world.sent.clear();
    world.page(Page::Visible);
    world.accept(ALL);
    assert_eq!(ids(&mut world), ["m1", "m2", "m3"]);
}

#[test]
fn a_send_on_a_socket_that_is_closing_waits_for_the_next_one() {
    let mut world = World::ready(Config::default(), &[]);
    let socket = world.socket.expect("open");
    world.input(Input::SocketClosing(socket));
    let send = world.send("feed", json!({"n": 1}));
    assert_eq!(world.progress(send), ["queued"]);
    world.close(4001);
    assert_eq!(world.last_reason(), Some(Reason::AuthDenied), "the close still tells why");
}

#[test]
fn a_cancelled_send_never_leaves() {
    let mut world = World::new(Config::default());
    let send = world.send("feed", json!({}));
    world.client.cancel(world.at(), send);
    world.drain();
    assert_eq!(world.progress(send), ["queued", "aborted"]);
    world.pass(1_000);
    assert_eq!(world.closed, [1000], "and nothing wants a connection any more");
}

#[test]
fn an_ephemeral_message_is_now_or_never() {
    let mut world = World::new(Config::default());
    let message = world.message("feed", json!({"x": 1}));
    world.client.send_ephemeral(world.at(), &message);
    world.drain();
    assert_eq!(
        (world.progress(number_of(&message)), world.opened.len()),
        (vec!["not_connected"], 0)
    );
    let mut world = World::ready(Config::default(), ALL);
    let message = world.message("feed", json!({"x": 1}));
    world.client.send_ephemeral(world.at(), &message);
    world.drain();
    assert_eq!(
        world.sent.pop_front(),
        Some(json!({"type": "ephemeral", "channel": "feed", "payload": {"x": 1}}))
    );
}

#[test]
fn an_own_echo_is_known_as_own_before_and_after_the_ack() {
    let mut world = World::ready(Config::default(), ALL);
    let echo =
        |id: &str| json!({"type": "channel_message", "channel": "feed", "id": id, "payload": 1});
    world.send("feed", json!(1));
    world.send("feed", json!(2));
    world.receive(echo("m1"));
    ack(&mut world, "m1");
    ack(&mut world, "m2");
    world.receive(echo("m2"));
    world.receive(echo("x"));
    let own = |event: &Event<Value>| match event {
        Event::Message(_, delivery) => Some(delivery.own),
        _ => None,
    };
    let told: Vec<_> = world.events.iter().filter_map(own).collect();
    assert_eq!(told, [true, true, false]);
}

#[test]
fn the_depth_of_the_queue_is_told_when_it_changes() {
    let mut world = World::new(Config::default());
    world.send("feed", json!(1));
    world.accept(ALL);
    ack(&mut world, "m1");
    let depth = |event: &Event<Value>| match event {
        Event::Queue(depth) => Some(*depth),
        _ => None,
    };
    assert_eq!(world.events.iter().filter_map(depth).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_send_is_reported_before_its_frame_goes_out_whatever_the_server_can() {
    for (features, ephemeral) in [(ALL, false), (ALL, true), (&[], false), (&[], true)] {
        let mut world = World::ready(Config::default(), features);
        let message = world.message("feed", json!({"n": 1}));
        if ephemeral {
            world.client.send_ephemeral(world.at(), &message);
        } else {
            world.client.send(world.at(), message);
        }
        let mut reported = false;
        while let Some(output) = world.client.poll_output() {
            match output {
                Output::Event(Event::Send(_, progress)) => {
                    reported |=
                        matches!(progress, SendProgress::Sent | SendProgress::SentUnconfirmed);
                }
                Output::Transmit(..) => assert!(reported, "{features:?}, {ephemeral}"),
                _ => {}
            }
        }
        assert!(reported, "{features:?}, {ephemeral}");
    }
}
