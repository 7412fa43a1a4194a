//! The storage of the hub: in memory, and with `--data` in SQLite as well.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::value::RawValue;
use tidewire_server_core::limits::Limits;
use tidewire_server_core::{
    Accepted, Append, Appended, Closed, Diff, MemoryStorage, Message, Now, Owner, Position,
    Rejection, Staging, Storage, StorageError,
};

use crate::random::SystemRandomness;
use crate::store::Store;
use crate::tables::{Catalog, Edit, Table};

/// Reads from memory, and writes durable data to the store first.
pub(crate) struct LogStorage {
    limits: Arc<Limits>,
    catalog: Arc<Catalog>,
    memory: MemoryStorage,
    store: Option<Store>,
}

impl LogStorage {
    /// Loads the store, if there is one; returns also its tables, by channel.
    pub(crate) fn load(
        limits: &Arc<Limits>,
        catalog: &Arc<Catalog>,
        mut store: Option<Store>,
        now: Now,
    ) -> Result<(Self, HashMap<String, Table>), String> {
        let mut memory = MemoryStorage::new(Arc::clone(limits), Box::new(SystemRandomness));
        let mut tables = HashMap::new();
        if let Some(store) = &mut store {
            let stored = store
                .load(catalog, limits.effective_ack_memory_ms())
                .map_err(|e| format!("cannot read the stored logs: {e}"))?;
            for (name, log, table) in stored {
                memory.restore(name.clone(), log, now);
                tables.extend(table.map(|table| (name, table)));
            }
        }
        let (limits, catalog) = (Arc::clone(limits), Arc::clone(catalog));
        Ok((Self { limits, catalog, memory, store }, tables))
    }

    fn memory(&self) -> &dyn Storage<Edit> {
        &self.memory
    }

    fn memory_mut(&mut self) -> &mut dyn Storage<Edit> {
        &mut self.memory
    }
}

impl Storage<Edit> for LogStorage {
    fn channels(&mut self) -> Vec<String> {
        self.memory_mut().channels()
    }

    fn open(&mut self, channel: &str) -> Result<(), StorageError> {
        if self.memory.log(channel).is_some() {
            return Ok(());
        }
        self.memory_mut().open(channel)?;
        // An epoch must be stored before it is sent.
        if let (Some(store), Some(log)) = (&mut self.store, self.memory.log(channel))
            && let Err(error) = store.create(channel, log.epoch(), self.catalog.table(channel))
        {
            self.memory_mut().close(&[channel.to_owned()])?;
            return Err(failed(&error));
        }
        Ok(())
    }

    fn head(&self, channel: &str) -> Option<Position> {
        self.memory().head(channel)
    }

    fn first_position(&self) -> Position {
        self.memory().first_position()
    }

    fn accepted(&mut self, channel: &str, id: &str, now: Now) -> Option<Accepted> {
        self.memory_mut().accepted(channel, id, now)
    }

    fn append(
        &mut self,
        channel: &str,
        append: Append<'_, Edit>,
        now: Now,
    ) -> Result<Appended, StorageError> {
        let edit = append.change;
        let staged = match self.memory.stage(channel, append, now)? {
            Staging::Known(accepted) => return Ok(Appended::Known(accepted)),
            Staging::New(staged) => staged,
        };
        if let Some(store) = &mut self.store {
            store
                .append(channel, &staged.message, edit, &self.limits)
                .map_err(|error| failed(&error))?;
        }
        Ok(Appended::New(self.memory.commit(channel, staged)))
    }

    fn read_after(
        &mut self,
        channel: &str,
        position: &Position,
        now: Now,
    ) -> Option<Vec<Arc<Message>>> {
        self.memory_mut().read_after(channel, position, now)
    }

    fn read(&self, channel: &str, from: u64, to: u64) -> Vec<Arc<Message>> {
        self.memory().read(channel, from, to)
    }

    fn holds(&self, channel: &str) -> bool {
        self.memory().holds(channel)
    }

    fn truncate(&mut self, channel: &str, count: usize) -> Result<(), StorageError> {
        if let (Some(store), Some(log)) = (&mut self.store, self.memory.log(channel)) {
            store.truncate_log(channel, log, count).map_err(|error| failed(&error))?;
        }
        self.memory_mut().truncate(channel, count)
    }

    fn trim(&mut self, now: Now) {
        self.memory_mut().trim(now);
    }

    fn close(&mut self, channels: &[String]) -> Result<(), StorageError> {
        let stored = self.store.as_mut().map_or(Ok(()), |store| store.forget(channels));
        self.memory_mut().close(channels)?;
        stored.map_err(|error| failed(&error))
    }

    fn close_unused(&mut self, channel: &str) -> Closed {
        // A transaction for each would be too slow: the sweep removes all of them in one.
        if self.store.is_some() {
            return Closed::Later;
        }
        self.memory_mut().close_unused(channel)
    }

    fn lose(&mut self, kept: &BTreeSet<String>) -> Result<(), StorageError> {
        self.memory_mut().lose(kept)?;
        if let Some(store) = &mut self.store {
            let logs = kept.iter().filter_map(|name| Some((name.as_str(), self.memory.log(name)?)));
            store.lose_logs(logs).map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    fn track(
        &mut self,
        channel: &str,
        owner: Owner,
        reference: &str,
        meta: Option<&RawValue>,
        replaces: Option<&str>,
    ) -> Result<Diff, Rejection> {
        self.memory_mut().track(channel, owner, reference, meta, replaces)
    }

    fn untrack(&mut self, channel: &str, connection: u64) -> Option<(String, Diff)> {
        self.memory_mut().untrack(channel, connection)
    }

    fn present(&self, channel: &str) -> String {
        self.memory().present(channel)
    }

    fn is_anybody_present(&self, channel: &str) -> bool {
        self.memory().is_anybody_present(channel)
    }

    fn clear_presence(&mut self) {
        self.memory_mut().clear_presence();
    }

    fn offered_ack_memory_ms(&self) -> u64 {
        self.memory().offered_ack_memory_ms()
    }

    fn ack_memory_bytes(&self) -> usize {
        self.memory().ack_memory_bytes()
    }
}

fn failed(error: &rusqlite::Error) -> StorageError {
    StorageError::Failed(error.to_string())
}
