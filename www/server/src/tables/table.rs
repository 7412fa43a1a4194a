//! One table: its rows, and the validation of changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use tidewire_server_core::Effect;
use tidewire_server_core::Rejection;
use tidewire_server_core::frame::{Fields, Object};
use tidewire_server_core::limits::Limits;

use crate::random;
use crate::tables::change::Change;
use crate::tables::columns::{self, ColumnConfig};
use crate::tables::config::{KeyKind, Readers, TableConfig};
use crate::tables::row::{Key, Row};
use crate::tables::rule::Rule;
use crate::tables::stamp::{Fill, Origin};

/// The table of one channel, with its rows in the order of their keys.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    config: Arc<TableConfig>,
    rows: BTreeMap<Key, Row>,
    bytes: usize,
    /// The highest number generated as a key.
    issued: i64,
}

/// A validated change that is not yet applied.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) key: Key,
    /// The resulting row; `None` if it is deleted.
    pub(crate) row: Option<Row>,
}

impl Edit {
    /// The payload of this change's message.
    pub(crate) fn payload(&self, mutation: &str) -> Result<Box<RawValue>, Rejection> {
        let object = match &self.row {
            Some(row) => Object::new().raw("row", &row.text),
            None => Object::new().raw("key", &self.key.json()),
        };
        RawValue::from_string(object.text("mutation", mutation).end())
            .map_err(|_| Rejection::internal("the change cannot be sent"))
    }

    /// The size of the resulting row, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.row.as_ref().map_or(0, |row| row.text.len())
    }

    /// The effect that is acknowledged to the sender.
    pub(crate) fn effect(&self) -> Effect {
        self.row.as_ref().map_or(Effect::Deleted, |row| Effect::Stored(Arc::clone(&row.text)))
    }
}

impl Table {
    /// A table with its initial rows, for this channel or the channels of this pattern.
    pub(crate) fn new(
        channel: &str,
        config: TableConfig,
        limits: &Limits,
    ) -> Result<Self, Rejection> {
        let origin = Origin { channel, user: None };
        let rows: Vec<String> = config.rows.iter().map(ToString::to_string).collect();
        let mut table =
            Self { config: Arc::new(config), rows: BTreeMap::new(), bytes: 0, issued: 0 };
        for row in &rows {
            let edit = table.plan(&Change::insert(row)?, &origin, limits)?;
            drop(table.apply(edit));
        }
        Ok(table)
    }

    /// The table with this declaration and the stored rows, instead of the initial ones.
    pub(crate) fn restored(&self, rows: BTreeMap<Key, Row>, issued: i64) -> Self {
        let bytes = rows.values().map(|row| row.text.len()).sum();
        Self { config: Arc::clone(&self.config), rows, bytes, issued }
    }

