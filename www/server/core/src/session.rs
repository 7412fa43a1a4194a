//! One connection: its authentication, its rates, and its incoming frames.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::account::{Accounts, Operation, Requester, Reservation};
use crate::clock::Now;
use crate::codec;
use crate::features::{Feature, Features};
use crate::frame::{Fields, Frame, Object};
use crate::grant::Grant;
use crate::hub::HubAccess;
use crate::limits::Limits;
use crate::output::{Action, CloseAction};
use crate::publication::check_name;
use crate::rejection::Rejection;

/// A message whose processing blocked others for this long delays its sender.
const EXPENSIVE: Duration = Duration::from_millis(1);

/// The sender's delay, as a multiple of the processing time.
const EXPENSIVE_DELAY_FACTOR: u32 = 4;

/// The protocol state of one connection.
#[derive(Debug)]
pub struct Session {
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) limits: Arc<Limits>,
    pub(crate) accounts: Arc<Accounts>,
    /// The extensions this server offers on this connection.
    pub(crate) offered: Features,
    /// The token of the handshake.
    pub(crate) token: Option<String>,
    pub(crate) phase: Phase,
    pub(crate) grant: Grant,
    /// When its token is treated as expired, if that is before its expiry.
    pub(crate) revoked_at: Option<Duration>,
    pub(crate) requester: Requester,
    /// The peer's address.
    pub(crate) address: IpAddr,
    /// Received frames that are not processed yet.
    inbox: VecDeque<Arc<str>>,
    /// How long the next frame has to wait.
    wait: Duration,
    /// The channel of the message accepted last.
    pub(crate) accepted: Option<String>,
    pub(crate) liveness: Liveness,
    pub(crate) outputs: VecDeque<Action>,
    /// Counts towards the user's limit while the connection is open.
    pub(crate) slot: Option<Reservation>,
}

/// The parameters of a new connection.
#[derive(Debug)]
pub struct Opening {
    /// A serial number, which no other connection of the hub has or had.
    pub number: u64,
    /// The id sent to the client. It is unpredictable.
    pub id: String,
    /// The extensions that are offered.
    pub offered: Features,
    /// The token of the handshake.
    pub token: Option<String>,
    /// The peer's address.
    pub address: IpAddr,
}

/// A message of the transport that was received.
#[derive(Debug, Clone, Copy)]
pub enum Received<'a> {
    /// A frame, or a batch of them.
    Text(&'a str),
    /// The same, compressed.
    Binary(&'a [u8]),
    /// A ping or a pong.
    Control,
}

/// The result of processing one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// There was no frame, or the session waits for [`Session::authenticate`].
    Idle,
    /// A frame was processed.
    Done,
    /// The driver has to check this token, or its absence, and to call [`Session::authenticate`].
    Authenticate(Option<String>),
}

/// How far the connection's authentication is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Unauthenticated,
    /// The first token is being checked, for a client that wants these extensions.
    Authenticating(Features),
    Ready(Features),
    /// Another token is being checked.
    Reauthenticating(Features),
}

/// When the connection was opened and last received something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Liveness {
    pub(crate) opened: Duration,
    pub(crate) last_received: Duration,
    pub(crate) probe: Probe,
}

/// Whether the peer was pinged since something was last received from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    Idle,
    Pinged,
}

impl Session {
    /// The session of a new connection.
    #[must_use]
    pub fn new(opening: Opening, limits: Arc<Limits>, accounts: Arc<Accounts>, now: Now) -> Self {
        let Opening { number, id, offered, token, address } = opening;
        let user = accounts.of(None, address);
        Self {
            number,
            id,
            limits,
            accounts,
            offered,
            token,
            phase: Phase::Unauthenticated,
            grant: Grant::default(),
            revoked_at: None,
            requester: Requester { connection: Some(Arc::default()), user, announced_ms: None },
            address,
            inbox: VecDeque::new(),
            wait: Duration::ZERO,
            accepted: None,
            liveness: Liveness {
                opened: now.uptime,
                last_received: now.uptime,
                probe: Probe::Idle,
            },
            outputs: VecDeque::new(),
            slot: None,
        }
    }

