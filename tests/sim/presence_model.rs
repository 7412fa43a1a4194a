//! Who is in the channels, as one app was told, and what it shows of its own user.

use tidewire::core::id::ChannelId;
use tidewire::core::presence::{PresenceChange, PresenceKind};

use crate::action::Topic;
use crate::invariants::PRESENCE_AGREES;
use crate::server::Shown;
use crate::value::Value;
use crate::violations::ViolationLog;

#[derive(Debug)]
struct ChannelPresence {
    channel: ChannelId,
    topic: Topic,
    seen: Shown,
    typing: Vec<String>,
    /// What the server accepted last of what the app wants shown.
    own: Option<u32>,
}

/// The people of one app's channels.
#[derive(Debug, Default)]
pub(crate) struct PresenceModel {
    rooms: Vec<ChannelPresence>,
    metas: u32,
}

impl PresenceModel {
    /// A number to be shown, unlike all others of this page.
    pub(crate) fn new_meta(&mut self) -> u32 {
        self.metas += 1;
        self.metas
    }

    /// The client spoke of a channel.
    pub(crate) fn known(&mut self, channel: ChannelId, topic: Topic) {
        if self.find(channel).is_none() {
            self.rooms.retain(|room| room.topic != topic);
            let (seen, typing) = (Shown::new(), Vec::new());
            self.rooms.push(ChannelPresence { channel, topic, seen, typing, own: None });
        }
    }

    /// The client gave a channel up; returns which.
    pub(crate) fn left(&mut self, channel: ChannelId) -> Option<Topic> {
        let topic = self.find(channel)?.topic;
        self.rooms.retain(|room| room.channel != channel);
        Some(topic)
    }

    /// Another engine knows nobody yet.
    pub(crate) fn engine_replaced(&mut self) {
        self.rooms.clear();
    }

    /// Who is there changed.
    pub(crate) fn changed(
        &mut self,
        channel: ChannelId,
        changes: Vec<PresenceChange<Value>>,
        violations: &mut ViolationLog,
    ) {
        let Some(room) = self.find(channel) else { return };
        for change in changes.into_iter().filter(|change| change.kind != PresenceKind::Sync) {
            let mut shown: Vec<_> =
                change.metas.iter().filter_map(|meta| meta.whole("m")).collect();
            shown.sort_unstable();
            let known = room.seen.contains_key(&change.key);
            violations.ensure(known || change.kind == PresenceKind::Join, PRESENCE_AGREES, || {
                format!("{:?} of {}, who was not there", change.kind, change.key)
            });
            if shown.is_empty() {
                room.seen.remove(&change.key);
            } else {
                room.seen.insert(change.key, shown);
            }
        }
    }

    /// Who types changed.
    pub(crate) fn typing(&mut self, channel: ChannelId, who: Vec<String>) {
        if let Some(room) = self.find(channel) {
            room.typing = who;
        }
    }

    /// What the server accepted last of what the app wants shown; nothing is certain while an
    /// answer is awaited.
    pub(crate) fn own(&mut self, topic: Topic, shown: Option<u32>) {
        self.rooms.iter_mut().filter(|room| room.topic == topic).for_each(|room| room.own = shown);
    }

    /// Another user signs in: what the former one showed is not shown any more.
    pub(crate) fn forget_own(&mut self) {
        self.rooms.iter_mut().for_each(|room| room.own = None);
    }

    /// Whom the app sees in a channel.
    pub(crate) fn seen(&self, topic: Topic) -> Shown {
        let room = self.rooms.iter().find(|room| room.topic == topic);
        room.map(|room| room.seen.clone()).unwrap_or_default()
    }

    /// What the app shows in a channel, as far as it is certain.
    pub(crate) fn shows(&self, topic: Topic) -> Option<u32> {
        self.rooms.iter().find(|room| room.topic == topic)?.own
    }

    /// Somebody who types.
    pub(crate) fn typist(&self) -> Option<String> {
        let room = self.rooms.iter().find(|room| !room.typing.is_empty())?;
        Some(format!("{:?} type on {}", room.typing, room.topic))
    }

    fn find(&mut self, channel: ChannelId) -> Option<&mut ChannelPresence> {
        self.rooms.iter_mut().find(|room| room.channel == channel)
    }
}
