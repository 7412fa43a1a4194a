//! The order of a channel's messages: which one is next, which have to wait, what is missing
//! (native protocol, `seq`).

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::core::message::{Gap, JoinReply, Message, StreamPosition};
use crate::core::time::Instant;

/// How long a hole may fill by itself before it is asked for, in milliseconds. The protocol
/// wants it asked for within 50.
pub(super) const HOLE_MS: u64 = 30;

/// How often the same message is asked for before the channel is joined anew.
const MAX_REQUESTS: u32 = 3;

/// How often the channel is joined anew for the same message before it counts as lost.
const REJOINS: u32 = 3;

/// What is being done about the messages behind the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// None are known.
    Nothing,
    /// The server is sending them, in answer to a join.
    Replaying { until: Instant },
    /// There is a hole, just seen.
    Detected { request_at: Instant },
    /// The hole was asked for; so many messages came since that could not be taken.
    Requested { reference: u32, until: Instant, unusable: u64 },
}

/// What leaves the order, in order.
#[derive(Debug)]
pub(super) enum Released<P> {
    /// A message.
    Message(Box<Message<P>>),
    /// Messages that cannot be had.
    Lost(Gap),
}

/// What to do with a message, or about a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReorderAction {
    /// Nothing more: it waits, or something becomes deliverable.
    Fine,
    /// It was delivered before.
    Repeated,
    /// The server has to be asked from the position on: join anew.
    Rejoin,
}

/// How a membership follows on the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Continuation {
    /// There was none to follow.
    Fresh,
    /// Everything missed comes, or came.
    Recovered,
    /// These are lost.
    Gap(Gap),
    /// Something was lost, and told already.
    Reported,
    /// Nothing can say.
    Unknown,
}

/// Where a channel stands in its log.
#[derive(Debug, Clone, PartialEq, Eq)]
enum StreamState {
    /// It was not joined yet.
    New,
    /// This message was delivered last; everything before it was delivered or told as lost.
    At(StreamPosition),
    /// It was joined where messages have no places: they are delivered as they come.
    Uncounted,
    /// What follows on the last message delivered cannot be had; that was told.
    Lost,
}

/// A channel's place in its log and what it holds beyond it.
///
/// Within an epoch a message is known by its number alone. What a server lost with the tail of its
/// log and takes again under the next epoch is delivered again: a gap was told between the two,
/// and whatever was loaded anew since does not hold it.
#[derive(Debug)]
pub(crate) struct Order<P> {
    state: StreamState,
    /// Messages beyond a hole, by number, all of the position's epoch; without one where it came
    /// and could not be taken.
    held: Vec<(u64, Option<Box<Message<P>>>)>,
    /// The last message known to be in the log.
    head: u64,
    /// The last message that was missed rather than heard live.
    missed_to: u64,
    missing: Missing,
    /// Asks and rejoins since the position last moved.
    asks: u32,
    rejoins: u32,
}

impl<P> Default for Order<P> {
    fn default() -> Self {
        Self {
            state: StreamState::New,
            held: Vec::new(),
            head: 0,
            missed_to: 0,
            missing: Missing::Nothing,
            asks: 0,
            rejoins: 0,
        }
    }
}

impl<P> Order<P> {
    /// Where the channel stands, and from where it is joined again.
    pub(super) const fn position(&self) -> Option<&StreamPosition> {
        match &self.state {
            StreamState::At(place) => Some(place),
            StreamState::New | StreamState::Uncounted | StreamState::Lost => None,
        }
    }

    /// Whether everything there was when it was joined has been delivered.
    pub(super) fn is_caught_up(&self) -> bool {
        self.position().is_none_or(|position| position.seq >= self.missed_to)
    }

    /// Begins a membership. What is held of before a gap is put into `ready`; what comes behind
    /// it is had by [`Order::follow`].
    pub(super) fn begin(
        &mut self,
        start: Option<&JoinReply>,
        ready: &mut Vec<Released<P>>,
    ) -> Continuation {
        let Some(JoinReply { place, recovered, .. }) = start else {
            let former = core::mem::replace(&mut self.state, StreamState::Uncounted);
            self.release_until(u64::MAX, ready);
            self.missing = Missing::Nothing;
            return if former == StreamState::New {
                Continuation::Fresh
            } else {
                Continuation::Unknown
            };
        };
        let follows = match &self.state {
            StreamState::New => Continuation::Fresh,
            StreamState::Lost => Continuation::Reported,
            StreamState::Uncounted => Continuation::Unknown,
            // What was heard live while the join was under way may have moved it on.
            StreamState::At(held)
                if held.epoch == place.epoch && (*recovered || held.seq >= place.seq) =>
            {
                return Continuation::Recovered;
            }
            StreamState::At(held) => {
                let same = held.epoch == place.epoch;
                let gap = Gap {
                    from: same.then_some(held.seq + 1),
                    to: Some(place.seq),
                    epoch: Some(place.epoch.clone()),
                };
                self.release_until(if same { place.seq } else { u64::MAX }, ready);
                Continuation::Gap(gap)
            }
        };
        self.state = StreamState::At(place.clone());
        self.rejoins = 0;
        follows
    }

