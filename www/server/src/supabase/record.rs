//! Rows in the form of database records.

use tidewire_server_core::frame::{Fields, Object};

use crate::supabase::expression::Operand;
use crate::supabase::filter::Filter;
use crate::tables::{ColumnConfig, ColumnType, KEY, KeyKind, Table};

/// The columns of a table, in order.
#[derive(Debug, Clone)]
pub(crate) struct Columns(Vec<(String, ColumnType)>);

impl Columns {
    /// The columns that the table declares, with its key; `None` if it declares none.
    pub(crate) fn declared(table: &Table) -> Option<Self> {
        let columns = table.columns();
        if columns.is_empty() {
            return None;
        }
        let key = match table.keys() {
            KeyKind::Integer => ColumnType::Int8,
            KeyKind::String | KeyKind::User => ColumnType::Text,
        };
        let key = columns.iter().find(|c| c.name == KEY).map_or(key, |column| column.kind);
        let others = columns.iter().filter(|column| column.name != KEY);
        let others = others.map(|ColumnConfig { name, kind, .. }| (name.clone(), *kind));
        Some(Self(std::iter::once((KEY.to_owned(), key)).chain(others).collect()))
    }

    /// The columns inferred from a row's values.
    pub(crate) fn inferred(row: &Fields<'_>) -> Self {
        Self(row.iter().map(|(name, value)| (name.to_owned(), ColumnType::infer(value))).collect())
    }

    /// A column's type; `None` if there is no such column.
    pub(crate) fn kind(&self, name: &str) -> Option<ColumnType> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, kind)| *kind)
    }

    /// The selected columns only; `None` selects all.
    pub(crate) fn only(&self, chosen: Option<&[&str]>) -> Self {
        let is_chosen = |name: &str| chosen.is_none_or(|chosen| chosen.contains(&name));
        Self(self.0.iter().filter(|(name, _)| is_chosen(name)).cloned().collect())
    }

    /// The columns as JSON: `[{"name","type"},…]`.
    pub(crate) fn describe(&self) -> String {
        let all: Vec<String> = self
            .0
            .iter()
            .map(|(name, kind)| Object::new().text("name", name).text("type", kind.name()).end())
            .collect();
        format!("[{}]", all.join(","))
    }

    /// A row's values in these columns, as a JSON object.
    pub(crate) fn record(&self, row: &Fields<'_>) -> String {
        self.0
            .iter()
            .fold(Object::new(), |object, (name, _)| {
                object.raw(name, row.get(name).map_or("null", |value| value.get()))
            })
            .end()
    }

    /// Whether a row meets all the conditions.
    pub(crate) fn meets(&self, row: &Fields<'_>, filters: &[Filter]) -> bool {
        filters.iter().all(|filter| {
            let kind = self.kind(&filter.column).unwrap_or(ColumnType::Text);
            filter.holds(kind, &Operand::of(row.get(&filter.column)))
        })
    }
}
