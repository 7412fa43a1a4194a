//! What happens outside: the page, the network, the socket, the app's answers.

use alloc::boxed::Box;
use alloc::string::String;

use super::auth::Next;
use super::demand::Decision;
use super::session::Refresh;
use super::{CLOSE_REASON_WINDOW_MS, Connection, ERRORED_MS, Effect, Phase, close};
use crate::core::auth_success::{AuthSuccess, Features};
use crate::core::config::AuthMode;
use crate::core::context::Context;
use crate::core::error::{Code, Error, Rejection};
use crate::core::id::{RequestId, SocketId};
use crate::core::input::{ClosedBy, Page};
use crate::core::reason::Reason;
use crate::core::state::State;
use crate::core::time::Instant;
use crate::core::token::Grant;

impl Connection {
    /// The page changed.
    pub fn page(&mut self, cx: &mut Context<'_>, page: Page) {
        let back = self.demand.page(cx.now, page, cx.config);
        let resumed = matches!(page, Page::Resumed | Page::ResumedHidden);
        let reason = if resumed { Reason::Resumed } else { Reason::Visible };
        if back {
            self.retry_now(cx, reason);
        }
        self.evaluate(cx, reason);
    }

    /// The network came or went.
    pub fn network(&mut self, cx: &mut Context<'_>, up: bool) {
        self.demand.network(up);
        // Even where `offline` was not heard (a frozen page, an engine just loaded) `online` is
        // evidence of a change.
        if up {
            self.retry_now(cx, Reason::Online);
        }
        self.evaluate(cx, Reason::Online);
    }

    /// Whether the address is on this machine.
    pub fn set_local(&mut self, cx: &mut Context<'_>, local: bool) {
        self.demand.set_local(local);
        self.evaluate(cx, Reason::Online);
    }

    /// The clock jumped.
    pub fn woke(&mut self, cx: &mut Context<'_>) {
        self.retry_now(cx, Reason::Retry);
        self.evaluate(cx, Reason::Retry);
    }

    /// The socket is open.
    pub fn socket_opened(&mut self, cx: &mut Context<'_>, opened: SocketId) {
        let Phase::Opening { socket, token, deadline } = &mut self.phase else {
            return;
        };
        if *socket != opened {
            return;
        }
        let (deadline, token) = (*deadline, token.take());
        if !cx.profile().has_handshake() {
            // Tokens travel with the joins there.
            let reauth = cx.profile().joins_bear_tokens();
            if reauth {
                self.effects.push(Effect::Authenticate(opened, token));
            }
            let features = Features { reauth, ..Features::default() };
            self.become_ready(cx, opened, &AuthSuccess { features, ..AuthSuccess::default() });
            return;
        }
        let token = token.filter(|_| cx.config.auth != AuthMode::Subprotocol);
        self.phase = Phase::Authenticating { socket: opened, deadline, since: cx.now };
        self.effects.push(Effect::Authenticate(opened, token));
        self.set_state(State::Authenticating, Reason::Opened);
    }

    /// The server accepted the connection, or a new token on it.
    pub fn authenticated(&mut self, cx: &mut Context<'_>, success: &AuthSuccess) {
        match &mut self.phase {
            Phase::Authenticating { socket, since, .. } => {
                let (socket, rtt) = (*socket, cx.now.duration_since(*since));
                self.meter.sample(rtt);
                self.become_ready(cx, socket, success);
            }
            Phase::Ready(session)
                if matches!(session.refresh, Refresh::Reauthenticating { .. }) =>
            {
                session.refresh =
                    Refresh::at(self.auth.refresh_at(cx.now, success.expires_in_ms, cx.config));
            }
            _ => {}
        }
    }

    /// The server reported an error about the connection as a whole.
    pub fn server_error(&mut self, now: Instant, rejection: Rejection) {
        let error = Error::from_rejection(rejection.clone(), Code::ServerError);
        self.last_server_error = Some((now, rejection));
        if matches!(self.phase, Phase::Ready(_)) {
            self.effects.push(Effect::Error(error));
        }
    }

    /// A frame of the current socket: life.
    pub fn frame_received(&mut self, now: Instant) {
        if let Phase::Ready(session) = &mut self.phase {
            session.heartbeat.frame_received(now);
        }
    }

