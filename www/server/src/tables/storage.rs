//! Durable storage of tables, in the transactions that store their messages.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use crate::tables::row::{Key, Row};
use crate::tables::table::{Edit, Table};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS stored_table (
        channel TEXT PRIMARY KEY, issued INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS stored_row (
        channel TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (channel, key)
    ) WITHOUT ROWID;
";

/// The stored rows of a table, and the highest number generated as a key.
pub(crate) type Stored = (BTreeMap<Key, Row>, i64);

/// Loads all tables, by channel.
pub(crate) fn load(database: &Connection) -> rusqlite::Result<BTreeMap<String, Stored>> {
    let mut tables: BTreeMap<String, Stored> = BTreeMap::new();
    let mut stored = database.prepare("SELECT channel, issued FROM stored_table")?;
    let mut rows = stored.query([])?;
    while let Some(row) = rows.next()? {
        tables.insert(row.get(0)?, (BTreeMap::new(), row.get(1)?));
    }
    let mut stored = database.prepare("SELECT channel, key, version, body FROM stored_row")?;
    let mut rows = stored.query([])?;
    while let Some(row) = rows.next()? {
        let table = tables.get_mut(&row.get::<_, String>(0)?);
        if let (Some((rows, _)), Ok(key)) = (table, Key::parse(&row.get::<_, String>(1)?)) {
            let version = row.get::<_, i64>(2)?.unsigned_abs();
            let text = row.get::<_, String>(3)?.into();
            rows.insert(key, Row { version, text });
        }
    }
    Ok(tables)
}

/// Stores a new table with its initial rows, in place of an earlier one.
pub(crate) fn create(database: &Connection, channel: &str, table: &Table) -> rusqlite::Result<()> {
    database.execute("DELETE FROM stored_row WHERE channel = ?1", [channel])?;
    note_issued(database, channel, table.issued())?;
    table.rows().try_for_each(|(key, row)| put(database, channel, key, row))
}

/// Stores a change.
pub(crate) fn write(database: &Connection, channel: &str, edit: &Edit) -> rusqlite::Result<()> {
    match &edit.row {
        Some(row) => put(database, channel, &edit.key, row)?,
        None => drop(
            database
                .prepare_cached("DELETE FROM stored_row WHERE channel = ?1 AND key = ?2")?
                .execute(params![channel, edit.key.json()])?,
        ),
    }
    match edit.key {
        Key::Number(number) => note_issued(database, channel, number),
        Key::Text(_) => Ok(()),
    }
}

fn put(database: &Connection, channel: &str, key: &Key, row: &Row) -> rusqlite::Result<()> {
    let version = i64::try_from(row.version).unwrap_or(i64::MAX);
    database
        .prepare_cached(
            "INSERT OR REPLACE INTO stored_row (channel, key, version, body)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![channel, key.json(), version, &*row.text])
        .map(drop)
}

/// Stores the highest number generated as a key; a lower one than the stored is ignored.
fn note_issued(database: &Connection, channel: &str, issued: i64) -> rusqlite::Result<()> {
    database
        .prepare_cached(
            "INSERT INTO stored_table (channel, issued) VALUES (?1, ?2)
             ON CONFLICT (channel) DO UPDATE SET issued = max(issued, excluded.issued)",
        )?
        .execute(params![channel, issued])
        .map(drop)
}
