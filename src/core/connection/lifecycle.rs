//! The lifecycle of the connection: attempts, the ready connection, and the phase after its end
//! (backoff, disconnected, or failed).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::attempt::Attempt;
use super::auth::{Auth, Next};
use super::close_reason::CloseReason;
use super::demand::{Decision, DemandState};
use super::effect::{Effect, close};
use super::failure::{Failure, Remedy, gave_up};
use super::phase::Phase;
use super::quality::Meter;
use super::session::Session;
use super::stats::Record;
use super::status::Status;
use super::token_refresh::TokenRefresh;
use crate::core::auth_success::AuthSuccess;
use crate::core::backoff::Backoff;
use crate::core::config::AuthMode;
use crate::core::env::Env;
use crate::core::error::{Code, Error, Rejection};
use crate::core::id::{Counter, RequestId, SocketId};
use crate::core::profile::TokenOffer;
use crate::core::reason::Reason;
use crate::core::state::{Quality, State};
use crate::core::time::Instant;
use crate::core::token::Grant;

/// The state of the connection, and its transitions.
#[derive(Debug, Default)]
pub(super) struct Lifecycle {
    pub(super) status: Status,
    pub(super) phase: Phase,
    pub(super) demand: DemandState,
    pub(super) auth: Auth,
    pub(super) backoff: Backoff,
    pub(super) meter: Meter,
    pub(super) record: Record,
    pub(super) failure: Failure,
    pub(super) close_reason: CloseReason,
    pub(super) effects: Vec<Effect>,
    sockets: Counter,
    requests: Counter,
}

impl Lifecycle {
    // ----- attempts -----

    /// Begins an attempt to connect.
    pub(super) fn attempt(&mut self, env: &mut Env, reason: Reason) {
        self.record.attempts += 1;
        let next = if env.config.auth == AuthMode::None {
            Next::Use(None)
        } else {
            self.auth.next(&env.config)
        };
        let state =
            if self.backoff.failures() > 0 { State::Reconnecting } else { State::Connecting };
        match next {
            Next::Use(grant) => {
                self.status.set_once(state, reason, &mut self.effects);
                self.open(env, grant);
            }
            Next::FetchToken => {
                self.fetch_token(env);
                self.status.set_once(state, reason, &mut self.effects);
            }
            Next::Denied => self.fail_denied(env),
        }
    }

    /// Requests a token for the next connection from the app.
    pub(super) fn fetch_token(&mut self, env: &Env) {
        let request = RequestId(self.requests.next());
        let deadline = env.now + env.config.connect_timeout_ms;
        self.phase = Phase::Connecting(Attempt::FetchingToken { request, deadline });
        self.effects.push(Effect::FetchToken(request));
    }

    /// Opens a socket with another token after a failure.
    pub(super) fn open_again(&mut self, env: &Env, grant: Option<Box<Grant>>, reason: Reason) {
        self.record.attempts += 1;
        self.set_state(State::Reconnecting, reason);
        self.open(env, grant);
    }

    /// Opens a socket with this token.
    pub(super) fn open(&mut self, env: &Env, grant: Option<Box<Grant>>) {
        let socket = SocketId(self.sockets.next());
        let token = grant.map(|grant| grant.token);
        let offered = token.clone().filter(|token| match env.profile().token_offer() {
            TokenOffer::Plain => is_subprotocol(token.reveal()),
            TokenOffer::Encoded => true,
            TokenOffer::None => false,
        });
        self.close_reason.clear();
        let deadline = env.now + env.config.connect_timeout_ms;
        self.phase = Phase::Connecting(Attempt::Opening { socket, token, deadline });
        self.effects.push(Effect::Open(socket, offered));
    }

    /// Makes the authenticated connection the ready one.
    pub(super) fn become_ready(&mut self, env: &mut Env, socket: SocketId, success: &AuthSuccess) {
        let due = self.auth.refresh_at(env.now, success.expires_in_ms, &env.config);
        let refresh = TokenRefresh::new(due);
        self.phase = Phase::Ready(Session::new(env.now, socket, success, &env.config, refresh));
        self.close_reason.clear();
        self.record.up(env.now);
        self.set_state(State::Ready, Reason::Authenticated);
        self.regrade(env.now);
        self.effects.push(Effect::Up(socket));
    }

    // ----- the ready connection -----

    /// Resets the failure count if the connection has lasted long enough: the next outage begins at
    /// its end.
    pub(super) fn note_stable(&mut self, env: &Env) {
        if let Phase::Ready(session) = &mut self.phase
            && session.stable_at.take_if(|at| env.now >= *at).is_some()
        {
            self.backoff.reset();
            self.auth.mark_stable();
        }
    }

