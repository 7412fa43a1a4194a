//! Sends row changes to their subscribers.

use std::sync::Arc;

use parking_lot::Mutex;
use tidewire_server_core::frame::{Fields, Object};
use tokio::sync::watch;

use crate::hub::Hub;
use crate::phoenix::{Body, Broadcast, ChannelHandle, Mail};
use crate::supabase::binding::Binding;
use crate::supabase::filter::FilterFault;
use crate::supabase::record::Columns;
use crate::tables::RowChange;
use crate::timestamp::Timestamp;

/// All active subscriptions, and whether the database is running.
#[derive(Debug)]
pub(crate) struct Replication {
    subscriptions: Mutex<Vec<Subscription>>,
    running: watch::Sender<bool>,
}

#[derive(Debug)]
struct Subscription {
    instance: u64,
    mailbox: crate::phoenix::Mailbox,
    topic: Arc<str>,
    bindings: Arc<[Binding]>,
}

/// A change, ready to be sent.
struct ChangeMessage<'a> {
    kind: &'static str,
    change: &'a RowChange,
    columns: Columns,
    before: Option<Fields<'a>>,
    after: Option<Fields<'a>>,
}

impl Default for Replication {
    fn default() -> Self {
        Self { subscriptions: Mutex::default(), running: watch::Sender::new(true) }
    }
}

impl Replication {
    pub(crate) fn is_running(&self) -> bool {
        *self.running.borrow()
    }

    /// Stops or starts the database. While it is stopped, changes are queued.
    pub(crate) fn set_running(&self, running: bool) {
        self.running.send_replace(running);
    }

    /// Why these bindings cannot be subscribed to; `None` if they can.
    pub(crate) fn rejection_reason(hub: &Hub, bindings: &[Binding]) -> Option<String> {
        const UNABLE: &str = "Unable to subscribe to changes with given parameters.";
        bindings.iter().find_map(|binding| {
            let known = binding.schema == "public"
                && binding
                    .table
                    .as_deref()
                    .is_none_or(|table| hub.catalog().open_table(table).is_some());
            let described = binding.describe();
            let filters = match &binding.filters {
                Ok(filters) => filters,
                Err(FilterFault(fault)) => return Some(format!("{UNABLE} {fault}")),
            };
            if !known {
                return Some(format!(
                    "{UNABLE} Please check Realtime is enabled for the given connect parameters: \
                     {described}"
                ));
            }
            let table = binding.table.as_deref().and_then(|table| hub.catalog().table(table))?;
            let columns = Columns::declared(table)?;
            let filter = filters.iter().find(|filter| columns.kind(&filter.column).is_none())?;
            Some(format!(
                "{UNABLE} An exception happened so please check your connect parameters: \
                 {described}. Exception: ERROR P0001 (raise_exception) invalid column for filter {}",
                filter.column
            ))
        })
    }

    /// Subscribes this member; replaces its former subscription.
    pub(crate) fn subscribe(&self, handle: &ChannelHandle, bindings: &Arc<[Binding]>) {
        let subscription = Subscription {
            instance: handle.instance,
            mailbox: handle.mailbox.clone(),
            topic: Arc::clone(&handle.place.topic),
            bindings: Arc::clone(bindings),
        };
        let mut all = self.subscriptions.lock();
        all.retain(|other| other.instance != handle.instance);
        all.push(subscription);
    }

    pub(crate) fn unsubscribe(&self, instance: u64) {
        self.subscriptions.lock().retain(|subscription| subscription.instance != instance);
    }

    /// Sends a change as soon as the database is running.
    pub(super) async fn deliver(&self, hub: &Hub, change: &RowChange) {
        // Waiting cannot fail, because the sender is not dropped before the server.
        let _ = self.running.subscribe().wait_for(|running| *running).await;
        self.emit(hub, change);
    }

    fn emit(&self, hub: &Hub, change: &RowChange) {
        let Some(message) = ChangeMessage::new(hub, change) else { return };
        for subscription in self.subscriptions.lock().iter() {
            if let Some(payload) = message.payload(&subscription.bindings) {
                let broadcast = Arc::new(Broadcast {
                    topic: Arc::clone(&subscription.topic),
                    event: "postgres_changes".into(),
                    payload: Body::json(payload),
                });
                let instance = subscription.instance;
                subscription.mailbox.post(Mail::Deliver { instance, broadcast });
            }
        }
    }
}

impl<'a> ChangeMessage<'a> {
    fn new(hub: &Hub, change: &'a RowChange) -> Option<Self> {
        let fields = |row: &'a Option<crate::tables::Row>| {
            row.as_ref().and_then(|row| Fields::parse(&row.text).ok())
        };
        let (before, after) = (fields(&change.before), fields(&change.after));
        let (kind, row) = match (&before, &after) {
            (None, Some(after)) => ("INSERT", after),
            (Some(_), Some(after)) => ("UPDATE", after),
            (Some(before), None) => ("DELETE", before),
            (None, None) => return None,
        };
        let table = hub.catalog().open_table(&change.table)?;
        let columns = Columns::declared(table).unwrap_or_else(|| Columns::inferred(row));
        Some(Self { kind, change, columns, before, after })
    }

    /// The payload for a subscription with these bindings; `None` if no binding matches.
    fn payload(&self, bindings: &[Binding]) -> Option<String> {
        let row = self.after.as_ref().or(self.before.as_ref())?;
        let matching: Vec<&Binding> = bindings
            .iter()
            .filter(|binding| binding.wants(self.kind, &self.change.table))
            .filter(|b| b.filters.as_ref().is_ok_and(|filters| self.columns.meets(row, filters)))
            .collect();
        if matching.is_empty() {
            return None;
        }
        let mut ids: Vec<u64> = matching.iter().map(|binding| binding.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
        // One message is sent for all matching bindings, so that it has the columns of all of them.
        let chosen: Option<Vec<&str>> = matching
            .iter()
            .map(|binding| binding.columns.as_deref())
            .collect::<Option<Vec<_>>>()
            .map(|lists| lists.into_iter().flatten().map(String::as_str).collect());
        let columns = self.columns.only(chosen.as_deref());
        let mut data = Object::new()
            .text("schema", "public")
            .text("table", &self.change.table)
            .text("type", self.kind)
            .text("commit_timestamp", &Timestamp::of_ms(self.change.at).iso_ms())
            .raw("columns", &columns.describe())
            .raw("errors", "null");
        if let Some(after) = &self.after {
            data = data.raw("record", &columns.record(after));
        }
        if let Some(before) = &self.before {
            data = data.raw("old_record", &columns.record(before));
        }
        Some(
            Object::new()
                .raw("ids", &format!("[{}]", ids.join(",")))
                .raw("data", &data.end())
                .end(),
        )
    }
}
