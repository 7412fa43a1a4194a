//! The connection: opening, authentication, heartbeats, reconnects.
//!
//! It does not read payloads. The client passes it the inputs and performs its [`Effect`]s in
//! order.

mod answers;
mod attempt;
mod auth;
mod close_reason;
mod demand;
mod effect;
mod failure;
mod heartbeat;
mod lifecycle;
mod phase;
mod quality;
mod session;
mod stats;
mod status;
mod token_refresh;
mod upkeep;

pub use demand::{Demand, Trigger};
pub use effect::Effect;
pub use quality::RoundTrip;
pub use stats::Record;

use alloc::boxed::Box;
use alloc::vec::Vec;
use answers::Answers;
use attempt::AttemptTimeout;
use demand::Decision;
use effect::close;
use lifecycle::Lifecycle;
use phase::Phase;
use upkeep::Upkeep;

use super::config::{Config, LEAST_MARGIN_MS, ServerHost};
use super::env::Env;
use super::error::{Code, Error};
use super::id::{RequestId, SocketId};
use super::input::{Network, Page};
use super::reason::Reason;
use super::state::State;
use super::timer::{Timer, TimerReason, earliest, timer};
use super::token::Grant;

/// The connection of a client.
#[derive(Debug, Default)]
pub struct Connection(Lifecycle);

impl Connection {
    // ----- getters -----

    /// The state.
    #[must_use]
    pub const fn state(&self) -> State {
        self.0.status.state()
    }

    /// Whether it was destroyed.
    #[must_use]
    pub fn is_destroyed(&self) -> bool {
        self.0.demand.is_destroyed()
    }

