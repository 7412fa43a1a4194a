//! Messages to be sent, and the limits of a server for them.

use alloc::rc::Rc;
use alloc::string::String;

use crate::core::error::Code;
use crate::core::id::Origin;
use crate::core::risk::OtherCauses;

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct OutgoingMessage<P> {
    /// The origin of the message.
    pub origin: Origin,
    /// The channel.
    pub channel: Rc<str>,
    /// Its id, the same in every transmission.
    pub id: String,
    /// The event's name.
    pub event: Option<String>,
    /// The payload.
    pub payload: P,
    /// The size of the payload, in bytes of JSON.
    pub bytes: usize,
    /// Whether an acknowledgement is requested, if the server has them.
    pub ack: bool,
    /// The longest time from the call to its settlement, in milliseconds. `None`: the configured
    /// times apply, and the wait for a connection is not limited.
    pub timeout_ms: Option<u64>,
    /// The longest time in the queue, in milliseconds; `None` is the configured one.
    pub ttl_ms: Option<u64>,
}

/// The limits of a server for sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    /// Whether the server acknowledges messages.
    pub acks: bool,
    /// How long it remembers the ids of accepted messages, in milliseconds.
    pub ack_memory_ms: u64,
    /// The largest frame that it accepts, in bytes.
    pub max_frame_bytes: u64,
}

/// The pending requests, other than messages, that can end the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// There are none.
    None,
    /// None of them was pending at an earlier loss.
    Fresh,
    /// One of them was pending at an earlier loss.
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

/// The result of the transmission of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transmit {
    /// It was sent.
    Sent,
    /// It was sent, and the requested acknowledgement will not be received.
    SentNoReply,
    /// It cannot be encoded in the server's protocol.
    Unencodable(Code),
}

/// What happens to messages in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFlight {
    /// Their answers can still be received.
    Awaited,
    /// Their answers cannot be received any more.
    Unanswered,
}

/// Whether an acknowledgement of a message is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ack {
    /// It is requested.
    Requested,
    /// It is not: the message is settled when it is sent.
    None,
}

/// Whether a server remembers the ids of accepted messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerMemory {
    /// It does: a message can be sent again.
    Remembers,
    /// It does not: a message that was sent is never sent again.
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
