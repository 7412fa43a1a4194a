//! A page with one client in it, in virtual time, and the invariants of every call.

use tidewire::core::channel::Subscription;
use tidewire::core::client::Client;
use tidewire::core::collection::{
    AppRequest, AppResponse, CollectionOptions, ConflictPolicy, Edit, EditKind, Key,
    MutationProgress, View,
};
use tidewire::core::config::Config;
use tidewire::core::event::{Event, SendProgress};
use tidewire::core::id::{
    CollectionId, MutationId, Origin, RequestId, SendId, SocketId, SubscriberId,
};
use tidewire::core::input::{ClosedBy, Input, Received};
use tidewire::core::message::Message;
use tidewire::core::outbox::OutgoingMessage;
use tidewire::core::output::{Body, Output};
use tidewire::core::state::State;
use tidewire::core::time::Instant;
use tidewire::core::token::{Grant, Token, TokenLifetime};

use crate::harness::Features;
use crate::value::{Value, object};

/// The prefix of every token; no event and no debug output may contain it.
const SECRET: &str = "secret";

/// The maximum number of outputs of one call, besides those for each frame of a batch.
const MAX_OUTPUTS: usize = 2_000;

/// The maximum number of outputs for each frame of a batch.
const MAX_OUTPUTS_A_FRAME: usize = 20;

/// How often a timer may fire at one moment.
const MAX_TIMEOUTS: u32 = 3;

/// The page's one collection.
pub(crate) const ROWS: CollectionId = CollectionId(1);

/// A page. A violated invariant is a panic with a message.
#[derive(Debug)]
pub(crate) struct Page {
    /// The extensions of the server.
    pub(crate) features: Features,
    pub(crate) client: Client<Value>,
    pub(crate) now: u64,
    /// The current socket, and whether it is open.
    pub(crate) socket: Option<(SocketId, bool)>,
    /// Pending token requests.
    pub(crate) tokens: Vec<RequestId>,
    /// Pending requests of the collection.
    pub(crate) requests: Vec<(RequestId, AppRequest<Value>)>,
    /// Frames sent since they were last taken.
    pub(crate) sent: Vec<Value>,
    /// Messages delivered since they were last taken.
    pub(crate) delivered: Vec<Message<Value>>,
    /// The collection's latest view.
    pub(crate) view: Option<View<Value>>,
    /// Whether each send, and each change, has ended.
    sends: Vec<bool>,
    changes: Vec<bool>,
    subscribers: u32,
    granted: u32,
}

impl Page {
    pub(crate) fn new(seed: u64, features: Features) -> Self {
        let protocol = features.protocol();
        let config = Config { has_token_source: true, protocol, ..Config::default() };
        Self {
            features,
            client: Client::new(config, seed, Instant::from_ms(0)),
            now: 0,
            socket: None,
            tokens: Vec::new(),
            requests: Vec::new(),
            sent: Vec::new(),
            delivered: Vec::new(),
            view: None,
            sends: Vec::new(),
            changes: Vec::new(),
            subscribers: 0,
            granted: 0,
        }
    }

    // ----- calls into the client -----

    /// Calls into the client and handles all outputs.
    pub(crate) fn call(&mut self, call: impl FnOnce(&mut Client<Value>, Instant)) {
        self.call_with(1, call);
    }

    fn call_with(&mut self, frames: usize, call: impl FnOnce(&mut Client<Value>, Instant)) {
        let was_ready = self.is_ready();
        let delivered = self.delivered.len();
        call(&mut self.client, Instant::from_ms(self.now));
        let mut outputs = 0;
        while let Some(output) = self.client.poll_output() {
            outputs += 1;
            assert!(
                outputs <= MAX_OUTPUTS + frames * MAX_OUTPUTS_A_FRAME,
                "no-growth: one call led to more than {MAX_OUTPUTS} outputs, the last is {output:?}"
            );
            self.take(output);
        }
        assert!(
            was_ready || self.is_ready() || self.delivered.len() == delivered,
            "authenticated: something was delivered on a connection that the server had not accepted"
        );
    }

    fn is_ready(&self) -> bool {
        self.client.connection().state() == State::Ready
    }

