//! The states that the app sees.

use super::named::named;

named! {
    /// The state of the connection.
    pub enum State {
        /// nothing needs a connection, so there is none
        Idle = "idle",
        /// the engine is being loaded, or a socket is being opened
        Connecting = "connecting",
        /// the socket is open, and the server is checking the token
        Authenticating = "authenticating",
        /// messages flow
        Ready = "ready",
        /// the connection was lost and is being opened again
        Reconnecting = "reconnecting",
        /// the page is hidden
        Paused = "paused",
        /// the browser reports that there is no network
        Offline = "offline",
        /// it ended and is not retried; see `error`, and call `connect()` to start again
        Failed = "failed",
        /// `destroy()` was called
        Closed = "closed",
    }
}

impl State {
    /// Whether an error stays in force: until the connection is ready, or none is wanted.
    #[must_use]
    pub const fn keeps_error(self) -> bool {
        matches!(self, Self::Connecting | Self::Authenticating | Self::Reconnecting | Self::Failed)
    }
}

named! {
    /// What a change of the connection's state says of its error.
    pub enum ErrorInForce {
        /// There is none any more.
        None,
        /// The latest one still is: the connection has not recovered.
        Latest,
        /// A new one caused the change.
        New,
    }
}

named! {
    /// The quality of the connection, from round trips, jitter and losses in the last minute.
    pub enum Quality {
        /// as good as it gets
        Excellent = "excellent",
        /// nobody will notice
        Good = "good",
        /// people will notice
        Poor = "poor",
        /// there is no connection
        Offline = "offline",
    }
}

named! {
    /// A channel's state.
    pub enum ChannelState {
        /// not joined yet, or being joined again
        Joining = "joining",
        /// the server confirmed the membership
        Joined = "joined",
        /// joined, and everything missed has been delivered
        Ready = "ready",
        /// the server rejected it for good
        Failed = "failed",
        /// nobody wants it
        Left = "left",
    }
}

named! {
    /// Whether a channel missed messages.
    pub enum Continuity {
        /// newly joined, nothing was missed since
        Fresh = "fresh",
        /// it was interrupted, and everything missed was delivered
        Recovered = "recovered",
        /// messages were lost; reload whatever was built from them
        Gap = "gap",
        /// it was interrupted, and this server does not report whether messages were lost
        Unknown = "unknown",
    }
}
