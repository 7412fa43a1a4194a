//! One connection at a time: when to open it, whether it lives, what to do when it does not.
//!
//! The connection never sees a payload. Its owner tells it what arrived and performs its
//! [`Effect`]s in order.

mod auth;
mod connect;
mod demand;
mod disconnect;
mod heartbeat;
mod inputs;
mod keepalive;
mod quality;
mod session;
mod stats;

pub use demand::Demand;
pub use quality::RoundTrip;
pub use stats::Record;

use alloc::boxed::Box;
use alloc::vec::Vec;
use auth::Auth;
use demand::{Decision, DemandState};
use quality::Meter;
use session::Session;

use super::backoff::Backoff;
use super::config::{Config, LEAST_MARGIN_MS};
use super::env::Env;
use super::error::{Code, Error, Rejection};
use super::id::{Counter, RequestId, SocketId};
use super::reason::Reason;
use super::state::{Quality, State};
use super::time::{Instant, earliest};
use super::token::{Grant, Token};

/// What the connection wants done, in order.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Ask the app for a token.
    FetchToken(RequestId),
    /// Open a socket, with this token as a subprotocol.
    Open(SocketId, Option<Token>),
    /// Close the socket with this code.
    Close(SocketId, u16),
    /// Give up a socket that did not open, or was not authenticated, in time.
    Abort(SocketId),
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
    /// They no longer do, with the close code where the client did not end it.
    Down(Option<u16>),
    /// The token in use was refused, and the app has no other one.
    TokenDenied,
}

/// How long the close of a socket that failed is waited for, in milliseconds.
const ERRORED_MS: u64 = 50;

/// How long an error of the server's explains a close that follows it, in milliseconds. Later
/// closes have causes of their own.
const CLOSE_REASON_WINDOW_MS: u64 = 1_000;

/// Close codes of the native protocol ("Base").
mod close {
    pub(super) const NORMAL: u16 = 1000;
    pub(super) const ABNORMAL: u16 = 1006;
    pub(super) const HIDDEN: u16 = 4000;
    pub(super) const AUTH_FAILED: u16 = 4001;
    pub(super) const FORBIDDEN: u16 = 4002;
    pub(super) const NEW_TOKEN: u16 = 4003;
}

#[derive(Debug)]
enum Phase {
    /// No socket and no attempt; the state says why.
    Disconnected,
    FetchingToken {
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
    BackingOff {
        until: Instant,
    },
}

/// What can end a failure, besides `connect()` and `setToken()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// Nothing.
    Nothing,
    /// New demand, or the page's own evidence of a change.
    Demand,
    /// Another token: the app is asked then, and with backoff meanwhile.
    Token,
}

/// The connection of a client.
#[derive(Debug)]
pub struct Connection {
    state: State,
    /// While the state is `Failed`.
    remedy: Remedy,
    error: Option<Error>,
    phase: Phase,
    demand: DemandState,
    auth: Auth,
    backoff: Backoff,
    meter: Meter,
    quality: Quality,
    record: Record,
    /// Why the latest token was refused; what is said again if there is no other one.
    rejection: Option<(Reason, Error)>,
    /// What the server said last about the connection as a whole; explains the close that follows.
    last_server_error: Option<(Instant, Rejection)>,
    /// The latest socket that failed without a close so far.
    errored: Option<SocketId>,
    sockets: Counter,
    requests: Counter,
    effects: Vec<Effect>,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            state: State::Idle,
            remedy: Remedy::Nothing,
            error: None,
            phase: Phase::Disconnected,
            demand: DemandState::default(),
            auth: Auth::default(),
            backoff: Backoff::default(),
            meter: Meter::default(),
            quality: Quality::Offline,
            record: Record::default(),
            rejection: None,
            last_server_error: None,
            errored: None,
            sockets: Counter::default(),
            requests: Counter::default(),
            effects: Vec::new(),
        }
    }
}

impl Connection {
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

