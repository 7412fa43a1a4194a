//! The connection: opening, authentication, heartbeats, reconnects.
//!
//! The connection does not read payloads. Its owner passes it the inputs and performs its [`Effect`]s
//! in order.

mod attempt;
mod auth;
mod connect;
mod demand;
mod disconnect;
mod effect;
mod evaluate;
mod heartbeat;
mod inputs;
mod keepalive;
mod quality;
mod session;
mod stats;
mod status;
mod token_refresh;

pub use demand::{Demand, Trigger};
pub use effect::Effect;
pub use quality::RoundTrip;
pub use stats::Record;

use alloc::boxed::Box;
use alloc::vec::Vec;
use attempt::{Attempt, AttemptTimeout};
use auth::Auth;
use demand::{Decision, DemandState};
use effect::close;
use quality::Meter;
use session::Session;
use status::Status;

use super::backoff::Backoff;
use super::config::{Config, LEAST_MARGIN_MS};
use super::env::Env;
use super::error::{Code, Error, Rejection};
use super::id::{Counter, SocketId};
use super::input::Network;
use super::reason::Reason;
use super::state::State;
use super::time::Instant;
use super::timer::{Timer, TimerReason, earliest, timer};
use super::token::Grant;

/// How long an error of the server is the reason of a close that follows it, in milliseconds. Later
/// closes have other causes.
const CLOSE_REASON_WINDOW_MS: u64 = 1_000;

/// The phase of the connection. [`Status`] has the state that the app receives.
#[derive(Debug)]
enum Phase {
    /// No socket and no attempt; the state is the reason.
    Disconnected,
    /// It is being opened.
    Connecting(Attempt),
    /// Messages can be exchanged.
    Ready(Session),
    /// Waiting for the next attempt.
    BackingOff {
        /// When it begins.
        until: Instant,
    },
}

/// What can end a failure, besides `connect()` and `setToken()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// Nothing.
    Nothing,
    /// New demand, or an event of the page.
    Demand,
    /// Another token: one is requested then, and with backoff meanwhile.
    Token,
}

/// The connection of a client.
#[derive(Debug)]
pub struct Connection {
    status: Status,
    /// While the state is `Failed`.
    remedy: Remedy,
    phase: Phase,
    demand: DemandState,
    auth: Auth,
    backoff: Backoff,
    meter: Meter,
    record: Record,
    /// Why the latest token was rejected; reported again if there is no other one.
    rejection: Option<(Reason, Error)>,
    /// The server's last error about the connection as a whole; the reason of a close that follows.
    last_server_error: Option<(Instant, Rejection)>,
    sockets: Counter,
    requests: Counter,
    effects: Vec<Effect>,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            status: Status::default(),
            remedy: Remedy::Nothing,
            phase: Phase::Disconnected,
            demand: DemandState::default(),
            auth: Auth::default(),
            backoff: Backoff::default(),
            meter: Meter::default(),
            record: Record::default(),
            rejection: None,
            last_server_error: None,
            sockets: Counter::default(),
            requests: Counter::default(),
            effects: Vec::new(),
        }
    }
}

impl Connection {
    // ----- getters -----