    /// Requests another token at once, if the one in use was rejected. To be called at events after
    /// which the app may have another one.
    pub(super) fn replace_rejected_token(&mut self, env: &Env) {
        if let Phase::Ready(session) = &self.phase
            && session.refresh.is_planned()
            && self.auth.is_current_rejected()
        {
            self.fetch_renewed(env);
        }
    }

    /// Requests a token for the open connection from the app.
    pub(super) fn fetch_renewed(&mut self, env: &Env) {
        let request = RequestId(self.requests.next());
        if let Phase::Ready(session) = &mut self.phase {
            let deadline = env.now + env.config.connect_timeout_ms;
            session.refresh.fetching(request, deadline);
            self.effects.push(Effect::FetchToken(request));
        }
    }

    /// Records the uptime of a ready connection that ends.
    pub(super) fn note_uptime(&mut self, env: &Env) {
        // The timer for it may be late.
        self.note_stable(env);
        if let Phase::Ready(session) = &self.phase {
            self.record.down(env.now, session.since);
        }
    }

    pub(super) fn set_state(&mut self, state: State, reason: Reason) {
        self.status.set(state, reason, &mut self.effects);
    }

    pub(super) fn regrade(&mut self, now: Instant) {
        self.status.set_quality(self.meter.grade(now), &mut self.effects);
    }

    // ----- the decision whether to connect -----

