//! Nothing is delivered before authentication, and nothing without a position on a channel with
//! positions.

use serde_json::{Value, json};

use crate::core::config::{AuthMode, Config};
use crate::core::event::Event;
use crate::core::id::ChannelId;
use crate::core::input::{ClosedBy, Input, Received};
use crate::core::state::{ChannelState, State};
use crate::core::testing::{Harness, SEQ};

const PRESENCE: &[&str] = &["subscribe", "seq", "envelope", "ack", "presence", "ephemeral"];

/// One frame of each kind that a server sends for a channel.
fn frames() -> Vec<Value> {
    let channel_frame = |kind: &str, more: Value| {
        let mut frame = json!({"type": kind, "channel": "feed", "ref": 1, "id": "m1"});
        frame.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        frame
    };
    let position =
        json!({"epoch": "e", "seq": 1, "head": 1, "recovered": true, "payload": {"n": 1}});
    vec![
        channel_frame("channel_message", position.clone()),
        channel_frame("channel_message", json!({"text": "base"})),
        channel_frame("chat", json!({"text": "base"})),
        json!({"type": "channel_message", "text": "of the default channel"}),
        channel_frame(
            "ephemeral",
            json!({"event": "typing", "payload": {"who": "bob", "typing": true}}),
        ),
        channel_frame("subscribed", position),
        channel_frame("unsubscribed", json!({})),
        channel_frame("unsubscribed", json!({"code": "forbidden", "retryable": false})),
        channel_frame("recovered", json!({"complete": true})),
        channel_frame("ack", json!({"status": "ok"})),
        channel_frame("ack", json!({"status": "error", "code": "invalid"})),
        channel_frame("error", json!({"code": "forbidden", "retryable": false})),
        channel_frame("presence_ok", json!({"presence": "p"})),
        channel_frame("presence_state", json!({"state": {"bob": [{"ref": "b"}]}})),
        channel_frame("presence_diff", json!({"joins": {"bob": [{"ref": "b"}]}, "leaves": {}})),
    ]
}

fn concerns_a_channel(event: &Event<Value>) -> bool {
    !matches!(event, Event::Error(..) | Event::State(..) | Event::Quality(..))
}

fn errors(harness: &Harness) -> usize {
    harness.events.iter().filter(|event| matches!(event, Event::Error(..))).count()
}

#[test]
fn channel_frames_before_authentication_are_dropped_and_counted() {
    for frame in frames() {
        for reconnected in [false, true] {
            let mut harness = Harness::new(Config::default());
            harness.subscribe(1, "feed");
            harness.subscribe(2, "default");
            if reconnected {
                harness.accept(PRESENCE);
                harness.confirm_joins();
                harness.close(1006);
                harness.pass(1_000);
            }
            let send = harness.send("feed", json!({"n": 1}));
            harness.open();
            harness.events.clear();
            harness.receive(frame.clone());
            harness.receive(frame.clone());
            harness.pass(200);
            let emitted: Vec<_> =
                harness.events.iter().filter(|event| concerns_a_channel(event)).collect();
            assert!(emitted.is_empty(), "{frame}: {emitted:?}");
            assert_eq!(harness.client.traffic().invalid_frames, 2, "{frame}");
            assert_eq!(errors(&harness), 1, "reported once: {frame}");
            assert!(harness.sent.is_empty(), "{frame}: {:?}", harness.sent);
            harness.receive(json!({"type": "auth_success", "features": PRESENCE, "user": "ann"}));
            assert_eq!(
                (harness.state(), harness.progress(send).last()),
                (State::Ready, Some(&"sent"))
            );
        }
    }
}

#[test]
fn batch_before_authentication_is_dropped() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.open();
    harness.receive(Value::Array(frames()));
    assert!(harness.delivered().is_empty());
    assert_eq!(harness.client.traffic().invalid_frames, 1);
}

#[test]
fn connection_frames_before_authentication_are_processed() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.open();
    harness.receive(json!({"type": "ping"}));
    harness.receive(
        json!({"type": "error", "code": "internal", "message": "later", "retryable": true}),
    );
    assert_eq!(harness.client.traffic().invalid_frames, 0);
    let socket = harness.socket.take().expect("open");
    harness.input(Input::SocketClosed(socket, ClosedBy::Peer(1011, String::new())));
    let error = harness.client.connection().error().expect("an error");
    assert_eq!(error.cause.as_ref().map(|cause| &*cause.message), Some("later"));
}

