//! Outputs of the core: what the driver has to do.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::features::Features;
use crate::frame::Frame;
use crate::grant::TokenMark;
use crate::message::{Message, Shape};
use crate::rejection::Rejection;

/// Something the driver has to do, in order.
#[derive(Debug)]
pub enum Output {
    /// An action for the connection of this number.
    Connection(u64, Action),
    /// A failure that only the operator can fix: a line for the log.
    Problem(String),
}

/// An action for one connection.
#[derive(Debug)]
pub enum Action {
    /// The connection is authenticated: its user, and how its frames are packed from now on.
    Admit(Admission),
    /// Send a frame.
    Send(Arc<Frame>),
    /// Send a frame unless the reader is behind: it may be dropped.
    Offer(Arc<Frame>),
    /// Send these messages of a log, as fast as the connection's queue allows.
    Replay(Replay),
    /// Send a WebSocket ping, which every peer answers automatically.
    Ping,
    /// Close the connection after sending what is queued.
    Close(CloseAction),
    /// Count a received frame of this kind.
    CountReceived(&'static str),
    /// Count an attempt to authenticate that was rejected.
    CountRejected,
}

/// An authenticated connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The negotiated extensions.
    pub features: Features,
    /// The token's subject.
    pub user: Option<String>,
    /// Identifies the token.
    pub mark: Option<TokenMark>,
}

/// Messages of a log. They should be turned into frames only when the connection's queue has room,
/// so that a long recovery does not look like a slow reader.
#[derive(Debug)]
pub struct Replay {
    channel: String,
    epoch: String,
    messages: VecDeque<Arc<Message>>,
}

impl Replay {
    pub(crate) fn new(channel: &str, epoch: String, messages: Vec<Arc<Message>>) -> Self {
        Self { channel: channel.to_owned(), epoch, messages: messages.into() }
    }

    /// The next frame, for a connection with these extensions.
    pub fn next_frame(&mut self, features: Features) -> Option<Frame> {
        let message = self.messages.pop_front()?;
        Some(message.frame(&self.channel, &self.epoch, Shape::of(features)))
    }

    /// How many messages are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether no message is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}

/// How a connection is closed.
#[derive(Debug, Clone)]
pub enum CloseAction {
    /// By a closing handshake, after an error frame if there is a reason to give.
    Close {
        /// The close code.
        code: u16,
        /// The close frame's reason, at most 123 bytes.
        reason: String,
        /// A frame to send before the close frame.
        error: Option<Frame>,
    },
    /// By aborting the transport.
    Abort,
}

impl CloseAction {
    /// Sends an error, and closes.
    #[must_use]
    pub fn rejected(code: u16, rejection: &Rejection) -> Self {
        let error = Some(Frame::error(rejection, None, None));
        Self::Close { code, reason: rejection.code.to_owned(), error }
    }
}
