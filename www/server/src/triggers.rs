//! Triggers: messages derived from row changes. They are accepted right after the change, so that
//! no client ever receives one without the other.

use std::collections::HashMap;

use tidewire_server_core::DerivedMessage;

use crate::tables::{Catalog, Key, RowChange, Table};

/// Derives messages from changes, in the order in which the changes are made.
pub(crate) trait ChangeTrigger: Send {
    /// The messages derived from this change, which has been applied.
    fn on_change(&mut self, change: &RowChange, tables: &TableView<'_>) -> Vec<DerivedMessage>;
}

/// Read access to all tables, for triggers.
pub(crate) struct TableView<'a> {
    tables: &'a HashMap<String, Table>,
    catalog: &'a Catalog,
}

impl<'a> TableView<'a> {
    /// Access to these tables, and to those of channels that do not exist yet.
    pub(crate) fn new(tables: &'a HashMap<String, Table>, catalog: &'a Catalog) -> Self {
        Self { tables, catalog }
    }

    /// The table of a channel.
    pub(crate) fn get(&self, channel: &str) -> Option<&'a Table> {
        // A channel that does not exist has a table with its initial rows.
        self.tables.get(channel).or_else(|| self.catalog.table(channel))
    }

    /// The channel whose name has this prefix and whose table has a row with this key.
    pub(crate) fn channel_with_row(&self, prefix: &str, key: &Key) -> Option<&'a str> {
        let existing = self.tables.keys().map(String::as_str);
        let declared = self.catalog.channels().map(|(name, _)| name);
        existing
            .chain(declared)
            .filter(|name| name.starts_with(prefix))
            .filter(|name| self.get(name).is_some_and(|table| table.row(key).is_some()))
            .min()
    }
}
