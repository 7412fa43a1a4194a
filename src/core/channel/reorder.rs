//! The order of a channel's messages: its position, and the messages buffered after missing ones
//! (native protocol, `seq`).

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::core::message::{Gap, JoinReply, Message, StreamPosition};

/// An item released from the buffer.
#[derive(Debug)]
pub(super) enum Released<P> {
    /// A message.
    Message(Box<Message<P>>),
    /// Messages that cannot be recovered.
    Lost(Gap),
}

/// How a membership continues the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Continuation {
    /// There was no earlier one.
    Fresh,
    /// The server sends everything missed, or has sent it.
    Recovered,
    /// These messages are lost.
    Gap(Gap),
    /// Messages were lost, and were reported already.
    Reported,
    /// It is unknown whether messages were missed.
    Unknown,
}

/// The channel's position in its log.
#[derive(Debug, Clone, PartialEq, Eq)]
enum StreamState {
    /// It was not joined yet.
    New,
    /// This message was delivered last; everything before it was delivered or reported as lost.
    At(StreamPosition),
    /// It was joined where messages have no positions: they are delivered as they arrive.
    Uncounted,
    /// The messages after the last one delivered cannot be recovered; the gap was reported.
    Lost,
}

/// Where a message belongs in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// It is the next one.
    Next,
    /// Messages before it are missing: it is buffered at this index.
    Ahead(usize),
    /// It was delivered or buffered before.
    Repeated,
    /// It is of another epoch: the channel must be joined again.
    OtherEpoch,
    /// Messages of the channel have no positions: it is delivered at once.
    Uncounted,
    /// It is before the start of the membership that is being joined.
    Ignored,
}

/// A channel's position in its log, and the messages received beyond it.
///
/// Within an epoch a message is identified by its number alone. A message that the server lost with
/// the end of its log and accepts again in the next epoch is delivered again: a gap was reported
/// between the two, and data that the app loaded because of the gap does not contain the message.
#[derive(Debug)]
pub(super) struct ReorderBuffer<P> {
    state: StreamState,
    /// Messages after missing ones, sorted by number, all of the position's epoch; `None` is a
    /// message that was received but could not be read.
    ahead: Vec<(u64, Option<Box<Message<P>>>)>,
}

impl<P> Default for ReorderBuffer<P> {
    fn default() -> Self {
        Self { state: StreamState::New, ahead: Vec::new() }
    }
}

impl<P> ReorderBuffer<P> {
    /// The last message delivered, from which the channel is joined again.
    pub(super) const fn position(&self) -> Option<&StreamPosition> {
        match &self.state {
            StreamState::At(position) => Some(position),
            StreamState::New | StreamState::Uncounted | StreamState::Lost => None,
        }
    }

    /// The number of the last message delivered; 0 without one.
    pub(super) fn seq(&self) -> u64 {
        self.position().map_or(0, |position| position.seq)
    }

    /// How many messages are buffered.
    pub(super) const fn len(&self) -> usize {
        self.ahead.len()
    }

    /// The number of the first buffered message.
    pub(super) fn first(&self) -> Option<u64> {
        self.ahead.first().map(|(seq, _)| *seq)
    }

    /// The number of the last buffered message.
    pub(super) fn last(&self) -> Option<u64> {
        self.ahead.last().map(|(seq, _)| *seq)
    }

    /// Begins a membership. Messages buffered before a gap are put into `ready`; those after the
    /// position stay buffered until [`ReorderBuffer::release_next`].
    pub(super) fn begin(
        &mut self,
        start: Option<&JoinReply>,
        ready: &mut Vec<Released<P>>,
    ) -> Continuation {
        let Some(JoinReply { position, recovered, .. }) = start else {
            let former = core::mem::replace(&mut self.state, StreamState::Uncounted);
            self.release_until(u64::MAX, ready);
            return if former == StreamState::New {
                Continuation::Fresh
            } else {
                Continuation::Unknown
            };
        };
        let continuation = match &self.state {
            StreamState::New => Continuation::Fresh,
            StreamState::Lost => Continuation::Reported,
            StreamState::Uncounted => Continuation::Unknown,
            // Messages received while the join was pending may have advanced it.
            StreamState::At(own)
                if own.epoch == position.epoch && (*recovered || own.seq >= position.seq) =>
            {
                return Continuation::Recovered;
            }
            StreamState::At(own) => {
                let same = own.epoch == position.epoch;
                let gap = Gap {
                    from: same.then_some(own.seq + 1),
                    to: Some(position.seq),
                    epoch: Some(position.epoch.clone()),
                };
                self.release_until(if same { position.seq } else { u64::MAX }, ready);
                Continuation::Gap(gap)
            }
        };
        self.state = StreamState::At(position.clone());
        continuation
    }

