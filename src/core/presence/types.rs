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
        /// The requested key; the server may assign another one.
        key: Option<String>,
        /// The metadata that other members receive.
        meta: P,
    },
    /// Replace the tracked meta. Without an earlier `Track` it is treated as one.
    Update {
        /// The metadata that other members receive.
        meta: P,
    },
    /// Remove the tracked meta.
    Untrack,
}

/// A request to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request<P> {
    /// `track`.
    Track {
        /// The requested key.
        key: Option<String>,
        /// The metadata that other members receive.
        meta: P,
        /// The server's id of the presence that this one replaces.
        replaces: Option<P>,
    },
    /// `update`.
    Update {
        /// The metadata that other members receive.
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

/// A change of the presence under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceChange<P> {
    /// Its kind.
    pub kind: PresenceKind,
    /// The key.
    pub key: String,
    /// All present metas of the key; empty if it was removed.
    pub metas: Vec<P>,
    /// The metas that joined, that were updated (the present ones), or that left.
    pub changed: Vec<P>,
}

/// Whether a server has presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerPresence {
    /// It has presence.
    Supported,
    /// It does not have presence.
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
    /// Settle an action of the app. The error is without the channel.
    Settled(ChannelId, SendId, Result<(), Error>),
    /// Emit an error that does not belong to an action of the app.
    Error(ChannelId, Error),
    /// Emit changes of the members.
    Changes(ChannelId, Vec<PresenceChange<P>>),
}
