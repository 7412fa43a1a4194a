//! Receiving: passes the messages of all channels to their inboxes, and performs what follows.

use alloc::boxed::Box;
use alloc::string::String;

use super::channel::Membership;
use super::delivery::{Delivery, Rejoin};
use super::inbox::{Hole, InboxAction};
use super::memberships::Memberships;
use super::recovery::Due;
use super::reorder::Released;
use super::step::Step;
use super::subscription::SubscribeMode;
use crate::core::env::Env;
use crate::core::id::ChannelId;
use crate::core::message::{Completeness, Gap, Message, StreamPosition};
use crate::core::payload::Payload;
use crate::core::reason::Reason;
use crate::core::state::Continuity;

/// In how many channels missing messages are requested at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestsIn {
    /// Any number.
    AllChannels,
    /// One: a frame of this connection could not be read, and the answer has to show of which
    /// channel it was.
    OneChannel,
}

/// Receives messages, and requests the missing ones.
#[derive(Debug)]
pub struct Receiver<'a, P> {
    pub(super) memberships: &'a mut Memberships<P>,
    pub(super) requests_in: &'a mut RequestsIn,
}

impl<P: Payload> Receiver<'_, P> {
    /// Receives a message. With a position in the log it is delivered in order; without one it is
    /// dropped if its id is among the last ones, those of former connections included, because a
    /// server may send it again after a rejoin.
    pub fn received(
        self,
        env: &mut Env,
        name: &str,
        message: Option<&str>,
        delivery: Box<Message<P>>,
    ) {
        let Memberships { table, out, .. } = &mut *self.memberships;
        let explicit = matches!(table.mode(), SubscribeMode::Explicit | SubscribeMode::MembersOnly);
        let Some(channel) = table.find_mut(name) else { return };
        if explicit && !channel.is_joined() && (delivery.position.is_none() || !channel.is_member())
        {
            // It is of a membership that has ended. Delivering it would hide the messages between
            // it and the next membership.
            return;
        }
        let id = channel.id;
        if let Some(position) = delivery.position.clone() {
            return receive(self.memberships, env, id, &position, Some(delivery));
        }
        let inbox = &mut channel.inbox;
        let is_repeated =
            message.is_some_and(|message| inbox.is_repeated(message, env.config.dedup));
        let channel = Delivery { channel, out };
        if is_repeated {
            channel.repeated();
        } else {
            channel.deliver(env, [Released::Message(delivery)].into());
        }
    }

    /// Drops an invalid message of a channel. If it is a part of the answer to a recovery request,
    /// its position is skipped after the answer.
    pub fn invalid(self, env: &mut Env, name: &str) {
        if let Some(channel) = self.memberships.table.find_member_mut(name)
            && channel.inbox.is_requested()
        {
            channel.inbox.maybe_unusable_received(env.now);
        }
    }

    /// Registers a message that is too large to be read. If its position is known, it alone is
    /// reported as lost; otherwise the missing messages are requested, and the answer identifies
    /// it.
    pub fn unusable(self, env: &mut Env, name: Option<&str>, position: Option<&StreamPosition>) {
        let Memberships { table, out, .. } = &mut *self.memberships;
        let own = name.and_then(|name| table.find_member_mut(name));
        let own = match (own, position) {
            (Some(channel), _) if channel.position().is_none() => {
                return Delivery { channel, out }.skip(Continuity::Unknown, Gap::default());
            }
            (Some(channel), Some(position)) => {
                let id = channel.id;
                return receive(self.memberships, env, id, position, None);
            }
            (Some(channel), None) => Some(channel.id),
            (None, _) if name.is_some() => return,
            (None, _) => None,
        };
        *self.requests_in = RequestsIn::OneChannel;
        for at in table.indices() {
            let Some(channel) = table.at_mut(at) else { continue };
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

    /// Applies the ends of channels' logs, as the server reports them.
    pub fn heads(self, env: &mut Env, heads: &[(String, StreamPosition)]) {
        for (name, head) in heads {
            let Some(channel) = self.memberships.table.find_mut(name) else { continue };
            let id = channel.id;
            if channel.inbox.head_received(env.now, head) == InboxAction::Rejoin {
                rejoin(self.memberships, env, id);
            }
        }
    }

    /// Applies the server's answer to a request for missing messages.
    pub fn recovered(self, env: &mut Env, name: &str, reference: u32, completeness: Completeness) {
        let Memberships { table, out, .. } = &mut *self.memberships;
        let Some(channel) = table.find_member_mut(name) else { return };
        let id = channel.id;
        let delivery = Delivery { channel, out };
        if delivery.recovered(env, reference, completeness) == Rejoin::Needed {
            rejoin(self.memberships, env, id);
        }
    }

    /// Requests what is missing, where it is due.
    pub(super) fn request_missing(self, env: &mut Env) {
        let mut from = 0;
        while let Some(at) = self.memberships.table.next_due(from, env.now) {
            from = at + 1;
            let Some(channel) = self.memberships.table.at(at) else { return };
            if !channel.is_joined() {
                continue;
            }
            let id = channel.id;
            match channel.inbox.due(env.now) {
                None => {}
                Some(Due::Rejoin) => rejoin(self.memberships, env, id),
                Some(Due::Request) => {
                    let Some(Hole { behind, to }) = channel.inbox.hole() else { continue };
                    let Memberships { table, out, .. } = &mut *self.memberships;
                    let waits = *self.requests_in == RequestsIn::OneChannel
                        && table.iter().any(|each| each.inbox.is_requested());
                    let Some(channel) = table.at_mut(at) else { return };
                    if waits {
                        channel.inbox.request_later(env.now);
                        continue;
                    }
                    let reference = out.references.next();
                    channel.inbox.requested(reference, env.now + env.config.join_timeout_ms);
                    let channel = channel.name.clone();
                    out.push(Step::Recover { channel, reference, behind, to });
                }
            }
        }
    }
}

/// Receives a message with its position, `None` if it cannot be delivered.
fn receive<P: Payload>(
    memberships: &mut Memberships<P>,
    env: &mut Env,
    id: ChannelId,
    position: &StreamPosition,
    message: Option<Box<Message<P>>>,
) {
    let Some(delivery) = memberships.delivery(id) else { return };
    if delivery.receive(env, position, message) == Rejoin::Needed {
        rejoin(memberships, env, id);
    }
}

/// Joins again for missing messages, unless a join is pending: at once, but with backoff where the
/// former membership did not last either.
fn rejoin<P: Payload>(memberships: &mut Memberships<P>, env: &mut Env, id: ChannelId) {
    let Memberships { table, out, .. } = &mut *memberships;
    let Some(at) = table.position(id) else { return };
    let Some(channel) = table.at_mut(at).filter(|channel| channel.is_joined()) else { return };
    Delivery { channel, out }.rejoin(env);
    let is_first = channel.note_membership(env.now, env.config.reconnect_reset_ms)
        || channel.backoff.failures() == 0;
    let retry_at = channel.backoff.fail(env, None);
    if is_first {
        memberships.join(env, at);
    } else {
        channel.membership = Membership::Failed { retry_at: Some(retry_at) };
    }
    memberships.emit_state(id, Reason::Recovering);
}
