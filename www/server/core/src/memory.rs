//! A storage in memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::accepted::{Accepted, AckMemory, Effect};
use crate::account::Reservation;
use crate::clock::Now;
use crate::limits::Limits;
use crate::log::ChannelLog;
use crate::message::Message;
use crate::position::Position;
use crate::presence::{Diff, Owner, Roster};
use crate::random::Randomness;
use crate::rejection::Rejection;
use crate::retired::{Retired, Retirement};
use crate::storage::{Append, Appended, Closed, Retention, Storage, StorageError};

/// Logs, ids, positions and presence in memory, within the limits. A durable storage may use one
/// for reads: it writes what is [staged](Self::stage) and then [commits](Self::commit) it here.
pub struct MemoryStorage {
    limits: Arc<Limits>,
    randomness: Box<dyn Randomness>,
    logs: HashMap<String, ChannelLog>,
    rosters: HashMap<String, Roster>,
    ack_memory: AckMemory,
    /// The epoch of channels without a message. Such a channel can be removed without effect on a
    /// returning reader: a new one starts at the same position.
    first_epoch: String,
    /// The positions of channels that were closed.
    retired: Retired,
    /// The size of all logs, in bytes.
    log_bytes: usize,
}

/// What appending a message would do.
#[derive(Debug)]
pub enum Staging {
    /// Nothing: its id was accepted before.
    Known(Accepted),
    /// It becomes the head.
    New(Staged),
}

/// A message that is to become the head of its channel's log.
#[derive(Debug)]
pub struct Staged {
    /// The message.
    pub message: Arc<Message>,
    effect: Effect,
    until: u64,
    reservation: Option<Reservation>,
}

impl std::fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStorage")
            .field("channels", &self.logs.len())
            .field("log_bytes", &self.log_bytes)
            .finish_non_exhaustive()
    }
}

impl MemoryStorage {
    /// A storage without channels.
    #[must_use]
    pub fn new(limits: Arc<Limits>, mut randomness: Box<dyn Randomness>) -> Self {
        let first_epoch = randomness.token();
        Self {
            limits,
            randomness,
            logs: HashMap::new(),
            rosters: HashMap::new(),
            ack_memory: AckMemory::default(),
            first_epoch,
            retired: Retired::default(),
            log_bytes: 0,
        }
    }

    /// Restores a stored log.
    pub fn restore(&mut self, channel: String, mut log: ChannelLog, now: Now) {
        log.trim(&self.limits, now.unix_ms);
        self.log_bytes += log.bytes();
        self.logs.insert(channel, log);
    }

    /// The log of a channel that is open.
    #[must_use]
    pub fn log(&self, channel: &str) -> Option<&ChannelLog> {
        self.logs.get(channel)
    }

    /// Prepares a message: reserves memory for its id and assigns its number.
    ///
    /// # Errors
    /// When too many ids are remembered.
    pub fn stage<C>(
        &mut self,
        channel: &str,
        append: Append<'_, C>,
        now: Now,
    ) -> Result<Staging, StorageError> {
        let log = self.logs.get_mut(channel).ok_or_else(closed)?;
        let before = log.bytes();
        log.trim(&self.limits, now.unix_ms);
        self.log_bytes = (self.log_bytes + log.bytes()).saturating_sub(before);
        if let Some(known) = log.accepted(&append.id) {
            return Ok(Staging::Known(known.clone()));
        }
        let (until, reservation) = match append.retention {
            Retention::WhileLogged => (0, None),
            Retention::For { ms, user } => {
                let row = append.effect.bytes();
                let reservation = self.ack_memory.reserve(user, row, &self.limits)?;
                (now.unix_ms + ms, Some(reservation))
            }
        };
        let message = Arc::new(Message {
            seq: log.head() + 1,
            id: append.id,
            event: append.event,
            payload: append.payload,
            user: append.user,
            at: now.unix_ms,
        });
        Ok(Staging::New(Staged { message, effect: append.effect, until, reservation }))
    }

    /// Appends a message that was staged last, to the same channel.
    pub fn commit(&mut self, channel: &str, staged: Staged) -> Arc<Message> {
        let Staged { message, effect, until, reservation } = staged;
        if let Some(log) = self.logs.get_mut(channel) {
            let before = log.bytes();
            log.append(Arc::clone(&message), effect, until, reservation);
            log.trim(&self.limits, message.at);
            self.log_bytes = (self.log_bytes + log.bytes()).saturating_sub(before);
        }
        if self.log_bytes > self.limits.log_bytes_total {
            self.shorten(self.limits.log_bytes_total);
        }
        message
    }

    fn measure(&mut self) {
        self.log_bytes = self.logs.values().map(ChannelLog::bytes).sum();
    }

    /// Shortens the logs that have more than their share, until all of them together are well
    /// within the bound.
    fn shorten(&mut self, most: usize) {
        let share = most / 4 * 3 / self.logs.len().max(1);
        let (mut small, mut large) = (0, 0_usize);
        for log in self.logs.values() {
            if log.bytes() <= share { small += log.bytes() } else { large += 1 }
        }
        // The large logs share what the small ones do not use.
        let share = (most / 4 * 3).saturating_sub(small) / large.max(1);
        self.logs.values_mut().for_each(|log| log.truncate_to_bytes(share));
        self.measure();
    }
}

