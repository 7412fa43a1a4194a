//! The upkeep of a ready connection: pings, and the renewal of its token.

use alloc::boxed::Box;

use super::auth::Next;
use super::effect::{Effect, close};
use super::heartbeat::HeartbeatAction;
use super::lifecycle::Lifecycle;
use super::phase::Phase;
use super::token_refresh::RefreshAction;
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::reason::Reason;
use crate::core::token::Grant;

/// Maintains the ready connection, if there is one.
#[derive(Debug)]
pub struct Upkeep<'a>(pub(super) &'a mut Lifecycle);

impl Upkeep<'_> {
    pub(super) fn handle_timeout(self, env: &mut Env) {
        self.0.note_stable(env);
        let Phase::Ready(session) = &mut self.0.phase else {
            return;
        };
        match session.heartbeat.handle_timeout(env.now) {
            HeartbeatAction::Fine => {}
            HeartbeatAction::Ping => self.0.effects.push(Effect::Ping(session.socket)),
            HeartbeatAction::Dead(reason) => {
                self.0.effects.push(Effect::Close(session.socket, close::NORMAL));
                self.0.lose(env, close::ABNORMAL);
                self.0.retry(env, reason, Error::new(Code::HeartbeatTimeout), None);
                return;
            }
        }
        let retry_ms = env.config.refresh_min_interval_ms;
        match session.refresh.handle_timeout(env.now, retry_ms) {
            RefreshAction::None => {}
            RefreshAction::Fetch => self.0.fetch_renewed(env),
            RefreshAction::FetchTimedOut => {
                self.0.effects.push(Effect::Error(Error::new(Code::TokenFailed)));
            }
            RefreshAction::ReauthenticationTimedOut => {
                self.0.effects.push(Effect::Close(session.socket, close::NORMAL));
                self.0.lose(env, close::ABNORMAL);
                self.0.retry(env, Reason::ReauthTimeout, Error::new(Code::ConnectionLost), None);
                return;
            }
        }
        self.0.regrade(env.now);
    }

    /// Requests another token, because the one in use was rejected on a connection that stays open.
    /// Returns whether there is a source of tokens.
    pub fn renew(self, env: &mut Env) -> bool {
        if let Phase::Ready(session) = &mut self.0.phase
            && session.refresh.is_waiting()
        {
            let at = self.0.auth.mark_rejected(env);
            if env.config.has_token_source {
                session.refresh.plan(at);
            }
        }
        env.config.has_token_source
    }

    /// Sets the time for which the server cannot answer pings, in milliseconds.
    pub const fn set_extra_timeout(self, ms: u64) {
        if let Phase::Ready(session) = &mut self.0.phase {
            session.heartbeat.set_extra_timeout(ms);
        }
    }

    /// Uses another token: sends it on the open connection, or opens a new connection with it.
    pub(super) fn use_renewed(self, env: &mut Env, grant: Option<Box<Grant>>) {
        let Phase::Ready(session) = &mut self.0.phase else {
            return;
        };
        // A connection belongs to one user: the token of another user needs a new connection.
        let same_user = grant.as_ref().is_some_and(|grant| {
            grant.subject.is_none() || grant.subject.as_deref() == self.0.auth.subject()
        });
        if session.reauth && same_user {
            let Next::Use(grant) = self.0.auth.try_out(grant) else {
                self.0.effects.push(Effect::Error(Error::new(Code::AuthDenied)));
                return;
            };
            session.refresh.reauthenticating(env.now + env.config.connect_timeout_ms);
            let token = grant.map(|grant| grant.token);
            self.0.effects.push(Effect::Authenticate(session.socket, token));
        } else {
            self.0.abandon(env, close::NEW_TOKEN);
            self.0.auth.give(grant);
            self.0.attempt(env, Reason::TokenChanged);
        }
    }
}
