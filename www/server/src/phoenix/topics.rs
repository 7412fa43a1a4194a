//! Topics and their members.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tidewire_server_core::Rejection;

use crate::phoenix::channel_handle::{ChannelHandle, Place};
use crate::phoenix::frame::Body;
use crate::phoenix::mailbox::{Mail, Mailbox};
use crate::phoenix::outgoing::{Broadcast, Outgoing, ServerPush};
use crate::phoenix::roster::Roster;

/// One joined channel of one socket.
#[derive(Debug)]
struct Member {
    instance: u64,
    mailbox: Mailbox,
    join_ref: Option<String>,
    receives_presence: bool,
}

#[derive(Debug, Default)]
struct Topic {
    members: Vec<Member>,
    roster: Roster,
}

/// All topics. A single lock puts all events into one order.
#[derive(Debug, Default)]
pub(crate) struct Topics {
    /// The most bytes of all presence of one topic.
    presence_bytes: usize,
    topics: Mutex<BTreeMap<Place, Topic>>,
    instances: AtomicU64,
}

impl Topics {
    /// No topics yet; each may have at most `presence_bytes` bytes of presence.
    pub(crate) fn new(presence_bytes: usize) -> Self {
        Self { presence_bytes, ..Self::default() }
    }

    /// A unique number for a join.
    pub(crate) fn next_instance(&self) -> u64 {
        self.instances.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn enter(&self, handle: &ChannelHandle, receives_presence: bool) {
        let member = Member {
            instance: handle.instance,
            mailbox: handle.mailbox.clone(),
            join_ref: handle.join_ref.clone(),
            receives_presence,
        };
        self.topics.lock().entry(handle.place.clone()).or_default().members.push(member);
    }

    /// Removes a member, and sends the others a presence diff.
    pub(crate) fn leave(&self, place: &Place, instance: u64) {
        let mut topics = self.topics.lock();
        let Some(topic) = topics.get_mut(place) else { return };
        topic.members.retain(|member| member.instance != instance);
        if let Some(diff) = topic.roster.untrack(instance) {
            topic.broadcast_presence(place, diff);
        }
        if topic.members.is_empty() {
            topics.remove(place);
        }
    }

    /// Sends a broadcast to all members but one.
    pub(crate) fn broadcast(&self, place: &Place, event: &str, payload: Body, except: Option<u64>) {
        if let Some(topic) = self.topics.lock().get(place) {
            let (topic_name, event) = (Arc::clone(&place.topic), event.into());
            let broadcast = Arc::new(Broadcast { topic: topic_name, event, payload });
            let chosen = topic.members.iter().filter(|member| Some(member.instance) != except);
            deliver(chosen, &broadcast);
        }
    }

    /// Whether some member is so far behind that senders should wait.
    pub(crate) fn is_behind(&self, place: &Place) -> bool {
        let topics = self.topics.lock();
        let members = topics.get(place).into_iter().flat_map(|topic| &topic.members);
        members.into_iter().any(|member| member.mailbox.is_behind())
    }

    /// Pushes to each member separately, with its `join_ref`.
    pub(crate) fn push_each(&self, place: &Place, event: &str, payload: &Body) {
        if let Some(topic) = self.topics.lock().get(place) {
            for member in &topic.members {
                member.mailbox.post(Mail::Send(Outgoing::Push(ServerPush {
                    join_ref: member.join_ref.clone(),
                    reference: None,
                    topic: Arc::clone(&place.topic),
                    event: event.into(),
                    payload: payload.clone(),
                })));
            }
        }
    }

    /// Rejects a presence that exceeds the topic's limit together with the others.
    pub(crate) fn check_room(
        &self,
        place: &Place,
        instance: u64,
        key: &str,
        meta: &str,
    ) -> Result<(), Rejection> {
        let topics = self.topics.lock();
        let others = topics.get(place).map_or(0, |topic| topic.roster.bytes_beside(instance));
        if others + key.len() + meta.len() > self.presence_bytes {
            return Err(Rejection::limit("the topic's presence is as large as it may be"));
        }
        Ok(())
    }

    /// Adds or changes a presence, and sends the members the diff.
    pub(crate) fn track(&self, place: &Place, instance: u64, key: &str, meta: &str) {
        if let Some(topic) = self.topics.lock().get_mut(place) {
            let diff = topic.roster.track(instance, key, meta);
            topic.broadcast_presence(place, diff);
        }
    }

    /// Removes a presence, and sends the members the diff.
    pub(crate) fn untrack(&self, place: &Place, instance: u64) {
        if let Some(topic) = self.topics.lock().get_mut(place)
            && let Some(diff) = topic.roster.untrack(instance)
        {
            topic.broadcast_presence(place, diff);
        }
    }

    /// The presence meta that a member sent.
    pub(crate) fn tracked(&self, place: &Place, instance: u64) -> Option<String> {
        self.topics.lock().get(place)?.roster.given(instance).map(ToOwned::to_owned)
    }

    /// Makes a member receive presence diffs from now on.
    pub(crate) fn show_presence(&self, place: &Place, instance: u64) {
        let mut topics = self.topics.lock();
        let members = topics.get_mut(place).map(|topic| &mut topic.members);
        for member in members.into_iter().flatten().filter(|m| m.instance == instance) {
            member.receives_presence = true;
        }
    }

    /// The text of `presence_state`.
    pub(crate) fn presence_state(&self, place: &Place) -> String {
        self.topics.lock().get(place).map_or_else(|| "{}".into(), |topic| topic.roster.state())
    }
}

impl Topic {
    fn broadcast_presence(&self, place: &Place, diff: String) {
        let broadcast = Arc::new(Broadcast {
            topic: Arc::clone(&place.topic),
            event: "presence_diff".into(),
            payload: Body::json(diff),
        });
        deliver(self.members.iter().filter(|member| member.receives_presence), &broadcast);
    }
}

fn deliver<'a, M: Iterator<Item = &'a Member>>(members: M, broadcast: &Arc<Broadcast>) {
    for member in members {
        let (instance, broadcast) = (member.instance, Arc::clone(broadcast));
        member.mailbox.post(Mail::Deliver { instance, broadcast });
    }
}
