//! A rate limit with a sliding window.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Counts events within a sliding window.
#[derive(Debug, Default)]
pub(crate) struct Meter(VecDeque<Instant>);

impl Meter {
    /// Counts an event, unless there were already `most` events within the span; returns whether it
    /// was counted.
    pub(crate) fn admit(&mut self, now: Instant, most: usize, span: Duration) -> bool {
        while self.0.front().is_some_and(|at| *at + span <= now) {
            self.0.pop_front();
        }
        let admitted = self.0.len() < most;
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meter_admits_again_when_the_first_event_expires() {
        let start = Instant::now();
        let mut meter = Meter::default();
        let mut admit = |ms| {
            let now = start + Duration::from_millis(ms);
            meter.admit(now, 2, Duration::from_secs(1))
        };
        let admitted = [0, 600, 999, 1_000, 1_001, 1_599, 1_600].map(&mut admit);
        assert_eq!(admitted, [true, true, false, true, false, false, true]);
    }
}
