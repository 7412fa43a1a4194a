//! Virtual time: the time that the driver passes with each call.

use core::num::NonZeroU64;
use core::ops::Add;

/// The delay of a timer, in milliseconds, above which the core treats the page as throttled or
/// asleep, and not as busy. Browsers clamp the timers of hidden pages to one second.
pub const TIMER_LATE_MS: u64 = 1_000;

/// The delay of a timer, in milliseconds, above which the core concludes that the device slept.
pub const SLEEP_DETECTED_MS: u64 = 5_000;

/// A time of the driver's monotonic clock, in milliseconds since it started. It is stored with an
/// offset of one, so that `Option<Instant>` has the size of an `Instant`, because most deadlines
/// are optional.
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

/// The earlier of two deadlines; `None` is never.
#[must_use]
pub fn earliest(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}
