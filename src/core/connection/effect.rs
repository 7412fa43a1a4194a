//! What the connection wants done.

use crate::core::error::Error;
use crate::core::id::{RequestId, SocketId};
use crate::core::reason::Reason;
use crate::core::state::{Quality, State};
use crate::core::token::Token;

/// What the connection wants done, in order.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Ask the app for a token.
    FetchToken(RequestId),
    /// Open a socket, with this token as a subprotocol.
    Open(SocketId, Option<Token>),
    /// Close the socket with this code.
    Close(SocketId, u16),
    /// Give up a socket that did not open, or was not authenticated, in time.
    Abort(SocketId),
    /// Send the `auth` frame with this token.
    Authenticate(SocketId, Option<Token>),
    /// Send a ping.
    Ping(SocketId),
    /// The state changed, because of an error if there is one.
    State(State, Reason, Option<Error>),
    /// The grade changed.
    Quality(Quality),
    /// Something went wrong that ended nothing.
    Error(Error),
    /// Messages flow on this socket from here on.
    Up(SocketId),
    /// They no longer do, with the close code where the client did not end it.
    Down(Option<u16>),
    /// The token in use was refused, and the app has no other one.
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
