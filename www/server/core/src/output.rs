//! What the core wants done.

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
    /// To do with the connection of this number.
    Connection(u64, Action),
    /// Something failed that only the operator can do something about: a line for the log.
    Problem(String),
}

/// What to do with a connection.
#[derive(Debug)]
pub enum Action {
    /// It is authenticated: how its frames are packed from now on, and whose it is.
    Admit(Admission),
    /// Send a frame.
    Send(Arc<Frame>),
    /// Send a frame unless the reader is behind: it may be dropped.
    Offer(Arc<Frame>),
    /// Send these messages of a log, as there is room for them.
    Replay(Replay),
    /// Send a ping of the transport, which every peer answers by itself.
    Ping,
    /// Close the connection after what is to be sent already.
    Close(CloseAction),
    /// Count a received frame of this kind.
    CountReceived(&'static str),
    /// Count an attempt to authenticate that was rejected.
    CountRejected,
}

/// An authenticated connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The extensions that were agreed on.
    pub features: Features,
    /// The token's subject.
    pub user: Option<String>,
    /// Identifies the token.
    pub mark: Option<TokenMark>,
}

/// Messages out of a log. They should be turned into frames only when there is room, so that a
/// long recovery does not look like a slow reader.
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

/// How a connection ends.
#[derive(Debug, Clone)]
pub enum CloseAction {
    /// By a closing handshake, after an error frame if there is a reason to give.
    Close {
        /// The close code.
        code: u16,
        /// The close frame's reason, at most 123 bytes.
        reason: String,
        /// Sent before.
        error: Option<Frame>,
    },
    /// By cutting the transport.
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