    fn take(&mut self, output: Output<Value>) {
        match output {
            Output::Open(socket, _) => self.socket = Some((socket, false)),
            Output::Close(socket, _) | Output::Abort(socket) => {
                self.socket = self.socket.filter(|(open, _)| *open != socket);
            }
            Output::Transmit(_, frames) => {
                self.sent.extend(frames.into_iter().map(|frame| match frame.body {
                    Body::Empty => frame.head,
                    Body::Payload(payload) => with_payload(&frame.head, payload),
                    Body::Wrapped(wrapper, payload) => {
                        with_payload(&frame.head, with_payload(&wrapper, payload))
                    }
                    Body::Bytes(_, payload) => payload,
                    Body::MergedIntoHead(own) => frame.head.merged(own.entries().iter().cloned()),
                }));
            }
            Output::FetchToken(request) => self.tokens.push(request),
            Output::Event(event) => self.observe(event),
        }
    }

    fn observe(&mut self, event: Event<Value>) {
        match event {
            Event::Message(_, delivery) => self.delivered.push(*delivery),
            Event::Collection(_, view) => self.view = Some(view),
            Event::AppRequest(_, request, app_request) => {
                self.requests.push((request, app_request));
            }
            Event::Send(send, progress) => {
                let is_pending = matches!(progress, SendProgress::Queued | SendProgress::Sent);
                end(&mut self.sends, send.0, is_pending);
            }
            Event::Mutation(change, progress) => {
                let is_pending = matches!(progress, MutationProgress::Sent);
                end(&mut self.changes, change.0, is_pending);
            }
            Event::State(_, _, error, _) => ensure_no_token(&error),
            Event::Error(_, error) => ensure_no_token(&error),
            _ => {}
        }
    }

    /// Delivers a message to the client, if the socket is open.
    pub(crate) fn receive(&mut self, received: Received<Value>) {
        let Some((socket, true)) = self.socket else { return };
        let frames = match &received {
            Received::Value(Value::Array(frames)) => frames.len(),
            _ => 1,
        };
        self.call_with(frames, |client, now| {
            client.handle_frame(now, socket, received, 100);
        });
    }

    /// Opens the socket that the client requested, if there is one.
    pub(crate) fn open(&mut self) {
        let Some((socket, false)) = self.socket else { return };
        self.socket = Some((socket, true));
        self.call(|client, now| client.handle_input(now, Input::SocketOpened(socket)));
    }

    /// Breaks the connection.
    pub(crate) fn cut(&mut self) {
        let Some((socket, _)) = self.socket.take() else { return };
        let by = ClosedBy::Peer(1006, String::new());
        self.call(|client, now| client.handle_input(now, Input::SocketClosed(socket, by)));
    }

    /// Answers the pending token requests.
    pub(crate) fn answer_token_requests(&mut self) {
        for request in std::mem::take(&mut self.tokens) {
            let grant = self.grant();
            self.call(|client, now| {
                client.handle_input(now, Input::Token(request, Ok(Some(grant))));
            });
        }
    }

    /// A new token.
    pub(crate) fn grant(&mut self) -> Box<Grant> {
        self.granted += 1;
        Box::new(Grant {
            token: Token::new(format!("{SECRET}-{}", self.granted)),
            lifetime: TokenLifetime::default(),
            subject: Some("u1".to_owned()),
        })
    }

    /// Advances time and fires timers. Sockets are opened and tokens are returned at once.
    pub(crate) fn pass(&mut self, ms: u64) {
        let until = self.now + ms;
        loop {
            self.answer_token_requests();
            self.open();
            let due = self.client.poll_timeout().map(|(due, _)| due.as_ms());
            let Some(due) = due.filter(|due| *due <= until) else { break };
            self.now = self.now.max(due);
            self.time_out();
        }
        self.now = until;
    }

    fn time_out(&mut self) {
        for _ in 0..MAX_TIMEOUTS {
            self.call(|client, now| client.handle_timeout(now));
            if self.client.poll_timeout().is_none_or(|(due, _)| due.as_ms() > self.now) {
                return;
            }
        }
        panic!("no-growth: a timer is due at once although it ran {MAX_TIMEOUTS} times");
    }

    // ----- calls of the app -----

    pub(crate) fn subscribe(&mut self, channel: &str) -> SubscriberId {
        self.subscribers += 1;
        let subscriber = SubscriberId(self.subscribers);
        let params = self.features.params().filter(|_| channel == "a");
        self.call(|client, now| {
            let how = Subscription { params, ..Subscription::default() };
            let subscribed = client.subscribe(now, subscriber, channel, how);
            assert!(
                subscribed.is_ok(),
                "usable: {channel} cannot be subscribed to: {subscribed:?}"
            );
        });
        subscriber
    }

