//! Membership of channels: joining with recovery, leaving, presence.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::account::Requester;
use crate::channel::{Channel, Membership};
use crate::connection_handle::ConnectionHandle;
use crate::features::Feature;
use crate::frame::{Frame, Object, quote};
use crate::hub::{Hub, no_channel};
use crate::message::Message;
use crate::outbound::Replay;
use crate::presence::Owner;
use crate::publication::check_name;
use crate::rejection::Rejection;

/// How many names of its channels are kept of a closed connection.
const REMEMBERED: usize = 20;

/// A position in a channel's log.
#[derive(Debug, Clone)]
pub(crate) struct Position {
    pub(crate) epoch: String,
    pub(crate) seq: u64,
}

/// The action of a presence frame.
pub(crate) enum PresenceAction<'a> {
    Track { meta: Option<&'a RawValue>, replaces: Option<String> },
    Untrack,
}

impl Hub {
    /// Makes a connection a member, answers, and sends what it missed since its position.
    pub(crate) fn subscribe(
        &self,
        connection: &Arc<ConnectionHandle>,
        name: &str,
        reference: Option<&RawValue>,
        since: Option<&Position>,
        requester: &Requester,
    ) -> Result<(), Rejection> {
        check_name(name)?;
        if !connection.allows(name) {
            return Err(Rejection::forbidden("this user may not read this channel"));
        }
        let features = connection.features();
        let mut state = self.state.lock();
        if !state.channels.get(name).is_some_and(|c| c.members.contains_key(&connection.number))
            && connection.state().channels.len() >= self.limits.max_channels
        {
            return Err(Rejection::limit("this connection is in as many channels as it may"));
        }
        self.enter(&mut state, name, Some(requester))?;
        let channel = state.channels.get_mut(name).ok_or_else(no_channel)?;
        channel.log.trim(&self.limits, crate::clock::now_ms());
        let head = channel.log.head();
        let missed = since
            .filter(|position| position.epoch == channel.log.epoch())
            .and_then(|position| channel.log.range(position.seq.checked_add(1)?, head));
        let mut answer = Object::frame("subscribed").text("channel", name).raw_if("ref", reference);
        if features.has(Feature::Seq) {
            let seq = missed.as_ref().map_or(head, |missed| head - missed.len() as u64);
            answer = answer
                .text("epoch", channel.log.epoch())
                .number("seq", seq)
                .number("head", head)
                .bool("recovered", missed.is_some());
        }
        connection.outbound.push(Frame::new("subscribed", answer.end()));
        if features.has(Feature::Seq) {
            connection.outbound.replay(replay(name, channel, missed.unwrap_or_default()));
        }
        if features.has(Feature::Presence) {
            let state = Object::frame("presence_state")
                .text("channel", name)
                .raw("state", &channel.roster.state())
                .end();
            connection.outbound.push(Frame::new("presence_state", state));
        }
        let membership = Membership {
            connection: Arc::clone(connection),
            reference: reference.map(ToOwned::to_owned),
            reported: head,
        };
        if channel.members.insert(connection.number, membership).is_none() {
            connection.state().channels.push(name.to_owned());
        }
        self.stats.subscribed(name);
        Ok(())
    }

    /// Ends a membership on request; its presence ends with it.
    pub(crate) fn unsubscribe(
        &self,
        connection: &ConnectionHandle,
        name: &str,
        reference: Option<&RawValue>,
    ) {
        let mut state = self.state.lock();
        if let Some(channel) = state.channels.get_mut(name) {
            remove(channel, name, connection);
            self.stats.unsubscribed(name);
            state.forget_if_new(name);
        }
        let answer =
            Object::frame("unsubscribed").text("channel", name).raw_if("ref", reference).end();
        connection.outbound.push(Frame::new("unsubscribed", answer));
    }

    /// Ends the memberships that a connection's new token does not cover.
    pub(crate) fn enforce(&self, connection: &ConnectionHandle) {
        let rejection = Rejection::forbidden("the new token does not cover this channel");
        let names = connection.state().channels.clone();
        let mut state = self.state.lock();
        for name in names.iter().filter(|name| !connection.allows(name)) {
            let Some(channel) = state.channels.get_mut(name) else {
                continue;
            };
            let Some(membership) = remove(channel, name, connection) else {
                continue;
            };
            let notice = Object::frame("unsubscribed")
                .text("channel", name)
                .raw_if("ref", membership.reference.as_deref())
                .rejection(&rejection)
                .end();
            connection.outbound.push(Frame::new("unsubscribed", notice));
            state.forget_if_new(name);
        }
    }

