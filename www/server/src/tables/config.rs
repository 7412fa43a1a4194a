//! The configuration of a table: its rules, its keys, its initial rows.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::tables::columns::ColumnConfig;
use crate::tables::rule::Rule;

/// The table of one channel, or of each channel of a pattern.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TableConfig {
    /// Constraints on its rows. Default none.
    pub rules: Vec<Rule>,
    /// The keys given to new rows. Default [`KeyKind::String`].
    pub keys: KeyKind,
    /// Its columns besides the key and the version. Default none: a row may have any fields.
    pub columns: Vec<ColumnConfig>,
    /// The initial rows. Default none.
    pub rows: Vec<Value>,
    /// Further initial rows of some of a pattern's channels, by channel. Default none.
    pub seeds: BTreeMap<String, Vec<Value>>,
    /// Who may use its channels. Default [`Readers::Everybody`].
    pub readers: Readers,
}

/// Which users may use a channel and its table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Readers {
    /// All users whose token covers the channel.
    #[default]
    Everybody,
    /// The user whose id is in the place of the pattern's `*`.
    Owner,
}

/// The keys of a table's new rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Unpredictable strings; a later one sorts after an earlier one.
    #[default]
    String,
    /// 1, 2, 3 and so on, never reused.
    Integer,
    /// The user who inserts the row: each user has one row, which no other user may change.
    User,
}
