//! The inputs of the client.

use alloc::boxed::Box;
use alloc::string::String;

use super::config::ServerHost;
use super::id::{RequestId, SocketId};
use super::token::Grant;

/// A change of the page's visibility or lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The document became visible.
    Visible,
    /// The document was hidden.
    Hidden,
    /// The page is frozen or unloaded (`freeze`, `pagehide`); possibly no event follows.
    Frozen,
    /// The page was resumed after `Frozen` (`resume`, `pageshow`), and is visible.
    Resumed,
    /// The page was resumed after `Frozen`, and is hidden.
    ResumedHidden,
}

/// The cause of a socket's close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClosedBy {
    /// A close event with its code (1006 without a close frame) and reason.
    Peer(u16, String),
    /// The socket could not be constructed, because its address is not valid. The message never
    /// contains a token.
    BadUrl(String),
    /// The page may not open the socket (its policy, or a plain socket on a secure page). The
    /// message never contains a token.
    Blocked(String),
}

/// The kind of a binary frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// A message to this client only.
    Push,
    /// A reply; the event is its status.
    Reply,
    /// A message to all members.
    Broadcast,
    /// A message to all members, sent by one of them (Supabase).
    UserBroadcast,
}

/// The header of a binary frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinaryHead {
    /// The kind of the frame.
    pub kind: FrameKind,
    /// The reference of the join that it belongs to.
    pub join_ref: Option<String>,
    /// The reference of the frame to which it is the reply.
    pub reference: Option<String>,
    /// The topic.
    pub topic: String,
    /// The event, or a reply's status.
    pub event: String,
    /// The metadata: a JSON object, or empty.
    pub meta: String,
    /// Whether the data is the UTF-8 of a JSON text.
    pub is_json: bool,
    /// The offset of the data in the frame, in bytes.
    pub data_at: usize,
}

/// A binary frame of Phoenix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinaryFrame<P> {
    /// The header.
    pub head: BinaryHead,
    /// The data.
    pub data: P,
    /// The value of the header's `meta`, if it is JSON.
    pub meta: Option<P>,
}

/// A received WebSocket message.
#[derive(Debug, Clone)]
pub enum Received<P> {
    /// The value of a JSON text.
    Value(P),
    /// The value of a JSON text, and the message's id from the app's `dedupKey`, where the protocol
    /// has none.
    Keyed(P, String),
    /// A text that is not JSON.
    NotJson,
    /// A binary message that was not negotiated, or that could not be inflated.
    UnexpectedBinary,
    /// A binary frame of Phoenix.
    Binary(Box<BinaryFrame<P>>),
    /// A message over `max_frame_bytes`, of which only the part before its payload was read: the
    /// members of an object, or the items of an array, up to the first one that is neither a string
    /// nor a number.
    TooLarge(Option<P>),
}

/// The network, as the browser reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// There is a network, or the browser does not report that there is none.
    Online,
    /// There is no network.
    Offline,
}

/// An input of the driver.
#[derive(Debug, Clone)]
pub enum Input<P> {
    /// The socket is open.
    SocketOpened(SocketId),
    /// The socket received a message of this many bytes.
    SocketFrame(SocketId, Received<P>, usize),
    /// The socket accepts no more messages; its close with the reason follows.
    SocketClosing(SocketId),
    /// The socket failed; its close may not follow.
    SocketErrored(SocketId),
    /// The socket is closed.
    SocketClosed(SocketId, ClosedBy),
    /// The app answered an [`Output::FetchToken`](super::output::Output::FetchToken) with a token,
    /// with none, or with the message of an error.
    Token(RequestId, Result<Option<Box<Grant>>, String>),
    /// The page changed.
    Page(Page),
    /// The browser reports the network.
    Network(Network),
    /// The clock jumped, because the device slept.
    Woke,
    /// The host of the requested address.
    ServerHost(ServerHost),
}
