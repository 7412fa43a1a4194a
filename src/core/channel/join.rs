//! Memberships: paced joins, the server's answers to them, and retries.

use alloc::vec::Vec;

use super::channel::{Channel, LiveStatus, Membership};
use super::filters::filter_ids;
use super::join_queue::{JoinTerms, JoinsUnderWay};
use super::registry::Registry;
use super::step::{JOIN_REPLY, Step};
use super::subscription::SubscribeMode;
use crate::core::env::Env;
use crate::core::error::{Code, Error, Rejection};
use crate::core::id::ChannelId;
use crate::core::message::{Gap, JoinReply, LiveCause};
use crate::core::payload::Payload;
use crate::core::reason::Reason;
use crate::core::risk::{Loss, OtherCauses, Risk};
use crate::core::state::ChannelState;

/// Time before a channel whose joins were followed by losses is joined again, in milliseconds.
const RETRY_MS: u64 = 30_000;

impl<P: Payload> Registry<P> {
    /// The server confirmed a join.
    pub fn joined(
        &mut self,
        env: &mut Env,
        name: &str,
        reference: u32,
        start: Option<&JoinReply>,
        live_status: LiveStatus,
        reply: Option<P>,
    ) {
        let Some(id) = self.joining(name, reference) else {
            return;
        };
        match self.table.position(id).filter(|at| !self.is_covered(env, *at)) {
            // A subscriber with further parameters was added meanwhile.
            Some(at) => self.join(env, at),
            None => {
                self.queue.rate.token_accepted();
                self.begin_membership(env, id, Some(reference), start, live_status);
                if let Some(channel) = self.table.get_mut(id) {
                    channel.reply.clone_from(&reply);
                }
                self.steps.extend(reply.map(|reply| Step::System(id, JOIN_REPLY, reply, None)));
            }
        }
        self.pump(env);
    }

    /// The server sent a message of its own, which the app receives under this event.
    pub fn system(&mut self, name: &str, event: &'static str, payload: P) {
        let channel = self.find(name).and_then(|id| self.get(id));
        if let Some(channel) = channel.filter(|channel| channel.is_joined()) {
            self.steps.push(Step::System(channel.id, event, payload, None));
        }
    }

    /// The server reports everything requested of the channel as live. Where it was live before,
    /// messages were missed meanwhile, unless the cause is a token just sent.
    pub fn live(&mut self, name: &str, cause: LiveCause) {
        let Some(id) = self.find(name) else { return };
        let Some(channel) = self.table.get_mut(id) else { return };
        let Membership::Joined { live_status, .. } = &mut channel.membership else { return };
        let before = core::mem::replace(live_status, LiveStatus::Live);
        match before {
            LiveStatus::Live if cause == LiveCause::TokenSent => return,
            LiveStatus::Pending => {}
            LiveStatus::Live | LiveStatus::Lost => channel.inbox.maybe_missed(),
        }
        self.emit_state(id, Reason::Live);
        if before != LiveStatus::Pending {
            self.report_gap(id, Gap::default());
        }
    }

    /// The server reports that what was requested of the channel is not live.
    pub fn not_live(&mut self, name: &str) {
        let Some(id) = self.find(name) else { return };
        let Some(channel) = self.table.get_mut(id) else { return };
        if let Membership::Joined { live_status: live_status @ LiveStatus::Live, .. } =
            &mut channel.membership
        {
            *live_status = LiveStatus::Lost;
            channel.inbox.maybe_missed();
            self.emit_state(id, Reason::NotLive);
        }
    }

    /// The server rejected a join.
    pub fn rejected(&mut self, env: &mut Env, name: &str, reference: u32, rejection: Rejection) {
        if let Some(id) = self.joining(name, reference) {
            let mut error = Error::from_rejection(rejection, Code::Internal);
            match error.code {
                Code::Unauthorized if env.profile().joins_carry_tokens() => {
                    let last = self.references.last();
                    let wait = self.queue.rate.token_rejected(env.now, reference, last);
                    error.retry_after_ms = Some(wait);
                }
                Code::Limit | Code::RateLimited => self.queue.rate.limit(),
                _ => {}
            }
            self.fail(env, id, Reason::JoinRefused, error);
            self.deny_token_if_final(id);
            self.pump(env);
        }
    }

    /// The server ended a membership by itself.
    pub fn ended(&mut self, env: &mut Env, name: &str, reference: u32, rejection: Rejection) {
        let Some(id) = self.find(name) else { return };
        let current = self.get(id).is_some_and(|channel| {
            matches!(channel.membership, Membership::Joined { reference: Some(own), .. } if own == reference)
        });
        if current {
            let error = Error::from_rejection(rejection, Code::ChannelClosed);
            if error.code == Code::Unauthorized && env.profile().joins_carry_tokens() {
                // A join with the same token would be rejected.
                self.queue.rate.await_token();
            }
            self.fail(env, id, Reason::EndedByServer, error);
            self.deny_token_if_final(id);
            self.pump(env);
        }
    }

