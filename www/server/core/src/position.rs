//! Positions in the log of a channel.

/// A position in a channel's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Identifies the log: positions of different epochs cannot be compared.
    pub epoch: String,
    /// The number of the last message, 0 before the first one.
    pub seq: u64,
}
