//! The pace of joins, where a server counts them.

use crate::core::time::Instant;

/// Behind those that start at once, joins start this many milliseconds apart: no second sees a
/// hundred of them, which is what Supabase allows by default.
const STEP_MS: u64 = 20;

/// A bucket of joins that fills again with time.
#[derive(Debug)]
pub(super) struct Pace {
    /// When a join would start if all were a step apart.
    next: Instant,
    /// Until when the next join waits for its turn.
    until: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { next: Instant::from_ms(0), until: None }
    }
}

impl Pace {
    /// Whether a join may start now, with `burst` at once at most. If not, it waits.
    pub(super) fn allows(&mut self, now: Instant, burst: u64) -> bool {
        let ahead = burst.saturating_sub(1) * STEP_MS;
        let from = Instant::from_ms(self.next.as_ms().saturating_sub(ahead));
        self.until = (now < from).then_some(from);
        self.until.is_none()
    }

    /// A join starts.
    pub(super) fn count(&mut self, now: Instant) {
        self.next = self.next.max(now) + STEP_MS;
    }

    /// Nobody waits.
    pub(super) const fn rest(&mut self) {
        self.until = None;
    }

    /// When the join that waits may start.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use crate::core::time::Instant;

    #[test]
    fn a_burst_starts_at_once_and_the_rest_a_step_apart() {
        let mut pace = Pace::default();
        let mut starts = Vec::new();
        for ms in 0..1_000 {
            let now = Instant::from_ms(ms);
            while pace.allows(now, 25) {
                pace.count(now);
                starts.push(ms);
            }
        }
        assert_eq!(starts.iter().filter(|ms| **ms == 0).count(), 25);
        assert_eq!(starts.len(), 25 + 49, "in the first second");
        assert_eq!(pace.poll_timeout(), Some(Instant::from_ms(1_000)));
        assert!(pace.allows(Instant::from_ms(60_000), 25), "it fills again");
        assert_eq!(pace.poll_timeout(), None);
    }
}
