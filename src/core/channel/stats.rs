//! The counters of a channel.

use crate::core::time::Instant;

/// Counters of one channel since it was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// When the channel was created.
    pub created_at: Instant,
    /// When it was last subscribed to, sent on or delivered from.
    pub last_accessed_at: Instant,
    /// Messages delivered.
    pub received: u64,
    /// Messages dropped because they had been delivered before.
    pub duplicates: u64,
    /// Messages that were missed first and then recovered.
    pub recovered: u64,
    /// Messages written to a socket.
    pub sent: u64,
    /// Times joined.
    pub joins: u32,
    /// Joins and memberships that ended in an error.
    pub errors: u32,
    /// Times messages may have been missed.
    pub gaps: u32,
}

impl Stats {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            created_at: now,
            last_accessed_at: now,
            received: 0,
            duplicates: 0,
            recovered: 0,
            sent: 0,
            joins: 0,
            errors: 0,
            gaps: 0,
        }
    }
}
