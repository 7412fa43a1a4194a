//! Durable storage of the logs in SQLite, which is written before anything is broadcast.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, params};
use serde_json::value::RawValue;
use tidewire_server_core::limits::Limits;
use tidewire_server_core::{Accepted, ChannelLog, Effect, Message};

use crate::tables::{Catalog, Edit, Table, storage};

/// The database of all channels.
pub(crate) struct Store {
    database: Connection,
}

/// The stored row of a change that deleted it.
const DELETED: &str = "null";

// Every commit is flushed to the disk (`synchronous`): acknowledged messages are never lost, so
// that an epoch can continue after any crash.
// The database stays locked: two servers on one directory would have different heads.
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
        at INTEGER NOT NULL, row TEXT, PRIMARY KEY (channel, id)
    ) WITHOUT ROWID;
";

impl Store {
    /// Opens or creates the database `tidewire.sqlite` in a directory.
    pub(crate) fn open(directory: &Path) -> Result<Self, String> {
        let path = directory.join("tidewire.sqlite");
        std::fs::create_dir_all(directory)
            .map_err(|e| e.to_string())
            .and_then(|()| {
                Connection::open(&path).and_then(Self::prepare).map_err(|e| e.to_string())
            })
            .map_err(|e| format!("cannot keep logs in {}: {e}", path.display()))
    }

    fn prepare(database: Connection) -> rusqlite::Result<Self> {
        database.busy_timeout(Duration::from_secs(1))?;
        database.execute_batch(SCHEMA)?;
        database.execute_batch(storage::SCHEMA)?;
        // Databases of earlier versions do not have this column.
        if database.prepare("SELECT row FROM accepted").is_err() {
            database.execute_batch("ALTER TABLE accepted ADD COLUMN row TEXT")?;
        }
        Ok(Self { database })
    }

    /// Loads all channels; their ids are remembered for `memory_ms`. A table that was declared since
    /// is created with its initial rows.
    pub(crate) fn load(
        &mut self,
        catalog: &Catalog,
        memory_ms: u64,
    ) -> rusqlite::Result<Vec<(String, ChannelLog, Option<Table>)>> {
        let mut stored = storage::load(&self.database)?;
        let mut channels = Vec::new();
        for (name, log) in self.load_logs(memory_ms)? {
            let table = match (catalog.table(&name), stored.remove(&name)) {
                (Some(table), Some((rows, issued))) => Some(table.restored(rows, issued)),
                (Some(table), None) => {
                    let transaction = self.database.transaction()?;
                    storage::create(&transaction, &name, table)?;
                    transaction.commit()?;
                    Some(table.clone())
                }
                (None, _) => None,
            };
            channels.push((name, log, table));
        }
        Ok(channels)
    }

