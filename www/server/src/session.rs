//! What a connection's incoming frames do.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes};
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::account::{Deed, Good, Hold, Party};
use crate::app_state::Shared;
use crate::auth::Grant;
use crate::clock::uptime;
use crate::codec;
use crate::connection_handle::Link;
use crate::features::{Feature, Features};
use crate::frame::{Fields, Frame, Object};
use crate::outbound::Ending;
use crate::publication::check_name;
use crate::refusal::Refusal;

/// From this time on a message is paid for that kept all others waiting.
const DEAR: Duration = Duration::from_millis(1);

/// How many times as long its sender waits.
const PRICE: u32 = 4;

/// The state of one connection's conversation.
pub(crate) struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) link: Arc<Link>,
    /// What this server offers on this connection.
    offered: Features,
    /// The token that came in the handshake.
    token: Option<String>,
    phase: Phase,
    pub(crate) party: Party,
    /// Where it comes from.
    address: IpAddr,
    /// Frames that came and are still to be looked at.
    inbox: VecDeque<Utf8Bytes>,
    /// How long the next frame has to wait.
    wait: Duration,
    /// The channel whose readers had better be waited for.
    pub(crate) crowded: Option<String>,
    /// Counts for the user as long as the connection is open.
    _seat: Option<Hold>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Unauthenticated,
    Ready(Features),
}

impl Session {
    pub(crate) fn new(
        shared: Arc<Shared>,
        link: Arc<Link>,
        offered: Features,
        token: Option<String>,
        address: IpAddr,
    ) -> Self {
        let user = shared.accounts.of(None, address);
        Self {
            shared,
            link,
            offered,
            token,
            phase: Phase::Unauthenticated,
            party: Party { connection: Some(Arc::default()), user, promised_ms: None },
            address,
            inbox: VecDeque::new(),
            wait: Duration::ZERO,
            crowded: None,
            _seat: None,
        }
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.phase != Phase::Unauthenticated
    }

    /// Takes a WebSocket message apart into frames, which [`Session::step`] looks at. Whatever it
    /// holds, the connection survives it, unless a token is refused.
    pub(crate) fn receive(&mut self, message: Message) {
        let max = self.shared.limits.max_frame_bytes;
        if let Message::Text(text) = &message
            && !self.is_ready()
            && text.len() > self.shared.limits.auth_bytes
        {
            return self.link.outbound.end(Ending::refused(1009, &Refusal::early()));
        }
        let mut size = match &message {
            Message::Text(text) => text.len(),
            Message::Binary(bytes) => bytes.len(),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => 0,
        };
        let result = match message {
            Message::Text(text) if text.len() > max => {
                Err(Refusal::invalid("the message is over the frame limit"))
            }
            Message::Text(text) => self.unpack(text),
            Message::Binary(bytes) if bytes.len() > max => {
                Err(Refusal::invalid("the message is over the frame limit"))
            }
            Message::Binary(bytes) if self.features().has(Feature::Deflate) => {
                let inflated = codec::inflate(&bytes, max);
                // What was inflated in vain was inflated too.
                size = inflated.as_ref().map_or(max, String::len);
                inflated.and_then(|text| self.unpack(text.into()))
            }
            Message::Binary(_) => Err(Refusal::invalid("binary messages were not agreed on")),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {
                self.slow_down(Deed::Request);
                Ok(())
            }
        };
        let limits = &self.shared.limits;
        self.wait = self.wait.max(self.party.take_bytes(size, uptime(), limits));
        if let Err(refusal) = result {
            self.slow_down(Deed::Request);
            self.complain(&refusal, None, None);
        }
    }

