//! The log of one channel, including its trimmed and lost messages.

use std::rc::Rc;

use crate::value::Value;

/// A message that the server accepted.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The number in its payload, which identifies it in the simulator.
    pub(crate) number: u32,
    pub(crate) seq: u64,
    pub(crate) epoch: u32,
    /// Whether the server lost it when it crashed.
    pub(crate) lost: bool,
    /// The frame that every member receives.
    pub(crate) frame: Value,
}

/// Messages in the order of their acceptance. Their ordinals (from 1) are never used twice, unlike
/// their seqs.
#[derive(Debug, Default)]
pub(crate) struct Log {
    all: Vec<Message>,
    /// Ordinals up to this one are no longer available for recovery.
    trimmed_to: u64,
    epoch: u32,
    head: u64,
}

impl Log {
    pub(crate) const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The newest seq.
    pub(crate) const fn head(&self) -> u64 {
        self.head
    }

    /// Ordinals up to this one are no longer available for recovery.
    pub(crate) const fn trimmed_to(&self) -> u64 {
        self.trimmed_to
    }

    /// The newest ordinal.
    pub(crate) fn last(&self) -> u64 {
        self.all.len() as u64
    }

    pub(crate) fn at(&self, ordinal: u64) -> Option<&Message> {
        self.all.get(usize::try_from(ordinal.checked_sub(1)?).ok()?)
    }

    /// Appends a message; `frame` builds its frame from its epoch and seq.
    pub(crate) fn append(
        &mut self,
        number: u32,
        frame: impl FnOnce(&Rc<str>, u64) -> Value,
    ) -> &Message {
        self.head += 1;
        let (seq, epoch) = (self.head, self.epoch);
        let frame = frame(&epoch_name(epoch), seq);
        self.all.push(Message { number, seq, epoch, lost: false, frame });
        &self.all[self.all.len() - 1]
    }

    /// The messages of these seqs, if the log still has them all.
    pub(crate) fn range(&self, from: u64, to: u64) -> Option<&[Message]> {
        if from > to || to > self.head {
            return (from == to + 1 && to <= self.head).then_some(&[]);
        }
        // Within an epoch, the difference of seqs and ordinals is constant.
        let ordinal = self.last().checked_sub(self.head - from)?;
        if ordinal <= self.trimmed_to {
            return None;
        }
        let first = usize::try_from(ordinal - 1).ok()?;
        self.all.get(first..first + usize::try_from(to - from + 1).ok()?)
    }

    /// Drops all but the newest messages; seqs are not used again.
    pub(crate) fn trim(&mut self, keep: u64) {
        self.trimmed_to = self.trimmed_to.max(self.last().saturating_sub(keep));
    }

    /// Loses the newest messages and begins a new epoch; returns the numbers of the lost messages.
    pub(crate) fn crash(&mut self, lost: u64) -> Vec<u32> {
        let mut numbers = Vec::new();
        for message in self.all.iter_mut().rev().filter(|message| !message.lost) {
            if numbers.len() as u64 == lost {
                break;
            }
            message.lost = true;
            numbers.push(message.number);
        }
        if !numbers.is_empty() {
            self.epoch += 1;
            self.trimmed_to = self.last();
            // Seqs are used again: only the epoch distinguishes the new messages from the lost ones.
            self.head -= numbers.len() as u64;
        }
        numbers
    }
}

/// The name of an epoch in frames.
pub(crate) fn epoch_name(epoch: u32) -> Rc<str> {
    format!("e{epoch}").into()
}
