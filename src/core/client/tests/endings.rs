//! Every send ends, whatever its channel does.

use serde_json::{Value, json};

use crate::core::config::{Config, ProtocolKind};
use crate::core::id::SendId;
use crate::core::input::Page;
use crate::core::outbox::OutgoingMessage;
use crate::core::presence::PresenceAction;
use crate::core::testing::{SEQ, World};

const NO_SEQ: &[&str] = &["subscribe", "envelope", "ack", "presence"];
const PROTOCOLS: [ProtocolKind; 3] =
    [ProtocolKind::Tidewire, ProtocolKind::Phoenix, ProtocolKind::Supabase];

/// A world with subscriber 1 on `room`, whose join is out.
fn joining(protocol: ProtocolKind, features: &[&str]) -> World {
    let config = Config { protocol, heartbeat_every_ms: None, ..Config::default() };
    let mut world = World::new(config);
    world.subscribe(1, "room");
    connect(&mut world, features);
    world
}

fn connect(world: &mut World, features: &[&str]) {
    if world.client.profile().sends_as_member() {
        world.open_socket();
    } else {
        world.accept(features);
    }
}

/// Answers the latest join; without a reason it is confirmed.
fn answer_join(world: &mut World, rejection: Option<&str>) {
    let is_join = |frame: &Value| frame["type"] == "subscribe" || frame[3] == "phx_join";
    let join = world.sent.iter().rfind(|frame| is_join(frame)).expect("a join").clone();
    world.sent.clear();
    world.receive(match (join["ref"].is_null(), rejection) {
        (true, None) => {
            let response = json!({"postgres_changes": []});
            json!([join[0], join[1], join[2], "phx_reply", {"status": "ok", "response": response}])
        }
        (true, Some(code)) => {
            let response = json!({"reason": code});
            json!([join[0], join[1], join[2], "phx_reply", {"status": "error", "response": response}])
        }
        (false, None) => json!({
            "type": "subscribed", "channel": "room", "ref": join["ref"],
            "epoch": "e", "seq": 0, "head": 0, "recovered": true,
        }),
        (false, Some(code)) => json!({
            "type": "error", "channel": "room", "ref": join["ref"], "code": code,
            "message": "no", "retryable": code != "unauthorized",
        }),
    });
}

fn outcome(world: &World, send: SendId) -> Option<&'static str> {
    world.progress(send).last().copied()
}

fn limited(world: &mut World) -> SendId {
    let mut message = world.message("room", json!({"n": 1}));
    message.timeout_ms = Some(2_000);
    world.push(message)
}

fn track(world: &mut World, send: u32) -> SendId {
    let action = PresenceAction::Track { key: None, meta: json!({}) };
    world.client.presence(world.at(), "room", SendId(send), action);
    world.drain();
    SendId(send)
}

#[test]
fn on_a_failed_channel_a_send_fails_at_once_with_the_channel_s_error() {
    for protocol in PROTOCOLS {
        let mut world = joining(protocol, NO_SEQ);
        let before = protocol != ProtocolKind::Tidewire;
        let queued = before.then(|| world.send("room", json!({"n": 0})));
        let waiting = track(&mut world, 901);
        let (reason, code) = match protocol {
            ProtocolKind::Supabase => ("Unauthorized: not here", "forbidden"),
            _ => ("unauthorized", "unauthorized"),
        };
        answer_join(&mut world, Some(reason));
        let send = world.send("room", json!({"n": 1}));
        let shown = track(&mut world, 902);
        let outcomes = queued.into_iter().chain([send, waiting, shown]);
        for send in outcomes.filter(|send| protocol != ProtocolKind::Phoenix || send.0 < 900) {
            assert_eq!(outcome(&world, send), Some(code), "{protocol:?} {send:?}");
        }
        assert_eq!(world.client.queue_depth(), 0, "{protocol:?}");
    }
}

#[test]
fn with_a_timeout_a_send_ends_in_time_whatever_its_channel_does() {
    type Trouble = fn(&mut World);
    let troubles: [(&str, Trouble); 6] = [
        ("joining for ever", |_| {}),
        ("refused for a while", |world| answer_join(world, Some("internal"))),
        ("closed", |world| world.client.disconnect(world.at())),
        ("paused", |world| world.page(Page::Frozen)),
        ("offline", |world| world.network(false)),
        ("lost", |world| world.close(1006)),
    ];
    for protocol in PROTOCOLS {
        for (name, trouble) in troubles {
            let mut world = joining(protocol, SEQ);
            let sent = limited(&mut world);
            trouble(&mut world);
            world.drain();
            world.pass(2_000);
            let progress = world.progress(sent);
            assert!(is_over(&progress), "{protocol:?} {name}: {progress:?}");
        }
    }
}

#[test]
fn a_timeout_counts_from_the_call_and_not_from_the_sending() {
    let mut world = World::new(Config::default());
    let mut message = world.message("room", json!({}));
    message.timeout_ms = Some(2_000);
    let send = world.push(message);
    world.pass(1_500);
    world.accept(SEQ);
    assert_eq!(outcome(&world, send), Some("sent"));
    world.pass(500);
    assert_eq!(outcome(&world, send), Some("ack_timeout"));
}

