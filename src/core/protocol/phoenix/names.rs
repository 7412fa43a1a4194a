//! Names of events.

/// A join.
pub(super) const JOIN: &str = "phx_join";
/// The presence state of a channel.
pub(super) const PRESENCE_STATE: &str = "presence_state";
/// A change of it.
pub(super) const PRESENCE_DIFF: &str = "presence_diff";

/// The events of messages of the server itself that the app receives.
pub const SERVER_EVENTS: [&str; 3] = [JOIN, PRESENCE_STATE, PRESENCE_DIFF];
