//! Virtual time, the only time in the core.

use core::num::NonZeroU64;
use core::ops::Add;

/// How late a timer may fire before the core concludes that the page was throttled or asleep
/// rather than busy, in milliseconds. Browsers clamp the timers of hidden pages to one second.
pub const TIMER_LATE_MS: u64 = 1_000;

/// How late a timer may fire before the core concludes that the machine slept, in milliseconds.
pub const SLEEP_DETECTED_MS: u64 = 5_000;

/// A point on the driver's monotonic clock, in milliseconds since it started. Kept off by one,
/// so that `Option<Instant>` is one word: deadlines are everywhere, and most are optional.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(NonZeroU64);

impl Instant {
    /// The instant `ms` milliseconds after the clock's start.
    #[must_use]
    pub const fn from_ms(ms: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(ms))
    }

    /// Milliseconds since the clock's start.
    #[must_use]
    pub const fn as_ms(self) -> u64 {
        self.0.get() - 1
    }

    /// Milliseconds from `earlier` to `self`; zero when `earlier` is later.
    #[must_use]
    pub const fn duration_since(self, earlier: Self) -> u64 {
        self.0.get().saturating_sub(earlier.0.get())
    }
}

impl Add<u64> for Instant {
    type Output = Self;

    fn add(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// The earlier of two deadlines, where `None` is "never".
#[must_use]
pub fn earliest(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}
