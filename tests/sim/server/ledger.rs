//! Every message by its number: who sent it, and what became of it at the server.

use super::ConnectionId;
use crate::action::Topic;
use crate::invariants;
use crate::violation::Verdict;

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The server itself.
    Server,
    /// A client, in this life of its tab.
    Tab { tab: u8, life: u32 },
    /// A collection, whose changes of different rows do not wait for each other.
    Collection,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    origin: Origin,
    topic: Topic,
    /// Its ordinal in the channel's log, once it was taken.
    ordinal: Option<u64>,
    /// The connection it came by.
    by: ConnectionId,
    /// Whether the server lost it since.
    lost: bool,
    /// Whether it was taken again after that.
    again: bool,
    /// The connection on which it was refused. If the client did not hear of it, it may try again,
    /// late; if an earlier connection still had it on its way, it may be taken all the same.
    refused: Option<ConnectionId>,
}

impl Line {
    fn is_held(&self) -> bool {
        self.ordinal.is_some() && !self.lost
    }
}

/// The messages of a run. Numbers go up with the time of sending.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Vec<Line>);

impl Ledger {
    /// A number for a message about to be sent.
    pub(crate) fn number(&mut self, origin: Origin, topic: Topic) -> u32 {
        self.0.push(Line {
            origin,
            topic,
            ordinal: None,
            by: 0,
            lost: false,
            again: false,
            refused: None,
        });
        u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
    }

    /// Where a message was put last, though the server may have lost it.
    pub(crate) fn place(&self, number: u32) -> Option<(Topic, u64)> {
        let line = self.0.get(number as usize)?;
        line.ordinal.map(|ordinal| (line.topic, ordinal))
    }

    /// Whether a message ever was in a log, though the server may have lost it.
    pub(crate) fn was_taken(&self, number: u32) -> bool {
        self.place(number).is_some()
    }

    /// Whether a message is in its channel's log, and its client could have known.
    pub(crate) fn is_known_held(&self, number: u32) -> bool {
        let line = self.0.get(number as usize);
        line.is_some_and(|line| line.is_held() && line.refused.is_none_or(|on| on <= line.by))
    }

    /// Whether the server lost it, and took it again when its sender resent it.
    pub(crate) fn was_taken_again(&self, number: u32) -> bool {
        self.0.get(number as usize).is_some_and(|line| line.again)
    }

    /// Whether it did that with any message.
    pub(crate) fn has_taken_again(&self) -> bool {
        self.0.iter().any(|line| line.again)
    }

    /// The server takes a message. Here two invariants are watched over.
    pub(crate) fn take(
        &mut self,
        number: u32,
        ordinal: u64,
        by: ConnectionId,
        verdict: &mut Verdict,
    ) {
        let Some(line) = self.0.get(number as usize).copied() else {
            return verdict.blame(invariants::AGREED, || format!("nobody sent message {number}"));
        };
        verdict.demand(!line.is_held(), invariants::ONCE_IN_LOG, || {
            format!("message {number} of {:?} is in the log of {} twice", line.origin, line.topic)
        });
        if matches!(line.origin, Origin::Tab { .. }) && line.refused.is_none() {
            let later = self.0.iter().skip(number as usize + 1).position(|other| {
                // What was still on its way on an earlier connection comes when it comes.
                let same = other.origin == line.origin && other.topic == line.topic;
                same && other.is_held() && other.by <= by
            });
            verdict.demand(later.is_none(), invariants::SEND_ORDER, || {
                let overtaken_by = later.unwrap_or_default() + number as usize + 1;
                format!("message {number} on {} came after {overtaken_by}", line.topic)
            });
        }
        let line = &mut self.0[number as usize];
        line.ordinal = Some(ordinal);
        line.by = by;
        line.again |= line.lost;
        line.lost = false;
    }

    /// The server refuses a message.
    pub(crate) fn refuse(&mut self, number: u32, on: ConnectionId) {
        if let Some(line) = self.0.get_mut(number as usize) {
            line.refused = Some(on);
        }
    }

    /// The server lost messages.
    pub(crate) fn lose(&mut self, numbers: &[u32]) {
        for number in numbers {
            self.0[*number as usize].lost = true;
        }
    }
}
