//! The order and completeness of the messages that subscribers receive.

use tidewire::core::id::ChannelId;
use tidewire::core::message::{Gap, StreamPosition};

use super::{GAP_EXACT, ORDER_ONCE, RESUMES};
use crate::action::Topic;
use crate::server::{Message, Note, Server, epoch_name};

/// The messages delivered to the subscribers of one channel of one client.
#[derive(Debug)]
struct Track {
    channel: ChannelId,
    topic: Topic,
    /// The ordinal delivered last, or of the position joined at; `None` until that is certain.
    last: Option<u64>,
    /// The newest ordinal when the channel was created.
    since: u64,
    /// The numbers of all messages delivered.
    seen: Vec<u32>,
    /// Ordinals that were skipped in this step, to be covered by a gap.
    passed: Vec<u64>,
    /// The gaps emitted in this step.
    gaps: Vec<Gap>,
    /// A gap without an end was emitted: it reaches to the next position that the server reports.
    open_gap: bool,
    /// Another user signed in since the last position that the server reported.
    may_restart: bool,
    /// The client reported a join in this step; whether its continuity is `Fresh`.
    joined: Option<bool>,
}

/// The messages delivered to the subscribers of one client.
#[derive(Debug, Default)]
pub(crate) struct Tracks(Vec<Track>);

impl Tracks {
    /// Adds a channel that the client emitted an event of.
    pub(crate) fn known(&mut self, (channel, topic): (ChannelId, Topic), server: &Server) {
        if self.find(channel).is_some() {
            return;
        }
        // A name has one channel at a time.
        self.0.retain(|track| track.topic != topic);
        self.0.push(Track {
            channel,
            topic,
            last: None,
            since: server.channel(topic).log.last(),
            seen: Vec::new(),
            passed: Vec::new(),
            gaps: Vec::new(),
            open_gap: false,
            may_restart: false,
            joined: None,
        });
    }

    /// Records a join that the client reported.
    pub(crate) fn joined(&mut self, channel: ChannelId, fresh: bool) {
        if let Some(track) = self.find(channel) {
            track.joined = Some(fresh);
        }
    }

    /// Removes a channel that the client has left.
    pub(crate) fn left(&mut self, channel: ChannelId) {
        self.0.retain(|track| track.channel != channel);
    }

    /// Another user signs in.
    pub(crate) fn may_restart(&mut self) {
        self.0.iter_mut().for_each(|track| track.may_restart = true);
    }

    /// Checks and records a message that was delivered to the callbacks.
    pub(crate) fn delivered(
        &mut self,
        channel: ChannelId,
        number: u32,
        position: Option<&StreamPosition>,
        server: &mut Server,
    ) {
        let Some(track) = self.find(channel) else {
            return server.violations.fail(ORDER_ONCE, || {
                format!("message {number} was delivered to {channel:?}, which is unknown")
            });
        };
        let topic = track.topic;
        let Some(ordinal) =
            ordinal(number, topic, position, track.last.unwrap_or_default(), server)
        else {
            return server.violations.fail(ORDER_ONCE, || {
                format!("message {number} was delivered on {topic} as {position:?}, which is wrong")
            });
        };
        let last = track.last.unwrap_or_else(|| track.since.min(ordinal - 1));
        server.violations.ensure(ordinal > last, ORDER_ONCE, || {
            format!("message {number} ({ordinal} on {topic}) was delivered after {last}")
        });
        let again =
            track.seen.contains(&number) && !server.message_records.was_accepted_again(number);
        server.violations.ensure(!again, ORDER_ONCE, || {
            format!("message {number} on {topic} was delivered twice")
        });
        track.pass(last + 1, ordinal, server);
        track.seen.push(number);
        track.last = Some(ordinal);
    }

    /// Whether a message was delivered to the callbacks.
    pub(crate) fn has_seen(&self, number: u32, topic: Topic) -> bool {
        self.0.iter().any(|track| track.topic == topic && track.seen.contains(&number))
    }

    /// Checks a join that the client sends, from a position in the log or without one.
    pub(crate) fn joining(&self, topic: Topic, resumes: bool, server: &mut Server) {
        let Some(track) = self.0.iter().find(|track| track.topic == topic) else { return };
        let placed = server.profile().has_seq() && track.last.is_some();
        let may_start_over = track.open_gap || track.may_restart;
        server.violations.ensure(resumes || may_start_over || !placed, RESUMES, || {
            format!("{topic} is joined without a position, and {:?} was delivered", track.last)
        });
    }

    /// Records an emitted gap. Within a membership it consists of messages that are too large.
    pub(crate) fn gap(&mut self, channel: ChannelId, gap: Gap, server: &mut Server) {
        if let Some(track) = self.find(channel) {
            if track.joined.is_none()
                && let (Some(from), Some(to)) = (gap.from, gap.to)
            {
                track.passed_over(&gap, (from, to), server);
            }
            track.open_gap |= gap.to.is_none();
            track.gaps.push(gap);
        }
    }