#[test]
fn on_a_connection_a_channel_is_waited_for_as_long_as_for_an_answer() {
    for protocol in [ProtocolKind::Phoenix, ProtocolKind::Supabase] {
        let mut world = joining(protocol, NO_SEQ);
        let send = world.send("room", json!({"n": 1}));
        world.pass(9_000);
        assert_eq!(outcome(&world, send), Some("queued"), "{protocol:?}");
        world.close(1006);
        world.network(false);
        world.pass(60_000);
        assert_eq!(outcome(&world, send), Some("queued"), "{protocol:?}: time away does not count");
        world.network(true);
        world.open_socket();
        world.pass(1_000);
        assert_eq!(outcome(&world, send), Some("expired"), "{protocol:?}");
    }
}

#[test]
fn a_channel_that_is_refused_again_and_again_ends_a_send_with_its_error() {
    for protocol in [ProtocolKind::Phoenix, ProtocolKind::Supabase] {
        let mut world = joining(protocol, NO_SEQ);
        let send = world.send("room", json!({"n": 1}));
        for _ in 0..100 {
            if world.sent.iter().any(|frame| frame[3] == "phx_join") {
                answer_join(&mut world, Some("internal"));
            }
            world.pass(100);
        }
        let progress = world.progress(send);
        assert!(is_over(&progress), "{protocol:?}: {progress:?}");
    }
}

#[test]
fn without_a_timeout_a_send_waits_for_the_network_and_for_the_page() {
    let aways: [fn(&mut World); 2] =
        [|world| world.network(false), |world| world.page(Page::Frozen)];
    for away in aways {
        let mut world = World::ready(Config::default(), SEQ);
        away(&mut world);
        let send = world.send("feed", json!({}));
        world.pass(3_600_000);
        assert_eq!(outcome(&world, send), Some("queued"));
    }
}

#[test]
fn a_presence_that_waits_for_its_channel_ends_in_time() {
    for protocol in [ProtocolKind::Tidewire, ProtocolKind::Supabase] {
        let mut world = joining(protocol, NO_SEQ);
        let send = track(&mut world, 901);
        world.pass(10_000);
        assert_eq!(outcome(&world, send), Some("expired"), "{protocol:?}");
    }
}

#[test]
fn a_channel_that_crashes_or_ends_fails_what_it_had_unanswered_at_once() {
    for protocol in [ProtocolKind::Phoenix, ProtocolKind::Supabase] {
        for event in ["phx_error", "phx_close"] {
            let mut world = World::new(Config { protocol, ..Config::default() });
            let params = Some(json!({"broadcast": {"ack": true}}));
            let subscription = crate::core::channel::Subscription { params, ..Default::default() };
            world.try_subscribe(1, "room", subscription).expect("subscribed");
            world.open_socket();
            answer_join(&mut world, None);
            let send = world.send("room", json!({"n": 1}));
            assert_eq!(outcome(&world, send), Some("sent"), "{protocol:?}");
            let topic = world.sent.back().expect("a push")[2].clone();
            if protocol == ProtocolKind::Supabase && event == "phx_close" {
                let message =
                    json!({"status": "error", "message": "shutting down", "extension": "system"});
                world.receive(json!(["1", null, topic, "system", message]));
            }
            world.receive(json!(["1", "1", topic, event, {}]));
            assert_eq!(outcome(&world, send), Some("unconfirmed"), "{protocol:?} {event}");
        }
    }
}

#[test]
fn a_membership_that_the_server_ends_fails_its_sends_unless_the_log_can_tell() {
    for (features, expected) in [(NO_SEQ, "unconfirmed"), (SEQ, "sent")] {
        for retryable in [true, false] {
            let mut world = joining(ProtocolKind::Tidewire, features);
            answer_join(&mut world, None);
            let send = world.send("room", json!({"n": 1}));
            world.receive(json!({
                "type": "unsubscribed", "channel": "room", "ref": 1,
                "code": "forbidden", "message": "out", "retryable": retryable,
            }));
            assert_eq!(outcome(&world, send), Some(expected), "retryable {retryable}");
            world.receive(json!({"type": "ack", "channel": "room", "id": "m1", "status": "ok"}));
            let last = if expected == "sent" { "acked" } else { expected };
            assert_eq!(outcome(&world, send), Some(last));
        }
    }
}

#[test]
fn a_send_s_own_time_is_not_spent_while_the_page_sleeps() {
    let mut world = joining(ProtocolKind::Phoenix, NO_SEQ);
    let message = OutgoingMessage { timeout_ms: Some(20_000), ..world.message("room", json!({})) };
    let send = world.push(message);
    world.sleep(60_000);
    assert_eq!(outcome(&world, send), Some("queued"));
}

fn is_over(progress: &[&str]) -> bool {
    !matches!(progress.last(), Some(&"queued" | &"sent") | None)
}
