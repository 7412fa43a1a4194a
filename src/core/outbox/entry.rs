//! One unsettled message.

use super::message::{Ack, OutgoingMessage, SendLimits};
use crate::core::error::Code;
use crate::core::risk::Risk;
use crate::core::slots::{Counted, Facts};
use crate::core::time::{self, Instant};
use crate::core::timer::{Timer, TimerReason, timer};

/// The size reserved for the envelope around a payload, in bytes.
const ENVELOPE_BYTES: u64 = 256;

/// The first transmission of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FirstSent {
    pub(super) at: Instant,
    /// The contiguous run of messages of its channel at that time: if the message is in the log, it
    /// is in this run.
    pub(super) run: Option<u32>,
}

/// The stage of an unsettled message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits; it may have been sent on an earlier socket.
    Queued { before: Option<FirstSent> },
    /// It was sent on the open socket; the answer is pending. `order` is the number of the
    /// transmission.
    Sent { first: FirstSent, deadline: Instant, echo: Echo, order: u64 },
}

/// Whether the message itself was received in its channel, which proves that it was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    Missing,
    Received { seq: Option<u64> },
}

/// The bits of the counts of messages.
pub(super) mod count {
    /// Messages that a socket has and that were not answered.
    pub(in super::super) const IN_FLIGHT: u32 = 0;
    /// Those of them that were unanswered at an earlier loss too.
    pub(in super::super) const AT_RISK: u32 = 1;
    /// Those of them that were sent alone.
    pub(in super::super) const ISOLATED: u32 = 2;
    /// Messages that wait.
    pub(super) const QUEUED: u32 = 3;
}

/// An unsettled message.
#[derive(Debug)]
pub(crate) struct Entry<P> {
    pub(super) message: OutgoingMessage<P>,
    pub(super) serial: u64,
    pub(super) stage: Stage,
    pub(super) risk: Risk,
    /// When it expires while it is queued (`ttlMs`).
    pub(super) expires_at: Option<Instant>,
    /// When it fails in any stage (`timeoutMs`).
    pub(super) ends_at: Option<Instant>,
    /// When it fails because its channel does not admit it, although there is a connection.
    pub(super) waits_until: Option<Instant>,
}

impl<P> Counted for Entry<P> {
    /// Since when there is no connection.
    type Context = Option<Instant>;

    fn facts(&self, down_since: Option<Instant>) -> Facts {
        let in_flight = self.is_in_flight();
        let is_queued = matches!(self.stage, Stage::Queued { .. });
        let counts = u16::from(in_flight) << count::IN_FLIGHT
            | u16::from(in_flight && self.risk != Risk::None) << count::AT_RISK
            | u16::from(in_flight && self.risk == Risk::Isolated) << count::ISOLATED
            | u16::from(is_queued) << count::QUEUED;
        Facts { deadline: self.deadline(down_since), rank: is_queued.then_some(0), counts }
    }
}

impl<P> Entry<P> {
    /// The deadline in its present stage. `down_since`: since when there is no connection.
    pub(super) fn deadline(&self, down_since: Option<Instant>) -> Option<Timer> {
        match self.stage {
            Stage::Sent { deadline, .. } => timer(Some(deadline), TimerReason::Ack),
            Stage::Queued { .. } => {
                let wait = self.waits_until.filter(|_| down_since.is_none());
                let end = time::earliest(time::earliest(self.expires_at, self.ends_at), wait);
                timer(end, TimerReason::MessageExpiry)
            }
        }
    }

    pub(super) const fn is_in_flight(&self) -> bool {
        matches!(self.stage, Stage::Sent { echo: Echo::Missing, .. })
    }

    /// Extends the deadlines of answers by the time in which the page slept.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        for at in [&mut self.ends_at, &mut self.waits_until].into_iter().flatten() {
            *at = *at + slept_ms;
        }
        if let Stage::Sent { deadline, .. } = &mut self.stage {
            *deadline = *deadline + slept_ms;
        }
    }

    /// The code with which it fails instead of being sent, if it must not be sent. `run`: the
    /// contiguous run of messages that its channel has delivered completely.
    pub(super) fn unsendable(
        &self,
        now: Instant,
        limits: SendLimits,
        ack: Ack,
        run: Option<u32>,
    ) -> Option<Code> {
        let before = match self.stage {
            Stage::Queued { before } => before,
            Stage::Sent { .. } => None,
        };
        let is_proven = |first: FirstSent| run.is_some() && first.run == run;
        match before {
            Some(first)
                if ack == Ack::None
                    || self.risk == Risk::Cause
                    || !is_proven(first) && now.duration_since(first.at) > limits.ack_memory_ms =>
            {
                Some(Code::Unconfirmed)
            }
            _ if self.expires_at.is_some_and(|expiry| now >= expiry) => Some(overdue(before)),
            _ if self.message.bytes as u64 + ENVELOPE_BYTES > limits.max_frame_bytes => {
                Some(Code::MessageTooLarge)
            }
            _ => None,
        }
    }
}

/// The code of a message that expired in the queue: one that was sent before may have been
/// accepted.
pub(super) const fn overdue(before: Option<FirstSent>) -> Code {
    if before.is_some() { Code::Unconfirmed } else { Code::Expired }
}
