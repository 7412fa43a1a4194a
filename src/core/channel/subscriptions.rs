//! The app's side of channels: subscribing and unsubscribing.

use alloc::rc::Rc;

use super::channel::{Channel, Interest, Membership};
use super::filters::{SubscriberParams, filter_ids};
use super::holders::{Holder, Holders};
use super::memberships::Memberships;
use super::step::{JOIN_REPLY, Step};
use super::subscription::{Persistence, SubscribeMode, Subscription};
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::{ChannelId, SubscriberId};
use crate::core::payload::Payload;
use crate::core::reason::Reason;

/// The cause of the error for parameters that cannot be combined with those of other subscribers.
const OTHER_PARAMS: &str = "params differ from those that the channel has";

/// Adds and removes the subscribers of channels, and other holders.
#[derive(Debug)]
pub struct Subscriptions<'a, P> {
    pub(super) memberships: &'a mut Memberships<P>,
    pub(super) holders: &'a mut Holders,
}

impl<P: Payload> Subscriptions<'_, P> {
    /// The same view, borrowed for one call.
    const fn by_ref(&mut self) -> Subscriptions<'_, P> {
        Subscriptions { memberships: self.memberships, holders: self.holders }
    }

    /// Adds a subscriber.
    ///
    /// # Errors
    /// `channel_limit` if the cap is reached and no channel is idle, `invalid_argument` if other
    /// subscribers of the channel have other parameters.
    pub fn subscribe(
        mut self,
        env: &mut Env,
        subscriber: SubscriberId,
        name: &str,
        subscription: Subscription<P>,
    ) -> Result<ChannelId, Error> {
        self.by_ref().unsubscribe(env, subscriber);
        self.keep_open(env, Holder::App(subscriber), name, subscription)
    }

    /// Removes a subscriber from its channel; an unknown subscriber is ignored.
    pub fn unsubscribe(self, env: &mut Env, subscriber: SubscriberId) {
        if let Some(id) = self.holders.channel_of(subscriber) {
            self.release(env, Holder::App(subscriber), id);
        }
    }

    /// Keeps a channel open for messages that are queued for it.
    ///
    /// # Errors
    /// `channel_limit` if the cap is reached and no channel is idle.
    pub fn keep_open_for_outbox(self, env: &mut Env, name: &str) -> Result<ChannelId, Error> {
        self.keep_open(env, Holder::Outbox, name, Subscription::default())
    }

    /// Ends [`Subscriptions::keep_open_for_outbox`], when no message is queued for the channel any
    /// more.
    pub fn release_for_outbox(self, env: &mut Env, id: ChannelId) {
        self.release(env, Holder::Outbox, id);
    }

    fn keep_open(
        mut self,
        env: &mut Env,
        holder: Holder,
        name: &str,
        subscription: Subscription<P>,
    ) -> Result<ChannelId, Error> {
        let id = match self.memberships.table.find(name) {
            Some(id) => id,
            None => self.by_ref().create(env, name)?,
        };
        if subscription.params.as_ref().is_some_and(|wanted| !self.by_ref().agrees(env, id, wanted))
        {
            return Err(Error::new(Code::InvalidArgument)
                .with_cause(OTHER_PARAMS)
                .with_channel(&name.into()));
        }
        self.holders.add(holder, id);
        let blocked = self.memberships.queue.blocked().is_some();
        let mut retried = false;
        if let Some(channel) = self.memberships.table.get_mut(id) {
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
            self.memberships.emit_state(id, Reason::Joining);
        }
        if let Some(at) = self.memberships.table.position(id)
            && let Some(channel) = self.memberships.table.at_mut(at)
        {
            let holders = &*self.holders;
            channel.params.retain(|wanted| holders.channel_of(wanted.subscriber) == Some(id));
            if channel.is_joined() {
                let reply = channel.reply.clone();
                if !self.memberships.is_covered(env, at) {
                    self.memberships.join(env, at);
                    self.memberships.emit_state(id, Reason::Joining);
                } else if let (Some(reply), Holder::App(subscriber)) = (reply, holder) {
                    self.memberships.out.push(Step::System(
                        id,
                        JOIN_REPLY,
                        reply,
                        Some(subscriber),
                    ));
                }
            }
        }
        self.memberships.pump(env);
        Ok(id)
    }

    fn release(self, env: &Env, holder: Holder, id: ChannelId) {
        if !self.holders.remove(holder, id) {
            return;
        }
        let Some(channel) = self.memberships.table.get_mut(id) else { return };
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

    /// Whether a subscriber with these parameters can share the channel with the others. Where the
    /// protocol does not merge parameters, all subscribers need the same ones.
    fn agrees(self, env: &Env, id: ChannelId, wanted: &P) -> bool {
        let Some(channel) = self.memberships.table.get(id) else { return true };
        if env.profile().merges_join_params()
            || self.memberships.table.mode() == SubscribeMode::Implicit
        {
            return true;
        }
        // A channel that is being joined is joined again with the parameters of a new subscriber.
        match channel.joined_params.as_ref().filter(|_| channel.is_joined()) {
            Some(joined) => {
                let others = u32::from(self.holders.is_held_by_outbox(id));
                joined.eq_json(wanted) || channel.subscribers == others
            }
            None => channel.params.iter().all(|own| {
                self.holders.channel_of(own.subscriber) != Some(id) || own.params.eq_json(wanted)
            }),
        }
    }

    fn create(self, env: &mut Env, name: &str) -> Result<ChannelId, Error> {
        let name: Rc<str> = name.into();
        if self.memberships.table.in_use_count() as u64 >= env.config.max_channels {
            let idle = self.memberships.table.in_use().filter(|channel| channel.is_idle());
            let Some(oldest) = idle.min_by_key(|c| (c.stats.last_accessed_at, c.id)) else {
                return Err(Error::new(Code::ChannelLimit).with_channel(&name));
            };
            let oldest = oldest.id;
            self.memberships.leave(env, oldest, Reason::Evicted);
        }
        let id = self.memberships.table.add(name, |id, name| Channel::new(id, name, env.now));
        let mut reason = Reason::Joining;
        if let Some((why, error)) = self.memberships.queue.blocked()
            && let Some(channel) = self.memberships.table.get_mut(id)
        {
            channel.membership = Membership::Failed { retry_at: None };
            channel.error = Some(error.clone().with_channel(&channel.name));
            reason = *why;
        }
        self.memberships.emit_state(id, reason);
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::registry::Registry;
    use super::super::step::Step;
    use super::super::subscription::{SubscribeMode, Subscription};
    use crate::core::config::Config;
    use crate::core::env::Env;
    use crate::core::error::Code;
    use crate::core::id::SubscriberId;
    use crate::core::rng::Rng;
    use crate::core::time::Instant;

    fn env(config: Config) -> Env {
        Env { now: Instant::from_ms(0), config, rng: Rng::new(1) }
    }

    /// The channels that were joined and left since the last call.
    fn sent(registry: &mut Registry<Value>) -> Vec<String> {
        let name = |step| match step {
            Step::Join { channel, .. } => Some(format!("join {channel}")),
            Step::Leave { channel, .. } => Some(format!("leave {channel}")),
            _ => None,
        };
        registry.take_steps().into_iter().filter_map(name).collect()
    }

    #[test]
    fn subscriber_of_another_channel_leaves_the_former_one_after_the_linger_time() {
        let mut env = env(Config::default());
        let mut registry = Registry::default();
        registry.memberships().connected(&mut env, SubscribeMode::Explicit);
        for name in ["notes", "bids"] {
            let subscription = Subscription::default();
            let subscriptions = registry.subscriptions();
            subscriptions.subscribe(&mut env, SubscriberId(1), name, subscription).expect("valid");
        }
        assert_eq!(sent(&mut registry), ["join notes", "join bids"]);
        assert_eq!(registry.subscriber_count(), 1);
        env.now = env.now + env.config.linger_ms;
        registry.handle_timeout(&mut env);
        assert_eq!(sent(&mut registry), ["leave notes"]);
        assert_eq!(registry.find("notes"), None);
    }

    #[test]
    fn channel_over_the_limit_evicts_an_idle_one_or_is_rejected() {
        let mut env = env(Config { max_channels: 1, ..Config::default() });
        let mut registry = Registry::<Value>::default();
        let mut subscribe = |subscriber, name| {
            let subscription = Subscription::default();
            registry.subscriptions().subscribe(
                &mut env,
                SubscriberId(subscriber),
                name,
                subscription,
            )
        };
        subscribe(1, "notes").expect("the first one");
        let rejected = subscribe(2, "bids").expect_err("notes is not idle");
        assert_eq!(rejected.code, Code::ChannelLimit);
        subscribe(1, "bids").expect("notes is idle");
        assert_eq!((registry.find("notes"), registry.iter().count()), (None, 1));
    }

    #[test]
    fn subscriber_with_other_params_is_rejected_where_params_are_not_merged() {
        let mut env = env(Config::default());
        let mut registry = Registry::default();
        registry.memberships().connected(&mut env, SubscribeMode::Explicit);
        let mut subscribe = |subscriber, params: Value| {
            let subscription = Subscription { params: Some(params), ..Subscription::default() };
            registry.subscriptions().subscribe(
                &mut env,
                SubscriberId(subscriber),
                "notes",
                subscription,
            )
        };
        subscribe(1, json!({"since": 1})).expect("the first one");
        subscribe(2, json!({"since": 1})).expect("the same params");
        let rejected = subscribe(3, json!({"since": 2})).expect_err("other params");
        assert_eq!(rejected.code, Code::InvalidArgument);
        assert_eq!(registry.subscriber_count(), 2);
    }
}
