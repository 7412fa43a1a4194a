//! The effects that the connection emits.

use crate::core::error::Error;
use crate::core::id::{RequestId, SocketId};
use crate::core::reason::Reason;
use crate::core::state::{Quality, State};
use crate::core::token::Token;

/// An effect that the connection emits; they are performed in order.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Request a token from the app.
    FetchToken(RequestId),
    /// Open a socket, with this token as a subprotocol.
    Open(SocketId, Option<Token>),
    /// Close the socket with this code.
    Close(SocketId, u16),
    /// Abort a socket that was not opened, or not authenticated, in time.
    Abort(SocketId),
    /// Send the `auth` frame with this token.
    Authenticate(SocketId, Option<Token>),
    /// Send a ping.
    Ping(SocketId),
    /// Emit the state, with the error that caused it, if any.
    State(State, Reason, Option<Error>),
    /// Emit the grade of the quality.
    Quality(Quality),
    /// Emit an error that did not end the connection.
    Error(Error),
    /// Exchange messages on this socket from now on.
    Up(SocketId),
    /// Exchange no more messages. The close code, if the client did not close the socket.
    Down(Option<u16>),
    /// Block joins: the token in use was rejected, and the app has no other one.
    TokenDenied,
}

/// Close codes of the native protocol ("Base").
pub(super) mod close {
    pub(in super::super) const NORMAL: u16 = 1000;
    pub(in super::super) const ABNORMAL: u16 = 1006;
    pub(in super::super) const HIDDEN: u16 = 4000;
    pub(in super::super) const AUTH_FAILED: u16 = 4001;
    pub(in super::super) const FORBIDDEN: u16 = 4002;
    pub(in super::super) const NEW_TOKEN: u16 = 4003;
}
