//! One attempt to connect: fetch a token, open the socket, authenticate.

use crate::core::id::{RequestId, SocketId};
use crate::core::time::Instant;
use crate::core::timer::{Timer, TimerReason};
use crate::core::token::Token;

/// How long the close of a socket that failed is awaited, in milliseconds.
const CLOSE_AFTER_ERROR_MS: u64 = 50;

/// The stage of an attempt.
#[derive(Debug)]
pub(super) enum Attempt {
    /// A token was requested from the app.
    FetchingToken { request: RequestId, deadline: Instant },
    /// The socket is being opened.
    Opening { socket: SocketId, token: Option<Token>, deadline: Instant },
    /// The socket could not be opened: its close follows soon, unless a policy of the page forbids
    /// the socket.
    Errored { socket: SocketId, token: Option<Token>, deadline: Instant },
    /// The socket is open; the server has not accepted the connection yet.
    Authenticating { socket: SocketId, deadline: Instant, since: Instant },
}

/// What timed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptTimeout {
    /// The app's token.
    Token,
    /// The open socket, or the server's acceptance.
    Socket(SocketId),
    /// The close of a socket that failed.
    Close(SocketId),
}

impl Attempt {
    /// The socket of the attempt.
    pub(super) const fn socket(&self) -> Option<SocketId> {
        match self {
            Self::FetchingToken { .. } => None,
            Self::Opening { socket, .. }
            | Self::Errored { socket, .. }
            | Self::Authenticating { socket, .. } => Some(*socket),
        }
    }

    /// Whether the app's answer to this request is pending.
    pub(super) fn is_fetching(&self, awaited: RequestId) -> bool {
        matches!(self, Self::FetchingToken { request, .. } if *request == awaited)
    }

    /// Whether the socket is not open yet.
    pub(super) const fn is_opening(&self) -> bool {
        matches!(self, Self::Opening { .. } | Self::Errored { .. })
    }

    /// Applies the opening of the socket: the server's acceptance is due by the same deadline.
    /// Returns the token of the attempt, or `None` if no such socket is being opened.
    pub(super) fn opened(&mut self, now: Instant, opened: SocketId) -> Option<Option<Token>> {
        let (Self::Opening { socket, token, deadline } | Self::Errored { socket, token, deadline }) =
            self
        else {
            return None;
        };
        if *socket != opened {
            return None;
        }
        let token = token.take();
        *self = Self::Authenticating { socket: opened, deadline: *deadline, since: now };
        Some(token)
    }

    /// Applies a failure of the socket while it is being opened.
    pub(super) fn errored(&mut self, now: Instant, errored: SocketId) {
        if let Self::Opening { socket, token, deadline } = self
            && *socket == errored
        {
            let deadline = (now + CLOSE_AFTER_ERROR_MS).min(*deadline);
            *self = Self::Errored { socket: errored, token: token.take(), deadline };
        }
    }

    /// Returns what timed out.
    pub(super) fn timed_out(&self, now: Instant) -> Option<AttemptTimeout> {
        if now < self.deadline() {
            return None;
        }
        Some(match self {
            Self::FetchingToken { .. } => AttemptTimeout::Token,
            Self::Opening { socket, .. } | Self::Authenticating { socket, .. } => {
                AttemptTimeout::Socket(*socket)
            }
            Self::Errored { socket, .. } => AttemptTimeout::Close(*socket),
        })
    }

    /// When [`Attempt::timed_out`] returns a timeout.
    pub(super) fn poll_timeout(&self) -> Timer {
        let reason = match self {
            Self::FetchingToken { .. } => TimerReason::TokenFetch,
            Self::Opening { .. } | Self::Errored { .. } => TimerReason::SocketOpen,
            Self::Authenticating { .. } => TimerReason::Authentication,
        };
        Timer::new(self.deadline(), reason)
    }

    const fn deadline(&self) -> Instant {
        match self {
            Self::FetchingToken { deadline, .. }
            | Self::Opening { deadline, .. }
            | Self::Errored { deadline, .. }
            | Self::Authenticating { deadline, .. } => *deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempt, AttemptTimeout};
    use crate::core::id::{RequestId, SocketId};
    use crate::core::time::Instant;
    use crate::core::timer::{Timer, TimerReason};
    use crate::core::token::Token;

    const SOCKET: SocketId = SocketId(2);

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    fn opening() -> Attempt {
        let token = Some(Token::new("t".to_owned()));
        Attempt::Opening { socket: SOCKET, token, deadline: at(10_000) }
    }

    #[test]
    fn opening_and_authenticating_share_one_deadline() {
        let mut attempt = opening();
        assert_eq!(attempt.poll_timeout(), Timer::new(at(10_000), TimerReason::SocketOpen));
        assert_eq!(attempt.opened(at(3_000), SocketId(1)), None, "a former socket");
        assert_eq!(attempt.opened(at(3_000), SOCKET), Some(Some(Token::new("t".to_owned()))));
        assert_eq!(attempt.poll_timeout(), Timer::new(at(10_000), TimerReason::Authentication));
        assert_eq!(attempt.timed_out(at(9_999)), None);
        assert_eq!(attempt.timed_out(at(10_000)), Some(AttemptTimeout::Socket(SOCKET)));
        assert_eq!(attempt.opened(at(3_000), SOCKET), None, "it is open already");
    }

    #[test]
    fn failed_socket_without_a_close_times_out_soon() {
        let mut attempt = opening();
        attempt.errored(at(100), SocketId(1));
        assert_eq!(attempt.poll_timeout().at(), at(10_000));
        attempt.errored(at(100), SOCKET);
        assert!(attempt.is_opening());
        assert_eq!(attempt.timed_out(at(149)), None);
        assert_eq!(attempt.timed_out(at(150)), Some(AttemptTimeout::Close(SOCKET)));
    }

    #[test]
    fn failure_shortly_before_the_deadline_does_not_extend_it() {
        let mut attempt = opening();
        attempt.errored(at(9_990), SOCKET);
        assert_eq!(attempt.poll_timeout().at(), at(10_000));
    }

    #[test]
    fn only_the_pending_request_is_answered() {
        let attempt = Attempt::FetchingToken { request: RequestId(7), deadline: at(10_000) };
        assert!(attempt.is_fetching(RequestId(7)) && !attempt.is_fetching(RequestId(6)));
        assert_eq!(attempt.socket(), None);
        assert_eq!(attempt.timed_out(at(10_000)), Some(AttemptTimeout::Token));
    }
}
