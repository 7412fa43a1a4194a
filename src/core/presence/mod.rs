//! Presence: this client's own presence, and that of the other members.
//!
//! The two parts are independent. What the app tracks is a desired state that is sent to the server
//! again in every membership; the members are the server's last state, reported to the app as
//! differences.

mod local;
mod members;
mod membership;
mod outbound;
mod registry;
mod request_rate;
mod server_entry;
mod target;
#[cfg(test)]
mod tests;
mod types;

pub use registry::Presences;
pub use types::{PresenceAction, PresenceChange, PresenceKind, Request, ServerPresence, Step};
