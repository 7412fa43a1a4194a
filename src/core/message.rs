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
    /// Whether its event has a name that is reserved for the server's own messages: listeners to that name do not receive it.
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

/// A position in a channel's log (native protocol, `seq`). Within an epoch it identifies one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPosition {
    /// The epoch within which `seq` is counted.
    pub epoch: Rc<str>,
    /// The number, +1 for each message.
    pub seq: u64,
}

/// Messages of a channel that this client will never receive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gap {
    /// The first of them, if known.
    pub from: Option<u64>,
    /// The last of them, if known.
    pub to: Option<u64>,
    /// Their epoch, if known.
    pub epoch: Option<Rc<str>>,
}

/// Where a membership begins (native protocol, `subscribed`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinReply {
    /// The next message has the `seq` after this position.
    pub position: StreamPosition,
    /// The last message of the log when the server answered.
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
    /// What happened.
    pub kind: RowChangeKind,
    /// The row before it, as far as the server sends it; not of an insert.
    pub old: Option<P>,
    /// The row after it; not of a deletion.
    pub new: Option<P>,
}

/// Whether the answer to a request for missed messages contains all of them (native protocol,
/// `recovered`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// It does.
    Complete,
    /// The server does not have some of them any more, or rejects the request.
    Partial,
}

/// Why the server reports a channel as live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveCause {
    /// By itself: its subscription was made, or made again after it had ended.
    Server,
    /// This client sent another token: where the channel was live before, nothing was missed.
    TokenSent,
}