    /// The next thing the driver has to do with the connection.
    pub fn poll_output(&mut self) -> Option<Action> {
        self.outputs.pop_front()
    }

    /// Whether the connection is authenticated.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.phase, Phase::Ready(_) | Phase::Reauthenticating(_))
    }

    /// Splits a message of the transport into frames, which [`Session::step`] processes. An invalid
    /// message is answered with an error and the connection stays open; only too large a message
    /// before authentication closes it.
    pub fn receive(&mut self, received: Received<'_>, now: Now) {
        self.note_received(now);
        let max = self.limits.max_frame_bytes;
        if let Received::Text(text) = received
            && !self.is_ready()
            && text.len() > self.limits.auth_bytes
        {
            return self.close(CloseAction::rejected(1009, &Rejection::early()));
        }
        let mut size = match received {
            Received::Text(text) => text.len(),
            Received::Binary(bytes) => bytes.len(),
            Received::Control => 0,
        };
        let result = match received {
            Received::Text(text) if text.len() > max => {
                Err(Rejection::invalid("the message is over the frame limit"))
            }
            Received::Text(text) => self.unpack(text),
            Received::Binary(bytes) if bytes.len() > max => {
                Err(Rejection::invalid("the message is over the frame limit"))
            }
            Received::Binary(bytes) if self.features().has(Feature::Deflate) => {
                let inflated = codec::inflate(bytes, max);
                // A failed inflation counts as well.
                size = inflated.as_ref().map_or(max, String::len);
                inflated.and_then(|text| self.unpack(&text))
            }
            Received::Binary(_) => Err(Rejection::invalid("binary messages were not agreed on")),
            Received::Control => {
                self.slow_down(Operation::Request, now);
                Ok(())
            }
        };
        self.wait = self.wait.max(self.requester.take_bytes(size, now.uptime, &self.limits));
        if let Err(rejection) = result {
            self.slow_down(Operation::Request, now);
            self.send_error(&rejection, None, None);
        }
    }

    /// Records that something was received, even if it is not processed.
    pub fn note_received(&mut self, now: Now) {
        self.liveness.last_received = now.uptime;
        self.liveness.probe = Probe::Idle;
    }

    /// Processes the next frame.
    pub fn step<H: HubAccess>(&mut self, hub: &mut H, now: Now) -> Step {
        if matches!(self.phase, Phase::Authenticating(_) | Phase::Reauthenticating(_)) {
            return Step::Idle;
        }
        let Some(text) = self.inbox.pop_front() else {
            return Step::Idle;
        };
        self.receive_frame(&text, hub, now).unwrap_or_else(|rejection| {
            self.slow_down(Operation::Request, now);
            self.send_error(&rejection, None, None);
            Step::Done
        })
    }

    /// Drops the frames that are not processed yet.
    pub fn skip(&mut self) {
        self.inbox.clear();
    }

    /// How long the next frame has to wait because of the rates. Resets it.
    pub fn take_wait(&mut self) -> Duration {
        std::mem::take(&mut self.wait)
    }

    /// The channel of the last accepted message, if one was accepted since the last call.
    pub fn take_accepted(&mut self) -> Option<String> {
        self.accepted.take()
    }

    /// Delays the connection by a multiple of the time for which its message blocked others.
    pub fn pay_for(&mut self, time: Duration) {
        if time >= EXPENSIVE {
            self.wait = self.wait.max(time * EXPENSIVE_DELAY_FACTOR);
        }
    }

    /// Treats the current token as expired from an uptime on.
    pub fn revoke(&mut self, at: Duration) {
        self.revoked_at = Some(at);
    }

    /// When the connection's token expires or was revoked.
    pub(crate) fn expires_at(&self) -> Option<Duration> {
        self.grant.expires_at.into_iter().chain(self.revoked_at).min()
    }

    /// Counts an operation that is never rejected, but may delay the following ones.
    pub(crate) fn slow_down(&mut self, operation: Operation, now: Now) {
        self.wait = self.wait.max(self.requester.take(operation, 1, now.uptime, &self.limits));
    }

    /// Counts an operation, or rejects it.
    pub(crate) fn admit(&self, operation: Operation, now: Now) -> Result<(), Rejection> {
        self.requester.admit(operation, now.uptime, &self.limits)
    }

    fn features(&self) -> Features {
        match self.phase {
            Phase::Unauthenticated | Phase::Authenticating(_) => Features::NONE,
            Phase::Ready(features) | Phase::Reauthenticating(features) => features,
        }
    }

    fn unpack(&mut self, text: &str) -> Result<(), Rejection> {
        if self.features().has(Feature::Batch) && text.trim_start().starts_with('[') {
            self.inbox.extend(codec::unpack(text)?);
        } else {
            self.inbox.push_back(text.into());
        }
        Ok(())
    }

    fn receive_frame<H: HubAccess>(
        &mut self,
        text: &Arc<str>,
        hub: &mut H,
        now: Now,
    ) -> Result<Step, Rejection> {
        let fields = Fields::parse(text)?;
        // A message may have any `type` of its own, even one that is no string.
        let kind = fields.text("type").ok().flatten().unwrap_or_default();
        let Phase::Ready(features) = self.phase else {
            return self.receive_early(&kind, &fields, now);
        };
        match (kind.as_str(), needed(&kind)) {
            ("auth", _) => {
                self.count("auth");
                self.admit(Operation::Auth, now)?;
                return self.reauthenticate(&fields, features);
            }
            ("ping", _) => {
                self.count("ping");
                self.slow_down(Operation::Request, now);
                let heads = features.has(Feature::Seq).then(|| {
                    let number = self.number;
                    hub.with(|hub| hub.heads(number))
                });
                self.pong(heads.as_deref());
            }
            ("pong", _) => self.count("pong"),
            ("channel_message", _) => {
                self.count("channel_message");
                self.slow_down(Operation::Message, now);
                self.message(&fields, text, features, hub, now)?;
            }
            (_, Some((feature, name))) if features.has(feature) => {
                self.count(name);
                match feature {
                    Feature::Ephemeral => self.slow_down(Operation::Message, now),
                    _ if name == "unsubscribe" => self.slow_down(Operation::Request, now),
                    _ => {}
                }
                self.request(name, &fields, hub, now)?;
            }
            // Without envelopes, whatever has a channel is a message of it.
            _ if !features.has(Feature::Envelope) && fields.get("channel").is_some() => {
                self.count("channel_message");
                self.slow_down(Operation::Message, now);
                self.message(&fields, text, features, hub, now)?;
            }
            (_, Some(_)) => return Err(Rejection::invalid("this extension was not agreed on")),
            _ => return Err(Rejection::invalid("this type of frame is unknown")),
        }
        Ok(Step::Done)
    }

    pub(crate) fn pong(&mut self, heads: Option<&str>) {
        let mut pong = Object::frame("pong");
        if let Some(heads) = heads {
            pong = pong.raw("heads", heads);
        }
        self.send(Frame::new("pong", pong.end()));
    }

    /// Counts an invalid frame and sends the error.
    pub(crate) fn send_error(
        &mut self,
        rejection: &Rejection,
        channel: Option<&str>,
        reference: Option<&RawValue>,
    ) {
        if rejection.code == "invalid" {
            self.count("invalid");
        }
        // An invalid channel name is not echoed back.
        let channel = channel.filter(|name| check_name(name).is_ok());
        self.send(Frame::error(rejection, channel, reference));
    }

    pub(crate) fn send(&mut self, frame: Frame) {
        self.outputs.push_back(Action::Send(Arc::new(frame)));
    }

    /// Closes the connection; received frames that are not processed yet are dropped.
    pub(crate) fn close(&mut self, close_action: CloseAction) {
        self.skip();
        self.outputs.push_back(Action::Close(close_action));
    }

    pub(crate) fn count(&mut self, kind: &'static str) {
        self.outputs.push_back(Action::CountReceived(kind));
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
