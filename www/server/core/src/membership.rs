//! Membership of channels: joining with recovery, leaving, presence.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::account::Requester;
use crate::application::Application;
use crate::channel::Membership;
use crate::clock::Now;
use crate::connection::Connection;
use crate::features::{Feature, Features};
use crate::frame::{Frame, Object, quote};
use crate::grant::Grant;
use crate::hub::{Absent, Hub, no_channel};
use crate::output::{Action, Admission, Output, Replay};
use crate::position::Position;
use crate::presence::{Diff, Owner};
use crate::publication::check_name;
use crate::rejection::Rejection;
use crate::storage::Storage;

/// The action of a presence frame.
#[derive(Debug)]
pub(crate) enum PresenceAction<'a> {
    Track { meta: Option<&'a RawValue>, replaces: Option<String> },
    Untrack,
}

impl<A: Application, S: Storage<A::Change>> Hub<A, S> {
    /// Registers an authenticated connection and sends this answer.
    pub(crate) fn admit(
        &mut self,
        number: u64,
        id: &str,
        features: Features,
        grant: Grant,
        answer: Frame,
    ) {
        let (user, mark) = (grant.user.clone(), grant.mark);
        self.push(number, Action::Admit(Admission { features, user, mark }));
        self.send(number, answer);
        if !features.has(Feature::Subscribe) {
            self.everywhere.insert(number);
        }
        let connection = Connection { id: id.to_owned(), features, grant, channels: Vec::new() };
        self.connections.insert(number, connection);
    }

    /// Replaces a connection's grant, sends this answer, and ends the memberships that the new
    /// grant does not allow.
    pub(crate) fn readmit(&mut self, number: u64, grant: Grant, answer: Frame) {
        let Some(connection) = self.connections.get_mut(&number) else {
            return;
        };
        let features = connection.features;
        let (user, mark) = (grant.user.clone(), grant.mark);
        let is_lost = |name: &&String| !grant.allows(name);
        let lost: Vec<String> = connection.channels.iter().filter(is_lost).cloned().collect();
        connection.grant = grant;
        self.push(number, Action::Admit(Admission { features, user, mark }));
        self.send(number, answer);
        let rejection = Rejection::forbidden("the new token does not cover this channel");
        for name in lost {
            let Some(membership) = self.remove(&name, number) else {
                continue;
            };
            let notice = Object::frame("unsubscribed")
                .text("channel", &name)
                .raw_if("ref", membership.reference.as_deref())
                .rejection(&rejection)
                .end();
            self.send(number, Frame::new("unsubscribed", notice));
            self.forget_if_new(&name);
        }
    }

    /// Makes a connection a member, answers, and sends the messages since its position.
    pub(crate) fn subscribe(
        &mut self,
        number: u64,
        name: &str,
        reference: Option<&RawValue>,
        since: Option<&Position>,
        requester: &Requester,
        now: Now,
    ) -> Result<(), Rejection> {
        check_name(name)?;
        let connection = self.connections.get(&number).ok_or_else(no_connection)?;
        if !connection.grant.allows(name) {
            return Err(Rejection::forbidden("this user may not read this channel"));
        }
        let features = connection.features;
        let is_member = self.channels.get(name).is_some_and(|c| c.members.contains_key(&number));
        if !is_member && connection.channels.len() >= self.limits.max_channels {
            return Err(Rejection::limit("this connection is in as many channels as it may"));
        }
        self.enter(name, Some(requester), now)?;
        let missed = since.and_then(|position| self.storage.read_after(name, position, now));
        let head = self.storage.head(name).ok_or_else(no_channel)?;
        let mut answer = Object::frame("subscribed").text("channel", name).raw_if("ref", reference);
        if features.has(Feature::Seq) {
            let seq = missed.as_ref().map_or(head.seq, |missed| head.seq - missed.len() as u64);
            answer = answer
                .text("epoch", &head.epoch)
                .number("seq", seq)
                .number("head", head.seq)
                .bool("recovered", missed.is_some());
        }
        self.send(number, Frame::new("subscribed", answer.end()));
        if features.has(Feature::Seq) {
            let replay = Replay::new(name, head.epoch, missed.unwrap_or_default());
            self.push(number, Action::Replay(replay));
        }
        if features.has(Feature::Presence) {
            let state = Object::frame("presence_state")
                .text("channel", name)
                .raw("state", &self.storage.present(name))
                .end();
            self.send(number, Frame::new("presence_state", state));
        }
        let reference = reference.map(ToOwned::to_owned);
        let membership = Membership { features, reference, reported: head.seq };
        let channel = self.channels.get_mut(name).ok_or_else(no_channel)?;
        if channel.members.insert(number, membership).is_none()
            && let Some(connection) = self.connections.get_mut(&number)
        {
            connection.channels.push(name.to_owned());
        }
        self.counters.subscribes.count(name, self.limits.counted_channels);
        Ok(())
    }

    /// Ends a membership on request; its presence ends with it.
    pub(crate) fn unsubscribe(&mut self, number: u64, name: &str, reference: Option<&RawValue>) {
        if self.channels.contains_key(name) {
            self.remove(name, number);
            self.counters.unsubscribes.count(name, self.limits.counted_channels);
            self.forget_if_new(name);
        }
        let answer =
            Object::frame("unsubscribed").text("channel", name).raw_if("ref", reference).end();
        self.send(number, Frame::new("unsubscribed", answer));
    }

