//! What a channel proves about a message that was sent on an earlier connection.

/// What a channel proves about the delivery of a message (native protocol, `ack`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryProof {
    /// Nothing, since this client is not a member: nothing may be sent in it before it is joined.
    NotMember,
    /// Nothing, since its messages have no positions, or it is not joined.
    Unknown,
    /// Nothing yet: the missed messages are being received.
    CatchingUp,
    /// Every message of this contiguous run has been delivered.
    CaughtUp {
        /// The run. A message sent in it and not seen in it is not in the log.
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
