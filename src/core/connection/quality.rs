//! The quality of the connection: round trips, their jitter, and losses in the last minute.
//!
//! | grade | round trip | jitter | losses in 60 s |
//! |---|---|---|---|
//! | excellent | ≤ 150 ms | ≤ 50 ms | 0 |
//! | good | ≤ 400 ms | ≤ 150 ms | ≤ 1 |
//! | poor | anything else | | |
//! | offline | no connection | | |
//!
//! A loss is the end of a connection that the client did not close, or an unanswered ping. The
//! round trip is the median of the last [`WINDOW`] samples.

use crate::core::state::Quality;
use crate::core::time::Instant;
use alloc::vec::Vec;

/// The number of samples stored.
pub(super) const WINDOW: usize = 64;
/// How long a loss affects the grade, in milliseconds.
const LOSS_MEMORY_MS: u64 = 60_000;
/// The number of losses stored; more do not lower the grade.
const MAX_LOSSES: usize = 8;

/// Round trips in milliseconds; all `None` before the first sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoundTrip {
    /// The latest.
    pub last: Option<u64>,
    /// The median.
    pub p50: Option<u64>,
    /// The 99th percentile.
    pub p99: Option<u64>,
    /// The mean difference between successive samples.
    pub jitter: Option<u64>,
}

/// The measurements of the connection's quality, over all sockets.
#[derive(Debug, Default)]
pub(super) struct Meter {
    samples: Vec<u64>,
    losses: Vec<Instant>,
}

impl Meter {
    /// Records a round trip.
    pub(super) fn sample(&mut self, rtt_ms: u64) {
        if self.samples.len() == WINDOW {
            self.samples.remove(0);
        }
        self.samples.push(rtt_ms);
    }

    /// Records a loss.
    pub(super) fn loss(&mut self, now: Instant) {
        if self.losses.len() == MAX_LOSSES {
            self.losses.remove(0);
        }
        self.losses.push(now);
    }

    /// The statistics of the samples.
    #[must_use]
    pub(super) fn round_trip(&self) -> RoundTrip {
        // Insertion into a sorted vector, because std's sort would be a tenth of the whole wasm
        // module.
        let mut sorted: Vec<u64> = Vec::with_capacity(WINDOW);
        for sample in &self.samples {
            sorted.insert(sorted.partition_point(|other| other < sample), *sample);
        }
        let steps = self.samples.len().saturating_sub(1) as u64;
        let total: u64 =
            self.samples.iter().zip(self.samples.iter().skip(1)).map(|(a, b)| a.abs_diff(*b)).sum();
        RoundTrip {
            last: self.samples.last().copied(),
            p50: sorted.get(sorted.len() / 2).copied(),
            p99: sorted.get(sorted.len() * 99 / 100).copied(),
            jitter: self.samples.last().map(|_| total.checked_div(steps).unwrap_or(0)),
        }
    }

    /// The grade of a connection that is up.
    #[must_use]
    pub(super) fn grade(&mut self, now: Instant) -> Quality {
        self.losses.retain(|at| now.duration_since(*at) < LOSS_MEMORY_MS);
        let rtt = self.round_trip();
        let (p50, jitter) = (rtt.p50.unwrap_or(0), rtt.jitter.unwrap_or(0));
        let losses = self.losses.len();
        if p50 <= 150 && jitter <= 50 && losses == 0 {
            Quality::Excellent
        } else if p50 <= 400 && jitter <= 150 && losses <= 1 {
            Quality::Good
        } else {
            Quality::Poor
        }
    }

    /// When the grade may change because a loss expires.
    #[must_use]
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.losses.first().map(|at| *at + LOSS_MEMORY_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::{Meter, WINDOW};
    use crate::core::state::Quality;
    use crate::core::time::Instant;

    fn grade(samples: &[u64], losses: u64, at: u64) -> Quality {
        let mut meter = Meter::default();
        samples.iter().for_each(|rtt| meter.sample(*rtt));
        (0..losses).for_each(|n| meter.loss(Instant::from_ms(n)));
        meter.grade(Instant::from_ms(at))
    }

    #[test]
    fn grades_have_the_documented_thresholds() {
        assert_eq!(grade(&[150, 150], 0, 0), Quality::Excellent);
        assert_eq!(grade(&[151, 151], 0, 0), Quality::Good);
        assert_eq!(grade(&[40, 91, 40], 0, 0), Quality::Good);
        assert_eq!(grade(&[401], 0, 0), Quality::Poor);
        assert_eq!(grade(&[20], 1, 10), Quality::Good);
        assert_eq!(grade(&[20], 2, 10), Quality::Poor);
    }

    #[test]
    fn loss_expires_after_a_minute() {
        assert_eq!(grade(&[20], 1, 59_999), Quality::Good);
        assert_eq!(grade(&[20], 1, 60_000), Quality::Excellent);
    }

    #[test]
    fn percentiles_are_of_the_last_window() {
        let mut meter = Meter::default();
        meter.sample(1_000_000);
        (1..=WINDOW as u64).for_each(|rtt| meter.sample(rtt));
        let rtt = meter.round_trip();
        assert_eq!((rtt.last, rtt.p50, rtt.p99), (Some(64), Some(33), Some(64)));
        assert_eq!(rtt.jitter, Some(1));
    }
}
