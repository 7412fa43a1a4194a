//! Sends: queued while possible, sent in order, and never accepted twice.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::event::{Event, SendProgress};
use crate::core::input::{Input, Network, Page};
use crate::core::outbox::OutgoingMessage;
use crate::core::output::Output;
use crate::core::reason::Reason;
use crate::core::testing::{ALL, Harness, number_of};

fn ids(harness: &mut Harness) -> Vec<String> {
    let name = |frame: &Value| frame["id"].as_str().expect("an id").to_owned();
    harness.take("channel_message").iter().map(name).collect()
}

fn ack(harness: &mut Harness, id: &str) {
    harness.receive(json!({"type": "ack", "channel": "feed", "id": id, "status": "ok", "seq": 7}));
}

#[test]
fn send_before_ready_is_queued_and_sent_once() {
    let mut harness = Harness::new(Config::default());
    let send = harness.send("feed", json!({"n": 1}));
    harness.accept(ALL);
    assert_eq!(ids(&mut harness), ["m1"]);
    ack(&mut harness, "m1");
    assert_eq!(harness.progress(send), ["queued", "sent", "acked"]);
}

#[test]
fn send_without_a_subscriber_keeps_the_connection_until_settled() {
    let mut harness = Harness::new(Config::default());
    harness.send("feed", json!({"n": 1}));
    harness.accept(ALL);
    harness.pass(5_000);
    assert!(harness.closed.is_empty());
    ack(&mut harness, "m1");
    harness.pass(1_000);
    assert_eq!(harness.closed, [1000]);
}

#[test]
fn unanswered_send_is_resent_with_the_same_id_before_later_ones() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let first = harness.send("feed", json!({"n": 1}));
    harness.close(1006);
    let second = harness.send("feed", json!({"n": 2}));
    harness.sent.clear();
    harness.pass(250);
    harness.accept(ALL);
    assert_eq!(ids(&mut harness), ["m1", "m2"]);
    ack(&mut harness, "m1");
    ack(&mut harness, "m2");
    assert_eq!(harness.progress(first), ["queued", "sent", "queued", "sent", "acked"]);
    assert_eq!(harness.progress(second), ["queued", "sent", "acked"]);
}

#[test]
fn send_older_than_the_server_s_memory_is_unconfirmed_and_not_resent() {
    // Nor is it resent shortly before, as the message could arrive later.
    for (passed, resent) in [(119_700, 1), (119_800, 0), (120_001, 0)] {
        let mut harness =
            Harness::ready(Config { heartbeat_every_ms: None, ..Config::default() }, ALL);
        let send = harness.send("feed", json!({"n": 1}));
        harness.network(Network::Offline);
        harness.sent.clear();
        harness.pass(passed);
        harness.network(Network::Online);
        harness.accept(ALL);
        assert_eq!(ids(&mut harness).len(), resent, "{passed}");
        let end = if resent == 1 { "sent" } else { "unconfirmed" };
        assert_eq!(harness.progress(send).last(), Some(&end), "{passed}");
    }
}

#[test]
fn unanswered_send_is_not_resent_to_a_server_that_no_longer_acknowledges() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let send = harness.send("feed", json!({"n": 1}));
    harness.close(1006);
    harness.sent.clear();
    harness.pass(250);
    harness.accept(&["subscribe"]);
    assert_eq!(harness.take("channel_message").len(), 0);
    assert_eq!(harness.progress(send).last(), Some(&"unconfirmed"));
}

#[test]
fn base_server_message_is_merged_last_and_settled_when_transmitted() {
    let mut harness = Harness::new(Config::default());
    let send = harness.send("feed", json!({"type": "chat", "text": "hi"}));
    harness.accept(&[]);
    assert_eq!(
        harness.sent.pop_front(),
        Some(json!({"type": "chat", "channel": "feed", "text": "hi"}))
    );
    assert_eq!(harness.progress(send), ["queued", "sent unconfirmed"]);
    harness.close(1006);
    harness.pass(10_000);
    assert_eq!(harness.sent.len(), 0, "never sent again");
}

#[test]
fn payload_that_a_base_frame_cannot_encode_is_rejected_before_sending() {
    for payload in [
        json!({"type": "ping"}),
        json!({"type": "auth_success"}),
        json!({"channel": "elsewhere"}),
        json!({"channel": 5}),
        json!("text"),
        json!([1, 2]),
        json!(null),
    ] {
        let mut harness = Harness::new(Config::default());
        let send = harness.send("feed", payload.clone());
        let after = harness.send("feed", json!({"channel": "feed"}));
        harness.accept(&[]);
        assert_eq!(harness.progress(send).last(), Some(&"invalid_message"), "{payload}");
        assert_eq!(
            (harness.progress(after).last(), harness.sent.len()),
            (Some(&"sent unconfirmed"), 1)
        );
    }
}

