//! Channels looked at from outside: their logs, their tables, their readers.

use std::collections::BTreeSet;

use crate::frame::Object;
use crate::hub::{Hub, no_table};
use crate::log::ChannelLog;
use crate::publication::check_name;
use crate::rejection::Rejection;
use crate::tables::{Key, Row, Table};

impl Hub {
    /// A channel's log as the control endpoint shows it.
    pub(crate) fn show_log(&self, name: &str) -> String {
        let state = self.state.lock();
        let Some(channel) = state.channels.get(name) else {
            return Object::new().raw("epoch", "null").number("head", 0).raw("entries", "[]").end();
        };
        let entries: Vec<_> = channel.log.messages().map(|m| m.entry()).collect();
        Object::new()
            .text("epoch", channel.log.epoch())
            .number("head", channel.log.head())
            .raw("entries", &format!("[{}]", entries.join(",")))
            .end()
    }

    /// A table's rows as a JSON list, and the log position from which later changes apply.
    pub(crate) fn snapshot(&self, name: &str) -> Result<(String, String), Rejection> {
        self.look(name, |log, table| {
            let rows: Vec<_> = table.rows().map(|(_, row)| &*row.text).collect();
            let position = Object::new().text("epoch", log.epoch()).number("seq", log.head());
            (format!("[{}]", rows.join(",")), position.end())
        })
    }

    /// The same as one JSON object.
    pub(crate) fn show_table(&self, name: &str) -> Result<String, Rejection> {
        let (rows, position) = self.snapshot(name)?;
        Ok(Object::new().raw("rows", &rows).raw("position", &position).end())
    }

    /// One row of a table.
    pub(crate) fn row(&self, name: &str, key: &Key) -> Result<Row, Rejection> {
        let row = self.look(name, |_, table| table.row(key).cloned())?;
        row.ok_or_else(|| Rejection::not_found("there is no row of this key"))
    }

    /// A table's rows with their keys, in the order of these.
    pub(crate) fn rows(&self, name: &str) -> Result<Vec<(Key, Row)>, Rejection> {
        self.look(name, |_, table| {
            table.rows().map(|(key, row)| (key.clone(), row.clone())).collect()
        })
    }

    /// Reads a table and the log of its changes at the same moment.
    fn look<R>(
        &self,
        name: &str,
        see: impl FnOnce(&ChannelLog, &Table) -> R,
    ) -> Result<R, Rejection> {
        check_name(name)?;
        let declared = self.catalog().table(name).ok_or_else(no_table)?;
        let mut guard = self.state.lock();
        if self.catalog().is_declared(name) {
            self.enter(&mut guard, name, None)?;
        }
        match guard.channels.get(name) {
            Some(channel) => Ok(see(&channel.log, channel.table.as_ref().ok_or_else(no_table)?)),
            // Reading does not create a channel of a pattern: it has its initial rows.
            None => Ok(see(&ChannelLog::new(guard.first_epoch.clone()), declared)),
        }
    }

    /// How many channels there are, and how many memberships in them.
    pub(crate) fn count(&self) -> (usize, usize) {
        let channels = &self.state.lock().channels;
        (channels.len(), channels.values().map(|channel| channel.members.len()).sum())
    }

    /// The channels that have members, sorted.
    pub(crate) fn joined(&self) -> BTreeSet<String> {
        let state = self.state.lock();
        let joined = state.channels.iter().filter(|(_, channel)| !channel.members.is_empty());
        joined.map(|(name, _)| name.clone()).collect()
    }

    /// Whether some reader of a channel is far behind.
    pub(crate) fn is_behind(&self, name: &str) -> bool {
        let state = self.state.lock();
        let members = state.channels.get(name).into_iter().flat_map(|c| c.members.values());
        let everywhere = state.everywhere.values().filter(|connection| connection.allows(name));
        members
            .map(|member| &member.connection)
            .chain(everywhere)
            .any(|connection| connection.outbound.is_behind())
    }
}
