//! The server's messages about memberships: answers to joins and leaves, ends of memberships, and
//! reports whether a subscription is live.

use super::channel::{LiveStatus, Membership};
use super::memberships::Memberships;
use super::step::{JOIN_REPLY, Step};
use crate::core::env::Env;
use crate::core::error::{Code, Error, Rejection};
use crate::core::id::ChannelId;
use crate::core::message::{Gap, JoinReply, LiveCause};
use crate::core::payload::Payload;
use crate::core::reason::Reason;
use crate::core::state::ChannelState;

/// Applies the server's messages about memberships.
#[derive(Debug)]
pub struct Replies<'a, P> {
    pub(super) memberships: &'a mut Memberships<P>,
}

impl<P: Payload> Replies<'_, P> {
    /// Applies the confirmation of a join.
    pub fn joined(
        self,
        env: &mut Env,
        name: &str,
        reference: u32,
        start: Option<&JoinReply>,
        live_status: LiveStatus,
        reply: Option<P>,
    ) {
        let memberships = &mut *self.memberships;
        let Some(id) = joining(memberships, name, reference) else { return };
        if let Some(at) = memberships.table.position(id)
            && !memberships.is_covered(env, at)
        {
            // A subscriber with other parameters was added while the join was pending.
            memberships.join(env, at);
        } else {
            memberships.queue.rate.token_accepted();
            if let Some(delivery) = memberships.delivery(id) {
                delivery.channel.reply.clone_from(&reply);
                delivery.begin(env, Some(reference), start, live_status);
            }
            if let Some(reply) = reply {
                memberships.out.push(Step::System(id, JOIN_REPLY, reply, None));
            }
        }
        memberships.pump(env);
    }

    /// Applies the rejection of a join.
    pub fn rejected(self, env: &mut Env, name: &str, reference: u32, rejection: Rejection) {
        let memberships = &mut *self.memberships;
        if let Some(id) = joining(memberships, name, reference) {
            let mut error = Error::from_rejection(rejection, Code::Internal);
            match error.code {
                Code::Unauthorized if env.profile().joins_carry_tokens() => {
                    let last = memberships.out.references.last();
                    let wait = memberships.queue.rate.token_rejected(env.now, reference, last);
                    error.retry_after_ms = Some(wait);
                }
                Code::Limit | Code::RateLimited => memberships.queue.rate.limit(),
                _ => {}
            }
            self.failed(env, id, Reason::JoinRefused, error);
        }
    }

    /// Applies the end of a membership that the client did not leave.
    pub fn ended(self, env: &mut Env, name: &str, reference: u32, rejection: Rejection) {
        let memberships = &mut *self.memberships;
        let Some(channel) = memberships.table.find_mut(name) else { return };
        if matches!(channel.membership, Membership::Joined { reference: Some(own), .. } if own == reference)
        {
            let id = channel.id;
            let error = Error::from_rejection(rejection, Code::ChannelClosed);
            if error.code == Code::Unauthorized && env.profile().joins_carry_tokens() {
                // A join with the same token would be rejected.
                memberships.queue.rate.await_token();
            }
            self.failed(env, id, Reason::EndedByServer, error);
        }
    }

    /// Applies the confirmation of a leave. Its reference is not needed: leaves are answered in
    /// order, and a channel subscribed to again has another record.
    pub fn left(self, name: &str) {
        let table = &mut self.memberships.table;
        if let Some(at) = table.find_leaving(name) {
            table.remove_at(at);
        }
    }

    /// Delivers a message that the server itself sent, with this event name.
    pub fn system(self, name: &str, event: &'static str, payload: P) {
        let Memberships { table, out, .. } = &mut *self.memberships;
        if let Some(channel) = table.find_mut(name).filter(|channel| channel.is_joined()) {
            out.push(Step::System(channel.id, event, payload, None));
        }
    }

    /// Applies the server's report that everything requested of the channel is live. If it was live
    /// before, messages were missed in between, unless the cause of the report is a token just
    /// sent.
    pub fn live(self, name: &str, cause: LiveCause) {
        let Memberships { table, out, .. } = &mut *self.memberships;
        let Some(channel) = table.find_mut(name) else { return };
        let Membership::Joined { live_status, .. } = &mut channel.membership else { return };
        let before = core::mem::replace(live_status, LiveStatus::Live);
        match before {
            LiveStatus::Live if cause == LiveCause::TokenSent => return,
            LiveStatus::Pending => {}
            LiveStatus::Live | LiveStatus::Lost => channel.inbox.maybe_missed(),
        }
        out.state(channel, Reason::Live);
        if before != LiveStatus::Pending {
            out.gap(channel, Gap::default());
        }
    }

    /// Applies the server's report that what was requested of the channel is not live.
    pub fn not_live(self, name: &str) {
        let Memberships { table, out, .. } = &mut *self.memberships;
        let Some(channel) = table.find_mut(name) else { return };
        if let Membership::Joined { live_status: live_status @ LiveStatus::Live, .. } =
            &mut channel.membership
        {
            *live_status = LiveStatus::Lost;
            channel.inbox.maybe_missed();
            out.state(channel, Reason::NotLive);
        }
    }

    /// Ends a join or a membership with an error. If no other token can be fetched, the rejection
    /// of a token is permanent.
    fn failed(self, env: &mut Env, id: ChannelId, reason: Reason, error: Error) {
        let memberships = &mut *self.memberships;
        memberships.fail(env, id, reason, error);
        let channel = memberships.table.get(id);
        if channel.is_some_and(|channel| channel.state() == ChannelState::Failed) {
            memberships.token_denied();
        }
        memberships.pump(env);
    }
}

/// The channel of this name, if its join has this reference.
fn joining<P>(memberships: &Memberships<P>, name: &str, reference: u32) -> Option<ChannelId> {
    let channel = memberships.table.get(memberships.table.find(name)?)?;
    match channel.membership {
        Membership::Joining { reference: own, .. } if own == reference => Some(channel.id),
        _ => None,
    }
}