    fn load_logs(&self, memory_ms: u64) -> rusqlite::Result<BTreeMap<String, ChannelLog>> {
        let mut logs = BTreeMap::new();
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
        let mut accepted = self.database.prepare(
            "SELECT channel, id, user, seq, at, row FROM accepted ORDER BY channel, seq",
        )?;
        let mut rows = accepted.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(log) = logs.get_mut(&row.get::<_, String>(0)?) {
                let (seq, at) = (unsigned(row.get(3)?), unsigned(row.get(4)?));
                let (user, effect) = (row.get::<_, Option<String>>(2)?, effect(row.get(5)?));
                let user = user.map(Into::into);
                let accepted = Accepted { user, seq, until: at + memory_ms, effect };
                log.remember(&row.get::<_, String>(1)?, accepted, None);
            }
        }
        Ok(logs)
    }

    /// Stores a channel and its table, before the channel's epoch is sent.
    pub(crate) fn create(
        &mut self,
        channel: &str,
        epoch: &str,
        table: Option<&Table>,
    ) -> rusqlite::Result<()> {
        let transaction = self.database.transaction()?;
        note_channel(&transaction, channel, epoch, 0)?;
        if let Some(table) = table {
            storage::create(&transaction, channel, table)?;
        }
        transaction.commit()
    }

    /// Stores a message, its id, the new head and its change, and deletes expired data, in one
    /// transaction.
    pub(crate) fn append(
        &mut self,
        channel: &str,
        message: &Message,
        edit: Option<&Edit>,
        limits: &Limits,
    ) -> rusqlite::Result<()> {
        let (seq, at) = (signed(message.seq), signed(message.at));
        let kept = signed(message.seq.saturating_sub(limits.log_count as u64));
        let oldest_message = signed(message.at.saturating_sub(limits.log_age_ms));
        let oldest_id = signed(message.at.saturating_sub(limits.effective_ack_memory_ms()));
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
        // An id that was removed from memory may still have a row.
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO accepted (channel, id, user, seq, at, row)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![channel, message.id, message.user, seq, at, edit.map(row_text)])?;
        if let Some(edit) = edit {
            storage::write(&transaction, channel, edit)?;
        }
        transaction
            .prepare_cached("DELETE FROM message WHERE channel = ?1 AND (seq <= ?2 OR at < ?3)")?
            .execute(params![channel, kept, oldest_message])?;
        transaction
            .prepare_cached("DELETE FROM accepted WHERE channel = ?1 AND seq <= ?2 AND at < ?3")?
            .execute(params![channel, kept, oldest_id])?;
        transaction.commit()
    }

    /// Deletes all but the newest messages of a channel.
    pub(crate) fn truncate_log(
        &mut self,
        channel: &str,
        log: &ChannelLog,
        count: usize,
    ) -> rusqlite::Result<()> {
        let last = signed(log.head().saturating_sub(count as u64));
        self.database
            .execute("DELETE FROM message WHERE channel = ?1 AND seq <= ?2", params![channel, last])
            .map(drop)
    }

    /// Deletes removed channels.
    pub(crate) fn forget(&mut self, channels: &[String]) -> rusqlite::Result<()> {
        let transaction = self.database.transaction()?;
        for table in ["channel WHERE name", "message WHERE channel", "accepted WHERE channel"] {
            let mut delete = transaction.prepare_cached(&format!("DELETE FROM {table} = ?1"))?;
            for channel in channels {
                delete.execute([channel])?;
            }
        }
        transaction.commit()
    }

    /// Deletes all messages, and every channel that has no table.
    pub(crate) fn lose_logs<'a>(
        &mut self,
        kept: impl Iterator<Item = (&'a str, &'a ChannelLog)>,
    ) -> rusqlite::Result<()> {
        let transaction = self.database.transaction()?;
        transaction.execute_batch(
            "DELETE FROM channel; DELETE FROM message; DELETE FROM accepted WHERE row IS NULL;",
        )?;
        for (channel, log) in kept {
            note_channel(&transaction, channel, log.epoch(), log.head())?;
        }
        transaction.commit()
    }
}

fn note_channel(
    database: &Connection,
    channel: &str,
    epoch: &str,
    head: u64,
) -> rusqlite::Result<()> {
    database
        .prepare_cached("INSERT OR REPLACE INTO channel (name, epoch, head) VALUES (?1, ?2, ?3)")?
        .execute(params![channel, epoch, signed(head)])
        .map(drop)
}

/// The stored form of a change: the resulting row, or [`DELETED`].
fn row_text(edit: &Edit) -> &str {
    edit.row.as_ref().map_or(DELETED, |row| &row.text)
}

fn effect(row: Option<String>) -> Effect {
    match row {
        None => Effect::Relayed,
        Some(row) if row == DELETED => Effect::Deleted,
        Some(row) => Effect::Stored(row.into()),
    }
}

// SQLite's integers are signed; seqs and times are always far below the difference.
fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{Change, Origin, TableConfig};

    #[test]
    fn change_and_message_are_stored_atomically() {
        let database = Connection::open_in_memory().expect("memory");
        let mut store = Store::prepare(database).expect("a schema");
        let limits = Limits::default();
        let table = Table::new("notes", TableConfig::default(), &limits).expect("no rows");
        store.create("notes", "e", Some(&table)).expect("created");
        let change = Change::insert(r#"{"id":"a"}"#).expect("a row");
        let origin = Origin { channel: "notes", user: None };
        let edit = table.plan(&change, &origin, &limits).expect("room");
        let payload = edit.payload("m1").expect("JSON");
        let message = Message { seq: 1, id: "m1".into(), event: None, payload, user: None, at: 1 };
        store.database.execute_batch("ALTER TABLE stored_row RENAME TO away").expect("renamed");
        store.append("notes", &message, Some(&edit), &limits).expect_err("nowhere to put the row");
        store.database.execute_batch("ALTER TABLE away RENAME TO stored_row").expect("renamed");
        let logs = store.load_logs(0).expect("loaded");
        assert_eq!((logs["notes"].head(), logs["notes"].accepted("m1")), (0, None));
        store.append("notes", &message, Some(&edit), &limits).expect("stored");
        let rows = storage::load(&store.database).expect("loaded");
        assert_eq!(rows["notes"].0.len(), 1);
        assert_eq!(store.load_logs(0).expect("loaded")["notes"].head(), 1);
    }
}