    /// Opens or closes the connection according to [`DemandState::decision`].
    pub(super) fn evaluate(&mut self, env: &mut Env, cause: Reason) {
        match self.demand.decision() {
            // Hiding the page or losing the network does not end a failure.
            Decision::Close(State::Paused | State::Offline, _) if self.status.is_failed() => {}
            Decision::Close(state, reason) => {
                if self.status.state() != state {
                    let code = if state == State::Paused { close::HIDDEN } else { close::NORMAL };
                    self.abandon(env, code);
                    self.disconnect_as(state, reason);
                }
            }
            Decision::StayOpen => {
                let is_disconnected = matches!(self.phase, Phase::Disconnected);
                if is_disconnected && !matches!(self.status.state(), State::Idle | State::Failed) {
                    self.disconnect_as(State::Idle, Reason::NoDemand);
                }
            }
            Decision::Connect => {
                if matches!(self.phase, Phase::Disconnected) && !self.status.is_failed() {
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

    /// Skips the backoff, and sends a ping on an open socket, after an event of the page.
    pub(super) fn retry_now(&mut self, env: &mut Env, reason: Reason) {
        self.backoff.retry_now();
        match &mut self.phase {
            Phase::Ready(session) => {
                let rtt = self.meter.round_trip().p50.unwrap_or(0);
                // The cap is needed as a pong that was read late, after a sleep, is a long round
                // trip.
                let usual = (4 * rtt).min(env.config.heartbeat_timeout_ms).max(1_500);
                let timeout = env.config.probe_timeout_ms.unwrap_or(usual);
                session.heartbeat.probe(env.now, timeout);
                self.effects.push(Effect::Ping(session.socket));
                self.replace_rejected_token(env);
            }
            _ if self.status.is_failed() => self.try_recover(env, reason),
            Phase::BackingOff { .. } if self.demand.decision() == Decision::Connect => {
                self.attempt(env, reason);
            }
            _ => {}
        }
    }

    /// Begins an attempt without backoff, if there is demand; also after a failure.
    pub(super) fn restart(&mut self, env: &mut Env, reason: Reason) {
        if self.status.is_failed() {
            self.backoff.reset();
        } else {
            self.backoff.retry_now();
        }
        let stuck = self.status.is_failed() || matches!(self.phase, Phase::BackingOff { .. });
        let idle = matches!(self.phase, Phase::Disconnected);
        if (stuck || idle) && self.demand.decision() == Decision::Connect {
            self.attempt(env, reason);
        } else {
            self.evaluate(env, reason);
        }
    }

    // ----- the end of a connection -----

    /// Handles an error of the app's token source, or its timeout.
    pub(super) fn token_failed(&mut self, env: &mut Env, message: &str) {
        let error = Error::new(Code::TokenFailed).with_cause(message);
        if self.status.is_failed() {
            self.effects.push(Effect::Error(error));
            self.await_token(env);
        } else {
            self.retry(env, Reason::TokenFailed, error, None);
        }
    }

    /// Handles a close that rejects the token.
    pub(super) fn denied(
        &mut self,
        env: &mut Env,
        code: u16,
        server_error: Option<Rejection>,
        message: String,
    ) {
        let server_error = server_error.unwrap_or(Rejection { message, ..Rejection::default() });
        let retry_after_ms = server_error.retry_after_ms;
        let (reason, error) = self.failure.token_rejected(code, server_error);
        if self.auth.denied(&env.config) {
            self.retry(env, reason, error, retry_after_ms);
        } else {
            self.fail(env, reason, error);
        }
    }

    /// Handles a close with any other code: fails after a permanent error of the server, else
    /// begins the backoff.
    pub(super) fn closed(
        &mut self,
        env: &mut Env,
        (code, reason): (Code, Reason),
        server_error: Option<Rejection>,
        message: &str,
    ) {
        if let Some(rejection) = server_error {
            let fatal = rejection.retryable == Some(false);
            let retry_after_ms = rejection.retry_after_ms;
            let error = Error::from_rejection(rejection, Code::ServerError);
            if fatal {
                self.fail(env, Reason::ServerFatal, error);
            } else {
                self.retry(env, Reason::ServerError, error, retry_after_ms);
            }
            return;
        }
        let mut error = Error::new(code);
        if !message.is_empty() {
            error = error.with_cause(message);
        }
        self.retry(env, reason, error, None);
    }

    /// Ends the connection, which was lost with this code.
    pub(super) fn lose(&mut self, env: &Env, code: u16) {
        if matches!(self.phase, Phase::Ready(_)) {
            self.meter.loss(env.now);
            self.note_uptime(env);
            let rejected = matches!(code, close::AUTH_FAILED | close::FORBIDDEN);
            self.effects.push(Effect::Down((!rejected).then_some(code)));
        }
        self.phase = Phase::Disconnected;
    }

    /// Closes the current socket or attempt, without an error.
    pub(super) fn abandon(&mut self, env: &Env, code: u16) {
        let ready = matches!(self.phase, Phase::Ready(_));
        self.note_uptime(env);
        if let Some(socket) = self.phase.socket() {
            self.effects.push(Effect::Close(socket, code));
        }
        self.phase = Phase::Disconnected;
        if ready {
            self.effects.push(Effect::Down(None));
        }
    }

    /// Changes to a state without a connection.
    pub(super) fn disconnect_as(&mut self, state: State, reason: Reason) {
        self.phase = Phase::Disconnected;
        self.set_state(state, reason);
        self.status.set_quality(Quality::Offline, &mut self.effects);
    }

    /// Begins the backoff after an error, or fails if no attempts are left.
    pub(super) fn retry(
        &mut self,
        env: &mut Env,
        reason: Reason,
        error: Error,
        retry_after_ms: Option<u64>,
    ) {
        self.record.errors += 1;
        if env
            .config
            .reconnect_max_attempts
            .is_some_and(|max| u64::from(self.backoff.failures()) + 1 >= max)
        {
            self.fail(env, Reason::GaveUp, gave_up(&error));
            return;
        }
        let until = self.backoff.fail(env, retry_after_ms);
        self.phase = Phase::BackingOff { until };
        self.status.set_for(State::Reconnecting, reason, error, &mut self.effects);
    }

    /// Fails because the only token was rejected before.
    pub(super) fn fail_denied(&mut self, env: &mut Env) {
        let (reason, error) = self.failure.denial();
        self.fail(env, reason, error);
    }

    /// Fails permanently, until the failure's [`Remedy`].
    pub(super) fn fail(&mut self, env: &mut Env, reason: Reason, error: Error) {
        self.record.errors += 1;
        self.phase = Phase::Disconnected;
        if self.failure.failed(reason, &env.config, &self.auth) == Remedy::Token {
            self.await_token(env);
        }
        self.status.set_for(State::Failed, reason, error, &mut self.effects);
    }

    /// Requests a token again later, while the connection stays failed, because the app has only
    /// the rejected one.
    pub(super) fn await_token(&mut self, env: &mut Env) {
        self.phase = Phase::BackingOff { until: self.auth.fetch_again_at(env) };
    }

    /// Tries to end a failure, if its remedy permits it and there is demand.
    pub(super) fn try_recover(&mut self, env: &mut Env, reason: Reason) {
        if !self.status.is_failed() || self.demand.decision() != Decision::Connect {
            return;
        }
        match (self.failure.remedy(), &self.phase) {
            (Remedy::Nothing, _) | (Remedy::Token, Phase::Connecting(_)) => {}
            (Remedy::Token, _) => match self.auth.next(&env.config) {
                Next::Use(grant) => self.open_again(env, grant, reason),
                Next::FetchToken => self.fetch_token(env),
                Next::Denied => self.await_token(env),
            },
            (Remedy::Demand, _) => {
                self.backoff.reset();
                self.attempt(env, reason);
            }
        }
    }
}

/// Whether a text is valid in `Sec-WebSocket-Protocol` (RFC 6455 §4.1: a token of RFC 2616).
fn is_subprotocol(text: &str) -> bool {
    let legal = |c: u8| c.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&c);
    !text.is_empty() && text.bytes().all(legal)
}
