//! The feed of row changes of all tables.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::tables::row::Row;

/// A row that changed.
#[derive(Debug, Clone)]
pub(crate) struct RowChange {
    /// The table's channel.
    pub(crate) table: Arc<str>,
    /// The row before the change; `None` for a new row.
    pub(crate) before: Option<Row>,
    /// The row after the change; `None` for a deleted row.
    pub(crate) after: Option<Row>,
    /// When it changed, in ms since 1970.
    pub(crate) at: u64,
}

/// The sending side of the feed. Changes are in the order in which they are made.
#[derive(Debug, Clone)]
pub(crate) struct Feed(mpsc::UnboundedSender<RowChange>);

impl Feed {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<RowChange>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Sends a change to the feed; without a receiver it is dropped.
    pub(crate) fn notify(&self, change: RowChange) {
        let _ = self.0.send(change);
    }
}
