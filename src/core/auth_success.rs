//! The server's reply to an authentication.

use alloc::string::String;

/// The features that a server switched on for a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Features {
    /// Explicit membership.
    pub subscribe: bool,
    /// Payload apart from envelope.
    pub envelope: bool,
    /// Acknowledgements.
    pub ack: bool,
    /// A new token on the open connection.
    pub reauth: bool,
    /// Ephemeral messages, without id and log.
    pub ephemeral: bool,
    /// Positions in a log, and recovery from it.
    pub seq: bool,
    /// Presence.
    pub presence: bool,
    /// Several frames in one WebSocket message.
    pub batch: bool,
    /// Compressed WebSocket messages.
    pub deflate: bool,
}

/// The server's reply to `auth`, or to a new token on the open connection (native protocol, `auth_success`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthSuccess {
    /// The features that it switched on.
    pub features: Features,
    /// The interval of pings that the server requests.
    pub heartbeat_ms: Option<u64>,
    /// The remaining lifetime of the token.
    pub expires_in_ms: Option<u64>,
    /// The largest frame it takes.
    pub max_frame_bytes: Option<u64>,
    /// How long it remembers accepted ids.
    pub ack_memory_ms: Option<u64>,
    /// The user of the token, as reported by the server.
    pub user: Option<String>,
    /// The server's id of the connection.
    pub connection: Option<String>,
}
