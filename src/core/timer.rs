//! Deadlines, each with what it is for.

use super::time::Instant;

/// What a deadline is for. A debug log can show what is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerReason {
    /// The app's answer to a request for a token to connect with is overdue.
    TokenFetch,
    /// The socket has not opened in time.
    SocketOpen,
    /// The server has not accepted the connection in time.
    Authentication,
    /// The next attempt to connect.
    Reconnect,
    /// The next ping.
    Ping,
    /// The answer to a ping is overdue.
    Pong,
    /// The connection has lasted long enough to forget earlier failures.
    Stable,
    /// A successor of the token in use is to be fetched.
    TokenRefresh,
    /// The server has not accepted the new token in time.
    Reauthentication,
    /// A loss no longer counts in the connection's quality.
    Quality,
    /// The connection is closed, since nobody wants it any more.
    ConnectionLinger,
    /// The connection is closed, since the page is hidden.
    HiddenPause,
    /// The next join of those that the server takes in a second.
    JoinRate,
    /// A channel is left, since nobody wants it any more.
    ChannelLinger,
    /// An idle persistent channel is left.
    IdleEviction,
    /// The answer to a join is overdue.
    Join,
    /// The answer to a leave is overdue.
    Leave,
    /// A channel that could not be joined is joined again.
    Rejoin,
    /// Missing messages are requested, or their arrival is overdue.
    MissingMessages,
    /// The acknowledgement of a message is overdue.
    Ack,
    /// A message that waits to be sent expires.
    MessageExpiry,
    /// Something about presence is due.
    Presence,
    /// Something about typing is due.
    Typing,
    /// Something about a collection is due.
    Collection,
    /// What was received since the last render tick is to be shown.
    RenderTick,
}

/// A deadline.
pub type Timer = (Instant, TimerReason);

/// The earlier of two deadlines, where `None` is "never"; the first one, if both are due at once.
#[must_use]
pub fn earliest(a: Option<Timer>, b: Option<Timer>) -> Option<Timer> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
        (one, None) | (None, one) => one,
    }
}

/// A deadline of this kind, if there is one.
pub(crate) fn timer(at: Option<Instant>, reason: TimerReason) -> Option<Timer> {
    Some((at?, reason))
}

#[cfg(test)]
mod tests {
    use super::{TimerReason, earliest};
    use crate::core::time::Instant;

    #[test]
    fn the_earlier_deadline_is_kept_with_its_reason() {
        let at = |ms, reason| Some((Instant::from_ms(ms), reason));
        let (ping, pong) = (at(5, TimerReason::Ping), at(4, TimerReason::Pong));
        assert_eq!(earliest(ping, pong), pong);
        assert_eq!(earliest(pong, ping), pong);
        assert_eq!(earliest(None, ping), ping);
        assert_eq!(earliest(at(5, TimerReason::Ack), ping), at(5, TimerReason::Ack));
    }
}