    /// How far the client stays within limits of the server's that are times, in milliseconds: what
    /// is sent at one distance may arrive at another. Two round trips.
    #[must_use]
    pub fn margin_ms(&self) -> u64 {
        LEAST_MARGIN_MS.max(2 * self.round_trip().p50.unwrap_or(0))
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

    /// When [`Connection::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self, config: &Config) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Disconnected => None,
            Phase::FetchingToken { deadline, .. }
            | Phase::Opening { deadline, .. }
            | Phase::Authenticating { deadline, .. } => Some(*deadline),
            Phase::Ready(session) => earliest(session.deadline(), self.meter.poll_timeout()),
            Phase::BackingOff { until } => Some(*until),
        };
        earliest(phase, self.demand.poll_timeout(config))
    }

    // ----- what the app wants -----

    /// Who wants a connection now. `fresh` marks something new, which undoes `disconnect()`.
    pub fn set_demand(&mut self, env: &mut Env, demand: Demand, fresh: bool) {
        if fresh {
            self.demand.revive();
        }
        self.demand.set_demand(demand, env.now, &env.config);
        self.evaluate(env, Reason::Demand);
        if fresh {
            self.fetch_for_doubted(env);
            self.mend(env, Reason::Demand);
        }
    }

    /// `connect()`: also starts a failed connection anew, and waits for no backoff.
    pub fn connect(&mut self, env: &mut Env) {
        self.demand.revive();
        // The browser may be wrong about the network: until it says so again it is not believed.
        self.demand.network(true);
        self.auth.reset_denials();
        self.fetch_for_doubted(env);
        self.restart(env, Reason::Demand);
    }

    /// `disconnect()`.
    pub fn disconnect(&mut self, env: &mut Env) {
        self.demand.disconnect();
        self.evaluate(env, Reason::DisconnectCalled);
    }

    /// `destroy()`.
    pub fn destroy(&mut self, env: &mut Env) {
        self.demand.destroy();
        self.evaluate(env, Reason::Destroyed);
    }

    /// `setToken()`: on the open connection if the server can, else on a new one.
    pub fn set_token(&mut self, env: &mut Env, grant: Option<Box<Grant>>) {
        self.auth.give(grant.clone());
        let ready = matches!(self.phase, Phase::Ready(_));
        if ready && self.auth.is_current(grant.as_deref()) {
            return;
        }
        if ready {
            self.use_renewed(env, grant);
        } else if self.state == State::Failed || !matches!(self.phase, Phase::Disconnected) {
            self.abandon(env, close::NORMAL);
            self.restart(env, Reason::TokenChanged);
        }
    }

    /// Options changed that a new connection must be made with.
    pub fn reconfigured(&mut self, env: &mut Env) {
        if self.state == State::Failed || !matches!(self.phase, Phase::Disconnected) {
            self.abandon(env, close::NORMAL);
            self.restart(env, Reason::Reconfigured);
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, env: &mut Env) {
        self.demand.handle_timeout(env.now, &env.config);
        self.evaluate(env, Reason::Demand);
        match &mut self.phase {
            Phase::FetchingToken { deadline, .. } if env.now >= *deadline => {
                self.token_failed(env, "getToken did not answer within connectTimeoutMs");
            }
            Phase::Opening { deadline, socket, .. }
            | Phase::Authenticating { deadline, socket, .. }
                if env.now >= *deadline =>
            {
                let socket = *socket;
                self.effects.push(Effect::Abort(socket));
                let (reason, code) = if self.errored == Some(socket) {
                    (Reason::ConnectRefused, Code::ConnectRefused)
                } else {
                    (Reason::ConnectTimeout, Code::ConnectTimeout)
                };
                self.retry(env, reason, Error::new(code), None);
            }
            Phase::BackingOff { until } if env.now >= *until => {
                if self.state == State::Failed {
                    self.phase = Phase::Disconnected;
                    self.mend(env, Reason::Retry);
                } else if self.demand.decision() == Decision::Connect {
                    self.attempt(env, Reason::Retry);
                } else {
                    self.rest(State::Idle, Reason::NoDemand);
                }
            }
            Phase::Ready(_) => self.session_timeout(env),
            _ => {}
        }
    }

    // ----- how it does it -----

    const fn socket(&self) -> Option<SocketId> {
        match &self.phase {
            Phase::Opening { socket, .. } | Phase::Authenticating { socket, .. } => Some(*socket),
            Phase::Ready(session) => Some(session.socket),
            Phase::Disconnected | Phase::FetchingToken { .. } | Phase::BackingOff { .. } => None,
        }
    }

    fn set_state(&mut self, state: State, reason: Reason) {
        if !state.keeps_error() {
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

    /// Brings the connection in line with what is wanted and possible.
    fn evaluate(&mut self, env: &mut Env, cause: Reason) {
        match self.demand.decision() {
            // A failure outlasts hiding and being offline: neither mends it.
            Decision::Close(State::Paused | State::Offline, _) if self.state == State::Failed => {}
            Decision::Close(state, reason) => {
                if self.state != state {
                    let code = if state == State::Paused { close::HIDDEN } else { close::NORMAL };
                    self.abandon(env, code);
                    self.rest(state, reason);
                }
            }
            Decision::StayOpen => {
                let resting = matches!(self.phase, Phase::Disconnected);
                if resting && !matches!(self.state, State::Idle | State::Failed) {
                    self.rest(State::Idle, Reason::NoDemand);
                }
            }
            Decision::Connect => {
                if matches!(self.phase, Phase::Disconnected) && self.state != State::Failed {
                    match self.backoff.pending(env.now) {
                        Some(until) => {
                            self.phase = Phase::BackingOff { until };
                            self.set_state(State::Reconnecting, cause);
                        }
                        None => self.attempt(env, cause),
                    }
                }
            }
        }
    }

    /// The page itself has seen the world change: no waiting, and no trust in an old socket.
    fn retry_now(&mut self, env: &mut Env, reason: Reason) {
        self.backoff.retry_now();
        match &mut self.phase {
            Phase::Ready(session) => {
                let rtt = self.meter.round_trip().p50.unwrap_or(0);
                // A pong that was read late, after a sleep, says nothing of the network.
                let usual = (4 * rtt).min(env.config.heartbeat_timeout_ms).max(1_500);
                let timeout = env.config.probe_timeout_ms.unwrap_or(usual);
                session.heartbeat.probe(env.now, timeout);
                self.effects.push(Effect::Ping(session.socket));
                self.fetch_for_doubted(env);
            }
            _ if self.state == State::Failed => self.mend(env, reason),
            Phase::BackingOff { .. } if self.demand.decision() == Decision::Connect => {
                self.attempt(env, reason);
            }
            _ => {}
        }
    }

    fn restart(&mut self, env: &mut Env, reason: Reason) {
        if self.state == State::Failed {
            self.backoff.reset();
        } else {
            self.backoff.retry_now();
        }
        let stuck = self.state == State::Failed || matches!(self.phase, Phase::BackingOff { .. });
        let idle = matches!(self.phase, Phase::Disconnected);
        if (stuck || idle) && self.demand.decision() == Decision::Connect {
            self.attempt(env, reason);
        } else {
            self.evaluate(env, reason);
        }
    }

    /// A ready connection ends.
    fn note_uptime(&mut self, env: &Env) {
        // Its timer may be late.
        self.note_stable(env);
        if let Phase::Ready(session) = &self.phase {
            self.record.down(env.now, session.since);
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
