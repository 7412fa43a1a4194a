//! The outputs of the client.

use alloc::vec::Vec;

use super::event::Event;
use super::id::{RequestId, SocketId};
use super::token::Token;

/// A frame to be sent.
#[derive(Debug, Clone)]
pub struct Frame<P> {
    /// The envelope: an object or an array.
    pub head: P,
    /// The payload, combined with the head without being read.
    pub body: Body<P>,
    /// The approximate size of the frame, in bytes.
    pub bytes: usize,
}

/// The payload of a frame.
#[derive(Debug, Clone)]
pub enum Body<P> {
    /// There is none: a control frame.
    Empty,
    /// The value is the member `payload` of the head, or the last item of a head that is an array.
    Payload(P),
    /// The members of the value are merged into the head, after its own (base servers).
    MergedIntoHead(P),
    /// The payload is bytes: a binary frame of this header and them, without the head.
    Bytes(Vec<u8>, P),
    /// The first value is the payload, and the second one its member `payload`.
    Wrapped(P, P),
}

/// An action that the client requests of its driver.
#[derive(Debug, Clone)]
pub enum Output<P> {
    /// Open a socket with this id; offer the token as a subprotocol if there is one.
    Open(SocketId, Option<Token>),
    /// Close the socket with this code and ignore its further events.
    Close(SocketId, u16),
    /// Abort a socket that did not open in time.
    Abort(SocketId),
    /// Send one frame, or several as an array in one WebSocket message (native protocol, `batch`).
    Transmit(SocketId, Vec<Frame<P>>),
    /// Request a token from the app.
    FetchToken(RequestId),
    /// Emit an event to the app.
    Event(Event<P>),
}
