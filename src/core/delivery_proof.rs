//! What one part can swear to another about a message that was sent on an earlier connection.

/// What a channel can say about such a message (native protocol, `ack`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// Nothing, and nothing may be sent in it before it is joined.
    Outside,
    /// Nothing: it has no places, or is not joined.
    Mute,
    /// Nothing yet: what was missed is on its way.
    Catching,
    /// Every message of this line, an unbroken row of messages, has been delivered.
    Caught {
        /// The line. A message sent in it and not seen in it is not in the log.
        line: u32,
    },
}
