//! The upkeep of a ready connection: pings, and a new token in time.

use alloc::boxed::Box;

use super::auth::Next;
use super::effect::{Effect, close};
use super::heartbeat::HeartbeatAction;
use super::token_refresh::RefreshAction;
use super::{Connection, Phase};
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::RequestId;
use crate::core::reason::Reason;
use crate::core::token::Grant;

impl Connection {
    pub(super) fn session_timeout(&mut self, env: &mut Env) {
        self.note_stable(env);
        let Phase::Ready(session) = &mut self.phase else {
            return;
        };
        match session.heartbeat.handle_timeout(env.now) {
            HeartbeatAction::Fine => {}
            HeartbeatAction::Ping => self.effects.push(Effect::Ping(session.socket)),
            HeartbeatAction::Dead(reason) => {
                self.effects.push(Effect::Close(session.socket, close::NORMAL));
                self.lose(env, close::ABNORMAL);
                self.retry(env, reason, Error::new(Code::HeartbeatTimeout), None);
                return;
            }
        }
        let retry_ms = env.config.refresh_min_interval_ms;
        match session.refresh.handle_timeout(env.now, retry_ms) {
            RefreshAction::None => {}
            RefreshAction::Fetch => self.fetch_renewed(env),
            RefreshAction::FetchTimedOut => {
                self.effects.push(Effect::Error(Error::new(Code::TokenFailed)));
            }
            RefreshAction::ReauthenticationTimedOut => {
                self.effects.push(Effect::Close(session.socket, close::NORMAL));
                self.lose(env, close::ABNORMAL);
                self.retry(env, Reason::ReauthTimeout, Error::new(Code::ConnectionLost), None);
                return;
            }
        }
        self.regrade(env.now);
    }

    /// A connection that lasted long enough resets the failure count: the next outage begins with its
    /// end.
    pub(super) fn note_stable(&mut self, env: &Env) {
        if let Phase::Ready(session) = &mut self.phase
            && session.stable_at.take_if(|at| env.now >= *at).is_some()
        {
            self.backoff.reset();
            self.auth.mark_stable();
        }
    }

    /// The token in use was rejected on a connection that stays open: another one is requested at once,
    /// if there is a source. Returns whether there is.
    pub fn renew(&mut self, env: &mut Env) -> bool {
        if let Phase::Ready(session) = &mut self.phase
            && session.refresh.is_waiting()
        {
            let at = self.auth.mark_rejected(env);
            if env.config.has_token_source {
                session.refresh.plan(at);
            }
        }
        env.config.has_token_source
    }

    /// Whether a new token can be sent on the open connection.
    #[must_use]
    pub const fn takes_tokens(&self) -> bool {
        matches!(&self.phase, Phase::Ready(session) if session.reauth)
    }

    /// An event after which the app may have another token: one is requested at once, if the token in
    /// use was rejected.
    pub(super) fn replace_rejected_token(&mut self, env: &Env) {
        if let Phase::Ready(session) = &self.phase
            && session.refresh.is_planned()
            && self.auth.is_current_rejected()
        {
            self.fetch_renewed(env);
        }
    }

    fn fetch_renewed(&mut self, env: &Env) {
        let request = RequestId(self.requests.next());
        if let Phase::Ready(session) = &mut self.phase {
            let deadline = env.now + env.config.connect_timeout_ms;
            session.refresh.fetching(request, deadline);
            self.effects.push(Effect::FetchToken(request));
        }
    }

    /// The server cannot answer for so long, in milliseconds.
    pub const fn set_extra_timeout(&mut self, ms: u64) {
        if let Phase::Ready(session) = &mut self.phase {
            session.heartbeat.set_extra_timeout(ms);
        }
    }

    /// A new token for the open connection: it is sent to the server, or used for a new connection.
    pub(super) fn use_renewed(&mut self, env: &mut Env, grant: Option<Box<Grant>>) {
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
            session.refresh.reauthenticating(env.now + env.config.connect_timeout_ms);
            let token = grant.map(|grant| grant.token);
            self.effects.push(Effect::Authenticate(session.socket, token));
        } else {
            self.abandon(env, close::NEW_TOKEN);
            self.auth.give(grant);
            self.attempt(env, Reason::TokenChanged);
        }
    }
}
