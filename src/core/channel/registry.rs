//! All channels of a client.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::channel::{Channel, Membership};
use super::holders::Holders;
use super::memberships::Memberships;
use super::receiver::{Receiver, RequestsIn};
use super::replies::Replies;
use super::step::Step;
use super::subscription::SubscribeMode;
use super::subscriptions::Subscriptions;
use crate::core::config::Config;
use crate::core::delivery_proof::DeliveryProof;
use crate::core::env::Env;
use crate::core::id::{ChannelId, FilterId, SubscriberId};
use crate::core::message::StreamPosition;
use crate::core::payload::Payload;
use crate::core::time::Instant;
use crate::core::timer::{Timer, TimerReason, earliest, timer};

/// The channels of a client. It owns the parts and passes them to each other as views; its getters
/// cover all channels.
#[derive(Debug)]
pub struct Registry<P> {
    memberships: Memberships<P>,
    holders: Holders,
    /// Whether missing messages are requested in one channel at a time.
    requests_in: RequestsIn,
}

impl<P> Default for Registry<P> {
    fn default() -> Self {
        Self {
            memberships: Memberships::default(),
            holders: Holders::default(),
            requests_in: RequestsIn::AllChannels,
        }
    }
}

impl<P: Payload> Registry<P> {
    // ----- getters -----

    /// The channels, oldest first, without those being left.
    pub fn iter(&self) -> impl Iterator<Item = &Channel<P>> {
        self.memberships.table.in_use()
    }