    /// Goes on from where [`Order::begin`] left it, up to the end of the log as it was then.
    pub(super) fn follow(&mut self, head: u64, until: Instant, ready: &mut Vec<Released<P>>) {
        self.release_next(ready);
        let last_held = self.held.last().map_or(0, |(seq, _)| *seq);
        self.missed_to = head;
        self.head = head.max(last_held);
        self.missing =
            if self.head > self.seq() { Missing::Replaying { until } } else { Missing::Nothing };
    }

    /// Takes a message in, `None` if it cannot be delivered. What becomes deliverable is put into
    /// `ready`, in order.
    pub(super) fn take(
        &mut self,
        now: Instant,
        place: &StreamPosition,
        mut message: Option<Box<Message<P>>>,
        (limit, patience_ms): (u64, u64),
        ready: &mut Vec<Released<P>>,
    ) -> ReorderAction {
        let position = match &self.state {
            StreamState::At(position) => position,
            StreamState::Uncounted => {
                ready.extend(message.map(Released::Message));
                return ReorderAction::Fine;
            }
            // The join that is under way begins behind it.
            StreamState::New | StreamState::Lost => return ReorderAction::Fine,
        };
        if position.epoch != place.epoch {
            return ReorderAction::Rejoin;
        }
        let seq = place.seq;
        if seq <= position.seq {
            return ReorderAction::Repeated;
        }
        let Err(at) = self.held.binary_search_by_key(&seq, |(held, _)| *held) else {
            return ReorderAction::Repeated;
        };
        self.head = self.head.max(seq);
        if seq > position.seq + 1 {
            if let Some(message) = &mut message {
                message.recovered = seq <= self.missed_to;
            }
            self.held.insert(at, (seq, message));
            if matches!(self.missing, Missing::Nothing | Missing::Replaying { .. }) {
                self.missing = Missing::Detected { request_at: now + HOLE_MS };
            }
            if self.held.len() as u64 <= limit {
                return ReorderAction::Fine;
            }
            self.held.pop();
            // While an answer is awaited, what overflows is asked for after it.
            return if self.is_requested() { ReorderAction::Fine } else { ReorderAction::Rejoin };
        }
        if let Some(message) = &mut message {
            message.recovered = seq <= self.missed_to || self.is_requested();
        }
        self.held.insert(0, (seq, message));
        self.release_next(ready);
        self.after_moving(now, patience_ms);
        ReorderAction::Fine
    }

    /// The server tells the end of the log.
    pub(super) fn head_received(&mut self, now: Instant, head: &StreamPosition) -> ReorderAction {
        match self.position() {
            None => ReorderAction::Fine,
            Some(position) if position.epoch != head.epoch => ReorderAction::Rejoin,
            Some(_) => {
                self.head = self.head.max(head.seq);
                if self.head > self.seq() && self.missing == Missing::Nothing {
                    self.missing = Missing::Detected { request_at: now + HOLE_MS };
                }
                ReorderAction::Fine
            }
        }
    }

    /// The server has sent again what was asked for.
    pub(super) fn answered(
        &mut self,
        now: Instant,
        (reference, complete): (u32, bool),
        ready: &mut Vec<Released<P>>,
    ) -> ReorderAction {
        match self.missing {
            Missing::Requested { reference: requested, unusable, .. } if requested == reference => {
                if complete && self.pass_over(now, unusable, ready) {
                    ReorderAction::Fine
                } else if complete && self.asks < MAX_REQUESTS {
                    // Some of it was lost again: else nothing would be missing.
                    self.missing = Missing::Detected { request_at: now + HOLE_MS };
                    ReorderAction::Fine
                } else {
                    ReorderAction::Rejoin
                }
            }
            _ => ReorderAction::Fine,
        }
    }

    /// A message came that could not be taken, and it is not known which one. `ask`: it is of this
    /// channel, and missing: what is missing is asked for, so that the answer shows which it is.
    pub(super) fn noted_unusable(&mut self, now: Instant, ask: bool) {
        match &mut self.missing {
            Missing::Requested { unusable, .. } => *unusable += 1,
            Missing::Nothing if !ask => {}
            Missing::Nothing | Missing::Replaying { .. } => {
                self.head = self.head.max(self.seq() + 1);
                self.missing = Missing::Detected { request_at: now + HOLE_MS };
            }
            Missing::Detected { .. } => {}
        }
    }

    /// Passes over the hole behind the position, if it is of at most so many messages.
    fn pass_over(&mut self, now: Instant, most: u64, ready: &mut Vec<Released<P>>) -> bool {
        let (Some(place), Some(Due::Ask { to, .. })) = (self.position(), self.hole()) else {
            return false;
        };
        let from = place.seq + 1;
        if to < from || to - place.seq > most {
            return false;
        }
        let epoch = Some(place.epoch.clone());
        ready.push(Released::Lost(Gap { from: Some(from), to: Some(to), epoch }));
        self.moved_to(to);
        self.release_next(ready);
        self.missing = Missing::Nothing;
        self.after_moving(now, 0);
        true
    }

