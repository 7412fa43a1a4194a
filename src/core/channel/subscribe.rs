//! The app's side of channels: subscribing and unsubscribing.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::channel::{Channel, Interest, Membership};
use super::filters::{SubscriberParams, filter_ids};
use super::holders::Holder;
use super::registry::Registry;
use super::step::{JOIN_REPLY, Step};
use super::subscription::{Persistence, SubscribeMode, Subscription};
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::{ChannelId, FilterId, SubscriberId};
use crate::core::payload::Payload;
use crate::core::reason::Reason;

/// Why parameters are rejected.
const OTHER_PARAMS: &str = "params differ from those that the channel has";

impl<P: Payload> Registry<P> {
    /// Adds a subscriber.
    ///
    /// # Errors
    /// `channel_limit` if the cap is reached and no channel is idle, `invalid_argument` if the
    /// channel has other parameters than these.
    pub fn subscribe(
        &mut self,
        env: &mut Env,
        subscriber: SubscriberId,
        name: &str,
        subscription: Subscription<P>,
    ) -> Result<ChannelId, Error> {
        self.unsubscribe(env, subscriber);
        self.keep_open(env, Holder::App(subscriber), name, subscription)
    }

    /// Removes a subscriber from its channel. Unknown ones are ignored.
    pub fn unsubscribe(&mut self, env: &mut Env, subscriber: SubscriberId) {
        if let Some(id) = self.holders.channel_of(subscriber) {
            self.release(env, Holder::App(subscriber), id);
        }
    }

    /// Keeps a channel open for messages that are queued for it.
    ///
    /// # Errors
    /// `channel_limit` if the cap is reached and no channel is idle.
    pub fn keep_open_for_outbox(&mut self, env: &mut Env, name: &str) -> Result<ChannelId, Error> {
        self.keep_open(env, Holder::Outbox, name, Subscription::default())
    }

    /// No message is queued for the channel any more.
    pub fn release_for_outbox(&mut self, env: &mut Env, id: ChannelId) {
        self.release(env, Holder::Outbox, id);
    }

    fn keep_open(
        &mut self,
        env: &mut Env,
        holder: Holder,
        name: &str,
        subscription: Subscription<P>,
    ) -> Result<ChannelId, Error> {
        let id = match self.find(name) {
            Some(id) => id,
            None => self.create(env, name)?,
        };
        if subscription.params.as_ref().is_some_and(|wanted| !self.agrees(env, id, wanted)) {
            return Err(Error::new(Code::InvalidArgument)
                .with_cause(OTHER_PARAMS)
                .with_channel(&name.into()));
        }
        self.holders.add(holder, id);
        let blocked = self.queue.blocked().is_some();
        let mut retried = false;
        if let Some(channel) = self.table.get_mut(id) {
            channel.subscribers += 1;
            channel.interest = Interest::Subscribed;
            channel.stats.last_accessed_at = env.now;
            if matches!(channel.membership, Membership::Failed { retry_at: None }) && !blocked {
                channel.membership = Membership::Absent;
                channel.error = None;
                retried = true;
            }
            match subscription.persistence {
                Persistence::Transient => {}
                Persistence::Persistent => {
                    channel.idle_ttl_ms = Some(env.config.idle_channel_ttl_ms);
                }
                Persistence::PersistentFor(ttl_ms) => channel.idle_ttl_ms = Some(ttl_ms),
            }
            if let (Holder::App(subscriber), Some(params)) = (holder, subscription.params) {
                let wanted = env.profile().filters(&params);
                let filters = filter_ids(&channel.joined_filters, &wanted);
                channel.params.push(SubscriberParams { subscriber, params, filters });
            }
            if subscription.dedup_key.is_some() {
                channel.dedup_key = subscription.dedup_key;
            }
        }
        if retried {
            self.emit_state(id, Reason::Joining);
        }
        if let Some(at) = self.table.position(id)
            && let Some(channel) = self.table.at_mut(at)
        {
            let holders = &self.holders;
            channel.params.retain(|wanted| holders.channel_of(wanted.subscriber) == Some(id));
            if channel.is_joined() {
                let reply = channel.reply.clone();
                if !self.is_covered(env, at) {
                    self.join(env, at);
                    self.emit_state(id, Reason::Joining);
                } else if let (Some(reply), Holder::App(subscriber)) = (reply, holder) {
                    self.steps.push(Step::System(id, JOIN_REPLY, reply, Some(subscriber)));
                }
            }
        }
        self.pump(env);
        Ok(id)
    }

