//! The rate of joins: where a server limits them, and where a token was rejected.

use crate::core::profile::REJECTION_STALL_MS;
use crate::core::time::Instant;

/// The interval between joins after the burst, in milliseconds. Supabase's default limit is a
/// hundred joins per second; at this interval it is not reached even if network delays compress one
/// and a half seconds of joins into one.
const STEP_MS: u64 = 20;

/// The longest delay after rejections of tokens, in milliseconds.
const TOKEN_WAIT_MAX_MS: u64 = 300_000;

/// The source of another token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewToken {
    /// The app set it by itself, or the server accepted it.
    Given,
    /// It was fetched because the former one was rejected, or the connection is a new one, which
    /// may have another token.
    Fetched,
}

/// A rate limiter of joins (a token bucket), and the delay after a rejected authentication token.
#[derive(Debug)]
pub(super) struct JoinRate {
    /// When the next join would start if all were [`STEP_MS`] apart.
    next: Instant,
    /// Until when the next join waits.
    until: Option<Instant>,
    /// Whether the server rejected a join because of a limit.
    limited: bool,
    /// Whether the token in use was rejected: no join starts before there is another one.
    stale: bool,
    /// Until when no join starts after that, unless the new token is the first one after a
    /// rejection.
    blocked_until: Option<Instant>,
    /// Tokens rejected in a row.
    rejections: u32,
    /// The reference of the latest join that was pending when a token was rejected.
    out: u32,
}

impl Default for JoinRate {
    fn default() -> Self {
        let next = Instant::from_ms(0);
        Self {
            next,
            until: None,
            limited: false,
            stale: false,
            blocked_until: None,
            rejections: 0,
            out: 0,
        }
    }
}

impl JoinRate {
    /// Whether a join may start now, with `burst` at once at most. If not, it waits.
    pub(super) fn allows(&mut self, now: Instant, burst: u64) -> bool {
        let ahead = burst.saturating_sub(1) * STEP_MS;
        let from = Instant::from_ms(self.next.as_ms().saturating_sub(ahead));
        self.until = (now < from).then_some(from);
        self.until.is_none()
    }

    /// Counts a join that starts.
    pub(super) fn count(&mut self, now: Instant) {
        self.next = self.next.max(now) + STEP_MS;
    }

    /// Clears the time for which a join waits.
    pub(super) const fn stop_waiting(&mut self) {
        self.until = None;
    }

    /// When the join that waits may start.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.until
    }

    // ----- limits -----

    /// Whether the server rejected a join because of a limit.
    pub(super) const fn is_limited(&self) -> bool {
        self.limited
    }

    /// Paces joins from now on, because the server rejected one for a limit.
    pub(super) const fn limit(&mut self) {
        self.limited = true;
    }

    // ----- tokens (Supabase) -----

    /// Whether no join may start yet because of a rejected token. If only the delay is left,
    /// [`JoinRate::poll_timeout`] returns its end.
    pub(super) fn is_blocked(&mut self, now: Instant) -> bool {
        self.blocked_until.take_if(|until| now >= *until);
        self.until = self.blocked_until.filter(|_| !self.stale);
        self.stale || self.blocked_until.is_some()
    }

    /// Registers that the join with the reference `join` was rejected for its token, while joins up
    /// to `last` were pending. Returns the delay before the next join, in milliseconds: as long as
    /// such a rejection blocks the socket, doubled with every rejected token in a row.
    pub(super) fn token_rejected(&mut self, now: Instant, join: u32, last: u32) -> u64 {
        // The others that were pending contained the same token: one rejection.
        if self.rejections == 0 || join > self.out {
            self.rejections += 1;
            self.out = last;
        }
        self.stale = true;
        let doubled = REJECTION_STALL_MS << (self.rejections - 1).min(6);
        let wait = doubled.min(TOKEN_WAIT_MAX_MS);
        self.blocked_until = Some(now + wait);
        wait
    }

    /// Blocks joins until there is another token, because the one in use is no longer valid.
    pub(super) const fn await_token(&mut self) {
        self.stale = true;
    }

    /// Whether the token in use was rejected.
    pub(super) const fn is_stale(&self) -> bool {
        self.stale
    }

    /// Allows joins with another token: the first one after a rejection at once, later ones after
    /// the delay, and one of `setToken` at once in any case.
    pub(super) const fn token_replaced(&mut self, token: NewToken) {
        self.stale = false;
        if matches!(token, NewToken::Given) {
            self.rejections = 0;
        }
        if self.rejections <= 1 {
            self.blocked_until = None;
        }
    }

    /// Resets the delays, because the server accepted a join with the token in use.
    pub(super) const fn token_accepted(&mut self) {
        self.rejections = 0;
        self.stale = false;
        self.blocked_until = None;
    }
}

#[cfg(test)]
mod tests {
    use super::JoinRate;
    use crate::core::time::Instant;

    #[test]
    fn burst_starts_at_once_and_later_joins_a_step_apart() {
        let mut rate = JoinRate::default();
        let mut starts = Vec::new();
        for ms in 0..1_000 {
            let now = Instant::from_ms(ms);
            while rate.allows(now, 25) {
                rate.count(now);
                starts.push(ms);
            }
        }
        assert_eq!(starts.iter().filter(|ms| **ms == 0).count(), 25);
        assert_eq!(starts.len(), 25 + 49, "in the first second");
        assert_eq!(rate.poll_timeout(), Some(Instant::from_ms(1_000)));
        assert!(rate.allows(Instant::from_ms(60_000), 25), "it fills again");
        assert_eq!(rate.poll_timeout(), None);
    }

    #[test]
    fn delay_doubles_with_every_rejected_token_up_to_five_minutes() {
        let (mut rate, mut waits) = (JoinRate::default(), Vec::new());
        for join in 1..=8 {
            waits.push(rate.token_rejected(Instant::from_ms(0), join, join));
        }
        let expected = [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000];
        assert_eq!(waits, expected);
        rate.token_accepted();
        assert_eq!(rate.token_rejected(Instant::from_ms(0), 9, 9), 5_000);
    }

    #[test]
    fn joins_rejected_with_one_token_count_as_one_rejection() {
        let mut rate = JoinRate::default();
        for join in 1..=3 {
            assert_eq!(rate.token_rejected(Instant::from_ms(0), join, 3), 5_000, "join {join}");
        }
        assert_eq!(rate.token_rejected(Instant::from_ms(0), 4, 4), 10_000);
    }
}
