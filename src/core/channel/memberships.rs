//! The memberships of a client's channels: joins, leaves, retries, and the channels whose joins may
//! cause losses of the connection.

use alloc::vec::Vec;

use super::channel::{Channel, Interest, LiveStatus, Membership};
use super::delivery::Delivery;
use super::filters::filter_ids;
use super::join_queue::{JoinQueue, JoinTerms, JoinsUnderWay};
use super::join_rate::NewToken;
use super::step::Step;
use super::step_queue::StepQueue;
use super::subscription::SubscribeMode;
use super::table::{ChannelContext, ChannelTable};
use crate::core::config::Config;
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::ChannelId;
use crate::core::payload::Payload;
use crate::core::reason::Reason;
use crate::core::risk::{Loss, OtherCauses, Risk};
use crate::core::time::Instant;

/// The delay before a channel whose joins were followed by losses is joined again, in milliseconds.
const RETRY_MS: u64 = 30_000;

/// The channels of a client, and their memberships at the server.
#[derive(Debug)]
pub struct Memberships<P> {
    pub(super) table: ChannelTable<P>,
    pub(super) queue: JoinQueue,
    pub(super) out: StepQueue<P>,
}

impl<P> Default for Memberships<P> {
    fn default() -> Self {
        Self {
            table: ChannelTable::default(),
            queue: JoinQueue::default(),
            out: StepQueue::default(),
        }
    }
}

impl<P: Payload> Memberships<P> {
    // ----- the connection -----

    /// Begins to join the channels on a new connection.
    pub fn connected(&mut self, env: &mut Env, mode: SubscribeMode) {
        let stall_ms = env.profile().rejection_stall_ms();
        self.table.set_context(ChannelContext { mode, stall_ms });
        self.queue.rate.token_replaced(NewToken::Fetched);
        for at in self.table.indices() {
            let Some(channel) = self.table.at_mut(at) else { continue };
            // The new connection can have another token.
            let unauthorized =
                channel.error.as_ref().is_some_and(|error| error.code == Code::Unauthorized);
            let again = |at| channel.risk == Risk::None || env.now >= at;
            match channel.membership {
                Membership::Failed { retry_at } if retry_at.map_or(unauthorized, again) => {
                    channel.membership = Membership::Absent;
                }
                _ => {}
            }
        }
        self.pump(env);
    }

    /// Ends all memberships, because the connection has ended.
    pub(super) fn disconnected(&mut self, now: Instant, config: &Config) {
        self.table.set_context(ChannelContext::default());
        let mut changed = Vec::new();
        for at in self.table.indices() {
            let Some(channel) = self.table.at_mut(at) else { continue };
            let before = channel.state();
            channel.inbox.disconnected();
            channel.note_membership(now, config.reconnect_reset_ms);
            if !matches!(channel.membership, Membership::Failed { .. }) {
                channel.membership = Membership::Absent;
            }
            if channel.interest != Interest::None && channel.state() != before {
                changed.push(channel.id);
            }
            if channel.interest == Interest::None {
                self.table.remove_at(at);
            }
        }
        for id in changed {
            self.emit_state(id, Reason::ConnectionDown);
        }
    }

    /// Blocks all joins until [`Memberships::unblock_joins`]: channels that are not joined fail
    /// with the error, and so does each that is added meanwhile.
    pub fn block_joins(&mut self, reason: Reason, error: &Error) {
        self.queue.block(reason, error.clone());
        let mut failed = Vec::new();
        for at in self.table.indices() {
            let Some(channel) = self.table.at_mut(at) else { continue };
            if matches!(channel.membership, Membership::Absent | Membership::Failed { .. })
                && channel.interest != Interest::None
            {
                channel.membership = Membership::Failed { retry_at: None };
                channel.error = Some(error.clone().with_channel(&channel.name));
                failed.push(channel.id);
            }
        }
        for id in failed {
            self.emit_state(id, reason);
        }
    }

