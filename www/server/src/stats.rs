//! Statistics since the start: counters, and every connection.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use crate::connection_handle::ConnectionHandle;
use crate::counters::Counters;

/// Closed connections beyond this many are removed, the oldest first.
const REMEMBERED: usize = 10_000;

/// The counters and the connections.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) counters: Mutex<Counters>,
    connections: Mutex<VecDeque<Arc<ConnectionHandle>>>,
}

impl Stats {
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

    /// Every recorded connection, oldest first.
    pub(crate) fn connections(&self) -> Vec<Arc<ConnectionHandle>> {
        self.connections.lock().iter().cloned().collect()
    }

    pub(crate) fn open_connections(&self) -> Vec<Arc<ConnectionHandle>> {
        self.connections.lock().iter().filter(|connection| connection.is_open()).cloned().collect()
    }
}
