//! What is missing in a channel, and when it is requested (native protocol, `recover`).

use crate::core::message::Completeness;
use crate::core::time::Instant;

/// How long a hole may fill by itself before it is requested, in milliseconds. The protocol
/// wants it requested within 50.
pub(super) const HOLE_MS: u64 = 30;

/// How often the same message is requested before the channel is joined anew.
const MAX_REQUESTS: u32 = 3;

/// How often the channel is joined anew for the same message before it counts as lost.
const MAX_REJOINS: u32 = 3;

/// What is being done about the messages behind the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// None are known.
    Nothing,
    /// The server is sending them, in answer to a join.
    Replaying { until: Instant },
    /// There is a hole, just seen.
    Detected { request_at: Instant },
    /// The hole was requested; so many messages were received since that could not be read.
    Requested { reference: u32, until: Instant, unusable: u64 },
}

/// What the end of a recovery means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was not awaited.
    Unexpected,
    /// All messages were sent; so many of them could not be read.
    Complete { unusable: u64 },
    /// The server does not have all of them any more.
    Incomplete,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// To request the messages behind the position.
    Request,
    /// To join anew.
    Rejoin,
}

/// What is known of the messages behind a channel's position. It sees their numbers only.
#[derive(Debug)]
pub(super) struct Recovery {
    /// The last message known to be in the log.
    head: u64,
    /// The last message that was missed rather than received live.
    missed_to: u64,
    missing: Missing,
    /// Requests and rejoins since the position last moved.
    requests: u32,
    rejoins: u32,
}

impl Default for Recovery {
    fn default() -> Self {
        Self { head: 0, missed_to: 0, missing: Missing::Nothing, requests: 0, rejoins: 0 }
    }
}

impl Recovery {
    /// The last message known to be in the log.
    pub(super) const fn head(&self) -> u64 {
        self.head
    }

    /// The last message that was in the log when the channel was joined.
    pub(super) const fn missed_to(&self) -> u64 {
        self.missed_to
    }

    /// Whether the hole behind the position is requested.
    pub(super) const fn is_requested(&self) -> bool {
        matches!(self.missing, Missing::Requested { .. })
    }

    /// A membership begins where messages have no positions.
    pub(super) const fn uncounted(&mut self) {
        self.missing = Missing::Nothing;
    }

    /// A membership begins that does not continue the last one.
    pub(super) const fn reset_rejoins(&mut self) {
        self.rejoins = 0;
    }

    /// The server sends what is behind the position `seq`, up to the end `head` of its log;
    /// `known` is the last message received already.
    pub(super) fn replay_expected(&mut self, seq: u64, head: u64, known: u64, until: Instant) {
        self.missed_to = head;
        self.head = head.max(known);
        self.missing =
            if self.head > seq { Missing::Replaying { until } } else { Missing::Nothing };
    }

    /// A message of this number is in the log.
    pub(super) fn seen(&mut self, seq: u64) {
        self.head = self.head.max(seq);
    }

    /// A message was received before its predecessors.
    pub(super) fn hole_seen(&mut self, now: Instant) {
        if matches!(self.missing, Missing::Nothing | Missing::Replaying { .. }) {
            self.request_later(now);
        }
    }

    /// The server reports the end of its log, while the position is `seq`.
    pub(super) fn head_received(&mut self, now: Instant, seq: u64, head: u64) {
        self.seen(head);
        if self.head > seq && self.missing == Missing::Nothing {
            self.request_later(now);
        }
    }

    /// A message of this channel was received that cannot be read, and its number is unknown: what
    /// is behind the position `seq` is requested, so that the answer shows which one it was.
    pub(super) fn unusable_received(&mut self, now: Instant, seq: u64) {
        match &mut self.missing {
            Missing::Requested { unusable, .. } => *unusable += 1,
            Missing::Nothing | Missing::Replaying { .. } => {
                self.seen(seq + 1);
                self.request_later(now);
            }
            Missing::Detected { .. } => {}
        }
    }

    /// A message was received that cannot be read, of this channel or of another one: where none
    /// is missing here, it was of another one.
    pub(super) fn maybe_unusable_received(&mut self, now: Instant, seq: u64) {
        if self.missing != Missing::Nothing {
            self.unusable_received(now, seq);
        }
    }

    /// The server has sent what was requested under this reference.
    pub(super) fn answered(&self, reference: u32, completeness: Completeness) -> Answer {
        match self.missing {
            Missing::Requested { reference: requested, unusable, .. } if requested == reference => {
                match completeness {
                    Completeness::Complete => Answer::Complete { unusable },
                    Completeness::Partial => Answer::Incomplete,
                }
            }
            _ => Answer::Unexpected,
        }
    }

    /// Whether the same hole may be requested once more, rather than joined anew for.
    pub(super) const fn may_request_again(&self) -> bool {
        self.requests < MAX_REQUESTS
    }

    /// The hole behind the position was passed over.
    pub(super) const fn passed_over(&mut self) {
        self.missing = Missing::Nothing;
    }

    /// The connection is gone.
    pub(super) const fn disconnected(&mut self) {
        self.missing = Missing::Nothing;
        self.requests = 0;
    }