    /// Ends a call into the client: all messages skipped in it must have been reported.
    pub(crate) fn end_step(&mut self, position: Option<Note>, server: &mut Server) {
        for track in &mut self.0 {
            if let Some((note, fresh)) = position.zip(track.joined.take()) {
                track.position(note, fresh, server);
            }
            let gaps = std::mem::take(&mut track.gaps);
            let log = &server.channel(track.topic).log;
            let reported = |ordinal: &u64| {
                log.at(*ordinal).is_some_and(|message| gaps.iter().any(|gap| covers(gap, message)))
            };
            let unreported = track.passed.iter().copied().find(|ordinal| !reported(ordinal));
            track.passed.clear();
            server.violations.ensure(unreported.is_none(), ORDER_ONCE, || {
                format!("{unreported:?} on {} was skipped, reported were {gaps:?}", track.topic)
            });
        }
    }

    /// A channel with undelivered messages.
    pub(crate) fn behind(&self, server: &Server) -> Option<String> {
        self.0.iter().find_map(|track| {
            let newest = server.channel(track.topic).log.last();
            let last_seen = track.last.unwrap_or(track.since);
            let unseen = track.unseen(last_seen + 1, newest + 1, server);
            (!unseen.is_empty()).then(|| format!("{unseen:?} on {} was not delivered", track.topic))
        })
    }

    fn find(&mut self, channel: ChannelId) -> Option<&mut Track> {
        self.0.iter_mut().find(|track| track.channel == channel)
    }
}

impl Track {
    /// Checks a gap within a membership: each of its messages must be undeliverable.
    fn passed_over(&mut self, gap: &Gap, (from, to): (u64, u64), server: &mut Server) {
        let log = &server.channel(self.topic).log;
        let ordinals = (1..=log.last()).filter(|ordinal| {
            log.at(*ordinal).is_some_and(|message| {
                (from..=to).contains(&message.seq)
                    && gap.epoch.as_ref().is_some_and(|epoch| *epoch == epoch_name(message.epoch))
            })
        });
        let ordinals: Vec<_> = ordinals.collect();
        for ordinal in ordinals {
            let Some(number) =
                server.channel(self.topic).log.at(ordinal).map(|message| message.number)
            else {
                continue;
            };
            let large = server.large.contains(&number);
            // An invalid message may be the missing one: no client can detect that.
            let guessed = server.loses && server.unusable[self.topic as usize];
            server.violations.ensure(large || guessed, GAP_EXACT, || {
                format!("message {number} was reported as lost: {gap:?}")
            });
            self.seen.push(number);
            self.last = self.last.max(Some(ordinal));
        }
    }

    /// The client continues at the position that the server reports.
    fn position(&mut self, note: Note, fresh: bool, server: &Server) {
        let ordinal = match note {
            Note::Position { topic, ordinal, recovered: false, .. } if topic == self.topic => {
                ordinal
            }
            Note::Positions(ordinals) => ordinals[self.topic as usize],
            _ => return,
        };
        if self.may_restart && fresh {
            self.last = None;
            self.seen.clear();
        }
        self.may_restart = false;
        let was_reported = std::mem::take(&mut self.open_gap) && self.gaps.is_empty();
        if let Some(last) = self.last.filter(|_| !was_reported) {
            self.pass(last + 1, ordinal + 1, server);
        }
        self.last = self.last.max(Some(ordinal));
    }

    /// The ordinals of a range, its end not included, that were not delivered under another one.
    fn unseen(&self, from: u64, until: u64, server: &Server) -> Vec<u64> {
        let log = &server.channel(self.topic).log;
        let unseen = |ordinal: &u64| {
            log.at(*ordinal).is_some_and(|message| !self.seen.contains(&message.number))
        };
        (from..until).filter(unseen).collect()
    }

    fn pass(&mut self, from: u64, until: u64, server: &Server) {
        let mut passed = self.unseen(from, until, server);
        self.passed.append(&mut passed);
    }
}

/// The ordinal of a delivered message: that of its position, else the first one after `last`, since
/// a message that the server lost may be in the log twice.
fn ordinal(
    number: u32,
    topic: Topic,
    position: Option<&StreamPosition>,
    last: u64,
    server: &Server,
) -> Option<u64> {
    let log = &server.channel(topic).log;
    let is_it = |message: &Message| {
        let placed = |position: &StreamPosition| {
            message.seq == position.seq && epoch_name(message.epoch) == position.epoch
        };
        message.number == number && position.is_none_or(placed)
    };
    let mut places = (1..=log.last()).filter(|ordinal| log.at(*ordinal).is_some_and(is_it));
    let first = places.next()?;
    Some(places.fold(first, |best, next| if best <= last { next } else { best }))
}

/// Whether a gap covers a message.
fn covers(gap: &Gap, message: &Message) -> bool {
    let Some(epoch) = &gap.epoch else { return true };
    if *epoch == epoch_name(message.epoch) {
        return gap.from.is_none_or(|from| message.seq >= from)
            && gap.to.is_none_or(|to| message.seq <= to);
    }
    // The message is of another epoch than the ends of the gap.
    gap.from.is_none() || gap.to.is_none()
}
