//! The receiving side of one channel: messages are delivered once and in order, missing ones are
//! requested, lost ones are reported.

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::dedup::Dedup;
use super::recovery::{Answer, Due, Recovery};
use super::reorder::{Continuation, Released, ReorderBuffer, Slot};
use crate::core::id::Counter;
use crate::core::message::{Completeness, Gap, JoinReply, Message, StreamPosition};
use crate::core::state::Continuity;
use crate::core::time::Instant;

/// The consequence of a received message or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InboxAction {
    /// None, apart from the released messages.
    None,
    /// Everything that was missed has been delivered.
    CaughtUp,
    /// The message was delivered before.
    Repeated,
    /// The channel must be joined again from its position.
    Rejoin,
}

/// Whether everything that was in the log at the time of the join has been delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CatchUp {
    /// Some of it is missing.
    Behind,
    /// All of it.
    Done,
}

/// The limits within which messages are buffered.
#[derive(Debug, Clone, Copy)]
pub(super) struct InboxLimits {
    /// Messages buffered while those before them are missing.
    pub(super) reorder: u64,
    /// Time until the next of the missing messages arrives, in milliseconds.
    pub(super) timeout_ms: u64,
}

/// How a membership begins.
#[derive(Debug)]
pub(super) struct Beginning<P> {
    /// Messages buffered in the last membership that are before the gap.
    pub(super) before: Vec<Released<P>>,
    /// The messages lost between the last membership and this one.
    pub(super) gap: Option<Gap>,
    /// Messages received before the join was confirmed that follow the new position.
    pub(super) after: Vec<Released<P>>,
}

/// The messages after a channel's position that are to be requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hole {
    /// The message before the first one missing.
    pub(super) behind: StreamPosition,
    /// The last one missing.
    pub(super) to: u64,
}

/// The receiving side of one channel.
#[derive(Debug)]
pub(super) struct Inbox<P> {
    buffer: ReorderBuffer<P>,
    recovery: Recovery,
    dedup: Dedup,
    continuity: Continuity,
    /// The number of the present contiguous run of messages, unique within a client.
    run: u32,
    /// The epoch of the message that was emitted last.
    emitted: Option<Rc<str>>,
}

impl<P> Default for Inbox<P> {
    fn default() -> Self {
        Self {
            buffer: ReorderBuffer::default(),
            recovery: Recovery::default(),
            dedup: Dedup::default(),
            continuity: Continuity::Fresh,
            run: 0,
            emitted: None,
        }
    }
}

impl<P> Inbox<P> {
    /// The last message delivered, where messages have positions.
    pub(super) const fn position(&self) -> Option<&StreamPosition> {
        self.buffer.position()
    }

    /// Whether messages were missed at the last join or since.
    pub(super) const fn continuity(&self) -> Continuity {
        self.continuity
    }

    /// The number of the present contiguous run of messages.
    pub(super) const fn run(&self) -> u32 {
        self.run
    }

    /// Whether everything in the log at the time of the join has been delivered.
    pub(super) fn is_caught_up(&self) -> bool {
        self.position().is_none_or(|position| position.seq >= self.recovery.missed_to())
    }

    /// Whether a request for missing messages is pending.
    pub(super) const fn is_requested(&self) -> bool {
        self.recovery.is_requested()
    }

