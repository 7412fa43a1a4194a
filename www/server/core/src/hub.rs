//! The hub: channels with their members.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::account::Requester;
use crate::application::Application;
use crate::channel::Channel;
use crate::clock::Now;
use crate::connection::Connection;
use crate::limits::Limits;
use crate::output::Output;
use crate::random::Randomness;
use crate::rejection::Rejection;
use crate::storage::{Closed, Storage, StorageError};
use crate::tally::Tally;

/// All channels and their members. Operations are processed one after the other, and the outputs
/// are in the same order.
pub struct Hub<A, S> {
    pub(crate) limits: Arc<Limits>,
    pub(crate) application: A,
    pub(crate) storage: S,
    pub(crate) randomness: Box<dyn Randomness>,
    pub(crate) channels: HashMap<String, Channel>,
    pub(crate) connections: HashMap<u64, Connection>,
    /// Connections without `subscribe`, which receive every channel.
    pub(crate) everywhere: BTreeSet<u64>,
    /// Closed connections in their presence grace period, in the order of closing.
    pub(crate) absent: VecDeque<Absent>,
    pub(crate) counters: ChannelCounters,
    pub(crate) outputs: VecDeque<Output>,
    next_sweep: Duration,
}

/// A closed connection whose presence remains until `due`.
#[derive(Debug)]
pub(crate) struct Absent {
    pub(crate) due: Duration,
    pub(crate) connection: u64,
    pub(crate) channels: Vec<String>,
}

/// What happened in each channel since the start.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct ChannelCounters {
    /// Accepted joins.
    pub subscribes: Tally,
    /// Memberships ended on request.
    pub unsubscribes: Tally,
    /// Accepted messages.
    pub publishes: Tally,
}

/// What happens to the logs in a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logs {
    /// They are kept.
    Keep,
    /// They are lost, as in a crash.
    Lose,
}

/// Access to a hub for as long as one operation takes. The hub itself is one; a driver that shares
/// the hub between threads implements it with a lock, and delivers the outputs before it unlocks.
pub trait HubAccess {
    /// The hub's application.
    type Application: Application;
    /// The hub's storage.
    type Storage: Storage<<Self::Application as Application>::Change>;

    /// Runs an operation on the hub.
    fn with<R>(&mut self, work: impl FnOnce(&mut Hub<Self::Application, Self::Storage>) -> R) -> R;
}

impl<A: Application, S: Storage<A::Change>> HubAccess for Hub<A, S> {
    type Application = A;
    type Storage = S;

    fn with<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        work(self)
    }
}

impl<A, S> std::fmt::Debug for Hub<A, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hub")
            .field("channels", &self.channels.len())
            .field("connections", &self.connections.len())
            .finish_non_exhaustive()
    }
}

impl<A: Application, S: Storage<A::Change>> Hub<A, S> {
    /// Creates a hub with the stored channels.
    #[must_use]
    pub fn new(
        limits: Arc<Limits>,
        application: A,
        mut storage: S,
        randomness: Box<dyn Randomness>,
        now: Now,
    ) -> Self {
        let stored = storage.channels();
        let next_sweep = now.uptime + sweep_period(&limits);
        let mut hub = Self {
            limits,
            application,
            storage,
            randomness,
            channels: HashMap::new(),
            connections: HashMap::new(),
            everywhere: BTreeSet::new(),
            absent: VecDeque::new(),
            counters: ChannelCounters::default(),
            outputs: VecDeque::new(),
            next_sweep,
        };
        for name in stored {
            hub.application.open(&name);
            hub.channels.insert(name, Channel::default());
        }
        hub
    }

    /// The next output for the driver.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Hub::handle_timeout`] is to be called, as an uptime.
    #[must_use]
    pub fn poll_timeout(&self) -> Duration {
        self.absent.front().map_or(self.next_sweep, |absent| absent.due.min(self.next_sweep))
    }

    /// Processes the timeouts that are due.
    pub fn handle_timeout(&mut self, now: Now) {
        while self.absent.front().is_some_and(|absent| absent.due <= now.uptime) {
            if let Some(absent) = self.absent.pop_front() {
                self.end_presence(&absent);
            }
        }
        if self.next_sweep <= now.uptime {
            self.sweep(now);
            self.next_sweep = now.uptime + sweep_period(&self.limits);
        }
    }

