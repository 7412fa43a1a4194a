//! The delay before the next attempt: exponential, with full jitter and caps by the age of the
//! outage.

use crate::core::config::doubled;
use crate::core::env::Env;
use crate::core::time::Instant;

/// The consecutive failures of one operation, and the time of its next attempt.
///
/// Full jitter (a uniform draw from the whole range) distributes the attempts of many clients over
/// the whole range, at the cap as well.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
    /// The time of the first of these failures: the beginning of the outage.
    since: Option<Instant>,
    /// The time of the next attempt.
    not_before: Option<Instant>,
}

/// The longest delay that a server can request, in milliseconds.
const MAX_RETRY_AFTER_MS: u64 = 300_000;

impl Backoff {
    /// Counts a failure and returns the time of the next attempt: a draw from
    /// `0..=`[`Config::reconnect_range`](super::config::Config::reconnect_range) from now, plus
    /// the delay that the server requested.
    pub fn fail(&mut self, env: &mut Env, retry_after_ms: Option<u64>) -> Instant {
        let since = *self.since.get_or_insert(env.now);
        let range = env.config.reconnect_range(self.failures, env.now.duration_since(since));
        self.draw(env, range, retry_after_ms)
    }

    /// Counts a failure and returns the time of the next attempt, with this cap instead of those
    /// configured for connections. A failure long after the former one is the first of a new
    /// series.
    pub fn fail_within(&mut self, env: &mut Env, cap_ms: u64) -> Instant {
        if self.not_before.is_some_and(|at| env.now.duration_since(at) > 2 * cap_ms) {
            self.reset();
        }
        let range = doubled(env.config.reconnect_base_ms, self.failures).min(cap_ms);
        self.draw(env, range, None)
    }

    fn draw(&mut self, env: &mut Env, range_ms: u64, retry_after_ms: Option<u64>) -> Instant {
        self.failures = self.failures.saturating_add(1);
        let at =
            env.now + retry_after_ms.unwrap_or(0).min(MAX_RETRY_AFTER_MS) + env.rng.up_to(range_ms);
        self.not_before = Some(at);
        at
    }

    /// The number of failures since the last success.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// The time of the next attempt, if it is in the future.
    #[must_use]
    pub fn pending(&self, now: Instant) -> Option<Instant> {
        self.not_before.filter(|at| *at > now)
    }

    /// Resets the count of failures, after a success.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Permits the next attempt at once, because something has changed that may make it succeed.
    pub fn retry_now(&mut self) {
        self.not_before = None;
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use crate::core::config::Config;
    use crate::core::env::Env;
    use crate::core::rng::Rng;
    use crate::core::time::Instant;

    fn env(seed: u64, config: &Config) -> Env {
        Env { now: Instant::from_ms(0), config: config.clone(), rng: Rng::new(seed) }
    }

    fn fail(backoff: &mut Backoff, env: &mut Env, now: u64, delay_ms: Option<u64>) -> u64 {
        env.now = Instant::from_ms(now);
        backoff.fail(env, delay_ms).duration_since(env.now)
    }

    /// The widest of many draws of the nth failure, each at its age of the outage.
    fn widest(config: &Config, ages: &[u64]) -> Vec<u64> {
        let mut widest = vec![0; ages.len()];
        for seed in 0..400 {
            let (mut env, mut backoff) = (env(seed, config), Backoff::default());
            for (age, widest) in ages.iter().zip(&mut widest) {
                *widest = fail(&mut backoff, &mut env, *age, None).max(*widest);
            }
        }
        widest
    }

    #[test]
    fn delays_are_in_the_doubling_range_and_below_the_cap_of_the_outage_s_age() {
        let ages = [0, 1, 2, 3, 4, 29_999, 30_000, 119_999, 120_000, 120_001, 3_600_000];
        let uncapped: Vec<_> = (0..ages.len()).map(|n| 250 << n).collect();
        let caps = [2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 5_000, 5_000, 30_000, 30_000, 30_000];
        for ((range, cap), widest) in
            uncapped.iter().zip(caps).zip(widest(&Config::default(), &ages))
        {
            let range = cap.min(*range);
            assert!(widest <= range && widest > range * 9 / 10, "{widest} of {range}");
        }
    }

    #[test]
    fn max_ms_caps_everything_and_the_caps_never_narrow_the_first_range() {
        let two_s: &[(u64, u64)] = &[(30_000, 2_000)];
        for (base, max, caps, expected) in [
            (250, 1_000, two_s, [250, 1_000, 1_000]),
            (250, 60_000, two_s, [250, 2_000, 60_000]),
            (250, 30_000, &[], [250, 8_000, 30_000]),
            (10_000, 30_000, two_s, [10_000, 10_000, 30_000]),
            (10_000, 600, two_s, [600, 600, 600]),
        ] {
            let config = Config {
                reconnect_base_ms: base,
                reconnect_max_ms: max,
                reconnect_caps: caps.to_vec(),
                ..Config::default()
            };
            let ranges = [(0, 0), (5, 29_999), (20, 30_000)]
                .map(|(failures, age)| config.reconnect_range(failures, age));
            assert_eq!(ranges, expected, "base {base}, max {max}, caps {caps:?}");
        }
    }

    #[test]
    fn server_delay_is_added_to_the_jitter() {
        let (mut backoff, mut env) = (Backoff::default(), env(3, &Config::default()));
        let wait = fail(&mut backoff, &mut env, 0, Some(5_000));
        assert!((5_000..=5_250).contains(&wait));
    }

    #[test]
    fn server_s_retry_delay_is_limited_to_five_minutes() {
        let (mut backoff, mut env) = (Backoff::default(), env(3, &Config::default()));
        let wait = fail(&mut backoff, &mut env, 0, Some(u64::MAX));
        assert!((300_000..=300_250).contains(&wait));
    }

    #[test]
    fn page_event_skips_the_delay_but_keeps_the_count() {
        let (mut backoff, mut env) = (Backoff::default(), env(3, &Config::default()));
        fail(&mut backoff, &mut env, 0, Some(1_000));
        backoff.retry_now();
        assert_eq!((backoff.pending(Instant::from_ms(0)), backoff.failures()), (None, 1));
    }
}
