//! The missing messages of a channel, and when they are requested (native protocol, `recover`).

use crate::core::message::Completeness;
use crate::core::time::Instant;

/// How long missing messages may still arrive before they are requested, in milliseconds. The
/// protocol requires the request within 50.
pub(super) const HOLE_MS: u64 = 30;

/// How often the same message is requested before the channel is joined again.
const MAX_REQUESTS: u32 = 3;

/// How often the channel is joined again for the same message before it counts as lost.
const MAX_REJOINS: u32 = 3;

/// The state of the messages after the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// None are known.
    Nothing,
    /// The server is sending them, in answer to a join.
    Replaying { until: Instant },
    /// Missing messages have just been detected.
    Detected { request_at: Instant },
    /// They were requested; `unusable` unreadable messages were received since.
    Requested { reference: u32, until: Instant, unusable: u64 },
}

/// The result of a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// No recovery was pending.
    Unexpected,
    /// All messages were sent; `unusable` of them could not be read.
    Complete { unusable: u64 },
    /// The server does not have all of them any more.
    Incomplete,
}

/// The action that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Request the messages after the position.
    Request,
    /// Join again.
    Rejoin,
}

/// The recovery state of the messages after a channel's position. It uses their numbers only.
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

    /// Whether a request for the missing messages is pending.
    pub(super) const fn is_requested(&self) -> bool {
        matches!(self.missing, Missing::Requested { .. })
    }

    /// Whether no message after the position is known to be missing.
    pub(super) fn is_complete(&self) -> bool {
        self.missing == Missing::Nothing
    }

    /// Begins a membership in which messages have no positions.
    pub(super) const fn uncounted(&mut self) {
        self.missing = Missing::Nothing;
    }

    /// Resets the count of rejoins, because a membership begins that does not continue the last
    /// one.
    pub(super) const fn reset_rejoins(&mut self) {
        self.rejoins = 0;
    }

    /// Expects the messages after the position `seq`, up to the end `head` of the server's log,
    /// until the deadline; `known` is the last message received already.
    pub(super) fn replay_expected(&mut self, seq: u64, head: u64, known: u64, until: Instant) {
        self.missed_to = head;
        self.head = head.max(known);
        self.missing =
            if self.head > seq { Missing::Replaying { until } } else { Missing::Nothing };
    }

    /// Registers that a message of this number is in the log.
    pub(super) fn seen(&mut self, seq: u64) {
        self.head = self.head.max(seq);
    }

    /// Registers a message that was received before its predecessors.
    pub(super) fn hole_seen(&mut self, now: Instant) {
        if matches!(self.missing, Missing::Nothing | Missing::Replaying { .. }) {
            self.request_later(now);
        }
    }

    /// Applies the end of the log, as the server reports it, while the position is `seq`.
    pub(super) fn head_received(&mut self, now: Instant, seq: u64, head: u64) {
        self.seen(head);
        if self.head > seq && self.missing == Missing::Nothing {
            self.request_later(now);
        }
    }

    /// Registers an unreadable message of this channel whose number is unknown: the messages after
    /// the position `seq` are requested, so that the answer identifies it.
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

    /// Registers an unreadable message of this channel or of another one. If no message is missing
    /// in this channel, it was of another one.
    pub(super) fn maybe_unusable_received(&mut self, now: Instant, seq: u64) {
        if self.missing != Missing::Nothing {
            self.unusable_received(now, seq);
        }
    }

    /// Evaluates the answer to the request with this reference.
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

    /// Whether the same messages may be requested once more before the channel is joined again.
    pub(super) const fn may_request_again(&self) -> bool {
        self.requests < MAX_REQUESTS
    }

    /// Forgets the missing messages after the position, because they were skipped.
    pub(super) const fn passed_over(&mut self) {
        self.missing = Missing::Nothing;
    }

    /// Cancels requests at the end of a connection.
    pub(super) const fn disconnected(&mut self) {
        self.missing = Missing::Nothing;
        self.requests = 0;
    }

    /// Counts another join for the missing messages. Returns `false` if the server has not sent
    /// them after [`MAX_REJOINS`] joins.
    pub(super) const fn rejoin(&mut self) -> bool {
        self.disconnected();
        self.rejoins += 1;
        self.rejoins <= MAX_REJOINS
    }

    /// Marks the missing messages as requested with this reference.
    pub(super) const fn requested(&mut self, reference: u32, until: Instant) {
        self.requests += 1;
        self.missing = Missing::Requested { reference, until, unusable: 0 };
    }

    /// Requests the missing messages after [`HOLE_MS`], if they have not arrived by then.
    pub(super) fn request_later(&mut self, now: Instant) {
        self.missing = Missing::Detected { request_at: now + HOLE_MS };
    }

    /// Resets the counts of requests and rejoins, because the position moved.
    pub(super) const fn moved(&mut self) {
        self.requests = 0;
        self.rejoins = 0;
    }

    /// Updates the state after the position moved to `seq`. Every message that arrives restarts the
    /// timeout of a pending answer.
    pub(super) fn advanced(&mut self, now: Instant, seq: u64, timeout_ms: u64) {
        self.missing = if seq >= self.head {
            Missing::Nothing
        } else {
            match self.missing {
                Missing::Replaying { .. } => Missing::Replaying { until: now + timeout_ms },
                Missing::Requested { reference, unusable, .. } => {
                    Missing::Requested { reference, until: now + timeout_ms, unusable }
                }
                Missing::Nothing => Missing::Detected { request_at: now + HOLE_MS },
                detected @ Missing::Detected { .. } => detected,
            }
        };
    }

    /// When [`Recovery::due`] returns an action.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        match self.missing {
            Missing::Nothing => None,
            Missing::Replaying { until: at }
            | Missing::Detected { request_at: at }
            | Missing::Requested { until: at, .. } => Some(at),
        }
    }

    /// The action that is due.
    pub(super) fn due(&self, now: Instant) -> Option<Due> {
        match self.missing {
            Missing::Detected { request_at } if now >= request_at => Some(Due::Request),
            Missing::Replaying { until } | Missing::Requested { until, .. } if now >= until => {
                Some(Due::Rejoin)
            }
            _ => None,
        }
    }

    /// Extends the deadlines of answers by the time in which the page slept.
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
    fn missing_messages_are_requested_if_they_do_not_arrive() {
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
    fn unanswered_request_causes_a_rejoin() {
        let mut recovery = Recovery::default();
        recovery.head_received(at(0), 3, 5);
        recovery.requested(7, at(10_000));
        assert_eq!(recovery.due(at(9_999)), None);
        assert_eq!(recovery.due(at(10_000)), Some(Due::Rejoin));
    }

    #[test]
    fn each_received_message_restarts_the_timeout() {
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
    fn only_the_answer_to_the_latest_request_is_used() {
        let mut recovery = Recovery::default();
        recovery.head_received(at(0), 3, 5);
        recovery.requested(7, at(10_000));
        recovery.maybe_unusable_received(at(1), 3);
        assert_eq!(recovery.answered(6, Complete), Answer::Unexpected);
        assert_eq!(recovery.answered(7, Complete), Answer::Complete { unusable: 1 });
        assert_eq!(recovery.answered(7, Partial), Answer::Incomplete);
    }

    #[test]
    fn unreadable_message_of_unknown_channel_is_ignored_if_nothing_is_missing() {
        let mut recovery = Recovery::default();
        recovery.maybe_unusable_received(at(0), 3);
        assert_eq!(recovery.poll_timeout(), None);
        recovery.unusable_received(at(0), 3);
        assert_eq!((recovery.head(), recovery.poll_timeout()), (4, Some(at(HOLE_MS))));
    }

    #[test]
    fn requests_and_rejoins_are_limited_until_the_position_moves() {
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
