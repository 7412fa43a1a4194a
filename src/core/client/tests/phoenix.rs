//! Phoenix Channels: joins and their replies, pushes, closed channels, presence, both serializers.

use serde_json::{Value, json};

use crate::core::channel::{Persistence, Subscription};
use crate::core::config::{Config, ProtocolKind, Serializer};
use crate::core::error::Code;
use crate::core::event::Event;
use crate::core::id::{ChannelId, SendId, SubscriberId};
use crate::core::input::{BinaryFrame, Input, Received};
use crate::core::presence::PresenceKind;
use crate::core::protocol::phoenix::binary;
use crate::core::state::{ChannelState, Continuity, State};
use crate::core::testing::Harness;

fn config(serializer: Serializer) -> Config {
    Config { protocol: ProtocolKind::Phoenix, serializer, ..Config::default() }
}

/// A harness with subscriber 1 on `echo:1`, whose join with `ref` 1 is pending.
fn joining(serializer: Serializer) -> Harness {
    let mut harness = Harness::new(config(serializer));
    harness.subscribe(1, "echo:1");
    let socket = harness.socket.expect("a socket was requested");
    harness.input(Input::SocketOpened(socket));
    harness
}

/// The same, with the join accepted.
fn joined() -> Harness {
    let mut harness = joining(Serializer::V2);
    harness.sent.clear();
    harness.receive(json!(["1", "1", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    harness
}

fn state(harness: &Harness) -> ChannelState {
    harness.client.channels().get(ChannelId(1)).expect("a channel").state()
}

/// Sends with ack.
fn push(harness: &mut Harness, event: &str, payload: Value) -> SendId {
    let mut message = harness.message("echo:1", payload);
    message.event = Some(event.to_owned());
    harness.push(message)
}

#[test]
fn channel_is_joined_with_params_and_ready_after_the_reply() {
    let mut harness = Harness::new(config(Serializer::V2));
    let params = Some(json!({"hello": 1}));
    let wanting = Subscription { params, ..Subscription::default() };
    harness.try_subscribe(1, "echo:1", wanting).expect("subscribed");
    let socket = harness.socket.expect("a socket was requested");
    harness.input(Input::SocketOpened(socket));
    assert_eq!(harness.state(), State::Ready, "there is no authentication exchange");
    assert_eq!(
        harness.sent.pop_front(),
        Some(json!(["1", "1", "echo:1", "phx_join", {"hello": 1}]))
    );
    assert_eq!(state(&harness), ChannelState::Joining);
    harness.receive(json!(["1", "1", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(state(&harness), ChannelState::Ready);
}

#[test]
fn serializer_1_uses_objects_and_identifies_an_ended_join_by_ref() {
    let mut harness = joining(Serializer::V1);
    let join =
        json!({"join_ref": "1", "ref": "1", "topic": "echo:1", "event": "phx_join", "payload": {}});
    assert_eq!(harness.sent.pop_front(), Some(join));
    let emitted = |event: &str, reference: Value, payload: Value| json!({"topic": "echo:1", "event": event, "payload": payload, "ref": reference});
    harness.receive(emitted("phx_reply", json!("1"), json!({"status": "ok", "response": {}})));
    harness.receive(emitted("shout", json!(null), json!({"m": 1})));
    assert_eq!(harness.delivered(), [json!({"m": 1})]);
    harness.receive(emitted("phx_close", json!("9"), json!({})));
    assert_eq!(state(&harness), ChannelState::Ready, "of another join");
    harness.receive(emitted("phx_close", json!("1"), json!({})));
    assert_eq!(state(&harness), ChannelState::Failed);
}

#[test]
fn push_is_settled_by_its_reply_only() {
    let mut harness = joined();
    let good = push(&mut harness, "echo", json!({"x": 1}));
    let bad = push(&mut harness, "error", json!({}));
    let refs: Vec<_> = harness.sent.drain(..).map(|frame| frame[1].clone()).collect();
    assert_eq!(refs, ["2", "3"]);
    harness.receive(
        json!(["1", "3", "echo:1", "phx_reply", {"status": "error", "response": {"why": "no"}}]),
    );
    harness
        .receive(json!(["1", "2", "echo:1", "phx_reply", {"status": "ok", "response": {"x": 1}}]));
    assert_eq!(harness.progress(good), ["queued", "sent", "acked"]);
    assert_eq!(harness.progress(bad), ["queued", "sent", "rejected"]);
}

#[test]
fn push_without_ack_is_settled_when_transmitted() {
    let mut harness = joined();
    let mut message = harness.message("echo:1", json!({}));
    message.ack = false;
    let send = harness.push(message);
    assert_eq!(harness.progress(send), ["queued", "sent unconfirmed"]);
    assert_eq!(harness.sent.pop_front(), Some(json!(["1", "2", "echo:1", "message", {}])));
}

#[test]
fn dropped_push_fails_after_the_timeout() {
    let mut harness = joined();
    let send = push(&mut harness, "noreply", json!({}));
    harness.pass(10_000);
    assert_eq!(harness.progress(send), ["queued", "sent", "ack_timeout"]);
}

#[test]
fn frames_of_a_former_join_are_dropped_and_broadcasts_are_delivered() {
    let mut harness = joined();
    harness.receive(json!(["1", "1", "echo:1", "phx_error", {"reason": "channel_crash"}]));
    assert_eq!(state(&harness), ChannelState::Joining);
    harness.pass(250);
    let join = harness.sent.pop_front().expect("it is joined again");
    assert_eq!((&join[0], &join[3]), (&json!("2"), &json!("phx_join")));
    harness.receive(json!(["2", "2", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    harness.receive(json!(["1", null, "echo:1", "pushed", {"old": true}]));
    harness.receive(json!(["1", "1", "echo:1", "phx_close", {}]));
    harness.receive(json!(["2", null, "echo:1", "pushed", {"own": true}]));
    harness.receive(json!([null, null, "echo:1", "shout", {"all": true}]));
    assert_eq!(harness.delivered(), [json!({"own": true}), json!({"all": true})]);
    let channel = harness.client.channels().get(ChannelId(1)).expect("a channel");
    assert_eq!(channel.continuity(), Continuity::Unknown, "messages may have been missed");
}

#[test]
fn channel_closed_by_the_server_is_not_rejoined() {
    let mut harness = joined();
    harness.receive(json!(["1", "1", "echo:1", "phx_close", {}]));
    assert_eq!(state(&harness), ChannelState::Failed);
    harness.pass(60_000);
    assert!(harness.sent.iter().all(|frame| frame[3] == "heartbeat"), "{:?}", harness.sent);
}

#[test]
fn rejected_join_is_retried_unless_its_reason_is_final() {
    for (reason, expected) in [
        ("nope", ChannelState::Joining),
        ("join crashed", ChannelState::Joining),
        ("too many channels joined", ChannelState::Joining),
        ("unmatched topic", ChannelState::Failed),
        ("unauthorized", ChannelState::Failed),
    ] {
        let mut harness = joining(Serializer::V2);
        let response = json!({"status": "error", "response": {"reason": reason}});
        // The server sends `unmatched topic` without a join_ref.
        harness.receive(json!([null, "1", "echo:1", "phx_reply", response]));
        assert_eq!(state(&harness), expected, "{reason}");
    }
}

#[test]
fn hundred_channels_are_joined_at_once_until_a_rate_limit_is_received() {
    let mut harness = Harness::new(Config { max_channels: 200, ..config(Serializer::V2) });
    for n in 0..100 {
        let persistent =
            Subscription { persistence: Persistence::Persistent, ..Subscription::default() };
        harness.try_subscribe(n + 1, &format!("c{n:02}"), persistent).expect("subscribed");
    }
    for n in 0..20 {
        harness.unsubscribe(n + 1);
    }
    harness.open_socket();
    let joins: Vec<_> = harness.sent.drain(..).collect();
    assert_eq!(joins.len(), 100);
    assert!(joins[..80].iter().all(|join| join[2].as_str() >= Some("c20")), "those in use first");
    let response = json!({"status": "error", "response": {"reason": "too many channels joined"}});
    harness.receive(json!([joins[0][0], joins[0][1], joins[0][2], "phx_reply", response]));
    harness.close(1006);
    harness.pass(1_000);
    harness.open_socket();
    assert_eq!(harness.sent.len(), 25, "the server has a limit");
    for join in harness.sent.drain(..).collect::<Vec<_>>() {
        let response = json!({"status": "ok", "response": {}});
        harness.receive(json!([join[0], join[1], join[2], "phx_reply", response]));
    }
    assert!(harness.sent.len() <= 1, "the others are paced");
}

#[test]
fn phoenix_heartbeat_is_sent_and_its_reply_counts_as_a_pong() {
    let mut harness = joined();
    harness.pass(30_000);
    assert_eq!(harness.sent.pop_front(), Some(json!([null, "2", "phoenix", "heartbeat", {}])));
    harness.receive(json!([null, "2", "phoenix", "phx_reply", {"status": "ok", "response": {}}]));
    harness.pass(30_000);
    assert_eq!(harness.state(), State::Ready);
    harness.sent.clear();
    harness.pass(10_000);
    assert_ne!(harness.state(), State::Ready, "an unanswered heartbeat ends it");
}

#[test]
fn close_1000_by_the_server_is_followed_by_a_reconnect() {
    let mut harness = joined();
    harness.close(1000);
    harness.pass(1_000);
    assert!(harness.socket.is_some());
}

#[test]
fn presence_diffs_before_the_state_are_applied_after_it() {
    let mut harness = joined();
    let metas = |reference: &str, n: u32| json!({"metas": [{"phx_ref": reference, "n": n}]});
    harness.receive(json!([null, null, "echo:1", "presence_diff", {"joins": {"ann": metas("a", 1)}, "leaves": {}}]));
    harness.receive(json!([null, null, "echo:1", "presence_diff", {"joins": {}, "leaves": {"bob": metas("b", 1)}}]));
    harness.pass(200);
    assert!(!harness.events.iter().any(|event| matches!(event, Event::Presence(..))));
    harness.receive(json!(["1", null, "echo:1", "presence_state", {"ann": metas("a", 1), "bob": metas("b", 1)}]));
    let update = json!({
        "joins": {"ann": {"metas": [{"phx_ref": "c", "phx_ref_prev": "a", "n": 2}]}},
        "leaves": {"ann": metas("a", 1)},
    });
    harness.receive(json!([null, null, "echo:1", "presence_diff", update]));
    harness.pass(200);
    let emitted = harness.events.iter().filter_map(|event| match event {
        Event::Presence(_, changes) => Some(changes.clone()),
        _ => None,
    });
    let emitted: Vec<_> =
        emitted.flatten().map(|change| (change.kind, change.key, change.metas)).collect();
    assert_eq!(
        emitted,
        [
            (PresenceKind::Sync, String::new(), vec![]),
            (PresenceKind::Join, "ann".to_owned(), vec![json!({"n": 1})]),
            (PresenceKind::Join, "bob".to_owned(), vec![json!({"n": 1})]),
            (PresenceKind::Update, "ann".to_owned(), vec![json!({"n": 2})]),
            (PresenceKind::Leave, "bob".to_owned(), vec![]),
        ]
    );
}

#[test]
fn binary_frames_of_all_kinds_are_decoded() {
    let mut harness = joined();
    let send = push(&mut harness, "bin", json!({}));
    let mut binary = |bytes: &[u8], data: Value| {
        let head = binary::read(bytes).expect("a head");
        let received = Received::Binary(Box::new(BinaryFrame { head, data, meta: None }));
        let socket = harness.socket.expect("open");
        harness.input(Input::SocketFrame(socket, received, bytes.len()));
    };
    binary(b"\x01\x01\x01\x06\x0212echo:1ok", json!("reply"));
    binary(b"\x00\x01\x06\x061echo:1pushed", json!("push"));
    binary(b"\x00\x01\x06\x069echo:1pushed", json!("of another join"));
    binary(b"\x02\x06\x05echo:1shout", json!("broadcast"));
    assert_eq!(harness.progress(send), ["queued", "sent", "acked"]);
    assert_eq!(harness.delivered(), [json!("push"), json!("broadcast")]);
}

#[test]
fn token_is_sent_on_opening_and_not_refreshed() {
    let mut harness = Harness::new(Config { has_token_source: true, ..config(Serializer::V2) });
    harness.subscribe(1, "echo:1");
    harness.answer_token(Some("a token"), Some(60_000));
    assert_eq!(harness.opened, [Some("a token".to_owned())]);
    let socket = harness.socket.expect("a socket was requested");
    harness.input(Input::SocketOpened(socket));
    harness.receive(json!(["1", "1", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    for _ in 0..25 {
        harness.pass(8_000);
        harness.receive(json!([null, "x", "phoenix", "phx_reply", {}]));
    }
    assert_eq!((harness.state(), harness.token_requests), (State::Ready, 1));
}

#[test]
fn bytes_are_sent_in_binary_frames_and_rejected_by_serializers_without_them() {
    let mut harness = joined();
    let send = push(&mut harness, "bin", json!("bytes"));
    let head = binary::push("1", "2", "echo:1", "bin").expect("a head");
    assert_eq!(harness.sent.pop_front(), Some(json!({ "head": head, "data": "bytes" })));
    assert_eq!(harness.progress(send), ["queued", "sent"]);

    let mut harness = joining(Serializer::V1);
    let reply = json!({"status": "ok", "response": {}});
    harness.receive(json!({"topic": "echo:1", "event": "phx_reply", "payload": reply, "ref": "1"}));
    let send = push(&mut harness, "bin", json!("bytes"));
    assert_eq!(harness.progress(send), ["queued", "invalid_message"]);
}

#[test]
fn join_reply_is_delivered_after_each_join_even_if_empty() {
    let mut harness = joined();
    assert_eq!(harness.system(), [("phx_join", json!({}), None)]);
    for (before, reference) in [("1", "2"), ("2", "3")] {
        harness.receive(json!([before, before, "echo:1", "phx_error", {}]));
        harness.pass(500);
        let response = json!({"members": 3});
        let reply = json!({"status": "ok", "response": response});
        harness.receive(json!([reference, reference, "echo:1", "phx_reply", reply]));
        assert_eq!(harness.system().pop(), Some(("phx_join", response, None)));
    }
    assert!(harness.delivered().is_empty(), "it is no message of the channel");
}

#[test]
fn new_subscriber_of_a_joined_channel_receives_only_the_last_join_reply() {
    let mut harness = joining(Serializer::V2);
    harness.subscribe(2, "echo:1");
    assert!(harness.system().is_empty(), "there is no answer yet");
    let reply = json!({"status": "ok", "response": {"members": 3}});
    harness.receive(json!(["1", "1", "echo:1", "phx_reply", reply]));
    harness.subscribe(3, "echo:1");
    let answer = json!({"members": 3});
    assert_eq!(
        harness.system(),
        [("phx_join", answer.clone(), None), ("phx_join", answer, Some(SubscriberId(3)))]
    );
    harness.receive(json!(["1", "1", "echo:1", "phx_error", {}]));
    harness.subscribe(4, "echo:1");
    assert_eq!(harness.system().len(), 2, "the next join has one");
}

/// Subscribes with these params; returns the error's code, if any.
fn subscribe_with(
    harness: &mut Harness,
    subscriber: u32,
    params: &Value,
) -> Option<(Code, String)> {
    let wanting = Subscription { params: Some(params.clone()), ..Subscription::default() };
    let rejected = harness.try_subscribe(subscriber, "echo:1", wanting).err()?;
    Some((rejected.code, rejected.cause.as_ref().expect("a cause").message.clone()))
}

#[test]
fn params_other_than_the_join_s_are_rejected_while_the_channel_is_in_use() {
    let seat = |seat: u32| json!({"at": {"seat": seat}});
    let rejected =
        Some((Code::InvalidArgument, "params differ from those that the channel has".to_owned()));
    let mut harness = Harness::new(config(Serializer::V2));
    assert_eq!(subscribe_with(&mut harness, 1, &seat(4)), None);
    assert_eq!(subscribe_with(&mut harness, 2, &seat(5)), rejected, "before the join as well");
    let socket = harness.socket.expect("a socket was requested");
    harness.input(Input::SocketOpened(socket));
    assert_eq!(subscribe_with(&mut harness, 3, &seat(5)), rejected, "while it is joined");
    assert_eq!(harness.sent.pop_front().expect("a join")[4], seat(4));
    harness.receive(json!(["1", "1", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(subscribe_with(&mut harness, 4, &seat(5)), rejected, "and afterwards");
    assert_eq!(subscribe_with(&mut harness, 5, &json!({})), rejected, "empty params are params");
    assert_eq!(subscribe_with(&mut harness, 6, &seat(4)), None, "equal params");
    harness.subscribe(7, "echo:1");
    assert_eq!(harness.client.channels().get(ChannelId(1)).expect("a channel").subscribers(), 3);
    assert!(harness.sent.is_empty(), "no further join is sent");
    for subscriber in [1, 6, 7] {
        harness.unsubscribe(subscriber);
    }
    assert_eq!(subscribe_with(&mut harness, 8, &seat(5)), None, "it lingers without subscribers");
    let join = harness.sent.pop_front().expect("it is joined again");
    assert_eq!((&join[3], &join[4]), (&json!("phx_join"), &seat(5)));
}

#[test]
fn params_added_to_a_channel_joined_without_any_cause_a_second_join() {
    let mut harness = joining(Serializer::V2);
    harness.sent.clear();
    let seat = json!({"seat": 4});
    assert_eq!(subscribe_with(&mut harness, 2, &seat), None);
    let reply = json!({"status": "ok", "response": {}});
    harness.receive(json!(["1", "1", "echo:1", "phx_reply", reply]));
    let join = harness.sent.pop_front().expect("a second join");
    assert_eq!((&join[1], &join[3], &join[4]), (&json!("2"), &json!("phx_join"), &seat));
    harness.receive(json!(["2", "2", "echo:1", "phx_reply", reply]));
    assert_eq!((state(&harness), harness.sent.len()), (ChannelState::Ready, 0));
    assert!(subscribe_with(&mut harness, 3, &json!({"seat": 5})).is_some());
}

#[test]
fn empty_params_equal_none_and_a_send_has_none() {
    let mut harness = Harness::new(config(Serializer::V2));
    harness.send("echo:1", json!({}));
    let socket = harness.socket.expect("a socket was requested");
    harness.input(Input::SocketOpened(socket));
    assert_eq!(subscribe_with(&mut harness, 1, &json!({})), None);
    assert_eq!(
        subscribe_with(&mut harness, 2, &json!({"seat": 4})).expect("rejected").0,
        Code::InvalidArgument
    );
    harness.unsubscribe(1);
    assert_eq!(subscribe_with(&mut harness, 3, &json!({"seat": 4})), None, "a send has no params");
}

/// Names used by the protocol, and names with a meaning as keys of JavaScript objects.
const NAMES: [&str; 12] = [
    "system",
    "presence_state",
    "phx_reply",
    "phx_error",
    "phx_close",
    "phx_join",
    "postgres_changes",
    "access_token",
    "",
    "message",
    "*",
    "__proto__",
];

#[test]
fn broadcast_with_a_protocol_event_name_is_delivered_as_a_message() {
    for name in NAMES {
        let mut harness = joined();
        let emitted = harness.system().len();
        // A payload with the members of several frames of the server.
        let payload =
            json!({"status": "error", "response": {"reason": "no"}, "ann": {"metas": [{}]}});
        harness.receive(json!([null, null, "echo:1", name, payload]));
        let bytes = [&[2, 6, name.len() as u8][..], b"echo:1", name.as_bytes(), b"!"].concat();
        let head = binary::read(&bytes).expect("a head");
        let received =
            Received::Binary(Box::new(BinaryFrame { head, data: payload.clone(), meta: None }));
        let socket = harness.socket.expect("open");
        harness.input(Input::SocketFrame(socket, received, bytes.len()));
        assert_eq!(harness.named(), vec![(name.to_owned(), payload.clone()); 2], "{name:?}");
        assert_eq!(harness.system().len(), emitted, "{name:?} is not a server message");
        assert_eq!(state(&harness), ChannelState::Ready, "{name:?}");
        harness.pass(200);
        assert!(
            !harness.events.iter().any(|event| matches!(event, Event::Presence(..))),
            "{name:?}"
        );
    }
}

#[test]
fn sent_event_keeps_its_name_even_if_empty() {
    for name in NAMES {
        let mut harness = joined();
        push(&mut harness, name, json!({}));
        assert_eq!(harness.sent.pop_front().expect("a frame")[3], name);
    }
}

#[test]
fn raw_presence_frames_are_delivered_besides_presence_changes() {
    let mut harness = joined();
    let metas = json!({"metas": [{"phx_ref": "a", "phx_ref_prev": "z"}]});
    let state = json!({"ann": metas});
    let diff = json!({"joins": {"bob": metas}, "leaves": {}});
    harness.receive(json!(["1", null, "echo:1", "presence_state", state]));
    harness.receive(json!([null, null, "echo:1", "presence_diff", diff]));
    assert_eq!(
        harness.system()[1..],
        [("presence_state", state, None), ("presence_diff", diff, None)]
    );
    assert!(harness.delivered().is_empty());
}
