//! The channels of a client, found by id and by name.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::ops::Range;

use super::channel::{Channel, Interest, Membership};
use super::join_queue::JoinPriority;
use super::subscription::SubscribeMode;
use crate::core::id::ChannelId;
use crate::core::risk::Risk;
use crate::core::slots::{Counted, Facts, Slots, fnv1a};
use crate::core::time::Instant;
use crate::core::timer::Timer;

/// The bits of the counts of channels.
mod count {
    /// In use: not being left.
    pub(super) const IN_USE: u32 = 0;
    /// Being joined.
    pub(super) const JOINING: u32 = 1;
    /// With a pending request: a join, a leave, or missed messages that were requested.
    pub(super) const REQUESTING: u32 = 2;
    /// With a pending request that was pending at an earlier loss too.
    pub(super) const AT_RISK: u32 = 3;
    /// With a pending join that is sent alone.
    pub(super) const ISOLATED: u32 = 4;
    /// Persistent and idle.
    pub(super) const IDLE_PERSISTENT: u32 = 5;
    /// From here on the number of the state. It is not counted, but its changes are noticed.
    pub(super) const STATE: u32 = 6;
    /// With subscribers or other holders. Not counted either.
    pub(super) const HELD: u32 = 12;
}

fn bit(is_counted: bool, bit: u32) -> u16 {
    u16::from(is_counted) << bit
}

/// The rank of a channel that is not joined, and whose join is not to be sent.
const NOT_QUEUED: u8 = JoinPriority::ALL.len() as u8;

/// What deadlines and joins of all channels depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChannelContext {
    /// How messages reach the client.
    pub(super) mode: SubscribeMode,
    /// How long a rejected join delays everything else on its connection.
    pub(super) stall_ms: Option<u64>,
}

impl Default for ChannelContext {
    fn default() -> Self {
        Self { mode: SubscribeMode::Disconnected, stall_ms: None }
    }
}

impl<P> Counted for Channel<P> {
    type Context = ChannelContext;

    fn facts(&self, context: ChannelContext) -> Facts {
        let in_use = self.interest != Interest::None;
        let waits = in_use && matches!(self.membership, Membership::Absent);
        let priority = self.join_priority(context.stall_ms).map(|priority| priority as u8);
        let requests = self.is_requesting();
        let is_joining = matches!(self.membership, Membership::Joining { .. });
        let is_leaving = matches!(self.membership, Membership::Leaving { .. });
        let is_idle = matches!(self.interest, Interest::IdlePersistent { .. });
        let counts = bit(in_use, count::IN_USE)
            | bit(is_joining, count::JOINING)
            | bit(requests || is_leaving, count::REQUESTING)
            | bit(requests && self.risk != Risk::None, count::AT_RISK)
            | bit(requests && self.risk == Risk::Isolated, count::ISOLATED)
            | bit(is_idle, count::IDLE_PERSISTENT)
            | (self.state() as u16) << count::STATE
            | bit(self.subscribers > 0, count::HELD);
        Facts {
            deadline: self.poll_timeout(context.mode),
            rank: waits.then(|| priority.unwrap_or(NOT_QUEUED)),
            counts,
        }
    }
}

/// The channels of a client, oldest first.
#[derive(Debug)]
pub(super) struct ChannelTable<P>(Slots<Channel<P>>);

impl<P> Default for ChannelTable<P> {
    fn default() -> Self {
        Self(Slots::default())
    }
}

impl<P> ChannelTable<P> {
    // ----- all channels -----

