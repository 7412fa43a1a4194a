//! A request that ends every connection it is sent on fails, and others are not affected.

use serde_json::{Value, json};

use crate::core::channel::Subscription;
use crate::core::config::{Config, ProtocolKind};
use crate::core::error::Code;
use crate::core::event::Event;
use crate::core::id::{ChannelId, SendId};
use crate::core::presence::PresenceAction;
use crate::core::state::ChannelState;
use crate::core::testing::{ALL, Harness, SEQ};

const CODES: [u16; 6] = [1006, 1009, 1011, 1012, 1001, 1008];

const PRESENCE: &[&str] = &["subscribe", "seq", "envelope", "ack", "presence"];
const BATCH: &[&str] = &["subscribe", "envelope", "ack", "batch"];
const BASE: &[&str] = &[];

/// A server that answers every frame in order, and closes at a frame that contains `fatal`.
struct Server {
    features: &'static [&'static str],
    code: u16,
    /// Whether it answers the frames before the one that ends the connection.
    answers: bool,
    losses: usize,
    /// The number of frames received that end the connection.
    fatal_frames: usize,
    seq: u64,
}

impl Server {
    fn new(features: &'static [&'static str], code: u16) -> Self {
        Self { features, code, answers: true, losses: 0, fatal_frames: 0, seq: 0 }
    }

    fn serve(&mut self, harness: &mut Harness, ms: u64) {
        for _ in 0..ms / 20 {
            harness.pass(20);
            if harness.socket.is_some() && harness.opened.len() > self.losses {
                let phoenix = harness.client.profile().sends_as_member();
                match harness.client.connection().ready_socket() {
                    Some(_) => self.receive_all(harness),
                    None if phoenix => harness.open_socket(),
                    None => harness.accept(self.features),
                }
            }
        }
    }

    fn receive_all(&mut self, harness: &mut Harness) {
        let frames: Vec<_> = harness.sent.drain(..).collect();
        if frames.iter().any(|frame| frame.to_string().contains("fatal")) {
            self.fatal_frames += 1;
            self.losses += 1;
            if self.answers {
                for frame in frames {
                    if frame.to_string().contains("fatal") {
                        break;
                    }
                    self.answer(harness, &frame);
                }
            }
            return harness.close(self.code);
        }
        for frame in frames {
            self.answer(harness, &frame);
        }
    }

    fn answer(&mut self, harness: &mut Harness, frame: &Value) {
        let reply = match frame["type"].as_str() {
            Some("subscribe") => json!({
                "type": "subscribed", "channel": frame["channel"], "ref": frame["ref"],
                "epoch": "e", "seq": self.seq, "head": self.seq, "recovered": true,
            }),
            Some("channel_message") if frame["ack"] == true => {
                json!({"type": "ack", "channel": frame["channel"], "id": frame["id"], "status": "ok"})
            }
            Some("presence") => json!({
                "type": "presence_ok", "channel": frame["channel"], "ref": frame["ref"],
                "key": "ann", "presence": "p",
            }),
            Some("ping") => json!({"type": "pong"}),
            Some(_) => return,
            None => {
                json!([frame[0], frame[1], frame[2], "phx_reply", {"status": "ok", "response": {}}])
            }
        };
        harness.receive(reply);
    }
}

fn outcome(harness: &Harness, send: SendId) -> Option<&'static str> {
    harness.progress(send).last().copied()
}

/// How often the message is sent: with a code that is not about received data, the loss may be the
/// network's.
fn most(code: u16) -> usize {
    if [1002, 1003, 1007, 1008, 1009, 1011].contains(&code) { 2 } else { 3 }
}

fn expected(code: u16) -> &'static str {
    if code == 1009 { "message_too_large" } else { "unconfirmed" }
}

