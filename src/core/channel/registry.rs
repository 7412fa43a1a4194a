//! All channels: who counts on them, which are joined, and which have to go.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::channel::{Channel, Interest, Membership};
use super::dedup::Dedup;
use super::join_rate::JoinRate;
use super::reorder::Order;
use super::stats::Stats;
use crate::core::backoff::Backoff;
use crate::core::config::Config;
use crate::core::context::Context;
use crate::core::error::{Code, Error};
use crate::core::id::{ChannelId, Counter, SubscriberId};
use crate::core::message::{Gap, Message, StreamPosition};
use crate::core::payload::Payload;
use crate::core::reason::Reason;
use crate::core::risk::Risk;
use crate::core::state::{ChannelState, Continuity};
use crate::core::time::{Instant, earliest};

/// The event under which the app receives what the server's app answered to a join.
pub(super) const JOIN_REPLY: &str = "phx_join";

/// Why parameters are refused.
const OTHER_PARAMS: &str = "params differ from those that the channel has";

/// How a subscriber wants its channel.
#[derive(Debug, Clone)]
pub struct Subscription<P> {
    /// Keep it joined while idle, for this long. `Some(None)` is the configured time.
    pub persistent: Option<Option<u64>>,
    /// What the join bears: `options`, Phoenix's payload, a part of Supabase's `config`.
    pub params: Option<P>,
    /// What gives a message its id where the wire does not: known to the driver alone.
    pub dedup_key: Option<P>,
}

impl<P> Default for Subscription<P> {
    fn default() -> Self {
        Self { persistent: None, params: None, dedup_key: None }
    }
}

/// How messages reach this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscribeMode {
    /// There is no connection.
    Disconnected,
    /// A base server: everything arrives, and is routed here.
    Implicit,
    /// The `subscribe` extension: what was joined arrives.
    Explicit,
    /// Phoenix: the same, and only members may send.
    MembersOnly,
}

/// What the registry wants done.
#[derive(Debug, Clone)]
pub enum Step<P> {
    /// Send a join.
    Join {
        /// The channel.
        channel: Rc<str>,
        /// The reference the answer will bear.
        reference: u32,
        /// The app's parameters.
        params: Option<P>,
        /// The last message delivered.
        since: Option<StreamPosition>,
    },
    /// Ask for messages again.
    Recover {
        /// The channel.
        channel: Rc<str>,
        /// The reference the answer will bear.
        reference: u32,
        /// The message before the first one missing.
        behind: StreamPosition,
        /// The last one missing.
        to: u64,
    },
    /// Send a leave.
    Leave {
        /// The channel.
        channel: Rc<str>,
        /// The reference the answer will bear.
        reference: u32,
    },
    /// Tell of a channel's state.
    Changed(ChannelId, ChannelState, Continuity, Reason, Option<Error>),
    /// Give the channel's subscribers a message.
    Deliver(ChannelId, Box<Message<P>>),
    /// Give the channel's subscribers, or this one, a message of the server's own.
    System(ChannelId, &'static str, P, Option<SubscriberId>),
    /// A message came again.
    Repeated,
    /// Messages were missed, or may have been.
    Gap(ChannelId, Gap),
}

/// The channels of a client.
///
/// Sorted vectors with binary search: small in the wasm, and the same order in every run.
#[derive(Debug)]
pub struct Registry<P> {
    /// By id, which is by age.
    pub(super) channels: Vec<Channel<P>>,
    /// By name.
    names: Vec<(Rc<str>, ChannelId)>,
    /// By subscriber.
    pub(super) subscribers: Vec<(SubscriberId, ChannelId)>,
    ids: Counter,
    pub(super) references: Counter,
    pub(super) runs: Counter,
    /// Whether joins wait for a message that is sent alone.
    pub(super) held: bool,
    /// Whether what is missing is asked for in one channel at a time: a frame of this connection
    /// could not be taken.
    pub(super) one_by_one: bool,
    pub(super) mode: SubscribeMode,
    pub(super) join_rate: JoinRate,
    /// Why no channel is joined now, while that is so.
    barred: Option<(Reason, Error)>,
    pub(super) steps: Vec<Step<P>>,
}

impl<P> Default for Registry<P> {
    fn default() -> Self {
        Self {
            channels: Vec::new(),
            names: Vec::new(),
            subscribers: Vec::new(),
            ids: Counter::default(),
            references: Counter::default(),
            runs: Counter::default(),
            held: false,
            one_by_one: false,
            mode: SubscribeMode::Disconnected,
            join_rate: JoinRate::default(),
            barred: None,
            steps: Vec::new(),
        }
    }
}

impl<P: Payload> Registry<P> {
    // ----- what it is -----