    /// Sends the messages that a member requests again.
    pub(crate) fn recover(
        &self,
        connection: &ConnectionHandle,
        name: &str,
        reference: Option<&RawValue>,
        epoch: &str,
        (from, to): (u64, u64),
    ) -> Result<(), Rejection> {
        let state = self.state.lock();
        let channel = state
            .channels
            .get(name)
            .filter(|channel| channel.members.contains_key(&connection.number))
            .ok_or_else(|| Rejection::invalid("recovering needs a subscription"))?;
        let known = epoch == channel.log.epoch() && from <= to;
        let held = if known { channel.log.held(from, to) } else { Vec::new() };
        let complete = known && held.len() as u64 == (to - from).saturating_add(1);
        connection.outbound.replay(replay(name, channel, held));
        let answer = Object::frame("recovered")
            .text("channel", name)
            .raw_if("ref", reference)
            .bool("complete", complete)
            .end();
        connection.outbound.push(Frame::new("recovered", answer));
        Ok(())
    }

    /// The heads of a connection's channels that changed since its last ping, as JSON text.
    pub(crate) fn heads(&self, connection: &ConnectionHandle) -> String {
        let names = connection.state().channels.clone();
        let mut state = self.state.lock();
        let mut heads = Vec::new();
        for name in names {
            let Some(channel) = state.channels.get_mut(&name) else {
                continue;
            };
            let head = channel.log.head();
            let Some(membership) = channel.members.get_mut(&connection.number) else {
                continue;
            };
            if membership.reported != head {
                membership.reported = head;
                let position =
                    Object::new().text("epoch", channel.log.epoch()).number("seq", head).end();
                heads.push(format!("{}:{position}", quote(&name)));
            }
        }
        format!("{{{}}}", heads.join(","))
    }

    /// Changes a connection's presence in a channel it is a member of.
    pub(crate) fn presence(
        &self,
        connection: &ConnectionHandle,
        name: &str,
        reference: Option<&RawValue>,
        action: PresenceAction<'_>,
    ) -> Result<(), Rejection> {
        let mut state = self.state.lock();
        let channel = state
            .channels
            .get_mut(name)
            .filter(|channel| channel.members.contains_key(&connection.number))
            .ok_or_else(|| Rejection::invalid("presence needs a subscription"))?;
        let user = connection.user();
        let key = user.clone().unwrap_or_else(|| connection.id.clone());
        let change = match action {
            PresenceAction::Track { meta, replaces } => {
                let owner = Owner { connection: connection.number, user, key: key.clone() };
                Some(channel.roster.track(owner, meta, replaces.as_deref(), &self.limits)?)
            }
            PresenceAction::Untrack => channel.roster.leave(connection.number),
        };
        let answer = Object::frame("presence_ok")
            .text("channel", name)
            .raw_if("ref", reference)
            .text("key", &key)
            .text_if("presence", change.as_ref().map(|(reference, _)| reference.as_str()))
            .end();
        connection.outbound.push(Frame::new("presence_ok", answer));
        if let Some((_, diff)) = change {
            channel.announce(name, &diff);
        }
        Ok(())
    }

    /// Takes a closed connection out of everything but presence, which waits for
    /// [`Hub::forget_presence`].
    pub(crate) fn dismiss(&self, connection: &ConnectionHandle) {
        let names = connection.state().channels.clone();
        let mut state = self.state.lock();
        state.everywhere.remove(&connection.number);
        for name in names {
            if let Some(channel) = state.channels.get_mut(&name) {
                channel.members.remove(&connection.number);
                state.forget_if_new(&name);
            }
        }
    }

    /// Ends the presence of a closed connection, if nobody took it over.
    pub(crate) fn forget_presence(&self, connection: &ConnectionHandle) {
        let names = connection.state().channels.clone();
        let mut state = self.state.lock();
        for name in names {
            if let Some(channel) = state.channels.get_mut(&name)
                && let Some((_, diff)) = channel.roster.leave(connection.number)
            {
                channel.announce(&name, &diff);
                state.forget_if_new(&name);
            }
        }
        drop(state);
        // The records keep only some of the names.
        connection.state().channels.truncate(REMEMBERED);
    }
}

fn remove(channel: &mut Channel, name: &str, connection: &ConnectionHandle) -> Option<Membership> {
    let membership = channel.members.remove(&connection.number)?;
    connection.state().channels.retain(|n| n != name);
    if let Some((_, diff)) = channel.roster.leave(connection.number) {
        channel.announce(name, &diff);
    }
    Some(membership)
}

fn replay(name: &str, channel: &Channel, messages: Vec<Arc<Message>>) -> Replay {
    Replay {
        channel: name.to_owned(),
        epoch: channel.log.epoch().to_owned(),
        messages: VecDeque::from(messages),
    }
}