    /// The id of the channel of this name, unless it is being left.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<ChannelId> {
        self.memberships.table.find(name)
    }

    /// The id of the channel of this name, if messages of it can arrive on this connection.
    #[must_use]
    pub fn find_member(&self, name: &str) -> Option<ChannelId> {
        self.find(name).filter(|id| self.get(*id).is_some_and(Channel::is_member))
    }

    /// Whether each message of the channel must have a position in the log.
    #[must_use]
    pub fn requires_position(&self, name: &str) -> bool {
        let channel = self.find(name).and_then(|id| self.get(id));
        channel.is_some_and(|channel| channel.position().is_some())
    }

    /// The channel of this id.
    #[must_use]
    pub fn get(&self, id: ChannelId) -> Option<&Channel<P>> {
        self.memberships.table.get(id)
    }

    /// Subscribers and handles together, and the channels that the outbox keeps open.
    #[must_use]
    pub const fn subscriber_count(&self) -> usize {
        self.holders.len()
    }

    /// Whether there is an idle persistent channel, which keeps the connection open.
    #[must_use]
    pub fn has_idle_persistent(&self) -> bool {
        self.memberships.table.has_idle_persistent()
    }

    /// What the channel of this name can prove about a message sent earlier.
    #[must_use]
    pub fn delivery_proof(&self, name: &str) -> DeliveryProof {
        let channel = self.find(name).and_then(|id| self.get(id));
        if self.memberships.table.mode() == SubscribeMode::MembersOnly {
            return if channel.is_some_and(Channel::is_joined) {
                DeliveryProof::Unknown
            } else {
                DeliveryProof::NotMember
            };
        }
        let Some(channel) = channel else { return DeliveryProof::Unknown };
        let counted = channel.inbox.position().is_some();
        match channel.membership {
            Membership::Joined { .. } if counted && channel.inbox.is_caught_up() => {
                DeliveryProof::CaughtUp { run: channel.inbox.run() }
            }
            Membership::Joined { .. } | Membership::Absent | Membership::Joining { .. }
                if counted =>
            {
                DeliveryProof::CatchingUp
            }
            _ => DeliveryProof::Unknown,
        }
    }

    /// The subscribers of a channel whose filters a change matches.
    #[must_use]
    pub fn subscribers_for(&self, id: ChannelId, filters: &[FilterId]) -> Vec<SubscriberId> {
        let Some(channel) = self.get(id) else { return Vec::new() };
        let wanting = channel.params.iter().filter(|wanted| wanted.wants(filters));
        wanting.map(|wanted| wanted.subscriber).collect()
    }

    /// The number of pending joins.
    #[must_use]
    pub fn joining_count(&self) -> u64 {
        self.memberships.table.joining_count()
    }

    /// The number of pending requests: joins, leaves, and missed messages that were requested.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.memberships.table.request_count()
    }

    /// Whether a request is pending that was pending at an earlier loss too.
    #[must_use]
    pub fn has_risk(&self) -> bool {
        self.memberships.table.has_risk()
    }

    /// A number that is another one whenever the membership, the missed messages or the subscribers of a
    /// channel are others.
    pub fn version(&mut self) -> u32 {
        self.memberships.table.version()
    }

    /// Takes the steps since the last call, in order.
    pub fn take_steps(&mut self) -> Vec<Step<P>> {
        self.memberships.out.take()
    }

    /// When [`Registry::handle_timeout`] is due, and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timer> {
        let table = &self.memberships.table;
        let connected = table.mode() != SubscribeMode::Disconnected;
        let queued = self.memberships.queue.poll_timeout().filter(|_| connected);
        let queued = timer(queued, TimerReason::JoinRate);
        earliest(queued, table.poll_timeout())
    }

    // ----- the parts -----

    /// The memberships of the channels.
    pub const fn memberships(&mut self) -> &mut Memberships<P> {
        &mut self.memberships
    }

    /// Applies the server's messages about memberships.
    pub const fn replies(&mut self) -> Replies<'_, P> {
        Replies { memberships: &mut self.memberships }
    }

    /// Receives messages.
    pub const fn receiver(&mut self) -> Receiver<'_, P> {
        Receiver { memberships: &mut self.memberships, requests_in: &mut self.requests_in }
    }

    /// Adds and removes subscribers.
    pub const fn subscriptions(&mut self) -> Subscriptions<'_, P> {
        Subscriptions { memberships: &mut self.memberships, holders: &mut self.holders }
    }

    // ----- several parts -----

    /// Ends all memberships, because the connection has ended.
    pub fn disconnected(&mut self, now: Instant, config: &Config) {
        self.requests_in = RequestsIn::AllChannels;
        self.memberships.disconnected(now, config);
    }

    /// Counts a message that was written to the socket.
    pub fn sent(&mut self, now: Instant, name: &str) {
        if let Some(channel) = self.memberships.table.find_mut(name) {
            channel.stats.sent += 1;
            channel.stats.last_accessed_at = now;
        }
    }

    /// A message with this position is emitted: from now on the driver can compare the epoch of others with it.
    pub fn note_emitted(&mut self, id: ChannelId, position: &StreamPosition) {
        if let Some(channel) = self.memberships.table.get_uncounted_mut(id) {
            channel.inbox.note_emitted(position);
        }
    }

    /// The epoch of the message that was emitted last in a channel.
    #[must_use]
    pub fn emitted_epoch(&self, id: ChannelId) -> Option<&Rc<str>> {
        self.get(id)?.inbox.emitted_epoch()
    }

    /// Receives a message that is the next one of its channel, `seq` of the epoch that was emitted last; without one
    /// where messages have no positions. Returns `false`, and changes nothing, if anything else than counters and
    /// the position depends on it.
    pub fn receive_next(&mut self, now: Instant, id: ChannelId, seq: Option<u64>) -> bool {
        let Some(channel) = self.memberships.table.get_uncounted_mut(id) else { return false };
        let is_next = channel.is_joined()
            && match seq {
                Some(seq) => channel.inbox.receive_next(seq),
                None => channel.inbox.position().is_none() && channel.dedup_key.is_none(),
            };
        if is_next {
            channel.stats.received += 1;
            channel.stats.last_accessed_at = now;
        }
        is_next
    }

    /// Performs what is due.
    pub fn handle_timeout(&mut self, env: &mut Env) {
        self.memberships.handle_timeout(env);
        self.receiver().request_missing(env);
        self.memberships.pump(env);
    }
}
