//! Memberships: paced joins, the server's answers to them, and tries again.

use alloc::vec::Vec;

use super::registry::JOIN_REPLY;
use super::{Channel, Interest, LiveStatus, Membership, Registry, Step, SubscribeMode};
use crate::core::context::Context;
use crate::core::error::{Code, Error, Rejection};
use crate::core::id::{ChannelId, SubscriberId};
use crate::core::message::{Gap, JoinReply};
use crate::core::payload::Payload;
use crate::core::profile::JoinLimit;
use crate::core::reason::Reason;
use crate::core::risk::{Loss, Risk};
use crate::core::state::{ChannelState, Continuity};

/// Time before a channel whose joins were followed by losses is joined again, in milliseconds.
const RETRY_MS: u64 = 30_000;

impl<P: Payload> Registry<P> {
    /// The server confirmed a join.
    pub fn joined(
        &mut self,
        cx: &mut Context<'_>,
        name: &str,
        reference: u32,
        start: Option<&JoinReply>,
        live_status: LiveStatus,
        reply: Option<P>,
    ) {
        let Some(id) = self.joining(name, reference) else {
            return;
        };
        match self.position(id).filter(|at| !self.is_covered(cx, *at)) {
            // Somebody came meanwhile who wants more.
            Some(at) => self.join(cx, at),
            None => {
                self.join_rate.token_accepted();
                self.settle(cx, id, Some(reference), start, live_status);
                if let Some(channel) = self.get_mut(id) {
                    channel.reply.clone_from(&reply);
                }
                self.steps.extend(reply.map(|reply| Step::System(id, JOIN_REPLY, reply, None)));
            }
        }
        self.pump(cx);
    }

    /// The server said something of the channel that the app receives under this event.
    pub fn system(&mut self, name: &str, event: &'static str, payload: P) {
        let channel = self.find(name).and_then(|id| self.get(id));
        if let Some(channel) =
            channel.filter(|channel| matches!(channel.membership, Membership::Joined { .. }))
        {
            self.steps.push(Step::System(channel.id, event, payload, None));
        }
    }

    /// The server said that all that was asked of the channel is live. Where it was before, what
    /// came meanwhile is lost, unless that is for a token just `renewed`.
    pub fn live(&mut self, name: &str, renewed: bool) {
        let Some(id) = self.find(name) else { return };
        let Some(channel) = self.get_mut(id) else { return };
        let Membership::Joined { live_status, .. } = &mut channel.membership else { return };
        let before = core::mem::replace(live_status, LiveStatus::Live);
        match before {
            LiveStatus::Live if renewed => return,
            LiveStatus::Pending => {}
            LiveStatus::Live | LiveStatus::Lost => channel.continuity = Continuity::Unknown,
        }
        self.emit_state(id, Reason::Live);
        if before != LiveStatus::Pending {
            self.missed(id, Gap::default());
        }
    }

    /// The server said that what was asked of the channel is not live.
    pub fn not_live(&mut self, name: &str) {
        let Some(id) = self.find(name) else { return };
        let Some(channel) = self.get_mut(id) else { return };
        if let Membership::Joined { live_status: live_status @ LiveStatus::Live, .. } =
            &mut channel.membership
        {
            *live_status = LiveStatus::Lost;
            channel.continuity = Continuity::Unknown;
            self.emit_state(id, Reason::NotLive);
        }
    }

    /// The server refused a join.
    pub fn rejected(
        &mut self,
        cx: &mut Context<'_>,
        name: &str,
        reference: u32,
        rejection: Rejection,
    ) {
        if let Some(id) = self.joining(name, reference) {
            let mut error = Error::from_rejection(rejection, Code::Internal);
            match error.code {
                Code::Unauthorized if cx.profile().joins_bear_tokens() => {
                    let last = self.references.last();
                    let wait = self.join_rate.token_refused(cx.now, reference, last);
                    error.retry_after_ms = Some(wait);
                }
                Code::Limit | Code::RateLimited => self.join_rate.limit(),
                _ => {}
            }
            self.fail(cx, id, Reason::JoinRefused, error);
            self.token_hopeless(id);
            self.pump(cx);
        }
    }

    /// The server ended a membership by itself.
    pub fn ended(
        &mut self,
        cx: &mut Context<'_>,
        name: &str,
        reference: u32,
        rejection: Rejection,
    ) {
        let Some(id) = self.find(name) else { return };
        let current = self.get(id).is_some_and(|channel| {
            matches!(channel.membership, Membership::Joined { reference: Some(held), .. } if held == reference)
        });
        if current {
            let error = Error::from_rejection(rejection, Code::ChannelClosed);
            if error.code == Code::Unauthorized && cx.profile().joins_bear_tokens() {
                // A join with the same token would only be refused.
                self.join_rate.await_token();
            }
            self.fail(cx, id, Reason::EndedByServer, error);
            self.token_hopeless(id);
            self.pump(cx);
        }
    }

