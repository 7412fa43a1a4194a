//! How often presence requests are sent in one channel.

use alloc::vec::Vec;

use crate::core::time::Instant;

/// The rate of one channel's presence requests.
#[derive(Debug, Default)]
pub(super) struct RequestRate {
    last_sent_at: Option<Instant>,
    /// The latest requests, where the server counts them: each with the latest instant at which
    /// the server can have received it, so when it was answered.
    counted: Vec<Instant>,
}

impl RequestRate {
    /// When the next update may be sent: they are batched in windows of `batch_ms`.
    pub(super) fn next_update(&self, now: Instant, batch_ms: u64) -> Instant {
        self.last_sent_at.map_or(now, |sent_at| sent_at + batch_ms)
    }

    /// Until when the server would reject a request, if it would. `limit` is its number of requests
    /// and the time in which it counts them, in milliseconds; `margin_ms` is added to that time.
    pub(super) fn limited_until(
        &self,
        now: Instant,
        limit: Option<(usize, u64)>,
        margin_ms: u64,
    ) -> Option<Instant> {
        let (most, within_ms) = limit?;
        let oldest = self.counted.len().checked_sub(most).and_then(|at| self.counted.get(at))?;
        let until = *oldest + within_ms + margin_ms;
        (now < until).then_some(until)
    }

    /// A request is sent.
    pub(super) fn sent(&mut self, now: Instant, limit: Option<(usize, u64)>) {
        self.last_sent_at = Some(now);
        if let Some((most, _)) = limit {
            while self.counted.len() >= most.max(1) {
                self.counted.remove(0);
            }
            self.counted.push(now);
        }
    }

    /// The server has received the last request by now, if it ever receives it.
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

    const LIMIT: Option<(usize, u64)> = Some((2, 1_000));
    const MARGIN_MS: u64 = 50;

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    #[test]
    fn update_waits_for_the_window_of_the_last_request() {
        let mut rate = RequestRate::default();
        assert_eq!(rate.next_update(at(5), 100), at(5));
        rate.sent(at(5), None);
        assert_eq!(rate.next_update(at(6), 100), at(105));
    }

    #[test]
    fn request_over_the_server_s_limit_waits_until_the_oldest_counts_no_more() {
        let mut rate = RequestRate::default();
        for ms in [0, 10, 2_000, 2_010] {
            assert_eq!(rate.limited_until(at(ms), LIMIT, MARGIN_MS), None, "{ms}");
            rate.sent(at(ms), LIMIT);
        }
        assert_eq!(rate.limited_until(at(2_020), LIMIT, MARGIN_MS), Some(at(3_050)));
        assert_eq!(rate.limited_until(at(3_050), LIMIT, MARGIN_MS), None);
    }

    #[test]
    fn request_counts_from_its_answer_on() {
        let mut rate = RequestRate::default();
        rate.sent(at(0), LIMIT);
        rate.received(at(400));
        rate.sent(at(500), LIMIT);
        assert_eq!(rate.limited_until(at(1_200), LIMIT, MARGIN_MS), Some(at(1_450)));
    }

    #[test]
    fn server_without_a_limit_is_sent_any_number() {
        let mut rate = RequestRate::default();
        for ms in 0..100 {
            assert_eq!(rate.limited_until(at(ms), None, MARGIN_MS), None);
            rate.sent(at(ms), None);
        }
    }
}
