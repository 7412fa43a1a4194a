//! One connection at a time: when to open it, whether it lives, what to do when it does not.
//!
//! The link never sees a payload. Its owner tells it what arrived and performs its
//! [`Effect`]s in order.

mod auth;
mod backoff;
mod demand;
mod heartbeat;
mod quality;
mod record;
mod session;

pub use backoff::Backoff;
pub use demand::Want;
pub use quality::{Quality, RoundTrip};
pub use record::Record;
pub use session::Welcome;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use auth::{Auth, Next};
use demand::{Demand, Verdict};
use heartbeat::Pulse;
use quality::Meter;
use session::{Refresh, Session};

use super::config::{AuthMode, Config};
use super::error::{Cause, Code, Error, Refusal};
use super::id::{Counter, RequestId, SocketId};
use super::io::{ClosedBy, Grant, Page, Token};
use super::reason::Reason;
use super::rng::Rng;
use super::time::{Instant, soonest};

/// The connection's state, as the app sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Nobody wants a connection.
    Idle,
    /// A first attempt is under way.
    Connecting,
    /// The socket is open; the server has not accepted it yet.
    Authenticating,
    /// Messages flow.
    Ready,
    /// It was lost or could not be made, and is tried again.
    Reconnecting,
    /// The page is hidden or put away.
    Paused,
    /// The browser has no network.
    Offline,
    /// It ended for a reason that trying again cannot mend.
    Failed,
    /// `destroy()`.
    Closed,
}

/// What the link wants done, in order.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Ask the app for a token.
    FetchToken(RequestId),
    /// Open a socket, with this token as a subprotocol.
    Open(SocketId, Option<Token>),
    /// Close the socket with this code.
    Close(SocketId, u16),
    /// Send the `auth` frame with this token.
    Authenticate(SocketId, Option<Token>),
    /// Send a ping.
    Ping(SocketId),
    /// The state changed, because of an error if there is one.
    State(State, Reason, Option<Error>),
    /// The grade changed.
    Quality(Quality),
    /// Something went wrong that ended nothing.
    Error(Error),
    /// Messages flow on this socket from here on.
    Up(SocketId),
    /// They no longer do.
    Down,
}

/// What a part needs of the world while it handles something.
#[derive(Debug)]
pub struct Context<'a> {
    /// The time.
    pub now: Instant,
    /// The options.
    pub config: &'a Config,
    /// The source of jitter.
    pub rng: &'a mut Rng,
}

impl Context<'_> {
    /// The range of the backoff, as [`Backoff::fail`] takes it.
    #[must_use]
    pub const fn backoff_range(&self) -> (u64, u64) {
        (self.config.reconnect_base_ms, self.config.reconnect_max_ms)
    }
}

/// How long an error of the server's explains a close that follows it, in milliseconds. Later
/// closes have causes of their own.
const PARTING_MS: u64 = 1_000;

/// Close codes of the native protocol ("Base").
mod close {
    pub(super) const NORMAL: u16 = 1000;
    pub(super) const HIDDEN: u16 = 4000;
    pub(super) const AUTH_FAILED: u16 = 4001;
    pub(super) const FORBIDDEN: u16 = 4002;
    pub(super) const NEW_TOKEN: u16 = 4003;
}

#[derive(Debug)]
enum Phase {
    /// No socket and no attempt; the state says why.
    Resting,
    Asking {
        request: RequestId,
        deadline: Instant,
    },
    Opening {
        socket: SocketId,
        token: Option<Token>,
        deadline: Instant,
    },
    Authenticating {
        socket: SocketId,
        deadline: Instant,
        since: Instant,
    },
    Ready(Session),
    Waiting {
        until: Instant,
    },
}

/// The connection of a client.
#[derive(Debug)]
pub struct Link {
    state: State,
    error: Option<Error>,
    phase: Phase,
    demand: Demand,
    auth: Auth,
    backoff: Backoff,
    meter: Meter,
    quality: Quality,
    record: Record,
    /// Why the latest token was refused; what is said again if there is no other one.
    refusal: Option<(Reason, Error)>,
    /// What the server said last about the connection as a whole; explains the close that follows.
    parting: Option<(Instant, Refusal)>,
    sockets: Counter,
    requests: Counter,
    effects: Vec<Effect>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            state: State::Idle,
            error: None,
            phase: Phase::Resting,
            demand: Demand::default(),
            auth: Auth::default(),
            backoff: Backoff::default(),
            meter: Meter::default(),
            quality: Quality::Offline,
            record: Record::default(),
            refusal: None,
            parting: None,
            sockets: Counter::default(),
            requests: Counter::default(),
            effects: Vec::new(),
        }
    }
}

