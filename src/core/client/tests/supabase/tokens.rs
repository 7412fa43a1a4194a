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