    /// When [`Inbox::due`] returns an action.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.recovery.poll_timeout()
    }

    /// Returns the action that is due.
    pub(super) fn due(&self, now: Instant) -> Option<Due> {
        self.recovery.due(now)
    }

    /// Begins a membership, with the number of a new run unless the last one continues.
    pub(super) fn begin(
        &mut self,
        now: Instant,
        reply: Option<&JoinReply>,
        timeout_ms: u64,
        runs: &mut Counter,
    ) -> Beginning<P> {
        let mut before = Vec::new();
        let mut after = Vec::new();
        let continuation = self.buffer.begin(reply, &mut before);
        match reply {
            None => self.recovery.uncounted(),
            Some(JoinReply { head, .. }) => {
                if continuation != Continuation::Recovered {
                    self.recovery.reset_rejoins();
                }
                self.release_next(&mut after);
                let known = self.buffer.last().unwrap_or(0);
                let until = now + timeout_ms;
                self.recovery.replay_expected(self.buffer.seq(), *head, known, until);
            }
        }
        let (continuity, gap) = match continuation {
            Continuation::Fresh => (Continuity::Fresh, None),
            Continuation::Recovered => (Continuity::Recovered, None),
            Continuation::Gap(gap) => (Continuity::Gap, Some(gap)),
            Continuation::Reported => (Continuity::Gap, None),
            Continuation::Unknown => (Continuity::Unknown, Some(Gap::default())),
        };
        self.continuity = continuity;
        if continuity != Continuity::Recovered {
            self.run = runs.next();
        }
        Beginning { before, gap, after }
    }

    /// Receives a message that has a position, `None` if it cannot be read. What can be delivered
    /// now is put into `ready`, in order.
    pub(super) fn receive(
        &mut self,
        now: Instant,
        position: &StreamPosition,
        mut message: Option<Box<Message<P>>>,
        limits: InboxLimits,
        ready: &mut Vec<Released<P>>,
    ) -> InboxAction {
        let seq = position.seq;
        let slot = self.buffer.slot(position);
        match slot {
            Slot::Uncounted => {
                ready.extend(message.map(Released::Message));
                return InboxAction::None;
            }
            Slot::Ignored => return InboxAction::None,
            Slot::OtherEpoch => return InboxAction::Rejoin,
            Slot::Repeated => return InboxAction::Repeated,
            Slot::Next | Slot::Ahead(_) => {}
        }
        self.recovery.seen(seq);
        let was_missed = seq <= self.recovery.missed_to();
        if let Slot::Ahead(at) = slot {
            if let Some(message) = &mut message {
                message.recovered = was_missed;
            }
            self.buffer.insert(at, seq, message);
            self.recovery.hole_seen(now);
            if self.buffer.len() as u64 <= limits.reorder {
                return InboxAction::None;
            }
            self.buffer.drop_last();
            // While a recovery is pending, the dropped message is requested after it.
            let waits = self.is_requested();
            return if waits { InboxAction::None } else { InboxAction::Rejoin };
        }
        let before = self.catch_up();
        if let Some(message) = &mut message {
            message.recovered = was_missed || self.is_requested();
        }
        self.buffer.insert(0, seq, message);
        self.release_next(ready);
        self.recovery.advanced(now, self.buffer.seq(), limits.timeout_ms);
        self.caught_up_since(before)
    }

    /// A message with this position is emitted.
    pub(super) fn note_emitted(&mut self, position: &StreamPosition) {
        if self.emitted.as_ref() != Some(&position.epoch) {
            // Of two equal texts the position's own: then their addresses are compared.
            let own = self.buffer.position().map(|own| &own.epoch);
            let own = own.filter(|own| **own == position.epoch);
            self.emitted = Some(own.unwrap_or(&position.epoch).clone());
        }
    }

    /// The epoch of the message that was emitted last.
    pub(super) const fn emitted_epoch(&self) -> Option<&Rc<str>> {
        self.emitted.as_ref()
    }

    /// Receives a message of the epoch that was emitted last, if it is the next one, and nothing is missing or buffered.
    pub(super) fn receive_next(&mut self, seq: u64) -> bool {
        let is_next = self.is_caught_up()
            && self.recovery.is_complete()
            && self.emitted.as_ref().is_some_and(|epoch| self.buffer.advance(epoch, seq));
        if is_next {
            self.recovery.seen(seq);
            self.recovery.moved();
        }
        is_next
    }

    /// Whether the message of this id is among the last `limit` that were received.
    pub(super) fn is_repeated(&mut self, id: &str, limit: u64) -> bool {
        self.dedup.is_repeated(id, limit)
    }

    /// Registers a message of this channel that cannot be read and whose position is unknown.
    pub(super) fn unusable_received(&mut self, now: Instant) {
        self.recovery.unusable_received(now, self.buffer.seq());
    }

    /// Registers a message that cannot be read and that may be of this channel.
    pub(super) fn maybe_unusable_received(&mut self, now: Instant) {
        self.recovery.maybe_unusable_received(now, self.buffer.seq());
    }

    /// Applies the end of the channel's log, as the server reports it.
    pub(super) fn head_received(&mut self, now: Instant, head: &StreamPosition) -> InboxAction {
        match self.position() {
            None => InboxAction::None,
            Some(position) if position.epoch != head.epoch => InboxAction::Rejoin,
            Some(position) => {
                let seq = position.seq;
                self.recovery.head_received(now, seq, head.seq);
                InboxAction::None
            }
        }
    }

    /// Applies the answer to the recovery request with this reference.
    pub(super) fn recovered(
        &mut self,
        now: Instant,
        reference: u32,
        completeness: Completeness,
        ready: &mut Vec<Released<P>>,
    ) -> InboxAction {
        let before = self.catch_up();
        match self.recovery.answered(reference, completeness) {
            Answer::Unexpected => InboxAction::None,
            Answer::Complete { unusable } if self.pass_over(now, unusable, ready) => {
                self.caught_up_since(before)
            }
            Answer::Complete { .. } if self.recovery.may_request_again() => {
                // The server sent all of them, so those still missing were lost on the way.
                self.recovery.request_later(now);
                InboxAction::None
            }
            Answer::Complete { .. } | Answer::Incomplete => InboxAction::Rejoin,
        }
    }

    /// The missing messages after the position, as far as they are known.
    pub(super) fn hole(&self) -> Option<Hole> {
        let behind = self.position()?.clone();
        let to = self.buffer.first().map_or(self.recovery.head(), |seq| seq - 1);
        Some(Hole { behind, to })
    }

    /// Marks the missing messages as requested with this reference.
    pub(super) const fn requested(&mut self, reference: u32, until: Instant) {
        self.recovery.requested(reference, until);
    }

    /// Delays the request for the missing messages.
    pub(super) fn request_later(&mut self, now: Instant) {
        self.recovery.request_later(now);
    }

    /// Counts another join for the missing messages. After too many the messages are lost: buffered
    /// ones are put into `ready`, and the gap is returned.
    pub(super) fn rejoin(&mut self, ready: &mut Vec<Released<P>>) -> Option<Gap> {
        if self.recovery.rejoin() { None } else { self.give_up(ready) }
    }

    /// Drops the position: buffered messages are put into `ready`, and the gap is returned.
    pub(super) fn give_up(&mut self, ready: &mut Vec<Released<P>>) -> Option<Gap> {
        self.buffer.give_up(ready)
    }

    /// Begins a new run of messages after lost ones.
    pub(super) fn lost(&mut self, continuity: Continuity, runs: &mut Counter) {
        self.continuity = continuity;
        self.run = runs.next();
    }

    /// Sets the continuity to unknown. The run continues, as no delivery proof depends on messages
    /// without positions.
    pub(super) const fn maybe_missed(&mut self) {
        self.continuity = Continuity::Unknown;
    }

    /// Cancels requests at the end of a connection. Buffered messages stay, because the next
    /// membership may continue their epoch.
    pub(super) const fn disconnected(&mut self) {
        self.recovery.disconnected();
    }

    /// Drops all state, because the user changed. Numbers of runs are not reused.
    pub(super) fn reset(&mut self) {
        *self = Self { run: self.run, ..Self::default() };
    }

    /// Extends the deadlines of answers by the time in which the page slept.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        self.recovery.extend_deadlines(slept_ms);
    }

    /// Skips the missing messages after the position, if they are at most `most`.
    fn pass_over(&mut self, now: Instant, most: u64, ready: &mut Vec<Released<P>>) -> bool {
        let Some(Hole { behind, to }) = self.hole() else { return false };
        if to <= behind.seq || to - behind.seq > most {
            return false;
        }
        ready.extend(self.buffer.skip_to(to).map(Released::Lost));
        self.recovery.moved();
        self.release_next(ready);
        self.recovery.passed_over();
        self.recovery.advanced(now, self.buffer.seq(), 0);
        true
    }

    fn release_next(&mut self, ready: &mut Vec<Released<P>>) {
        if self.buffer.release_next(ready) {
            self.recovery.moved();
        }
    }

    fn catch_up(&self) -> CatchUp {
        if self.is_caught_up() { CatchUp::Done } else { CatchUp::Behind }
    }

    fn caught_up_since(&self, before: CatchUp) -> InboxAction {
        match (before, self.catch_up()) {
            (CatchUp::Behind, CatchUp::Done) => InboxAction::CaughtUp,
            _ => InboxAction::None,
        }
    }
}
