//! Messages of all channels: passed to the inbox of their channel, and the effects of that.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::channel::{Channel, LiveStatus, Membership};
use super::inbox::{Beginning, Hole, InboxAction, InboxLimits};
use super::recovery::Due;
use super::registry::{Registry, RequestsIn};
use super::reorder::Released;
use super::step::Step;
use super::subscription::SubscribeMode;
use crate::core::delivery_proof::DeliveryProof;
use crate::core::env::Env;
use crate::core::id::ChannelId;
use crate::core::message::{Completeness, Gap, JoinReply, Message, StreamPosition};
use crate::core::payload::Payload;
use crate::core::reason::Reason;
use crate::core::state::Continuity;

impl<P: Payload> Registry<P> {
    /// A message was received. With a position in the log it is delivered in order; without one
    /// it is dropped if its id is among the last ones, those of former connections included: a
    /// server may send it again after a rejoin.
    pub fn received(
        &mut self,
        env: &mut Env,
        name: &str,
        message: Option<&str>,
        delivery: Box<Message<P>>,
    ) {
        let Some(id) = self.find(name) else { return };
        let explicit = matches!(self.mode, SubscribeMode::Explicit | SubscribeMode::MembersOnly);
        let Some(channel) = self.table.get_mut(id) else { return };
        if explicit && !channel.is_joined() && (delivery.position.is_none() || !channel.is_member())
        {
            // Of a membership that has ended: what follows it, before the next one, is missing.
            return;
        }
        let position = delivery.position.clone();
        if let Some(position) = position {
            return self.receive(env, id, &position, Some(delivery));
        }
        let inbox = &mut channel.inbox;
        if message.is_some_and(|message| inbox.is_repeated(message, env.config.dedup)) {
            return self.repeated(id);
        }
        self.deliver(env, id, [Released::Message(delivery)].into());
    }

    /// An invalid message of a channel was received: it is dropped. If the answer to a recovery request
    /// contains it again, it is skipped.
    pub fn invalid(&mut self, env: &mut Env, name: &str) {
        if let Some(id) = self.find_member(name)
            && let Some(channel) = self.table.get_mut(id)
            && channel.inbox.is_requested()
        {
            channel.inbox.maybe_unusable_received(env.now);
        }
    }

    /// A message was received that is too large. With its position only it is lost. Without one, missing
    /// messages are requested, and the answer identifies it.
    pub fn unusable(
        &mut self,
        env: &mut Env,
        name: Option<&str>,
        position: Option<&StreamPosition>,
    ) {
        let own = name.and_then(|name| self.find_member(name));
        let counted = own.and_then(|id| self.get(id)).map(|channel| channel.position().is_some());
        match (own, counted, position) {
            (Some(id), Some(true), Some(position)) => return self.receive(env, id, position, None),
            (Some(id), Some(false), _) => {
                return self.skip(id, Continuity::Unknown, Gap::default());
            }
            (None, ..) if name.is_some() => return,
            _ => {}
        }
        self.requests_in = RequestsIn::OneChannel;
        for channel in self.table.iter_mut() {
            if !channel.is_joined() || channel.inbox.position().is_none() {
                continue;
            }
            match own {
                None => channel.inbox.maybe_unusable_received(env.now),
                Some(own) if own == channel.id => channel.inbox.unusable_received(env.now),
                Some(_) => {}
            }
        }
    }

    /// Receives a message with its position, `None` if it cannot be delivered.
    fn receive(
        &mut self,
        env: &mut Env,
        id: ChannelId,
        position: &StreamPosition,
        message: Option<Box<Message<P>>>,
    ) {
        let limits =
            InboxLimits { reorder: env.config.reorder, patience_ms: env.config.join_timeout_ms };
        let Some(channel) = self.table.get_mut(id) else { return };
        let mut ready = Vec::new();
        let action = channel.inbox.receive(env.now, position, message, limits, &mut ready);
        self.apply(env, id, action, ready);
    }

    /// Delivers what became deliverable, and performs the effects.
    fn apply(
        &mut self,
        env: &mut Env,
        id: ChannelId,
        action: InboxAction,
        ready: Vec<Released<P>>,
    ) {
        self.deliver(env, id, ready);
        match action {
            InboxAction::None => {}
            InboxAction::CaughtUp => self.emit_state(id, Reason::Recovered),
            InboxAction::Repeated => self.repeated(id),
            InboxAction::Rejoin => self.rejoin(env, id),
        }
    }

    fn repeated(&mut self, id: ChannelId) {
        if let Some(channel) = self.table.get_mut(id) {
            channel.stats.duplicates += 1;
            self.steps.push(Step::Repeated);
        }
    }

    /// Messages of a channel were lost, and those after them are delivered.
    fn skip(&mut self, id: ChannelId, continuity: Continuity, gap: Gap) {
        let Some(channel) = self.table.get_mut(id) else { return };
        channel.inbox.lost(continuity, &mut self.runs);
        self.emit_state(id, Reason::PassedOver);
        self.report_gap(id, gap);
    }

    /// The server reports the ends of channels' logs.
    pub fn heads(&mut self, env: &mut Env, heads: &[(String, StreamPosition)]) {
        for (name, head) in heads {
            let Some(id) = self.find(name) else { continue };
            let Some(channel) = self.table.get_mut(id) else { continue };
            if channel.inbox.head_received(env.now, head) == InboxAction::Rejoin {
                self.rejoin(env, id);
            }
        }
    }

