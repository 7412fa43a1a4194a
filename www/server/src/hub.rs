//! The protocol's hub, shared by the connections and endpoints of this server.
//!
//! A single lock puts all events into one order. The hub's outputs are queued for the connections
//! before the lock is released, and no operation waits (except for the disk, when logs are durable).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidewire_server_core::frame::Frame;
use tidewire_server_core::limits::Limits;
use tidewire_server_core::{
    ChannelCounters, HubAccess, Logs, Now, Output, Placed, Publication, Rejection, Storage as _,
};
use tokio::sync::Notify;

use crate::clock::{now, uptime};
use crate::connection_handle::{ConnectionHandle, Crowding};
use crate::log_storage::LogStorage;
use crate::random::SystemRandomness;
use crate::stats::Stats;
use crate::store::Store;
use crate::table_application::TableApplication;
use crate::tables::{Catalog, Feed};
use crate::triggers::ChangeTrigger;

/// The hub of the protocol's core, with the tables and the logs of this server.
pub(crate) type CoreHub = tidewire_server_core::Hub<TableApplication, LogStorage>;

/// All channels and their members.
pub(crate) struct Hub {
    pub(crate) limits: Arc<Limits>,
    pub(crate) stats: Arc<Stats>,
    durability: Durability,
    catalog: Arc<Catalog>,
    shared: Mutex<Shared>,
    /// Notified when the next timeout is earlier than before.
    rescheduled: Notify,
}

/// Whether logs are written to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durability {
    Durable,
    InMemory,
}

/// The state that the lock protects.
struct Shared {
    hub: CoreHub,
    /// The connections that receive outputs, by number.
    connections: HashMap<u64, Arc<ConnectionHandle>>,
}

/// How an operation affects other connections.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Whether some reader is so far behind that the sender should wait.
    pub(crate) crowding: Crowding,
    /// How long it locked the hub. 0 if logs are durable, because most of that time is the disk's.
    pub(crate) took: Duration,
}

impl Hub {
    /// Creates a hub with the stored logs.
    pub(crate) fn new(
        limits: Limits,
        catalog: Catalog,
        stats: Arc<Stats>,
        store: Option<Store>,
        feed: Feed,
        trigger: Option<Box<dyn ChangeTrigger>>,
    ) -> Result<Self, String> {
        let durability = if store.is_some() { Durability::Durable } else { Durability::InMemory };
        let (limits, catalog, now) = (Arc::new(limits), Arc::new(catalog), now());
        let (storage, tables) = LogStorage::load(&limits, &catalog, store, now)?;
        let application =
            TableApplication::new(Arc::clone(&limits), Arc::clone(&catalog), tables, feed, trigger);
        let randomness = Box::new(SystemRandomness);
        let hub = CoreHub::new(Arc::clone(&limits), application, storage, randomness, now);
        let shared = Mutex::new(Shared { hub, connections: HashMap::new() });
        Ok(Self { limits, stats, durability, catalog, shared, rescheduled: Notify::new() })
    }

    /// Runs an operation on the hub, and queues its outputs.
    pub(crate) fn run<R>(&self, work: impl FnOnce(&mut CoreHub, Now) -> R) -> (R, Cost) {
        let mut shared = self.shared.lock();
        let start = uptime();
        let result = work(&mut shared.hub, now());
        let mut cost = Cost::default();
        let Shared { hub, connections } = &mut *shared;
        while let Some(output) = hub.poll_output() {
            match output {
                Output::Connection(number, action) => {
                    if let Some(connection) = connections.get(&number) {
                        cost.crowding |= connection.perform(action, &self.stats.counters);
                    }
                }
                Output::Problem(text) => eprintln!("{text}"),
            }
        }
        if self.durability == Durability::InMemory {
            cost.took = uptime().saturating_sub(start);
        }
        (result, cost)
    }

    /// Registers a connection, so that it receives the hub's outputs for it.
    pub(crate) fn register(&self, connection: &Arc<ConnectionHandle>) {
        self.shared.lock().connections.insert(connection.number, Arc::clone(connection));
    }

    /// Removes a closed connection; its presence ends after the grace period.
    pub(crate) fn dismiss(&self, connection: &ConnectionHandle) {
        let (channels, _) = self.run(|hub, now| hub.dismiss(connection.number, now));
        self.shared.lock().connections.remove(&connection.number);
        connection.remember_channels(channels);
        self.rescheduled.notify_one();
    }

