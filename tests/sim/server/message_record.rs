//! Every message by its number: its sender, and its state at the server.

use super::ConnectionId;
use crate::action::Topic;
use crate::invariants;
use crate::violations::ViolationLog;

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The server itself.
    Server,
    /// A client, in this instance of its tab.
    Tab { tab: u8, instance: u32 },
    /// A collection, whose changes of different rows do not wait for each other.
    Collection,
}

/// One message, and what became of it at the server.
#[derive(Debug, Clone, Copy)]
struct MessageRecord {
    origin: Origin,
    topic: Topic,
    /// Its ordinal in the channel's log, once it was accepted.
    ordinal: Option<u64>,
    /// The connection on which it was accepted.
    by: ConnectionId,
    /// Whether the server has lost it since.
    lost: bool,
    /// Whether it was accepted again after that.
    again: bool,
    /// The connection on which it was rejected. If the client did not receive the rejection, it may
    /// resend it later; if it was still in transit on an earlier connection, it may be accepted after
    /// all.
    rejected: Option<ConnectionId>,
}

impl MessageRecord {
    fn is_in_log(&self) -> bool {
        self.ordinal.is_some() && !self.lost
    }
}

/// The messages of a run. Numbers go up with the time of sending.
#[derive(Debug, Default)]
pub(crate) struct MessageRecords(Vec<MessageRecord>);

impl MessageRecords {
    /// A number for a message about to be sent.
    pub(crate) fn number(&mut self, origin: Origin, topic: Topic) -> u32 {
        self.0.push(MessageRecord {
            origin,
            topic,
            ordinal: None,
            by: 0,
            lost: false,
            again: false,
            rejected: None,
        });
        u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
    }

    /// Where a message was last appended, even if the server has lost it since.
    pub(crate) fn place(&self, number: u32) -> Option<(Topic, u64)> {
        let record = self.0.get(number as usize)?;
        record.ordinal.map(|ordinal| (record.topic, ordinal))
    }

    /// Whether a message ever was in a log, even if the server has lost it since.
    pub(crate) fn was_accepted(&self, number: u32) -> bool {
        self.place(number).is_some()
    }

    /// Whether a message is in its channel's log, and its client could have known.
    pub(crate) fn is_known_in_log(&self, number: u32) -> bool {
        let record = self.0.get(number as usize);
        record.is_some_and(|record| {
            record.is_in_log() && record.rejected.is_none_or(|on| on <= record.by)
        })
    }

    /// Whether the server lost it, and accepted it again when its sender resent it.
    pub(crate) fn was_accepted_again(&self, number: u32) -> bool {
        self.0.get(number as usize).is_some_and(|record| record.again)
    }

    /// Whether it did that with any message.
    pub(crate) fn has_accepted_again(&self) -> bool {
        self.0.iter().any(|record| record.again)
    }

    /// The server accepts a message. Checks `once-in-log` and `send-order`.
    pub(crate) fn take(
        &mut self,
        number: u32,
        ordinal: u64,
        by: ConnectionId,
        violations: &mut ViolationLog,
    ) {
        let Some(record) = self.0.get(number as usize).copied() else {
            return violations
                .fail(invariants::NEGOTIATED_ONLY, || format!("nobody sent message {number}"));
        };
        violations.ensure(!record.is_in_log(), invariants::ONCE_IN_LOG, || {
            format!(
                "message {number} of {:?} is in the log of {} twice",
                record.origin, record.topic
            )
        });
        if matches!(record.origin, Origin::Tab { .. }) && record.rejected.is_none() {
            let later = self.0.iter().skip(number as usize + 1).position(|other| {
                // Messages in transit on an earlier connection may arrive later.
                let same = other.origin == record.origin && other.topic == record.topic;
                same && other.is_in_log() && other.by <= by
            });
            violations.ensure(later.is_none(), invariants::SEND_ORDER, || {
                let overtaken_by = later.unwrap_or_default() + number as usize + 1;
                format!("message {number} on {} came after {overtaken_by}", record.topic)
            });
        }
        let record = &mut self.0[number as usize];
        record.ordinal = Some(ordinal);
        record.by = by;
        record.again |= record.lost;
        record.lost = false;
    }

    /// The server rejects a message.
    pub(crate) fn reject(&mut self, number: u32, on: ConnectionId) {
        if let Some(record) = self.0.get_mut(number as usize) {
            record.rejected = Some(on);
        }
    }

    /// The server lost messages.
    pub(crate) fn lose(&mut self, numbers: &[u32]) {
        for number in numbers {
            self.0[*number as usize].lost = true;
        }
    }
}
