//! How a connection comes about: a token, a socket, the server's success.

use alloc::boxed::Box;

use super::auth::Next;
use super::session::{Refresh, Session};
use super::{Connection, Effect, Phase};
use crate::core::auth_success::AuthSuccess;
use crate::core::config::AuthMode;
use crate::core::context::Context;
use crate::core::id::{RequestId, SocketId};
use crate::core::profile::TokenOffer;
use crate::core::reason::Reason;
use crate::core::state::State;
use crate::core::token::Grant;

impl Connection {
    pub(super) fn attempt(&mut self, cx: &mut Context<'_>, reason: Reason) {
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
            Next::FetchToken => {
                self.fetch_token(cx);
                self.set_state_once(state, reason);
            }
            Next::Denied => self.fail_denied(cx),
        }
    }

    /// Asks the app for a token to connect with.
    pub(super) fn fetch_token(&mut self, cx: &Context<'_>) {
        let request = RequestId(self.requests.next());
        self.phase =
            Phase::FetchingToken { request, deadline: cx.now + cx.config.connect_timeout_ms };
        self.effects.push(Effect::FetchToken(request));
    }

    /// Ends a failure with another token.
    pub(super) fn open_again(
        &mut self,
        cx: &Context<'_>,
        grant: Option<Box<Grant>>,
        reason: Reason,
    ) {
        self.record.attempts += 1;
        self.set_state(State::Reconnecting, reason);
        self.open(cx, grant);
    }

    pub(super) fn set_state_once(&mut self, state: State, reason: Reason) {
        if self.state != state {
            self.set_state(state, reason);
        }
    }

    pub(super) fn open(&mut self, cx: &Context<'_>, grant: Option<Box<Grant>>) {
        let socket = SocketId(self.sockets.next());
        let token = grant.map(|grant| grant.token);
        let offered = token.clone().filter(|token| match cx.profile().token_offer() {
            TokenOffer::Plain => is_subprotocol(token.reveal()),
            TokenOffer::Encoded => true,
            TokenOffer::None => false,
        });
        self.last_server_error = None;
        self.phase =
            Phase::Opening { socket, token, deadline: cx.now + cx.config.connect_timeout_ms };
        self.effects.push(Effect::Open(socket, offered));
    }

    pub(super) fn become_ready(
        &mut self,
        cx: &mut Context<'_>,
        socket: SocketId,
        success: &AuthSuccess,
    ) {
        let mut session = Session::new(cx.now, socket, success, cx.config);
        session.refresh =
            Refresh::at(self.auth.refresh_at(cx.now, success.expires_in_ms, cx.config));
        self.phase = Phase::Ready(session);
        self.last_server_error = None;
        self.record.up(cx.now);
        self.set_state(State::Ready, Reason::Authenticated);
        self.regrade(cx.now);
        self.effects.push(Effect::Up(socket));
    }
}

/// Whether a text may stand in `Sec-WebSocket-Protocol` (RFC 6455 §4.1: a token of RFC 2616).
fn is_subprotocol(text: &str) -> bool {
    let legal = |c: u8| c.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&c);
    !text.is_empty() && text.bytes().all(legal)
}
