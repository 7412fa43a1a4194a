//! The meeting place: channels with their logs and members, and publishing into them.
//!
//! One lock over everything gives one order of events. A connection's queue is only ever locked
//! inside it, and nothing in here waits (but for the disk, when logs are durable).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use serde_json::value::RawValue;

use crate::clock::now_ms;
use crate::config::Limits;
use crate::features::Feature;
use crate::frame::{Frame, Object};
use crate::link::Link;
use crate::log::ChannelLog;
use crate::message::{Message, Rendering, Shape};
use crate::presence::{Diff, Roster};
use crate::random;
use crate::refusal::Refusal;
use crate::stats::Stats;
use crate::store::Store;

/// Room for the envelope around a payload, so that what came in within the frame limit also
/// goes out within it.
const ENVELOPE_BYTES: usize = 256;

/// All channels and who is in them.
pub(crate) struct Hub {
    pub(crate) limits: Limits,
    pub(crate) stats: Arc<Stats>,
    pub(crate) state: Mutex<State>,
}

/// What the hub's lock guards.
pub(crate) struct State {
    pub(crate) channels: HashMap<String, Channel>,
    /// Connections that subscribe on their own side, and so get every channel.
    pub(crate) everywhere: BTreeMap<u64, Arc<Link>>,
    pub(crate) store: Option<Store>,
}

/// One channel.
pub(crate) struct Channel {
    pub(crate) log: ChannelLog,
    pub(crate) members: BTreeMap<u64, Membership>,
    pub(crate) roster: Roster,
}

/// One connection's membership of one channel.
pub(crate) struct Membership {
    pub(crate) link: Arc<Link>,
    pub(crate) reference: Option<Box<RawValue>>,
    /// The head this connection was last told of.
    pub(crate) reported: u64,
}

/// A message to be accepted.
pub(crate) struct Publication<'a> {
    pub(crate) channel: &'a str,
    pub(crate) id: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) payload: Box<RawValue>,
    pub(crate) user: Option<String>,
    /// The text it came as, when that was the spread form.
    pub(crate) verbatim: Option<Utf8Bytes>,
}

/// Where a message has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) id: String,
    pub(crate) seq: u64,
    pub(crate) epoch: String,
}

impl Hub {
    /// A hub, with whatever logs are stored.
    pub(crate) fn new(
        limits: Limits,
        stats: Arc<Stats>,
        store: Option<Store>,
    ) -> Result<Self, String> {
        let mut channels = HashMap::new();
        if let Some(store) = &store {
            let stored = store.load().map_err(|e| format!("cannot read the stored logs: {e}"))?;
            for (name, mut log) in stored {
                log.trim(&limits, now_ms());
                channels.insert(name, Channel::new(log));
            }
        }
        let state = State { channels, everywhere: BTreeMap::new(), store };
        Ok(Self { limits, stats, state: Mutex::new(state) })
    }

    /// Lets an authenticated connection take part.
    pub(crate) fn admit(&self, link: &Arc<Link>) {
        if !link.features().has(Feature::Subscribe) {
            self.state.lock().everywhere.insert(link.number, Arc::clone(link));
        }
    }

    /// Accepts a message: stores it, then gives it to everybody concerned, the sender included.
    /// An id that the same user sent before is answered with its place and not delivered again.
    pub(crate) fn publish(&self, publication: Publication<'_>) -> Result<Placed, Refusal> {
        check_name(publication.channel)?;
        publication.check(&self.limits)?;
        let now = now_ms();
        let mut guard = self.state.lock();
        let State { channels, everywhere, store } = &mut *guard;
        let channel = enter(channels, store, publication.channel, &self.limits)?;
        channel.log.trim(&self.limits, now);
        if let Some(id) = &publication.id
            && let Some(known) = channel.log.accepted(id)
        {
            if known.user != publication.user {
                return Err(Refusal::invalid("this id is taken by another user's message"));
            }
            let epoch = channel.log.epoch().to_owned();
            return Ok(Placed { id: id.clone(), seq: known.seq, epoch });
        }
        let message = Message {
            seq: channel.log.head() + 1,
            id: publication.id.unwrap_or_else(random::token),
            event: publication.event,
            payload: publication.payload,
            user: publication.user,
            at: now,
        };
        if let Some(store) = store {
            store
                .append(publication.channel, &message, &self.limits)
                .map_err(|e| storage_refusal(&e))?;
        }
        let message = Arc::new(message);
        channel.log.append(Arc::clone(&message));
        self.stats.published(publication.channel);
        let epoch = channel.log.epoch();
        let placed = Placed { id: message.id.clone(), seq: message.seq, epoch: epoch.to_owned() };
        let rendering = Rendering::new(publication.channel, epoch, message, publication.verbatim);
        for member in channel.members.values() {
            let shape = Shape::of(member.link.features());
            member.link.outbound.push(rendering.frame(shape));
        }
        for link in everywhere.values().filter(|link| link.allows(publication.channel)) {
            link.outbound.push(rendering.frame(Shape::of(link.features())));
        }
        channel.log.trim(&self.limits, now);
        Ok(placed)
    }

