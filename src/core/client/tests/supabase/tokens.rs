//! Rejected tokens, and their effect on all channels of the socket.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::*;
use crate::core::testing::grant;

const REJECTED: &str = "InvalidJWTToken: Token has expired 3 seconds ago";

/// A server that answers frames in order, and each rejected join after five seconds, as the real
/// one does; the app returns another token for each request.
struct Stalling {
    harness: Harness,
    waiting: VecDeque<Value>,
    /// Until when it answers no frame.
    busy_until: u64,
    blocked_ms: u64,
    /// The joins: when each arrived, and its token.
    joins: Vec<(u64, String)>,
    tokens: u32,
}

impl Stalling {
    fn new(channels: u32) -> Self {
        let mut harness = Harness::new(config());
        for number in 0..channels {
            harness.subscribe(number + 1, &format!("room:{number}"));
        }
        harness.answer_token(Some("J0"), None);
        harness.open_socket();
        let waiting = VecDeque::new();
        Self { harness, waiting, busy_until: 0, blocked_ms: 0, joins: Vec::new(), tokens: 0 }
    }

    /// Advances time; only the token `good` is accepted.
    fn run(&mut self, until: u64, good: &str) {
        while self.harness.now < until {
            if self.harness.requested.is_some() {
                self.tokens += 1;
                let token = format!("J{}", self.tokens);
                self.harness.answer_token(Some(&token), None);
            }
            self.waiting.extend(self.harness.sent.drain(..));
            while self.busy_until <= self.harness.now
                && let Some(frame) = self.waiting.pop_front()
            {
                self.answer(&frame, good);
            }
            self.harness.pass(50);
        }
    }

    fn answer(&mut self, frame: &Value, good: &str) {
        let now = self.harness.now;
        let reply = |status: &str, response: Value| json!([frame[0], frame[1], frame[2], "phx_reply", {"status": status, "response": response}]);
        match frame[3].as_str().expect("an event") {
            "heartbeat" => self.harness.receive(reply("ok", json!({}))),
            "phx_join" => {
                let token = frame[4]["access_token"].as_str().expect("a token").to_owned();
                self.joins.push((now, token.clone()));
                if token == good {
                    self.harness.receive(reply("ok", json!({"postgres_changes": []})));
                    return;
                }
                // The rejection is sent after the stall.
                self.busy_until = now + 5_000;
                self.blocked_ms += 5_000;
                while self.harness.now < self.busy_until {
                    self.harness.pass(50);
                    self.waiting.extend(self.harness.sent.drain(..));
                }
                self.harness.receive(reply("error", json!({ "reason": REJECTED })));
            }
            _ => {}
        }
    }

    fn ready(&self) -> usize {
        let channels = self.harness.client.channels();
        channels.iter().filter(|channel| channel.state() == ChannelState::Ready).count()
    }
}

#[test]
fn repeatedly_expired_tokens_are_tried_with_growing_delays() {
    for channels in [1, 4] {
        let mut server = Stalling::new(channels);
        server.run(600_000, "none");
        assert!(server.blocked_ms <= 60_000, "{channels}: {} ms of 600,000", server.blocked_ms);
        assert_eq!(server.harness.closed, Vec::<u16>::new(), "no heartbeat is missed");
        assert_eq!(server.harness.state(), State::Ready);
        let rounds: Vec<u64> = server.joins.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        let later = &rounds[channels as usize..];
        assert!(
            later.iter().all(|gap| *gap >= 10_000),
            "the stall, and a delay of its length: {rounds:?}"
        );
        assert!(later.windows(2).all(|pair| pair[1] > pair[0] * 3 / 2), "and growing: {rounds:?}");
    }
}

#[test]
fn first_token_after_a_rejection_is_tried_at_once() {
    let mut server = Stalling::new(2);
    server.run(10_200, "J1");
    assert_eq!(server.ready(), 2);
}

#[test]
fn token_of_set_token_is_tried_at_once_after_any_number_of_rejections() {
    let mut server = Stalling::new(1);
    server.run(120_000, "none");
    let before = server.joins.len();
    assert!(before < 7 && server.ready() == 0);
    let at = server.harness.at();
    server.harness.client.set_token(at, Some(grant("mine", None)));
    server.harness.drain();
    server.run(120_200, "mine");
    assert_eq!((server.joins.len(), server.ready()), (before + 1, 1));
}

#[test]
fn channel_subscribed_meanwhile_waits_for_the_token() {
    let mut server = Stalling::new(1);
    server.run(16_000, "none");
    let before = server.joins.len();
    server.harness.subscribe(9, "another");
    server.run(19_000, "none");
    assert_eq!(server.joins.len(), before);
}