    /// The server has answered a request for missing messages.
    pub fn recovered(
        &mut self,
        env: &mut Env,
        name: &str,
        reference: u32,
        completeness: Completeness,
    ) {
        let Some(id) = self.find_member(name) else { return };
        let Some(channel) = self.table.get_mut(id) else { return };
        let mut ready = Vec::new();
        let action = channel.inbox.recovered(env.now, reference, completeness, &mut ready);
        self.apply(env, id, action, ready);
    }

    /// What the channel of this name can prove about a message sent earlier.
    #[must_use]
    pub fn delivery_proof(&self, name: &str) -> DeliveryProof {
        let channel = self.find(name).and_then(|id| self.get(id));
        if self.mode == SubscribeMode::MembersOnly {
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

    /// Another user: the former one's state is dropped.
    pub fn reset_positions(&mut self, env: &mut Env) {
        for at in 0..self.table.len() {
            let Some(channel) = self.table.at_mut(at) else { return };
            channel.inbox.reset();
            channel.left_at = None;
            let id = channel.id;
            if matches!(channel.membership, Membership::Joined { reference: Some(_), .. }) {
                self.join(env, at);
            }
            self.emit_state(id, Reason::IdentityChanged);
        }
    }

    /// The channel is joined.
    pub(super) fn begin_membership(
        &mut self,
        env: &Env,
        id: ChannelId,
        reference: Option<u32>,
        start: Option<&JoinReply>,
        live_status: LiveStatus,
    ) {
        let patience_ms = env.config.join_timeout_ms;
        let Some(channel) = self.table.get_mut(id) else { return };
        channel.membership = Membership::Joined { reference, live_status };
        channel.in_since = Some(env.now);
        channel.error = None;
        channel.stats.joins += 1;
        let Beginning { before, gap, after } =
            channel.inbox.begin(env.now, start, patience_ms, &mut self.runs);
        self.deliver(env, id, before);
        self.emit_state(id, Reason::Joined);
        if let Some(gap) = gap {
            self.report_gap(id, gap);
        }
        self.deliver(env, id, after);
    }

    /// Requests what is missing, where it is due.
    pub(super) fn request_missing(&mut self, env: &mut Env) {
        for at in 0..self.table.len() {
            let Some(channel) = self.table.at(at) else { return };
            if !channel.is_joined() {
                continue;
            }
            let id = channel.id;
            match channel.inbox.due(env.now) {
                None => {}
                Some(Due::Rejoin) => self.rejoin(env, id),
                Some(Due::Request) => {
                    let Some(Hole { behind, to }) = channel.inbox.hole() else { continue };
                    let waits = self.requests_in == RequestsIn::OneChannel
                        && self.table.iter().any(|each| each.inbox.is_requested());
                    let Some(channel) = self.table.at_mut(at) else { return };
                    if waits {
                        channel.inbox.request_later(env.now);
                        continue;
                    }
                    let reference = self.references.next();
                    channel.inbox.requested(reference, env.now + env.config.join_timeout_ms);
                    let channel = channel.name.clone();
                    self.steps.push(Step::Recover { channel, reference, behind, to });
                }
            }
        }
    }

    /// Joins again for missing messages, unless a join is pending: at once, but with backoff where the
    /// former membership did not last either.
    fn rejoin(&mut self, env: &mut Env, id: ChannelId) {
        let Some(at) = self.table.position(id) else { return };
        let Some(channel) = self.table.at_mut(at) else { return };
        if !channel.is_joined() {
            return;
        }
        let mut ready = Vec::new();
        let gap = channel.inbox.rejoin(&mut ready);
        self.deliver(env, id, ready);
        if let Some(gap) = gap {
            self.report_gap(id, gap);
        }
        let Some(channel) = self.table.at_mut(at) else { return };
        let is_first = channel.note_membership(env.now, env.config.reconnect_reset_ms)
            || channel.backoff.failures() == 0;
        let retry_at = channel.backoff.fail(env, None);
        if is_first {
            self.join(env, at);
        } else {
            channel.membership = Membership::Failed { retry_at: Some(retry_at) };
        }
        self.emit_state(id, Reason::Recovering);
    }

    /// Drops a channel's position, if it has one, and reports the gap.
    pub(super) fn give_up(&mut self, env: &Env, id: ChannelId) -> bool {
        let Some(channel) = self.table.get_mut(id) else { return false };
        let mut ready = Vec::new();
        let Some(gap) = channel.inbox.give_up(&mut ready) else { return false };
        self.deliver(env, id, ready);
        self.report_gap(id, gap);
        true
    }

    pub(super) fn report_gap(&mut self, id: ChannelId, gap: Gap) {
        if let Some(channel) = self.table.get_mut(id) {
            channel.stats.gaps += 1;
        }
        self.steps.push(Step::Gap(id, gap));
    }

    fn deliver(&mut self, env: &Env, id: ChannelId, released: Vec<Released<P>>) {
        for released in released {
            match released {
                Released::Lost(gap) => self.skip(id, Continuity::Gap, gap),
                Released::Message(message) => {
                    if let Some(channel) = self.table.get_mut(id) {
                        channel.stats.received += 1;
                        channel.stats.recovered += u64::from(message.recovered);
                        channel.stats.last_accessed_at = env.now;
                    }
                    self.steps.push(Step::Deliver(id, message));
                }
            }
        }
    }
}
