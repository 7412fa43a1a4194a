//! The names of events.

/// The event of a join.
pub(super) const JOIN: &str = "phx_join";
/// The event of a channel's whole presence state.
pub(super) const PRESENCE_STATE: &str = "presence_state";
/// The event of a difference of that state.
pub(super) const PRESENCE_DIFF: &str = "presence_diff";

/// The event of a reply.
pub const REPLY: &str = "phx_reply";
/// The event with which the server ends a membership.
pub const CLOSE: &str = "phx_close";
/// The event of a membership that ended since the server's process crashed.
pub const ERROR: &str = "phx_error";

/// The events of messages of the server itself that the app receives.
pub const SERVER_EVENTS: [&str; 3] = [JOIN, PRESENCE_STATE, PRESENCE_DIFF];
