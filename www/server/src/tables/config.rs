//! The configuration of a table: its rules, its keys, its initial rows.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::tables::columns::ColumnConfig;
use crate::tables::rule::Rule;

/// A table behind one channel, or behind each channel of a pattern.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TableConfig {
    /// What changes are rejected for. Default nothing.
    pub rules: Vec<Rule>,
    /// The keys given to new rows. Default [`KeyKind::String`].
    pub keys: KeyKind,
    /// Its columns besides the key and the version. Default none: a row has whatever it is given.
    pub columns: Vec<ColumnConfig>,
    /// The rows it begins with. Default none.
    pub rows: Vec<Value>,
    /// Further rows that the tables of some of a pattern's channels begin with, by channel.
    /// Default none.
    pub seeds: BTreeMap<String, Vec<Value>>,
    /// Who may use its channels. Default [`Readers::Everybody`].
    pub readers: Readers,
}

/// Who may read and change the table behind a channel, and use the channel at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Readers {
    /// Everybody whose token covers the channel.
    #[default]
    Everybody,
    /// The user whom the `*` of the pattern stands for.
    Owner,
}

/// The keys a table gives to new rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Strings nobody can guess; a later one sorts after an earlier one.
    #[default]
    String,
    /// 1, 2, 3 and so on. None is given twice.
    Integer,
    /// The user who makes the row: one for each, which nobody else changes.
    User,
}
