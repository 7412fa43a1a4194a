//! What presence takes and gives.

use alloc::string::String;
use alloc::vec::Vec;

use crate::core::error::Error;
use crate::core::id::{ChannelId, SendId};
use crate::core::named::named;

/// What the app wants shown of its user in a channel.
#[derive(Debug, Clone)]
pub enum PresenceAction<P> {
    /// Show it, with this.
    Track {
        /// The requested key; the server may give another one.
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

/// A request to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request<P> {
    /// `track`.
    Track {
        /// The requested key.
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

named! {
    /// The kind of a change of presence.
    pub enum PresenceKind {
        /// the whole state was received; without a key, and followed by its changes
        Sync = "sync",
        /// a member, or another tab of one, joined
        Join = "join",
        /// the meta of a member changed
        Update = "update",
        /// a member, or a tab of one, left
        Leave = "leave",
    }
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

/// Whether a server has presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerPresence {
    /// It has.
    Supported,
    /// It has not.
    Unsupported,
}

/// What presence wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<P> {
    /// Send a request.
    Request {
        /// The channel.
        channel: ChannelId,
        /// The reference the answer will bear.
        reference: u32,
        /// The request.
        request: Request<P>,
    },
    /// An action of the app is settled. The error does not name the channel.
    Settled(ChannelId, SendId, Result<(), Error>),
    /// Something went wrong that no action of the app waits for.
    Error(ChannelId, Error),
    /// Who is there changed.
    Changes(ChannelId, Vec<PresenceChange<P>>),
}
