//! Names in frames.

/// What topics begin with. The server's own names of channels are without it.
pub const TOPIC_PREFIX: &str = "realtime:";

/// The event of database changes.
pub const POSTGRES_CHANGES: &str = "postgres_changes";

/// The option of a channel that stands for the member of this name in joins.
pub(super) const CHANGES_OPTION: &str = "postgresChanges";

/// The event of what the server says of the channel itself.
pub const SYSTEM: &str = "system";

/// The event of messages between members; the app's own event is within.
pub const BROADCAST: &str = "broadcast";

/// The option of a channel, and the member of joins, for presence.
pub(super) const PRESENCE: &str = "presence";
