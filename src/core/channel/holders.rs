//! The holders that keep channels open.

use alloc::vec::Vec;

use crate::core::id::{ChannelId, SubscriberId};

/// A holder that keeps a channel open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A subscriber or handle of the app.
    App(SubscriberId),
    /// The outbox: it has messages for a channel that only members may send to.
    Outbox,
}

/// The holders of all channels. A subscriber holds one channel, the outbox any number.
#[derive(Debug, Default)]
pub(super) struct Holders {
    /// Sorted by subscriber.
    app: Vec<(SubscriberId, ChannelId)>,
    outbox: Vec<ChannelId>,
}

impl Holders {
    pub(super) const fn len(&self) -> usize {
        self.app.len() + self.outbox.len()
    }

    /// Adds a holder. A subscriber must not hold another channel.
    pub(super) fn add(&mut self, holder: Holder, channel: ChannelId) {
        match holder {
            Holder::App(subscriber) => {
                let at = self.position(subscriber).unwrap_or_else(|at| at);
                self.app.insert(at, (subscriber, channel));
            }
            Holder::Outbox => self.outbox.push(channel),
        }
    }

    /// Removes a holder; returns whether it held the channel.
    pub(super) fn remove(&mut self, holder: Holder, channel: ChannelId) -> bool {
        match holder {
            Holder::App(subscriber) => {
                let at = self.position(subscriber);
                at.map(|at| self.app.remove(at)).is_ok()
            }
            Holder::Outbox => {
                let at = self.outbox.iter().position(|id| *id == channel);
                at.map(|at| self.outbox.remove(at)).is_some()
            }
        }
    }

    /// The channel that a subscriber of the app holds.
    pub(super) fn channel_of(&self, subscriber: SubscriberId) -> Option<ChannelId> {
        self.app.get(self.position(subscriber).ok()?).map(|(_, channel)| *channel)
    }

    /// Whether the outbox holds a channel.
    pub(super) fn is_held_by_outbox(&self, channel: ChannelId) -> bool {
        self.outbox.contains(&channel)
    }

    /// Where a subscriber is, or would be.
    fn position(&self, subscriber: SubscriberId) -> Result<usize, usize> {
        self.app.binary_search_by_key(&subscriber, |(other, _)| *other)
    }
}

#[cfg(test)]
mod tests {
    use super::{Holder, Holders};
    use crate::core::id::{ChannelId, SubscriberId};

    const NOTES: ChannelId = ChannelId(1);
    const BIDS: ChannelId = ChannelId(2);

    #[test]
    fn outbox_holds_several_channels_without_being_a_subscriber() {
        let mut holders = Holders::default();
        holders.add(Holder::Outbox, BIDS);
        holders.add(Holder::Outbox, NOTES);
        holders.add(Holder::App(SubscriberId(u32::MAX)), NOTES);
        assert_eq!(holders.len(), 3);
        assert!(holders.is_held_by_outbox(BIDS));
        assert_eq!(holders.channel_of(SubscriberId(u32::MAX)), Some(NOTES));
        assert!(holders.remove(Holder::Outbox, NOTES) && !holders.remove(Holder::Outbox, NOTES));
        assert!(holders.remove(Holder::Outbox, BIDS));
        assert_eq!(holders.channel_of(SubscriberId(u32::MAX)), Some(NOTES));
    }

    #[test]
    fn unknown_subscriber_holds_no_channel() {
        let mut holders = Holders::default();
        holders.add(Holder::App(SubscriberId(2)), NOTES);
        assert_eq!(holders.channel_of(SubscriberId(1)), None);
        assert_eq!(holders.channel_of(SubscriberId(3)), None);
    }
}