    /// Resends the messages that a member requests.
    pub(crate) fn recover(
        &mut self,
        number: u64,
        name: &str,
        reference: Option<&RawValue>,
        epoch: &str,
        (from, to): (u64, u64),
    ) -> Result<(), Rejection> {
        let is_member = self.channels.get(name).is_some_and(|c| c.members.contains_key(&number));
        let head = self.storage.head(name).filter(|_| is_member);
        let head = head.ok_or_else(|| Rejection::invalid("recovering needs a subscription"))?;
        let known = epoch == head.epoch && from <= to;
        let messages = if known { self.storage.read(name, from, to) } else { Vec::new() };
        let complete = known && messages.len() as u64 == (to - from).saturating_add(1);
        self.push(number, Action::Replay(Replay::new(name, head.epoch, messages)));
        let answer = Object::frame("recovered")
            .text("channel", name)
            .raw_if("ref", reference)
            .bool("complete", complete)
            .end();
        self.send(number, Frame::new("recovered", answer));
        Ok(())
    }

    /// The heads of a connection's channels that changed since its last ping, as JSON text.
    pub(crate) fn heads(&mut self, number: u64) -> String {
        let names = self.connections.get(&number).map_or(&[][..], |c| &c.channels);
        let mut heads = Vec::new();
        for name in names {
            let channel = self.channels.get_mut(name);
            let membership = channel.and_then(|channel| channel.members.get_mut(&number));
            let (Some(membership), Some(head)) = (membership, self.storage.head(name)) else {
                continue;
            };
            if membership.reported != head.seq {
                membership.reported = head.seq;
                let position = Object::new().text("epoch", &head.epoch).number("seq", head.seq);
                heads.push(format!("{}:{}", quote(name), position.end()));
            }
        }
        format!("{{{}}}", heads.join(","))
    }

    /// Changes a connection's presence in a channel it is a member of.
    pub(crate) fn presence(
        &mut self,
        number: u64,
        name: &str,
        reference: Option<&RawValue>,
        action: PresenceAction<'_>,
    ) -> Result<(), Rejection> {
        let connection = self.connections.get(&number).ok_or_else(no_connection)?;
        if !self.channels.get(name).is_some_and(|c| c.members.contains_key(&number)) {
            return Err(Rejection::invalid("presence needs a subscription"));
        }
        let user = connection.grant.user.clone();
        let key = user.clone().unwrap_or_else(|| connection.id.clone());
        let change = match action {
            PresenceAction::Track { meta, replaces } => {
                let owner = Owner { connection: number, user, key: key.clone() };
                let token = self.randomness.token();
                let diff = self.storage.track(name, owner, &token, meta, replaces.as_deref())?;
                Some((token, diff))
            }
            PresenceAction::Untrack => self.storage.untrack(name, number),
        };
        let answer = Object::frame("presence_ok")
            .text("channel", name)
            .raw_if("ref", reference)
            .text("key", &key)
            .text_if("presence", change.as_ref().map(|(reference, _)| reference.as_str()))
            .end();
        self.send(number, Frame::new("presence_ok", answer));
        if let Some((_, diff)) = change {
            self.announce(name, &diff);
        }
        Ok(())
    }

    /// Removes a closed connection; its presence ends after the grace period. Returns the channels
    /// it was a member of, in the order of joining.
    pub fn dismiss(&mut self, number: u64, now: Now) -> Vec<String> {
        self.everywhere.remove(&number);
        let Some(connection) = self.connections.remove(&number) else {
            return Vec::new();
        };
        for name in &connection.channels {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.members.remove(&number);
                self.forget_if_new(name);
            }
        }
        if !connection.channels.is_empty() {
            let due = now.uptime + std::time::Duration::from_millis(self.limits.presence_grace_ms);
            let channels = connection.channels.clone();
            self.absent.push_back(Absent { due, connection: number, channels });
        }
        connection.channels
    }

    /// Ends the presence of a closed connection, if nobody took it over.
    pub(crate) fn end_presence(&mut self, absent: &Absent) {
        for name in &absent.channels {
            if let Some((_, diff)) = self.storage.untrack(name, absent.connection) {
                self.announce(name, &diff);
                self.forget_if_new(name);
            }
        }
    }

    fn remove(&mut self, name: &str, number: u64) -> Option<Membership> {
        let membership = self.channels.get_mut(name)?.members.remove(&number)?;
        if let Some(connection) = self.connections.get_mut(&number) {
            connection.channels.retain(|n| n != name);
        }
        if let Some((_, diff)) = self.storage.untrack(name, number) {
            self.announce(name, &diff);
        }
        Some(membership)
    }

    /// Sends a presence diff to the members.
    fn announce(&mut self, name: &str, diff: &Diff) {
        let text = Object::frame("presence_diff")
            .text("channel", name)
            .raw("joins", &diff.joins)
            .raw("leaves", &diff.leaves)
            .end();
        let frame = Arc::new(Frame::new("presence_diff", text));
        let members = self.channels.get(name).into_iter().flat_map(|channel| &channel.members);
        let members = members.filter(|(_, member)| member.features.has(Feature::Presence));
        self.outputs.extend(
            members
                .map(|(number, _)| Output::Connection(*number, Action::Send(Arc::clone(&frame)))),
        );
    }

    fn send(&mut self, number: u64, frame: Frame) {
        self.push(number, Action::Send(Arc::new(frame)));
    }

    fn push(&mut self, number: u64, action: Action) {
        self.outputs.push_back(Output::Connection(number, action));
    }
}

/// The rejection for a request of a connection that is not registered, which should not happen.
fn no_connection() -> Rejection {
    Rejection::internal("the connection is gone")
}
