//! The states that are reported to the app.

use super::named::named;

named! {
    /// The state of the connection.
    pub enum State {
        /// there is no connection, because there is no demand for one
        Idle = "idle",
        /// the engine is being loaded, or a socket is being opened
        Connecting = "connecting",
        /// the socket is open, and the server is checking the token
        Authenticating = "authenticating",
        /// messages can be exchanged
        Ready = "ready",
        /// the connection was lost and is being opened again
        Reconnecting = "reconnecting",
        /// the page is hidden
        Paused = "paused",
        /// the browser reports that there is no network
        Offline = "offline",
        /// the connection has failed and is not retried; see `error`, and call `connect()` to retry
        Failed = "failed",
        /// `destroy()` was called
        Closed = "closed",
    }
}

impl State {
    /// Whether an error stays in force in this state: until the connection is ready, or there is no
    /// demand.
    #[must_use]
    pub const fn keeps_error(self) -> bool {
        matches!(self, Self::Connecting | Self::Authenticating | Self::Reconnecting | Self::Failed)
    }
}

named! {
    /// How a change of the connection's state affects its error.
    pub enum ErrorInForce {
        /// No error is in force.
        None,
        /// The latest error stays in force, because the connection has not recovered.
        Latest,
        /// A new error caused the change.
        New,
    }
}

named! {
    /// The quality of the connection, from round trips, jitter and losses in the last minute.
    pub enum Quality {
        /// at most 150 ms round trip and 50 ms jitter, no loss
        Excellent = "excellent",
        /// delays that users do not notice
        Good = "good",
        /// delays or losses that users notice
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
        /// the server rejected it permanently
        Failed = "failed",
        /// no subscriber needs it
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
