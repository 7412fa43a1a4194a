//! Rate limits.

use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Admits events at a rate. After a pause, as many as the rate allows in a second are admitted at
/// once.
#[derive(Debug, Default)]
pub(crate) struct Rate {
    /// When the next event would occur if events occurred at exactly this rate.
    next: Duration,
}

impl Rate {
    /// Counts an event at `now` (a time since some fixed start), or returns how long it has to
    /// wait. A rate of 0 admits nothing.
    pub(crate) fn admit(&mut self, now: Duration, per_second: u32) -> Result<(), Duration> {
        let wait = self.wait(now, per_second);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.next = self.next.max(now) + interval(per_second);
        Ok(())
    }

    /// Counts `events` events without rejecting any; returns how long the next one has to wait.
    pub(crate) fn take(&mut self, now: Duration, per_second: u32, events: u32) -> Duration {
        self.next = self.next.max(now) + interval(per_second) * events;
        self.wait(now, per_second)
    }

    /// Whether counted events no longer affect later ones.
    pub(crate) fn is_idle(&self, now: Duration) -> bool {
        self.next <= now
    }

    fn wait(&self, now: Duration, per_second: u32) -> Duration {
        if per_second == 0 {
            return SECOND;
        }
        // The interval times the rate is less than a second if the division has a remainder.
        let interval = interval(per_second);
        (self.next + interval).saturating_sub(now + interval * per_second)
    }
}

fn interval(per_second: u32) -> Duration {
    SECOND.checked_div(per_second).unwrap_or(SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn burst_of_one_second_is_admitted_and_then_paced() {
        for per_second in [1, 3, 10, 7_000] {
            let mut rate = Rate::default();
            let now = 5_000 * MS;
            let admitted = (0..2 * per_second).filter(|_| rate.admit(now, per_second).is_ok());
            assert_eq!(admitted.count(), per_second as usize);
            let wait = rate.admit(now, per_second).expect_err("too early");
            assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1) / per_second);
            assert!(rate.admit(now + wait, per_second).is_ok());
            assert!(rate.admit(now + wait, per_second).is_err());
        }
    }

    #[test]
    fn long_term_rate_is_kept_for_any_pattern() {
        let mut rate = Rate::default();
        let admitted = (0..10_000).filter(|ms| rate.admit(*ms * MS, 50).is_ok()).count();
        assert!((500..=550).contains(&admitted), "{admitted}");
        assert!(!rate.is_idle(9_999 * MS) && rate.is_idle(12_000 * MS));
    }

    #[test]
    fn taken_events_delay_the_next() {
        let mut rate = Rate::default();
        let waits: Vec<_> = (0..4).map(|_| rate.take(Duration::ZERO, 2, 1).as_millis()).collect();
        assert_eq!(waits, [0, 500, 1_000, 1_500]);
        assert_eq!(rate.take(2_000 * MS, 2, 1), Duration::ZERO);
        assert_eq!(rate.take(9_000 * MS, 1_000, 3_500), 2_501 * MS);
    }

    #[test]
    fn rate_zero_admits_nothing_and_max_rate_admits_everything() {
        let (mut none, mut all) = (Rate::default(), Rate::default());
        assert!((0..100).all(|n| none.admit(n * 500 * MS, 0).is_err()));
        assert!((0..100).all(|_| all.admit(MS, u32::MAX).is_ok()));
        assert!((0..100).all(|_| all.take(MS, u32::MAX, 1).is_zero()));
    }
}
