//! The holders that keep channels open.

use alloc::vec::Vec;

use crate::core::id::{ChannelId, SubscriberId};

/// A holder that keeps a channel open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A subscriber or handle of the app.
    App(SubscriberId),
    /// The client itself: messages of the app wait to be sent in a channel that only its members
    /// may send to.
    Outbox,
}

/// The holders of all channels. A subscriber holds one channel, the outbox any number.
#[derive(Debug, Default)]
pub(super) struct Holders {
    /// By subscriber. A removed one stays without a channel until most are removed: none of the others is
    /// moved then.
    app: Vec<(SubscriberId, Option<ChannelId>)>,
    /// How many of them have a channel.
    subscribers: usize,
    outbox: Vec<ChannelId>,
}

impl Holders {
    pub(super) const fn len(&self) -> usize {
        self.subscribers + self.outbox.len()
    }

    /// Adds a holder. A subscriber holds no other channel then.
    pub(super) fn add(&mut self, holder: Holder, channel: ChannelId) {
        match holder {
            Holder::App(subscriber) => {
                self.subscribers += 1;
                match self.position(subscriber) {
                    Ok(at) => self.app[at].1 = Some(channel),
                    Err(at) => self.app.insert(at, (subscriber, Some(channel))),
                }
            }
            Holder::Outbox => self.outbox.push(channel),
        }
    }

    /// Removes a holder; returns whether it was one.
    pub(super) fn remove(&mut self, holder: Holder, channel: ChannelId) -> bool {
        match holder {
            Holder::App(subscriber) => {
                let Ok(at) = self.position(subscriber) else { return false };
                let is_removed = self.app[at].1.take().is_some();
                self.subscribers -= usize::from(is_removed);
                if self.app.len() > 2 * self.subscribers + 8 {
                    self.app.retain(|(_, channel)| channel.is_some());
                }
                is_removed
            }
            Holder::Outbox => {
                let at = self.outbox.iter().position(|id| *id == channel);
                at.map(|at| self.outbox.remove(at)).is_some()
            }
        }
    }

    /// The channel that a subscriber of the app holds.
    pub(super) fn channel_of(&self, subscriber: SubscriberId) -> Option<ChannelId> {
        self.app.get(self.position(subscriber).ok()?)?.1
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
    fn subscribers_are_found_after_most_others_were_removed() {
        let mut holders = Holders::default();
        let is_kept = |n: u32| n.is_multiple_of(10);
        for n in 0..200 {
            holders.add(Holder::App(SubscriberId(n)), NOTES);
            if !is_kept(n) {
                assert!(holders.remove(Holder::App(SubscriberId(n)), NOTES));
                assert!(!holders.remove(Holder::App(SubscriberId(n)), NOTES));
            }
        }
        assert_eq!(holders.len(), 20);
        assert!(holders.app.len() < 60, "removed ones take no room for long");
        for n in 0..200 {
            assert_eq!(holders.channel_of(SubscriberId(n)), is_kept(n).then_some(NOTES));
        }
    }

    #[test]
    fn unknown_subscriber_holds_no_channel() {
        let mut holders = Holders::default();
        holders.add(Holder::App(SubscriberId(2)), NOTES);
        assert_eq!(holders.channel_of(SubscriberId(1)), None);
        assert_eq!(holders.channel_of(SubscriberId(3)), None);
    }
}