    /// Removes expired data, and channels without members, presence and data.
    pub fn sweep(&mut self, now: Now) {
        self.storage.trim(now);
        let is_unused = |(name, channel): &(&String, &Channel)| {
            channel.members.is_empty() && !self.storage.is_anybody_present(name)
        };
        let is_needed = |name: &String| {
            let is_changed = self.storage.head(name).is_some_and(|head| head.seq > 0);
            // Unchanged state equals a channel's initial state, and every change is a message.
            self.storage.holds(name) || is_changed && self.application.has_state(name)
        };
        let unused = self.channels.iter().filter(is_unused).map(|(name, _)| name);
        let removed: Vec<String> = unused.filter(|name| !is_needed(name)).cloned().collect();
        if removed.is_empty() {
            return;
        }
        if let Err(error) = self.storage.close(&removed) {
            let text = match error {
                StorageError::Failed(text) => text,
                StorageError::Rejected(rejection) => rejection.message.into_owned(),
            };
            let text = format!("what is too old could not be forgotten: {text}");
            self.outputs.push_back(Output::Problem(text));
        }
        for name in &removed {
            self.channels.remove(name);
            self.application.close(name);
        }
    }

    /// Drops all but the newest messages of a channel's log.
    ///
    /// # Errors
    /// When there is no such channel, or the storage fails.
    pub fn truncate_log(&mut self, name: &str, count: usize) -> Result<(), Rejection> {
        if !self.channels.contains_key(name) {
            return Err(Rejection::not_found("there is no such channel"));
        }
        self.storage.truncate(name, count).map_err(|error| self.reject(error))
    }

    /// Simulates a restart: removes members and presence and, with [`Logs::Lose`], the logs. The
    /// application's state is kept.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn restart(&mut self, logs: Logs) -> Result<(), Rejection> {
        self.everywhere.clear();
        if logs == Logs::Lose {
            let has_state = |name: &&String| self.application.has_state(name);
            let kept: BTreeSet<String> = self.channels.keys().filter(has_state).cloned().collect();
            self.channels.retain(|name, _| kept.contains(name));
            self.storage.lose(&kept).map_err(|error| self.reject(error))?;
        }
        self.channels.values_mut().for_each(|channel| channel.members.clear());
        self.storage.clear_presence();
        Ok(())
    }

    /// Creates the channel of this name if it does not exist, on behalf of the requester.
    ///
    /// # Errors
    /// When there are too many channels, the requester made too many, or the storage fails.
    pub fn enter(
        &mut self,
        name: &str,
        requester: Option<&Requester>,
        now: Now,
    ) -> Result<(), Rejection> {
        if self.channels.contains_key(name) {
            return Ok(());
        }
        if self.channels.len() >= self.limits.max_channels_total {
            return Err(Rejection::limit("the server has as many channels as it may"));
        }
        let made =
            requester.map(|requester| requester.make(now.uptime, &self.limits)).transpose()?;
        self.storage.open(name).map_err(|error| self.reject(error))?;
        self.application.open(name);
        self.channels.insert(name.to_owned(), Channel::new(made));
        Ok(())
    }

    /// Removes a channel without members and presence that never had a message, if the storage
    /// can do so at once. Otherwise the sweep removes it.
    pub(crate) fn forget_if_new(&mut self, name: &str) {
        let is_idle = self.channels.get(name).is_some_and(|c| c.members.is_empty())
            && !self.storage.is_anybody_present(name);
        if is_idle && self.storage.close_unused(name) == Closed::Now {
            self.channels.remove(name);
            self.application.close(name);
        }
    }

    /// The rejection for a failed operation of the storage; reports a failure to the operator.
    pub(crate) fn reject(&mut self, error: StorageError) -> Rejection {
        match error {
            StorageError::Rejected(rejection) => rejection,
            StorageError::Failed(text) => {
                let text = format!("the logs cannot be written: {text}");
                self.outputs.push_back(Output::Problem(text));
                Rejection::internal("the message could not be stored")
            }
        }
    }
}

fn sweep_period(limits: &Limits) -> Duration {
    Duration::from_millis(limits.sweep_ms.max(1))
}

/// The rejection for a channel that was just found and does not exist, which should not happen.
pub(crate) fn no_channel() -> Rejection {
    Rejection::internal("the channel is gone")
}