    /// The state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.status.state()
    }

    /// Whether it was destroyed.
    #[must_use]
    pub fn is_destroyed(&self) -> bool {
        self.demand.is_destroyed()
    }

    /// The error in force, if any.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        self.status.error()
    }

    /// The socket on which messages are exchanged.
    #[must_use]
    pub const fn ready_socket(&self) -> Option<SocketId> {
        match &self.phase {
            Phase::Ready(session) => Some(session.socket),
            _ => None,
        }
    }

    /// Whether this socket is the current one.
    #[must_use]
    pub fn is_current(&self, socket: SocketId) -> bool {
        self.socket() == Some(socket)
    }

    /// Round trips.
    #[must_use]
    pub fn round_trip(&self) -> RoundTrip {
        self.meter.round_trip()
    }

    /// The margin for time limits of the server, in milliseconds, since latency varies: two round trips.
    #[must_use]
    pub fn margin_ms(&self) -> u64 {
        LEAST_MARGIN_MS.max(2 * self.round_trip().p50.unwrap_or(0))
    }

    /// Its counters.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// The user of the token in use.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.auth.subject()
    }

    /// Takes the effects since the last call, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }

    /// When [`Connection::handle_timeout`] is due, and why.
    #[must_use]
    pub fn poll_timeout(&self, config: &Config) -> Option<Timer> {
        let phase = match &self.phase {
            Phase::Disconnected => None,
            Phase::Connecting(attempt) => Some(attempt.poll_timeout()),
            Phase::Ready(session) => {
                let quality = timer(self.meter.poll_timeout(), TimerReason::Quality);
                earliest(session.poll_timeout(), quality)
            }
            Phase::BackingOff { until } => timer(Some(*until), TimerReason::Reconnect),
        };
        earliest(phase, self.demand.poll_timeout(config))
    }

    // ----- calls of the app -----

    /// Sets the demand for a connection.
    pub fn set_demand(&mut self, env: &mut Env, demand: Demand, trigger: Trigger) {
        let is_new = trigger == Trigger::NewDemand;
        if is_new {
            self.demand.revive();
        }
        self.demand.set_demand(demand, env.now, &env.config);
        self.evaluate(env, Reason::Demand);
        if is_new {
            self.replace_rejected_token(env);
            self.try_recover(env, Reason::Demand);
        }
    }

    /// `connect()`: also restarts a failed connection, and skips the backoff.
    pub fn connect(&mut self, env: &mut Env) {
        self.demand.revive();
        // The browser may be wrong about the network: its last report is ignored until the next one.
        self.demand.set_network(Network::Online);
        self.auth.reset_denials();
        self.replace_rejected_token(env);
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
        } else if self.status.is_failed() || !matches!(self.phase, Phase::Disconnected) {
            self.abandon(env, close::NORMAL);
            self.restart(env, Reason::TokenChanged);
        }
    }

    /// Options changed that a new connection must be made with.
    pub fn reconfigured(&mut self, env: &mut Env) {
        if self.status.is_failed() || !matches!(self.phase, Phase::Disconnected) {
            self.abandon(env, close::NORMAL);
            self.restart(env, Reason::Reconfigured);
        }
    }

    /// Performs what is due.
    pub fn handle_timeout(&mut self, env: &mut Env) {
        self.demand.handle_timeout(env.now, &env.config);
        self.evaluate(env, Reason::Demand);
        match &self.phase {
            Phase::Connecting(attempt) => match attempt.timed_out(env.now) {
                None => {}
                Some(AttemptTimeout::Token) => {
                    self.token_failed(env, "getToken did not answer within connectTimeoutMs");
                }
                Some(AttemptTimeout::Socket(socket)) => {
                    self.effects.push(Effect::Abort(socket));
                    let error = Error::new(Code::ConnectTimeout);
                    self.retry(env, Reason::ConnectTimeout, error, None);
                }
                Some(AttemptTimeout::Close(socket)) => {
                    self.effects.push(Effect::Abort(socket));
                    let error = Error::new(Code::ConnectRefused);
                    self.retry(env, Reason::ConnectRefused, error, None);
                }
            },
            Phase::BackingOff { until } if env.now >= *until => {
                if self.status.is_failed() {
                    self.phase = Phase::Disconnected;
                    self.try_recover(env, Reason::Retry);
                } else if self.demand.decision() == Decision::Connect {
                    self.attempt(env, Reason::Retry);
                } else {
                    self.disconnect_as(State::Idle, Reason::NoDemand);
                }
            }
            Phase::Ready(_) => self.session_timeout(env),
            _ => {}
        }
    }

    // ----- internals -----

    const fn socket(&self) -> Option<SocketId> {
        match &self.phase {
            Phase::Connecting(attempt) => attempt.socket(),
            Phase::Ready(session) => Some(session.socket),
            Phase::Disconnected | Phase::BackingOff { .. } => None,
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

    fn set_state(&mut self, state: State, reason: Reason) {
        self.status.set(state, reason, &mut self.effects);
    }

    fn regrade(&mut self, now: Instant) {
        self.status.set_quality(self.meter.grade(now), &mut self.effects);
    }
}