    /// The token in use was refused, and the app has no other one: no join can succeed.
    pub fn token_denied(&mut self) {
        let rejected = |channel: &Channel<P>| {
            channel.error.clone().filter(|error| error.code == Code::Unauthorized)
        };
        let error = self.iter().find_map(rejected);
        if let Some(error) = error.filter(|_| self.join_rate.is_stale()) {
            self.bar(Reason::JoinRefused, &error);
        }
    }

    /// The same, where the app cannot even be asked: the refusal says so.
    fn token_hopeless(&mut self, id: ChannelId) {
        if self.get(id).is_some_and(|channel| channel.state() == ChannelState::Failed) {
            self.token_denied();
        }
    }

    /// The server confirmed a leave. Its reference is not needed: a leave is answered in order,
    /// and a channel taken again has a record of its own.
    pub fn left(&mut self, name: &str) {
        if let Some(at) = self.channels.iter().position(|channel| {
            &*channel.name == name && matches!(channel.membership, Membership::Leaving { .. })
        }) {
            self.channels.remove(at);
        }
    }

    pub(super) fn joining(&self, name: &str, reference: u32) -> Option<ChannelId> {
        let channel = self.get(self.find(name)?)?;
        match channel.membership {
            Membership::Joining { reference: held, .. } if held == reference => Some(channel.id),
            _ => None,
        }
    }

    /// Starts as many joins as may be under way, channels with subscribers first.
    pub(super) fn pump(&mut self, cx: &Context<'_>) {
        match self.mode {
            SubscribeMode::Disconnected => {}
            SubscribeMode::Implicit => {
                let absent = |c: &&Channel<P>| matches!(c.membership, Membership::Absent);
                let ids: Vec<_> = self.iter().filter(absent).map(|c| c.id).collect();
                for id in ids {
                    self.settle(cx, id, None, None, LiveStatus::Live);
                }
            }
            SubscribeMode::Explicit | SubscribeMode::MembersOnly => self.start_joins(cx),
        }
    }

    /// Joins under way.
    #[must_use]
    pub fn joining_count(&self) -> u64 {
        let under_way = |c: &&Channel<P>| matches!(c.membership, Membership::Joining { .. });
        self.channels.iter().filter(under_way).count() as u64
    }

    fn start_joins(&mut self, cx: &Context<'_>) {
        let stalls = cx.profile().rejection_stall_ms().is_some();
        let burst = match cx.profile().join_limit() {
            JoinLimit::Unknown if !self.join_rate.is_limited() => u64::MAX,
            _ => cx.config.rejoin_window,
        };
        let limited = self.is_rate_limited(cx);
        let mut under_way = self.joining_count();
        self.join_rate.stop_waiting();
        if self.held || self.join_rate.is_held(cx.now) {
            return;
        }
        // Where a refused join keeps all others waiting, what was refused before comes last and
        // alone, as does what may have ended connections.
        let isolated = |c: &Channel<P>| c.risk == Risk::Isolated && c.is_requesting();
        if self.channels.iter().any(isolated) {
            return;
        }
        for suspect in [false, true] {
            for wanted in [true, false] {
                for at in 0..self.channels.len() {
                    let rejected = |channel: &Channel<P>| {
                        channel.risk == Risk::Isolated || stalls && channel.backoff.failures() > 0
                    };
                    if self.channels.get(at).is_none_or(|channel| rejected(channel) != suspect)
                        || !self.may_join(at, wanted)
                    {
                        continue;
                    }
                    let most = if suspect { 1 } else { burst };
                    if under_way >= most || (limited && !self.join_rate.allows(cx.now, burst)) {
                        return;
                    }
                    self.join(cx, at);
                    under_way += 1;
                }
            }
        }
    }

    /// Whether joins are paced: where a limit is known, or was met.
    fn is_rate_limited(&self, cx: &Context<'_>) -> bool {
        cx.profile().join_limit() == JoinLimit::Rate || self.join_rate.is_limited()
    }

    fn may_join(&self, at: usize, wanted: bool) -> bool {
        let Some(channel) = self.channels.get(at) else {
            return false;
        };
        let turn = match channel.interest {
            Interest::Subscribed => wanted,
            Interest::IdlePersistent { .. } => !wanted,
            Interest::Lingering { .. } | Interest::None => false,
        };
        turn && matches!(channel.membership, Membership::Absent)
    }

    /// Whether the channel was joined with all that its subscribers want of it.
    pub(super) fn is_covered(&self, cx: &Context<'_>, at: usize) -> bool {
        let Some(channel) = self.channels.get(at) else { return true };
        let covers = |asked| cx.profile().join_covers(asked, channel.wanted_params());
        channel.joined_params.as_ref().is_none_or(covers)
    }