    /// The declarations of the tables of all channels.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Whether this channel has a table.
    pub(crate) fn has_table(&self, channel: &str) -> bool {
        self.catalog.table(channel).is_some()
    }

    /// Accepts a message, and the messages that are derived from the change it makes, if any.
    pub(crate) fn publish(&self, publication: Publication<'_>) -> Result<Placed, Rejection> {
        self.run(|hub, now| hub.publish(publication, now)).0
    }

    /// Broadcasts an ephemeral message of the server.
    pub(crate) fn broadcast_ephemeral(
        &self,
        name: &str,
        frame: &Arc<Frame>,
    ) -> Result<(), Rejection> {
        self.run(|hub, _| hub.broadcast_ephemeral(None, name, frame)).0
    }

    /// Drops all but the newest messages of a channel's log.
    pub(crate) fn truncate_log(&self, name: &str, count: usize) -> Result<(), Rejection> {
        self.run(|hub, _| hub.truncate_log(name, count)).0
    }

    /// Simulates a restart of the channels. Tables are kept.
    pub(crate) fn restart(&self, logs: Logs) -> Result<(), Rejection> {
        self.run(|hub, _| hub.restart(logs)).0
    }

    /// The channels that an open connection is a member of.
    pub(crate) fn channels_of(&self, connection: u64) -> Vec<String> {
        self.shared.lock().hub.channels_of(connection)
    }

    /// What happened in each channel since the start.
    pub(crate) fn counters(&self) -> ChannelCounters {
        self.shared.lock().hub.counters().clone()
    }

    /// The memory that accepted ids use, in bytes.
    pub(crate) fn ack_memory_bytes(&self) -> usize {
        self.shared.lock().hub.storage().ack_memory_bytes()
    }

    /// Whether some reader of a channel is far behind.
    pub(crate) fn is_behind(&self, name: &str) -> bool {
        let shared = self.shared.lock();
        let mut readers = shared.hub.readers(name).filter_map(|n| shared.connections.get(&n));
        readers.any(|connection| connection.outbound.is_behind())
    }

    /// Processes timeouts, for as long as the server runs.
    pub(crate) async fn run_timers(&self) {
        loop {
            let (due, _) = self.run(|hub, now| {
                hub.handle_timeout(now);
                hub.poll_timeout()
            });
            tokio::select! {
                () = tokio::time::sleep(due.saturating_sub(uptime())) => {}
                () = self.rescheduled.notified() => {}
            }
        }
    }
}

/// Access of one connection to the hub. It sums up the cost of the operations.
pub(crate) struct SharedAccess<'a> {
    hub: &'a Hub,
    pub(crate) cost: Cost,
}

impl<'a> SharedAccess<'a> {
    pub(crate) fn new(hub: &'a Hub) -> Self {
        Self { hub, cost: Cost::default() }
    }
}

impl HubAccess for SharedAccess<'_> {
    type Application = TableApplication;
    type Storage = LogStorage;

    fn with<R>(&mut self, work: impl FnOnce(&mut CoreHub) -> R) -> R {
        let (result, cost) = self.hub.run(|hub, _| work(hub));
        self.cost.crowding |= cost.crowding;
        self.cost.took += cost.took;
        result
    }
}

/// The rejection for a channel without a table.
pub(crate) fn no_table() -> Rejection {
    Rejection::not_found("there is no table behind this channel")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch_of(hub: &Hub, channel: &str) -> Option<String> {
        let (head, _) = hub.run(|hub, now| {
            hub.enter(channel, None, now).expect("room");
            hub.head(channel)
        });
        head.map(|head| head.epoch)
    }

    #[test]
    fn channel_without_messages_keeps_its_position_after_removal() {
        let stats = Arc::new(Stats::default());
        let hub = Hub::new(Limits::default(), Catalog::default(), stats, None, Feed::new().0, None)
            .expect("a hub");
        let epoch = epoch_of(&hub, "quiet");
        hub.run(|hub, now| hub.sweep(now));
        assert_eq!(hub.count().0, 0, "the unused channel is removed");
        assert_eq!(epoch_of(&hub, "quiet"), epoch);
        hub.restart(Logs::Lose).expect("restarted");
        assert_ne!(epoch_of(&hub, "quiet"), epoch, "a message might have been lost");
    }
}
