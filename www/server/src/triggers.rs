//! Triggers: changes and messages derived from row changes. They are made under the same lock, so
//! that nobody ever sees one without the other.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::channel::Channel;
use crate::tables::{Catalog, Key, RowChange, Table};

/// Derives messages from changes, in the order in which the changes are made.
pub(crate) trait ChangeTrigger: Send {
    /// The messages derived from this change, which is applied already.
    fn on_change(&mut self, change: &RowChange, tables: &TableView<'_>) -> Vec<TriggeredMessage>;
}

/// A message of the server itself. It may be a change.
#[derive(Debug, Clone)]
pub(crate) struct TriggeredMessage {
    pub(crate) channel: String,
    pub(crate) event: String,
    pub(crate) payload: Box<RawValue>,
}

/// Read access to all tables, for triggers.
pub(crate) struct TableView<'a> {
    channels: &'a HashMap<String, Channel>,
    catalog: &'a Catalog,
}

impl<'a> TableView<'a> {
    /// The tables of these channels, and of channels that do not exist yet.
    pub(crate) fn new(channels: &'a HashMap<String, Channel>, catalog: &'a Catalog) -> Self {
        Self { channels, catalog }
    }

    /// The table behind a channel.
    pub(crate) fn get(&self, channel: &str) -> Option<&'a Table> {
        match self.channels.get(channel) {
            Some(channel) => channel.table.as_ref(),
            // The channel does not exist yet: the table has its initial rows.
            None => self.catalog.table(channel),
        }
    }

    /// The channel whose name begins so and whose table has a row of this key.
    pub(crate) fn channel_with_row(&self, prefix: &str, key: &Key) -> Option<&'a str> {
        let visited = self.channels.keys().map(String::as_str);
        let declared = self.catalog.channels().map(|(name, _)| name);
        visited
            .chain(declared)
            .filter(|name| name.starts_with(prefix))
            .filter(|name| self.get(name).is_some_and(|table| table.row(key).is_some()))
            .min()
    }
}
