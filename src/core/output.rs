//! What comes out of the client.

use alloc::vec::Vec;

use super::event::Event;
use super::id::{RequestId, SocketId};
use super::token::Token;

/// A frame on its way out. `head` is an object or an array; `body` joins it without being looked into.
#[derive(Debug, Clone)]
pub struct Frame<P> {
    /// The envelope.
    pub head: P,
    /// The user's part.
    pub body: Body<P>,
    /// About its size in bytes.
    pub bytes: usize,
}

/// The user's part of a frame.
#[derive(Debug, Clone)]
pub enum Body<P> {
    /// None: a control frame.
    Empty,
    /// Under the key `payload`; the last item of a head that is an array.
    Payload(P),
    /// Its members over those of the head, last (base servers).
    MergedIntoHead(P),
    /// Bytes behind these: a binary frame, without a head of its own.
    Bytes(Vec<u8>, P),
    /// The second under the key `payload` of the first, which is the frame's payload.
    Wrapped(P, P),
}

/// What the client wants done.
#[derive(Debug, Clone)]
pub enum Output<P> {
    /// Open a socket under this id; offer the token as a subprotocol if there is one.
    Open(SocketId, Option<Token>),
    /// Close the socket with this code and ignore its further events.
    Close(SocketId, u16),
    /// Give up, at once, a socket that did not open in time.
    Abort(SocketId),
    /// Send one frame as it is, or several as an array (`batch`).
    Transmit(SocketId, Vec<Frame<P>>),
    /// Request a token from the app.
    FetchToken(RequestId),
    /// Emit an event to the app.
    Event(Event<P>),
}
