//! What follows from changes of rows: further changes and messages, made in the same breath, so
//! that nobody ever sees the one without the other.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::channel::Channel;
use crate::tables::{Catalog, Key, RowChange, Table};

/// Works out what follows from changes, in the order in which they are made.
pub(crate) trait Follower: Send {
    /// What follows from this one, which is made already.
    fn follow(&mut self, change: &RowChange, tables: &Tables<'_>) -> Vec<Consequence>;
}

/// A message of the server itself. It may be a change.
#[derive(Debug, Clone)]
pub(crate) struct Consequence {
    pub(crate) channel: String,
    pub(crate) event: String,
    pub(crate) payload: Box<RawValue>,
}

/// All tables, as a follower sees them.
pub(crate) struct Tables<'a> {
    channels: &'a HashMap<String, Channel>,
    catalog: &'a Catalog,
}

impl<'a> Tables<'a> {
    /// Those of these channels, and of channels where nobody was yet.
    pub(crate) fn new(channels: &'a HashMap<String, Channel>, catalog: &'a Catalog) -> Self {
        Self { channels, catalog }
    }

    /// The table behind a channel.
    pub(crate) fn get(&self, channel: &str) -> Option<&'a Table> {
        match self.channels.get(channel) {
            Some(channel) => channel.table.as_ref(),
            // Nobody was there yet: it is as it begins.
            None => self.catalog.table(channel),
        }
    }

    /// The channel whose name begins so and whose table has a row of this key.
    pub(crate) fn holding(&self, prefix: &str, key: &Key) -> Option<&'a str> {
        let visited = self.channels.keys().map(String::as_str);
        let declared = self.catalog.channels().map(|(name, _)| name);
        visited
            .chain(declared)
            .filter(|name| name.starts_with(prefix))
            .filter(|name| self.get(name).is_some_and(|table| table.row(key).is_some()))
            .min()
    }
}
