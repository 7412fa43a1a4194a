//! The risk that a request ends connections. A request that does is not sent indefinitely.
//!
//! A server can end the connection because of a frame that it received (1009, too big; 1011, it
//! failed), and the close does not identify the frame. The terms used in all parts:
//!
//! - A *request* is a message, a join, a request for missing messages, or a request of presence: a
//!   frame that the server answers.
//! - A *loss* is the end of a connection that the client did not end itself ([`Loss`]).
//! - The *risk* of a request is the conclusion from the losses at which it was unanswered
//!   ([`Risk`]). A request is *at risk* if there was such a loss.
//! - A request is *isolated* while it is sent without any other pending request, so that a loss
//!   proves that it is the cause.
//! - The *cause* of a loss is the request for which the server ended the connection.
//!
//! A request that was unanswered at two losses in a row is not sent a third time, unless another
//! one may have been the cause: then it is isolated. It is also isolated after two losses whose
//! codes do not refer to a received frame, because these may be failures of the network. A message
//! sent before one that was answered was processed: such a loss does not count for it.

/// Close codes of RFC 6455 that refer to a received message.
const MESSAGE_CODES: [u16; 6] = [1002, 1003, 1007, 1008, 1009, 1011];

/// The close code "Message Too Big".
const TOO_BIG: u16 = 1009;

/// The requests that were unanswered at a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// One request.
    One,
    /// None, several, or an unknown number.
    Other,
}

/// The loss of a connection that the client did not end itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// The close code; 1006 without a close frame.
    pub code: u16,
    /// The requests that were unanswered.
    pub unanswered: Unanswered,
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

/// Whether a request other than this one can be the cause of a loss. Servers process frames in
/// order, so of several requests at risk only the first one sent can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherCauses {
    /// No other request can be.
    None,
    /// Another request can be.
    Possible,
}

/// The risk of a request, from the losses at which it was unanswered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Risk {
    /// There was no such loss.
    #[default]
    None,
    /// It was unanswered at a loss.
    Lost,
    /// It was unanswered at a loss, and can be the cause: it is sent without any other pending
    /// request.
    Isolated,
    /// It is probably the cause: it is not sent again.
    Cause,
}

impl Risk {
    /// The risk after another loss at which the request was unanswered.
    #[must_use]
    pub fn after(self, loss: Loss, others: OtherCauses) -> Self {
        let is_only = loss.unanswered == Unanswered::One;
        match self {
            Self::None if is_only && loss.is_too_big() => Self::Cause,
            Self::None if !loss.is_about_a_message() => Self::Lost,
            Self::Lost if !loss.is_about_a_message() => Self::Isolated,
            Self::Lost | Self::Isolated
                if is_only || others == OtherCauses::None && !loss.is_too_big() =>
            {
                Self::Cause
            }
            _ => Self::Isolated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Loss, OtherCauses, Risk, Unanswered};

    const fn loss(code: u16, unanswered: Unanswered) -> Loss {
        Loss { code, unanswered }
    }

    #[test]
    fn single_request_is_the_cause_of_the_first_close_for_size_or_the_second_for_another_reason() {
        let too_big = loss(1009, Unanswered::One);
        assert_eq!(Risk::None.after(too_big, OtherCauses::Possible), Risk::Cause);
        let failed = loss(1011, Unanswered::One);
        let once = Risk::None.after(failed, OtherCauses::None);
        assert_eq!(once, Risk::Isolated);
        assert_eq!(once.after(failed, OtherCauses::Possible), Risk::Cause);
    }

    #[test]
    fn second_loss_that_may_be_a_network_failure_isolates_a_request() {
        let network = loss(1006, Unanswered::Other);
        let once = Risk::None.after(network, OtherCauses::None);
        assert_eq!(once, Risk::Lost);
        let twice = once.after(network, OtherCauses::None);
        assert_eq!(twice, Risk::Isolated);
        assert_eq!(twice.after(network, OtherCauses::None), Risk::Cause);
    }

    #[test]
    fn request_is_not_the_cause_while_another_one_can_be() {
        let failed = loss(1011, Unanswered::Other);
        assert_eq!(Risk::Isolated.after(failed, OtherCauses::Possible), Risk::Isolated);
        assert_eq!(Risk::Isolated.after(failed, OtherCauses::None), Risk::Cause);
        let too_big = loss(1009, Unanswered::Other);
        assert_eq!(Risk::Isolated.after(too_big, OtherCauses::None), Risk::Isolated);
    }
}
