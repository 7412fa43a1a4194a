//! The messages of a channel, and their positions in its log.

use alloc::rc::Rc;

/// A message, as callbacks receive it.
#[derive(Debug, Clone)]
pub struct Message<P> {
    /// The first argument of the callback.
    pub payload: P,
    /// The event's name.
    pub event: Option<P>,
    /// The message's id, where messages have ids.
    pub id: Option<P>,
    /// Its position in the channel's log, where messages have positions.
    pub position: Option<StreamPosition>,
    /// Whether it was missed first and recovered later.
    pub recovered: bool,
    /// Whether this client sent it.
    pub own: bool,
    /// Whether its event has a name that is reserved for messages of the server itself: listeners
    /// for that name do not receive it.
    pub reserved: bool,
}

impl<P> Message<P> {
    /// A message with an event and a payload only.
    #[must_use]
    pub const fn plain(event: Option<P>, payload: P) -> Self {
        let (recovered, own, reserved) = (false, false, false);
        Self { payload, event, id: None, position: None, recovered, own, reserved }
    }
}

/// A position in a channel's log (native protocol, `seq`). Within an epoch it identifies one
/// message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPosition {
    /// The epoch within which `seq` is counted.
    pub epoch: Rc<str>,
    /// The number of the message; numbers of an epoch are consecutive.
    pub seq: u64,
}

/// Messages of a channel that this client missed and cannot recover.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gap {
    /// The first of them, if known.
    pub from: Option<u64>,
    /// The last of them, if known.
    pub to: Option<u64>,
    /// Their epoch, if known.
    pub epoch: Option<Rc<str>>,
}

/// The positions in the reply to a join (native protocol, `subscribed`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinReply {
    /// The position before the first message of the membership.
    pub position: StreamPosition,
    /// The number of the last message in the log when the server answered.
    pub head: u64,
    /// Whether all messages after the requested position follow.
    pub recovered: bool,
}

/// The kind of a change of a database row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowChangeKind {
    /// It was inserted.
    Insert,
    /// It was updated.
    Update,
    /// It was deleted.
    Delete,
}

/// A change of a row of a database.
#[derive(Debug, Clone)]
pub struct RowChange<P> {
    /// The kind of the change.
    pub kind: RowChangeKind,
    /// The row before the change, as far as the server sends it; `None` for an insert.
    pub old: Option<P>,
    /// The row after the change; `None` for a deletion.
    pub new: Option<P>,
}

/// Whether the answer to a request for missed messages contains all of them (native protocol,
/// `recovered`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// It contains all.
    Complete,
    /// Some are no longer in the server's log, or the server rejects the request.
    Partial,
}

/// Why the server reports a channel as live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveCause {
    /// The server created the subscription, or created it again after it had ended.
    Server,
    /// The client sent another token. If the channel was live before, nothing was missed.
    TokenSent,
}