#[test]
fn message_that_ends_connections_fails_after_two_losses_and_others_are_sent() {
    for features in [ALL, SEQ, BATCH] {
        for code in CODES {
            for at in 0..5 {
                let mut harness = Harness::new(Config::default());
                let mut server = Server::new(features, code);
                harness.subscribe(1, "feed");
                server.serve(&mut harness, 100);
                let text = |n| if n == at { "fatal" } else { "good" };
                let sends: Vec<_> = (0..5).map(|n| harness.send("feed", json!(text(n)))).collect();
                server.serve(&mut harness, 20_000);
                let case = format!("{features:?} {code} {at}");
                for (n, send) in sends.into_iter().enumerate() {
                    let right = if n == at { expected(code) } else { "acked" };
                    assert_eq!(outcome(&harness, send), Some(right), "{case}: message {n}");
                }
                assert!(
                    server.fatal_frames <= most(code),
                    "{case}: sent {} times",
                    server.fatal_frames
                );
            }
        }
    }
}

#[test]
fn message_that_ends_connections_is_identified_without_prior_answers() {
    for code in [1009, 1011] {
        for at in 0..5 {
            let mut harness = Harness::new(Config::default());
            let mut server = Server { answers: false, ..Server::new(ALL, code) };
            let text = |n| if n == at { "fatal" } else { "good" };
            let sends: Vec<_> = (0..5).map(|n| harness.send("feed", json!(text(n)))).collect();
            server.serve(&mut harness, 30_000);
            for (n, send) in sends.into_iter().enumerate() {
                let right = if n == at { expected(code) } else { "acked" };
                assert_eq!(outcome(&harness, send), Some(right), "{code} {at}: message {n}");
            }
            assert_eq!(server.fatal_frames, 2, "{code} {at}");
        }
    }
}

/// Accepts the next connection, and answers all it receives but messages with this payload.
fn answer_all_but(server: &mut Server, harness: &mut Harness, unanswered: &str) {
    while harness.socket.is_none() {
        harness.pass(20);
    }
    if harness.client.connection().ready_socket().is_none() {
        harness.accept(server.features);
    }
    for _ in 0..10 {
        harness.pass(20);
        for frame in harness.sent.drain(..).collect::<Vec<_>>() {
            if frame["payload"] != unanswered {
                server.answer(harness, &frame);
            }
        }
    }
}

#[test]
fn message_without_answer_is_sent_again_after_every_loss_while_later_ones_are_answered() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let mut server = Server::new(ALL, 1006);
    let first = harness.send("letters", json!("first"));
    for round in 0..5 {
        let later = harness.send("letters", json!("later"));
        answer_all_but(&mut server, &mut harness, "first");
        assert_eq!(outcome(&harness, later), Some("acked"), "{round}");
        harness.close(1006);
    }
    answer_all_but(&mut server, &mut harness, "none");
    assert_eq!(outcome(&harness, first), Some("acked"));
}

#[test]
fn messages_sent_one_at_a_time_do_not_expire_while_they_wait_for_each_other() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let mut server = Server::new(ALL, 1006);
    let sends: Vec<_> = (0..30).map(|n| harness.send("letters", json!(n))).collect();
    for _ in 0..2 {
        harness.close(1006);
        while harness.socket.is_none() {
            harness.pass(20);
        }
        harness.accept(ALL);
    }
    for _ in 0..40 {
        harness.pass(800);
        for frame in harness.sent.drain(..).collect::<Vec<_>>() {
            server.answer(&mut harness, &frame);
        }
    }
    for (n, send) in sends.into_iter().enumerate() {
        assert_eq!(outcome(&harness, send), Some("acked"), "message {n}");
    }
}

#[test]
fn close_1009_after_one_message_fails_it_at_once() {
    for features in [ALL, SEQ] {
        let mut harness = Harness::ready(Config::default(), features);
        let send = harness.send("feed", json!("fatal"));
        harness.close(1009);
        assert_eq!(outcome(&harness, send), Some("message_too_large"));
    }
}

#[test]
fn close_1009_does_not_fail_a_message_if_an_earlier_one_is_unanswered() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let mut unanswered = harness.message("feed", json!("fatal"));
    unanswered.ack = false;
    let unaffected = harness.send("feed", json!("good"));
    harness.push(unanswered);
    harness.close(1009);
    assert_eq!(outcome(&harness, unaffected), Some("queued"));
    Server::new(ALL, 1009).serve(&mut harness, 1_000);
    assert_eq!(outcome(&harness, unaffected), Some("acked"));
}

