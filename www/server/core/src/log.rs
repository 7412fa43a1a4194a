//! A channel's log: an epoch, a head, and the last messages; and the ids it has accepted.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::accepted::{Accepted, AcceptedIds, Effect};
use crate::account::Reservation;
use crate::limits::Limits;
use crate::message::Message;
use crate::position::Position;

/// The log of one channel.
#[derive(Debug)]
pub struct ChannelLog {
    epoch: String,
    head: u64,
    messages: VecDeque<Arc<Message>>,
    bytes: usize,
    accepted: AcceptedIds,
}

impl ChannelLog {
    /// An empty log of this epoch.
    pub fn new(epoch: String) -> Self {
        Self::restored(epoch, 0)
    }

    /// An empty log with a stored epoch and head.
    pub fn restored(epoch: String, head: u64) -> Self {
        Self { epoch, head, messages: VecDeque::new(), bytes: 0, accepted: AcceptedIds::default() }
    }

    /// Removes the messages and starts a new epoch. The ids of table changes stay, because a resent
    /// change would otherwise be applied again. The head continues, so that every position in the
    /// new epoch is after all removed messages.
    pub(crate) fn reset(&mut self, epoch: String) {
        self.epoch = epoch;
        self.messages.clear();
        self.bytes = 0;
        self.accepted.forget_relayed();
    }

