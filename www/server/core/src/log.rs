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

    /// A log whose epoch and head were stored.
    pub fn restored(epoch: String, head: u64) -> Self {
        Self { epoch, head, messages: VecDeque::new(), bytes: 0, accepted: AcceptedIds::default() }
    }

    /// Loses the messages and begins a new epoch. A table remembers its changes by itself: it
    /// would otherwise repeat one that is only resent. The head continues, so that whoever
    /// reads in the new epoch is after all of them.
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

    /// Its position.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch.clone(), seq: self.head }
    }

    /// The size of the messages that are held, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether nothing is held any more, neither messages nor accepted ids.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.accepted.is_empty()
    }

    /// Appends the message that follows the head. Its id is remembered until a time (ms since
    /// 1970), in memory that was reserved for it, if it is one that may come again.
    pub fn append(
        &mut self,
        message: Arc<Message>,
        effect: Effect,
        until: u64,
        reservation: Option<Reservation>,
    ) {
        debug_assert!(message.seq == self.head + 1, "a log has no holes");
        self.head = message.seq;
        let user = message.user.as_deref().map(Into::into);
        let accepted = Accepted { user, seq: message.seq, until, effect };
        self.accepted.insert(&message.id, accepted, reservation);
        self.bytes += message.bytes();
        self.messages.push_back(message);
    }

    /// Takes a stored message back in, head and ids being restored apart.
    pub fn restore(&mut self, message: Message) {
        self.bytes += message.bytes();
        self.messages.push_back(Arc::new(message));
    }

    /// Takes a stored id back in.
    pub fn remember(&mut self, id: &str, accepted: Accepted, reservation: Option<Reservation>) {
        self.accepted.insert(id, accepted, reservation);
    }

    /// What became of this id, if it is still remembered.
    pub fn accepted(&self, id: &str) -> Option<&Accepted> {
        self.accepted.get(id)
    }

    /// The messages `from` to `to`, if all of them are held.
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

    /// Those of the messages `from` to `to` that are held.
    pub fn held(&self, from: u64, to: u64) -> Vec<Arc<Message>> {
        self.messages.iter().filter(|m| (from..=to).contains(&m.seq)).cloned().collect()
    }

    /// Forgets all but the newest messages.
    pub fn truncate(&mut self, count: usize) {
        while self.messages.len() > count {
            self.forget_oldest();
        }
    }

    /// Forgets the oldest messages until the others have at most so many bytes.
    pub fn truncate_to_bytes(&mut self, bytes: usize) {
        while self.bytes > bytes && !self.messages.is_empty() {
            self.forget_oldest();
        }
    }

    /// Forgets what is beyond the bounds at `now` (ms since 1970).
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
    fn log_remembers_ids_for_their_time_and_while_held() {
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
