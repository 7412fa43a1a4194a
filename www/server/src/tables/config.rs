//! What a table is told: its rules, its keys, the rows it begins with.

use serde::Deserialize;
use serde_json::Value;

use crate::frame::Fields;
use crate::refusal::Refusal;
use crate::tables::columns::ColumnConfig;

/// A table behind one channel, or behind each channel of a pattern.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TableConfig {
    /// What changes are refused for. Default nothing.
    pub rules: Vec<Rule>,
    /// The keys given to new rows. Default [`KeyKind::String`].
    pub keys: KeyKind,
    /// Its columns besides the key and the version. Default none: a row has whatever it is given.
    pub columns: Vec<ColumnConfig>,
    /// The rows it begins with. Default none.
    pub rows: Vec<Value>,
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
}

/// A bound on the text of one field.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The field concerned. It may be missing, or hold something else than text.
    pub field: String,
    /// The most characters it may have. Default no bound.
    pub max_length: Option<usize>,
    /// A word it may not contain, in capitals or not. Default none.
    pub forbid: Option<String>,
}

impl Rule {
    /// Refuses fields that break the rule.
    pub(super) fn check(&self, fields: &Fields<'_>) -> Result<(), Refusal> {
        let field = &self.field;
        let Ok(Some(text)) = fields.text(field) else {
            return Ok(());
        };
        if let Some(most) = self.max_length
            && text.chars().count() > most
        {
            return Err(Refusal::invalid(format!("`{field}` has at most {most} characters")));
        }
        match &self.forbid {
            Some(word) if text.to_lowercase().contains(&word.to_lowercase()) => {
                Err(Refusal::invalid(format!("`{field}` may not contain \"{word}\"")))
            }
            _ => Ok(()),
        }
    }
}
