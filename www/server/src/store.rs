//! The durable side of the logs: SQLite, written before anything is sent on.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, params};
use serde_json::value::RawValue;

use crate::config::Limits;
use crate::log::{Accepted, ChannelLog};
use crate::message::Message;

/// The database of all channels.
pub(crate) struct Store {
    database: Connection,
}

// Every commit reaches the disk (`synchronous`): a tail that was acknowledged is never lost, so
// an epoch may go on after any crash.
// The lock is kept: two servers on one directory would each believe their own heads.
const SCHEMA: &str = "
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS channel (
        name TEXT PRIMARY KEY, epoch TEXT NOT NULL, head INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS message (
        channel TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, event TEXT,
        payload TEXT NOT NULL, user TEXT, at INTEGER NOT NULL, PRIMARY KEY (channel, seq)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS accepted (
        channel TEXT NOT NULL, id TEXT NOT NULL, user TEXT, seq INTEGER NOT NULL,
        at INTEGER NOT NULL, PRIMARY KEY (channel, id)
    ) WITHOUT ROWID;
";

impl Store {
    /// Opens or makes the database `tidewire.sqlite` in a directory.
    pub(crate) fn open(directory: &Path) -> Result<Self, String> {
        let path = directory.join("tidewire.sqlite");
        let open = || -> rusqlite::Result<Connection> {
            let database = Connection::open(&path)?;
            database.busy_timeout(Duration::from_secs(1))?;
            database.execute_batch(SCHEMA)?;
            Ok(database)
        };
        std::fs::create_dir_all(directory)
            .map_err(|e| e.to_string())
            .and_then(|()| open().map_err(|e| e.to_string()))
            .map(|database| Self { database })
            .map_err(|e| format!("cannot keep logs in {}: {e}", path.display()))
    }

    /// All channels as they were left.
    pub(crate) fn load(&self) -> rusqlite::Result<Vec<(String, ChannelLog)>> {
        let mut logs = std::collections::BTreeMap::new();
        let mut channels = self.database.prepare("SELECT name, epoch, head FROM channel")?;
        let mut rows = channels.query([])?;
        while let Some(row) = rows.next()? {
            let head = unsigned(row.get(2)?);
            logs.insert(row.get::<_, String>(0)?, ChannelLog::restored(row.get(1)?, head));
        }
        let mut messages = self.database.prepare(
            "SELECT channel, seq, id, event, payload, user, at FROM message ORDER BY channel, seq",
        )?;
        let mut rows = messages.query([])?;
        while let Some(row) = rows.next()? {
            let Some(log) = logs.get_mut(&row.get::<_, String>(0)?) else {
                continue;
            };
            let Ok(payload) = RawValue::from_string(row.get(4)?) else {
                continue;
            };
            log.restore(Message {
                seq: unsigned(row.get(1)?),
                id: row.get(2)?,
                event: row.get(3)?,
                payload,
                user: row.get(5)?,
                at: unsigned(row.get(6)?),
            });
        }
        let mut accepted = self
            .database
            .prepare("SELECT channel, id, user, seq, at FROM accepted ORDER BY channel, seq")?;
        let mut rows = accepted.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(log) = logs.get_mut(&row.get::<_, String>(0)?) {
                let (seq, at) = (unsigned(row.get(3)?), unsigned(row.get(4)?));
                log.remember(row.get(1)?, Accepted { user: row.get(2)?, seq, at });
            }
        }
        Ok(logs.into_iter().collect())
    }

    /// Notes a channel before anybody learns its epoch.
    pub(crate) fn create(&mut self, channel: &str, epoch: &str) -> rusqlite::Result<()> {
        self.database
            .prepare_cached(
                "INSERT OR REPLACE INTO channel (name, epoch, head) VALUES (?1, ?2, 0)",
            )?
            .execute(params![channel, epoch])
            .map(drop)
    }

    /// Stores a message, its id and the new head, and forgets what is out of bounds, all or
    /// nothing.
    pub(crate) fn append(
        &mut self,
        channel: &str,
        message: &Message,
        limits: &Limits,
    ) -> rusqlite::Result<()> {
        let (seq, at) = (signed(message.seq), signed(message.at));
        let kept = signed(message.seq.saturating_sub(limits.log_count as u64));
        let aged = signed(message.at.saturating_sub(limits.log_age_ms));
        let forgotten = signed(message.at.saturating_sub(limits.effective_ack_memory_ms()));
        let transaction = self.database.transaction()?;
        transaction
            .prepare_cached("UPDATE channel SET head = ?2 WHERE name = ?1")?
            .execute(params![channel, seq])?;
        transaction
            .prepare_cached(
                "INSERT INTO message (channel, seq, id, event, payload, user, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                channel,
                seq,
                message.id,
                message.event,
                message.payload.get(),
                message.user,
                at
            ])?;
        // An id that was forgotten in memory may still have a row.
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO accepted (channel, id, user, seq, at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![channel, message.id, message.user, seq, at])?;
        transaction
            .prepare_cached("DELETE FROM message WHERE channel = ?1 AND (seq <= ?2 OR at < ?3)")?
            .execute(params![channel, kept, aged])?;
        transaction
            .prepare_cached("DELETE FROM accepted WHERE channel = ?1 AND seq <= ?2 AND at < ?3")?
            .execute(params![channel, kept, forgotten])?;
        transaction.commit()
    }

    /// Forgets every channel.
    pub(crate) fn clear(&mut self) -> rusqlite::Result<()> {
        self.database.execute_batch(
            "BEGIN; DELETE FROM channel; DELETE FROM message; DELETE FROM accepted; COMMIT;",
        )
    }
}

// SQLite's integers are signed; seqs and times stay far below the difference.
fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
