//! Inputs of the socket, and the app's tokens.

use alloc::boxed::Box;
use alloc::string::String;

use super::attempt::Attempt;
use super::auth::Next;
use super::demand::Decision;
use super::effect::{Effect, close};
use super::lifecycle::Lifecycle;
use super::phase::Phase;
use super::upkeep::Upkeep;
use crate::core::auth_success::{AuthSuccess, Features};
use crate::core::config::AuthMode;
use crate::core::env::Env;
use crate::core::error::{Code, Error, Rejection};
use crate::core::id::{RequestId, SocketId};
use crate::core::input::ClosedBy;
use crate::core::reason::Reason;
use crate::core::state::State;
use crate::core::time::Instant;
use crate::core::token::Grant;

/// Applies the events of the socket and the app's answers to token requests.
#[derive(Debug)]
pub struct Answers<'a>(pub(super) &'a mut Lifecycle);

impl Answers<'_> {
    /// Handles the opening of the socket: begins the authentication, if the protocol has one.
    pub fn socket_opened(self, env: &mut Env, opened: SocketId) {
        let Phase::Connecting(attempt) = &mut self.0.phase else { return };
        let Some(token) = attempt.opened(env.now, opened) else { return };
        if !env.profile().has_handshake() {
            // In such a protocol the joins can contain the token.
            let reauth = env.profile().joins_carry_tokens();
            if reauth {
                self.0.effects.push(Effect::Authenticate(opened, token));
            }
            let features = Features { reauth, ..Features::default() };
            self.0.become_ready(env, opened, &AuthSuccess { features, ..AuthSuccess::default() });
            return;
        }
        let token = token.filter(|_| env.config.auth != AuthMode::Subprotocol);
        self.0.effects.push(Effect::Authenticate(opened, token));
        self.0.set_state(State::Authenticating, Reason::Opened);
    }

    /// Applies the server's acceptance of the connection, or of a new token on it.
    pub fn authenticated(self, env: &mut Env, success: &AuthSuccess) {
        match &mut self.0.phase {
            Phase::Connecting(Attempt::Authenticating { socket, since, .. }) => {
                let (socket, rtt) = (*socket, env.now.duration_since(*since));
                self.0.meter.sample(rtt);
                self.0.become_ready(env, socket, success);
            }
            Phase::Ready(session) => {
                let due = self.0.auth.refresh_at(env.now, success.expires_in_ms, &env.config);
                session.refresh.accepted(due);
            }
            _ => {}
        }
    }

    /// Handles an error of the server about the connection as a whole.
    pub fn server_error(self, now: Instant, rejection: Rejection) {
        let error = Error::from_rejection(rejection.clone(), Code::ServerError);
        self.0.close_reason.received(now, rejection);
        if matches!(self.0.phase, Phase::Ready(_)) {
            self.0.effects.push(Effect::Error(error));
        }
    }

    /// Marks the connection as alive, because a frame was received.
    pub fn frame_received(self, now: Instant) -> Option<Instant> {
        match &mut self.0.phase {
            Phase::Ready(session) => session.heartbeat.frame_received(now),
            _ => None,
        }
    }

    /// Records the round trip of a pong.
    pub fn pong_received(self, now: Instant) {
        if let Phase::Ready(session) = &mut self.0.phase
            && let Some(rtt) = session.heartbeat.pong_received(now)
        {
            self.0.meter.sample(rtt);
            self.0.regrade(now);
        }
    }

    /// Handles a failure of the socket while it is being opened. If a policy of the page forbids
    /// the socket, no close follows.
    pub fn socket_errored(self, now: Instant, socket: SocketId) {
        if let Phase::Connecting(attempt) = &mut self.0.phase {
            attempt.errored(now, socket);
        }
    }

    /// Handles the close of the socket: begins the backoff, or fails.
    pub fn socket_closed(self, env: &mut Env, socket: SocketId, by: ClosedBy) {
        if self.0.phase.socket() != Some(socket) {
            return;
        }
        let cause = match &self.0.phase {
            Phase::Connecting(attempt) if attempt.is_opening() => {
                (Code::ConnectRefused, Reason::ConnectRefused)
            }
            _ => (Code::ConnectionLost, Reason::ConnectionLost),
        };
        let server_error = self.0.close_reason.take(env.now);
        self.0.lose(
            env,
            match by {
                ClosedBy::Peer(code, _) => code,
                ClosedBy::BadUrl(_) | ClosedBy::Blocked(_) => close::ABNORMAL,
            },
        );
        match by {
            ClosedBy::BadUrl(message) => {
                self.0.retry(
                    env,
                    Reason::UrlFailed,
                    Error::new(Code::UrlFailed).with_cause(&message),
                    None,
                );
            }
            ClosedBy::Blocked(message) => {
                let error = Error::new(Code::ConnectRefused).with_cause(&message);
                self.0.retry(env, Reason::ConnectRefused, error, None);
            }
            ClosedBy::Peer(code @ (close::AUTH_FAILED | close::FORBIDDEN), message) => {
                self.0.denied(env, code, server_error, message);
            }
            ClosedBy::Peer(_, message) => self.0.closed(env, cause, server_error, &message),
        }
    }

    /// Handles the app's answer to a token request.
    pub fn token(
        self,
        env: &mut Env,
        answered: RequestId,
        answer: Result<Option<Box<Grant>>, String>,
    ) {
        let is_awaited = self.0.phase.awaits(answered);
        match &mut self.0.phase {
            Phase::Connecting(_) if is_awaited => {
                let failed = self.0.status.is_failed();
                if failed && self.0.demand.decision() != Decision::Connect {
                    // It is requested again with new demand.
                    self.0.phase = Phase::Disconnected;
                    return;
                }
                match answer.map(|grant| self.0.auth.try_out(grant)) {
                    Ok(Next::Use(grant)) if failed => self.0.open_again(env, grant, Reason::Retry),
                    Ok(Next::Use(grant)) => self.0.open(env, grant),
                    Ok(Next::FetchToken | Next::Denied) if failed => self.0.await_token(env),
                    Ok(Next::FetchToken | Next::Denied) => self.0.fail_denied(env),
                    Err(message) => self.0.token_failed(env, &message),
                }
            }
            Phase::Ready(session) => {
                if !is_awaited {
                    return;
                }
                let again = if self.0.auth.is_current_rejected() {
                    self.0.auth.fetch_again_at(env)
                } else {
                    env.now + env.config.refresh_min_interval_ms
                };
                session.refresh.plan(again);
                match answer {
                    Ok(grant) if self.0.auth.is_current(grant.as_deref()) => {
                        if self.0.auth.is_current_rejected() {
                            self.0.effects.push(Effect::TokenDenied);
                        }
                    }
                    Ok(grant) => Upkeep(self.0).use_renewed(env, grant),
                    Err(message) => {
                        let error = Error::new(Code::TokenFailed).with_cause(&message);
                        self.0.effects.push(Effect::Error(error));
                    }
                }
            }
            _ => {}
        }
    }
}
