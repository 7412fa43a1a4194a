//! Requests that may have ended a connection: none of them is sent for ever.
//!
//! A server can end the connection because of what it was sent (1009, too big; 1011, it failed).
//! The close does not name the request. One that was unanswered at two losses in a row is not sent a
//! third time, unless others can have been the cause: then it is sent while nothing else is under
//! way, so that the next loss decides. The same applies after two losses whose codes do not refer to what
//! was received: these are as likely the network's. A message sent before one that was answered was
//! processed: such a loss does not count for it.

/// Close codes of RFC 6455 that refer to a received message.
const MESSAGE_CODES: [u16; 6] = [1002, 1003, 1007, 1008, 1009, 1011];

/// "Message Too Big".
const TOO_BIG: u16 = 1009;

/// The loss of a connection that the client did not end itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// The close code; 1006 where there was none.
    pub code: u16,
    /// Whether one single request was unanswered.
    pub alone: bool,
}

impl Loss {
    /// Whether the close code refers to a received message.
    #[must_use]
    pub fn is_about_a_message(self) -> bool {
        MESSAGE_CODES.contains(&self.code)
    }

    /// Whether the server rejected a message for its size.
    #[must_use]
    pub const fn is_too_big(self) -> bool {
        self.code == TOO_BIG
    }
}

/// Whether other requests can have caused a loss that was not the first one they were lost in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherSuspects {
    /// There were none.
    None,
    /// There were some.
    Present,
}

/// What the losses of connections indicate about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Risk {
    /// Nothing.
    #[default]
    None,
    /// It was unanswered at a loss.
    Lost,
    /// The same, and it can be the cause: it is sent while nothing else is under way.
    Isolated,
    /// It is the cause, as far as can be known: it is not sent again.
    Condemned,
}

impl Risk {
    /// After another loss at which it was unanswered. `suspect`: of the requests that were lost
    /// before, it is the first that the server has to do with.
    #[must_use]
    pub fn after(self, loss: Loss, suspect: bool) -> Self {
        match self {
            Self::None if loss.alone && loss.is_too_big() => Self::Condemned,
            Self::None if !loss.is_about_a_message() => Self::Lost,
            Self::Lost if !loss.is_about_a_message() => Self::Isolated,
            Self::Lost | Self::Isolated if loss.alone || suspect && !loss.is_too_big() => {
                Self::Condemned
            }
            _ => Self::Isolated,
        }
    }
}
