//! Handling of a connection's incoming frames.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes};
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::account::{Operation, Requester, Reservation, Resource};
use crate::app_state::AppState;
use crate::auth::Grant;
use crate::clock::uptime;
use crate::codec;
use crate::connection_handle::ConnectionHandle;
use crate::features::{Feature, Features};
use crate::frame::{Fields, Frame, Object};
use crate::outbound::CloseAction;
use crate::publication::check_name;
use crate::rejection::Rejection;

/// A message that held the hub's lock for this long delays its sender.
const EXPENSIVE: Duration = Duration::from_millis(1);

/// The sender's delay, as a multiple of that time.
const EXPENSIVE_DELAY_FACTOR: u32 = 4;

/// The protocol state of one connection.
pub(crate) struct Session {
    pub(crate) app_state: Arc<AppState>,
    pub(crate) connection: Arc<ConnectionHandle>,
    /// The extensions this server offers on this connection.
    offered: Features,
    /// The token of the handshake.
    token: Option<String>,
    phase: Phase,
    pub(crate) requester: Requester,
    /// The peer's address.
    address: IpAddr,
    /// Received frames that are not processed yet.
    inbox: VecDeque<Utf8Bytes>,
    /// How long the next frame has to wait.
    wait: Duration,
    /// The channel whose readers the sender should wait for.
    pub(crate) crowded: Option<String>,
    /// Counts for the user as long as the connection is open.
    _slot: Option<Reservation>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Unauthenticated,
    Ready(Features),
}

impl Session {
    pub(crate) fn new(
        app_state: Arc<AppState>,
        connection: Arc<ConnectionHandle>,
        offered: Features,
        token: Option<String>,
        address: IpAddr,
    ) -> Self {
        let user = app_state.accounts.of(None, address);
        Self {
            app_state,
            connection,
            offered,
            token,
            phase: Phase::Unauthenticated,
            requester: Requester { connection: Some(Arc::default()), user, promised_ms: None },
            address,
            inbox: VecDeque::new(),
            wait: Duration::ZERO,
            crowded: None,
            _slot: None,
        }
    }

    pub(crate) fn connection(&self) -> &Arc<ConnectionHandle> {
        &self.connection
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.phase != Phase::Unauthenticated
    }