    /// The channels, oldest first, without those being left.
    pub fn iter(&self) -> impl Iterator<Item = &Channel<P>> {
        self.channels.iter().filter(|channel| channel.interest != Interest::None)
    }

    /// The id of the channel of this name that somebody uses or may use again.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<ChannelId> {
        let at = self.names.binary_search_by(|(held, _)| (**held).cmp(name)).ok()?;
        self.names.get(at).map(|(_, id)| *id)
    }

    /// The same, if messages of it can come on this connection.
    #[must_use]
    pub fn find_member(&self, name: &str) -> Option<ChannelId> {
        self.find(name).filter(|id| self.get(*id).is_some_and(Channel::is_member))
    }

    /// Whether each message of the channel has to name its place in the log.
    #[must_use]
    pub fn wants_place(&self, name: &str) -> bool {
        let channel = self.find(name).and_then(|id| self.get(id));
        channel.is_some_and(|channel| channel.place().is_some())
    }

    /// The channel of this id.
    #[must_use]
    pub fn get(&self, id: ChannelId) -> Option<&Channel<P>> {
        let at = self.position(id)?;
        self.channels.get(at)
    }

    /// Subscribers and handles together.
    #[must_use]
    pub fn subscriber_count(&self) -> usize {
        self.subscribers.len()
    }

    /// Whether an idle persistent channel wants an open connection kept.
    #[must_use]
    pub fn has_parked(&self) -> bool {
        self.channels
            .iter()
            .any(|channel| matches!(channel.interest, Interest::IdlePersistent { .. }))
    }

    /// What is to be done since the last call, in order.
    pub fn take_steps(&mut self) -> Vec<Step<P>> {
        core::mem::take(&mut self.steps)
    }