    /// Its epoch.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The number of the newest message.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head
    }

    #[cfg(test)]
    fn messages(&self) -> impl Iterator<Item = &Arc<Message>> {
        self.messages.iter()
    }

    /// The position of the newest message.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch.clone(), seq: self.head }
    }

    /// The size of the messages in the log, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether there are neither messages nor accepted ids.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.accepted.is_empty()
    }

    /// Appends the message that follows the head. Its id is remembered until `until` (ms since
    /// 1970); the reservation is its memory, if the client chose the id and may resend it.
    pub fn append(
        &mut self,
        message: Arc<Message>,
        effect: Effect,
        until: u64,
        reservation: Option<Reservation>,
    ) {
        debug_assert!(message.seq == self.head + 1, "a log has no gaps");
        self.head = message.seq;
        let user = message.user.as_deref().map(Into::into);
        let accepted = Accepted { user, seq: message.seq, until, effect };
        self.accepted.insert(&message.id, accepted, reservation);
        self.bytes += message.bytes();
        self.messages.push_back(message);
    }

    /// Restores a stored message. The head and the ids are restored separately.
    pub fn restore(&mut self, message: Message) {
        self.bytes += message.bytes();
        self.messages.push_back(Arc::new(message));
    }

    /// Restores a stored id.
    pub fn remember(&mut self, id: &str, accepted: Accepted, reservation: Option<Reservation>) {
        self.accepted.insert(id, accepted, reservation);
    }

    /// The result of this id, if it is still remembered.
    pub fn accepted(&self, id: &str) -> Option<&Accepted> {
        self.accepted.get(id)
    }

    /// The messages `from` to `to`, if the log has all of them.
    pub fn range(&self, from: u64, to: u64) -> Option<Vec<Arc<Message>>> {
        if from > to {
            return (from == to + 1).then(Vec::new);
        }
        let first = self.messages.front()?.seq;
        if from < first || to > self.head {
            return None;
        }
        let start = usize::try_from(from - first).ok()?;
        let count = usize::try_from(to - from + 1).ok()?;
        Some(self.messages.iter().skip(start).take(count).cloned().collect())
    }

    /// Those of the messages `from` to `to` that the log has.
    pub fn held(&self, from: u64, to: u64) -> Vec<Arc<Message>> {
        self.messages.iter().filter(|m| (from..=to).contains(&m.seq)).cloned().collect()
    }

    /// Removes all but the newest `count` messages.
    pub fn truncate(&mut self, count: usize) {
        while self.messages.len() > count {
            self.forget_oldest();
        }
    }

    /// Removes the oldest messages until the others have at most `bytes` bytes.
    pub fn truncate_to_bytes(&mut self, bytes: usize) {
        while self.bytes > bytes && !self.messages.is_empty() {
            self.forget_oldest();
        }
    }

    /// Removes messages and ids beyond the limits at `now` (ms since 1970).
    pub fn trim(&mut self, limits: &Limits, now: u64) {
        while self.messages.front().is_some_and(|oldest| {
            let too_many = self.messages.len() > limits.log_count;
            let too_large = self.messages.len() > 1 && self.bytes > limits.log_bytes;
            too_many || too_large || oldest.at + limits.log_age_ms < now
        }) {
            self.forget_oldest();
        }
        let first = self.messages.front().map_or(u64::MAX, |m| m.seq);
        self.accepted.trim(now, first);
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.messages.pop_front() {
            self.bytes = self.bytes.saturating_sub(oldest.bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    fn log(count: u64) -> ChannelLog {
        let mut log = ChannelLog::new("e".to_owned());
        for seq in 1..=count {
            let message = Message {
                seq,
                id: format!("m{seq}"),
                event: None,
                payload: RawValue::from_string("0".into()).expect("JSON"),
                user: None,
                at: seq * 1_000,
            };
            let until = message.at + 1_000;
            log.append(Arc::new(message), Effect::Relayed, until, None);
        }
        log
    }

    fn seqs(range: Option<Vec<Arc<Message>>>) -> Option<Vec<u64>> {
        range.map(|messages| messages.iter().map(|m| m.seq).collect())
    }

    #[test]
    fn log_is_limited_by_count_and_age() {
        let mut log = log(10);
        let limits = Limits { log_count: 4, log_age_ms: 100_000, ..Limits::default() };
        log.trim(&limits, 10_000);
        assert_eq!(seqs(log.range(7, 10)), Some(vec![7, 8, 9, 10]));
        assert_eq!(seqs(log.range(6, 10)), None);
        let limits = Limits { log_age_ms: 1_500, ..limits };
        log.trim(&limits, 10_000);
        assert_eq!(seqs(log.range(9, 10)), Some(vec![9, 10]));
        assert_eq!(seqs(log.range(8, 10)), None);
    }

    #[test]
    fn position_at_the_head_is_recovered_from_an_empty_log() {
        let mut log = log(3);
        log.trim(&Limits { log_age_ms: 0, ..Limits::default() }, 1_000_000);
        assert_eq!(seqs(log.range(4, 3)), Some(vec![]));
        assert_eq!(seqs(log.range(3, 3)), None);
        assert_eq!(seqs(log.range(5, 3)), None);
    }

    #[test]
    fn log_is_limited_by_bytes_but_keeps_the_newest_message() {
        let mut log = log(9);
        let each = log.bytes() / 9;
        let limits = Limits { log_bytes: 3 * each, log_age_ms: 100_000, ..Limits::default() };
        log.trim(&limits, 10_000);
        assert_eq!(seqs(log.range(7, 9)), Some(vec![7, 8, 9]));
        assert_eq!((seqs(log.range(6, 9)), log.bytes()), (None, 3 * each));
        log.trim(&Limits { log_bytes: 0, ..limits }, 10_000);
        assert_eq!((seqs(log.range(9, 9)), log.bytes()), (Some(vec![9]), each));
        log.truncate_to_bytes(0);
        assert_eq!((log.messages().count(), log.bytes()), (0, 0));
    }

    #[test]
    fn log_remembers_ids_for_their_time_and_while_logged() {
        let mut log = log(3);
        let limits = Limits { log_age_ms: 10_000, log_count: 2, ..Limits::default() };
        log.trim(&limits, 11_500);
        assert_eq!(log.accepted("m1"), None);
        assert_eq!(log.accepted("m2").map(|a| a.seq), Some(2));
        assert!(!log.is_empty());
        log.trim(&limits, 1_000_000);
        assert!(log.is_empty());
    }
}
