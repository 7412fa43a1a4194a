//! A requested change.

use serde_json::value::RawValue;
use tidewire_server_core::Rejection;
use tidewire_server_core::frame::Fields;

use crate::tables::row::{KEY, Key, VERSION};

/// A change of one row.
pub(crate) enum Change<'a> {
    /// A new row; without a key the table generates one.
    Insert {
        key: Option<Key>,
        fields: Fields<'a>,
    },
    /// Changes of some fields; with a version, only if the row still has that version.
    Update {
        key: Key,
        version: Option<u64>,
        fields: Fields<'a>,
    },
    Delete {
        key: Key,
    },
}

impl<'a> Change<'a> {
    /// Whether a message with this event is a change if its channel has a table.
    pub(crate) fn is_named(event: &str) -> bool {
        matches!(event, "insert" | "update" | "delete")
    }

    /// Parses the change of a message: `{"row":{…}}`, or `{"key":K}` to delete.
    pub(crate) fn read(event: &str, payload: &'a RawValue) -> Result<Self, Rejection> {
        let payload = Fields::parse(payload.get())
            .map_err(|_| Rejection::invalid("a change is {\"row\":{…}} or {\"key\":…}"))?;
        if event == "delete" {
            let key = payload.get("key").map_or("null", RawValue::get);
            return Ok(Self::Delete { key: Key::parse(key)? });
        }
        let row = payload.get("row").map_or("null", RawValue::get);
        if event == "insert" { Self::insert(row) } else { Self::update(row) }
    }

    /// An insert of this row.
    pub(crate) fn insert(row: &'a str) -> Result<Self, Rejection> {
        let fields = object(row)?;
        let key = fields.get(KEY).map(RawValue::get).filter(|key| *key != "null");
        Ok(Self::Insert { key: key.map(Key::parse).transpose()?, fields })
    }

    fn update(row: &'a str) -> Result<Self, Rejection> {
        let fields = object(row)?;
        let key = fields.get(KEY).ok_or_else(|| Rejection::invalid("`row` has no `id`"))?;
        let key = Key::parse(key.get())?;
        Ok(Self::Update { key, version: fields.number(VERSION)?, fields })
    }
}

fn object(row: &str) -> Result<Fields<'_>, Rejection> {
    Fields::parse(row).map_err(|_| Rejection::invalid("`row` is not an object"))
}