#[test]
fn messages_are_delivered_from_opening_if_there_is_no_authentication() {
    let mut harness = Harness::new(Config { auth: AuthMode::None, ..Config::default() });
    harness.subscribe(1, "feed");
    harness.open_socket();
    harness.receive(json!({"type": "channel_message", "channel": "feed", "n": 1}));
    assert_eq!(harness.delivered().len(), 1);
}

/// A client whose channel is joined at position 0.
fn counted() -> Harness {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.accept(PRESENCE);
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "subscribed", "channel": "feed", "ref": join["ref"],
        "epoch": "e", "seq": 0, "head": 0, "recovered": false,
    }));
    harness
}

#[test]
fn message_without_position_is_counted_and_dropped_on_a_channel_with_positions() {
    let whole = json!({
        "type": "channel_message", "channel": "feed", "id": "x", "epoch": "e", "seq": 1,
        "payload": {"n": 1},
    });
    let wrong = [json!(null), json!(1.5), json!(-1), json!({}), json!([1])];
    for key in ["id", "epoch", "seq"] {
        for value in &wrong {
            let mut frame = whole.clone();
            frame[key] = value.clone();
            let mut harness = counted();
            harness.receive(frame.clone());
            assert!(harness.delivered().is_empty(), "{frame}");
            assert_eq!(harness.client.traffic().invalid_frames, 1, "{frame}");
            assert_eq!(errors(&harness), 1);
            harness.receive(whole.clone());
            assert_eq!(harness.delivered(), [json!({"n": 1})], "{frame}");
        }
    }
}

#[test]
fn ephemeral_message_needs_no_position() {
    let mut harness = counted();
    harness.receive(json!({"type": "ephemeral", "channel": "feed", "event": "pos", "payload": 1}));
    assert_eq!(harness.delivered(), [json!(1)]);
    assert_eq!(harness.client.traffic().invalid_frames, 0);
}

#[test]
fn message_needs_no_position_if_the_server_has_none() {
    let mut harness = Harness::ready(Config::default(), &["subscribe", "envelope", "ack"]);
    harness.receive(json!({"type": "channel_message", "channel": "feed", "payload": 1}));
    assert_eq!(harness.delivered(), [json!(1)]);
}

#[test]
fn buffered_message_of_a_lost_connection_is_kept_until_the_next_join() {
    let mut harness = counted();
    harness.close(1006);
    harness.pass(1_000);
    harness.accept(SEQ);
    let message = json!({
        "type": "channel_message", "channel": "feed", "id": "x", "epoch": "e", "seq": 1,
        "payload": {"n": 1},
    });
    harness.receive(message.clone());
    assert!(harness.delivered().is_empty());
    let join = harness.take("subscribe").pop().expect("a join");
    harness.receive(json!({
        "type": "subscribed", "channel": "feed", "ref": join["ref"],
        "epoch": "e", "seq": 0, "head": 1, "recovered": true,
    }));
    harness.receive(message);
    assert_eq!(harness.delivered(), [json!({"n": 1})]);
}

#[test]
fn presence_of_an_unjoined_channel_is_dropped() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.accept(PRESENCE);
    for frame in frames()
        .into_iter()
        .filter(|frame| frame["type"] == "presence_state" || frame["type"] == "presence_diff")
    {
        harness.receive(frame);
    }
    harness.pass(200);
    assert!(!harness.events.iter().any(|event| matches!(event, Event::Presence(..))));
    let channel = harness.client.channels().get(ChannelId(1)).expect("a channel");
    assert_eq!(channel.state(), ChannelState::Joining);
}

#[test]
fn invalid_text_before_authentication_is_counted() {
    for received in [Received::NotJson, Received::UnexpectedBinary] {
        let mut harness = Harness::new(Config::default());
        harness.subscribe(1, "feed");
        harness.open();
        let socket = harness.socket.expect("open");
        harness.input(Input::SocketFrame(socket, received, 10));
        assert_eq!((harness.client.traffic().invalid_frames, errors(&harness)), (1, 1));
    }
}
