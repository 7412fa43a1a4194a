//! Connecting: a token, a socket, the server's acceptance.

use alloc::boxed::Box;

use super::attempt::Attempt;
use super::auth::Next;
use super::effect::Effect;
use super::session::Session;
use super::token_refresh::TokenRefresh;
use super::{Connection, Phase};
use crate::core::auth_success::AuthSuccess;
use crate::core::config::AuthMode;
use crate::core::env::Env;
use crate::core::id::{RequestId, SocketId};
use crate::core::profile::TokenOffer;
use crate::core::reason::Reason;
use crate::core::state::State;
use crate::core::token::Grant;

impl Connection {
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

    /// Requests a token to connect with from the app.
    pub(super) fn fetch_token(&mut self, env: &Env) {
        let request = RequestId(self.requests.next());
        let deadline = env.now + env.config.connect_timeout_ms;
        self.phase = Phase::Connecting(Attempt::FetchingToken { request, deadline });
        self.effects.push(Effect::FetchToken(request));
    }

    /// Ends a failure with another token.
    pub(super) fn open_again(&mut self, env: &Env, grant: Option<Box<Grant>>, reason: Reason) {
        self.record.attempts += 1;
        self.set_state(State::Reconnecting, reason);
        self.open(env, grant);
    }

    pub(super) fn open(&mut self, env: &Env, grant: Option<Box<Grant>>) {
        let socket = SocketId(self.sockets.next());
        let token = grant.map(|grant| grant.token);
        let offered = token.clone().filter(|token| match env.profile().token_offer() {
            TokenOffer::Plain => is_subprotocol(token.reveal()),
            TokenOffer::Encoded => true,
            TokenOffer::None => false,
        });
        self.last_server_error = None;
        let deadline = env.now + env.config.connect_timeout_ms;
        self.phase = Phase::Connecting(Attempt::Opening { socket, token, deadline });
        self.effects.push(Effect::Open(socket, offered));
    }

    pub(super) fn become_ready(&mut self, env: &mut Env, socket: SocketId, success: &AuthSuccess) {
        let due = self.auth.refresh_at(env.now, success.expires_in_ms, &env.config);
        let refresh = TokenRefresh::new(due);
        self.phase = Phase::Ready(Session::new(env.now, socket, success, &env.config, refresh));
        self.last_server_error = None;
        self.record.up(env.now);
        self.set_state(State::Ready, Reason::Authenticated);
        self.regrade(env.now);
        self.effects.push(Effect::Up(socket));
    }
}

/// Whether a text is valid in `Sec-WebSocket-Protocol` (RFC 6455 §4.1: a token of RFC 2616).
fn is_subprotocol(text: &str) -> bool {
    let legal = |c: u8| c.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&c);
    !text.is_empty() && text.bytes().all(legal)
}