impl<C> Storage<C> for MemoryStorage {
    fn channels(&mut self) -> Vec<String> {
        self.logs.keys().cloned().collect()
    }

    fn open(&mut self, channel: &str) -> Result<(), StorageError> {
        if !self.logs.contains_key(channel) {
            let log = match self.retired.take(channel) {
                Some(position) => ChannelLog::restored(position.epoch, position.seq),
                None => ChannelLog::new(self.first_epoch.clone()),
            };
            self.logs.insert(channel.to_owned(), log);
        }
        Ok(())
    }

    fn head(&self, channel: &str) -> Option<Position> {
        self.logs.get(channel).map(ChannelLog::position)
    }

    fn first_position(&self) -> Position {
        Position { epoch: self.first_epoch.clone(), seq: 0 }
    }

    fn accepted(&mut self, channel: &str, id: &str, now: Now) -> Option<Accepted> {
        let log = self.logs.get_mut(channel)?;
        log.trim(&self.limits, now.unix_ms);
        log.accepted(id).cloned()
    }

    fn append(
        &mut self,
        channel: &str,
        append: Append<'_, C>,
        now: Now,
    ) -> Result<Appended, StorageError> {
        Ok(match self.stage(channel, append, now)? {
            Staging::Known(accepted) => Appended::Known(accepted),
            Staging::New(staged) => Appended::New(self.commit(channel, staged)),
        })
    }

    fn read_after(
        &mut self,
        channel: &str,
        position: &Position,
        now: Now,
    ) -> Option<Vec<Arc<Message>>> {
        let log = self.logs.get_mut(channel)?;
        log.trim(&self.limits, now.unix_ms);
        if log.epoch() != position.epoch {
            return None;
        }
        log.range(position.seq.checked_add(1)?, log.head())
    }

    fn read(&self, channel: &str, from: u64, to: u64) -> Vec<Arc<Message>> {
        self.logs.get(channel).map(|log| log.held(from, to)).unwrap_or_default()
    }

    fn holds(&self, channel: &str) -> bool {
        self.logs.get(channel).is_some_and(|log| log.head() > 0 && !log.is_empty())
    }

    fn truncate(&mut self, channel: &str, count: usize) -> Result<(), StorageError> {
        if let Some(log) = self.logs.get_mut(channel) {
            log.truncate(count);
        }
        Ok(())
    }

    fn trim(&mut self, now: Now) {
        self.logs.values_mut().for_each(|log| log.trim(&self.limits, now.unix_ms));
        self.measure();
    }

    fn close(&mut self, channels: &[String]) -> Result<(), StorageError> {
        for name in channels {
            self.rosters.remove(name);
            let Some(log) = self.logs.remove(name).filter(|log| log.head() > 0) else {
                continue;
            };
            let most = self.limits.max_channels_total;
            if self.retired.put(name.clone(), log.position(), most) == Retirement::Forgotten {
                self.first_epoch = self.randomness.token();
            }
        }
        self.measure();
        Ok(())
    }

    fn close_unused(&mut self, channel: &str) -> Closed {
        if self.logs.get(channel).is_some_and(|log| log.head() > 0) {
            return Closed::Later;
        }
        self.logs.remove(channel);
        Closed::Now
    }

    fn lose(&mut self, kept: &BTreeSet<String>) -> Result<(), StorageError> {
        self.logs.retain(|name, _| kept.contains(name));
        for log in self.logs.values_mut() {
            log.reset(self.randomness.token());
        }
        self.first_epoch = self.randomness.token();
        self.retired.clear();
        self.measure();
        Ok(())
    }

    fn track(
        &mut self,
        channel: &str,
        owner: Owner,
        reference: &str,
        meta: Option<&RawValue>,
        replaces: Option<&str>,
    ) -> Result<Diff, Rejection> {
        let roster = self.rosters.entry(channel.to_owned()).or_default();
        roster.track(owner, reference, meta, replaces, &self.limits)
    }

    fn untrack(&mut self, channel: &str, connection: u64) -> Option<(String, Diff)> {
        self.rosters.get_mut(channel)?.leave(connection)
    }

    fn present(&self, channel: &str) -> String {
        self.rosters.get(channel).map_or_else(|| "{}".to_owned(), Roster::state)
    }

    fn is_anybody_present(&self, channel: &str) -> bool {
        self.rosters.get(channel).is_some_and(|roster| !roster.is_empty())
    }

    fn clear_presence(&mut self) {
        self.rosters.clear();
    }

    fn offered_ack_memory_ms(&self) -> u64 {
        self.ack_memory.offered_ms(&self.limits)
    }

    fn ack_memory_bytes(&self) -> usize {
        self.ack_memory.bytes()
    }
}

/// The error for a channel that was just found and does not exist, which should not happen.
fn closed() -> StorageError {
    StorageError::Rejected(Rejection::internal("the channel is gone"))
}
