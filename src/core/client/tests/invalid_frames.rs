//! Invalid frames are counted and dropped, and affect nothing else.

use serde_json::{Value, json};

use crate::core::config::Config;
use crate::core::event::Event;
use crate::core::input::{Input, Received};
use crate::core::state::State;
use crate::core::testing::{ALL, Harness};

fn invalid(harness: &mut Harness, received: Received<Value>) {
    let socket = harness.socket.expect("open");
    harness.input(Input::SocketFrame(socket, received, 3));
}

#[test]
fn invalid_frame_is_counted_and_reported_once_per_connection() {
    let mut harness = Harness::ready(Config::default(), ALL);
    invalid(&mut harness, Received::NotJson);
    invalid(&mut harness, Received::UnexpectedBinary);
    invalid(&mut harness, Received::TooLarge(None));
    for frame in [json!(1), json!(null), json!([]), json!("text"), json!({"type": "no such type"})]
    {
        harness.receive(frame);
    }
    let emitted = harness.events.iter().filter(|event| matches!(event, Event::Error(..))).count();
    assert_eq!((harness.client.traffic().invalid_frames, emitted), (8, 1));
    assert_eq!(harness.state(), State::Ready);
    harness.receive(json!({"type": "channel_message", "channel": "feed", "payload": "fine"}));
    assert_eq!(harness.delivered(), [json!("fine")]);
}

#[test]
fn members_of_a_wrong_type_are_ignored() {
    let mut harness = Harness::ready(Config::default(), ALL);
    for frame in [
        json!({"type": 5, "channel": 7}),
        json!({"type": "subscribed", "channel": "feed", "ref": "one"}),
        json!({"type": "subscribed", "channel": "feed", "ref": -1}),
        json!({"type": "subscribed", "channel": "feed", "ref": 1e300}),
        json!({"type": "ack", "channel": "feed", "status": "ok"}),
        json!({"type": "ack", "channel": "feed", "id": {}, "status": "ok"}),
        json!({"type": "unsubscribed", "channel": "feed", "code": 5, "ref": []}),
        json!({"type": "error", "channel": "feed", "ref": {}, "code": 1, "message": 2}),
        json!({"type": "auth_success", "features": "all", "heartbeatMs": -5, "expiresInMs": "x"}),
        json!({"type": "auth_success", "features": [1, null], "maxFrameBytes": 0.0}),
    ] {
        harness.receive(frame.clone());
        assert_eq!(harness.state(), State::Ready, "{frame}");
    }
    let send = harness.send("feed", json!({"still": "works"}));
    assert_eq!(harness.progress(send), ["queued", "sent"]);
}

#[test]
fn channel_names_with_a_meaning_in_javascript_are_ordinary_names() {
    let mut harness = Harness::ready(Config::default(), ALL);
    for (n, name) in
        ["__proto__", "constructor", "toString", "\u{0}", "a\"b"].into_iter().enumerate()
    {
        harness.subscribe(10 + n as u32, name);
        assert_eq!(harness.confirm_joins(), [name]);
        harness.receive(json!({"type": "channel_message", "channel": name, "payload": n}));
        assert_eq!(harness.delivered().last(), Some(&json!(n)));
    }
}

#[test]
fn unexpected_auth_success_is_ignored() {
    let mut harness = Harness::ready(Config::default(), ALL);
    harness.receive(json!({"type": "auth_success", "features": [], "user": "ann"}));
    harness.send("feed", json!(1));
    assert_eq!(harness.take("channel_message")[0]["payload"], json!(1), "still enveloped");
}

#[test]
fn invalid_frames_before_auth_success_are_ignored() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.open();
    invalid(&mut harness, Received::NotJson);
    harness.receive(json!({"type": "channel_message", "channel": "feed", "early": true}));
    harness.receive(json!({"type": "pong"}));
    harness.receive(json!({"type": "auth_success", "features": ALL}));
    assert_eq!(harness.state(), State::Ready);
}
