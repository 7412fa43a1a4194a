//! Tokens that the server refuses, and what that costs everybody on the socket.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::*;
use crate::core::testing::grant;

const REFUSED: &str = "InvalidJWTToken: Token has expired 3 seconds ago";

/// A server that answers frames in their order, and each refused join after five seconds, as the
/// real one does; the app gives another token each time it is asked.
struct Stalling {
    world: World,
    waiting: VecDeque<Value>,
    /// Until when it answers nothing.
    busy_until: u64,
    blocked_ms: u64,
    /// When a join arrived, and with which token.
    joins: Vec<(u64, String)>,
    tokens: u32,
}

impl Stalling {
    fn new(channels: u32) -> Self {
        let mut world = World::new(config());
        for number in 0..channels {
            world.subscribe(number + 1, &format!("room:{number}"));
        }
        world.answer_token(Some("J0"), None);
        world.open_socket();
        let waiting = VecDeque::new();
        Self { world, waiting, busy_until: 0, blocked_ms: 0, joins: Vec::new(), tokens: 0 }
    }

    /// Lets time pass; of the tokens only `good` is accepted.
    fn run(&mut self, until: u64, good: &str) {
        while self.world.now < until {
            if self.world.asked.is_some() {
                self.tokens += 1;
                let token = format!("J{}", self.tokens);
                self.world.answer_token(Some(&token), None);
            }
            self.waiting.extend(self.world.sent.drain(..));
            while self.busy_until <= self.world.now
                && let Some(frame) = self.waiting.pop_front()
            {
                self.answer(&frame, good);
            }
            self.world.pass(50);
        }
    }

    fn answer(&mut self, frame: &Value, good: &str) {
        let now = self.world.now;
        let reply = |status: &str, response: Value| json!([frame[0], frame[1], frame[2], "phx_reply", {"status": status, "response": response}]);
        match frame[3].as_str().expect("an event") {
            "heartbeat" => self.world.receive(reply("ok", json!({}))),
            "phx_join" => {
                let token = frame[4]["access_token"].as_str().expect("a token").to_owned();
                self.joins.push((now, token.clone()));
                if token == good {
                    self.world.receive(reply("ok", json!({"postgres_changes": []})));
                    return;
                }
                // The refusal comes when the stall is over.
                self.busy_until = now + 5_000;
                self.blocked_ms += 5_000;
                while self.world.now < self.busy_until {
                    self.world.pass(50);
                    self.waiting.extend(self.world.sent.drain(..));
                }
                self.world.receive(reply("error", json!({ "reason": REFUSED })));
            }
            _ => {}
        }
    }

    fn ready(&self) -> usize {
        let channels = self.world.client.channels();
        channels.iter().filter(|channel| channel.state() == ChannelState::Ready).count()
    }
}

#[test]
fn tokens_that_stay_expired_leave_the_socket_free_most_of_the_time() {
    for channels in [1, 4] {
        let mut server = Stalling::new(channels);
        server.run(600_000, "none");
        assert!(server.blocked_ms <= 60_000, "{channels}: {} ms of 600,000", server.blocked_ms);
        assert_eq!(server.world.closed, Vec::<u16>::new(), "no heartbeat is missed");
        assert_eq!(server.world.state(), State::Ready);
        let rounds: Vec<u64> = server.joins.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        let later = &rounds[channels as usize..];
        assert!(
            later.iter().all(|gap| *gap >= 10_000),
            "the stall, and at least as long: {rounds:?}"
        );
        assert!(later.windows(2).all(|pair| pair[1] > pair[0] * 3 / 2), "and growing: {rounds:?}");
    }
}

#[test]
fn the_first_token_after_a_refusal_is_tried_at_once() {
    let mut server = Stalling::new(2);
    server.run(10_200, "J1");
    assert_eq!(server.ready(), 2);
}

#[test]
fn a_token_that_the_app_gives_by_itself_is_tried_at_once_however_many_were_refused() {
    let mut server = Stalling::new(1);
    server.run(120_000, "none");
    let before = server.joins.len();
    assert!(before < 7 && server.ready() == 0);
    let at = server.world.at();
    server.world.client.set_token(at, Some(grant("mine", None)));
    server.world.drain();
    server.run(120_200, "mine");
    assert_eq!((server.joins.len(), server.ready()), (before + 1, 1));
}