    pub(crate) fn open_rows(&mut self) {
        self.subscribers += 1;
        let subscriber = SubscriberId(self.subscribers);
        let options = CollectionOptions {
            key: Key::Field("id".to_owned()),
            loads: true,
            persists: false,
            events: ["insert", "update", "delete"].map(str::to_owned),
            policy: ConflictPolicy::Function,
            version: Some("version".to_owned()),
            limit: None,
            identity: String::new(),
            functions: Vec::new(),
        };
        self.call(|client, now| {
            let how = Subscription::default();
            let opened = client.open_collection(now, ROWS, subscriber, "t", how, options);
            assert!(opened.is_ok(), "usable: the collection cannot be opened: {opened:?}");
        });
    }

    /// Sends a message, whose id is `m` with the number of the send.
    pub(crate) fn send(&mut self, channel: &str, ack: bool) -> SendId {
        let send = self.new_send();
        let message = OutgoingMessage {
            origin: Origin::App(send),
            channel: channel.into(),
            id: format!("m{}", send.0),
            event: None,
            payload: object! { "n": u64::from(send.0) },
            bytes: 16,
            ack,
            timeout_ms: None,
            ttl_ms: None,
        };
        self.call(|client, now| client.send(now, message));
        send
    }

    pub(crate) fn new_send(&mut self) -> SendId {
        self.sends.push(false);
        SendId(self.sends.len() as u32 - 1)
    }

    /// Changes the collection; the change's id is `c` with its number.
    pub(crate) fn mutate(&mut self, change: EditKind<Value>) {
        self.changes.push(false);
        let number = self.changes.len() as u32 - 1;
        let edit = Edit { mutation: MutationId(number), id: format!("c{number}"), change };
        self.call(|client, now| client.mutate(now, ROWS, edit));
    }

    /// Answers the oldest request of the collection.
    pub(crate) fn answer(&mut self, with: &Value) {
        if self.requests.is_empty() {
            return;
        }
        let (request, app_request) = self.requests.remove(0);
        let answer = match (app_request, with) {
            (AppRequest::Load, Value::Object(_)) => {
                let rows = match with.get("rows") {
                    Some(Value::Array(rows)) => rows.to_vec(),
                    other => other.cloned().into_iter().collect(),
                };
                let epoch = with.text_of("epoch").map(|epoch| epoch.as_ref().to_owned());
                AppResponse::Rows { rows, position: epoch.zip(with.whole("seq")) }
            }
            (AppRequest::Load, Value::Array(rows)) => {
                AppResponse::Rows { rows: rows.to_vec(), position: None }
            }
            (AppRequest::Load, row) => {
                AppResponse::Rows { rows: vec![row.clone()], position: None }
            }
            (AppRequest::Persist(_), row) => AppResponse::Stored(Some(row.clone())),
            (AppRequest::Key(_), key) => {
                AppResponse::Key(key.get("key").cloned().unwrap_or(Value::Null))
            }
            (AppRequest::Resolve { .. }, row) => AppResponse::Resolved(row.clone()),
        };
        self.call(|client, now| client.answer(now, ROWS, request, Ok(answer)));
    }

    // ----- checks at the end of a run -----

    /// Describes the first send or change that has not ended.
    pub(crate) fn first_unended(&self) -> Option<String> {
        let open = |ended: &[bool]| ended.iter().position(|ended| !ended);
        let send = open(&self.sends).map(|at| format!("send {at} has not ended"));
        send.or_else(|| open(&self.changes).map(|at| format!("change {at} has not ended")))
    }

    /// Whether a send has ended.
    pub(crate) fn has_ended(&self, send: SendId) -> bool {
        self.sends[send.0 as usize]
    }

    /// Checks that the debug output of the client does not contain a token.
    pub(crate) fn ensure_no_token_in_debug_output(&self) {
        ensure_no_token(&self.client);
    }
}

/// A frame's head with its payload: a member, or the last part.
fn with_payload(head: &Value, payload: Value) -> Value {
    match head {
        Value::Array(parts) => Value::Array(parts.iter().cloned().chain([payload]).collect()),
        head => head.merged([("payload".into(), payload)]),
    }
}

fn end(ended: &mut [bool], at: u32, is_pending: bool) {
    let before = std::mem::replace(&mut ended[at as usize], !is_pending);
    assert!(!before, "sends-end: number {at} had ended already");
}

fn ensure_no_token(value: &impl std::fmt::Debug) {
    assert!(!format!("{value:?}").contains(SECRET), "no-token-leaked: {value:?}");
}
