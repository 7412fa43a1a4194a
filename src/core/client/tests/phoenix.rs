//! Phoenix Channels: joins and their answers, replies, ends, presence, both serializers.

use serde_json::{Value, json};

use crate::core::channel::Subscription;
use crate::core::config::{Config, ProtocolKind, Serializer};
use crate::core::error::Code;
use crate::core::event::Event;
use crate::core::id::{ChannelId, SendId, SubscriberId};
use crate::core::input::{BinaryFrame, Input, Received};
use crate::core::presence::PresenceKind;
use crate::core::protocol::phoenix::binary;
use crate::core::state::{ChannelState, Continuity, State};
use crate::core::testing::World;

fn config(serializer: Serializer) -> Config {
    Config { protocol: ProtocolKind::Phoenix, serializer, ..Config::default() }
}

/// A world whose client has subscriber 1 on `echo:1`, and whose join is out with `ref` 1.
fn joining(serializer: Serializer) -> World {
    let mut world = World::new(config(serializer));
    world.subscribe(1, "echo:1");
    let socket = world.socket.expect("a socket was asked for");
    world.input(Input::SocketOpened(socket));
    world
}

/// The same, and the server has let it in.
fn joined() -> World {
    let mut world = joining(Serializer::V2);
    world.sent.clear();
    world.receive(json!(["1", "1", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    world
}

fn state(world: &World) -> ChannelState {
    world.client.channels().get(ChannelId(1)).expect("a channel").state()
}

/// Sends and asks for the reply.
fn push(world: &mut World, event: &str, payload: Value) -> SendId {
    let mut message = world.message("echo:1", payload);
    message.event = Some(event.to_owned());
    world.push(message)
}

#[test]
fn a_channel_is_joined_with_the_app_s_params_and_ready_when_the_server_says_so() {
    let mut world = World::new(config(Serializer::V2));
    let params = Some(json!({"hello": 1}));
    let wanting = Subscription { params, ..Subscription::default() };
    world.try_subscribe(1, "echo:1", wanting).expect("subscribed");
    let socket = world.socket.expect("a socket was asked for");
    world.input(Input::SocketOpened(socket));
    assert_eq!(world.state(), State::Ready, "there is no exchange");
    assert_eq!(world.sent.pop_front(), Some(json!(["1", "1", "echo:1", "phx_join", {"hello": 1}])));
    assert_eq!(state(&world), ChannelState::Joining);
    world.receive(json!(["1", "1", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(state(&world), ChannelState::Ready);
}

#[test]
fn serializer_1_says_the_same_in_objects_and_only_ref_tells_which_join_ended() {
    let mut world = joining(Serializer::V1);
    let join =
        json!({"join_ref": "1", "ref": "1", "topic": "echo:1", "event": "phx_join", "payload": {}});
    assert_eq!(world.sent.pop_front(), Some(join));
    let told = |event: &str, reference: Value, payload: Value| json!({"topic": "echo:1", "event": event, "payload": payload, "ref": reference});
    world.receive(told("phx_reply", json!("1"), json!({"status": "ok", "response": {}})));
    world.receive(told("shout", json!(null), json!({"m": 1})));
    assert_eq!(world.delivered(), [json!({"m": 1})]);
    world.receive(told("phx_close", json!("9"), json!({})));
    assert_eq!(state(&world), ChannelState::Ready, "another join's");
    world.receive(told("phx_close", json!("1"), json!({})));
    assert_eq!(state(&world), ChannelState::Failed);
}

#[test]
fn a_push_is_answered_by_its_reply_and_by_nothing_else() {
    let mut world = joined();
    let good = push(&mut world, "echo", json!({"x": 1}));
    let bad = push(&mut world, "error", json!({}));
    let refs: Vec<_> = world.sent.drain(..).map(|frame| frame[1].clone()).collect();
    assert_eq!(refs, ["2", "3"]);
    world.receive(
        json!(["1", "3", "echo:1", "phx_reply", {"status": "error", "response": {"why": "no"}}]),
    );
    world.receive(json!(["1", "2", "echo:1", "phx_reply", {"status": "ok", "response": {"x": 1}}]));
    assert_eq!(world.progress(good), ["queued", "sent", "acked"]);
    assert_eq!(world.progress(bad), ["queued", "sent", "rejected"]);
}

#[test]
fn a_push_without_ack_is_over_when_the_socket_has_it() {
    let mut world = joined();
    let mut message = world.message("echo:1", json!({}));
    message.ack = false;
    let send = world.push(message);
    assert_eq!(world.progress(send), ["queued", "handed over"]);
    assert_eq!(world.sent.pop_front(), Some(json!(["1", "2", "echo:1", "message", {}])));
}

#[test]
fn a_push_that_the_server_drops_fails_in_time() {
    let mut world = joined();
    let send = push(&mut world, "noreply", json!({}));
    world.pass(10_000);
    assert_eq!(world.progress(send), ["queued", "sent", "ack_timeout"]);
}

#[test]
fn frames_of_a_former_join_are_dropped_and_broadcasts_pass() {
    let mut world = joined();
    world.receive(json!(["1", "1", "echo:1", "phx_error", {"reason": "channel_crash"}]));
    assert_eq!(state(&world), ChannelState::Joining);
    world.pass(250);
    let join = world.sent.pop_front().expect("it is joined again");
    assert_eq!((&join[0], &join[3]), (&json!("2"), &json!("phx_join")));
    world.receive(json!(["2", "2", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    world.receive(json!(["1", null, "echo:1", "pushed", {"old": true}]));
    world.receive(json!(["1", "1", "echo:1", "phx_close", {}]));
    world.receive(json!(["2", null, "echo:1", "pushed", {"own": true}]));
    world.receive(json!([null, null, "echo:1", "shout", {"all": true}]));
    assert_eq!(world.delivered(), [json!({"own": true}), json!({"all": true})]);
    let channel = world.client.channels().get(ChannelId(1)).expect("a channel");
    assert_eq!(channel.continuity(), Continuity::Unknown, "nothing proves that nothing was missed");
}

#[test]
fn a_crash_is_followed_by_another_join_and_an_end_by_none() {
    let mut world = joined();
    world.receive(json!(["1", "1", "echo:1", "phx_close", {}]));
    assert_eq!(state(&world), ChannelState::Failed);
    world.pass(60_000);
    assert!(world.sent.iter().all(|frame| frame[3] == "heartbeat"), "{:?}", world.sent);
}

#[test]
fn a_refused_join_is_tried_again_unless_its_reason_is_known_to_be_final() {
    for (reason, expected) in [
        ("nope", ChannelState::Joining),
        ("join crashed", ChannelState::Joining),
        ("too many channels joined", ChannelState::Joining),
        ("unmatched topic", ChannelState::Failed),
        ("unauthorized", ChannelState::Failed),
    ] {
        let mut world = joining(Serializer::V2);
        let response = json!({"status": "error", "response": {"reason": reason}});
        // The server says `unmatched topic` without a join_ref.
        world.receive(json!([null, "1", "echo:1", "phx_reply", response]));
        assert_eq!(state(&world), expected, "{reason}");
    }
}

#[test]
fn a_hundred_channels_are_joined_at_once_until_the_server_names_a_limit() {
    let mut world = World::new(Config { max_channels: 200, ..config(Serializer::V2) });
    for n in 0..100 {
        let persistent = Subscription { persistent: Some(None), ..Subscription::default() };
        world.try_subscribe(n + 1, &format!("c{n:02}"), persistent).expect("subscribed");
    }
    for n in 0..20 {
        world.unsubscribe(n + 1);
    }
    world.open_socket();
    let joins: Vec<_> = world.sent.drain(..).collect();
    assert_eq!(joins.len(), 100);
    assert!(joins[..80].iter().all(|join| join[2].as_str() >= Some("c20")), "those in use first");
    let response = json!({"status": "error", "response": {"reason": "too many channels joined"}});
    world.receive(json!([joins[0][0], joins[0][1], joins[0][2], "phx_reply", response]));
    world.close(1006);
    world.pass(1_000);
    world.open_socket();
    assert_eq!(world.sent.len(), 25, "it named one");
    for join in world.sent.drain(..).collect::<Vec<_>>() {
        let response = json!({"status": "ok", "response": {}});
        world.receive(json!([join[0], join[1], join[2], "phx_reply", response]));
    }
    assert!(world.sent.len() <= 1, "the others follow a step apart");
}

#[test]
fn the_heartbeat_is_phoenix_s_and_its_reply_is_life() {
    let mut world = joined();
    world.pass(30_000);
    assert_eq!(world.sent.pop_front(), Some(json!([null, "2", "phoenix", "heartbeat", {}])));
    world.receive(json!([null, "2", "phoenix", "phx_reply", {"status": "ok", "response": {}}]));
    world.pass(30_000);
    assert_eq!(world.state(), State::Ready);
    world.sent.clear();
    world.pass(10_000);
    assert_ne!(world.state(), State::Ready, "an unanswered one is none");
}

#[test]
fn a_server_s_close_1000_is_followed_by_another_connection() {
    let mut world = joined();
    world.close(1000);
    world.pass(1_000);
    assert!(world.socket.is_some());
}

#[test]
fn differences_that_come_before_the_state_count_after_it() {
    let mut world = joined();
    let metas = |reference: &str, n: u32| json!({"metas": [{"phx_ref": reference, "n": n}]});
    world.receive(json!([null, null, "echo:1", "presence_diff", {"joins": {"ann": metas("a", 1)}, "leaves": {}}]));
    world.receive(json!([null, null, "echo:1", "presence_diff", {"joins": {}, "leaves": {"bob": metas("b", 1)}}]));
    world.pass(200);
    assert!(!world.events.iter().any(|event| matches!(event, Event::Presence(..))));
    world.receive(json!(["1", null, "echo:1", "presence_state", {"ann": metas("a", 1), "bob": metas("b", 1)}]));
    let update = json!({
        "joins": {"ann": {"metas": [{"phx_ref": "c", "phx_ref_prev": "a", "n": 2}]}},
        "leaves": {"ann": metas("a", 1)},
    });
    world.receive(json!([null, null, "echo:1", "presence_diff", update]));
    world.pass(200);
    let told = world.events.iter().filter_map(|event| match event {
        Event::Presence(_, changes) => Some(changes.clone()),
        _ => None,
    });
    let told: Vec<_> =
        told.flatten().map(|change| (change.kind, change.key, change.metas)).collect();
    assert_eq!(
        told,
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
fn binary_frames_of_all_kinds_are_messages_and_replies() {
    let mut world = joined();
    let send = push(&mut world, "bin", json!({}));
    let mut packed = |bytes: &[u8], data: Value| {
        let head = binary::read(bytes).expect("a head");
        let received = Received::Binary(Box::new(BinaryFrame { head, data, meta: None }));
        let socket = world.socket.expect("open");
        world.input(Input::SocketFrame(socket, received, bytes.len()));
    };
    packed(b"\x01\x01\x01\x06\x0212echo:1ok", json!("reply"));
    packed(b"\x00\x01\x06\x061echo:1pushed", json!("push"));
    packed(b"\x00\x01\x06\x069echo:1pushed", json!("of another join"));
    packed(b"\x02\x06\x05echo:1shout", json!("broadcast"));
    assert_eq!(world.progress(send), ["queued", "sent", "acked"]);
    assert_eq!(world.delivered(), [json!("push"), json!("broadcast")]);
}

#[test]
fn a_token_is_offered_when_the_connection_is_opened_and_never_asked_for_again() {
    let mut world = World::new(Config { asks_token: true, ..config(Serializer::V2) });
    world.subscribe(1, "echo:1");
    world.answer_token(Some("a token"), Some(60_000));
    assert_eq!(world.opened, [Some("a token".to_owned())]);
    let socket = world.socket.expect("a socket was asked for");
    world.input(Input::SocketOpened(socket));
    world.receive(json!(["1", "1", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    for _ in 0..25 {
        world.pass(8_000);
        world.receive(json!([null, "x", "phoenix", "phx_reply", {}]));
    }
    assert_eq!((world.state(), world.times_asked), (State::Ready, 1));
}

#[test]
fn bytes_are_pushed_in_binary_frames_and_not_by_serializers_that_have_none() {
    let mut world = joined();
    let send = push(&mut world, "bin", json!("bytes"));
    let head = binary::push("1", "2", "echo:1", "bin").expect("a head");
    assert_eq!(world.sent.pop_front(), Some(json!({ "head": head, "data": "bytes" })));
    assert_eq!(world.progress(send), ["queued", "sent"]);

    let mut world = joining(Serializer::V1);
    let reply = json!({"status": "ok", "response": {}});
    world.receive(json!({"topic": "echo:1", "event": "phx_reply", "payload": reply, "ref": "1"}));
    let send = push(&mut world, "bin", json!("bytes"));
    assert_eq!(world.progress(send), ["queued", "invalid_message"]);
}

#[test]
fn what_the_server_answers_to_a_join_is_delivered_after_each_join_an_empty_answer_too() {
    let mut world = joined();
    assert_eq!(world.system(), [("phx_join", json!({}), None)]);
    for (before, reference) in [("1", "2"), ("2", "3")] {
        world.receive(json!([before, before, "echo:1", "phx_error", {}]));
        world.pass(500);
        let response = json!({"members": 3});
        let reply = json!({"status": "ok", "response": response});
        world.receive(json!([reference, reference, "echo:1", "phx_reply", reply]));
        assert_eq!(world.system().pop(), Some(("phx_join", response, None)));
    }
    assert!(world.delivered().is_empty(), "it is no message of the channel");
}

#[test]
fn a_subscriber_of_a_joined_channel_receives_the_last_answer_to_the_join_alone() {
    let mut world = joining(Serializer::V2);
    world.subscribe(2, "echo:1");
    assert!(world.system().is_empty(), "there is no answer yet");
    let reply = json!({"status": "ok", "response": {"members": 3}});
    world.receive(json!(["1", "1", "echo:1", "phx_reply", reply]));
    world.subscribe(3, "echo:1");
    let answer = json!({"members": 3});
    assert_eq!(
        world.system(),
        [("phx_join", answer.clone(), None), ("phx_join", answer, Some(SubscriberId(3)))]
    );
    world.receive(json!(["1", "1", "echo:1", "phx_error", {}]));
    world.subscribe(4, "echo:1");
    assert_eq!(world.system().len(), 2, "it comes with the next join");
}

/// Takes a channel with these params; returns why not, if not.
fn take(world: &mut World, subscriber: u32, params: &Value) -> Option<(Code, String)> {
    let wanting = Subscription { params: Some(params.clone()), ..Subscription::default() };
    let rejected = world.try_subscribe(subscriber, "echo:1", wanting).err()?;
    Some((rejected.code, rejected.cause.as_ref().expect("a cause").message.clone()))
}

#[test]
fn other_params_than_the_join_s_are_refused_while_somebody_has_the_channel() {
    let seat = |seat: u32| json!({"at": {"seat": seat}});
    let rejected =
        Some((Code::InvalidArgument, "params differ from those that the channel has".to_owned()));
    let mut world = World::new(config(Serializer::V2));
    assert_eq!(take(&mut world, 1, &seat(4)), None);
    assert_eq!(take(&mut world, 2, &seat(5)), rejected, "before the join as well");
    let socket = world.socket.expect("a socket was asked for");
    world.input(Input::SocketOpened(socket));
    assert_eq!(take(&mut world, 3, &seat(5)), rejected, "while it is joined");
    assert_eq!(world.sent.pop_front().expect("a join")[4], seat(4));
    world.receive(json!(["1", "1", "echo:1", "phx_reply", {"status": "ok", "response": {}}]));
    assert_eq!(take(&mut world, 4, &seat(5)), rejected, "and afterwards");
    assert_eq!(take(&mut world, 5, &json!({})), rejected, "no params are params");
    assert_eq!(take(&mut world, 6, &seat(4)), None, "the same by value are not others");
    world.subscribe(7, "echo:1");
    assert_eq!(world.client.channels().get(ChannelId(1)).expect("held").subscribers(), 3);
    assert!(world.sent.is_empty(), "nothing of this is said");
    for subscriber in [1, 6, 7] {
        world.unsubscribe(subscriber);
    }
    assert_eq!(take(&mut world, 8, &seat(5)), None, "it lingers, and nobody has it");
    let join = world.sent.pop_front().expect("it is joined anew");
    assert_eq!((&join[3], &join[4]), (&json!("phx_join"), &seat(5)));
}

#[test]
fn params_that_come_while_a_channel_is_joined_without_any_are_those_of_a_second_join() {
    let mut world = joining(Serializer::V2);
    world.sent.clear();
    let seat = json!({"seat": 4});
    assert_eq!(take(&mut world, 2, &seat), None);
    let reply = json!({"status": "ok", "response": {}});
    world.receive(json!(["1", "1", "echo:1", "phx_reply", reply]));
    let join = world.sent.pop_front().expect("a second join");
    assert_eq!((&join[1], &join[3], &join[4]), (&json!("2"), &json!("phx_join"), &seat));
    world.receive(json!(["2", "2", "echo:1", "phx_reply", reply]));
    assert_eq!((state(&world), world.sent.len()), (ChannelState::Ready, 0));
    assert!(take(&mut world, 3, &json!({"seat": 5})).is_some());
}

#[test]
fn empty_params_are_those_of_a_join_without_any_and_a_send_wants_none() {
    let mut world = World::new(config(Serializer::V2));
    world.send("echo:1", json!({}));
    let socket = world.socket.expect("a socket was asked for");
    world.input(Input::SocketOpened(socket));
    assert_eq!(take(&mut world, 1, &json!({})), None);
    assert_eq!(take(&mut world, 2, &json!({"seat": 4})).expect("refused").0, Code::InvalidArgument);
    world.unsubscribe(1);
    assert_eq!(take(&mut world, 3, &json!({"seat": 4})), None, "who sends takes any");
}

/// Names that the protocol uses, and names that trip whoever uses names as keys.
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
fn what_an_application_broadcasts_under_a_name_of_the_protocol_is_a_message_of_that_name() {
    for name in NAMES {
        let mut world = joined();
        let told = world.system().len();
        // With the payload that would do the most harm.
        let payload =
            json!({"status": "error", "response": {"reason": "no"}, "ann": {"metas": [{}]}});
        world.receive(json!([null, null, "echo:1", name, payload]));
        let bytes = [&[2, 6, name.len() as u8][..], b"echo:1", name.as_bytes(), b"!"].concat();
        let head = binary::read(&bytes).expect("a head");
        let received =
            Received::Binary(Box::new(BinaryFrame { head, data: payload.clone(), meta: None }));
        let socket = world.socket.expect("open");
        world.input(Input::SocketFrame(socket, received, bytes.len()));
        assert_eq!(world.named(), vec![(name.to_owned(), payload.clone()); 2], "{name:?}");
        assert_eq!(world.system().len(), told, "{name:?} is none of the server's own");
        assert_eq!(state(&world), ChannelState::Ready, "{name:?}");
        world.pass(200);
        assert!(!world.events.iter().any(|event| matches!(event, Event::Presence(..))), "{name:?}");
    }
}

#[test]
fn an_event_keeps_its_name_on_the_way_out_the_empty_one_too() {
    for name in NAMES {
        let mut world = joined();
        push(&mut world, name, json!({}));
        assert_eq!(world.sent.pop_front().expect("a frame")[3], name);
    }
}

#[test]
fn presence_is_delivered_as_the_server_sent_it_besides_what_it_means() {
    let mut world = joined();
    let metas = json!({"metas": [{"phx_ref": "a", "phx_ref_prev": "z"}]});
    let state = json!({"ann": metas});
    let diff = json!({"joins": {"bob": metas}, "leaves": {}});
    world.receive(json!(["1", null, "echo:1", "presence_state", state]));
    world.receive(json!([null, null, "echo:1", "presence_diff", diff]));
    assert_eq!(
        world.system()[1..],
        [("presence_state", state, None), ("presence_diff", diff, None)]
    );
    assert!(world.delivered().is_empty());
}
