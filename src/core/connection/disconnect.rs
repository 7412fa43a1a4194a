//! The end of a connection, and the next state: backoff, disconnected, or failed.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::auth::Next;
use super::demand::Decision;
use super::effect::{Effect, close};
use super::{Connection, Phase, Remedy};
use crate::core::env::Env;
use crate::core::error::{Cause, Code, Error, Rejection};
use crate::core::reason::Reason;
use crate::core::state::{Quality, State};

impl Connection {
    pub(super) fn token_failed(&mut self, env: &mut Env, message: &str) {
        let error = Error::new(Code::TokenFailed).with_cause(message);
        if self.status.is_failed() {
            self.effects.push(Effect::Error(error));
            self.await_token(env);
        } else {
            self.retry(env, Reason::TokenFailed, error, None);
        }
    }

    pub(super) fn denied(
        &mut self,
        env: &mut Env,
        code: u16,
        server_error: Option<Rejection>,
        message: String,
    ) {
        let (code, reason) = if code == close::FORBIDDEN {
            (Code::Forbidden, Reason::Forbidden)
        } else {
            (Code::AuthDenied, Reason::AuthDenied)
        };
        let server_error = server_error.unwrap_or(Rejection { message, ..Rejection::default() });
        let mut error = Error::new(code);
        error.cause = Some(Cause { code: server_error.code, message: server_error.message });
        self.rejection = Some((reason, error.clone()));
        if self.auth.denied(&env.config) {
            self.retry(env, reason, error, server_error.retry_after_ms);
        } else {
            self.fail(env, reason, error);
        }
    }

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

    /// The connection was lost, with this code.
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
        if let Some(socket) = self.socket() {
            self.effects.push(Effect::Close(socket, code));
        }
        self.phase = Phase::Disconnected;
        if ready {
            self.effects.push(Effect::Down(None));
        }
    }

    pub(super) fn disconnect_as(&mut self, state: State, reason: Reason) {
        self.phase = Phase::Disconnected;
        self.set_state(state, reason);
        self.status.set_quality(Quality::Offline, &mut self.effects);
    }

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
            let mut gave_up = Error::new(Code::GaveUp);
            gave_up.cause = Some(Cause {
                code: Some(error.code.name().to_owned()),
                message: error.code.message().to_owned(),
            });
            self.fail(env, Reason::GaveUp, gave_up);
            return;
        }
        let until = self.backoff.fail(env, retry_after_ms);
        self.phase = Phase::BackingOff { until };
        self.status.set_for(State::Reconnecting, reason, error, &mut self.effects);
    }

    /// The only token was rejected before.
    pub(super) fn fail_denied(&mut self, env: &mut Env) {
        let denial = || (Reason::AuthDenied, Error::new(Code::AuthDenied));
        let (reason, error) = self.rejection.clone().unwrap_or_else(denial);
        self.fail(env, reason, error);
    }

    pub(super) fn fail(&mut self, env: &mut Env, reason: Reason, error: Error) {
        self.record.errors += 1;
        self.phase = Phase::Disconnected;
        self.remedy = match reason {
            Reason::AuthDenied | Reason::Forbidden if env.config.has_token_source => Remedy::Token,
            Reason::AuthDenied | Reason::Forbidden if self.auth.has_rejected() => Remedy::Nothing,
            Reason::ServerFatal => Remedy::Nothing,
            _ => Remedy::Demand,
        };
        if self.remedy == Remedy::Token {
            self.await_token(env);
        }
        self.status.set_for(State::Failed, reason, error, &mut self.effects);
    }

    /// The app has only the rejected token. It is requested again later, while the connection stays
    /// failed.
    pub(super) fn await_token(&mut self, env: &mut Env) {
        self.phase = Phase::BackingOff { until: self.auth.fetch_again_at(env) };
    }

    /// Tries to end a failure, if it can end by itself and there is demand.
    pub(super) fn try_recover(&mut self, env: &mut Env, reason: Reason) {
        if !self.status.is_failed() || self.demand.decision() != Decision::Connect {
            return;
        }
        match (self.remedy, &self.phase) {
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