impl Link {
    // ----- what it is -----

    /// The state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether it was ended for good.
    #[must_use]
    pub fn is_destroyed(&self) -> bool {
        self.demand.is_destroyed()
    }

    /// What is wrong, while something is.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The socket on which messages flow.
    #[must_use]
    pub const fn ready_socket(&self) -> Option<SocketId> {
        match &self.phase {
            Phase::Ready(session) => Some(session.socket),
            _ => None,
        }
    }

    /// Whether events of this socket still matter.
    #[must_use]
    pub fn is_current(&self, socket: SocketId) -> bool {
        self.socket() == Some(socket)
    }

    /// Round trips.
    #[must_use]
    pub fn round_trip(&self) -> RoundTrip {
        self.meter.round_trip()
    }

    /// What it has been through.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// Whom the token in use names.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.auth.subject()
    }

    /// What is to be done since the last call, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }

    /// When [`Link::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self, config: &Config) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Resting => None,
            Phase::Asking { deadline, .. }
            | Phase::Opening { deadline, .. }
            | Phase::Authenticating { deadline, .. } => Some(*deadline),
            Phase::Ready(session) => soonest(session.deadline(), self.meter.poll_timeout()),
            Phase::Waiting { until } => Some(*until),
        };
        soonest(phase, self.demand.poll_timeout(config))
    }

    // ----- what the app wants -----

    /// Who wants a connection now. `fresh` marks something new, which undoes `disconnect()`.
    pub fn set_want(&mut self, cx: &mut Context<'_>, want: Want, fresh: bool) {
        if fresh {
            self.demand.revive();
        }
        self.demand.set_want(want, cx.now, cx.config);
        self.evaluate(cx, Reason::Demand);
    }

    /// `connect()`: also starts a failed link anew, and waits for no backoff.
    pub fn connect(&mut self, cx: &mut Context<'_>) {
        self.demand.revive();
        self.auth.forgive();
        self.restart(cx, Reason::Demand);
    }

    /// `disconnect()`.
    pub fn disconnect(&mut self, cx: &mut Context<'_>) {
        self.demand.disconnect();
        self.evaluate(cx, Reason::DisconnectCalled);
    }

    /// `destroy()`.
    pub fn destroy(&mut self, cx: &mut Context<'_>) {
        self.demand.destroy();
        self.evaluate(cx, Reason::Destroyed);
    }

    /// `setToken()`: on the open connection if the server can, else on a new one.
    pub fn set_token(&mut self, cx: &mut Context<'_>, grant: Option<Box<Grant>>) {
        self.auth.give(grant.clone());
        let ready = matches!(self.phase, Phase::Ready(_));
        if ready && self.auth.is_current(grant.as_deref()) {
            return;
        }
        if ready {
            self.use_renewed(cx, grant);
        } else if self.state == State::Failed || !matches!(self.phase, Phase::Resting) {
            self.abandon(close::NORMAL);
            self.restart(cx, Reason::TokenChanged);
        }
    }

    /// Options changed that a new connection must be made with.
    pub fn reconfigured(&mut self, cx: &mut Context<'_>) {
        if self.state == State::Failed || !matches!(self.phase, Phase::Resting) {
            self.abandon(close::NORMAL);
            self.restart(cx, Reason::Reconfigured);
        }
    }

    // ----- what happens outside -----

    /// The page changed.
    pub fn page(&mut self, cx: &mut Context<'_>, page: Page) {
        let back = self.demand.page(cx.now, page);
        let reason = if page == Page::Resumed { Reason::Resumed } else { Reason::Visible };
        if back {
            self.hurry(cx, reason);
        }
        self.evaluate(cx, reason);
    }

    /// The network came or went.
    pub fn network(&mut self, cx: &mut Context<'_>, up: bool) {
        self.demand.network(up);
        // Even where `offline` was not heard (a frozen page, an engine just loaded) `online` is
        // evidence of a change.
        if up {
            self.hurry(cx, Reason::Online);
        }
        self.evaluate(cx, Reason::Online);
    }

    /// The clock jumped.
    pub fn woke(&mut self, cx: &mut Context<'_>) {
        self.hurry(cx, Reason::Retry);
        self.evaluate(cx, Reason::Retry);
    }

    /// The socket is open.
    pub fn socket_opened(&mut self, cx: &mut Context<'_>, opened: SocketId) {
        let Phase::Opening { socket, token, deadline } = &mut self.phase else {
            return;
        };
        if *socket != opened {
            return;
        }
        let (deadline, token) = (*deadline, token.take());
        if cx.config.auth == AuthMode::None {
            self.become_ready(cx, opened, Welcome::default());
            return;
        }
        let token = token.filter(|_| cx.config.auth != AuthMode::Subprotocol);
        self.phase = Phase::Authenticating { socket: opened, deadline, since: cx.now };
        self.effects.push(Effect::Authenticate(opened, token));
        self.set_state(State::Authenticating, Reason::Opened);
    }

    /// The server accepted the connection, or a new token on it.
    pub fn authenticated(&mut self, cx: &mut Context<'_>, welcome: Welcome) {
        match &mut self.phase {
            Phase::Authenticating { socket, since, .. } => {
                let (socket, rtt) = (*socket, cx.now.since(*since));
                self.meter.sample(rtt);
                self.become_ready(cx, socket, welcome);
            }
            Phase::Ready(session) if matches!(session.refresh, Refresh::Telling { .. }) => {
                session.refresh =
                    Refresh::at(self.auth.refresh_at(cx.now, welcome.expires_in_ms, cx.config));
            }
            _ => {}
        }
    }

    /// The server reported an error about the connection as a whole.
    pub fn server_error(&mut self, now: Instant, refusal: Refusal) {
        let error = Error::from_refusal(refusal.clone(), Code::ServerError);
        self.parting = Some((now, refusal));
        if matches!(self.phase, Phase::Ready(_)) {
            self.effects.push(Effect::Error(error));
        }
    }

    /// A frame of the current socket: life.
    pub fn frame_received(&mut self, now: Instant) {
        if let Phase::Ready(session) = &mut self.phase {
            session.heart.frame_received(now);
        }
    }

    /// A pong.
    pub fn pong_received(&mut self, now: Instant) {
        if let Phase::Ready(session) = &mut self.phase
            && let Some(rtt) = session.heart.pong_received(now)
        {
            self.meter.sample(rtt);
            self.regrade(now);
        }
    }

    /// The socket is no more.
    pub fn socket_closed(&mut self, cx: &mut Context<'_>, socket: SocketId, by: ClosedBy) {
        if !self.is_current(socket) {
            return;
        }
        let opening = matches!(self.phase, Phase::Opening { .. });
        let recent = |(at, _): &(Instant, Refusal)| cx.now.since(*at) <= PARTING_MS;
        let parting = self.parting.take().filter(recent).map(|(_, refusal)| refusal);
        self.lose(cx.now);
        match by {
            ClosedBy::BadUrl(words) => {
                self.retry(
                    cx,
                    Reason::UrlFailed,
                    Error::new(Code::UrlFailed).because(&words),
                    None,
                );
            }
            ClosedBy::Peer(code @ (close::AUTH_FAILED | close::FORBIDDEN), words) => {
                self.denied(cx, code, parting, words);
            }
            ClosedBy::Peer(_, words) => self.closed(cx, opening, parting, &words),
        }
    }

    /// The app answered.
    pub fn token(
        &mut self,
        cx: &mut Context<'_>,
        answered: RequestId,
        answer: Result<Option<Box<Grant>>, String>,
    ) {
        match &mut self.phase {
            Phase::Asking { request, .. } if *request == answered => match answer {
                Ok(grant) => match self.auth.try_out(grant) {
                    Next::Use(grant) => self.open(cx, grant),
                    Next::Ask | Next::Denied => self.fail_denied(),
                },
                Err(words) => self.token_failed(cx, &words),
            },
            Phase::Ready(session) => {
                let asked = matches!(session.refresh, Refresh::Asking { request, .. } if request == answered);
                if !asked {
                    return;
                }
                session.refresh = Refresh::Due(cx.now + cx.config.refresh_min_interval_ms);
                match answer {
                    Ok(grant) if self.auth.is_current(grant.as_deref()) => {}
                    Ok(grant) => self.use_renewed(cx, grant),
                    Err(words) => self
                        .effects
                        .push(Effect::Error(Error::new(Code::TokenFailed).because(&words))),
                }
            }
            _ => {}
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.demand.handle_timeout(cx.now, cx.config);
        self.evaluate(cx, Reason::Demand);
        match &mut self.phase {
            Phase::Asking { deadline, .. } if cx.now >= *deadline => {
                self.token_failed(cx, "getToken did not answer within connectTimeoutMs");
            }
            Phase::Opening { deadline, socket, .. }
            | Phase::Authenticating { deadline, socket, .. }
                if cx.now >= *deadline =>
            {
                let socket = *socket;
                self.effects.push(Effect::Close(socket, close::NORMAL));
                self.retry(cx, Reason::ConnectTimeout, Error::new(Code::ConnectTimeout), None);
            }
            Phase::Waiting { until } if cx.now >= *until => {
                if self.demand.verdict() == Verdict::Connect {
                    self.attempt(cx, Reason::Retry);
                } else {
                    self.rest(State::Idle, Reason::NoDemand);
                }
            }
            Phase::Ready(_) => self.session_timeout(cx),
            _ => {}
        }
    }

    // ----- how it does it -----

    const fn socket(&self) -> Option<SocketId> {
        match &self.phase {
            Phase::Opening { socket, .. } | Phase::Authenticating { socket, .. } => Some(*socket),
            Phase::Ready(session) => Some(session.socket),
            Phase::Resting | Phase::Asking { .. } | Phase::Waiting { .. } => None,
        }
    }

    fn set_state(&mut self, state: State, reason: Reason) {
        if !matches!(
            state,
            State::Connecting | State::Authenticating | State::Reconnecting | State::Failed
        ) {
            self.error = None;
        }
        self.state = state;
        self.effects.push(Effect::State(state, reason, None));
    }

    /// The error is told once, with the change it caused, and held until things are well again.
    fn set_state_for(&mut self, state: State, reason: Reason, error: Error) {
        self.error = Some(error.clone());
        self.state = state;
        self.effects.push(Effect::State(state, reason, Some(error)));
        self.downgrade();
    }

    /// Brings the link in line with what is wanted and possible.
    fn evaluate(&mut self, cx: &mut Context<'_>, cause: Reason) {
        match self.demand.verdict() {
            // A failure outlasts hiding and being offline: neither mends it.
            Verdict::Rest(State::Paused | State::Offline, _) if self.state == State::Failed => {}
            Verdict::Rest(state, reason) => {
                if self.state != state {
                    self.note_uptime(cx.now);
                    let code = if state == State::Paused { close::HIDDEN } else { close::NORMAL };
                    self.abandon(code);
                    self.rest(state, reason);
                }
            }
            Verdict::Keep => {
                if matches!(self.state, State::Paused | State::Offline) {
                    self.rest(State::Idle, Reason::NoDemand);
                }
            }
            Verdict::Connect => {
                if matches!(self.phase, Phase::Resting) && self.state != State::Failed {
                    match self.backoff.pending(cx.now) {
                        Some(until) => {
                            self.phase = Phase::Waiting { until };
                            self.set_state(State::Reconnecting, cause);
                        }
                        None => self.attempt(cx, cause),
                    }
                }
            }
        }
    }

    /// The page itself has seen the world change: no waiting, and no trust in an old socket.
    fn hurry(&mut self, cx: &mut Context<'_>, reason: Reason) {
        self.backoff.hurry();
        match &mut self.phase {
            Phase::Ready(session) => {
                let rtt = self.meter.round_trip().p50.unwrap_or(0);
                let timeout = cx.config.probe_timeout_ms.unwrap_or((4 * rtt).max(1_500));
                session.heart.probe(cx.now, timeout);
                self.effects.push(Effect::Ping(session.socket));
            }
            Phase::Waiting { .. } if self.demand.verdict() == Verdict::Connect => {
                self.attempt(cx, reason);
            }
            _ => {}
        }
    }

    fn restart(&mut self, cx: &mut Context<'_>, reason: Reason) {
        if self.state == State::Failed {
            self.backoff.reset();
        } else {
            self.backoff.hurry();
        }
        let stuck = self.state == State::Failed || matches!(self.phase, Phase::Waiting { .. });
        let idle = matches!(self.phase, Phase::Resting);
        if (stuck || idle) && self.demand.verdict() == Verdict::Connect {
            self.attempt(cx, reason);
        } else {
            self.evaluate(cx, reason);
        }
    }

    fn attempt(&mut self, cx: &mut Context<'_>, reason: Reason) {
        self.record.attempts += 1;
        let next = if cx.config.auth == AuthMode::None {
            Next::Use(None)
        } else {
            self.auth.next(cx.config)
        };
        let state =
            if self.backoff.failures() > 0 { State::Reconnecting } else { State::Connecting };
        match next {
            Next::Use(grant) => {
                self.set_state_once(state, reason);
                self.open(cx, grant);
            }
            Next::Ask => {
                let request = RequestId(self.requests.next());
                self.phase =
                    Phase::Asking { request, deadline: cx.now + cx.config.connect_timeout_ms };
                self.effects.push(Effect::FetchToken(request));
                self.set_state_once(state, reason);
            }
            Next::Denied => self.fail_denied(),
        }
    }

    fn set_state_once(&mut self, state: State, reason: Reason) {
        if self.state != state {
            self.set_state(state, reason);
        }
    }

    fn open(&mut self, cx: &Context<'_>, grant: Option<Box<Grant>>) {
        let socket = SocketId(self.sockets.next());
        let token = grant.map(|grant| grant.token);
        let offered = token.clone().filter(|token| {
            matches!(cx.config.auth, AuthMode::Both | AuthMode::Subprotocol)
                && is_subprotocol(token.reveal())
        });
        self.parting = None;
        self.phase =
            Phase::Opening { socket, token, deadline: cx.now + cx.config.connect_timeout_ms };
        self.effects.push(Effect::Open(socket, offered));
    }

    fn become_ready(&mut self, cx: &mut Context<'_>, socket: SocketId, welcome: Welcome) {
        let mut session = Session::new(cx.now, socket, welcome, cx.config);
        session.refresh =
            Refresh::at(self.auth.refresh_at(cx.now, welcome.expires_in_ms, cx.config));
        self.phase = Phase::Ready(session);
        self.parting = None;
        self.record.up(cx.now);
        self.set_state(State::Ready, Reason::Authenticated);
        self.regrade(cx.now);
        self.effects.push(Effect::Up(socket));
    }

    fn session_timeout(&mut self, cx: &mut Context<'_>) {
        let Phase::Ready(session) = &mut self.phase else {
            return;
        };
        if session.proves_at.is_some_and(|at| cx.now >= at) {
            session.proves_at = None;
            self.backoff.reset();
            self.auth.proven();
        }
        match session.heart.handle_timeout(cx.now) {
            Pulse::Fine => {}
            Pulse::Ping => self.effects.push(Effect::Ping(session.socket)),
            Pulse::Dead(reason) => {
                self.effects.push(Effect::Close(session.socket, close::NORMAL));
                self.lose(cx.now);
                self.retry(cx, reason, Error::new(Code::HeartbeatTimeout), None);
                return;
            }
        }
        match session.refresh {
            Refresh::Due(at) if cx.now >= at => {
                let request = RequestId(self.requests.next());
                let deadline = cx.now + cx.config.connect_timeout_ms;
                session.refresh = Refresh::Asking { request, deadline };
                self.effects.push(Effect::FetchToken(request));
            }
            Refresh::Asking { deadline, .. } if cx.now >= deadline => {
                session.refresh = Refresh::Due(cx.now + cx.config.refresh_min_interval_ms);
                self.effects.push(Effect::Error(Error::new(Code::TokenFailed)));
            }
            Refresh::Telling { deadline } if cx.now >= deadline => {
                self.effects.push(Effect::Close(session.socket, close::NORMAL));
                self.lose(cx.now);
                self.retry(cx, Reason::ReauthTimeout, Error::new(Code::ConnectionLost), None);
                return;
            }
            _ => {}
        }
        self.regrade(cx.now);
    }

    /// A new token for the open connection: told to the server, or used for a new connection.
    fn use_renewed(&mut self, cx: &mut Context<'_>, grant: Option<Box<Grant>>) {
        let Phase::Ready(session) = &mut self.phase else {
            return;
        };
        // A connection belongs to one user: another one's token needs a connection of its own.
        let same_user = grant.as_ref().is_some_and(|grant| {
            grant.subject.is_none() || grant.subject.as_deref() == self.auth.subject()
        });
        if session.reauth && same_user {
            let Next::Use(grant) = self.auth.try_out(grant) else {
                self.effects.push(Effect::Error(Error::new(Code::AuthDenied)));
                return;
            };
            session.refresh = Refresh::Telling { deadline: cx.now + cx.config.connect_timeout_ms };
            let token = grant.map(|grant| grant.token);
            self.effects.push(Effect::Authenticate(session.socket, token));
        } else {
            self.note_uptime(cx.now);
            self.abandon(close::NEW_TOKEN);
            self.auth.give(grant);
            self.attempt(cx, Reason::TokenChanged);
        }
    }

    fn token_failed(&mut self, cx: &mut Context<'_>, words: &str) {
        self.retry(cx, Reason::TokenFailed, Error::new(Code::TokenFailed).because(words), None);
    }

    fn denied(&mut self, cx: &mut Context<'_>, code: u16, parting: Option<Refusal>, words: String) {
        let (code, reason) = if code == close::FORBIDDEN {
            (Code::Forbidden, Reason::Forbidden)
        } else {
            (Code::AuthDenied, Reason::AuthDenied)
        };
        let parting = parting.unwrap_or(Refusal { message: words, ..Refusal::default() });
        let mut error = Error::new(code);
        error.cause = Some(Cause { code: parting.code, message: parting.message });
        self.refusal = Some((reason, error.clone()));
        if self.auth.denied(cx.config) {
            self.retry(cx, reason, error, parting.retry_after_ms);
        } else {
            self.fail(reason, error);
        }
    }

    fn closed(
        &mut self,
        cx: &mut Context<'_>,
        opening: bool,
        parting: Option<Refusal>,
        words: &str,
    ) {
        if let Some(refusal) = parting {
            let fatal = refusal.retryable == Some(false);
            let asked = refusal.retry_after_ms;
            let error = Error::from_refusal(refusal, Code::ServerError);
            if fatal {
                self.fail(Reason::ServerFatal, error);
            } else {
                self.retry(cx, Reason::ServerError, error, asked);
            }
            return;
        }
        let (code_name, reason) = if opening {
            (Code::ConnectRefused, Reason::ConnectRefused)
        } else {
            (Code::ConnectionLost, Reason::ConnectionLost)
        };
        let mut error = Error::new(code_name);
        if !words.is_empty() {
            error = error.because(words);
        }
        self.retry(cx, reason, error, None);
    }

    /// The connection ended without being asked to.
    fn lose(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Ready(_)) {
            self.meter.loss(now);
            self.note_uptime(now);
            self.effects.push(Effect::Down);
        }
        self.phase = Phase::Resting;
    }

    /// Gives the present socket or attempt up, without blaming anyone.
    fn abandon(&mut self, code: u16) {
        let ready = matches!(self.phase, Phase::Ready(_));
        if let Some(socket) = self.socket() {
            self.effects.push(Effect::Close(socket, code));
        }
        self.phase = Phase::Resting;
        if ready {
            self.effects.push(Effect::Down);
        }
    }

    fn rest(&mut self, state: State, reason: Reason) {
        self.phase = Phase::Resting;
        self.set_state(state, reason);
        self.downgrade();
    }

    fn retry(&mut self, cx: &mut Context<'_>, reason: Reason, error: Error, asked: Option<u64>) {
        self.record.errors += 1;
        if cx
            .config
            .reconnect_max_attempts
            .is_some_and(|max| u64::from(self.backoff.failures()) + 1 >= max)
        {
            let mut gave_up = Error::new(Code::GaveUp);
            gave_up.cause = Some(Cause {
                code: Some(error.code.name().to_owned()),
                message: error.code.message().to_owned(),
            });
            self.fail(Reason::GaveUp, gave_up);
            return;
        }
        let until = self.backoff.fail(cx.now, cx.backoff_range(), asked, cx.rng);
        self.phase = Phase::Waiting { until };
        self.set_state_for(State::Reconnecting, reason, error);
    }

    /// The only token there is was refused before.
    fn fail_denied(&mut self) {
        let denial = || (Reason::AuthDenied, Error::new(Code::AuthDenied));
        let (reason, error) = self.refusal.clone().unwrap_or_else(denial);
        self.fail(reason, error);
    }

    fn fail(&mut self, reason: Reason, error: Error) {
        self.record.errors += 1;
        self.phase = Phase::Resting;
        self.set_state_for(State::Failed, reason, error);
    }

    fn note_uptime(&mut self, now: Instant) {
        if let Phase::Ready(session) = &self.phase {
            self.record.down(now, session.since);
        }
    }

    fn regrade(&mut self, now: Instant) {
        let quality = self.meter.grade(now);
        if quality != self.quality {
            self.quality = quality;
            self.effects.push(Effect::Quality(quality));
        }
    }

    fn downgrade(&mut self) {
        if self.quality != Quality::Offline {
            self.quality = Quality::Offline;
            self.effects.push(Effect::Quality(Quality::Offline));
        }
    }
}

/// Whether a text may stand in `Sec-WebSocket-Protocol` (RFC 6455 §4.1: a token of RFC 2616).
fn is_subprotocol(text: &str) -> bool {
    let legal = |c: u8| c.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&c);
    !text.is_empty() && text.bytes().all(legal)
}
