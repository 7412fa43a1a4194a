//! The tables of channels, as the application of the protocol's core.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use tidewire_server_core::limits::Limits;
use tidewire_server_core::{Application, DerivedMessage, Effect, Publication, Rejection};

use crate::tables::{Catalog, Change, Edit, Feed, Origin, RowChange, Table};
use crate::triggers::{ChangeTrigger, TableView};

/// The tables of all channels that exist. A table and the log of its changes are always
/// consistent.
pub(crate) struct TableApplication {
    limits: Arc<Limits>,
    catalog: Arc<Catalog>,
    tables: HashMap<String, Table>,
    /// The size of all tables, in bytes.
    bytes: usize,
    feed: Feed,
    /// Triggered by row changes; without one nothing is derived.
    trigger: Option<Box<dyn ChangeTrigger>>,
    /// The change applied last, until its messages were derived.
    applied: Option<RowChange>,
}

impl TableApplication {
    /// Creates the application with the stored tables.
    pub(crate) fn new(
        limits: Arc<Limits>,
        catalog: Arc<Catalog>,
        stored: HashMap<String, Table>,
        feed: Feed,
        trigger: Option<Box<dyn ChangeTrigger>>,
    ) -> Self {
        let bytes = stored.values().map(Table::bytes).sum();
        Self { limits, catalog, tables: stored, bytes, feed, trigger, applied: None }
    }

    /// The table of a channel that exists.
    pub(crate) fn table(&self, channel: &str) -> Option<&Table> {
        self.tables.get(channel)
    }
}

impl Application for TableApplication {
    type Change = Edit;

    fn has_state(&self, channel: &str) -> bool {
        self.catalog.table(channel).is_some()
    }

    fn is_change(&self, channel: &str, event: &str) -> bool {
        Change::is_named(event) && self.catalog.table(channel).is_some()
    }

    fn open(&mut self, channel: &str) {
        if !self.tables.contains_key(channel)
            && let Some(table) = self.catalog.table(channel)
        {
            self.bytes += table.bytes();
            self.tables.insert(channel.to_owned(), table.clone());
        }
    }

    fn close(&mut self, channel: &str) {
        let bytes = self.tables.remove(channel).map_or(0, |table| table.bytes());
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    fn plan(&self, publication: &Publication<'_>) -> Result<Option<Edit>, Rejection> {
        let Some(table) = self.tables.get(publication.channel) else {
            return Ok(None);
        };
        let Some(event) = publication.event.as_deref().filter(|event| Change::is_named(event))
        else {
            return Ok(None);
        };
        let change = Change::read(event, &publication.payload)?;
        let origin = Origin { channel: publication.channel, user: publication.user.as_deref() };
        let edit = table.plan(&change, &origin, &self.limits)?;
        if edit.bytes() > 0 && self.bytes >= self.limits.table_bytes_total {
            return Err(Rejection::limit("the tables are as large as they may be together"));
        }
        Ok(Some(edit))
    }

    fn payload(&self, edit: &Edit, id: &str) -> Result<Box<RawValue>, Rejection> {
        edit.payload(id)
    }

    fn effect(&self, edit: &Edit) -> Effect {
        edit.effect()
    }

    fn apply(&mut self, channel: &str, edit: Edit, at: u64) {
        let Some(table) = self.tables.get_mut(channel) else {
            return;
        };
        let bytes = table.bytes();
        let after = edit.row.clone();
        let before = table.apply(edit);
        self.bytes = (self.bytes + table.bytes()).saturating_sub(bytes);
        let change = RowChange { table: channel.into(), before, after, at };
        self.feed.notify(change.clone());
        self.applied = Some(change);
    }

    fn derive(&mut self) -> Vec<DerivedMessage> {
        match (self.applied.take(), &mut self.trigger) {
            (Some(change), Some(trigger)) => {
                trigger.on_change(&change, &TableView::new(&self.tables, &self.catalog))
            }
            _ => Vec::new(),
        }
    }
}
