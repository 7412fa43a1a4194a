//! Who keeps which channel open.

use alloc::vec::Vec;

use crate::core::id::{ChannelId, SubscriberId};

/// Who keeps a channel open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// A subscriber or handle of the app.
    App(SubscriberId),
    /// The client itself: messages of the app wait to be sent in a channel that only its members
    /// may send to.
    Outbox,
}

/// The holders of all channels, sorted. A subscriber holds one channel, the outbox any number.
#[derive(Debug, Default)]
pub(super) struct Holders(Vec<(Holder, ChannelId)>);

impl Holders {
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a holder; one that is known already is not added twice.
    pub(super) fn add(&mut self, holder: Holder, channel: ChannelId) {
        if let Err(at) = self.0.binary_search(&(holder, channel)) {
            self.0.insert(at, (holder, channel));
        }
    }

    /// Removes a holder; returns whether it was one.
    pub(super) fn remove(&mut self, holder: Holder, channel: ChannelId) -> bool {
        let at = self.0.binary_search(&(holder, channel));
        at.map(|at| self.0.remove(at)).is_ok()
    }

    /// The channel that a subscriber of the app holds.
    pub(super) fn channel_of(&self, subscriber: SubscriberId) -> Option<ChannelId> {
        let holder = Holder::App(subscriber);
        let at = self.0.partition_point(|(other, _)| *other < holder);
        self.0.get(at).filter(|(other, _)| *other == holder).map(|(_, channel)| *channel)
    }

    /// The app's subscribers of a channel.
    pub(super) fn subscribers_of(&self, channel: ChannelId) -> impl Iterator<Item = SubscriberId> {
        self.0.iter().filter_map(move |(holder, at)| match holder {
            Holder::App(subscriber) if *at == channel => Some(*subscriber),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Holder, Holders};
    use crate::core::id::{ChannelId, SubscriberId};

    const NOTES: ChannelId = ChannelId(1);
    const BIDS: ChannelId = ChannelId(2);

    #[test]
    fn the_outbox_holds_several_channels_and_is_no_subscriber_of_them() {
        let mut holders = Holders::default();
        holders.add(Holder::Outbox, BIDS);
        holders.add(Holder::Outbox, NOTES);
        holders.add(Holder::App(SubscriberId(u32::MAX)), NOTES);
        assert_eq!(holders.len(), 3);
        assert!(holders.subscribers_of(BIDS).next().is_none());
        assert_eq!(holders.subscribers_of(NOTES).collect::<Vec<_>>(), [SubscriberId(u32::MAX)]);
        assert!(holders.remove(Holder::Outbox, NOTES) && !holders.remove(Holder::Outbox, NOTES));
        assert!(holders.remove(Holder::Outbox, BIDS));
        assert_eq!(holders.channel_of(SubscriberId(u32::MAX)), Some(NOTES));
    }

    #[test]
    fn an_unknown_subscriber_holds_no_channel() {
        let mut holders = Holders::default();
        holders.add(Holder::App(SubscriberId(2)), NOTES);
        assert_eq!(holders.channel_of(SubscriberId(1)), None);
        assert_eq!(holders.channel_of(SubscriberId(3)), None);
    }
}
