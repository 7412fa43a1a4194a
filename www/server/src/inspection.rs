//! Read access to channels: their logs, their tables, their members.

use std::collections::BTreeSet;

use tidewire_server_core::frame::Object;
use tidewire_server_core::{Message, Position, Rejection, Storage as _, check_name};

use crate::hub::{Hub, no_table};
use crate::tables::{Key, Row, Table};

impl Hub {
    /// A channel's log as JSON, for the control endpoint.
    pub(crate) fn show_log(&self, name: &str) -> String {
        let (log, _) = self.run(|hub, _| hub.head(name).map(|head| (head, hub.messages(name))));
        let Some((head, messages)) = log else {
            return Object::new().raw("epoch", "null").number("head", 0).raw("entries", "[]").end();
        };
        let entries: Vec<_> = messages.iter().map(|message| entry(message)).collect();
        Object::new()
            .text("epoch", &head.epoch)
            .number("head", head.seq)
            .raw("entries", &format!("[{}]", entries.join(",")))
            .end()
    }

    /// A table's rows as a JSON list, and the log position from which later changes apply.
    pub(crate) fn snapshot(&self, name: &str) -> Result<(String, String), Rejection> {
        self.read_table(name, |head, table| {
            let rows: Vec<_> = table.rows().map(|(_, row)| &*row.text).collect();
            let position = Object::new().text("epoch", &head.epoch).number("seq", head.seq);
            (format!("[{}]", rows.join(",")), position.end())
        })
    }

    /// A table's rows and the log position as one JSON object.
    pub(crate) fn show_table(&self, name: &str) -> Result<String, Rejection> {
        let (rows, position) = self.snapshot(name)?;
        Ok(Object::new().raw("rows", &rows).raw("position", &position).end())
    }

    /// One row of a table.
    pub(crate) fn row(&self, name: &str, key: &Key) -> Result<Row, Rejection> {
        let row = self.read_table(name, |_, table| table.row(key).cloned())?;
        row.ok_or_else(|| Rejection::not_found("there is no row of this key"))
    }

    /// A table's rows with their keys, in the order of the keys.
    pub(crate) fn rows(&self, name: &str) -> Result<Vec<(Key, Row)>, Rejection> {
        self.read_table(name, |_, table| {
            table.rows().map(|(key, row)| (key.clone(), row.clone())).collect()
        })
    }

    /// Reads a table and the head of the log of its changes at the same moment.
    fn read_table<R>(
        &self,
        name: &str,
        read: impl FnOnce(&Position, &Table) -> R,
    ) -> Result<R, Rejection> {
        check_name(name)?;
        let declared = self.catalog().table(name).ok_or_else(no_table)?;
        let (result, _) = self.run(|hub, now| {
            if self.catalog().is_declared(name) {
                hub.enter(name, None, now)?;
            }
            match hub.head(name) {
                Some(head) => Ok(read(&head, hub.application().table(name).ok_or_else(no_table)?)),
                // Reading does not create a channel of a pattern: it has its initial rows.
                None => Ok(read(&hub.storage().first_position(), declared)),
            }
        });
        result
    }

    /// How many channels there are, and how many memberships in them.
    pub(crate) fn count(&self) -> (usize, usize) {
        self.run(|hub, _| hub.count()).0
    }

    /// The channels that have members, sorted.
    pub(crate) fn joined(&self) -> BTreeSet<String> {
        self.run(|hub, _| hub.joined()).0
    }
}

/// A message as JSON, for the control endpoint.
fn entry(message: &Message) -> String {
    Object::new()
        .number("seq", message.seq)
        .text("id", &message.id)
        .text_if("event", message.event.as_deref())
        .raw("payload", message.payload.get())
        .text_if("user", message.user.as_deref())
        .end()
}
