//! The rate limit of presence requests in one channel.

use alloc::vec::Vec;

use crate::core::time::Instant;

/// The rate of one channel's presence requests.
#[derive(Debug, Default)]
pub(super) struct RequestRate {
    last_sent_at: Option<Instant>,
    /// The latest requests, if the server counts them: for each the latest time at which the server
    /// can have received it, which is that of its answer.
    counted: Vec<Instant>,
}

impl RequestRate {
    /// When the next update may be sent: one per window of `batch_ms`.
    pub(super) fn next_update(&self, now: Instant, batch_ms: u64) -> Instant {
        self.last_sent_at.map_or(now, |sent_at| sent_at + batch_ms)
    }

    /// Until when the server would reject a request, if it accepts `most` requests within
    /// `within_ms`.
    pub(super) fn limited_until(&self, most: usize, within_ms: u64) -> Option<Instant> {
        let oldest = self.counted.len().checked_sub(most)?;
        self.counted.get(oldest).map(|oldest| *oldest + within_ms)
    }

    /// Counts a request that is sent; the latest `most` are stored.
    pub(super) fn count(&mut self, now: Instant, most: usize) {
        if self.counted.len() >= most {
            self.counted.remove(0);
        }
        self.counted.push(now);
    }

    /// Registers the time of a request that is sent.
    pub(super) const fn sent(&mut self, now: Instant) {
        self.last_sent_at = Some(now);
    }

    /// Registers that the server has received the last request by now, or never will.
    pub(super) fn received(&mut self, now: Instant) {
        if let Some(last) = self.counted.last_mut() {
            *last = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RequestRate;
    use crate::core::time::Instant;

    const MOST: usize = 2;
    const WITHIN_MS: u64 = 1_000;

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    #[test]
    fn update_waits_for_the_window_of_the_last_request() {
        let mut rate = RequestRate::default();
        assert_eq!(rate.next_update(at(5), 100), at(5));
        rate.sent(at(5));
        assert_eq!(rate.next_update(at(6), 100), at(105));
    }

    #[test]
    fn request_over_the_server_s_limit_waits_until_the_oldest_is_out_of_the_window() {
        let mut rate = RequestRate::default();
        for (ms, limited_until) in
            [(0, None), (10, None), (2_000, Some(1_000)), (2_010, Some(1_010))]
        {
            assert_eq!(rate.limited_until(MOST, WITHIN_MS), limited_until.map(at), "{ms}");
            rate.count(at(ms), MOST);
        }
        assert_eq!(rate.limited_until(MOST, WITHIN_MS), Some(at(3_000)));
    }

    #[test]
    fn answered_request_is_counted_at_the_time_of_its_answer() {
        let mut rate = RequestRate::default();
        rate.count(at(0), MOST);
        rate.received(at(400));
        rate.count(at(500), MOST);
        assert_eq!(rate.limited_until(MOST, WITHIN_MS), Some(at(1_400)));
    }
}
