//! The names of events.

/// The event of a join.
pub(super) const JOIN: &str = "phx_join";
/// The event of a channel's whole presence state.
pub(super) const PRESENCE_STATE: &str = "presence_state";
/// The event of a difference of that state.
pub(super) const PRESENCE_DIFF: &str = "presence_diff";

/// The events of messages of the server itself that the app receives.
pub const SERVER_EVENTS: [&str; 3] = [JOIN, PRESENCE_STATE, PRESENCE_DIFF];
