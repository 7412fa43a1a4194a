//! One table: its rows, and which changes it takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::config::Limits;
use crate::frame::{Fields, Object};
use crate::log::Effect;
use crate::random;
use crate::refusal::Refusal;
use crate::tables::change::Change;
use crate::tables::columns::{self, ColumnConfig, Fill};
use crate::tables::config::{KeyKind, TableConfig};
use crate::tables::row::{Key, Row};

/// The rows behind one channel, in the order of their keys.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    config: Arc<TableConfig>,
    rows: BTreeMap<Key, Row>,
    bytes: usize,
    /// The highest number given as a key.
    issued: i64,
}

/// A change that was found good and is not yet made.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) key: Key,
    /// What the row will be; none when it is deleted.
    pub(crate) row: Option<Row>,
}

impl Edit {
    /// The payload of the message that tells of this change.
    pub(crate) fn payload(&self, mutation: &str) -> Result<Box<RawValue>, Refusal> {
        let object = match &self.row {
            Some(row) => Object::new().raw("row", &row.text),
            None => Object::new().raw("key", &self.key.json()),
        };
        RawValue::from_string(object.text("mutation", mutation).end())
            .map_err(|_| Refusal::internal("the change cannot be told"))
    }

    /// What the sender is told of it.
    pub(crate) fn effect(&self) -> Effect {
        self.row.as_ref().map_or(Effect::Deleted, |row| Effect::Stored(Arc::clone(&row.text)))
    }
}

impl Table {
    /// A table with the rows it begins with.
    pub(crate) fn new(config: TableConfig, limits: &Limits) -> Result<Self, Refusal> {
        let rows: Vec<String> = config.rows.iter().map(ToString::to_string).collect();
        let mut table =
            Self { config: Arc::new(config), rows: BTreeMap::new(), bytes: 0, issued: 0 };
        for row in &rows {
            let edit = table.plan(&Change::insert(row)?, limits)?;
            drop(table.apply(edit));
        }
        Ok(table)
    }

    /// This kind of table as it was left, whatever it would begin with.
    pub(crate) fn restored(&self, rows: BTreeMap<Key, Row>, issued: i64) -> Self {
        let bytes = rows.values().map(|row| row.text.len()).sum();
        Self { config: Arc::clone(&self.config), rows, bytes, issued }
    }

    pub(crate) fn issued(&self) -> i64 {
        self.issued
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Key, &Row)> {
        self.rows.iter()
    }

    /// Finds out what a change would do; nothing is done yet.
    pub(crate) fn plan(&self, change: &Change<'_>, limits: &Limits) -> Result<Edit, Refusal> {
        let edit = match change {
            Change::Insert { key, fields } => {
                let typed = self.typed(fields, Fill::Defaults)?;
                let typed = typed.as_deref().map(Fields::parse).transpose()?;
                let fields = typed.as_ref().unwrap_or(fields);
                self.config.rules.iter().try_for_each(|rule| rule.check(fields))?;
                let key = self.new_key(key.as_ref())?;
                let row = Some(Row::new(&key, fields));
                Edit { key, row }
            }
            Change::Update { key, version, fields } => {
                let row = self.find(key)?;
                if version.is_some_and(|version| version != row.version) {
                    return Err(Refusal::conflict("the row was changed by somebody else"));
                }
                let typed = self.typed(fields, Fill::Nothing)?;
                let typed = typed.as_deref().map(Fields::parse).transpose()?;
                let fields = typed.as_ref().unwrap_or(fields);
                self.config.rules.iter().try_for_each(|rule| rule.check(fields))?;
                Edit { key: key.clone(), row: Some(row.merge(key, fields)?) }
            }
            Change::Delete { key } => {
                self.find(key)?;
                Edit { key: key.clone(), row: None }
            }
        };
        self.check_room(&edit, limits)?;
        Ok(edit)
    }

    /// Makes a planned change; the row as it was before.
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

    /// The columns it declares; none if a row has whatever it is given.
    pub(crate) fn columns(&self) -> &[ColumnConfig] {
        &self.config.columns
    }

    /// The kind of key new rows are given.
    pub(crate) fn keys(&self) -> KeyKind {
        self.config.keys
    }

    /// The fields as the declared columns hold them, if there are some.
    fn typed(&self, fields: &Fields<'_>, fill: Fill) -> Result<Option<String>, Refusal> {
        let columns = &self.config.columns;
        (!columns.is_empty()).then(|| columns::typed(columns, fields, fill)).transpose()
    }

    fn find(&self, key: &Key) -> Result<&Row, Refusal> {
        self.rows.get(key).ok_or_else(|| Refusal::not_found("there is no row of this key"))
    }

    fn new_key(&self, wanted: Option<&Key>) -> Result<Key, Refusal> {
        match (wanted, self.config.keys) {
            (Some(Key::Number(_)), _) => {
                Err(Refusal::conflict("keys that are numbers are given by the server"))
            }
            (Some(key), _) if self.rows.contains_key(key) => {
                Err(Refusal::conflict("another row has this key"))
            }
            (Some(key), _) => Ok(key.clone()),
            (None, KeyKind::String) => Ok(Key::Text(random::sortable())),
            (None, KeyKind::Integer) => Ok(Key::Number(self.issued + 1)),
        }
    }

    fn check_room(&self, edit: &Edit, limits: &Limits) -> Result<(), Refusal> {
        let Some(row) = &edit.row else {
            return Ok(());
        };
        let former = self.rows.get(&edit.key);
        if former.is_none() && self.rows.len() >= limits.table_rows {
            return Err(Refusal::limit("the table has as many rows as it may"));
        }
        let bytes = self.bytes - former.map_or(0, |row| row.text.len()) + row.text.len();
        if bytes > limits.table_bytes {
            return Err(Refusal::limit("the table is as large as it may be"));
        }
        Ok(())
    }
}
