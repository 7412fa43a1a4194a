//! The part of a message that decides how it is received, without its payload.

use super::id::{ChannelId, SocketId};
use super::named::named;

named! {
    /// Where a driver finds the parts of a message in a frame.
    pub enum FrameShape {
        /// Nowhere: all frames are passed to the engine.
        Opaque,
        /// In members: `type`, `channel`, `id`, `seq`, `epoch`, `event`, `payload`. Without `seq` the frame itself is the payload.
        Members,
        /// In items: two references, the channel, the event, the payload.
        Items,
    }
}

/// How a frame arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// In a message of the socket of its own.
    Alone,
    /// In an array of frames (native protocol, `batch`).
    Batch,
}

/// What a driver reads of a frame that seems to be a message, so that
/// [`Client::receive`](super::client::Client::receive) can decide on it without reading the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageHead {
    /// The socket that received it.
    pub socket: SocketId,
    /// The channel that it names.
    pub channel: ChannelId,
    /// Its number in the channel's log, if it has one and an id, and its epoch is that of the message that was emitted
    /// last in this channel.
    pub seq: Option<u64>,
    /// Whether it is one of several frames in a message of the socket.
    pub packing: Packing,
    /// The size of the frame, as in [`Input::SocketFrame`](super::input::Input::SocketFrame).
    pub bytes: usize,
}

named! {
    /// The decision on a message by its head.
    pub enum Receipt {
        /// There is none: the frame is to be passed to the engine.
        Undecided,
        /// It is counted as received, and is to be delivered to the channel's subscribers.
        Deliver,
        /// Likewise; then the engine is to be run, which has something to report or a timer to set.
        DeliverThenRun,
    }
}
