//! What happened since the start: counters, and every connection.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;

use crate::connection_handle::ConnectionHandle;
use crate::tally::Tally;

/// Closed connections beyond this many are forgotten, the oldest first.
const REMEMBERED: usize = 10_000;

/// Counters, as the control endpoint shows them.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counters {
    /// WebSockets accepted.
    pub(crate) opened: u64,
    /// Connections rejected: by a rejection switch, or for their token.
    pub(crate) refused: u64,
    /// Attempts made while a rejection switch was on.
    pub(crate) handshakes_while_refusing: u64,
    pub(crate) subscribes: Tally,
    pub(crate) unsubscribes: Tally,
    pub(crate) publishes: Tally,
}

/// The counters and the connections.
#[derive(Debug)]
pub(crate) struct Stats {
    /// For how many channels there are counters.
    counted: usize,
    counters: Mutex<Counters>,
    connections: Mutex<VecDeque<Arc<ConnectionHandle>>>,
}

impl Stats {
    /// Counts what happens in at most so many channels.
    pub(crate) fn new(counted: usize) -> Self {
        Self { counted, counters: Mutex::default(), connections: Mutex::default() }
    }

    pub(crate) fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock()
    }

    /// Registers a new connection.
    pub(crate) fn opened(&self, connection: &Arc<ConnectionHandle>) {
        self.counters.lock().opened += 1;
        let mut connections = self.connections.lock();
        if connections.len() >= REMEMBERED
            && let Some(at) = connections.iter().position(|connection| !connection.is_open())
        {
            connections.remove(at);
        }
        connections.push_back(Arc::clone(connection));
    }

    /// Every remembered connection, oldest first.
    pub(crate) fn connections(&self) -> Vec<Arc<ConnectionHandle>> {
        self.connections.lock().iter().cloned().collect()
    }

    pub(crate) fn open_connections(&self) -> Vec<Arc<ConnectionHandle>> {
        self.connections.lock().iter().filter(|connection| connection.is_open()).cloned().collect()
    }

    pub(crate) fn subscribed(&self, channel: &str) {
        self.counters.lock().subscribes.count(channel, self.counted);
    }

    pub(crate) fn unsubscribed(&self, channel: &str) {
        self.counters.lock().unsubscribes.count(channel, self.counted);
    }

    pub(crate) fn published(&self, channel: &str) {
        self.counters.lock().publishes.count(channel, self.counted);
    }
}
