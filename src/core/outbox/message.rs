//! What is sent, and what a server makes possible for sending.

use alloc::rc::Rc;
use alloc::string::String;

use crate::core::error::Code;
use crate::core::id::Origin;
use crate::core::risk::OtherCauses;

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct OutgoingMessage<P> {
    /// Who wants it sent.
    pub origin: Origin,
    /// The channel.
    pub channel: Rc<str>,
    /// The id it bears on the wire, in every sending.
    pub id: String,
    /// The event's name.
    pub event: Option<String>,
    /// What is sent.
    pub payload: P,
    /// Its size in bytes of JSON.
    pub bytes: usize,
    /// Whether an acknowledgement is wanted, where there are any.
    pub ack: bool,
    /// Time from the call to its settlement, in milliseconds; `None`: only the configured times
    /// limit it, and the wait for a connection does not.
    pub timeout_ms: Option<u64>,
    /// Time it may wait before it is handed to a socket; `None` is the configured one.
    pub ttl_ms: Option<u64>,
}

/// What a server makes possible for sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    /// Whether it acknowledges.
    pub acks: bool,
    /// How long it remembers accepted ids.
    pub ack_memory_ms: u64,
    /// The largest frame it takes.
    pub max_frame_bytes: u64,
}

/// Requests under way that are no messages and can end the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// There are none.
    None,
    /// None of them was unanswered at a loss.
    Fresh,
    /// One of them was.
    AtRisk,
}

impl Others {
    /// Whether one of them can be the cause of a loss.
    pub(super) const fn causes(self) -> OtherCauses {
        match self {
            Self::None | Self::Fresh => OtherCauses::None,
            Self::AtRisk => OtherCauses::Possible,
        }
    }
}

/// What became of a message handed to the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transmit {
    /// The socket has it.
    Sent,
    /// The socket has it, and an answer that was wanted will not come.
    SentNoReply,
    /// It cannot be said in this server's protocol.
    Unencodable(Code),
}

/// What becomes of messages that the socket has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFlight {
    /// They are still answered.
    Awaited,
    /// Their answers cannot come any more.
    Unanswered,
}

/// Whether the server's answer to a message is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ack {
    /// It is.
    Requested,
    /// It is not: the message is settled once the socket has it.
    None,
}

/// Whether a server remembers the ids it accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerMemory {
    /// It does: a message can be sent again.
    Remembers,
    /// It does not: what one socket had is never sent again.
    Forgets,
}

impl SendLimits {
    pub(super) const fn memory(self) -> ServerMemory {
        match self.ack_memory_ms {
            0 => ServerMemory::Forgets,
            _ => ServerMemory::Remembers,
        }
    }
}
