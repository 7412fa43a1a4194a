//! Time, which the driver passes in.

use std::time::Duration;

/// The current time on both of the driver's clocks. Both have a resolution of at least 1 ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, in ms since 1970: for stored times. It may be set back.
    pub unix_ms: u64,
    /// A monotonic clock, as the time since some fixed start: for everything else.
    pub uptime: Duration,
}
