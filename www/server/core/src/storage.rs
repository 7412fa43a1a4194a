//! The interface to data that is kept beyond a connection: logs, accepted ids, positions, presence.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::accepted::{Accepted, Effect};
use crate::account::Account;
use crate::clock::Now;
use crate::message::Message;
use crate::position::Position;
use crate::presence::{Diff, Owner};
use crate::rejection::Rejection;

/// Stores the logs of all channels, the ids they have accepted, their positions and the presence.
/// `C` is a change of the application's own state, which is stored together with the message that
/// makes it.
///
/// A storage can execute each operation atomically with one command of its own (a transaction, a
/// script), so that several hubs may share a storage.
pub trait Storage<C>: Send {
    /// The channels that are already stored when a hub is created.
    fn channels(&mut self) -> Vec<String>;

    /// Opens a channel at its stored position, or as a new one. An open channel is not changed.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn open(&mut self, channel: &str) -> Result<(), StorageError>;

    /// The position of the newest message of a channel that is open.
    fn head(&self, channel: &str) -> Option<Position>;

    /// The initial position of a channel that does not exist.
    fn first_position(&self) -> Position;

    /// The result of an id, if it is still remembered.
    fn accepted(&mut self, channel: &str, id: &str, now: Now) -> Option<Accepted>;

    /// Appends a message to a channel's log and remembers its id, unless the id is remembered
    /// already; then nothing changes.
    ///
    /// # Errors
    /// When too many ids are remembered, or the message cannot be stored. Nothing changes.
    fn append(
        &mut self,
        channel: &str,
        append: Append<'_, C>,
        now: Now,
    ) -> Result<Appended, StorageError>;

    /// The messages after a position up to the head, if the log still has all of them: none when
    /// the epoch is another one, or the log begins later.
    fn read_after(
        &mut self,
        channel: &str,
        position: &Position,
        now: Now,
    ) -> Option<Vec<Arc<Message>>>;

    /// Those of the messages `from` to `to`, inclusive, that the log still has.
    fn read(&self, channel: &str, from: u64, to: u64) -> Vec<Arc<Message>>;

    /// Whether a channel has messages or ids that are still needed.
    fn holds(&self, channel: &str) -> bool;

    /// Removes all but the newest `count` messages of a channel.
    ///
    /// # Errors
    /// When that cannot be stored.
    fn truncate(&mut self, channel: &str, count: usize) -> Result<(), StorageError>;

    /// Removes messages and ids beyond the limits in all channels.
    fn trim(&mut self, now: Now);

    /// Closes unused channels. A channel that is opened again continues at the same position, or
    /// in another epoch.
    ///
    /// # Errors
    /// When that cannot be stored.
    fn close(&mut self, channels: &[String]) -> Result<(), StorageError>;

    /// Closes a channel at once if nothing has to be written because it never had a message.
    fn close_unused(&mut self, channel: &str) -> Closed;

    /// Removes all messages and starts new epochs, as a crash would. The named channels are kept,
    /// with the ids of messages that made a change, which must not be applied again.
    ///
    /// # Errors
    /// When that cannot be stored.
    fn lose(&mut self, kept: &BTreeSet<String>) -> Result<(), StorageError>;

    /// Adds or replaces an entry. `replaces` names a former entry of the same user, which is removed
    /// in the same diff. `reference` identifies the new entry.
    ///
    /// # Errors
    /// When there are too many entries, or `meta` is no object or too large.
    fn track(
        &mut self,
        channel: &str,
        owner: Owner,
        reference: &str,
        meta: Option<&RawValue>,
        replaces: Option<&str>,
    ) -> Result<Diff, Rejection>;

    /// Removes the entry of a connection; returns its ref and the diff, if there was one.
    fn untrack(&mut self, channel: &str, connection: u64) -> Option<(String, Diff)>;

    /// The presence of a channel, as the JSON text of a `state`.
    fn present(&self, channel: &str) -> String;

    /// Whether anybody is present.
    fn is_anybody_present(&self, channel: &str) -> bool;

    /// Removes all presence of all channels.
    fn clear_presence(&mut self);

    /// How long the ids of a connection that is opened now are remembered, in ms.
    fn offered_ack_memory_ms(&self) -> u64;

    /// The memory that ids use, in bytes.
    fn ack_memory_bytes(&self) -> usize;
}

/// A message to be appended.
#[derive(Debug)]
pub struct Append<'a, C> {
    /// Unique in its channel.
    pub id: String,
    /// The event's name.
    pub event: Option<String>,
    /// Any JSON.
    pub payload: Box<RawValue>,
    /// The sender's user, if known.
    pub user: Option<String>,
    /// What accepting it does, which is also the answer to a resend.
    pub effect: Effect,
    /// How long its id is remembered.
    pub retention: Retention<'a>,
    /// The change it makes.
    pub change: Option<&'a C>,
}

/// How long an id is remembered.
#[derive(Debug, Clone, Copy)]
pub enum Retention<'a> {
    /// As long as the log has the message: for ids that the server generated.
    WhileLogged,
    /// For a time, and as long as the log has the message. The memory counts for the user.
    For {
        /// The time from now on, in ms.
        ms: u64,
        /// Who sent it.
        user: Option<&'a Arc<Account>>,
    },
}

/// The result of appending a message.
#[derive(Debug)]
pub enum Appended {
    /// It is in the log.
    New(Arc<Message>),
    /// Its id was accepted before.
    Known(Accepted),
}

/// Whether a channel was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It is closed.
    Now,
    /// It stays open until the next sweep.
    Later,
}

/// Why an operation of a storage failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageError {
    /// A limit was reached; the client is answered with this.
    Rejected(Rejection),
    /// The storage failed; the message is for the server's log.
    Failed(String),
}

impl From<Rejection> for StorageError {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}
