//! Read access to the hub's state.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::application::Application;
use crate::hub::{ChannelCounters, Hub};
use crate::message::Message;
use crate::position::Position;
use crate::storage::Storage;

impl<A: Application, S: Storage<A::Change>> Hub<A, S> {
    /// The application.
    pub fn application(&self) -> &A {
        &self.application
    }

    /// The storage.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// What happened in each channel since the start.
    pub fn counters(&self) -> &ChannelCounters {
        &self.counters
    }

    /// The position of the newest message of a channel that exists.
    pub fn head(&self, channel: &str) -> Option<Position> {
        self.channels.contains_key(channel).then(|| self.storage.head(channel)).flatten()
    }

    /// The messages in a channel's log.
    pub fn messages(&self, channel: &str) -> Vec<Arc<Message>> {
        let head = self.head(channel).map_or(0, |head| head.seq);
        self.storage.read(channel, 1, head)
    }

    /// How many channels there are, and how many memberships in them.
    pub fn count(&self) -> (usize, usize) {
        let members = self.channels.values().map(|channel| channel.members.len()).sum();
        (self.channels.len(), members)
    }

    /// The channels that have members, sorted.
    pub fn joined(&self) -> BTreeSet<String> {
        let joined = self.channels.iter().filter(|(_, channel)| !channel.members.is_empty());
        joined.map(|(name, _)| name.clone()).collect()
    }

    /// The channels that a connection is a member of, in the order of joining.
    pub fn channels_of(&self, connection: u64) -> Vec<String> {
        self.connections.get(&connection).map(|c| c.channels.clone()).unwrap_or_default()
    }

    /// The numbers of the connections that receive the messages of a channel.
    pub fn readers(&self, channel: &str) -> impl Iterator<Item = u64> {
        let members =
            self.channels.get(channel).into_iter().flat_map(|c| c.members.keys().copied());
        let everywhere = self.everywhere.iter().copied().filter(move |number| {
            self.connections.get(number).is_some_and(|c| c.grant.allows(channel))
        });
        members.chain(everywhere)
    }
}