#[test]
fn a_channel_that_came_meanwhile_waits_for_the_token_too() {
    let mut server = Stalling::new(1);
    server.run(16_000, "none");
    let before = server.joins.len();
    server.world.subscribe(9, "another");
    server.run(19_000, "none");
    assert_eq!(server.joins.len(), before);
}

#[test]
fn a_channel_ended_for_its_token_is_not_joined_with_the_same_one_while_another_is_fetched() {
    let mut world = World::supabase(config(), part());
    world.joins();
    world.confirm("1");
    world.receive(system("1", "system", "error", "Token has expired 0 seconds ago"));
    world.receive(json!(["1", "1", TOPIC, "phx_close", {}]));
    world.pass(4_000);
    assert_eq!(world.joins().len(), 0);
    world.answer_token(Some("J2"), None);
    assert_eq!(world.joins()[0][4]["access_token"], "J2");
}

/// A channel that was refused for its token; the app has only that one.
fn rejected(asks_token: bool) -> World {
    let mut world = World::new(Config { asks_token, ..config() });
    if !asks_token {
        world.client.set_token(world.at(), Some(grant("J1", None)));
    }
    world.try_subscribe(1, "room:7", wanting(json!({}))).expect("subscribed");
    if asks_token {
        world.answer_token(Some("J1"), None);
    }
    world.open_socket();
    assert_eq!(world.joins()[0][4]["access_token"], "J1");
    world.reply("1", "error", &json!({ "reason": REFUSED }));
    if asks_token {
        assert_eq!(world.channel().0, ChannelState::Joining, "there may be another token");
        world.answer_token(Some("J1"), None);
    }
    world
}

#[test]
fn a_refused_token_that_is_the_only_one_fails_every_channel_and_is_not_sent_again() {
    for asks_token in [true, false] {
        let mut world = rejected(asks_token);
        assert_eq!(world.channel().0, ChannelState::Failed, "asks: {asks_token}");
        let send = world.send("vault", json!({"n": 1}));
        assert_eq!(world.progress(send).last(), Some(&"unauthorized"), "asks: {asks_token}");
        let other = world.subscribe(2, "other");
        let told = world.events.iter().rev().find_map(|event| match event {
            Event::Channel(id, state, .., error) if *id == other => {
                Some((*state, error.as_ref().map(|error| error.code.name())))
            }
            _ => None,
        });
        assert_eq!(told, Some((ChannelState::Failed, Some("unauthorized"))), "at once");
        for _ in 0..600 {
            if world.asked.is_some() {
                world.answer_token(Some("J1"), None);
            }
            for frame in world.sent.drain(..).collect::<Vec<_>>() {
                assert_eq!(frame[3], "heartbeat");
                let payload = json!({"status": "ok", "response": {}});
                world.receive(json!([null, frame[1], "phoenix", "phx_reply", payload]));
            }
            world.pass(1_000);
        }
        assert_eq!(world.state(), State::Ready);
    }
}

#[test]
fn demand_and_evidence_ask_for_a_token_at_once_and_another_one_joins_everything() {
    type Event = (&'static str, fn(&mut World));
    let events: [Event; 4] = [
        ("subscribe", |world| {
            world.subscribe(2, "other");
        }),
        ("send", |world| {
            world.send("room:7", json!({"n": 1}));
        }),
        ("woke", |world| world.input(Input::Woke)),
        ("connect", |world| {
            world.client.connect(world.at());
            world.drain();
        }),
    ];
    for (name, happen) in events {
        let mut world = rejected(true);
        happen(&mut world);
        assert!(world.asked.is_some(), "{name}");
        world.answer_token(Some("J2"), None);
        let joins = world.joins();
        assert!(!joins.is_empty(), "{name}");
        assert!(joins.iter().all(|join| join[4]["access_token"] == "J2"), "{name}");
        world.reply(
            joins[0][1].as_str().expect("a reference"),
            "ok",
            &json!({"postgres_changes": []}),
        );
        world.confirm_all();
        assert_eq!(world.channel().0, ChannelState::Ready, "{name}");
    }
}

#[test]
fn a_refused_token_is_not_taken_to_another_connection() {
    let mut world = rejected(true);
    world.close(1006);
    world.pass(250);
    world.answer_token(Some("J1"), None);
    assert_eq!((world.state(), world.opened.len()), (State::Failed, 1));
    world.subscribe(2, "other");
    world.answer_token(Some("J2"), None);
    world.open_socket();
    assert_eq!((world.confirm_all(), world.confirm_all()), (1, 1), "what was refused comes last");
}
