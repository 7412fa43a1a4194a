//! Presence: what this client shows of its user, and who else is there.
//!
//! The two halves meet nowhere but on the server. What the app tracks is a wish that is brought
//! to the server in every membership anew; who is there is what the server last told, shown to
//! the app as differences.

mod local;
mod members;
mod registry;
#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

pub use registry::Presences;

use super::config::LEAST_MARGIN_MS;
use super::error::Error;
use super::id::{ChannelId, Counter, SendId};

/// What the app wants shown of its user in a channel.
#[derive(Debug, Clone)]
pub enum PresenceAction<P> {
    /// Show it, with this.
    Track {
        /// The key it asks for; the server has the last word.
        key: Option<String>,
        /// What is shown.
        meta: P,
    },
    /// Show this instead. Before a `Track` it is one.
    Update {
        /// What is shown.
        meta: P,
    },
    /// Show it no more.
    Untrack,
}

/// What is said to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request<P> {
    /// `track`.
    Track {
        /// The key asked for.
        key: Option<String>,
        /// What is shown.
        meta: P,
        /// The server's name for the presence that this one takes over.
        replaces: Option<P>,
    },
    /// `update`.
    Update {
        /// What is shown.
        meta: P,
    },
    /// `untrack`.
    Untrack,
}

/// What a difference of the presence state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum PresenceKind {
    /// The whole state came anew. Has no key; the differences to the former state follow.
    Sync,
    /// Somebody came, or one more of somebody's tabs.
    Join,
    /// What somebody shows changed.
    Update,
    /// Somebody went, or one of somebody's tabs.
    Leave,
}

/// One difference, of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceChange<P> {
    /// What it is.
    pub kind: PresenceKind,
    /// Whom it concerns.
    pub key: String,
    /// All the key has now; empty when it is gone.
    pub metas: Vec<P>,
    /// What joined, what was updated (as it is now), or what left.
    pub changed: Vec<P>,
}

/// What presence wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<P> {
    /// Send a request.
    Say {
        /// The channel.
        channel: ChannelId,
        /// The reference the answer will bear.
        reference: u32,
        /// What is said.
        request: Request<P>,
    },
    /// An action of the app is settled. The error does not name the channel.
    Settled(ChannelId, SendId, Result<(), Error>),
    /// Something went wrong that no action of the app waits for.
    Trouble(ChannelId, Error),
    /// Who is there changed.
    Changes(ChannelId, Vec<PresenceChange<P>>),
}

/// References of presence requests start here, far above those of joins, so that an answer is
/// known by its reference alone.
const REFERENCES_FROM: u32 = 0x4000_0000;

/// Where steps are laid down, and their references come from.
#[derive(Debug)]
struct Outbound<P> {
    references: Counter,
    steps: Vec<Step<P>>,
    /// Whether the server named something that is nested too deeply.
    too_deep: bool,
    /// How much longer than the server's the client's window of counted requests is, in
    /// milliseconds.
    margin_ms: u64,
}

impl<P> Default for Outbound<P> {
    fn default() -> Self {
        let (references, steps) = (Counter::default(), Vec::new());
        Self { references, steps, too_deep: false, margin_ms: LEAST_MARGIN_MS }
    }
}

impl<P> Outbound<P> {
    fn say(&mut self, channel: ChannelId, request: Request<P>) -> u32 {
        let reference = REFERENCES_FROM | self.references.next();
        self.steps.push(Step::Say { channel, reference, request });
        reference
    }

    fn settle(&mut self, channel: ChannelId, sends: Vec<Ticket>, outcome: &Result<(), Error>) {
        let settled = |ticket: Ticket| Step::Settled(channel, ticket.send, outcome.clone());
        self.steps.extend(sends.into_iter().map(settled));
    }
}

/// An action of the app that is not settled yet.
#[derive(Debug, Clone, Copy)]
struct Ticket {
    send: SendId,
    /// Which action of the client it was, counted from the first.
    serial: u64,
}