#[test]
fn channel_ended_for_its_token_is_not_joined_while_another_one_is_fetched() {
    let mut harness = Harness::supabase(config(), part());
    harness.joins();
    harness.confirm("1");
    harness.receive(system("1", "system", "error", "Token has expired 0 seconds ago"));
    harness.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    harness.pass(4_000);
    assert_eq!(harness.joins().len(), 0);
    harness.answer_token(Some("J2"), None);
    assert_eq!(harness.joins()[0][4]["access_token"], "J2");
}

/// A channel whose join was rejected for its token; the app has no other token.
fn rejected(has_token_source: bool) -> Harness {
    let mut harness = Harness::new(Config { has_token_source, ..config() });
    if !has_token_source {
        harness.client.set_token(harness.at(), Some(grant("J1", None)));
    }
    harness.try_subscribe(1, "room:7", wanting(json!({}))).expect("subscribed");
    if has_token_source {
        harness.answer_token(Some("J1"), None);
    }
    harness.open_socket();
    assert_eq!(harness.joins()[0][4]["access_token"], "J1");
    harness.reply("1", "error", &json!({ "reason": REJECTED }));
    if has_token_source {
        assert_eq!(harness.channel().0, ChannelState::Joining, "there may be another token");
        harness.answer_token(Some("J1"), None);
    }
    harness
}

#[test]
fn rejected_token_without_a_source_fails_every_channel_and_is_not_resent() {
    for has_token_source in [true, false] {
        let mut harness = rejected(has_token_source);
        assert_eq!(harness.channel().0, ChannelState::Failed, "token source: {has_token_source}");
        let send = harness.send("vault", json!({"n": 1}));
        assert_eq!(
            harness.progress(send).last(),
            Some(&"unauthorized"),
            "token source: {has_token_source}"
        );
        let other = harness.subscribe(2, "other");
        let emitted = harness.events.iter().rev().find_map(|event| match event {
            Event::Channel(id, state, .., error) if *id == other => {
                Some((*state, error.as_ref().map(|error| error.code.name())))
            }
            _ => None,
        });
        assert_eq!(emitted, Some((ChannelState::Failed, Some("unauthorized"))), "at once");
        for _ in 0..600 {
            if harness.requested.is_some() {
                harness.answer_token(Some("J1"), None);
            }
            for frame in harness.sent.drain(..).collect::<Vec<_>>() {
                assert_eq!(frame[3], "heartbeat");
                let payload = json!({"status": "ok", "response": {}});
                harness.receive(json!([null, frame[1], "phoenix", "phx_reply", payload]));
            }
            harness.pass(1_000);
        }
        assert_eq!(harness.state(), State::Ready);
    }
}

#[test]
fn demand_and_page_events_fetch_a_token_at_once_and_another_one_joins_all_channels() {
    type Event = (&'static str, fn(&mut Harness));
    let events: [Event; 4] = [
        ("subscribe", |harness| {
            harness.subscribe(2, "other");
        }),
        ("send", |harness| {
            harness.send("room:7", json!({"n": 1}));
        }),
        ("woke", |harness| harness.input(Input::Woke)),
        ("connect", |harness| {
            harness.client.connect(harness.at());
            harness.drain();
        }),
    ];
    for (name, trigger) in events {
        let mut harness = rejected(true);
        trigger(&mut harness);
        assert!(harness.requested.is_some(), "{name}");
        harness.answer_token(Some("J2"), None);
        let joins = harness.joins();
        assert!(!joins.is_empty(), "{name}");
        assert!(joins.iter().all(|join| join[4]["access_token"] == "J2"), "{name}");
        harness.reply(
            joins[0][1].as_str().expect("a reference"),
            "ok",
            &json!({"postgres_changes": []}),
        );
        harness.confirm_all();
        assert_eq!(harness.channel().0, ChannelState::Ready, "{name}");
    }
}

#[test]
fn rejected_token_is_not_used_on_another_connection() {
    let mut harness = rejected(true);
    harness.close(1006);
    harness.pass(250);
    harness.answer_token(Some("J1"), None);
    assert_eq!((harness.state(), harness.opened.len()), (State::Failed, 1));
    harness.subscribe(2, "other");
    harness.answer_token(Some("J2"), None);
    harness.open_socket();
    assert_eq!(
        (harness.confirm_all(), harness.confirm_all()),
        (1, 1),
        "the rejected channel comes last"
    );
}
