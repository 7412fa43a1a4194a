//! Wall-clock time, for stored times, and monotonic time for everything else.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tidewire_server_core::Now;

/// The current time on both clocks, for the protocol's core.
pub(crate) fn now() -> Now {
    Now { unix_ms: now_ms(), uptime: uptime() }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time since the first call, by a monotonic clock.
pub(crate) fn uptime() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// The instant of a future uptime.
pub(crate) fn instant(at: Duration) -> tokio::time::Instant {
    tokio::time::Instant::now() + at.saturating_sub(uptime())
}