    /// Hands a passing message round, to all but the sender, who could not tell it from
    /// another's.
    pub(crate) fn pass(&self, sender: &Link, name: &str, frame: &Frame) -> Result<(), Refusal> {
        check_name(name)?;
        let state = self.state.lock();
        let members = state.channels.get(name).into_iter().flat_map(|c| c.members.values());
        let everywhere = state.everywhere.values().filter(|link| link.allows(name));
        members
            .map(|member| &member.link)
            .chain(everywhere)
            .filter(|link| link.number != sender.number)
            .filter(|link| link.features().has(Feature::Ephemeral))
            .for_each(|link| link.outbound.offer(frame.clone()));
        Ok(())
    }

    /// Forgets what is too old, and channels in which nothing ever happened.
    pub(crate) fn sweep(&self) {
        let now = now_ms();
        self.state.lock().channels.retain(|_, channel| {
            channel.log.trim(&self.limits, now);
            // A channel that had messages keeps its epoch: a reader may still come back to it.
            channel.log.head() > 0 || !channel.members.is_empty() || !channel.roster.is_empty()
        });
    }

    /// What a restart does to channels: members and presence are gone, and with `lose` the logs.
    pub(crate) fn restart(&self, lose: bool) -> Result<(), Refusal> {
        let mut state = self.state.lock();
        state.everywhere.clear();
        if lose {
            state.channels.clear();
            if let Some(store) = &mut state.store {
                store.clear().map_err(|e| storage_refusal(&e))?;
            }
        }
        for channel in state.channels.values_mut() {
            channel.members.clear();
            channel.roster.clear();
        }
        Ok(())
    }

    /// A channel's log as the control endpoint shows it.
    pub(crate) fn show_log(&self, name: &str) -> String {
        let state = self.state.lock();
        let Some(channel) = state.channels.get(name) else {
            return Object::new().raw("epoch", "null").number("head", 0).raw("entries", "[]").end();
        };
        let entries: Vec<_> = channel.log.messages().map(|m| m.entry()).collect();
        Object::new()
            .text("epoch", channel.log.epoch())
            .number("head", channel.log.head())
            .raw("entries", &format!("[{}]", entries.join(",")))
            .end()
    }

    /// Where a channel stands: its epoch and head.
    pub(crate) fn position(&self, name: &str) -> Result<(String, u64), Refusal> {
        let mut guard = self.state.lock();
        let State { channels, store, .. } = &mut *guard;
        let channel = enter(channels, store, name, &self.limits)?;
        Ok((channel.log.epoch().to_owned(), channel.log.head()))
    }
}

impl Channel {
    fn new(log: ChannelLog) -> Self {
        Self { log, members: BTreeMap::new(), roster: Roster::default() }
    }

    /// Tells the members who came and went.
    pub(crate) fn announce(&self, name: &str, diff: &Diff) {
        let text = Object::frame("presence_diff")
            .text("channel", name)
            .raw("joins", &diff.joins)
            .raw("leaves", &diff.leaves)
            .end();
        let frame = Frame::new("presence_diff", text);
        for member in self.members.values() {
            if member.link.features().has(Feature::Presence) {
                member.link.outbound.push(frame.clone());
            }
        }
    }
}

impl Publication<'_> {
    fn check(&self, limits: &Limits) -> Result<(), Refusal> {
        let id = self.id.as_deref().unwrap_or("-");
        if id.is_empty() || id.len() > 128 {
            return Err(Refusal::invalid("an `id` has 1 to 128 bytes"));
        }
        let event = self.event.as_deref().unwrap_or_default();
        let bytes = self.channel.len() + id.len() + event.len() + self.payload.get().len();
        if bytes + ENVELOPE_BYTES > limits.max_frame_bytes {
            return Err(Refusal::invalid("the message is too large for one frame"));
        }
        Ok(())
    }
}

/// The channel of this name, made if it is new.
pub(crate) fn enter<'a>(
    channels: &'a mut HashMap<String, Channel>,
    store: &mut Option<Store>,
    name: &str,
    limits: &Limits,
) -> Result<&'a mut Channel, Refusal> {
    if !channels.contains_key(name) {
        if channels.len() >= limits.max_channels_total {
            return Err(Refusal::limit("the server has as many channels as it may"));
        }
        let log = ChannelLog::new();
        if let Some(store) = store {
            store.create(name, log.epoch()).map_err(|e| storage_refusal(&e))?;
        }
        channels.insert(name.to_owned(), Channel::new(log));
    }
    channels.get_mut(name).ok_or_else(|| Refusal::internal("the channel is gone"))
}

/// Refuses what cannot be a channel's name.
pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.len() > 256 {
        return Err(Refusal::invalid("a channel's name has 1 to 256 bytes"));
    }
    Ok(())
}

fn storage_refusal(error: &rusqlite::Error) -> Refusal {
    eprintln!("the logs cannot be written: {error}");
    Refusal::internal("the message could not be stored")
}
