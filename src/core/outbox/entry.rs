//! One unsettled message.

use super::message::OutgoingMessage;
use crate::core::risk::Risk;
use crate::core::time::Instant;
use crate::core::timer::{Timer, TimerReason, timer};

/// The first time a socket had a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FirstSent {
    pub(super) at: Instant,
    /// The run of messages that its channel was in: if it is in the log, it is in that run.
    pub(super) run: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits; an earlier socket may have had it.
    Queued { before: Option<FirstSent> },
    /// An open socket has it; the answer is due.
    Sent { first: FirstSent, deadline: Instant, echo: Echo },
}

/// Whether the message itself was seen in its channel, which is as good as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    Missing,
    Received { seq: Option<u64> },
}

#[derive(Debug)]
pub(super) struct Entry<P> {
    pub(super) message: OutgoingMessage<P>,
    pub(super) serial: u64,
    pub(super) stage: Stage,
    pub(super) risk: Risk,
    /// When it expires while it waits (`ttlMs`).
    pub(super) expires_at: Option<Instant>,
    /// When it ends whatever it waits for (`timeoutMs`).
    pub(super) ends_at: Option<Instant>,
    /// When it ends if its channel does not take it until then, although there is a connection.
    pub(super) waits_until: Option<Instant>,
}

impl<P> Entry<P> {
    /// When it ends at the latest, in its present stage. `down_since`: since when there is no
    /// connection.
    pub(super) fn deadline(&self, down_since: Option<Instant>) -> Option<Timer> {
        match self.stage {
            Stage::Sent { deadline, .. } => timer(Some(deadline), TimerReason::Ack),
            Stage::Queued { .. } => {
                let wait = self.waits_until.filter(|_| down_since.is_none());
                let end = [self.expires_at, self.ends_at, wait].into_iter().flatten().min();
                timer(end, TimerReason::MessageExpiry)
            }
        }
    }

    pub(super) const fn is_in_flight(&self) -> bool {
        matches!(self.stage, Stage::Sent { echo: Echo::Missing, .. })
    }
}
