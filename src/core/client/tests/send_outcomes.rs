//! Every send is settled, in every state of its channel.

use serde_json::{Value, json};

use crate::core::config::{Config, ProtocolKind};
use crate::core::id::SendId;
use crate::core::input::{Network, Page};
use crate::core::outbox::OutgoingMessage;
use crate::core::presence::PresenceAction;
use crate::core::testing::{Harness, SEQ};

const NO_SEQ: &[&str] = &["subscribe", "envelope", "ack", "presence"];
const PROTOCOLS: [ProtocolKind; 3] =
    [ProtocolKind::Tidewire, ProtocolKind::Phoenix, ProtocolKind::Supabase];

/// A harness with subscriber 1 on `room`, whose join is pending.
fn joining(protocol: ProtocolKind, features: &[&str]) -> Harness {
    let config = Config { protocol, heartbeat_every_ms: None, ..Config::default() };
    let mut harness = Harness::new(config);
    harness.subscribe(1, "room");
    connect(&mut harness, features);
    harness
}

fn connect(harness: &mut Harness, features: &[&str]) {
    if harness.client.profile().sends_as_member() {
        harness.open_socket();
    } else {
        harness.accept(features);
    }
}

/// Answers the latest join: rejects it with the reason, or confirms it without one.
fn answer_join(harness: &mut Harness, rejection: Option<&str>) {
    let is_join = |frame: &Value| frame["type"] == "subscribe" || frame[3] == "phx_join";
    let join = harness.sent.iter().rfind(|frame| is_join(frame)).expect("a join").clone();
    harness.sent.clear();
    harness.receive(match (join["ref"].is_null(), rejection) {
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

fn outcome(harness: &Harness, send: SendId) -> Option<&'static str> {
    harness.progress(send).last().copied()
}

fn limited(harness: &mut Harness) -> SendId {
    let mut message = harness.message("room", json!({"n": 1}));
    message.timeout_ms = Some(2_000);
    harness.push(message)
}

fn track(harness: &mut Harness, send: u32) -> SendId {
    let action = PresenceAction::Track { key: None, meta: json!({}) };
    harness.client.presence(harness.at(), "room", SendId(send), action);
    harness.drain();
    SendId(send)
}

#[test]
fn send_on_a_failed_channel_fails_at_once_with_its_error() {
    for protocol in PROTOCOLS {
        let mut harness = joining(protocol, NO_SEQ);
        let before = protocol != ProtocolKind::Tidewire;
        let queued = before.then(|| harness.send("room", json!({"n": 0})));
        let waiting = track(&mut harness, 901);
        let (reason, code) = match protocol {
            ProtocolKind::Supabase => ("Unauthorized: not here", "forbidden"),
            _ => ("unauthorized", "unauthorized"),
        };
        answer_join(&mut harness, Some(reason));
        let send = harness.send("room", json!({"n": 1}));
        let shown = track(&mut harness, 902);
        let outcomes = queued.into_iter().chain([send, waiting, shown]);
        for send in outcomes.filter(|send| protocol != ProtocolKind::Phoenix || send.0 < 900) {
            assert_eq!(outcome(&harness, send), Some(code), "{protocol:?} {send:?}");
        }
        assert_eq!(harness.client.queue_depth(), 0, "{protocol:?}");
    }
}

#[test]
fn send_with_a_timeout_ends_in_time_in_every_channel_state() {
    type Interruption = fn(&mut Harness);
    let interruptions: [(&str, Interruption); 6] = [
        ("joining", |_| {}),
        ("rejected for a while", |harness| answer_join(harness, Some("internal"))),
        ("closed", |harness| harness.client.disconnect(harness.at())),
        ("paused", |harness| harness.page(Page::Frozen)),
        ("offline", |harness| harness.network(Network::Offline)),
        ("lost", |harness| harness.close(1006)),
    ];
    for protocol in PROTOCOLS {
        for (name, interrupt) in interruptions {
            let mut harness = joining(protocol, SEQ);
            let sent = limited(&mut harness);
            interrupt(&mut harness);
            harness.drain();
            harness.pass(2_000);
            let progress = harness.progress(sent);
            assert!(is_over(&progress), "{protocol:?} {name}: {progress:?}");
        }
    }
}

#[test]
fn send_timeout_starts_at_the_call() {
    let mut harness = Harness::new(Config::default());
    let mut message = harness.message("room", json!({}));
    message.timeout_ms = Some(2_000);
    let send = harness.push(message);
    harness.pass(1_500);
    harness.accept(SEQ);
    assert_eq!(outcome(&harness, send), Some("sent"));
    harness.pass(500);
    assert_eq!(outcome(&harness, send), Some("ack_timeout"));
}

#[test]
fn send_waits_for_its_channel_as_long_as_for_an_ack() {
    for protocol in [ProtocolKind::Phoenix, ProtocolKind::Supabase] {
        let mut harness = joining(protocol, NO_SEQ);
        let send = harness.send("room", json!({"n": 1}));
        harness.pass(9_000);
        assert_eq!(outcome(&harness, send), Some("queued"), "{protocol:?}");
        harness.close(1006);
        harness.network(Network::Offline);
        harness.pass(60_000);
        assert_eq!(
            outcome(&harness, send),
            Some("queued"),
            "{protocol:?}: time without a connection does not count"
        );
        harness.network(Network::Online);
        harness.open_socket();
        harness.pass(1_000);
        assert_eq!(outcome(&harness, send), Some("expired"), "{protocol:?}");
    }
}

#[test]
fn send_in_a_repeatedly_rejected_channel_fails_with_its_error() {
    for protocol in [ProtocolKind::Phoenix, ProtocolKind::Supabase] {
        let mut harness = joining(protocol, NO_SEQ);
        let send = harness.send("room", json!({"n": 1}));
        for _ in 0..100 {
            if harness.sent.iter().any(|frame| frame[3] == "phx_join") {
                answer_join(&mut harness, Some("internal"));
            }
            harness.pass(100);
        }
        let progress = harness.progress(send);
        assert!(is_over(&progress), "{protocol:?}: {progress:?}");
    }
}

#[test]
fn send_without_a_timeout_waits_for_the_network_and_the_page() {
    let interruptions: [fn(&mut Harness); 2] =
        [|harness| harness.network(Network::Offline), |harness| harness.page(Page::Frozen)];
    for interrupt in interruptions {
        let mut harness = Harness::ready(Config::default(), SEQ);
        interrupt(&mut harness);
        let send = harness.send("feed", json!({}));
        harness.pass(3_600_000);
        assert_eq!(outcome(&harness, send), Some("queued"));
    }
}

#[test]
fn presence_action_waiting_for_its_channel_times_out() {
    for protocol in [ProtocolKind::Tidewire, ProtocolKind::Supabase] {
        let mut harness = joining(protocol, NO_SEQ);
        let send = track(&mut harness, 901);
        harness.pass(10_000);
        assert_eq!(outcome(&harness, send), Some("expired"), "{protocol:?}");
    }
}

#[test]
fn crashed_or_closed_channel_fails_its_unanswered_pushes_at_once() {
    for protocol in [ProtocolKind::Phoenix, ProtocolKind::Supabase] {
        for event in ["phx_error", "phx_close"] {
            let mut harness = Harness::new(Config { protocol, ..Config::default() });
            let params = Some(json!({"broadcast": {"ack": true}}));
            let subscription = crate::core::channel::Subscription { params, ..Default::default() };
            harness.try_subscribe(1, "room", subscription).expect("subscribed");
            harness.open_socket();
            answer_join(&mut harness, None);
            let send = harness.send("room", json!({"n": 1}));
            assert_eq!(outcome(&harness, send), Some("sent"), "{protocol:?}");
            let topic = harness.sent.back().expect("a push")[2].clone();
            if protocol == ProtocolKind::Supabase && event == "phx_close" {
                let message =
                    json!({"status": "error", "message": "shutting down", "extension": "system"});
                harness.receive(json!(["1", null, topic, "system", message]));
            }
            harness.receive(json!(["1", "1", topic, event, {}]));
            assert_eq!(outcome(&harness, send), Some("unconfirmed"), "{protocol:?} {event}");
        }
    }
}

#[test]
fn membership_ended_by_the_server_fails_its_sends_unless_recovery_can_settle_them() {
    for (features, expected) in [(NO_SEQ, "unconfirmed"), (SEQ, "sent")] {
        for retryable in [true, false] {
            let mut harness = joining(ProtocolKind::Tidewire, features);
            answer_join(&mut harness, None);
            let send = harness.send("room", json!({"n": 1}));
            harness.receive(json!({
                "type": "unsubscribed", "channel": "room", "ref": 1,
                "code": "forbidden", "message": "out", "retryable": retryable,
            }));
            assert_eq!(outcome(&harness, send), Some(expected), "retryable {retryable}");
            harness.receive(json!({"type": "ack", "channel": "room", "id": "m1", "status": "ok"}));
            let last = if expected == "sent" { "acked" } else { expected };
            assert_eq!(outcome(&harness, send), Some(last));
        }
    }
}

#[test]
fn send_timeout_does_not_elapse_while_the_page_sleeps() {
    let mut harness = joining(ProtocolKind::Phoenix, NO_SEQ);
    let message =
        OutgoingMessage { timeout_ms: Some(20_000), ..harness.message("room", json!({})) };
    let send = harness.push(message);
    harness.sleep(60_000);
    assert_eq!(outcome(&harness, send), Some("queued"));
}

fn is_over(progress: &[&str]) -> bool {
    !matches!(progress.last(), Some(&"queued" | &"sent") | None)
}
