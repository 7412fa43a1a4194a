//! How long to wait before trying again: exponential, full jitter, kept at the cap.

use crate::core::rng::Rng;
use crate::core::time::Instant;

/// The failures in a row of one thing, and when it may be tried again.
///
/// Full jitter (a uniform draw from the whole range) spreads a herd of clients over the whole
/// range, at the cap as well.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
    not_before: Option<Instant>,
}

impl Backoff {
    /// Notes a failure and returns when to try again: `0..=min(max, base · 2ⁿ)` from now, plus
    /// what the other side asked for.
    pub fn fail(
        &mut self,
        now: Instant,
        (base_ms, max_ms): (u64, u64),
        asked_ms: Option<u64>,
        rng: &mut Rng,
    ) -> Instant {
        let range = base_ms.saturating_mul(1 << self.failures.min(32)).min(max_ms);
        self.failures = self.failures.saturating_add(1);
        let at = now + asked_ms.unwrap_or(0) + rng.up_to(range);
        self.not_before = Some(at);
        at
    }

    /// Failures since the last success.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// The instant before which nothing may be tried, if it is still ahead.
    #[must_use]
    pub fn pending(&self, now: Instant) -> Option<Instant> {
        self.not_before.filter(|at| *at > now)
    }

    /// Forgets the failures: it works.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Lets the next try happen at once, on evidence that the world has changed.
    pub fn hurry(&mut self) {
        self.not_before = None;
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use crate::core::rng::Rng;
    use crate::core::time::Instant;

    const RANGE: (u64, u64) = (250, 30_000);

    #[test]
    fn waits_fill_the_doubling_range_and_never_pass_the_cap() {
        let now = Instant::from_ms(0);
        let mut widest = [0; 12];
        for seed in 0..400 {
            let (mut rng, mut backoff) = (Rng::new(seed), Backoff::default());
            for (n, widest) in widest.iter_mut().enumerate() {
                let wait = backoff.fail(now, RANGE, None, &mut rng).as_ms();
                assert!(wait <= (250 << n).min(30_000));
                *widest = wait.max(*widest);
            }
        }
        for (n, widest) in widest.iter().enumerate() {
            let range = (250 << n).min(30_000);
            assert!(*widest > range * 9 / 10, "the draw {n} never came near {range}: {widest}");
        }
    }

    #[test]
    fn the_server_s_wish_is_added_to_the_jitter() {
        let at = Backoff::default().fail(Instant::from_ms(0), RANGE, Some(5_000), &mut Rng::new(3));
        assert!((5_000..=5_250).contains(&at.as_ms()));
    }

    #[test]
    fn evidence_lets_the_next_try_happen_but_keeps_the_count() {
        let (now, mut backoff) = (Instant::from_ms(0), Backoff::default());
        backoff.fail(now, RANGE, Some(1_000), &mut Rng::new(3));
        backoff.hurry();
        assert_eq!((backoff.pending(now), backoff.failures()), (None, 1));
    }
}