    /// When [`Registry::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let connected = self.mode != SubscribeMode::Disconnected;
        let paced = self.join_rate.poll_timeout().filter(|_| connected);
        self.channels.iter().fold(paced, |due, channel| {
            let interest = match channel.interest {
                Interest::Lingering { until } => Some(until),
                Interest::IdlePersistent { evict_at } => Some(evict_at),
                Interest::Subscribed | Interest::None => None,
            };
            let membership = match channel.membership {
                Membership::Joining { deadline, .. } => Some(deadline),
                Membership::Leaving { until } => Some(until),
                Membership::Failed { retry_at } => retry_at.filter(|_| connected),
                Membership::Joined { .. } => channel.order.poll_timeout(),
                Membership::Absent => None,
            };
            earliest(due, earliest(interest, membership))
        })
    }

    // ----- what the app wants -----

    /// Adds a subscriber.
    ///
    /// # Errors
    /// `channel_limit` if the cap is reached and no channel is idle, `invalid_argument` if the
    /// channel has other parameters than these.
    pub fn subscribe(
        &mut self,
        cx: &mut Context<'_>,
        subscriber: SubscriberId,
        name: &str,
        subscription: Subscription<P>,
    ) -> Result<ChannelId, Error> {
        self.unsubscribe(cx, subscriber);
        let id = match self.find(name) {
            Some(id) => id,
            None => self.create(cx, name)?,
        };
        if subscription.params.as_ref().is_some_and(|wanted| !self.agrees(cx, id, wanted)) {
            return Err(Error::new(Code::InvalidArgument)
                .with_cause(OTHER_PARAMS)
                .with_channel(&name.into()));
        }
        let at = self.subscribers.partition_point(|(held, _)| *held < subscriber);
        self.subscribers.insert(at, (subscriber, id));
        let barred = self.is_barred();
        let mut retried = false;
        if let Some(channel) = self.get_mut(id) {
            channel.subscribers += 1;
            channel.interest = Interest::Subscribed;
            channel.stats.last_accessed_at = cx.now;
            if matches!(channel.membership, Membership::Failed { retry_at: None }) && !barred {
                channel.membership = Membership::Absent;
                channel.error = None;
                retried = true;
            }
            if let Some(ttl) = subscription.persistent {
                channel.idle_ttl_ms = Some(ttl.unwrap_or(cx.config.idle_channel_ttl_ms));
            }
            if let Some(params) = subscription.params {
                channel.params.push((subscriber, params));
            }
            if subscription.dedup_key.is_some() {
                channel.dedup_key = subscription.dedup_key;
            }
        }
        if retried {
            self.emit_state(id, Reason::Joining);
        }
        let live = &self.subscribers;
        let gone = |held: SubscriberId| !live.iter().any(|(live, at)| *live == held && *at == id);
        if let Some(at) = self.position(id)
            && let Some(channel) = self.channels.get_mut(at)
        {
            channel.params.retain(|(held, _)| !gone(*held));
            if matches!(channel.membership, Membership::Joined { .. }) {
                let reply = channel.reply.clone();
                if !self.is_covered(cx, at) {
                    self.join(cx, at);
                    self.emit_state(id, Reason::Joining);
                } else if let Some(reply) = reply {
                    self.steps.push(Step::System(id, JOIN_REPLY, reply, Some(subscriber)));
                }
            }
        }
        self.pump(cx);
        Ok(id)
    }

    /// The subscribers of a channel who want one of these filters.
    #[must_use]
    pub fn subscribers_for(&self, id: ChannelId, filters: &[P]) -> Vec<SubscriberId> {
        let Some(channel) = self.get(id) else { return Vec::new() };
        let wants = |params: &P| {
            let own = params.field("postgres_changes").and_then(|own| own.items());
            own.unwrap_or_default().iter().any(|own| filters.iter().any(|one| one.eq_json(own)))
        };
        let bound = channel.params.iter().filter(|(_, params)| wants(params));
        bound.map(|(subscriber, _)| *subscriber).collect()
    }

    /// Takes a subscriber off its channel. Unknown ones are ignored.
    pub fn unsubscribe(&mut self, cx: &mut Context<'_>, subscriber: SubscriberId) {
        let Ok(at) = self.subscribers.binary_search_by_key(&subscriber, |(held, _)| *held) else {
            return;
        };
        let (_, id) = self.subscribers.remove(at);
        let linger_until = cx.now + cx.config.linger_ms;
        if let Some(channel) = self.get_mut(id) {
            channel.subscribers -= 1;
            channel.stats.last_accessed_at = cx.now;
            if !channel.is_idle() {
                channel.params.retain(|(held, _)| *held != subscriber);
            } else {
                channel.interest = match channel.idle_ttl_ms {
                    Some(ttl) => Interest::IdlePersistent { evict_at: cx.now + ttl },
                    None => Interest::Lingering { until: linger_until },
                };
            }
        }
    }

    // ----- what the connection does -----

    /// Messages can flow; joins begin.
    pub fn connected(&mut self, cx: &mut Context<'_>, mode: SubscribeMode) {
        self.mode = mode;
        self.join_rate.another_token(false);
        for channel in &mut self.channels {
            // Another connection can have another token.
            let unauthorized =
                channel.error.as_ref().is_some_and(|error| error.code == Code::Unauthorized);
            let again = |at| channel.risk == Risk::None || cx.now >= at;
            match channel.membership {
                Membership::Failed { retry_at } if retry_at.map_or(unauthorized, again) => {
                    channel.membership = Membership::Absent;
                }
                _ => {}
            }
        }
        self.pump(cx);
    }

    /// No channel can be joined, and none is until [`Registry::unbar`]: those that are not in
    /// fail with the error, and so does each that is added meanwhile.
    pub fn bar(&mut self, reason: Reason, error: &Error) {
        self.barred = Some((reason, error.clone()));
        let mut barred = Vec::new();
        for channel in &mut self.channels {
            if matches!(channel.membership, Membership::Absent | Membership::Failed { .. })
                && channel.interest != Interest::None
            {
                channel.membership = Membership::Failed { retry_at: None };
                channel.error = Some(error.clone().with_channel(&channel.name));
                barred.push(channel.id);
            }
        }
        for id in barred {
            self.emit_state(id, reason);
        }
    }

    pub(super) const fn is_barred(&self) -> bool {
        self.barred.is_some()
    }

    /// Channels can be joined again.
    pub fn unbar(&mut self) {
        if self.barred.take().is_none() {
            return;
        }
        let mut freed = Vec::new();
        for channel in &mut self.channels {
            if matches!(channel.membership, Membership::Failed { .. }) {
                channel.membership = Membership::Absent;
                channel.error = None;
                freed.push(channel.id);
            }
        }
        for id in freed {
            self.emit_state(id, Reason::Joining);
        }
    }

    /// The connection is gone: so are all memberships.
    pub fn disconnected(&mut self, now: Instant, config: &Config) {
        self.mode = SubscribeMode::Disconnected;
        self.one_by_one = false;
        let mut changed = Vec::new();
        for channel in &mut self.channels {
            let before = channel.state();
            channel.order.disconnected();
            channel.note_membership(now, config.reconnect_reset_ms);
            if !matches!(channel.membership, Membership::Failed { .. }) {
                channel.membership = Membership::Absent;
            }
            if channel.interest != Interest::None && channel.state() != before {
                changed.push(channel.id);
            }
        }
        self.channels.retain(|channel| channel.interest != Interest::None);
        for id in changed {
            self.emit_state(id, Reason::ConnectionDown);
        }
    }

    /// A message was handed to the socket.
    pub fn sent(&mut self, now: Instant, name: &str) {
        if let Some(id) = self.find(name)
            && let Some(channel) = self.get_mut(id)
        {
            channel.stats.sent += 1;
            channel.stats.last_accessed_at = now;
        }
    }

    /// Another token may open what was refused, for good too. `gave`: the app gave it by itself.
    pub fn retry_failed(&mut self, cx: &mut Context<'_>, gave: bool) {
        self.join_rate.another_token(gave);
        self.unbar();
        for channel in &mut self.channels {
            if matches!(channel.membership, Membership::Failed { .. }) {
                channel.membership = Membership::Absent;
            }
        }
        self.pump(cx);
    }

    /// Time in which the page slept is nobody's delay.
    pub fn extend_deadlines(&mut self, slept_ms: u64) {
        for channel in &mut self.channels {
            channel.order.extend_deadlines(slept_ms);
            if let Membership::Joining { deadline, .. } = &mut channel.membership {
                *deadline = *deadline + slept_ms;
            }
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        let mut leave = Vec::new();
        let mut overdue = Vec::new();
        for channel in &mut self.channels {
            match channel.interest {
                Interest::Lingering { until } if cx.now >= until => {
                    leave.push((channel.id, Reason::Released));
                    continue;
                }
                Interest::IdlePersistent { evict_at } if cx.now >= evict_at => {
                    leave.push((channel.id, Reason::IdleExpired));
                    continue;
                }
                _ => {}
            }
            match channel.membership {
                Membership::Joining { deadline, .. } if cx.now >= deadline => {
                    overdue.push(channel.id);
                }
                Membership::Failed { retry_at: Some(at) } if cx.now >= at => {
                    channel.membership = Membership::Absent;
                }
                _ => {}
            }
        }
        for (id, reason) in leave {
            self.leave(cx, id, reason);
        }
        for id in overdue {
            if let Some(channel) = self.get(id).filter(|_| self.mode == SubscribeMode::MembersOnly)
            {
                // The server may let us in yet.
                let channel = channel.name.clone();
                let reference = self.references.next();
                self.steps.push(Step::Leave { channel, reference });
            }
            self.fail(cx, id, Reason::JoinTimeout, Error::new(Code::JoinTimeout));
        }
        self.channels
            .retain(|c| !matches!(c.membership, Membership::Leaving { until } if cx.now >= until));
        self.look_for_holes(cx);
        self.pump(cx);
    }

    // ----- how it does it -----

    pub(super) fn position(&self, id: ChannelId) -> Option<usize> {
        self.channels.binary_search_by_key(&id, |channel| channel.id).ok()
    }

    pub(super) fn get_mut(&mut self, id: ChannelId) -> Option<&mut Channel<P>> {
        let at = self.position(id)?;
        self.channels.get_mut(at)
    }

    fn create(&mut self, cx: &mut Context<'_>, name: &str) -> Result<ChannelId, Error> {
        let name: Rc<str> = name.into();
        if self.names.len() as u64 >= cx.config.max_channels {
            let idle = self.iter().filter(|channel| channel.is_idle());
            let Some(oldest) = idle.min_by_key(|c| (c.stats.last_accessed_at, c.id)) else {
                return Err(Error::new(Code::ChannelLimit).with_channel(&name));
            };
            let oldest = oldest.id;
            self.leave(cx, oldest, Reason::Evicted);
        }
        let id = ChannelId(self.ids.next());
        let barred = self.barred.clone();
        let (membership, reason, error) = match barred {
            Some((reason, error)) => {
                (Membership::Failed { retry_at: None }, reason, Some(error.with_channel(&name)))
            }
            None => (Membership::Absent, Reason::Joining, None),
        };
        self.channels.push(Channel {
            id,
            name: name.clone(),
            membership,
            interest: Interest::Subscribed,
            subscribers: 0,
            idle_ttl_ms: None,
            params: Vec::new(),
            joined_params: None,
            in_since: None,
            reply: None,
            left_at: None,
            dedup_key: None,
            continuity: Continuity::Fresh,
            error,
            backoff: Backoff::default(),
            dedup: Dedup::default(),
            order: Order::default(),
            contiguous_run: 0,
            stats: Stats::new(cx.now),
            risk: Risk::None,
            lost_at: None,
        });
        let at = self.names.partition_point(|(held, _)| **held < *name);
        self.names.insert(at, (name, id));
        self.emit_state(id, reason);
        Ok(id)
    }

    /// Gives the channel's name back at once, so that taking it again makes a new record; the
    /// old one stays only to recognise the server's answer.
    fn leave(&mut self, cx: &Context<'_>, id: ChannelId, reason: Reason) {
        let Some(at) = self.position(id) else { return };
        self.names.retain(|(_, held)| *held != id);
        let until = cx.now + cx.config.join_timeout_ms;
        let member = {
            let Some(channel) = self.channels.get_mut(at) else {
                return;
            };
            channel.interest = Interest::None;
            matches!(
                channel.membership,
                Membership::Joining { .. } | Membership::Joined { reference: Some(_), .. }
            )
        };
        self.emit_state(id, reason);
        if member {
            let reference = self.references.next();
            if let Some(channel) = self.channels.get_mut(at) {
                channel.membership = Membership::Leaving { until };
                let channel = channel.name.clone();
                self.steps.push(Step::Leave { channel, reference });
            }
        } else {
            self.channels.remove(at);
        }
    }

    pub(super) fn emit_state(&mut self, id: ChannelId, reason: Reason) {
        let Some(channel) = self.get(id) else { return };
        let step =
            Step::Changed(id, channel.state(), channel.continuity, reason, channel.error.clone());
        self.steps.push(step);
    }
}
