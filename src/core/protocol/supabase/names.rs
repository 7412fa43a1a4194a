//! The names in frames.

/// The prefix of topics, which names of channels do not have.
pub const TOPIC_PREFIX: &str = "realtime:";

/// The event of database changes.
pub const POSTGRES_CHANGES: &str = "postgres_changes";

/// The option of a channel for the member [`POSTGRES_CHANGES`] of joins.
pub(super) const CHANGES_OPTION: &str = "postgresChanges";

/// The event of messages of the server about the channel itself.
pub const SYSTEM: &str = "system";

/// The event of messages between members; the payload contains the app's event.
pub const BROADCAST: &str = "broadcast";

/// The option of a channel, and the member of joins, for presence.
pub(super) const PRESENCE: &str = "presence";
