//! The queue of joins: the next channel to join, and the time.

use super::join_rate::JoinRate;
use crate::core::error::Error;
use crate::core::profile::JoinLimit;
use crate::core::reason::Reason;
use crate::core::time::Instant;

/// The order in which channels are joined, first ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum JoinPriority {
    /// It has subscribers.
    Subscribed,
    /// It is persistent and idle.
    Idle,
    /// It has subscribers, and its join may delay or end everything else: it is sent alone.
    IsolatedSubscribed,
    /// It is persistent and idle, and its join may delay or end everything else: it is sent alone.
    IsolatedIdle,
}

impl JoinPriority {
    /// All priorities, by their numbers.
    pub(super) const ALL: [Self; 4] =
        [Self::Subscribed, Self::Idle, Self::IsolatedSubscribed, Self::IsolatedIdle];

    const fn is_isolated(self) -> bool {
        matches!(self, Self::IsolatedSubscribed | Self::IsolatedIdle)
    }
}

/// The server's limits of joins.
#[derive(Debug, Clone, Copy)]
pub(super) struct JoinTerms {
    /// The limit of the protocol, if known.
    pub(super) limit: JoinLimit,
    /// How many joins may be unanswered at once.
    pub(super) window: u64,
}

/// The joins that the server has not answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinsUnderWay {
    /// This number of joins.
    Count(u64),
    /// One join that is sent alone, because it may end the connection.
    Isolated,
}

/// Whether joins are sent at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sending {
    Running,
    /// Not: the outbox is sending a message alone.
    Paused,
}

/// Decides when joins are sent: paced where the server limits them, not while a token is missing,
/// and not at all while the connection has failed.
#[derive(Debug)]
pub(super) struct JoinQueue {
    sending: Sending,
    /// The reason and error if no channel can be joined.
    blocked: Option<(Reason, Error)>,
    /// The rate of joins, and the wait for a token.
    pub(super) rate: JoinRate,
}

impl Default for JoinQueue {
    fn default() -> Self {
        Self { sending: Sending::Running, blocked: None, rate: JoinRate::default() }
    }
}

impl JoinQueue {
    /// Returns the index of the channel to join now: the first of the highest priority among
    /// `waiting`. If it must wait, [`JoinQueue::poll_timeout`] returns the time.
    pub(super) fn next(
        &mut self,
        now: Instant,
        terms: JoinTerms,
        under_way: JoinsUnderWay,
        first: Option<(JoinPriority, usize)>,
    ) -> Option<usize> {
        self.rate.stop_waiting();
        let JoinsUnderWay::Count(under_way) = under_way else { return None };
        if self.sending == Sending::Paused || self.rate.is_blocked(now) {
            return None;
        }
        let (priority, at) = first?;
        let burst = match terms.limit {
            JoinLimit::Unknown if !self.rate.is_limited() => u64::MAX,
            _ => terms.window,
        };
        let most = if priority.is_isolated() { 1 } else { burst };
        let starts = under_way < most && (!self.is_paced(terms) || self.rate.allows(now, burst));
        starts.then_some(at)
    }

    /// Counts a join that is sent.
    pub(super) fn join_sent(&mut self, now: Instant, terms: JoinTerms) {
        if self.is_paced(terms) {
            self.rate.count(now);
        }
    }

    /// Whether joins are paced: the server has a rate limit, or has rejected a join for a limit.
    fn is_paced(&self, terms: JoinTerms) -> bool {
        terms.limit == JoinLimit::Rate || self.rate.is_limited()
    }

