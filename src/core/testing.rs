//! A test harness: one client in virtual time with a scripted server; it records all outputs.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::channel::Subscription;
use super::client::Client;
use super::config::Config;
use super::error::Error;
use super::event::{Event, SendProgress};
use super::id::{ChannelId, Origin, RequestId, SendId, SocketId, SubscriberId};
use super::input::{ClosedBy, Input, Network, Page, Received};
use super::outbox::OutgoingMessage;
use super::output::{Body, Frame, Output};
use super::payload::Payload;
use super::reason::Reason;
use super::state::State;
use super::time::Instant;
use super::token::{Grant, Token, TokenLifetime};

impl Payload for Value {
    fn field(&self, key: &'static str) -> Option<Self> {
        self.as_object()?.get(key).cloned()
    }
    fn member(&self, key: &str) -> Option<Self> {
        self.as_object()?.get(key).cloned()
    }
    fn keys(&self) -> Vec<String> {
        self.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
    }
    fn as_text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }
    fn as_number(&self) -> Option<f64> {
        self.as_f64()
    }
    fn as_bool(&self) -> Option<bool> {
        self.as_bool()
    }
    fn items(&self) -> Option<Vec<Self>> {
        self.as_array().cloned()
    }
    fn is_object(&self) -> bool {
        self.is_object()
    }
    fn is_string(&self) -> bool {
        self.is_string()
    }
    fn is_bytes(&self) -> bool {
        // JSON has no bytes: this string represents some.
        self == "bytes"
    }
    fn eq_json(&self, other: &Self) -> bool {
        self == other
    }
    fn merged(&self, members: Vec<(String, Self)>) -> Self {
        let mut all = self.as_object().cloned().unwrap_or_default();
        all.extend(members);
        Self::Object(all)
    }
    fn serialize(&self) -> Option<(Self, usize)> {
        Some((self.clone(), self.to_string().len()))
    }
    fn from_serialized(payload: &Self) -> Self {
        payload.clone()
    }
    fn json(&self) -> String {
        self.to_string()
    }
    fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
    fn text(value: &str) -> Self {
        value.into()
    }
    fn number(value: f64) -> Self {
        // Through its text, so that whole numbers are integers, as in parsed JSON.
        serde_json::from_str(&value.to_string()).unwrap_or(Self::Null)
    }
    fn boolean(value: bool) -> Self {
        value.into()
    }
    fn null() -> Self {
        Self::Null
    }
    fn array(items: Vec<Self>) -> Self {
        items.into()
    }
    fn object(fields: Vec<(&'static str, Self)>) -> Self {
        Self::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

/// The extensions of a server without positions and presence.
pub(crate) const ALL: &[&str] = &["subscribe", "envelope", "ack", "reauth", "ephemeral"];

/// The same, with positions in a log.
pub(crate) const SEQ: &[&str] = &["subscribe", "seq", "envelope", "ack", "reauth", "ephemeral"];

/// A client in virtual time, and the outputs that it has emitted.
pub(crate) struct Harness {
    pub(crate) client: Client<Value>,
    pub(crate) now: u64,
    /// The latest socket opened and not closed.
    pub(crate) socket: Option<SocketId>,
    pub(crate) opened: Vec<Option<String>>,
    pub(crate) closed: Vec<u16>,
    /// Frames sent and not yet taken.
    pub(crate) sent: VecDeque<Value>,
    /// The number of WebSocket messages sent.
    pub(crate) messages: usize,
    pub(crate) events: Vec<Event<Value>>,
    pub(crate) requested: Option<RequestId>,
    pub(crate) token_requests: u32,
    sends: u32,
}

impl Harness {
    pub(crate) fn new(config: Config) -> Self {
        Self::seeded(config, 42)
    }

    /// A harness whose client draws its jitter from this seed.
    pub(crate) fn seeded(config: Config, seed: u64) -> Self {
        Self {
            client: Client::new(config, seed, Instant::from_ms(0)),
            now: 0,
            socket: None,
            opened: Vec::new(),
            closed: Vec::new(),
            sent: VecDeque::new(),
            messages: 0,
            events: Vec::new(),
            requested: None,
            token_requests: 0,
            sends: 0,
        }
    }

    /// A harness whose client has subscriber 1 on `feed` and is ready.
    pub(crate) fn ready(config: Config, features: &[&str]) -> Self {
        let mut harness = Self::new(config);
        harness.subscribe(1, "feed");
        harness.accept(features);
        harness.confirm_joins();
        harness
    }

    pub(crate) fn at(&self) -> Instant {
        Instant::from_ms(self.now)
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            match output {
                Output::Open(socket, token) => {
                    assert_eq!(self.socket, None, "two sockets at once");
                    self.socket = Some(socket);
                    self.opened.push(token.map(|token| token.reveal().to_owned()));
                }
                Output::Close(socket, code) => {
                    assert_eq!(self.socket.take(), Some(socket), "closed another socket");
                    self.closed.push(code);
                }
                Output::Abort(socket) => {
                    assert_eq!(self.socket.take(), Some(socket), "closed another socket");
                    self.closed.push(1000);
                }
                Output::Transmit(socket, frames) => {
                    assert_eq!(self.socket, Some(socket), "sent on another socket");
                    self.messages += 1;
                    self.sent.extend(frames.into_iter().map(flat));
                }
                Output::FetchToken(request) => {
                    self.requested = Some(request);
                    self.token_requests += 1;
                }
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    pub(crate) fn input(&mut self, input: Input<Value>) {
        self.client.handle_input(self.at(), input);
        self.drain();
    }

    /// Advances time, with a timer that fires exactly when due.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(due) =
            self.client.poll_timeout().map(|(due, _)| due.as_ms()).filter(|due| *due <= end)
        {
            self.now = self.now.max(due);
            self.client.handle_timeout(self.at());
            self.drain();
        }
        self.now = end;
    }

    /// Advances time without firing the timer, then fires it.
    pub(crate) fn sleep(&mut self, ms: u64) {
        self.now += ms;
        self.client.handle_timeout(self.at());
        self.drain();
    }

    pub(crate) fn subscribe(&mut self, subscriber: u32, channel: &str) -> ChannelId {
        self.try_subscribe(subscriber, channel, Subscription::default()).expect("subscribed")
    }

    pub(crate) fn try_subscribe(
        &mut self,
        subscriber: u32,
        channel: &str,
        subscription: Subscription<Value>,
    ) -> Result<ChannelId, Error> {
        let now = self.at();
        let id = self.client.subscribe(now, SubscriberId(subscriber), channel, subscription);
        self.drain();
        id
    }

    pub(crate) fn unsubscribe(&mut self, subscriber: u32) {
        self.client.unsubscribe(self.at(), SubscriberId(subscriber));
        self.drain();
    }

    pub(crate) fn message(&mut self, channel: &str, payload: Value) -> OutgoingMessage<Value> {
        self.sends += 1;
        OutgoingMessage {
            origin: Origin::App(SendId(self.sends)),
            channel: channel.into(),
            id: format!("m{}", self.sends),
            event: None,
            bytes: payload.to_string().len(),
            payload,
            ack: true,
            timeout_ms: None,
            ttl_ms: None,
        }
    }

    pub(crate) fn send(&mut self, channel: &str, payload: Value) -> SendId {
        let message = self.message(channel, payload);
        self.push(message)
    }

    pub(crate) fn push(&mut self, message: OutgoingMessage<Value>) -> SendId {
        let send = number_of(&message);
        self.client.send(self.at(), message);
        self.drain();
        send
    }

    /// Queues a message to be sent with others; see [`Client::enqueue`].
    pub(crate) fn enqueue(&mut self, channel: &str, payload: Value) -> SendId {
        let message = self.message(channel, payload);
        let send = number_of(&message);
        self.client.enqueue(self.at(), message);
        self.drain();
        send
    }

    /// Sends what was queued.
    pub(crate) fn send_enqueued(&mut self) {
        self.client.send_enqueued();
        self.drain();
    }

    pub(crate) fn page(&mut self, page: Page) {
        self.input(Input::Page(page));
    }

    pub(crate) fn network(&mut self, network: Network) {
        self.input(Input::Network(network));
    }

    /// Opens the socket and accepts the connection, as the server.
    pub(crate) fn accept(&mut self, features: &[&str]) {
        self.open();
        self.receive(json!({
            "type": "auth_success", "connectionId": "c1", "features": features, "user": "ann",
        }));
    }

    pub(crate) fn open(&mut self) {
        let socket = self.socket.expect("a socket was requested");
        self.input(Input::SocketOpened(socket));
        assert_eq!(self.sent.pop_front().expect("an auth frame")["type"], "auth");
    }

    /// Opens the socket of a protocol without authentication exchange.
    pub(crate) fn open_socket(&mut self) {
        let socket = self.socket.expect("a socket was requested");
        self.input(Input::SocketOpened(socket));
    }

    pub(crate) fn receive(&mut self, frame: Value) {
        let socket = self.socket.expect("an open socket");
        let bytes = frame.to_string().len();
        self.client.handle_frame(self.at(), socket, Received::Value(frame), bytes);
        self.drain();
    }

    pub(crate) fn close(&mut self, code: u16) {
        let socket = self.socket.take().expect("a socket");
        self.sent.clear();
        self.input(Input::SocketClosed(socket, ClosedBy::Peer(code, String::new())));
    }

    pub(crate) fn answer_token(&mut self, token: Option<&str>, lifetime_ms: Option<u64>) {
        let request = self.requested.take().expect("a token was requested");
        let grant = token.map(|token| grant(token, lifetime_ms));
        self.input(Input::Token(request, Ok(grant)));
    }

    /// Advances time, while the app answers each token request at once.
    pub(crate) fn answer_token_requests(&mut self, ms: u64, token: Option<&str>) {
        let end = self.now + ms;
        while self.now < end {
            if self.requested.is_some() {
                self.answer_token(token, None);
            }
            let due = self.client.poll_timeout().map_or(end, |(due, _)| due.as_ms());
            self.pass(due.clamp(self.now + 1, end.max(self.now + 1)) - self.now);
        }
    }

    /// Confirms all joins that were sent, as the server; returns their channels.
    pub(crate) fn confirm_joins(&mut self) -> Vec<String> {
        let joins: Vec<_> = self.take("subscribe");
        joins
            .iter()
            .map(|join| {
                let (channel, reference) = (join["channel"].clone(), join["ref"].clone());
                self.receive(json!({"type": "subscribed", "channel": channel, "ref": reference}));
                channel.as_str().expect("a name").to_owned()
            })
            .collect()
    }

    /// Takes the sent frames of this type.
    pub(crate) fn take(&mut self, kind: &str) -> Vec<Value> {
        let (taken, left): (Vec<_>, Vec<_>) =
            self.sent.drain(..).partition(|frame| frame["type"] == kind);
        self.sent = left.into();
        taken
    }

    pub(crate) fn state(&self) -> State {
        self.client.connection().state()
    }

    pub(crate) fn last_reason(&self) -> Option<Reason> {
        self.events.iter().rev().find_map(|event| match event {
            Event::State(_, reason, ..) => Some(*reason),
            _ => None,
        })
    }

    /// The payloads of the messages delivered so far.
    pub(crate) fn delivered(&self) -> Vec<Value> {
        let payload = |event: &Event<Value>| match event {
            Event::Message(_, delivery) => Some(delivery.payload.clone()),
            _ => None,
        };
        self.events.iter().filter_map(payload).collect()
    }

    /// The messages delivered so far, with the names of their events.
    pub(crate) fn named(&self) -> Vec<(String, Value)> {
        let named = |event: &Event<Value>| match event {
            Event::Message(_, delivery) => {
                let name = delivery.event.as_ref().and_then(Value::as_str)?;
                Some((name.to_owned(), delivery.payload.clone()))
            }
            _ => None,
        };
        self.events.iter().filter_map(named).collect()
    }

    /// The messages of the server itself so far: event, payload, and the only receiver, if there is
    /// one.
    pub(crate) fn system(&self) -> Vec<(&'static str, Value, Option<SubscriberId>)> {
        let own = |event: &Event<Value>| match event {
            Event::System(_, event, payload, receiver) => {
                Some((*event, payload.clone(), *receiver))
            }
            _ => None,
        };
        self.events.iter().filter_map(own).collect()
    }

    /// The progress of a send, as short names.
    pub(crate) fn progress(&self, send: SendId) -> Vec<&'static str> {
        let name = |event: &Event<Value>| match event {
            Event::Send(id, progress) if *id == send => Some(match progress {
                SendProgress::Queued => "queued",
                SendProgress::Sent => "sent",
                SendProgress::SentUnconfirmed => "sent unconfirmed",
                SendProgress::Acked { .. } => "acked",
                SendProgress::Failed(error) => error.code.name(),
            }),
            _ => None,
        };
        self.events.iter().filter_map(name).collect()
    }
}

/// The number of a message of the app.
pub(crate) fn number_of(message: &OutgoingMessage<Value>) -> SendId {
    let Origin::App(send) = message.origin else { panic!("a message of a collection") };
    send
}

pub(crate) fn grant(token: &str, lifetime_ms: Option<u64>) -> Box<Grant> {
    let left_ms = lifetime_ms.map(|ms| i64::try_from(ms).expect("a lifetime"));
    let lifetime = TokenLifetime { left_ms, ..TokenLifetime::default() };
    Box::new(Grant { token: Token::new(token.to_owned()), lifetime, subject: None })
}

/// The JSON of a frame, as the server receives it.
fn flat(frame: Frame<Value>) -> Value {
    let mut flat = frame.head;
    match frame.body {
        Body::Empty => {}
        Body::Payload(payload) => put(&mut flat, payload),
        Body::Wrapped(mut wrapper, payload) => {
            put(&mut wrapper, payload);
            put(&mut flat, wrapper);
        }
        Body::Bytes(head, data) => flat = serde_json::json!({ "head": head, "data": data }),
        Body::MergedIntoHead(own) => {
            let (Value::Object(fields), Value::Object(own)) = (&mut flat, own) else {
                panic!("only objects are merged")
            };
            fields.extend(own);
        }
    }
    flat
}

/// Adds the payload to a head.
fn put(head: &mut Value, payload: Value) {
    match head {
        Value::Array(items) => items.push(payload),
        head => head["payload"] = payload,
    }
}

/// A documentation page with single spaces, because a formatter may align its tables.
pub(crate) fn single_spaced(page: &str) -> String {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    page.lines().map(line).collect::<Vec<_>>().join("\n")
}