#[test]
fn close_1009_after_an_abandoned_message_fails_no_other_message() {
    type Abandon = fn(&mut Harness, SendId);
    let ways: [(&str, Abandon); 3] = [
        ("cancelled", |harness, send| harness.client.cancel(harness.at(), send)),
        ("membership ended", |harness, _| {
            harness.receive(json!({
                "type": "unsubscribed", "channel": "feed", "ref": 1, "code": "internal",
                "message": "ended", "retryable": true,
            }));
        }),
        ("membership rejected", |harness, _| {
            harness.receive(json!({
                "type": "unsubscribed", "channel": "feed", "ref": 1, "code": "forbidden",
                "message": "ended", "retryable": false,
            }));
        }),
    ];
    for (way, abandon) in ways {
        for joins in [false, true] {
            let mut harness = Harness::new(Config::default());
            harness.subscribe(1, "feed");
            harness.accept(ALL);
            harness.confirm_joins();
            let fatal = harness.send("feed", json!("fatal"));
            abandon(&mut harness, fatal);
            harness.drain();
            assert!(matches!(outcome(&harness, fatal), Some("aborted" | "unconfirmed")), "{way}");
            let unaffected = (!joins).then(|| harness.send("other", json!("good")));
            let other = harness.subscribe(2, if joins { "other" } else { "feed" });
            harness.close(1009);
            let failed = |harness: &Harness| {
                let channel = harness.client.channels().get(other).expect("a channel");
                channel.error().filter(|error| error.code == Code::MessageTooLarge).cloned()
            };
            assert!(failed(&harness).is_none(), "{way}: {:?}", failed(&harness));
            Server::new(ALL, 1009).serve(&mut harness, 2_000);
            let sent = unaffected.map(|send| outcome(&harness, send));
            assert!(sent.is_none_or(|sent| sent == Some("acked")), "{way}: {sent:?}");
        }
    }
}

#[test]
fn close_1009_after_an_abandoned_join_fails_no_message() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let params = Some(json!("fatal"));
    harness
        .try_subscribe(2, "room", Subscription { params, ..Subscription::default() })
        .expect("subscribed");
    harness.unsubscribe(2);
    harness.pass(5_000);
    assert_eq!(harness.take("unsubscribe").len(), 1);
    let unaffected = harness.send("feed", json!("good"));
    harness.close(1009);
    assert_eq!(outcome(&harness, unaffected), Some("queued"));
    Server::new(ALL, 1009).serve(&mut harness, 2_000);
    assert_eq!(outcome(&harness, unaffected), Some("acked"));
}

#[test]
fn message_fails_after_three_losses_that_may_be_network_failures() {
    let mut harness = Harness::ready(Config::default(), ALL);
    let send = harness.send("feed", json!(1));
    for _ in 0..3 {
        assert_ne!(outcome(&harness, send), Some("unconfirmed"));
        harness.close(1006);
        harness.pass(2_000);
        if harness.socket.is_some() {
            harness.accept(ALL);
            let _ = harness.confirm_joins();
        }
    }
    assert_eq!(outcome(&harness, send), Some("unconfirmed"));
}

#[test]
fn close_by_the_client_does_not_count_as_a_loss() {
    use crate::core::input::Page;
    let mut harness = Harness::ready(Config::default(), ALL);
    let send = harness.send("feed", json!(1));
    for _ in 0..5 {
        harness.page(Page::Frozen);
        harness.sent.clear();
        harness.page(Page::Resumed);
        harness.accept(ALL);
    }
    assert_eq!(outcome(&harness, send), Some("sent"));
}

