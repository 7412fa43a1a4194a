//! What a server agrees to when it authenticates a connection.

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
    /// Messages without id or log.
    pub ephemeral: bool,
    /// Places in a log, and recovery from it.
    pub seq: bool,
    /// Who is there.
    pub presence: bool,
    /// Several frames in one message of the socket.
    pub batch: bool,
    /// Compressed messages of the socket.
    pub deflate: bool,
}

/// The server's reply to `auth`, or to a new token on the open connection (native protocol, `auth_success`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthSuccess {
    /// The features that it switched on.
    pub features: Features,
    /// The time between pings that the server asks for.
    pub heartbeat_ms: Option<u64>,
    /// How long the token lives from now.
    pub expires_in_ms: Option<u64>,
    /// The largest frame it takes.
    pub max_frame_bytes: Option<u64>,
    /// How long it remembers accepted ids.
    pub ack_memory_ms: Option<u64>,
    /// The user that the token names, by the server.
    pub user: Option<String>,
    /// Its name for the connection.
    pub connection: Option<String>,
}