    /// The token in use was rejected, and the app has no other one: no join can succeed.
    pub fn token_denied(&mut self) {
        let rejected = |channel: &Channel<P>| {
            channel.error.clone().filter(|error| error.code == Code::Unauthorized)
        };
        let error = self.iter().find_map(rejected);
        if let Some(error) = error.filter(|_| self.queue.rate.is_stale()) {
            self.block_joins(Reason::JoinRefused, &error);
        }
    }

    /// The same, where no other token can be fetched: the rejection is final then.
    fn deny_token_if_final(&mut self, id: ChannelId) {
        if self.get(id).is_some_and(|channel| channel.state() == ChannelState::Failed) {
            self.token_denied();
        }
    }

    /// The server confirmed a leave. Its reference is not needed: a leave is answered in order,
    /// and a channel subscribed to again has a record of its own.
    pub fn left(&mut self, name: &str) {
        if let Some(at) = self.table.iter().position(|channel| {
            &*channel.name == name && matches!(channel.membership, Membership::Leaving { .. })
        }) {
            self.table.remove_at(at);
        }
    }

    pub(super) fn joining(&self, name: &str, reference: u32) -> Option<ChannelId> {
        let channel = self.get(self.find(name)?)?;
        match channel.membership {
            Membership::Joining { reference: own, .. } if own == reference => Some(channel.id),
            _ => None,
        }
    }

    /// Sends as many joins as may be pending.
    pub(super) fn pump(&mut self, env: &Env) {
        match self.mode {
            SubscribeMode::Disconnected => {}
            SubscribeMode::Implicit => {
                let absent = |c: &&Channel<P>| matches!(c.membership, Membership::Absent);
                let ids: Vec<_> = self.iter().filter(absent).map(|c| c.id).collect();
                for id in ids {
                    self.begin_membership(env, id, None, None, LiveStatus::Live);
                }
            }
            SubscribeMode::Explicit | SubscribeMode::MembersOnly => {
                while let Some(at) = self.next_join(env) {
                    self.join(env, at);
                }
            }
        }
    }

    /// The number of pending joins.
    #[must_use]
    pub fn joining_count(&self) -> u64 {
        let under_way = |c: &&Channel<P>| matches!(c.membership, Membership::Joining { .. });
        self.table.iter().filter(under_way).count() as u64
    }

    fn next_join(&mut self, env: &Env) -> Option<usize> {
        let stall_ms = env.profile().rejection_stall_ms();
        let isolated = |c: &Channel<P>| c.risk == Risk::Isolated && c.is_requesting();
        let under_way = if self.table.iter().any(isolated) {
            JoinsUnderWay::Isolated
        } else {
            JoinsUnderWay::Count(self.joining_count())
        };
        let waiting = self.table.iter().enumerate();
        let waiting = waiting.filter_map(|(at, c)| Some((c.join_priority(stall_ms)?, at)));
        self.queue.next(env.now, terms(env), under_way, waiting)
    }

    /// Requests a membership; a second one replaces the first.
    pub(super) fn join(&mut self, env: &Env, at: usize) {
        let reference = self.references.next();
        let before = self.joining_count();
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
        self.steps.push(Step::Join {
            channel: channel.name.clone(),
            reference,
            params,
            since: channel.inbox.position().cloned(),
        });
    }

    /// Sends no joins: a message is being sent alone.
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

    /// The pending requests: joins, and missed messages that were requested.
    #[must_use]
    pub fn requests(&self) -> usize {
        let is_under_way = |channel: &&Channel<P>| {
            channel.is_requesting() || matches!(channel.membership, Membership::Leaving { .. })
        };
        self.table.iter().filter(is_under_way).count()
    }

    /// Whether one of them was pending at an earlier loss too.
    #[must_use]
    pub fn has_risk(&self) -> bool {
        self.table.iter().any(|channel| channel.is_requesting() && channel.risk != Risk::None)
    }

    /// The connection is being lost. A channel whose joins end connections is not joined at once
    /// again: first it drops its position, then it fails, permanently or for some time. One that
    /// received messages since the former loss is not the cause.
    pub fn lost(&mut self, env: &mut Env, loss: Loss, others: OtherCauses) {
        let others = if self.requests() == 1 { others } else { OtherCauses::Possible };
        let mut causes = Vec::new();
        for channel in self.table.iter_mut() {
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
            if self.give_up(env, id) {
                continue;
            }
            // Only a close for size is conclusive; else the network can be the cause.
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
}

fn terms(env: &Env) -> JoinTerms {
    JoinTerms { limit: env.profile().join_limit(), window: env.config.rejoin_window }
}
