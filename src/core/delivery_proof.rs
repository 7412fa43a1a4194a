//! The proof whether a message that was sent on an earlier connection is in its channel's log.

/// What a channel proves about the delivery of a message (native protocol, `ack`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryProof {
    /// Nothing, because the client is not a member of the channel and may not send to it.
    NotMember,
    /// Nothing, because its messages have no positions, or it is not joined.
    Unknown,
    /// Nothing yet: the missed messages are being received.
    CatchingUp,
    /// Every message of this contiguous run has been delivered.
    CaughtUp {
        /// The run. A message that was sent during the run and not received in it is not in the
        /// log.
        run: u32,
    },
}

impl DeliveryProof {
    /// The contiguous run of messages that has been delivered completely.
    #[must_use]
    pub const fn run(self) -> Option<u32> {
        match self {
            Self::CaughtUp { run } => Some(run),
            Self::NotMember | Self::CatchingUp | Self::Unknown => None,
        }
    }
}