    /// Where the message with this position belongs.
    pub(super) fn slot(&self, position: &StreamPosition) -> Slot {
        let last = match &self.state {
            StreamState::At(last) => last,
            StreamState::Uncounted => return Slot::Uncounted,
            // The pending join begins after it.
            StreamState::New | StreamState::Lost => return Slot::Ignored,
        };
        if last.epoch != position.epoch {
            return Slot::OtherEpoch;
        }
        let seq = position.seq;
        if seq <= last.seq {
            return Slot::Repeated;
        }
        let Err(at) = self.ahead.binary_search_by_key(&seq, |(other, _)| *other) else {
            return Slot::Repeated;
        };
        if seq > last.seq + 1 {
            return Slot::Ahead(at);
        }
        Slot::Next
    }

    /// Moves the position to the message of this epoch and number, if it is the next one, and none is buffered; returns
    /// whether it did.
    pub(super) fn advance(&mut self, epoch: &Rc<str>, seq: u64) -> bool {
        let StreamState::At(last) = &mut self.state else { return false };
        let is_next = last.seq + 1 == seq
            && self.ahead.is_empty()
            && (Rc::ptr_eq(&last.epoch, epoch) || last.epoch == *epoch);
        if is_next {
            last.seq = seq;
        }
        is_next
    }

    /// Buffers a message at this index, `None` if it could not be read.
    pub(super) fn insert(&mut self, at: usize, seq: u64, message: Option<Box<Message<P>>>) {
        self.ahead.insert(at, (seq, message));
    }

    /// Drops the last buffered message.
    pub(super) fn drop_last(&mut self) {
        self.ahead.pop();
    }

    /// Moves the position over messages that are lost; returns their range.
    pub(super) fn skip_to(&mut self, to: u64) -> Option<Gap> {
        let StreamState::At(position) = &mut self.state else { return None };
        let from = Some(position.seq + 1);
        position.seq = to;
        Some(Gap { from, to: Some(to), epoch: Some(position.epoch.clone()) })
    }

    /// Drops the position: buffered messages are put into `ready`, and the gap is returned.
    pub(super) fn give_up(&mut self, ready: &mut Vec<Released<P>>) -> Option<Gap> {
        let StreamPosition { epoch, seq } = self.position()?.clone();
        self.state = StreamState::Lost;
        self.release_until(u64::MAX, ready);
        Some(Gap { from: Some(seq + 1), to: None, epoch: Some(epoch) })
    }

    /// Releases every buffered message that directly follows the position; returns whether there
    /// was any.
    pub(super) fn release_next(&mut self, ready: &mut Vec<Released<P>>) -> bool {
        let StreamState::At(position) = &mut self.state else { return false };
        let mut next = position.seq + 1;
        let mut count = 0;
        while self.ahead.get(count).is_some_and(|(seq, _)| *seq == next) {
            next += 1;
            count += 1;
        }
        let lost = |seq| {
            let epoch = Some(position.epoch.clone());
            Released::Lost(Gap { from: Some(seq), to: Some(seq), epoch })
        };
        let ahead = self.ahead.drain(..count);
        ready.extend(
            ahead.map(|(seq, message)| message.map_or_else(|| lost(seq), Released::Message)),
        );
        position.seq = next - 1;
        count > 0
    }

    fn release_until(&mut self, last: u64, ready: &mut Vec<Released<P>>) {
        let count = self.ahead.partition_point(|(seq, _)| *seq <= last);
        // Unreadable messages are within the reported gap.
        let messages = self.ahead.drain(..count).filter_map(|(_, message)| message);
        ready.extend(messages.map(Released::Message));
    }
}
