//! Inputs: the page, the network, the socket, the app's answers.

use alloc::boxed::Box;
use alloc::string::String;

use super::attempt::Attempt;
use super::auth::Next;
use super::demand::Decision;
use super::effect::{Effect, close};
use super::{CLOSE_REASON_WINDOW_MS, Connection, Phase};
use crate::core::auth_success::{AuthSuccess, Features};
use crate::core::config::{AuthMode, ServerHost};
use crate::core::env::Env;
use crate::core::error::{Code, Error, Rejection};
use crate::core::id::{RequestId, SocketId};
use crate::core::input::{ClosedBy, Network, Page};
use crate::core::reason::Reason;
use crate::core::state::State;
use crate::core::time::Instant;
use crate::core::token::Grant;

impl Connection {
    /// The page changed.
    pub fn page(&mut self, env: &mut Env, page: Page) {
        let back = self.demand.page(env.now, page, &env.config);
        let resumed = matches!(page, Page::Resumed | Page::ResumedHidden);
        let reason = if resumed { Reason::Resumed } else { Reason::Visible };
        if back {
            self.retry_now(env, reason);
        }
        self.evaluate(env, reason);
    }

    /// The network became available or unavailable.
    pub fn set_network(&mut self, env: &mut Env, network: Network) {
        self.demand.set_network(network);
        // Even where no `offline` was received (a frozen page, an engine just loaded) `online` is
        // evidence of a change.
        if network == Network::Online {
            self.retry_now(env, Reason::Online);
        }
        self.evaluate(env, Reason::Online);
    }

    /// The host of the address is known.
    pub fn set_server_host(&mut self, env: &mut Env, host: ServerHost) {
        self.demand.set_server_host(host);
        self.evaluate(env, Reason::Online);
    }

    /// The clock jumped.
    pub fn woke(&mut self, env: &mut Env) {
        self.retry_now(env, Reason::Retry);
        self.evaluate(env, Reason::Retry);
    }

    /// The socket is open.
    pub fn socket_opened(&mut self, env: &mut Env, opened: SocketId) {
        let Phase::Connecting(attempt) = &mut self.phase else { return };
        let Some(token) = attempt.opened(env.now, opened) else { return };
        if !env.profile().has_handshake() {
            // There the joins contain the token.
            let reauth = env.profile().joins_carry_tokens();
            if reauth {
                self.effects.push(Effect::Authenticate(opened, token));
            }
            let features = Features { reauth, ..Features::default() };
            self.become_ready(env, opened, &AuthSuccess { features, ..AuthSuccess::default() });
            return;
        }
        let token = token.filter(|_| env.config.auth != AuthMode::Subprotocol);
        self.effects.push(Effect::Authenticate(opened, token));
        self.set_state(State::Authenticating, Reason::Opened);
    }

    /// The server accepted the connection, or a new token on it.
    pub fn authenticated(&mut self, env: &mut Env, success: &AuthSuccess) {
        match &mut self.phase {
            Phase::Connecting(Attempt::Authenticating { socket, since, .. }) => {
                let (socket, rtt) = (*socket, env.now.duration_since(*since));
                self.meter.sample(rtt);
                self.become_ready(env, socket, success);
            }
            Phase::Ready(session) => {
                let due = self.auth.refresh_at(env.now, success.expires_in_ms, &env.config);
                session.refresh.accepted(due);
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

    /// A frame of the current socket: it is alive.
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
        if let Phase::Connecting(attempt) = &mut self.phase {
            attempt.errored(now, socket);
        }
    }

    /// The socket was closed.
    pub fn socket_closed(&mut self, env: &mut Env, socket: SocketId, by: ClosedBy) {
        if !self.is_current(socket) {
            return;
        }
        let cause = match &self.phase {
            Phase::Connecting(attempt) if attempt.is_opening() => {
                (Code::ConnectRefused, Reason::ConnectRefused)
            }
            _ => (Code::ConnectionLost, Reason::ConnectionLost),
        };
        let recent =
            |(at, _): &(Instant, Rejection)| env.now.duration_since(*at) <= CLOSE_REASON_WINDOW_MS;
        let server_error =
            self.last_server_error.take().filter(recent).map(|(_, rejection)| rejection);
        self.lose(
            env,
            match by {
                ClosedBy::Peer(code, _) => code,
                ClosedBy::BadUrl(_) | ClosedBy::Blocked(_) => close::ABNORMAL,
            },
        );
        match by {
            ClosedBy::BadUrl(message) => {
                self.retry(
                    env,
                    Reason::UrlFailed,
                    Error::new(Code::UrlFailed).with_cause(&message),
                    None,
                );
            }
            ClosedBy::Blocked(message) => {
                let error = Error::new(Code::ConnectRefused).with_cause(&message);
                self.retry(env, Reason::ConnectRefused, error, None);
            }
            ClosedBy::Peer(code @ (close::AUTH_FAILED | close::FORBIDDEN), message) => {
                self.denied(env, code, server_error, message);
            }
            ClosedBy::Peer(_, message) => self.closed(env, cause, server_error, &message),
        }
    }

    /// Whether the app's answer to this request is pending.
    #[must_use]
    pub fn awaits(&self, awaited: RequestId) -> bool {
        match &self.phase {
            Phase::Connecting(attempt) => attempt.is_fetching(awaited),
            Phase::Ready(session) => session.refresh.is_fetching(awaited),
            _ => false,
        }
    }

    /// The app answered.
    pub fn token(
        &mut self,
        env: &mut Env,
        answered: RequestId,
        answer: Result<Option<Box<Grant>>, String>,
    ) {
        let is_awaited = self.awaits(answered);
        match &mut self.phase {
            Phase::Connecting(_) if is_awaited => {
                let failed = self.status.is_failed();
                if failed && self.demand.decision() != Decision::Connect {
                    // It is requested again with new demand.
                    self.phase = Phase::Disconnected;
                    return;
                }
                match answer.map(|grant| self.auth.try_out(grant)) {
                    Ok(Next::Use(grant)) if failed => self.open_again(env, grant, Reason::Retry),
                    Ok(Next::Use(grant)) => self.open(env, grant),
                    Ok(Next::FetchToken | Next::Denied) if failed => self.await_token(env),
                    Ok(Next::FetchToken | Next::Denied) => self.fail_denied(env),
                    Err(message) => self.token_failed(env, &message),
                }
            }
            Phase::Ready(session) => {
                if !is_awaited {
                    return;
                }
                let again = if self.auth.is_current_rejected() {
                    self.auth.fetch_again_at(env)
                } else {
                    env.now + env.config.refresh_min_interval_ms
                };
                session.refresh.plan(again);
                match answer {
                    Ok(grant) if self.auth.is_current(grant.as_deref()) => {
                        if self.auth.is_current_rejected() {
                            self.effects.push(Effect::TokenDenied);
                        }
                    }
                    Ok(grant) => self.use_renewed(env, grant),
                    Err(message) => self
                        .effects
                        .push(Effect::Error(Error::new(Code::TokenFailed).with_cause(&message))),
                }
            }
            _ => {}
        }
    }
}
