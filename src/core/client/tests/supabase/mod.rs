//! Supabase Realtime: a transcript of its protocol, its channels, and the behaviour of its servers.

mod channels;
pub(super) mod collections;
mod event_names;
mod observed_behaviour;
mod tokens;
mod transcript;

use serde_json::{Value, json};

use crate::core::channel::Subscription;
use crate::core::config::{Config, ProtocolKind};
use crate::core::event::Event;
use crate::core::id::{SendId, SubscriberId};
use crate::core::input::{BinaryFrame, Input, Received};
use crate::core::presence::{PresenceAction, PresenceKind};
use crate::core::state::{ChannelState, Continuity, State};
use crate::core::testing::Harness;

const TOPIC: &str = "realtime:room:7";

fn filter() -> Value {
    json!({"event": "*", "schema": "public", "table": "notes", "filter": "room_id=eq.7"})
}

fn config() -> Config {
    Config {
        protocol: ProtocolKind::Supabase,
        has_token_source: true,
        heartbeat_every_ms: Some(25_000),
        ..Config::default()
    }
}

/// The options of the transcript's channel.
fn part() -> Value {
    json!({
        "presence": {"key": "u-ana", "enabled": true}, "postgres_changes": [filter()],
        "broadcast": {"ack": true, "self": false}, "private": true,
    })
}

fn wanting(params: Value) -> Subscription<Value> {
    Subscription { params: Some(params), ..Subscription::default() }
}

fn system(reference: &str, extension: &str, status: &str, message: &str) -> Value {
    json!([reference, null, TOPIC, "system",
        {"extension": extension, "status": status, "message": message, "channel": "room:7"}])
}

impl Harness {
    /// A harness with subscriber 1 on `room:7` and an open socket.
    fn supabase(config: Config, params: Value) -> Self {
        let mut harness = Self::new(config);
        harness.try_subscribe(1, "room:7", wanting(params)).expect("subscribed");
        harness.answer_token(Some("J1"), None);
        harness.open_socket();
        harness
    }

    fn next(&mut self) -> Value {
        self.sent.pop_front().expect("a frame")
    }

    fn reply(&mut self, reference: &str, status: &str, response: &Value) {
        self.receive(json!([reference, reference, TOPIC, "phx_reply",
            {"status": status, "response": response}]));
    }

    /// Answers the latest join of the transcript's channel with its filter's id.
    fn confirm(&mut self, reference: &str) {
        let mut bound = filter();
        bound["id"] = json!(48_210_334);
        self.reply(reference, "ok", &json!({"postgres_changes": [bound]}));
    }

    fn channel(&self) -> (ChannelState, Continuity) {
        let channels = self.client.channels();
        let channel = channels.get(channels.find("room:7").expect("a channel")).expect("a channel");
        (channel.state(), channel.continuity())
    }

    fn changes(&self) -> Vec<(Value, Vec<SubscriberId>)> {
        let change = |event: &Event<Value>| match event {
            Event::Change(_, delivery, receivers) => {
                Some((delivery.payload.clone(), receivers.clone()))
            }
            _ => None,
        };
        self.events.iter().filter_map(change).collect()
    }

    fn presences(&mut self) -> Vec<(PresenceKind, String)> {
        self.pass(100);
        let emitted = |event: &Event<Value>| match event {
            Event::Presence(_, changes) => Some(changes.clone()),
            _ => None,
        };
        let changes: Vec<_> = self.events.iter().filter_map(emitted).flatten().collect();
        self.events.retain(|event| !matches!(event, Event::Presence(..)));
        changes.into_iter().map(|change| (change.kind, change.key)).collect()
    }

    fn track(&mut self, send: u32, meta: Value) {
        let action = PresenceAction::Track { key: None, meta };
        self.client.presence(self.at(), "room:7", SendId(send), action);
        self.drain();
    }

    /// Takes the joins that were sent; heartbeats among them are answered.
    fn joins(&mut self) -> Vec<Value> {
        let sent: Vec<_> = self.sent.drain(..).collect();
        for beat in sent.iter().filter(|frame| frame[3] == "heartbeat") {
            self.receive(
                json!([null, beat[1], "phoenix", "phx_reply", {"status": "ok", "response": {}}]),
            );
        }
        sent.into_iter().filter(|frame| frame[3] == "phx_join").collect()
    }

    /// The number of gaps so far.
    fn gaps(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Gap(..))).count()
    }

    /// Answers every pending join; returns how many.
    fn confirm_all(&mut self) -> usize {
        let joins = self.joins();
        for join in &joins {
            let bound = join[4]["config"]["postgres_changes"].as_array().expect("filters").iter();
            let bound = bound.map(|filter| {
                let mut filter = filter.clone();
                filter["id"] = json!(if filter["table"] == "notes" { 1 } else { 2 });
                filter
            });
            let response = json!({"status": "ok", "response": {"postgres_changes": bound.collect::<Vec<_>>()}});
            self.receive(json!([join[0], join[1], join[2], "phx_reply", response]));
        }
        joins.len()
    }
}

fn open_config() -> Config {
    Config { protocol: ProtocolKind::Supabase, max_channels: 200, ..Config::default() }
}

/// A harness without tokens, with subscriber 1 on `room:7` and an open socket.
fn public(params: Value) -> Harness {
    let mut harness = Harness::new(open_config());
    harness.try_subscribe(1, "room:7", wanting(params)).expect("subscribed");
    harness.open_socket();
    harness
}
