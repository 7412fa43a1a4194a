//! Names that stand in frames.

/// What topics begin with. The server's own names of channels are without it.
pub const TOPIC_PREFIX: &str = "realtime:";

/// The event of what members say to each other; the app's own is within.
pub const BROADCAST: &str = "broadcast";
