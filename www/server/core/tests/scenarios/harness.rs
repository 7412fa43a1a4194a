//! A server in virtual time, and its clients.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tidewire_server_core::limits::Limits;
use tidewire_server_core::{
    Action, CloseAction, Features, Grant, Hub, MemoryStorage, Now, Received, Rejection, RelayOnly,
    SeededRandomness, Server, ServerOutput,
};

/// The start of each test, in ms since 1970.
const BEGIN: u64 = 1_000_000_000_000;

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The server and what its clients received.
pub(crate) struct Harness {
    pub(crate) server: Server<RelayOnly, MemoryStorage>,
    clients: BTreeMap<u64, Client>,
    uptime_ms: u64,
    /// Tokens expire at this uptime, in ms.
    pub(crate) tokens_expire_at: Option<u64>,
}

#[derive(Default)]
struct Client {
    features: Features,
    frames: Vec<Value>,
    pings: usize,
    closed: Option<u16>,
}

impl Harness {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        let limits = Arc::new(limits);
        let random = |seed| Box::new(SeededRandomness::new(seed));
        let storage = MemoryStorage::new(Arc::clone(&limits), random(1));
        let now = Now { unix_ms: BEGIN, uptime: Duration::ZERO };
        let hub = Hub::new(limits, RelayOnly, storage, random(2), now);
        let server = Server::new(hub, random(3));
        Self { server, clients: BTreeMap::new(), uptime_ms: 0, tokens_expire_at: None }
    }

    pub(crate) fn now(&self) -> Now {
        Now { unix_ms: BEGIN + self.uptime_ms, uptime: Duration::from_millis(self.uptime_ms) }
    }

    /// Opens a connection without sending anything.
    pub(crate) fn open(&mut self) -> u64 {
        let number = self.server.open(Features::ALL, None, ADDRESS, self.now());
        self.clients.insert(number, Client::default());
        number
    }

    /// Opens a connection of this user with all extensions but those that pack frames.
    pub(crate) fn join_as(&mut self, user: &str) -> u64 {
        let names = ["subscribe", "seq", "envelope", "ack", "presence", "ephemeral", "reauth"];
        let number = self.open();
        self.send(number, &json!({ "type": "auth", "token": user, "features": names }));
        assert_eq!(self.take(number)[0]["type"], "auth_success");
        number
    }

    pub(crate) fn send(&mut self, number: u64, frame: &Value) {
        self.send_text(number, &frame.to_string());
    }

    pub(crate) fn send_text(&mut self, number: u64, text: &str) {
        self.server.receive(number, Received::Text(text), self.now());
        self.settle();
    }

    pub(crate) fn send_binary(&mut self, number: u64, bytes: &[u8]) {
        self.server.receive(number, Received::Binary(bytes), self.now());
        self.settle();
    }

    pub(crate) fn subscribe(&mut self, number: u64, channel: &str) -> Value {
        self.send(number, &json!({ "type": "subscribe", "channel": channel, "ref": 1 }));
        self.take(number).remove(0)
    }

    /// Sends a message that is to be acknowledged.
    pub(crate) fn publish(&mut self, number: u64, channel: &str, id: &str) {
        let frame = json!({
            "type": "channel_message", "channel": channel, "id": id, "payload": id, "ack": true,
        });
        self.send(number, &frame);
    }

    /// Closes a connection from the client's side.
    pub(crate) fn close(&mut self, number: u64) {
        self.server.close(number, self.now());
        self.settle();
    }

    /// Advances the time, and processes each timeout when it is due.
    pub(crate) fn advance(&mut self, ms: u64) {
        let end = self.uptime_ms + ms;
        loop {
            let due = u64::try_from(self.server.poll_timeout().as_micros().div_ceil(1_000));
            let due = due.unwrap_or(u64::MAX);
            if due > end {
                break;
            }
            self.uptime_ms = self.uptime_ms.max(due);
            self.server.handle_timeout(self.now());
            self.settle();
        }
        self.uptime_ms = end;
    }

    /// The frames a client received since the last call.
    pub(crate) fn take(&mut self, number: u64) -> Vec<Value> {
        std::mem::take(&mut self.clients.get_mut(&number).expect("a client").frames)
    }

    /// The types of these frames.
    pub(crate) fn take_types(&mut self, number: u64) -> Vec<String> {
        let frames = self.take(number);
        frames.iter().map(|frame| frame["type"].as_str().expect("a type").to_owned()).collect()
    }

    /// The code with which the server closed a connection.
    pub(crate) fn close_code(&self, number: u64) -> Option<u16> {
        self.clients[&number].closed
    }

    /// How often the transport was pinged.
    pub(crate) fn pings(&self, number: u64) -> usize {
        self.clients[&number].pings
    }

    /// Processes the outputs of the server until there are none.
    pub(crate) fn settle(&mut self) {
        while let Some(output) = self.server.poll_output() {
            match output {
                ServerOutput::Connection(number, action) => {
                    self.clients.get_mut(&number).expect("a client").perform(action);
                }
                ServerOutput::CheckToken(number, token) => {
                    let checked = self.check(token.as_deref());
                    self.server.authenticate(number, checked, self.now());
                }
                ServerOutput::Problem(text) => panic!("{text}"),
            }
        }
    }

    /// Checks a token, which is a user's name, or `USER@CHANNEL` for a token limited to one channel.
    fn check(&self, token: Option<&str>) -> Result<Grant, Rejection> {
        let (user, channel) = match token {
            None => return Ok(Grant::default()),
            Some("wrong") => return Err(Rejection::unauthorized("no such user")),
            Some("banned") => return Err(Rejection::forbidden("not this user")),
            Some(token) => token.split_once('@').map_or((token, None), |(u, c)| (u, Some(c))),
        };
        Ok(Grant {
            user: Some(user.to_owned()),
            channels: channel.map(|channel| vec![channel.to_owned()]),
            expires_at: self.tokens_expire_at.map(Duration::from_millis),
            ..Grant::default()
        })
    }
}

impl Client {
    fn perform(&mut self, action: Action) {
        let read = |text: &str| serde_json::from_str(text).expect("JSON");
        match action {
            Action::Admit(admission) => self.features = admission.features,
            Action::Send(frame) | Action::Offer(frame) => self.frames.push(read(&frame.text)),
            Action::Replay(mut replay) => {
                while let Some(frame) = replay.next_frame(self.features) {
                    self.frames.push(read(&frame.text));
                }
            }
            Action::Ping => self.pings += 1,
            Action::Close(CloseAction::Close { code, error, .. }) => {
                self.frames.extend(error.map(|frame| read(&frame.text)));
                self.closed = Some(code);
            }
            Action::Close(CloseAction::Abort) => self.closed = Some(1006),
            Action::CountReceived(_) | Action::CountRejected => {}
        }
    }
}