    /// The connection is gone. What is held stays: it may still be in the epoch that comes next.
    pub(super) const fn disconnected(&mut self) {
        self.missing = Missing::Nothing;
        self.asks = 0;
    }

    /// Counts a join for the sake of what is missing. After enough of them the server will never
    /// give it: then the place is forgotten, what is held is put into `ready`, and what is lost
    /// by that is returned.
    pub(super) fn rejoin(&mut self, ready: &mut Vec<Released<P>>) -> Option<Gap> {
        self.disconnected();
        self.rejoins += 1;
        if self.rejoins <= REJOINS { None } else { self.give_up(ready) }
    }

    /// Forgets the place: what is held is put into `ready`, and what is lost is returned.
    pub(super) fn give_up(&mut self, ready: &mut Vec<Released<P>>) -> Option<Gap> {
        let StreamPosition { epoch, seq } = self.position()?.clone();
        self.state = StreamState::Lost;
        self.release_until(u64::MAX, ready);
        Some(Gap { from: Some(seq + 1), to: None, epoch: Some(epoch) })
    }

    /// When [`Order::due`] has something to say.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        match self.missing {
            Missing::Nothing => None,
            Missing::Replaying { until: at }
            | Missing::Detected { request_at: at }
            | Missing::Requested { until: at, .. } => Some(at),
        }
    }

    /// What is due: to ask for a hole, or to join anew.
    pub(super) fn due(&self, now: Instant) -> Option<Due> {
        match self.missing {
            Missing::Detected { request_at } if now >= request_at => self.hole(),
            Missing::Replaying { until } | Missing::Requested { until, .. } if now >= until => {
                Some(Due::Rejoin)
            }
            _ => None,
        }
    }

    /// The hole was asked for under this reference.
    pub(super) const fn requested(&mut self, reference: u32, until: Instant) {
        self.asks += 1;
        self.missing = Missing::Requested { reference, until, unusable: 0 };
    }

    /// It is asked for later.
    pub(super) fn ask_later(&mut self, now: Instant) {
        self.missing = Missing::Detected { request_at: now + HOLE_MS };
    }

    /// Time in which the page slept is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        if let Missing::Replaying { until } | Missing::Requested { until, .. } = &mut self.missing {
            *until = *until + slept_ms;
        }
    }

    // ----- how it does it -----

    /// What is missing behind the position.
    fn hole(&self) -> Option<Due> {
        let behind = self.position()?.clone();
        let to = self.held.first().map_or(self.head, |(seq, _)| seq - 1);
        Some(Due::Ask { behind, to })
    }

    fn seq(&self) -> u64 {
        self.position().map_or(0, |position| position.seq)
    }

    pub(super) const fn is_requested(&self) -> bool {
        matches!(self.missing, Missing::Requested { .. })
    }

    fn moved_to(&mut self, seq: u64) {
        if let StreamState::At(place) = &mut self.state {
            place.seq = seq;
        }
        self.asks = 0;
        self.rejoins = 0;
    }

    fn after_moving(&mut self, now: Instant, patience_ms: u64) {
        self.missing = if self.seq() >= self.head {
            Missing::Nothing
        } else {
            match self.missing {
                // As long as something comes, it is coming.
                Missing::Replaying { .. } => Missing::Replaying { until: now + patience_ms },
                Missing::Requested { reference, unusable, .. } => {
                    Missing::Requested { reference, until: now + patience_ms, unusable }
                }
                Missing::Nothing => Missing::Detected { request_at: now + HOLE_MS },
                detected @ Missing::Detected { .. } => detected,
            }
        };
    }

    /// Everything held that follows on the position.
    fn release_next(&mut self, ready: &mut Vec<Released<P>>) {
        let StreamState::At(place) = &self.state else { return };
        let mut next = place.seq + 1;
        let mut count = 0;
        while self.held.get(count).is_some_and(|(seq, _)| *seq == next) {
            next += 1;
            count += 1;
        }
        if count > 0 {
            let lost = |seq| {
                let epoch = Some(place.epoch.clone());
                Released::Lost(Gap { from: Some(seq), to: Some(seq), epoch })
            };
            let held = self.held.drain(..count);
            ready.extend(
                held.map(|(seq, message)| message.map_or_else(|| lost(seq), Released::Message)),
            );
            self.moved_to(next - 1);
        }
    }

    fn release_until(&mut self, last: u64, ready: &mut Vec<Released<P>>) {
        let count = self.held.partition_point(|(seq, _)| *seq <= last);
        // What could not be taken is within the gap that is reported.
        let messages = self.held.drain(..count).filter_map(|(_, message)| message);
        ready.extend(messages.map(Released::Message));
    }
}

/// What an order wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Due {
    /// Ask for what lies behind this place, up to this number.
    Ask { behind: StreamPosition, to: u64 },
    /// Join anew.
    Rejoin,
}
