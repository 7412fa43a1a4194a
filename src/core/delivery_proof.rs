//! What one part can prove to another about a message that was sent on an earlier connection.

/// What a channel proves about the delivery of a message (native protocol, `ack`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryProof {
    /// Nothing, and nothing may be sent in it before it is joined.
    NotMember,
    /// Nothing: it has no places, or is not joined.
    Unknown,
    /// Nothing yet: what was missed is on its way.
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
