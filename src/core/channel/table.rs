//! The channels of a client, found by id and by name.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::slice;

use super::channel::{Channel, Interest, Membership};
use crate::core::id::{ChannelId, Counter};
use crate::core::risk::Risk;

/// The channels of a client.
///
/// Sorted vectors with binary search: small in the wasm, and the same order in every run.
#[derive(Debug)]
pub(super) struct ChannelTable<P> {
    /// Sorted by id, which is the order of creation.
    channels: Vec<Channel<P>>,
    /// Sorted by name, without the channels that are being left.
    names: Vec<(Rc<str>, ChannelId)>,
    ids: Counter,
}

impl<P> Default for ChannelTable<P> {
    fn default() -> Self {
        Self { channels: Vec::new(), names: Vec::new(), ids: Counter::default() }
    }
}

impl<P> ChannelTable<P> {
    /// All channels, oldest first.
    pub(super) fn iter(&self) -> slice::Iter<'_, Channel<P>> {
        self.channels.iter()
    }

    /// All channels, oldest first, mutable.
    pub(super) fn iter_mut(&mut self) -> slice::IterMut<'_, Channel<P>> {
        self.channels.iter_mut()
    }

    /// The channels without those that are being left, oldest first.
    pub(super) fn in_use(&self) -> impl Iterator<Item = &Channel<P>> {
        self.channels.iter().filter(|channel| channel.interest != Interest::None)
    }

    /// How many channels are in use.
    pub(super) const fn in_use_count(&self) -> usize {
        self.names.len()
    }

    /// How many channels there are.
    pub(super) const fn len(&self) -> usize {
        self.channels.len()
    }

    /// The number of pending joins.
    pub(super) fn joining_count(&self) -> u64 {
        let is_joining = |c: &&Channel<P>| matches!(c.membership, Membership::Joining { .. });
        self.channels.iter().filter(is_joining).count() as u64
    }

    /// The number of pending requests: joins, leaves, and missed messages that were requested.
    pub(super) fn request_count(&self) -> usize {
        let is_pending = |channel: &&Channel<P>| {
            channel.is_requesting() || matches!(channel.membership, Membership::Leaving { .. })
        };
        self.channels.iter().filter(is_pending).count()
    }

    /// Whether a request is pending that was pending at an earlier loss too.
    pub(super) fn has_risk(&self) -> bool {
        self.channels.iter().any(|channel| channel.is_requesting() && channel.risk != Risk::None)
    }

    /// The id of the channel in use that has this name.
    pub(super) fn find(&self, name: &str) -> Option<ChannelId> {
        let at = self.names.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.names.get(at).map(|(_, id)| *id)
    }

    /// The channel in use that has this name.
    pub(super) fn find_mut(&mut self, name: &str) -> Option<&mut Channel<P>> {
        self.get_mut(self.find(name)?)
    }

    /// The channel that has this name, if messages of it can arrive on this connection.
    pub(super) fn find_member_mut(&mut self, name: &str) -> Option<&mut Channel<P>> {
        self.find_mut(name).filter(|channel| channel.is_member())
    }

    /// The index of a channel, valid until one is added or removed.
    pub(super) fn position(&self, id: ChannelId) -> Option<usize> {
        self.channels.binary_search_by_key(&id, |channel| channel.id).ok()
    }

    pub(super) fn get(&self, id: ChannelId) -> Option<&Channel<P>> {
        self.at(self.position(id)?)
    }

    pub(super) fn get_mut(&mut self, id: ChannelId) -> Option<&mut Channel<P>> {
        self.at_mut(self.position(id)?)
    }

    pub(super) fn at(&self, at: usize) -> Option<&Channel<P>> {
        self.channels.get(at)
    }

    pub(super) fn at_mut(&mut self, at: usize) -> Option<&mut Channel<P>> {
        self.channels.get_mut(at)
    }

    /// Adds a channel; returns its id, which is never reused. No channel in use may have the name.
    pub(super) fn add(
        &mut self,
        name: Rc<str>,
        new: impl FnOnce(ChannelId, Rc<str>) -> Channel<P>,
    ) -> ChannelId {
        let id = ChannelId(self.ids.next());
        self.channels.push(new(id, name.clone()));
        let at = self.names.partition_point(|(known, _)| **known < *name);
        self.names.insert(at, (name, id));
        id
    }

    /// Frees the channel's name, so that the next subscriber makes a new record.
    pub(super) fn free_name(&mut self, id: ChannelId) {
        self.names.retain(|(_, known)| *known != id);
    }

    pub(super) fn remove_at(&mut self, at: usize) {
        self.channels.remove(at);
    }

    /// Removes the records that do not satisfy the condition. Their names must be free already.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Channel<P>) -> bool) {
        self.channels.retain(keep);
    }
}

#[cfg(test)]
mod tests {
    use super::{Channel, ChannelTable, Interest};
    use crate::core::id::ChannelId;
    use crate::core::time::Instant;

    fn add(table: &mut ChannelTable<()>, name: &str) -> ChannelId {
        table.add(name.into(), |id, name| Channel::new(id, name, Instant::from_ms(0)))
    }

    #[test]
    fn channels_are_found_by_name_and_by_id() {
        let mut table = ChannelTable::default();
        let ids = ["notes", "bids", "zoo"].map(|name| add(&mut table, name));
        for (name, id) in ["notes", "bids", "zoo"].into_iter().zip(ids) {
            assert_eq!(table.find(name), Some(id));
            assert_eq!(table.get(id).map(|channel| &**channel.name()), Some(name));
        }
        assert_eq!(table.find("note"), None);
    }

    #[test]
    fn freed_name_gets_a_new_record_with_a_new_id() {
        let mut table = ChannelTable::default();
        let former = add(&mut table, "notes");
        table.get_mut(former).expect("added").interest = Interest::None;
        table.free_name(former);
        assert_eq!((table.find("notes"), table.in_use_count(), table.len()), (None, 0, 1));
        let next = add(&mut table, "notes");
        assert_ne!(next, former);
        assert_eq!(table.find("notes"), Some(next));
        assert_eq!(table.in_use().map(|channel| channel.id).collect::<Vec<_>>(), [next]);
        table.retain(|channel| channel.interest != Interest::None);
        assert_eq!((table.position(former), table.position(next)), (None, Some(0)));
    }
}