#[test]
fn enveloped_payload_may_be_any_value() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.send("feed", json!({"type": "ping", "channel": "elsewhere"}));
    let frame = harness.sent.pop_front().expect("sent");
    assert_eq!(
        frame,
        json!({
            "type": "channel_message", "channel": "feed", "id": "m1", "ack": true,
            "payload": {"type": "ping", "channel": "elsewhere"},
        })
    );
}

#[test]
fn rejected_send_is_final_and_has_the_server_s_message() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let send = harness.send("feed", json!({}));
    harness.receive(json!({
        "type": "ack", "channel": "feed", "id": "m1", "status": "error",
        "code": "price_too_low", "message": "at least 5", "retryable": false,
    }));
    assert_eq!(harness.progress(send).last(), Some(&"rejected"));
    harness.sent.clear();
    harness.close(1006);
    harness.pass(250);
    harness.accept(ALL);
    assert_eq!(harness.take("channel_message").len(), 0);
}

#[test]
fn unanswered_send_times_out_but_not_while_the_page_sleeps() {
    let mut harness = Harness::ready(Config { heartbeat_every_ms: None, ..Config::default() }, ALL);
    let send = harness.send("feed", json!({}));
    harness.sleep(60_000);
    assert_eq!(harness.progress(send).last(), Some(&"sent"));
    harness.receive(json!({"type": "pong"}));
    harness.pass(10_000);
    assert_eq!(harness.progress(send).last(), Some(&"ack_timeout"));
}

#[test]
fn only_queued_messages_expire() {
    let mut harness = Harness::new(Config::default());
    let with = |harness: &mut Harness| OutgoingMessage {
        ttl_ms: Some(1_000),
        ..harness.message("feed", json!({}))
    };
    let message = with(&mut harness);
    let late = harness.push(message);
    harness.pass(1_000);
    assert_eq!(harness.progress(late), ["queued", "expired"]);
    harness.accept(ALL);
    let message = with(&mut harness);
    let sent = harness.push(message);
    harness.pass(2_000);
    assert_eq!(harness.progress(sent), ["queued", "sent"]);
}

#[test]
fn full_queue_rejects_the_newest_message() {
    let config = Config { queue_max_messages: 2, ..Config::default() };
    let mut harness = Harness::new(config);
    let kept = [harness.send("feed", json!(1)), harness.send("feed", json!(2))];
    let rejected = harness.send("feed", json!(3));
    assert_eq!(harness.progress(rejected), ["queue_full"]);
    assert!(kept.into_iter().all(|send| harness.progress(send) == ["queued"]));
    let mut harness = Harness::new(Config { queue_max_bytes: 10, ..Config::default() });
    let kept = harness.send("feed", json!("six"));
    let rejected = harness.send("feed", json!("seven"));
    assert_eq!(harness.progress(rejected), ["queue_full"]);
    assert_eq!(harness.progress(kept), ["queued"]);
}

#[test]
fn message_over_the_server_s_limit_is_rejected() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.open();
    harness.receive(json!({"type": "auth_success", "features": ALL, "maxFrameBytes": 1_000}));
    let send = harness.send("feed", json!("x".repeat(1_000)));
    assert_eq!(harness.progress(send).last(), Some(&"message_too_large"));
}

#[test]
fn sends_in_a_hidden_page_are_sent_once_when_visible() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.page(Page::Hidden);
    harness.pass(5_000);
    for n in 0..3 {
        harness.send("feed", json!({"n": n}));
    }
    harness.sent.clear();
    harness.page(Page::Visible);
    harness.accept(ALL);
    assert_eq!(ids(&mut harness), ["m1", "m2", "m3"]);
}

#[test]
fn send_on_a_closing_socket_waits_for_the_next_one() {
    let mut harness = Harness::ready(Config::default(), &[]);
    let socket = harness.socket.expect("open");
    harness.input(Input::SocketClosing(socket));
    let send = harness.send("feed", json!({"n": 1}));
    assert_eq!(harness.progress(send), ["queued"]);
    harness.close(4001);
    assert_eq!(harness.last_reason(), Some(Reason::AuthDenied), "the close still has the reason");
}

#[test]
fn canceled_send_is_not_sent() {
    let mut harness = Harness::new(Config::default());
    let send = harness.send("feed", json!({}));
    harness.client.cancel(harness.at(), send);
    harness.drain();
    assert_eq!(harness.progress(send), ["queued", "aborted"]);
    harness.pass(1_000);
    assert_eq!(harness.closed, [1000], "and there is no demand for a connection");
}

