//! The phase of the connection.

use super::attempt::Attempt;
use super::session::Session;
use crate::core::id::{RequestId, SocketId};
use crate::core::time::Instant;

/// The phase of the connection. [`Status`](super::status::Status) has the state that the app
/// receives.
#[derive(Debug, Default)]
pub(super) enum Phase {
    /// There is no socket and no attempt, because of the state.
    #[default]
    Disconnected,
    /// It is being opened.
    Connecting(Attempt),
    /// The connection is authenticated: messages can be exchanged.
    Ready(Session),
    /// The next attempt, or the next request of a token, is delayed.
    BackingOff {
        /// When the delay ends.
        until: Instant,
    },
}

impl Phase {
    /// The current socket.
    pub(super) const fn socket(&self) -> Option<SocketId> {
        match self {
            Self::Connecting(attempt) => attempt.socket(),
            Self::Ready(session) => Some(session.socket),
            Self::Disconnected | Self::BackingOff { .. } => None,
        }
    }

    /// Whether the app's answer to this request is pending.
    pub(super) fn awaits(&self, awaited: RequestId) -> bool {
        match self {
            Self::Connecting(attempt) => attempt.is_fetching(awaited),
            Self::Ready(session) => session.refresh.is_fetching(awaited),
            Self::Disconnected | Self::BackingOff { .. } => false,
        }
    }
}
