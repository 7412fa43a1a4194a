//! The inputs and outputs of presence.

use alloc::string::String;
use alloc::vec::Vec;

use crate::core::error::Error;
use crate::core::id::{ChannelId, SendId};
use crate::core::named::named;

/// A presence action of the app in a channel.
#[derive(Debug, Clone)]
pub enum PresenceAction<P> {
    /// Track this meta.
    Track {
        /// The requested key; the server may give another one.
        key: Option<String>,
        /// What is shown.
        meta: P,
    },
    /// Replace the tracked meta. Without an earlier `Track` it is one.
    Update {
        /// What is shown.
        meta: P,
    },
    /// Untrack it.
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
        /// The server's id of the presence that this one replaces.
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

/// A change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceChange<P> {
    /// Its kind.
    pub kind: PresenceKind,
    /// The key.
    pub key: String,
    /// All present metas of the key; empty if it was removed.
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

/// A step that presence emits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<P> {
    /// Send a request.
    Request {
        /// The channel.
        channel: ChannelId,
        /// The reference of the answer.
        reference: u32,
        /// The request.
        request: Request<P>,
    },
    /// An action of the app is settled. The error does not name the channel.
    Settled(ChannelId, SendId, Result<(), Error>),
    /// An error that does not belong to an action of the app.
    Error(ChannelId, Error),
    /// The members changed.
    Changes(ChannelId, Vec<PresenceChange<P>>),
}