#[test]
fn message_lost_twice_but_recovered_is_accepted() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.accept(SEQ);
    Server::new(SEQ, 0).receive_all(&mut harness);
    let send = harness.send("feed", json!(1));
    for _ in 0..2 {
        harness.close(1006);
        harness.pass(2_000);
        harness.accept(SEQ);
        let join = harness.take("subscribe").pop().expect("a join");
        let has_message = harness.opened.len() == 3;
        harness.receive(json!({
            "type": "subscribed", "channel": "feed", "ref": join["ref"],
            "epoch": "e", "seq": 0, "head": u64::from(has_message), "recovered": true,
        }));
    }
    assert_eq!(outcome(&harness, send), Some("queued"), "the channel can still recover it");
    harness.receive(json!({
        "type": "channel_message", "channel": "feed", "id": "m1",
        "epoch": "e", "seq": 1, "payload": 1,
    }));
    assert_eq!(outcome(&harness, send), Some("acked"));
}

#[test]
fn phoenix_close_1009_fails_the_largest_message_and_nothing_is_sent_twice() {
    let mut harness = Harness::new(Config { protocol: ProtocolKind::Phoenix, ..Config::default() });
    harness.subscribe(1, "room");
    let mut server = Server { answers: false, ..Server::new(BASE, 1009) };
    server.serve(&mut harness, 100);
    let small = harness.send("room", json!("good"));
    let large = harness.send("room", json!("fatal, and long"));
    server.serve(&mut harness, 5_000);
    assert_eq!(outcome(&harness, small), Some("unconfirmed"));
    assert_eq!(outcome(&harness, large), Some("message_too_large"));
    assert_eq!(server.fatal_frames, 1);
    let next = harness.send("room", json!("next"));
    server.serve(&mut harness, 1_000);
    assert_eq!(outcome(&harness, next), Some("acked"));
}

#[test]
fn join_that_ends_connections_fails_and_other_channels_are_joined() {
    for protocol in [ProtocolKind::Tidewire, ProtocolKind::Phoenix] {
        for code in CODES {
            let mut harness = Harness::new(Config { protocol, ..Config::default() });
            let mut server = Server { answers: false, ..Server::new(SEQ, code) };
            for n in 1..6 {
                let params = Some(json!(if n == 3 { "fatal" } else { "good" }));
                let subscription = Subscription { params, ..Subscription::default() };
                harness.try_subscribe(n, &format!("room{n}"), subscription).expect("subscribed");
            }
            let send = harness.send("room1", json!("good"));
            server.serve(&mut harness, 60_000);
            for n in 1..6 {
                let channel = harness.client.channels().get(ChannelId(n)).expect("a channel");
                let right = match (n, code) {
                    (3, 1009) => ChannelState::Failed,
                    (3, _) => ChannelState::Joining,
                    _ => ChannelState::Ready,
                };
                assert_eq!(channel.state(), right, "{protocol:?} {code} room{n}");
                if n == 3 {
                    let right = if code == 1009 { "message_too_large" } else { "channel_closed" };
                    assert_eq!(channel.error().map(|error| error.code.name()), Some(right));
                }
            }
            assert_eq!(outcome(&harness, send), Some("acked"), "{protocol:?} {code}");
            assert!(
                server.fatal_frames <= 4,
                "{protocol:?} {code}: {} in a minute",
                server.fatal_frames
            );
        }
    }
}

#[test]
fn channel_is_joined_after_network_losses_during_its_joins() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "room");
    for _ in 0..4 {
        harness.accept(SEQ);
        harness.close(1006);
        harness.pass(5_000);
    }
    let mut server = Server::new(SEQ, 1006);
    server.serve(&mut harness, 70_000);
    let channel = harness.client.channels().get(ChannelId(1)).expect("a channel");
    assert_eq!(channel.state(), ChannelState::Ready);
}

