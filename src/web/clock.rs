//! A monotonic clock that detects sleep.
//!
//! `performance.now()` stops while the machine sleeps on several platforms
//! (<https://github.com/mdn/content/issues/4713>), `Date.now()` does not, but may be set by hand. The gap between the
//! two is added to the time; a clock set forward looks like a sleep, which costs one probe.

use core::cell::Cell;

use crate::core::time::Instant;

/// A gap below this is drift, not sleep, in milliseconds.
const SLEEP_MS: f64 = 2_000.0;

/// How long after a reading of both clocks the wall clock alone will do, in milliseconds: below [`SLEEP_MS`], so that no
/// sleep is overlooked.
const NEAR_MS: f64 = 1_000.0;

/// The driver's clock.
#[derive(Debug)]
pub(super) struct Clock {
    performance: Option<web_sys::Performance>,
    last: Cell<Reading>,
    elapsed_ms: Cell<f64>,
}

/// Both clocks of the browser at one time.
#[derive(Debug, Clone, Copy)]
struct Reading {
    monotonic_ms: f64,
    wall_ms: f64,
}

impl Clock {
    pub(super) fn new() -> Self {
        let performance = web_sys::window().and_then(|window| window.performance());
        let clock = Self {
            performance,
            last: Cell::new(Reading { monotonic_ms: 0.0, wall_ms: 0.0 }),
            elapsed_ms: Cell::new(0.0),
        };
        clock.last.set(clock.read());
        clock
    }

    fn read(&self) -> Reading {
        let wall_ms = js_sys::Date::now();
        let monotonic_ms = self.performance.as_ref().map_or(wall_ms, web_sys::Performance::now);
        Reading { monotonic_ms, wall_ms }
    }

    /// The time, and whether the machine slept since the last reading.
    pub(super) fn now(&self) -> (Instant, bool) {
        let (last, reading) = (self.last.get(), self.read());
        let passed = (reading.monotonic_ms - last.monotonic_ms).max(0.0);
        let gap = reading.wall_ms - last.wall_ms - passed;
        let slept = gap > SLEEP_MS;
        self.last.set(reading);
        self.elapsed_ms.set(self.elapsed_ms.get() + passed + if slept { gap } else { 0.0 });
        (self.instant(), slept)
    }

    /// The time when the wall clock shows this, if that is shortly after the last reading. Reading one clock is
    /// cheaper than reading both, and a correction of the wall clock makes an error of less than the limit.
    pub(super) fn at_wall_ms(&self, wall_ms: f64) -> Option<Instant> {
        let passed = wall_ms - self.last.get().wall_ms;
        let is_near = (0.0..NEAR_MS).contains(&passed);
        is_near.then(|| instant(self.elapsed_ms.get() + passed))
    }

    /// The wall time of an instant, in milliseconds since 1970: for display only.
    pub(super) fn wall_ms(&self, at: Instant) -> f64 {
        self.last.get().wall_ms - self.instant().duration_since(at) as f64
    }

    fn instant(&self) -> Instant {
        instant(self.elapsed_ms.get())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative")]
const fn instant(elapsed_ms: f64) -> Instant {
    Instant::from_ms(elapsed_ms as u64)
}