    fn release(&mut self, env: &Env, holder: Holder, id: ChannelId) {
        if !self.holders.remove(holder, id) {
            return;
        }
        let Some(channel) = self.table.get_mut(id) else { return };
        channel.subscribers -= 1;
        channel.stats.last_accessed_at = env.now;
        if channel.is_idle() {
            channel.interest = match channel.idle_ttl_ms {
                Some(ttl) => Interest::IdlePersistent { evict_at: env.now + ttl },
                None => Interest::Lingering { until: env.now + env.config.linger_ms },
            };
        } else if let Holder::App(subscriber) = holder {
            channel.params.retain(|wanted| wanted.subscriber != subscriber);
        }
    }

    /// The subscribers of a channel whose filters a change matches.
    #[must_use]
    pub fn subscribers_for(&self, id: ChannelId, filters: &[FilterId]) -> Vec<SubscriberId> {
        let Some(channel) = self.get(id) else { return Vec::new() };
        let wanting = channel.params.iter().filter(|wanted| wanted.wants(filters));
        wanting.map(|wanted| wanted.subscriber).collect()
    }

    /// Whether the last join covers the parameters of all subscribers.
    pub(super) fn is_covered(&self, env: &Env, at: usize) -> bool {
        let Some(channel) = self.table.at(at) else { return true };
        let covers = |joined| env.profile().join_covers(joined, channel.wanted_params());
        channel.joined_params.as_ref().is_none_or(covers)
    }

    /// Whether a subscriber with these parameters can share the channel with the others. Where parameters
    /// are not merged into one join, a channel has those of its join.
    fn agrees(&self, env: &Env, id: ChannelId, wanted: &P) -> bool {
        let Some(channel) = self.get(id) else { return true };
        if env.profile().merges_join_params() || self.mode == SubscribeMode::Implicit {
            return true;
        }
        let mut users = self.holders.subscribers_of(id);
        // A channel that is being joined is joined again with the parameters of a new subscriber.
        match channel.joined_params.as_ref().filter(|_| channel.is_joined()) {
            Some(joined) => joined.eq_json(wanted) || users.next().is_none(),
            None => users.all(|user| {
                channel
                    .params
                    .iter()
                    .all(|own| own.subscriber != user || own.params.eq_json(wanted))
            }),
        }
    }

    fn create(&mut self, env: &mut Env, name: &str) -> Result<ChannelId, Error> {
        let name: Rc<str> = name.into();
        if self.table.in_use_count() as u64 >= env.config.max_channels {
            let idle = self.iter().filter(|channel| channel.is_idle());
            let Some(oldest) = idle.min_by_key(|c| (c.stats.last_accessed_at, c.id)) else {
                return Err(Error::new(Code::ChannelLimit).with_channel(&name));
            };
            let oldest = oldest.id;
            self.leave(env, oldest, Reason::Evicted);
        }
        let id = self.table.add(name, |id, name| Channel::new(id, name, env.now));
        let mut reason = Reason::Joining;
        if let Some((why, error)) = self.queue.blocked()
            && let Some(channel) = self.table.get_mut(id)
        {
            channel.membership = Membership::Failed { retry_at: None };
            channel.error = Some(error.clone().with_channel(&channel.name));
            reason = *why;
        }
        self.emit_state(id, reason);
        Ok(id)
    }

    /// Frees the channel's name at once, so that subscribing again makes a new record; this one
    /// stays only to recognise the server's answer.
    pub(super) fn leave(&mut self, env: &Env, id: ChannelId, reason: Reason) {
        let Some(at) = self.table.position(id) else { return };
        self.table.free_name(id);
        let Some(channel) = self.table.at_mut(at) else { return };
        channel.interest = Interest::None;
        let is_member = matches!(
            channel.membership,
            Membership::Joining { .. } | Membership::Joined { reference: Some(_), .. }
        );
        self.emit_state(id, reason);
        if !is_member {
            self.table.remove_at(at);
            return;
        }
        let reference = self.references.next();
        let until = env.now + env.config.join_timeout_ms;
        if let Some(channel) = self.table.at_mut(at) {
            channel.membership = Membership::Leaving { until };
            let channel = channel.name.clone();
            self.steps.push(Step::Leave { channel, reference });
        }
    }
}
