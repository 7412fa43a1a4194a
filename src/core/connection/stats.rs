//! The counters behind the connection's metrics.

use crate::core::time::Instant;

/// Counters and times over the lifetime of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Attempts to connect.
    pub attempts: u32,
    /// Connections that became ready.
    pub successes: u32,
    /// Attempts and connections that ended in an error.
    pub errors: u32,
    /// When the latest connection became ready.
    pub up_at: Option<Instant>,
    /// When the latest connection ended; `None` while one is up.
    pub down_at: Option<Instant>,
    /// The total uptime of former connections, in milliseconds.
    pub uptime_ms: u64,
}

impl Record {
    pub(super) fn up(&mut self, now: Instant) {
        self.successes += 1;
        self.up_at = Some(now);
        self.down_at = None;
    }

    pub(super) fn down(&mut self, now: Instant, since: Instant) {
        self.uptime_ms += now.duration_since(since);
        self.down_at = Some(now);
    }

    /// The uptime of the present connection, in milliseconds; 0 without one.
    #[must_use]
    pub fn current_uptime_ms(&self, now: Instant) -> u64 {
        match (self.up_at, self.down_at) {
            (Some(up), None) => now.duration_since(up),
            _ => 0,
        }
    }
}