    /// Ends the block of joins, and queues the failed channels again.
    pub fn unblock_joins(&mut self) {
        if !self.queue.unblock() {
            return;
        }
        let mut freed = Vec::new();
        for at in self.table.indices() {
            let Some(channel) = self.table.at_mut(at) else { continue };
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

    /// Retries all failed joins with another token, including permanently rejected ones.
    pub fn retry_failed(&mut self, env: &mut Env, token: NewToken) {
        self.queue.rate.token_replaced(token);
        self.unblock_joins();
        for at in self.table.indices() {
            let Some(channel) = self.table.at_mut(at) else { continue };
            if matches!(channel.membership, Membership::Failed { .. }) {
                channel.membership = Membership::Absent;
            }
        }
        self.pump(env);
    }

    /// Blocks all joins if the token in use was rejected. To be called when the app has no other
    /// one.
    pub fn token_denied(&mut self) {
        let rejected = |channel: &Channel<P>| {
            channel.error.clone().filter(|error| error.code == Code::Unauthorized)
        };
        if !self.queue.rate.is_stale() {
            return;
        }
        let error = self.table.in_use().find_map(rejected);
        if let Some(error) = error {
            self.block_joins(Reason::JoinRefused, &error);
        }
    }

    /// Drops the positions and joins again, because the user changed.
    pub fn reset_positions(&mut self, env: &mut Env) {
        for at in self.table.indices() {
            let Some(channel) = self.table.at_mut(at) else { continue };
            channel.inbox.reset();
            channel.left_at = None;
            let id = channel.id;
            if matches!(channel.membership, Membership::Joined { reference: Some(_), .. }) {
                self.join(env, at);
            }
            self.emit_state(id, Reason::IdentityChanged);
        }
    }

    // ----- time -----

    /// Extends the deadlines of answers by the time in which the page slept.
    pub fn extend_deadlines(&mut self, slept_ms: u64) {
        for at in self.table.indices() {
            let Some(channel) = self.table.at_mut(at) else { continue };
            channel.inbox.extend_deadlines(slept_ms);
            if let Membership::Joining { deadline, .. } = &mut channel.membership {
                *deadline = *deadline + slept_ms;
            }
        }
    }

    /// Performs what is due.
    pub(super) fn handle_timeout(&mut self, env: &mut Env) {
        let mut leave = Vec::new();
        let mut overdue = Vec::new();
        let mut from = 0;
        while let Some(at) = self.table.next_due(from, env.now) {
            from = at + 1;
            let Some(channel) = self.table.at_mut(at) else { continue };
            match channel.interest {
                Interest::Lingering { until } if env.now >= until => {
                    leave.push((channel.id, Reason::Released));
                    continue;
                }
                Interest::IdlePersistent { evict_at } if env.now >= evict_at => {
                    leave.push((channel.id, Reason::IdleExpired));
                    continue;
                }
                _ => {}
            }
            match channel.membership {
                Membership::Joining { deadline, .. } if env.now >= deadline => {
                    overdue.push(channel.id);
                }
                Membership::Failed { retry_at: Some(at) } if env.now >= at => {
                    channel.membership = Membership::Absent;
                }
                Membership::Leaving { until } if env.now >= until => self.table.remove_at(at),
                _ => {}
            }
        }
        for (id, reason) in leave {
            self.leave(env, id, reason);
        }
        for id in overdue {
            if let Some(channel) =
                self.table.get(id).filter(|_| self.table.mode() == SubscribeMode::MembersOnly)
            {
                // The server may still confirm the join.
                self.out.leave(channel);
            }
            self.fail(env, id, Reason::JoinTimeout, Error::new(Code::JoinTimeout));
        }
    }

    // ----- joins -----

    /// Sends as many joins as may be pending.
    pub(super) fn pump(&mut self, env: &Env) {
        match self.table.mode() {
            SubscribeMode::Disconnected => {}
            SubscribeMode::Implicit => {
                let mut from = 0;
                while let Some(at) = self.table.next_absent(from) {
                    from = at + 1;
                    if let Some(channel) = self.table.at_mut(at) {
                        let delivery = Delivery { channel, out: &mut self.out };
                        delivery.begin(env, None, None, LiveStatus::Live);
                    }
                }
            }
            SubscribeMode::Explicit | SubscribeMode::MembersOnly => {
                while let Some(at) = self.next_join(env) {
                    self.join(env, at);
                }
            }
        }
    }

    fn next_join(&mut self, env: &Env) -> Option<usize> {
        let under_way = if self.table.has_isolated() {
            JoinsUnderWay::Isolated
        } else {
            JoinsUnderWay::Count(self.table.joining_count())
        };
        self.queue.next(env.now, terms(env), under_way, self.table.next_join())
    }

    /// Sends a join; a second one replaces the first.
    pub(super) fn join(&mut self, env: &Env, at: usize) {
        let reference = self.out.references.next();
        let before = self.table.joining_count();
        let Some(channel) = self.table.at_mut(at) else { return };
        self.queue.join_sent(env.now, terms(env));
        channel.note_membership(env.now, env.config.reconnect_reset_ms);
        let profile = env.profile();
        let mut deadline = env.now + env.config.join_timeout_ms;
        if let Some(stall_ms) = profile.rejection_stall_ms() {
            deadline = deadline + before * stall_ms;
        }
        let left_at_ms = channel.left_at.map(|until| env.config.clock_began_ms + until.as_ms());
        let (joined, params) = profile.join_params(channel.wanted_params(), left_at_ms);
        channel.joined_filters = profile.filters(&joined);
        channel.joined_params = Some(joined);
        for wanted in &mut channel.params {
            let filters = profile.filters(&wanted.params);
            wanted.filters = filter_ids(&channel.joined_filters, &filters);
        }
        let member = channel.is_member();
        channel.membership = Membership::Joining { reference, deadline, member };
        self.out.push(Step::Join {
            channel: channel.name.clone(),
            reference,
            params,
            since: channel.inbox.position().cloned(),
        });
    }

    /// Pauses joins while the outbox sends a message alone.
    pub fn pause_joins(&mut self) {
        self.queue.pause();
    }

    /// Sends joins again; returns whether they were paused.
    pub fn resume_joins(&mut self, env: &Env) -> bool {
        let resumed = self.queue.resume();
        if resumed {
            self.pump(env);
        }
        resumed
    }

    /// Updates the risks of the channels when the connection is lost. A channel whose joins end
    /// connections first drops its position, then fails, permanently or for some time. One that
    /// received messages since the former loss is not the cause.
    pub fn lost(&mut self, env: &mut Env, loss: Loss, others: OtherCauses) {
        let others = if self.table.request_count() == 1 { others } else { OtherCauses::Possible };
        let mut causes = Vec::new();
        for at in self.table.indices() {
            let Some(channel) = self.table.at_mut(at) else { continue };
            if channel.is_requesting() {
                let position = channel.inbox.position();
                let stuck = channel.lost_at.as_ref() == position;
                let before = if stuck { channel.risk } else { Risk::None };
                channel.risk = before.after(loss, others);
                channel.lost_at = position.cloned();
                if channel.risk == Risk::Cause {
                    channel.risk = Risk::Isolated;
                    causes.push(channel.id);
                }
            } else if channel.is_joined() {
                channel.risk = Risk::None;
            }
        }
        for id in causes {
            if self.delivery(id).is_some_and(|delivery| delivery.give_up(env)) {
                continue;
            }
            // Only a close for size proves the cause; otherwise it may be the network.
            let mut error = if loss.is_too_big() {
                Error::new(Code::MessageTooLarge)
            } else {
                Error::new(Code::ChannelClosed).with_cause("each join was followed by a loss")
            };
            error.retry_after_ms = Some(RETRY_MS);
            self.fail(env, id, Reason::JoinRefused, error);
        }
    }

    pub(super) fn fail(&mut self, env: &mut Env, id: ChannelId, reason: Reason, error: Error) {
        let again = error.retryable && self.queue.blocked().is_none();
        let Some(channel) = self.table.get_mut(id) else { return };
        let retry_at = again.then(|| channel.backoff.fail(env, error.retry_after_ms));
        channel.note_membership(env.now, env.config.reconnect_reset_ms);
        channel.membership = Membership::Failed { retry_at };
        channel.stats.errors += 1;
        channel.error = Some(error.with_channel(&channel.name));
        self.emit_state(id, reason);
    }

    // ----- one channel -----

    /// Whether the last join of the channel at this index covers the parameters of all subscribers.
    pub(super) fn is_covered(&self, env: &Env, at: usize) -> bool {
        let Some(channel) = self.table.at(at) else { return true };
        let covers = |joined| env.profile().join_covers(joined, channel.wanted_params());
        channel.joined_params.as_ref().is_none_or(covers)
    }

    /// Leaves a channel. Its name is free at once, so that subscribing again makes a new record;
    /// this one stays only to recognise the server's answer.
    pub(super) fn leave(&mut self, env: &Env, id: ChannelId, reason: Reason) {
        let Some(at) = self.table.position(id) else { return };
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
        let until = env.now + env.config.join_timeout_ms;
        if let Some(channel) = self.table.at_mut(at) {
            channel.membership = Membership::Leaving { until };
            self.out.leave(channel);
        }
    }

    /// The delivery view of a channel.
    pub(super) fn delivery(&mut self, id: ChannelId) -> Option<Delivery<'_, P>> {
        Some(Delivery { channel: self.table.get_mut(id)?, out: &mut self.out })
    }

    /// Emits the state of a channel.
    pub(super) fn emit_state(&mut self, id: ChannelId, reason: Reason) {
        if let Some(channel) = self.table.get(id) {
            self.out.state(channel, reason);
        }
    }
}

fn terms(env: &Env) -> JoinTerms {
    JoinTerms { limit: env.profile().join_limit(), window: env.config.rejoin_window }
}
