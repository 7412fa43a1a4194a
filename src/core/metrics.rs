//! The client's counters.

/// Counters of all traffic over the lifetime of a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages delivered to channels.
    pub messages_received: u64,
    /// Messages dropped because they had been delivered before.
    pub duplicates: u64,
    /// Messages that were missed first and recovered later.
    pub recovered: u64,
    /// Messages written to a socket, resends included.
    pub messages_sent: u64,
    /// The total size of received messages, in UTF-16 units, which are bytes for ASCII text.
    pub bytes_received: u64,
    /// The total size of sent messages, in the same units.
    pub bytes_sent: u64,
    /// Frames that are not valid in the protocol.
    pub invalid_frames: u64,
    /// Gaps reported for channels.
    pub gaps: u64,
}
