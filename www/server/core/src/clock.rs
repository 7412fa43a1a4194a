//! Time, which the driver passes in.

use std::time::Duration;

/// A moment, by both of the driver's clocks. Both have a resolution of at least 1 ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, in ms since 1970: for what outlives the process. It may be set back.
    pub unix_ms: u64,
    /// The time since some fixed start, which never goes back: for everything else.
    pub uptime: Duration,
}