    /// The size of its rows, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn issued(&self) -> i64 {
        self.issued
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Key, &Row)> {
        self.rows.iter()
    }

    /// Validates a change without applying it.
    pub(crate) fn plan(
        &self,
        change: &Change<'_>,
        origin: &Origin<'_>,
        limits: &Limits,
    ) -> Result<Edit, Rejection> {
        let edit = match change {
            Change::Insert { key, fields } => {
                let key = self.new_key(key.as_ref(), origin)?;
                let row =
                    self.checked(fields, Fill::Defaults, origin, |fields| Row::new(&key, fields))?;
                Edit { key, row: Some(row) }
            }
            Change::Update { key, version, fields } => {
                let row = self.find(key, origin)?;
                if version.is_some_and(|version| version != row.version) {
                    return Err(Rejection::conflict("the row was changed by somebody else"));
                }
                let row =
                    self.checked(fields, Fill::Nothing, origin, |fields| row.merge(key, fields))?;
                Edit { key: key.clone(), row: Some(row) }
            }
            Change::Delete { key } => {
                self.find(key, origin)?;
                Edit { key: key.clone(), row: None }
            }
        };
        self.check_rank(&edit)?;
        self.check_room(&edit, limits)?;
        Ok(edit)
    }

    /// Applies a validated change; returns the row before the change.
    pub(crate) fn apply(&mut self, edit: Edit) -> Option<Row> {
        if let Key::Number(number) = edit.key {
            self.issued = self.issued.max(number);
        }
        self.bytes -= self.rows.get(&edit.key).map_or(0, |row| row.text.len());
        match edit.row {
            Some(row) => {
                self.bytes += row.text.len();
                self.rows.insert(edit.key, row)
            }
            None => self.rows.remove(&edit.key),
        }
    }

    /// The declared columns; empty if rows may have any fields.
    pub(crate) fn columns(&self) -> &[ColumnConfig] {
        &self.config.columns
    }

    /// Which users may use its channels.
    pub(crate) fn readers(&self) -> Readers {
        self.config.readers
    }

    /// The row of this key.
    pub(crate) fn row(&self, key: &Key) -> Option<&Row> {
        self.rows.get(key)
    }

    /// The constraints on its rows.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.config.rules
    }

    /// The kind of keys of new rows.
    pub(crate) fn keys(&self) -> KeyKind {
        self.config.keys
    }

    /// Converts the fields to the declared columns, checks the rules, and builds the row.
    fn checked(
        &self,
        fields: &Fields<'_>,
        fill: Fill,
        origin: &Origin<'_>,
        make: impl FnOnce(&Fields<'_>) -> Result<Row, Rejection>,
    ) -> Result<Row, Rejection> {
        let columns = &self.config.columns;
        let typed = (!columns.is_empty())
            .then(|| columns::typed(columns, fields, fill, origin))
            .transpose()?;
        let typed = typed.as_deref().map(Fields::parse).transpose()?;
        let fields = typed.as_ref().unwrap_or(fields);
        self.config.rules.iter().try_for_each(|rule| rule.check(fields, fill))?;
        make(fields)
    }

    /// The row that is to be changed.
    fn find(&self, key: &Key, origin: &Origin<'_>) -> Result<&Row, Rejection> {
        let row = self
            .rows
            .get(key)
            .ok_or_else(|| Rejection::not_found("there is no row of this key"))?;
        match (self.config.keys, origin.user, key) {
            (KeyKind::User, Some(user), Key::Text(owner)) if user != owner => {
                Err(Rejection::forbidden("this row is another user's"))
            }
            _ => Ok(row),
        }
    }

    fn new_key(&self, wanted: Option<&Key>, origin: &Origin<'_>) -> Result<Key, Rejection> {
        let key = match (wanted, self.config.keys, origin.user) {
            (Some(Key::Number(_)), _, _) => {
                return Err(Rejection::conflict("keys that are numbers are given by the server"));
            }
            (_, KeyKind::User, Some(user)) => Key::Text(user.to_owned()),
            (Some(key), _, _) => key.clone(),
            (None, KeyKind::Integer, _) => Key::Number(self.issued + 1),
            (None, KeyKind::String | KeyKind::User, _) => Key::Text(random::sortable()),
        };
        if self.rows.contains_key(&key) {
            return Err(Rejection::conflict("another row has this key"));
        }
        Ok(key)
    }

    fn check_rank(&self, edit: &Edit) -> Result<(), Rejection> {
        let Some(row) = &edit.row else {
            return Ok(());
        };
        let mut rules = self.config.rules.iter();
        rules.try_for_each(|rule| rule.check_rank(&edit.key, row, &self.rows))
    }

    fn check_room(&self, edit: &Edit, limits: &Limits) -> Result<(), Rejection> {
        let Some(row) = &edit.row else {
            return Ok(());
        };
        let former = self.rows.get(&edit.key);
        if former.is_none() && self.rows.len() >= limits.table_rows {
            return Err(Rejection::limit("the table has as many rows as it may"));
        }
        let bytes = self.bytes - former.map_or(0, |row| row.text.len()) + row.text.len();
        if bytes > limits.table_bytes {
            return Err(Rejection::limit("the table is as large as it may be"));
        }
        Ok(())
    }
}