    /// Whether a subscriber with these parameters can share a channel with those it has. Where
    /// they are not joined into one request, a channel has the parameters of its join.
    pub(super) fn agrees(&self, cx: &Context<'_>, id: ChannelId, wanted: &P) -> bool {
        let Some(channel) = self.get(id) else { return true };
        if cx.profile().merges_join_params() || self.mode == SubscribeMode::Implicit {
            return true;
        }
        let is_user =
            |(subscriber, at): &&(SubscriberId, ChannelId)| *at == id && subscriber.is_app();
        let mut users = self.subscribers.iter().filter(is_user);
        // What is still being joined is joined again with what a newcomer wants.
        let is_in = matches!(channel.membership, Membership::Joined { .. });
        match channel.joined_params.as_ref().filter(|_| is_in) {
            Some(asked) => asked.eq_json(wanted) || users.next().is_none(),
            None => users.all(|(user, _)| {
                channel.params.iter().all(|(held, own)| held != user || own.eq_json(wanted))
            }),
        }
    }

    /// Asks for a membership; a second one replaces the first.
    pub(super) fn join(&mut self, cx: &Context<'_>, at: usize) {
        let reference = self.references.next();
        let (before, paced) = (self.joining_count(), self.is_rate_limited(cx));
        let Some(channel) = self.channels.get_mut(at) else { return };
        if paced {
            self.join_rate.count(cx.now);
        }
        channel.note_membership(cx.now, cx.config.reconnect_reset_ms);
        let profile = cx.profile();
        let mut deadline = cx.now + cx.config.join_timeout_ms;
        if let Some(stall_ms) = profile.rejection_stall_ms() {
            deadline = deadline + before * stall_ms;
        }
        let left_at_ms = channel.left_at.map(|until| cx.config.clock_began_ms + until.as_ms());
        let (joined, params) = profile.join_params(channel.wanted_params(), left_at_ms);
        channel.joined_params = Some(joined);
        let member = channel.is_member();
        channel.membership = Membership::Joining { reference, deadline, member };
        self.steps.push(Step::Join {
            channel: channel.name.clone(),
            reference,
            params,
            since: channel.order.position().cloned(),
        });
    }

    /// While a message is sent alone, no join is. Returns whether joins begin again.
    pub fn hold(&mut self, cx: &mut Context<'_>, held: bool) -> bool {
        let goes_on = core::mem::replace(&mut self.held, held) && !held;
        if goes_on {
            self.pump(cx);
        }
        goes_on
    }

    /// The requests under way: joins, and what was missed and is still to come.
    #[must_use]
    pub fn requests(&self) -> usize {
        let asks = |channel: &&Channel<P>| {
            channel.is_requesting() || matches!(channel.membership, Membership::Leaving { .. })
        };
        self.channels.iter().filter(asks).count()
    }

    /// Whether one of them was under way at an earlier loss too.
    #[must_use]
    pub fn has_suspect(&self) -> bool {
        self.channels.iter().any(|channel| channel.is_requesting() && channel.risk != Risk::None)
    }

    /// The connection is being lost. A channel whose joins end connections is not joined at once
    /// again: first it gives up what it missed, then it fails, for good or for a while. One that
    /// received messages since the loss before is not the cause. `rivals`: other requests that were
    /// lost before can be the cause.
    pub fn lost(&mut self, cx: &mut Context<'_>, loss: Loss, rivals: bool) {
        let suspect = !rivals && self.requests() == 1;
        let mut condemned = Vec::new();
        for channel in &mut self.channels {
            if channel.is_requesting() {
                let place = channel.order.position();
                let stuck = channel.lost_at.as_ref() == place;
                let before = if stuck { channel.risk } else { Risk::None };
                channel.risk = before.after(loss, suspect);
                channel.lost_at = place.cloned();
                if channel.risk == Risk::Condemned {
                    channel.risk = Risk::Isolated;
                    condemned.push(channel.id);
                }
            } else if matches!(channel.membership, Membership::Joined { .. }) {
                channel.risk = Risk::None;
            }
        }
        for id in condemned {
            if self.give_up(cx, id) {
                continue;
            }
            // Only a size says for sure that it is never taken; else the network can be the cause.
            let mut error = if loss.is_too_big() {
                Error::new(Code::MessageTooLarge)
            } else {
                Error::new(Code::ChannelClosed).with_cause("each join was followed by a loss")
            };
            error.retry_after_ms = Some(RETRY_MS);
            self.fail(cx, id, Reason::JoinRefused, error);
        }
    }

    pub(super) fn fail(
        &mut self,
        cx: &mut Context<'_>,
        id: ChannelId,
        reason: Reason,
        error: Error,
    ) {
        let again = error.retryable && !self.is_barred();
        let Some(channel) = self.get_mut(id) else { return };
        let retry_at = again.then(|| channel.backoff.fail(cx, error.retry_after_ms));
        channel.note_membership(cx.now, cx.config.reconnect_reset_ms);
        channel.membership = Membership::Failed { retry_at };
        channel.stats.errors += 1;
        channel.error = Some(error.with_channel(&channel.name));
        self.emit_state(id, reason);
    }
}
