//! The interface to what outlives a connection: logs, accepted ids, positions, presence.

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

/// Where the logs of all channels, the ids they have accepted, their positions and who is present
/// are kept. `C` is a change of the application's own state, which is stored together with the
/// message that makes it.
///
/// Each operation is one intent that a storage can carry out atomically with one command of its
/// own (a transaction, a script), so that several hubs may share a storage.
pub trait Storage<C>: Send {
    /// The channels that are stored already, when a hub begins.
    fn channels(&mut self) -> Vec<String>;

    /// Begins a channel where it stopped, or anew. A channel that exists stays as it is.
    ///
    /// # Errors
    /// When it cannot be stored.
    fn open(&mut self, channel: &str) -> Result<(), StorageError>;

    /// The position of the newest message of a channel that is open.
    fn head(&self, channel: &str) -> Option<Position>;

    /// Where a channel would begin that does not exist.
    fn first_position(&self) -> Position;

    /// What became of an id, if it is still remembered.
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

    /// Forgets all but the newest messages of a channel.
    ///
    /// # Errors
    /// When that cannot be stored.
    fn truncate(&mut self, channel: &str, count: usize) -> Result<(), StorageError>;

    /// Forgets what is too old or too much in all channels.
    fn trim(&mut self, now: Now);

    /// Closes channels that nobody needs. A channel that is opened again continues at the same
    /// position, or in another epoch.
    ///
    /// # Errors
    /// When that cannot be stored.
    fn close(&mut self, channels: &[String]) -> Result<(), StorageError>;

    /// Closes a channel at once if that costs nothing, because it never had a message.
    fn close_unused(&mut self, channel: &str) -> Closed;

    /// Loses all messages and begins new epochs, as a crash would. The named channels stay, and
    /// with them the ids of messages that made a change, which must not be made again.
    ///
    /// # Errors
    /// When that cannot be stored.
    fn lose(&mut self, kept: &BTreeSet<String>) -> Result<(), StorageError>;

    /// Enters or changes a presence. `replaces` names a former entry of the same user, which goes
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

    /// Removes the presence that a connection entered: its ref and the diff, if there was one.
    fn untrack(&mut self, channel: &str, connection: u64) -> Option<(String, Diff)>;

    /// Everybody present, as the JSON text of a `state`.
    fn present(&self, channel: &str) -> String;

    /// Whether anybody is present.
    fn is_anybody_present(&self, channel: &str) -> bool;

    /// Removes all presence of all channels.
    fn clear_presence(&mut self);

    /// How long the ids of a connection that begins now are remembered, in ms.
    fn offered_ack_memory_ms(&self) -> u64;

    /// The memory that ids take, in bytes.
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
    /// Who sent it, as far as known.
    pub user: Option<String>,
    /// What accepting it does, to be answered again when it is sent again.
    pub effect: Effect,
    /// How long its id is remembered.
    pub retention: Retention<'a>,
    /// The change it makes.
    pub change: Option<&'a C>,
}

/// How long an id is remembered.
#[derive(Debug, Clone, Copy)]
pub enum Retention<'a> {
    /// As long as the log has the message: for ids that come only once.
    WhileLogged,
    /// For so many ms, and as long as the log has the message. The memory counts for the user.
    For {
        /// From now on.
        ms: u64,
        /// Who sent it.
        user: Option<&'a Arc<Account>>,
    },
}

/// What became of a message to be appended.
#[derive(Debug)]
pub enum Appended {
    /// It is in the log.
    New(Arc<Message>),
    /// Its id had been accepted before.
    Known(Accepted),
}

/// Whether a channel was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It is gone.
    Now,
    /// It stays until it is swept.
    Later,
}

/// Why a storage did not do something.
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
