//! Presence: what this client shows of its user, and who else is there.
//!
//! The two halves meet nowhere but on the server. What the app tracks is a wish that is brought
//! to the server in every membership anew; who is there is what the server last told, shown to
//! the app as differences.

mod local;
mod members;
mod outbound;
mod registry;
#[cfg(test)]
mod tests;
mod types;

pub use registry::Presences;
pub use types::{PresenceAction, PresenceChange, PresenceKind, Request, Step};