    /// Splits a WebSocket message into frames, which [`Session::step`] processes. Whatever it
    /// holds, the connection survives it, unless a token is rejected.
    pub(crate) fn receive(&mut self, message: Message) {
        let max = self.app_state.limits.max_frame_bytes;
        if let Message::Text(text) = &message
            && !self.is_ready()
            && text.len() > self.app_state.limits.auth_bytes
        {
            return self.connection.outbound.end(CloseAction::rejected(1009, &Rejection::early()));
        }
        let mut size = match &message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => 0,
        };
        let result = match message {
            Message::Text(text) if text.len() > max => {
                Err(Rejection::invalid("the message is over the frame limit"))
            }
            Message::Text(text) => self.unpack(text),
            Message::Binary(bytes) if bytes.len() > max => {
                Err(Rejection::invalid("the message is over the frame limit"))
            }
            Message::Binary(bytes) if self.features().has(Feature::Deflate) => {
                let inflated = codec::inflate(&bytes, max);
                // A failed inflation counts as well.
                size = inflated.as_ref().map_or(max, String::len);
                inflated.and_then(|text| self.unpack(text.into()))
            }
            Message::Binary(_) => Err(Rejection::invalid("binary messages were not agreed on")),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {
                self.slow_down(Operation::Request);
                Ok(())
            }
        };
        let limits = &self.app_state.limits;
        self.wait = self.wait.max(self.requester.take_bytes(size, uptime(), limits));
        if let Err(rejection) = result {
            self.slow_down(Operation::Request);
            self.send_error(&rejection, None, None);
        }
    }

    /// Processes the next frame; returns whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        let Some(text) = self.inbox.pop_front() else {
            return false;
        };
        if let Err(rejection) = self.receive_frame(&text) {
            self.slow_down(Operation::Request);
            self.send_error(&rejection, None, None);
        }
        true
    }

    /// Drops the frames that are not processed yet.
    pub(crate) fn skip(&mut self) {
        self.inbox.clear();
    }

    /// How long the next frame has to wait for this connection to keep to its rates.
    pub(crate) fn take_wait(&mut self) -> Duration {
        std::mem::take(&mut self.wait)
    }

    /// Counts an operation that is done in any case, but delays those that follow.
    fn slow_down(&mut self, operation: Operation) {
        self.wait =
            self.wait.max(self.requester.take(operation, 1, uptime(), &self.app_state.limits));
    }

    /// Delays the connection by a multiple of the time its message took.
    pub(crate) fn pay_for(&mut self, time: Duration) {
        if time >= EXPENSIVE {
            self.wait = self.wait.max(time * EXPENSIVE_DELAY_FACTOR);
        }
    }

    /// Counts an operation, or rejects it.
    pub(crate) fn admit(&self, operation: Operation) -> Result<(), Rejection> {
        self.requester.admit(operation, uptime(), &self.app_state.limits)
    }

    fn features(&self) -> Features {
        match self.phase {
            Phase::Unauthenticated => Features::NONE,
            Phase::Ready(features) => features,
        }
    }

    fn unpack(&mut self, text: Utf8Bytes) -> Result<(), Rejection> {
        if self.features().has(Feature::Batch) && text.trim_start().starts_with('[') {
            self.inbox.extend(codec::unpack(&text)?);
        } else {
            self.inbox.push_back(text);
        }
        Ok(())
    }

    fn receive_frame(&mut self, text: &Utf8Bytes) -> Result<(), Rejection> {
        if self.connection.outbound.is_ending() {
            return Ok(());
        }
        let fields = Fields::parse(text)?;
        // A message may have any `type` of its own, even one that is no string.
        let kind = fields.text("type").ok().flatten().unwrap_or_default();
        let Phase::Ready(features) = self.phase else {
            return self.receive_early(&kind, &fields);
        };
        match (kind.as_str(), needed(&kind)) {
            ("auth", _) => {
                self.connection.count_received("auth");
                self.admit(Operation::Auth)?;
                self.reauthenticate(&fields, features)
            }
            ("ping", _) => {
                self.connection.count_received("ping");
                self.slow_down(Operation::Request);
                self.pong(features);
                Ok(())
            }
            ("pong", _) => {
                self.connection.count_received("pong");
                Ok(())
            }
            ("channel_message", _) => {
                self.connection.count_received("channel_message");
                self.slow_down(Operation::Message);
                self.message(&fields, text, features)
            }
            (_, Some((feature, name))) if features.has(feature) => {
                self.connection.count_received(name);
                match feature {
                    Feature::Ephemeral => self.slow_down(Operation::Message),
                    _ if name == "unsubscribe" => self.slow_down(Operation::Request),
                    _ => {}
                }
                self.request(name, &fields)
            }
            // Without envelopes, whatever has a channel is a message of it.
            _ if !features.has(Feature::Envelope) && fields.get("channel").is_some() => {
                self.connection.count_received("channel_message");
                self.slow_down(Operation::Message);
                self.message(&fields, text, features)
            }
            (_, Some(_)) => Err(Rejection::invalid("this extension was not agreed on")),
            _ => Err(Rejection::invalid("this type of frame is unknown")),
        }
    }

    fn receive_early(&mut self, kind: &str, fields: &Fields<'_>) -> Result<(), Rejection> {
        match kind {
            "auth" => {
                self.connection.count_received("auth");
                self.authenticate(fields);
                Ok(())
            }
            "ping" => {
                self.connection.count_received("ping");
                self.slow_down(Operation::Request);
                self.pong(Features::NONE);
                Ok(())
            }
            "pong" => Ok(()),
            _ => Err(Rejection::unauthorized("the first frame is `auth`")),
        }
    }

    fn pong(&self, features: Features) {
        let mut pong = Object::frame("pong");
        if features.has(Feature::Seq) {
            pong = pong.raw("heads", &self.app_state.hub.heads(&self.connection));
        }
        self.connection.outbound.push(Frame::new("pong", pong.end()));
    }

    fn authenticate(&mut self, fields: &Fields<'_>) {
        let grant = match self.read_grant(fields) {
            Ok(grant) => grant,
            Err(rejection) => return self.reject_auth(&rejection),
        };
        if let Err(rejection) = self.assign_user(&grant) {
            self.app_state.stats.counters().refused += 1;
            return self.connection.outbound.end(CloseAction::rejected(1013, &rejection));
        }
        self.connection.switch.allow(None);
        let wanted: Vec<String> = fields
            .get("features")
            .and_then(|list| serde_json::from_str(list.get()).ok())
            .unwrap_or_default();
        let wanted = Features::from_names(wanted.iter().map(String::as_str));
        let features = self.offered.intersect(wanted);
        {
            let mut state = self.connection.state();
            state.features = features;
            state.grant = grant;
        }
        self.phase = Phase::Ready(features);
        self.send_auth_success(features);
        self.app_state.hub.admit(&self.connection);
    }

    /// Assigns the connection to its user, unless that has too many.
    fn assign_user(&mut self, grant: &Grant) -> Result<(), Rejection> {
        let user = self.app_state.accounts.of(grant.user.as_deref(), self.address);
        if user.held(Resource::Connections) >= self.app_state.limits.user_connections {
            return Err(Rejection::limit("this user has as many connections as one may"));
        }
        self._slot =
            Some(Reservation::new(Resource::Connections, 1, [Some(Arc::clone(&user)), None]));
        self.requester.user = user;
        self.requester.promised_ms =
            Some(self.app_state.hub.memory.offered_ms(&self.app_state.limits));
        Ok(())
    }

    fn reauthenticate(&mut self, fields: &Fields<'_>, features: Features) -> Result<(), Rejection> {
        if !features.has(Feature::Reauth) {
            return Err(Rejection::invalid("this connection is authenticated already"));
        }
        let grant = self.read_grant(fields).and_then(|grant| {
            // Presence and accepted ids are the user's: another one needs another connection.
            if grant.user == self.connection.user() {
                Ok(grant)
            } else {
                Err(Rejection::unauthorized("the new token is another user's"))
            }
        });
        match grant {
            Ok(grant) => {
                {
                    let mut state = self.connection.state();
                    state.grant = grant;
                    state.revoked_at = None;
                }
                self.send_auth_success(features);
                self.app_state.hub.enforce(&self.connection);
            }
            Err(rejection) => self.reject_auth(&rejection),
        }
        Ok(())
    }

    fn read_grant(&self, fields: &Fields<'_>) -> Result<Grant, Rejection> {
        let token = fields.text("token")?.or_else(|| self.token.clone());
        self.app_state.check_token(token.as_deref().filter(|token| !token.is_empty()))
    }

    fn reject_auth(&self, rejection: &Rejection) {
        self.app_state.stats.counters().refused += 1;
        let code = if rejection.code == "forbidden" { 4002 } else { 4001 };
        self.connection.outbound.end(CloseAction::rejected(code, rejection));
    }

    fn send_auth_success(&self, features: Features) {
        let mut answer = Object::frame("auth_success").text("connectionId", &self.connection.id);
        if !features.is_empty() {
            let names = features.names().join("\",\"");
            let limits = &self.app_state.limits;
            answer = answer
                .raw("features", &format!("[\"{names}\"]"))
                .number("heartbeatMs", limits.heartbeat_ms)
                .number("maxFrameBytes", limits.max_frame_bytes as u64)
                .number("ackMemoryMs", self.requester.promised_ms.unwrap_or_default());
            let state = self.connection.state();
            if let Some(ms) = state.grant.expires_in_ms(Instant::now()) {
                answer = answer.number("expiresInMs", ms);
            }
            answer = answer.text_if("user", state.grant.user.as_deref());
        }
        self.connection.outbound.push(Frame::new("auth_success", answer.end()));
    }

    /// Counts an invalid frame and sends the error.
    pub(crate) fn send_error(
        &self,
        rejection: &Rejection,
        channel: Option<&str>,
        reference: Option<&RawValue>,
    ) {
        if rejection.code == "invalid" {
            self.connection.count_received("invalid");
        }
        // An invalid channel name is not echoed back.
        let channel = channel.filter(|name| check_name(name).is_ok());
        self.connection.outbound.push(Frame::error(rejection, channel, reference));
    }
}

/// The extension a request belongs to, and its name for the counters.
fn needed(kind: &str) -> Option<(Feature, &'static str)> {
    Some(match kind {
        "subscribe" => (Feature::Subscribe, "subscribe"),
        "unsubscribe" => (Feature::Subscribe, "unsubscribe"),
        "recover" => (Feature::Seq, "recover"),
        "presence" => (Feature::Presence, "presence"),
        "ephemeral" => (Feature::Ephemeral, "ephemeral"),
        _ => return None,
    })
}