    /// Looks at the next frame; whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        let Some(text) = self.inbox.pop_front() else {
            return false;
        };
        if let Err(refusal) = self.receive_frame(&text) {
            self.slow_down(Deed::Request);
            self.complain(&refusal, None, None);
        }
        true
    }

    /// Forgets the frames that are still to be looked at.
    pub(crate) fn skip(&mut self) {
        self.inbox.clear();
    }

    /// How long the next frame has to wait for this connection to keep to its rates.
    pub(crate) fn take_wait(&mut self) -> Duration {
        std::mem::take(&mut self.wait)
    }

    /// Counts a deed that is done in any case, but slows down those that follow.
    fn slow_down(&mut self, deed: Deed) {
        self.wait = self.wait.max(self.party.take(deed, 1, uptime(), &self.shared.limits));
    }

    /// What took the others' time has to wait for several times as long.
    pub(crate) fn pay_for(&mut self, time: Duration) {
        if time >= DEAR {
            self.wait = self.wait.max(time * PRICE);
        }
    }

    /// Counts a deed, or refuses it.
    pub(crate) fn admit(&self, deed: Deed) -> Result<(), Refusal> {
        self.party.admit(deed, uptime(), &self.shared.limits)
    }

    fn features(&self) -> Features {
        match self.phase {
            Phase::Unauthenticated => Features::NONE,
            Phase::Ready(features) => features,
        }
    }

    fn unpack(&mut self, text: Utf8Bytes) -> Result<(), Refusal> {
        if self.features().has(Feature::Batch) && text.trim_start().starts_with('[') {
            self.inbox.extend(codec::unpack(&text)?);
        } else {
            self.inbox.push_back(text);
        }
        Ok(())
    }

    fn receive_frame(&mut self, text: &Utf8Bytes) -> Result<(), Refusal> {
        if self.link.outbound.is_ending() {
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
                self.link.count_received("auth");
                self.admit(Deed::Auth)?;
                self.reauthenticate(&fields, features)
            }
            ("ping", _) => {
                self.link.count_received("ping");
                self.slow_down(Deed::Request);
                self.pong(features);
                Ok(())
            }
            ("pong", _) => {
                self.link.count_received("pong");
                Ok(())
            }
            ("channel_message", _) => {
                self.link.count_received("channel_message");
                self.slow_down(Deed::Message);
                self.message(&fields, text, features)
            }
            (_, Some((feature, name))) if features.has(feature) => {
                self.link.count_received(name);
                match feature {
                    Feature::Ephemeral => self.slow_down(Deed::Message),
                    _ if name == "unsubscribe" => self.slow_down(Deed::Request),
                    _ => {}
                }
                self.request(name, &fields)
            }
            // Without envelopes, whatever has a channel is a message of it.
            _ if !features.has(Feature::Envelope) && fields.get("channel").is_some() => {
                self.link.count_received("channel_message");
                self.slow_down(Deed::Message);
                self.message(&fields, text, features)
            }
            (_, Some(_)) => Err(Refusal::invalid("this extension was not agreed on")),
            _ => Err(Refusal::invalid("this type of frame is unknown")),
        }
    }

    fn receive_early(&mut self, kind: &str, fields: &Fields<'_>) -> Result<(), Refusal> {
        match kind {
            "auth" => {
                self.link.count_received("auth");
                self.authenticate(fields);
                Ok(())
            }
            "ping" => {
                self.link.count_received("ping");
                self.slow_down(Deed::Request);
                self.pong(Features::NONE);
                Ok(())
            }
            "pong" => Ok(()),
            _ => Err(Refusal::unauthorized("the first frame is `auth`")),
        }
    }

    fn pong(&self, features: Features) {
        let mut pong = Object::frame("pong");
        if features.has(Feature::Seq) {
            pong = pong.raw("heads", &self.shared.hub.heads(&self.link));
        }
        self.link.outbound.push(Frame::new("pong", pong.end()));
    }

    fn authenticate(&mut self, fields: &Fields<'_>) {
        let grant = match self.read_grant(fields) {
            Ok(grant) => grant,
            Err(refusal) => return self.turn_away(&refusal),
        };
        if let Err(refusal) = self.sit_down(&grant) {
            self.shared.stats.counters().refused += 1;
            return self.link.outbound.end(Ending::refused(1013, &refusal));
        }
        self.link.switch.allow(None);
        let wanted: Vec<String> = fields
            .get("features")
            .and_then(|list| serde_json::from_str(list.get()).ok())
            .unwrap_or_default();
        let wanted = Features::from_names(wanted.iter().map(String::as_str));
        let features = self.offered.intersect(wanted);
        {
            let mut state = self.link.state();
            state.features = features;
            state.grant = grant;
        }
        self.phase = Phase::Ready(features);
        self.welcome(features);
        self.shared.hub.admit(&self.link);
    }

    /// From now on the connection is its user's, unless that has too many.
    fn sit_down(&mut self, grant: &Grant) -> Result<(), Refusal> {
        let user = self.shared.accounts.of(grant.user.as_deref(), self.address);
        if user.held(Good::Connections) >= self.shared.limits.user_connections {
            return Err(Refusal::limit("this user has as many connections as one may"));
        }
        self._seat = Some(Hold::new(Good::Connections, 1, [Some(Arc::clone(&user)), None]));
        self.party.user = user;
        self.party.promised_ms = Some(self.shared.hub.memory.offered_ms(&self.shared.limits));
        Ok(())
    }

    fn reauthenticate(&mut self, fields: &Fields<'_>, features: Features) -> Result<(), Refusal> {
        if !features.has(Feature::Reauth) {
            return Err(Refusal::invalid("this connection is authenticated already"));
        }
        let grant = self.read_grant(fields).and_then(|grant| {
            // Presence and accepted ids are the user's: another one needs another connection.
            if grant.user == self.link.user() {
                Ok(grant)
            } else {
                Err(Refusal::unauthorized("the new token is another user's"))
            }
        });
        match grant {
            Ok(grant) => {
                {
                    let mut state = self.link.state();
                    state.grant = grant;
                    state.revoked_at = None;
                }
                self.welcome(features);
                self.shared.hub.enforce(&self.link);
            }
            Err(refusal) => self.turn_away(&refusal),
        }
        Ok(())
    }

    fn read_grant(&self, fields: &Fields<'_>) -> Result<Grant, Refusal> {
        let token = fields.text("token")?.or_else(|| self.token.clone());
        self.shared.check_token(token.as_deref().filter(|token| !token.is_empty()))
    }

    fn turn_away(&self, refusal: &Refusal) {
        self.shared.stats.counters().refused += 1;
        let code = if refusal.code == "forbidden" { 4002 } else { 4001 };
        self.link.outbound.end(Ending::refused(code, refusal));
    }

    fn welcome(&self, features: Features) {
        let mut answer = Object::frame("auth_success").text("connectionId", &self.link.id);
        if !features.is_empty() {
            let names = features.names().join("\",\"");
            let limits = &self.shared.limits;
            answer = answer
                .raw("features", &format!("[\"{names}\"]"))
                .number("heartbeatMs", limits.heartbeat_ms)
                .number("maxFrameBytes", limits.max_frame_bytes as u64)
                .number("ackMemoryMs", self.party.promised_ms.unwrap_or_default());
            let state = self.link.state();
            if let Some(ms) = state.grant.expires_in_ms(Instant::now()) {
                answer = answer.number("expiresInMs", ms);
            }
            answer = answer.text_if("user", state.grant.user.as_deref());
        }
        self.link.outbound.push(Frame::new("auth_success", answer.end()));
    }

    /// Counts what was wrong and says so.
    pub(crate) fn complain(
        &self,
        refusal: &Refusal,
        channel: Option<&str>,
        reference: Option<&RawValue>,
    ) {
        if refusal.code == "invalid" {
            self.link.count_received("invalid");
        }
        // A name that is none is not sent back, however long it is.
        let channel = channel.filter(|name| check_name(name).is_ok());
        self.link.outbound.push(Frame::error(refusal, channel, reference));
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