#[test]
fn ephemeral_message_is_sent_at_once_or_dropped() {
    let mut harness = Harness::new(Config::default());
    let message = harness.message("feed", json!({"x": 1}));
    harness.client.send_ephemeral(harness.at(), &message);
    harness.drain();
    assert_eq!(
        (harness.progress(number_of(&message)), harness.opened.len()),
        (vec!["not_connected"], 0)
    );
    let mut harness = Harness::ready(Config::default(), ALL);
    let message = harness.message("feed", json!({"x": 1}));
    harness.client.send_ephemeral(harness.at(), &message);
    harness.drain();
    assert_eq!(
        harness.sent.pop_front(),
        Some(json!({"type": "ephemeral", "channel": "feed", "payload": {"x": 1}}))
    );
}

#[test]
fn echo_is_marked_as_own_before_and_after_the_ack() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let echo =
        |id: &str| json!({"type": "channel_message", "channel": "feed", "id": id, "payload": 1});
    harness.send("feed", json!(1));
    harness.send("feed", json!(2));
    harness.receive(echo("m1"));
    ack(&mut harness, "m1");
    ack(&mut harness, "m2");
    harness.receive(echo("m2"));
    harness.receive(echo("x"));
    let own = |event: &Event<Value>| match event {
        Event::Message(_, delivery) => Some(delivery.own),
        _ => None,
    };
    let emitted: Vec<_> = harness.events.iter().filter_map(own).collect();
    assert_eq!(emitted, [true, true, false]);
}

#[test]
fn queue_depth_is_emitted_when_it_changes() {
    let mut harness = Harness::new(Config::default());
    harness.send("feed", json!(1));
    harness.accept(ALL);
    ack(&mut harness, "m1");
    let depth = |event: &Event<Value>| match event {
        Event::Queue(depth) => Some(*depth),
        _ => None,
    };
    assert_eq!(harness.events.iter().filter_map(depth).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn send_progress_is_emitted_before_its_frame_for_all_features() {
    for (features, ephemeral) in [(ALL, false), (ALL, true), (&[], false), (&[], true)] {
        let mut harness = Harness::ready(Config::default(), features);
        let message = harness.message("feed", json!({"n": 1}));
        if ephemeral {
            harness.client.send_ephemeral(harness.at(), &message);
        } else {
            harness.client.send(harness.at(), message);
        }
        let mut reported = false;
        while let Some(output) = harness.client.poll_output() {
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

#[test]
fn enqueued_messages_are_sent_together_and_reported_as_usual() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let sends = [1, 2, 3].map(|n| harness.enqueue("feed", json!({"n": n})));
    assert!(harness.sent.is_empty() && harness.progress(sends[0]).is_empty());
    harness.send_enqueued();
    assert_eq!(ids(&mut harness), ["m1", "m2", "m3"]);
    for send in sends {
        assert_eq!(harness.progress(send), ["queued", "sent"]);
    }
    harness.send_enqueued();
    assert!(harness.sent.is_empty());
}

#[test]
fn enqueued_message_is_sent_before_any_later_call_or_input() {
    let calls: [fn(&mut Harness); 4] = [
        |harness| {
            harness.send("feed", json!({"n": 2}));
        },
        |harness| harness.unsubscribe(1),
        |harness| harness.page(Page::Frozen),
        |harness| harness.receive(json!({"type": "ping"})),
    ];
    for call in calls {
        let mut harness = Harness::ready(Config::default(), ALL);
        harness.subscribe(1, "feed");
        harness.sent.clear();
        harness.enqueue("feed", json!({"n": 1}));
        call(&mut harness);
        assert_eq!(harness.sent.pop_front().expect("a frame")["id"], "m1");
    }
}

#[test]
fn enqueued_messages_never_fill_a_queue_that_could_be_sent() {
    let config = Config { queue_max_messages: 2, ..Config::default() };
    let mut harness = Harness::ready(config, &["envelope"]);
    let sends: Vec<_> = (1..=5).map(|n| harness.enqueue("feed", json!({"n": n}))).collect();
    harness.send_enqueued();
    assert_eq!(ids(&mut harness), ["m1", "m2", "m3", "m4", "m5"]);
    for send in sends {
        assert_eq!(harness.progress(send), ["queued", "sent unconfirmed"]);
    }
}

#[test]
fn enqueued_message_does_not_expire_before_its_task_ends() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let mut message = harness.message("feed", json!({"n": 1}));
    message.ttl_ms = Some(100);
    let now = harness.at();
    harness.client.enqueue(now, message);
    harness.pass(5_000);
    assert_eq!(ids(&mut harness), ["m1"]);
}
