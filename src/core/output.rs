//! The outputs of the client.

use alloc::vec::Vec;

use super::event::Event;
use super::id::{RequestId, SocketId};
use super::token::Token;

/// A frame to be sent. `head` is an object or an array; `body` is combined with it without being read.
#[derive(Debug, Clone)]
pub struct Frame<P> {
    /// The envelope.
    pub head: P,
    /// The payload.
    pub body: Body<P>,
    /// Its approximate size in bytes.
    pub bytes: usize,
}

/// The payload of a frame.
#[derive(Debug, Clone)]
pub enum Body<P> {
    /// None: a control frame.
    Empty,
    /// Under the key `payload`; the last item of a head that is an array.
    Payload(P),
    /// Its members, merged into the head last (base servers).
    MergedIntoHead(P),
    /// Bytes behind these: a binary frame, without a head of its own.
    Bytes(Vec<u8>, P),
    /// The second under the key `payload` of the first, which is the frame's payload.
    Wrapped(P, P),
}

/// An action that the client requests of its driver.
#[derive(Debug, Clone)]
pub enum Output<P> {
    /// Open a socket under this id; offer the token as a subprotocol if there is one.
    Open(SocketId, Option<Token>),
    /// Close the socket with this code and ignore its further events.
    Close(SocketId, u16),
    /// Abort a socket that did not open in time.
    Abort(SocketId),
    /// Send one frame as it is, or several as an array (`batch`).
    Transmit(SocketId, Vec<Frame<P>>),
    /// Request a token from the app.
    FetchToken(RequestId),
    /// Emit an event to the app.
    Event(Event<P>),
}