    /// A pong.
    pub fn pong_received(&mut self, now: Instant) {
        if let Phase::Ready(session) = &mut self.phase
            && let Some(rtt) = session.heartbeat.pong_received(now)
        {
            self.meter.sample(rtt);
            self.regrade(now);
        }
    }

    /// The socket failed while it was being opened. Where a policy of the page forbids it, no close follows.
    pub fn socket_errored(&mut self, now: Instant, socket: SocketId) {
        if let Phase::Opening { socket: opening, deadline, token } = &mut self.phase
            && *opening == socket
        {
            let until = (now + ERRORED_MS).min(*deadline);
            self.phase = Phase::Opening { socket, token: token.take(), deadline: until };
            self.errored = Some(socket);
        }
    }

    /// The socket is no more.
    pub fn socket_closed(&mut self, cx: &mut Context<'_>, socket: SocketId, by: ClosedBy) {
        if !self.is_current(socket) {
            return;
        }
        let opening = matches!(self.phase, Phase::Opening { .. });
        let recent =
            |(at, _): &(Instant, Rejection)| cx.now.duration_since(*at) <= CLOSE_REASON_WINDOW_MS;
        let server_error =
            self.last_server_error.take().filter(recent).map(|(_, rejection)| rejection);
        self.lose(
            cx,
            match by {
                ClosedBy::Peer(code, _) => code,
                ClosedBy::BadUrl(_) | ClosedBy::Blocked(_) => close::ABNORMAL,
            },
        );
        match by {
            ClosedBy::BadUrl(message) => {
                self.retry(
                    cx,
                    Reason::UrlFailed,
                    Error::new(Code::UrlFailed).with_cause(&message),
                    None,
                );
            }
            ClosedBy::Blocked(message) => {
                let error = Error::new(Code::ConnectRefused).with_cause(&message);
                self.retry(cx, Reason::ConnectRefused, error, None);
            }
            ClosedBy::Peer(code @ (close::AUTH_FAILED | close::FORBIDDEN), message) => {
                self.denied(cx, code, server_error, message);
            }
            ClosedBy::Peer(_, message) => self.closed(cx, opening, server_error, &message),
        }
    }

    /// Whether the app's answer to this question is awaited.
    #[must_use]
    pub fn awaits(&self, awaited: RequestId) -> bool {
        match &self.phase {
            Phase::FetchingToken { request, .. } => *request == awaited,
            Phase::Ready(session) => {
                matches!(session.refresh, Refresh::FetchingToken { request, .. } if request == awaited)
            }
            _ => false,
        }
    }

    /// The app answered.
    pub fn token(
        &mut self,
        cx: &mut Context<'_>,
        answered: RequestId,
        answer: Result<Option<Box<Grant>>, String>,
    ) {
        let is_awaited = self.awaits(answered);
        match &mut self.phase {
            Phase::FetchingToken { .. } if is_awaited => {
                let failed = self.state == State::Failed;
                if failed && self.demand.decision() != Decision::Connect {
                    // It is asked again when a connection is wanted again.
                    self.phase = Phase::Disconnected;
                    return;
                }
                match answer.map(|grant| self.auth.try_out(grant)) {
                    Ok(Next::Use(grant)) if failed => self.open_again(cx, grant, Reason::Retry),
                    Ok(Next::Use(grant)) => self.open(cx, grant),
                    Ok(Next::FetchToken | Next::Denied) if failed => self.await_token(cx),
                    Ok(Next::FetchToken | Next::Denied) => self.fail_denied(cx),
                    Err(message) => self.token_failed(cx, &message),
                }
            }
            Phase::Ready(session) => {
                if !is_awaited {
                    return;
                }
                let again = if self.auth.is_doubted() {
                    self.auth.fetch_again_at(cx)
                } else {
                    cx.now + cx.config.refresh_min_interval_ms
                };
                session.refresh = Refresh::Due(again);
                match answer {
                    Ok(grant) if self.auth.is_current(grant.as_deref()) => {
                        if self.auth.is_doubted() {
                            self.effects.push(Effect::TokenDenied);
                        }
                    }
                    Ok(grant) => self.use_renewed(cx, grant),
                    Err(message) => self
                        .effects
                        .push(Effect::Error(Error::new(Code::TokenFailed).with_cause(&message))),
                }
            }
            _ => {}
        }
    }
}