    /// The error in force, if any.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        self.0.status.error()
    }

    /// The socket on which messages are exchanged.
    #[must_use]
    pub const fn ready_socket(&self) -> Option<SocketId> {
        match &self.0.phase {
            Phase::Ready(session) => Some(session.socket),
            _ => None,
        }
    }

    /// Whether this socket is the current one.
    #[must_use]
    pub fn is_current(&self, socket: SocketId) -> bool {
        self.0.phase.socket() == Some(socket)
    }

    /// The measured round trips.
    #[must_use]
    pub fn round_trip(&self) -> RoundTrip {
        self.0.meter.round_trip()
    }

    /// The safety margin for time limits of the server, in milliseconds: two round trips, as
    /// latency varies.
    #[must_use]
    pub fn margin_ms(&self) -> u64 {
        LEAST_MARGIN_MS.max(2 * self.round_trip().p50.unwrap_or(0))
    }

    /// Its counters.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.0.record
    }

    /// The user of the token in use.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.auth.subject()
    }

    /// Takes the effects since the last call, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.0.effects)
    }

    /// When [`Connection::handle_timeout`] is due, and why.
    #[must_use]
    pub fn poll_timeout(&self, config: &Config) -> Option<Timer> {
        let phase = match &self.0.phase {
            Phase::Disconnected => None,
            Phase::Connecting(attempt) => Some(attempt.poll_timeout()),
            Phase::Ready(session) => {
                let quality = timer(self.0.meter.poll_timeout(), TimerReason::Quality);
                earliest(session.poll_timeout(), quality)
            }
            Phase::BackingOff { until } => timer(Some(*until), TimerReason::Reconnect),
        };
        earliest(phase, self.0.demand.poll_timeout(config))
    }

    /// Whether the app's answer to this request is pending.
    #[must_use]
    pub fn awaits(&self, awaited: RequestId) -> bool {
        self.0.phase.awaits(awaited)
    }

    /// Whether a new token can be sent on the open connection.
    #[must_use]
    pub const fn takes_tokens(&self) -> bool {
        matches!(&self.0.phase, Phase::Ready(session) if session.reauth)
    }

    // ----- the parts -----

    /// Applies the events of the socket and the app's answers to token requests.
    pub const fn answers(&mut self) -> Answers<'_> {
        Answers(&mut self.0)
    }

    /// Maintains the ready connection, if there is one.
    pub const fn upkeep(&mut self) -> Upkeep<'_> {
        Upkeep(&mut self.0)
    }

    // ----- calls of the app -----

    /// Sets the demand for a connection.
    pub fn set_demand(&mut self, env: &mut Env, demand: Demand, trigger: Trigger) {
        let is_new = trigger == Trigger::NewDemand;
        if is_new {
            self.0.demand.revive();
        }
        self.0.demand.set_demand(demand, env.now, &env.config);
        self.0.evaluate(env, Reason::Demand);
        if is_new {
            self.0.replace_rejected_token(env);
            self.0.try_recover(env, Reason::Demand);
        }
    }

    /// Applies `connect()`: restarts a failed connection, and skips the backoff.
    pub fn connect(&mut self, env: &mut Env) {
        self.0.demand.revive();
        // The browser's report about the network may be wrong: it is ignored until the next one.
        self.0.demand.set_network(Network::Online);
        self.0.auth.reset_denials();
        self.0.replace_rejected_token(env);
        self.0.restart(env, Reason::Demand);
    }

    /// Applies `disconnect()`.
    pub fn disconnect(&mut self, env: &mut Env) {
        self.0.demand.disconnect();
        self.0.evaluate(env, Reason::DisconnectCalled);
    }

    /// Applies `destroy()`.
    pub fn destroy(&mut self, env: &mut Env) {
        self.0.demand.destroy();
        self.0.evaluate(env, Reason::Destroyed);
    }

    /// Applies `setToken()`: the token is sent on the open connection if the server supports that,
    /// else on a new one.
    pub fn set_token(&mut self, env: &mut Env, grant: Option<Box<Grant>>) {
        self.0.auth.give(grant.clone());
        let ready = matches!(self.0.phase, Phase::Ready(_));
        if ready && self.0.auth.is_current(grant.as_deref()) {
            return;
        }
        if ready {
            self.upkeep().use_renewed(env, grant);
        } else if self.0.status.is_failed() || !matches!(self.0.phase, Phase::Disconnected) {
            self.0.abandon(env, close::NORMAL);
            self.0.restart(env, Reason::TokenChanged);
        }
    }

    /// Opens a new connection with changed options, if there is one or a failed one.
    pub fn reconfigured(&mut self, env: &mut Env) {
        if self.0.status.is_failed() || !matches!(self.0.phase, Phase::Disconnected) {
            self.0.abandon(env, close::NORMAL);
            self.0.restart(env, Reason::Reconfigured);
        }
    }

    // ----- the page and the time -----

    /// Applies a change of the page's visibility or lifecycle.
    pub fn page(&mut self, env: &mut Env, page: Page) {
        let back = self.0.demand.page(env.now, page, &env.config);
        let resumed = matches!(page, Page::Resumed | Page::ResumedHidden);
        let reason = if resumed { Reason::Resumed } else { Reason::Visible };
        if back {
            self.0.retry_now(env, reason);
        }
        self.0.evaluate(env, reason);
    }

    /// Applies a report of the browser about the network.
    pub fn set_network(&mut self, env: &mut Env, network: Network) {
        self.0.demand.set_network(network);
        // `online` indicates a change even if no `offline` was received, as in a frozen page or
        // before the engine was loaded.
        if network == Network::Online {
            self.0.retry_now(env, Reason::Online);
        }
        self.0.evaluate(env, Reason::Online);
    }

    /// Sets the host of the address.
    pub fn set_server_host(&mut self, env: &mut Env, host: ServerHost) {
        self.0.demand.set_server_host(host);
        self.0.evaluate(env, Reason::Online);
    }

    /// Skips the backoff and sends a ping, after the device slept.
    pub fn woke(&mut self, env: &mut Env) {
        self.0.retry_now(env, Reason::Retry);
        self.0.evaluate(env, Reason::Retry);
    }

    /// Performs what is due.
    pub fn handle_timeout(&mut self, env: &mut Env) {
        self.0.demand.handle_timeout(env.now, &env.config);
        self.0.evaluate(env, Reason::Demand);
        match &self.0.phase {
            Phase::Connecting(attempt) => match attempt.timed_out(env.now) {
                None => {}
                Some(AttemptTimeout::Token) => {
                    self.0.token_failed(env, "getToken did not answer within connectTimeoutMs");
                }
                Some(AttemptTimeout::Socket(socket)) => {
                    self.0.effects.push(Effect::Abort(socket));
                    let error = Error::new(Code::ConnectTimeout);
                    self.0.retry(env, Reason::ConnectTimeout, error, None);
                }
                Some(AttemptTimeout::Close(socket)) => {
                    self.0.effects.push(Effect::Abort(socket));
                    let error = Error::new(Code::ConnectRefused);
                    self.0.retry(env, Reason::ConnectRefused, error, None);
                }
            },
            Phase::BackingOff { until } if env.now >= *until => {
                if self.0.status.is_failed() {
                    self.0.phase = Phase::Disconnected;
                    self.0.try_recover(env, Reason::Retry);
                } else if self.0.demand.decision() == Decision::Connect {
                    self.0.attempt(env, Reason::Retry);
                } else {
                    self.0.disconnect_as(State::Idle, Reason::NoDemand);
                }
            }
            Phase::Ready(_) => self.upkeep().handle_timeout(env),
            _ => {}
        }
    }
}
