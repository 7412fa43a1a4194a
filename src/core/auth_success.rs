//! The server's reply to an authentication.

use alloc::string::String;

/// The features that a server enabled for a connection (native protocol, `auth_success`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Features {
    /// Channels are joined and left explicitly.
    pub subscribe: bool,
    /// The payload is a member of the frame instead of being merged into it.
    pub envelope: bool,
    /// Acknowledgements.
    pub ack: bool,
    /// A new token can be sent on the open connection.
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

/// The server's reply to `auth`, or to a new token on the open connection (native protocol,
/// `auth_success`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthSuccess {
    /// The features that the server enabled.
    pub features: Features,
    /// The interval of pings that the server requests, in milliseconds.
    pub heartbeat_ms: Option<u64>,
    /// The remaining lifetime of the token, in milliseconds.
    pub expires_in_ms: Option<u64>,
    /// The largest frame that the server accepts, in bytes.
    pub max_frame_bytes: Option<u64>,
    /// How long the server remembers the ids of accepted messages, in milliseconds.
    pub ack_memory_ms: Option<u64>,
    /// The user of the token, as reported by the server.
    pub user: Option<String>,
    /// The server's id of the connection.
    pub connection: Option<String>,
}