#[test]
fn presence_that_ends_connections_fails_and_the_former_one_is_tracked_again() {
    for code in CODES {
        let mut harness = Harness::new(Config::default());
        let mut server = Server::new(PRESENCE, code);
        harness.subscribe(1, "feed");
        server.serve(&mut harness, 100);
        let track = |harness: &mut Harness, send: u32, status: &str| {
            let meta = json!({ "status": status });
            let action = PresenceAction::Track { key: None, meta };
            harness.client.presence(harness.at(), "feed", SendId(send), action);
            harness.drain();
            SendId(send)
        };
        let good = track(&mut harness, 101, "good");
        server.serve(&mut harness, 500);
        let bad = track(&mut harness, 102, "fatal");
        server.serve(&mut harness, 10_000);
        assert_eq!(outcome(&harness, good), Some("acked"));
        assert_eq!(outcome(&harness, bad), Some(expected(code)), "{code}");
        assert!(server.fatal_frames <= most(code), "{code}: {}", server.fatal_frames);
        let later = track(&mut harness, 103, "good");
        server.serve(&mut harness, 1_000);
        assert_eq!(outcome(&harness, later), Some("acked"), "{code}");
    }
}

#[test]
fn recovery_that_ends_connections_becomes_a_gap() {
    let mut harness = Harness::new(Config::default());
    harness.subscribe(1, "feed");
    harness.accept(SEQ);
    Server::new(SEQ, 0).receive_all(&mut harness);
    let mut losses = 0;
    harness.close(1006);
    for _ in 0..300 {
        harness.pass(100);
        if harness.socket.is_none() {
            continue;
        }
        if harness.client.connection().ready_socket().is_none() {
            harness.accept(SEQ);
        }
        let Some(join) = harness.take("subscribe").pop() else { continue };
        if join["since"].is_null() {
            harness.receive(json!({
                "type": "subscribed", "channel": "feed", "ref": join["ref"],
                "epoch": "e", "seq": 9, "head": 9, "recovered": false,
            }));
            continue;
        }
        // A frame of the recovery ends the connection.
        losses += 1;
        harness.receive(json!({
            "type": "subscribed", "channel": "feed", "ref": join["ref"],
            "epoch": "e", "seq": 0, "head": 9, "recovered": true,
        }));
        harness.close(1011);
    }
    assert!(losses <= 3, "{losses}");
    let gap = |event: &Event<Value>| matches!(event, Event::Gap(..));
    assert_eq!(harness.events.iter().filter(|event| gap(event)).count(), 1);
    let channel = harness.client.channels().get(ChannelId(1)).expect("a channel");
    assert_eq!(channel.state(), ChannelState::Ready);
}

#[test]
fn interrupted_recovery_continues_at_its_position() {
    // The number of messages that each connection receives before it is lost; at most two in a row
    // receive none.
    for progress in [&[1, 1, 1, 1, 1, 1, 1, 1, 1][..], &[0, 0, 3, 0, 3, 0, 3]] {
        for code in [1006, 1001, 4500] {
            let mut harness = Harness::new(Config::default());
            harness.subscribe(1, "feed");
            harness.accept(SEQ);
            Server::new(SEQ, 0).receive_all(&mut harness);
            let mut seq = 0;
            harness.close(code);
            for count in progress {
                while harness.socket.is_none() {
                    harness.pass(100);
                }
                harness.accept(SEQ);
                let join = harness.take("subscribe").pop().expect("a join");
                assert_eq!(join["since"]["seq"], json!(seq), "{progress:?} {code}");
                harness.receive(json!({
                    "type": "subscribed", "channel": "feed", "ref": join["ref"],
                    "epoch": "e", "seq": seq, "head": 9, "recovered": true,
                }));
                for _ in 0..*count {
                    seq += 1;
                    harness.receive(json!({
                        "type": "channel_message", "channel": "feed", "payload": seq,
                        "id": seq.to_string(), "seq": seq, "epoch": "e",
                    }));
                }
                harness.close(code);
            }
            let gaps = harness.events.iter().filter(|event| matches!(event, Event::Gap(..)));
            assert_eq!((seq, gaps.count()), (9, 0), "{progress:?} {code}");
        }
    }
}

#[test]
fn transmitted_message_is_not_resent_to_a_base_server() {
    for code in CODES {
        let mut harness = Harness::new(Config::default());
        let mut server = Server::new(BASE, code);
        harness.subscribe(1, "feed");
        server.serve(&mut harness, 100);
        harness.send("feed", json!({"text": "fatal"}));
        server.serve(&mut harness, 10_000);
        assert_eq!(server.fatal_frames, 1, "{code}");
    }
}
