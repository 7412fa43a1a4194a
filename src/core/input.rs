//! The inputs of the client.

use alloc::boxed::Box;
use alloc::string::String;

use super::config::ServerHost;
use super::id::{RequestId, SocketId};
use super::token::Grant;

/// A change of the page's visibility or lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Its document became visible.
    Visible,
    /// Its document was hidden.
    Hidden,
    /// It is frozen or being unloaded (`freeze`, `pagehide`); no later event may follow.
    Frozen,
    /// It came back after `Frozen` (`resume`, `pageshow`), and can be seen.
    Resumed,
    /// It came back after `Frozen`, in the background.
    ResumedHidden,
}

/// Why a socket is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClosedBy {
    /// A close event with its code (1006 when the browser knows none) and reason.
    Peer(u16, String),
    /// It could not be constructed: the address was rejected. The message never contains a token.
    BadUrl(String),
    /// The page may not open it (its policy, or a plain socket on a secure page). The message never contains a token.
    Blocked(String),
}

/// What kind of binary frame it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// To this client alone.
    Push,
    /// An answer; the event is its status.
    Reply,
    /// To all members.
    Broadcast,
    /// To all members, sent by one of them (Supabase).
    UserBroadcast,
}

/// All of a binary frame but its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinaryHead {
    /// What kind of frame it is.
    pub kind: FrameKind,
    /// The join it belongs to.
    pub join_ref: Option<String>,
    /// The reference of the frame that it answers.
    pub reference: Option<String>,
    /// The topic.
    pub topic: String,
    /// The event, or a reply's status.
    pub event: String,
    /// A JSON object about the message, or nothing.
    pub meta: String,
    /// Whether the data is the UTF-8 of a JSON text.
    pub is_json: bool,
    /// Where the data begins.
    pub data_at: usize,
}

/// A binary frame of Phoenix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinaryFrame<P> {
    /// All of it but the data.
    pub head: BinaryHead,
    /// The data.
    pub data: P,
    /// The value of the head's `meta`, if it is JSON.
    pub meta: Option<P>,
}

/// One message of the socket.
#[derive(Debug, Clone)]
pub enum Received<P> {
    /// A JSON text's value.
    Value(P),
    /// A JSON text's value, and the id from the app's `dedupKey`, where the protocol has none.
    Keyed(P, String),
    /// A text that is not JSON.
    NotJson,
    /// A binary message that was not negotiated, or that could not be inflated.
    UnexpectedBinary,
    /// A binary frame of Phoenix.
    Binary(Box<BinaryFrame<P>>),
    /// A message over `max_frame_bytes`, unread but for the part before its payload: the
    /// members of an object, or the items of an array, up to the first that is neither a text nor
    /// a number.
    TooLarge(Option<P>),
}

/// The network, as the browser reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// There is one, or the browser does not report its absence.
    Online,
    /// There is none.
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
    /// The app answered a [`Output::FetchToken`](super::output::Output::FetchToken); the error is its message.
    Token(RequestId, Result<Option<Box<Grant>>, String>),
    /// The page changed.
    Page(Page),
    /// The browser reports the network.
    Network(Network),
    /// The clock jumped: the machine slept.
    Woke,
    /// The host of the requested address.
    ServerHost(ServerHost),
}