    /// When [`JoinQueue::next`] may return a channel that must wait now.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.rate.poll_timeout()
    }

    /// Sends no join until [`JoinQueue::resume`].
    pub(super) const fn pause(&mut self) {
        self.sending = Sending::Paused;
    }

    /// Sends joins again; returns whether they were paused.
    pub(super) fn resume(&mut self) -> bool {
        core::mem::replace(&mut self.sending, Sending::Running) == Sending::Paused
    }

    /// Blocks all joins for this reason until [`JoinQueue::unblock`].
    pub(super) fn block(&mut self, reason: Reason, error: Error) {
        self.blocked = Some((reason, error));
    }

    /// Ends the block of joins; returns whether there was one.
    pub(super) fn unblock(&mut self) -> bool {
        self.blocked.take().is_some()
    }

    /// The reason and error of [`JoinQueue::block`], if joins are blocked.
    pub(super) const fn blocked(&self) -> Option<&(Reason, Error)> {
        self.blocked.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::{JoinPriority, JoinQueue, JoinTerms, JoinsUnderWay};
    use crate::core::profile::JoinLimit;
    use crate::core::time::Instant;

    const UNLIMITED: JoinTerms = JoinTerms { limit: JoinLimit::Unknown, window: 2 };
    const WINDOW: JoinTerms = JoinTerms { limit: JoinLimit::Window, window: 2 };
    const RATE: JoinTerms = JoinTerms { limit: JoinLimit::Rate, window: 2 };

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    /// The channels that the queue returns until it returns none. No join is answered.
    fn started(
        queue: &mut JoinQueue,
        now: u64,
        terms: JoinTerms,
        mut waiting: Vec<(JoinPriority, usize)>,
    ) -> Vec<usize> {
        let mut started = Vec::new();
        loop {
            let under_way = JoinsUnderWay::Count(started.len() as u64);
            let first = waiting.iter().copied().min_by_key(|(priority, _)| *priority as u8);
            let next = queue.next(at(now), terms, under_way, first);
            let Some(next) = next else { return started };
            queue.join_sent(at(now), terms);
            waiting.retain(|(_, at)| *at != next);
            started.push(next);
        }
    }

    #[test]
    fn channels_with_subscribers_are_joined_first_and_isolated_ones_last() {
        use JoinPriority::{Idle, IsolatedIdle, IsolatedSubscribed, Subscribed};
        let waiting =
            vec![(IsolatedIdle, 0), (Idle, 1), (IsolatedSubscribed, 2), (Subscribed, 3), (Idle, 4)];
        assert_eq!(started(&mut JoinQueue::default(), 0, UNLIMITED, waiting.clone()), [3, 1, 4]);
        assert_eq!(started(&mut JoinQueue::default(), 0, WINDOW, waiting), [3, 1]);
        let isolated = vec![(IsolatedIdle, 0), (IsolatedSubscribed, 2)];
        assert_eq!(started(&mut JoinQueue::default(), 0, UNLIMITED, isolated), [2]);
    }

    #[test]
    fn no_join_is_sent_while_an_isolated_one_is_pending() {
        let waiting = Some((JoinPriority::Subscribed, 0));
        let isolated = JoinsUnderWay::Isolated;
        assert_eq!(JoinQueue::default().next(at(0), UNLIMITED, isolated, waiting), None);
    }

    #[test]
    fn paused_queue_sends_no_joins_until_resumed() {
        let mut queue = JoinQueue::default();
        let waiting = vec![(JoinPriority::Subscribed, 0)];
        queue.pause();
        assert!(started(&mut queue, 0, UNLIMITED, waiting.clone()).is_empty());
        assert!(queue.resume() && !queue.resume());
        assert_eq!(started(&mut queue, 0, UNLIMITED, waiting), [0]);
    }

    #[test]
    fn paced_join_waits() {
        let mut queue = JoinQueue::default();
        let waiting: Vec<_> = (0..2).map(|at| (JoinPriority::Subscribed, at)).collect();
        assert_eq!(started(&mut queue, 0, RATE, waiting), [0, 1]);
        assert_eq!(queue.poll_timeout(), None);
        let waiting = vec![(JoinPriority::Subscribed, 2)];
        assert!(started(&mut queue, 0, RATE, waiting.clone()).is_empty());
        assert_eq!(queue.poll_timeout(), Some(at(20)));
        assert_eq!(started(&mut queue, 20, RATE, waiting), [2]);
    }

    #[test]
    fn joins_are_paced_after_an_unlimited_server_rejected_one_for_a_limit() {
        let mut queue = JoinQueue::default();
        queue.rate.limit();
        let waiting: Vec<_> = (0..5).map(|at| (JoinPriority::Subscribed, at)).collect();
        assert_eq!(started(&mut queue, 0, UNLIMITED, waiting), [0, 1]);
    }

    #[test]
    fn no_join_is_sent_with_a_rejected_token() {
        let mut queue = JoinQueue::default();
        let waiting = vec![(JoinPriority::Subscribed, 0)];
        queue.rate.token_rejected(at(0), 1, 1);
        assert!(started(&mut queue, 0, RATE, waiting.clone()).is_empty());
        assert_eq!(queue.poll_timeout(), None, "another token has to come first");
        queue.rate.token_replaced(super::super::join_rate::NewToken::Fetched);
        assert_eq!(started(&mut queue, 0, RATE, waiting), [0]);
    }
}
