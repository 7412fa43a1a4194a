//! Names in frames.

/// What topics begin with. The server's own names of channels are without it.
pub const TOPIC_PREFIX: &str = "realtime:";

/// The event of messages between members; the app's own event is within.
pub const BROADCAST: &str = "broadcast";