    /// The channel is joined anew for what is missing. Returns whether that is still worth it: the
    /// server that did not send it after several joins never will.
    pub(super) const fn rejoin(&mut self) -> bool {
        self.disconnected();
        self.rejoins += 1;
        self.rejoins <= MAX_REJOINS
    }

    /// The hole was requested under this reference.
    pub(super) const fn requested(&mut self, reference: u32, until: Instant) {
        self.requests += 1;
        self.missing = Missing::Requested { reference, until, unusable: 0 };
    }

    /// The hole is requested if it has not filled by then.
    pub(super) fn request_later(&mut self, now: Instant) {
        self.missing = Missing::Detected { request_at: now + HOLE_MS };
    }

    /// The position moved.
    pub(super) const fn moved(&mut self) {
        self.requests = 0;
        self.rejoins = 0;
    }

    /// The position moved to `seq`. As long as something arrives, the rest has its time again.
    pub(super) fn advanced(&mut self, now: Instant, seq: u64, patience_ms: u64) {
        self.missing = if seq >= self.head {
            Missing::Nothing
        } else {
            match self.missing {
                Missing::Replaying { .. } => Missing::Replaying { until: now + patience_ms },
                Missing::Requested { reference, unusable, .. } => {
                    Missing::Requested { reference, until: now + patience_ms, unusable }
                }
                Missing::Nothing => Missing::Detected { request_at: now + HOLE_MS },
                detected @ Missing::Detected { .. } => detected,
            }
        };
    }

    /// When [`Recovery::due`] has something to do.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        match self.missing {
            Missing::Nothing => None,
            Missing::Replaying { until: at }
            | Missing::Detected { request_at: at }
            | Missing::Requested { until: at, .. } => Some(at),
        }
    }

    /// What is due.
    pub(super) fn due(&self, now: Instant) -> Option<Due> {
        match self.missing {
            Missing::Detected { request_at } if now >= request_at => Some(Due::Request),
            Missing::Replaying { until } | Missing::Requested { until, .. } if now >= until => {
                Some(Due::Rejoin)
            }
            _ => None,
        }
    }

    /// Moves the deadlines of answers: time in which the page slept is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        if let Missing::Replaying { until } | Missing::Requested { until, .. } = &mut self.missing {
            *until = *until + slept_ms;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Due, HOLE_MS, Recovery};
    use crate::core::message::Completeness::{Complete, Partial};
    use crate::core::time::Instant;

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    #[test]
    fn a_hole_is_requested_if_it_does_not_fill_by_itself() {
        let mut recovery = Recovery::default();
        recovery.seen(5);
        recovery.hole_seen(at(100));
        assert_eq!(recovery.poll_timeout(), Some(at(100 + HOLE_MS)));
        assert_eq!(recovery.due(at(99 + HOLE_MS)), None);
        assert_eq!(recovery.due(at(100 + HOLE_MS)), Some(Due::Request));
        recovery.advanced(at(110), 5, 10_000);
        assert_eq!(recovery.poll_timeout(), None, "it filled");
    }

    #[test]
    fn a_request_without_an_answer_is_joined_anew_for() {
        let mut recovery = Recovery::default();
        recovery.head_received(at(0), 3, 5);
        recovery.requested(7, at(10_000));
        assert_eq!(recovery.due(at(9_999)), None);
        assert_eq!(recovery.due(at(10_000)), Some(Due::Rejoin));
    }

    #[test]
    fn each_message_that_arrives_gives_the_rest_its_time_again() {
        let mut recovery = Recovery::default();
        recovery.replay_expected(0, 9, 0, at(10_000));
        recovery.advanced(at(9_000), 4, 10_000);
        assert_eq!(recovery.poll_timeout(), Some(at(19_000)));
        recovery.extend_deadlines(500);
        assert_eq!(recovery.poll_timeout(), Some(at(19_500)));
        recovery.advanced(at(9_500), 9, 10_000);
        assert_eq!(recovery.poll_timeout(), None);
    }

    #[test]
    fn only_the_answer_to_the_latest_request_counts() {
        let mut recovery = Recovery::default();
        recovery.head_received(at(0), 3, 5);
        recovery.requested(7, at(10_000));
        recovery.maybe_unusable_received(at(1), 3);
        assert_eq!(recovery.answered(6, Complete), Answer::Unexpected);
        assert_eq!(recovery.answered(7, Complete), Answer::Complete { unusable: 1 });
        assert_eq!(recovery.answered(7, Partial), Answer::Incomplete);
    }

    #[test]
    fn an_unreadable_message_of_unknown_channel_is_none_of_a_channel_that_misses_nothing() {
        let mut recovery = Recovery::default();
        recovery.maybe_unusable_received(at(0), 3);
        assert_eq!(recovery.poll_timeout(), None);
        recovery.unusable_received(at(0), 3);
        assert_eq!((recovery.head(), recovery.poll_timeout()), (4, Some(at(HOLE_MS))));
    }

    #[test]
    fn requests_and_rejoins_are_bounded_until_the_position_moves() {
        let mut recovery = Recovery::default();
        for reference in 0..3 {
            assert!(recovery.may_request_again());
            recovery.requested(reference, at(10_000));
        }
        assert!(!recovery.may_request_again());
        assert_eq!([(); 4].map(|()| recovery.rejoin()), [true, true, true, false]);
        recovery.moved();
        assert!(recovery.may_request_again() && recovery.rejoin());
    }
}
