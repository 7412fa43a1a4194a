//! The presence of the channels as one app received it, and its own accepted metas.

use tidewire::core::id::ChannelId;
use tidewire::core::presence::{PresenceChange, PresenceKind};

use crate::action::Topic;
use crate::invariants::PRESENCE_AGREES;
use crate::server::Shown;
use crate::value::Value;
use crate::violations::ViolationLog;

/// The presence and typing of one channel as the app received it.
#[derive(Debug)]
struct ChannelPresence {
    channel: ChannelId,
    topic: Topic,
    seen: Shown,
    typing: Vec<String>,
    /// The number in the app's own meta that the server accepted last.
    own: Option<u32>,
}

/// The presence of one app's channels.
#[derive(Debug, Default)]
pub(crate) struct PresenceModel {
    channels: Vec<ChannelPresence>,
    metas: u32,
}

impl PresenceModel {
    /// A number for a meta, unique in this page.
    pub(crate) fn new_meta(&mut self) -> u32 {
        self.metas += 1;
        self.metas
    }

    /// Adds a channel that the client emitted an event of.
    pub(crate) fn known(&mut self, channel: ChannelId, topic: Topic) {
        if self.find(channel).is_none() {
            self.channels.retain(|presence| presence.topic != topic);
            let (seen, typing) = (Shown::new(), Vec::new());
            self.channels.push(ChannelPresence { channel, topic, seen, typing, own: None });
        }
    }

    /// Removes a channel that the client has left; returns its name.
    pub(crate) fn left(&mut self, channel: ChannelId) -> Option<Topic> {
        let topic = self.find(channel)?.topic;
        self.channels.retain(|presence| presence.channel != channel);
        Some(topic)
    }

    /// Removes everything: a replacement engine has no presence yet.
    pub(crate) fn engine_replaced(&mut self) {
        self.channels.clear();
    }

    /// Applies changes of a channel's presence.
    pub(crate) fn changed(
        &mut self,
        channel: ChannelId,
        changes: Vec<PresenceChange<Value>>,
        violations: &mut ViolationLog,
    ) {
        let Some(presence) = self.find(channel) else { return };
        for change in changes.into_iter().filter(|change| change.kind != PresenceKind::Sync) {
            let mut shown: Vec<_> =
                change.metas.iter().filter_map(|meta| meta.whole("m")).collect();
            shown.sort_unstable();
            let known = presence.seen.contains_key(&change.key);
            violations.ensure(known || change.kind == PresenceKind::Join, PRESENCE_AGREES, || {
                format!("{:?} of {}, who was not present", change.kind, change.key)
            });
            if shown.is_empty() {
                presence.seen.remove(&change.key);
            } else {
                presence.seen.insert(change.key, shown);
            }
        }
    }

    /// Sets the typing users of a channel.
    pub(crate) fn typing(&mut self, channel: ChannelId, who: Vec<String>) {
        if let Some(presence) = self.find(channel) {
            presence.typing = who;
        }
    }

    /// Sets the number in the app's own meta that the server accepted last; `None` while an answer is
    /// pending.
    pub(crate) fn own(&mut self, topic: Topic, shown: Option<u32>) {
        self.channels
            .iter_mut()
            .filter(|presence| presence.topic == topic)
            .for_each(|presence| presence.own = shown);
    }

    /// Another user signs in: the former one's presence ends.
    pub(crate) fn forget_own(&mut self) {
        self.channels.iter_mut().for_each(|presence| presence.own = None);
    }

    /// The presence of a channel as the app received it.
    pub(crate) fn seen(&self, topic: Topic) -> Shown {
        let presence = self.channels.iter().find(|presence| presence.topic == topic);
        presence.map(|presence| presence.seen.clone()).unwrap_or_default()
    }

    /// The number in the app's own meta, if it is certain.
    pub(crate) fn shows(&self, topic: Topic) -> Option<u32> {
        self.channels.iter().find(|presence| presence.topic == topic)?.own
    }

    /// Describes a channel with typing users, if there is one.
    pub(crate) fn typist(&self) -> Option<String> {
        let presence = self.channels.iter().find(|presence| !presence.typing.is_empty())?;
        Some(format!("{:?} type on {}", presence.typing, presence.topic))
    }

    fn find(&mut self, channel: ChannelId) -> Option<&mut ChannelPresence> {
        self.channels.iter_mut().find(|presence| presence.channel == channel)
    }
}