    /// All channels, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Channel<P>> {
        self.0.iter()
    }

    /// The indices, valid until a channel is added. Those of removed channels have none.
    pub(super) const fn indices(&self) -> Range<usize> {
        self.0.indices()
    }

    /// The channels without those that are being left, oldest first.
    pub(super) fn in_use(&self) -> impl Iterator<Item = &Channel<P>> {
        self.0.iter().filter(|channel| channel.interest != Interest::None)
    }

    /// How messages reach the client.
    pub(super) const fn mode(&self) -> SubscribeMode {
        self.0.context().mode
    }

    /// Sets what deadlines and joins depend on.
    pub(super) fn set_context(&mut self, context: ChannelContext) {
        self.0.set_context(context);
    }

    // ----- counts and deadlines -----

    /// How many channels are in use.
    pub(super) fn in_use_count(&self) -> usize {
        self.0.count(count::IN_USE)
    }

    /// The number of pending joins.
    pub(super) fn joining_count(&self) -> u64 {
        self.0.count(count::JOINING) as u64
    }

    /// The number of pending requests: joins, leaves, and missed messages that were requested.
    pub(super) fn request_count(&self) -> usize {
        self.0.count(count::REQUESTING)
    }

    /// Whether a request is pending that was pending at an earlier loss too.
    pub(super) fn has_risk(&self) -> bool {
        self.0.count(count::AT_RISK) > 0
    }

    /// Whether a join is pending that is sent alone.
    pub(super) fn has_isolated(&self) -> bool {
        self.0.count(count::ISOLATED) > 0
    }

    /// Whether a persistent channel is idle.
    pub(super) fn has_idle_persistent(&self) -> bool {
        self.0.count(count::IDLE_PERSISTENT) > 0
    }

    /// A number that is another one whenever the membership, the missed messages or the holders of a channel
    /// are others.
    pub(super) fn version(&mut self) -> u32 {
        self.0.version()
    }

    /// The next deadline of all channels.
    pub(super) fn poll_timeout(&self) -> Option<Timer> {
        self.0.poll_timeout()
    }

    /// The first channel from this index on whose deadline is over.
    pub(super) fn next_due(&mut self, from: usize, now: Instant) -> Option<usize> {
        self.0.next_due(from, now)
    }

    /// The first channel from this index on that is in use and not joined.
    pub(super) fn next_absent(&mut self, from: usize) -> Option<usize> {
        self.0.next_waiting(from)
    }

    /// The channel to be joined next: the first one of the highest priority.
    pub(super) fn next_join(&mut self) -> Option<(JoinPriority, usize)> {
        let (rank, at) = self.0.first_waiting()?;
        Some((*JoinPriority::ALL.get(rank)?, at))
    }

    // ----- one channel -----

    /// The id of the channel in use that has this name.
    pub(super) fn find(&self, name: &str) -> Option<ChannelId> {
        self.0.get(self.find_at(name)?).map(|channel| channel.id)
    }

    fn find_at(&self, name: &str) -> Option<usize> {
        let is_it =
            |channel: &Channel<P>| channel.interest != Interest::None && *channel.name == *name;
        self.0.find(fnv1a(name), is_it)
    }

    /// The channel in use that has this name.
    pub(super) fn find_mut(&mut self, name: &str) -> Option<&mut Channel<P>> {
        self.0.get_mut(self.find_at(name)?)
    }

    /// The channel that has this name, if messages of it can arrive on this connection.
    pub(super) fn find_member_mut(&mut self, name: &str) -> Option<&mut Channel<P>> {
        self.find_mut(name).filter(|channel| channel.is_member())
    }

    /// The oldest channel of this name whose leave was sent.
    pub(super) fn find_leaving(&self, name: &str) -> Option<usize> {
        let is_it = |channel: &Channel<P>| {
            matches!(channel.membership, Membership::Leaving { .. }) && *channel.name == *name
        };
        self.0.find(fnv1a(name), is_it)
    }

    /// The index of a channel, valid until one is added.
    pub(super) fn position(&self, id: ChannelId) -> Option<usize> {
        self.0.position(id.0)
    }

    pub(super) fn get(&self, id: ChannelId) -> Option<&Channel<P>> {
        self.at(self.position(id)?)
    }

    pub(super) fn get_mut(&mut self, id: ChannelId) -> Option<&mut Channel<P>> {
        self.at_mut(self.position(id)?)
    }

    /// A channel, to be changed in nothing that counts, deadlines or the order of joins depend on.
    pub(super) fn get_uncounted_mut(&mut self, id: ChannelId) -> Option<&mut Channel<P>> {
        let at = self.position(id)?;
        self.0.get_uncounted_mut(at)
    }

    pub(super) fn at(&self, at: usize) -> Option<&Channel<P>> {
        self.0.get(at)
    }

    pub(super) fn at_mut(&mut self, at: usize) -> Option<&mut Channel<P>> {
        self.0.get_mut(at)
    }

    /// Adds a channel; returns its id, which is never reused. No channel in use may have the name.
    pub(super) fn add(
        &mut self,
        name: Rc<str>,
        new: impl FnOnce(ChannelId, Rc<str>) -> Channel<P>,
    ) -> ChannelId {
        let id = ChannelId(self.0.next_id());
        let hash = fnv1a(&name);
        self.0.push(hash, Box::new(new(id, name)));
        id
    }

    pub(super) fn remove_at(&mut self, at: usize) {
        self.0.remove(at);
    }
}

#[cfg(test)]
mod tests {
    use super::{Channel, ChannelTable, Interest, Membership};
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
    fn name_of_a_channel_that_is_being_left_gets_a_new_record_with_a_new_id() {
        let mut table = ChannelTable::default();
        let former = add(&mut table, "notes");
        table.get_mut(former).expect("added").interest = Interest::None;
        assert_eq!((table.find("notes"), table.in_use_count()), (None, 0));
        let next = add(&mut table, "notes");
        assert_ne!(next, former);
        assert_eq!(table.find("notes"), Some(next));
        assert_eq!(table.in_use().map(|channel| channel.id).collect::<Vec<_>>(), [next]);
        table.remove_at(table.position(former).expect("there"));
        assert_eq!(table.iter().map(|channel| channel.id).collect::<Vec<_>>(), [next]);
    }

    #[test]
    fn oldest_of_two_channels_that_are_being_left_is_found_first() {
        let mut table = ChannelTable::default();
        for _ in 0..2 {
            let id = add(&mut table, "notes");
            let channel = table.get_mut(id).expect("added");
            channel.interest = Interest::None;
            channel.membership = Membership::Leaving { until: Instant::from_ms(9) };
        }
        let at = table.find_leaving("notes").expect("the first one");
        assert_eq!(at, 0);
        table.remove_at(at);
        assert_eq!(table.find_leaving("notes"), Some(1));
    }

    #[test]
    fn channels_are_found_after_most_others_were_removed() {
        let mut table = ChannelTable::default();
        let names: Vec<String> = (0..500).map(|n| n.to_string()).collect();
        for name in &names {
            let id = add(&mut table, name);
            if !name.ends_with('7') {
                table.remove_at(table.position(id).expect("added"));
            }
        }
        assert!(table.indices().len() < 150, "removed channels take no room for long");
        assert_eq!(table.in_use_count(), 50);
        for name in &names {
            assert_eq!(table.find(name).is_some(), name.ends_with('7'), "{name}");
        }
    }
}
