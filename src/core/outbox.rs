//! Messages on their way to the server: bounded, in order, and never twice without a guarantee.
//!
//! A message waits until there is a connection. Handed to a socket of a server with `ack`, it
//! stays until it is answered. After a lost connection its channel settles it, if it can: seen
//! among what was missed, it was accepted; not seen in an unbroken run of messages, it was not,
//! and is sent again with the same id. Without that it is sent again only for as long as the
//! server remembers ids (native protocol, `ack`). Handed to any other socket, it is settled:
//! nothing more will be known, and it is never sent again.
//!
//! A message whose sending ends connections is not sent for ever: see [`Risk`].

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::config::Config;
use super::delivery_proof::DeliveryProof;
use super::error::{Cause, Code, Error, Rejection};
use super::event::SendProgress;
use super::id::Origin;
use super::risk::{Loss, Risk};
use super::time::{Instant, earliest};

/// Own ids remembered after they are settled, so that a late echo is still known as own.
const OWN_IDS_KEPT: usize = 256;

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct OutgoingMessage<P> {
    /// Who wants it sent.
    pub origin: Origin,
    /// The channel.
    pub channel: Rc<str>,
    /// The id it bears on the wire, in every sending.
    pub id: String,
    /// The event's name.
    pub event: Option<String>,
    /// What is sent.
    pub payload: P,
    /// Its size in bytes of JSON.
    pub bytes: usize,
    /// Whether an acknowledgement is wanted, where there are any.
    pub ack: bool,
    /// Time from the call to its settlement, in milliseconds; `None`: only the configured times
    /// limit it, and the wait for a connection does not.
    pub timeout_ms: Option<u64>,
    /// Time it may wait before it is handed to a socket; `None` is the configured one.
    pub ttl_ms: Option<u64>,
}

/// The first time a socket had a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FirstSent {
    at: Instant,
    /// The run of messages that its channel was in: if it is in the log, it is in that run.
    run: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It waits; an earlier socket may have had it.
    Queued { before: Option<FirstSent> },
    /// An open socket has it; the answer is due.
    Sent { first: FirstSent, deadline: Instant, echo: Echo },
}

/// Whether the message itself was seen in its channel, which is as good as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Echo {
    Missing,
    Received { seq: Option<u64> },
}

#[derive(Debug)]
struct Entry<P> {
    message: OutgoingMessage<P>,
    serial: u64,
    stage: Stage,
    risk: Risk,
    /// When it expires while it waits (`ttlMs`).
    expires_at: Option<Instant>,
    /// When it ends whatever it waits for (`timeoutMs`).
    ends_at: Option<Instant>,
    /// When it ends if its channel does not take it until then, although there is a connection.
    waits_until: Option<Instant>,
}

impl<P> Entry<P> {
    /// When it ends at the latest, in its present stage.
    fn deadline(&self, connected: bool) -> Option<Instant> {
        match self.stage {
            Stage::Sent { deadline, .. } => Some(deadline),
            Stage::Queued { .. } => {
                let wait = self.waits_until.filter(|_| connected);
                earliest(earliest(self.expires_at, self.ends_at), wait)
            }
        }
    }

    const fn is_in_flight(&self) -> bool {
        matches!(self.stage, Stage::Sent { echo: Echo::Missing, .. })
    }
}

/// What a server makes possible for sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    /// Whether it acknowledges.
    pub acks: bool,
    /// How long it remembers accepted ids.
    pub ack_memory_ms: u64,
    /// The largest frame it takes.
    pub max_frame_bytes: u64,
}

/// Requests under way that are no messages and can end the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// There are none.
    None,
    /// None of them was unanswered at a loss.
    Fresh,
    /// One of them was.
    Suspect,
}

/// What became of a message handed to the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transmit {
    /// The socket has it.
    Sent,
    /// The socket has it, and an answer that was wanted will not come.
    SentNoReply,
    /// It cannot be said in this server's protocol.
    Unencodable(Code),
}

/// Why a message whose time ran out while it waited fails: what a socket had may be accepted.
const fn overdue(before: Option<FirstSent>) -> Code {
    if before.is_some() { Code::Unconfirmed } else { Code::Expired }
}

/// The unsettled messages of a client, in the order of their sending.
#[derive(Debug)]
pub struct Outbox<P> {
    entries: Vec<Entry<P>>,
    bytes: usize,
    next_sequence: u64,
    /// Messages taken in when the socket last had something that is not answered, until an answer
    /// proves that it was processed.
    unanswered: Option<u64>,
    /// Whether the server of the latest connection remembers no ids.
    forgets: bool,
    /// Since when there is no connection, from the first one on.
    down_since: Option<Instant>,
    own: Vec<String>,
    progress: Vec<(Origin, SendProgress<P>)>,
}

impl<P> Default for Outbox<P> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            bytes: 0,
            next_sequence: 0,
            unanswered: None,
            forgets: false,
            down_since: None,
            own: Vec::new(),
            progress: Vec::new(),
        }
    }
}

/// Room for the envelope around a payload, in bytes.
const ENVELOPE_BYTES: u64 = 256;

impl<P: Clone> Outbox<P> {
    /// Unsettled messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether everything is settled.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What became of sends since the last call, in order.
    pub fn take_progress(&mut self) -> Vec<(Origin, SendProgress<P>)> {
        core::mem::take(&mut self.progress)
    }

    /// When [`Outbox::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let connected = self.down_since.is_none();
        self.entries.iter().fold(None, |due, entry| earliest(due, entry.deadline(connected)))
    }

    /// Takes a message in. Failure is reported as its progress.
    pub fn push(&mut self, now: Instant, config: &Config, message: OutgoingMessage<P>) {
        let rejection = if message.bytes as u64 > config.queue_max_bytes {
            Some(Code::MessageTooLarge)
        } else {
            let full = self.entries.len() as u64 >= config.queue_max_messages
                || (self.bytes + message.bytes) as u64 > config.queue_max_bytes;
            full.then_some(Code::QueueFull)
        };
        if let Some(code) = rejection {
            self.fail(message.origin, Error::new(code).with_channel(&message.channel));
            return;
        }
        self.bytes += message.bytes;
        self.remember(message.id.clone());
        self.progress.push((message.origin, SendProgress::Queued));
        self.next_sequence += 1;
        self.entries.push(Entry {
            serial: self.next_sequence,
            stage: Stage::Queued { before: None },
            risk: Risk::None,
            expires_at: message.ttl_ms.or(config.queue_ttl_ms).map(|ttl| now + ttl),
            ends_at: message.timeout_ms.map(|timeout| now + timeout),
            waits_until: None,
            message,
        });
    }

    /// Hands everything that waits to `transmit`, in order. What an earlier socket had waits
    /// until its channel can say whether it was accepted, and with it all behind it in the channel.
    pub fn flush(
        &mut self,
        now: Instant,
        config: &Config,
        (limits, others): (SendLimits, Others),
        delivery_proof: impl Fn(&str) -> DeliveryProof,
        mut transmit: impl FnMut(&OutgoingMessage<P>, bool) -> Transmit,
    ) {
        self.connected(now);
        self.forgets = limits.ack_memory_ms == 0;
        let mut in_flight = self.in_flight();
        // While an isolated message is under way, or is the next one, no other is sent.
        let mut held = self.has_isolated();
        let mut at = 0;
        let mut waiting: Vec<Rc<str>> = Vec::new();
        while let Some(entry) = self.entries.get_mut(at) {
            let Stage::Queued { before } = entry.stage else {
                at += 1;
                continue;
            };
            let message = &entry.message;
            let requests_ack = message.ack && limits.acks;
            let delivery_proof = delivery_proof(&message.channel);
            let run = match delivery_proof {
                DeliveryProof::CaughtUp { run } => Some(run),
                DeliveryProof::NotMember | DeliveryProof::CatchingUp | DeliveryProof::Unknown => {
                    None
                }
            };
            let isolated = entry.risk == Risk::Isolated;
            let mut waits = held
                || waiting.contains(&message.channel)
                || delivery_proof == DeliveryProof::NotMember
                || (before.is_some()
                    && requests_ack
                    && delivery_proof == DeliveryProof::CatchingUp);
            if !waits && isolated && (others != Others::None || in_flight > 0) {
                held = true;
                waits = true;
            }
            if waits || (others == Others::Suspect && entry.risk == Risk::Lost) {
                waiting.push(message.channel.clone());
                entry.waits_until.get_or_insert(now + config.ack_timeout_ms);
                at += 1;
                continue;
            }
            let is_proven = |first: FirstSent| run.is_some() && first.run == run;
            let rejection = match before {
                Some(first)
                    if !requests_ack
                        || entry.risk == Risk::Condemned
                        || !is_proven(first)
                            && now.duration_since(first.at) > limits.ack_memory_ms =>
                {
                    Some(Code::Unconfirmed)
                }
                _ if entry.expires_at.is_some_and(|expiry| now >= expiry) => Some(overdue(before)),
                _ if message.bytes as u64 + ENVELOPE_BYTES > limits.max_frame_bytes => {
                    Some(Code::MessageTooLarge)
                }
                _ => match transmit(message, requests_ack) {
                    Transmit::Sent => None,
                    Transmit::SentNoReply => {
                        self.settle_unconfirmed(at);
                        continue;
                    }
                    Transmit::Unencodable(code) => Some(code),
                },
            };
            match rejection {
                Some(code) => self.settle_failed(at, Error::new(code)),
                None if requests_ack => {
                    entry.stage = Stage::Sent {
                        first: before.unwrap_or(FirstSent { at: now, run }),
                        deadline: entry.ends_at.unwrap_or(now + config.ack_timeout_ms),
                        echo: Echo::Missing,
                    };
                    entry.waits_until = None;
                    in_flight += 1;
                    held = isolated;
                    self.progress.push((entry.message.origin, SendProgress::Sent));
                    at += 1;
                }
                None => self.settle_unconfirmed(at),
            }
        }
    }

    /// Messages that a socket has and that were not answered.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.entries.iter().filter(|entry| entry.is_in_flight()).count()
    }

    /// Whether one of them was sent alone.
    #[must_use]
    pub fn has_isolated(&self) -> bool {
        self.entries.iter().any(|entry| entry.is_in_flight() && entry.risk == Risk::Isolated)
    }

    /// Whether the socket had something whose processing nothing proves.
    #[must_use]
    pub const fn has_unanswered(&self) -> bool {
        self.unanswered.is_some()
    }

    /// Whether one of them was unanswered at an earlier loss too.
    #[must_use]
    pub fn has_suspect(&self) -> bool {
        self.entries.iter().any(|entry| entry.is_in_flight() && entry.risk != Risk::None)
    }

    /// The time without a connection is not spent waiting for a channel.
    fn connected(&mut self, now: Instant) {
        if let Some(since) = self.down_since.take() {
            let away = now.duration_since(since);
            for entry in &mut self.entries {
                entry.waits_until = entry.waits_until.map(|until| until + away);
            }
        }
    }

    /// The connection is gone. What it had unanswered waits for the next one, unless the server
    /// remembers no ids or the message is what ended it. What is condemned waits only for a
    /// channel that can still say whether it was accepted. `rivals`: requests that are no messages
    /// and were lost before can be what ended it; `others`: there were such requests at all.
    pub fn disconnected(
        &mut self,
        now: Instant,
        loss: Option<Loss>,
        (rivals, others): (bool, bool),
        delivery_proof: impl Fn(&str) -> DeliveryProof,
    ) {
        self.down_since = Some(now);
        let too_big = loss.is_some_and(Loss::is_too_big);
        let loose = self.unanswered.take().is_some();
        let forgets = self.forgets;
        // Never sent again, they cannot be told apart by that. If one was too big, the largest was,
        // unless several are as large.
        let in_flight = || self.entries.iter().filter(|entry| entry.is_in_flight());
        let most = in_flight().map(|entry| entry.message.bytes).max();
        let mut largest = in_flight().filter(|entry| Some(entry.message.bytes) == most);
        let largest = largest.next().filter(|_| largest.next().is_none());
        let culprit = largest.filter(|_| forgets && !loose && !others).map(|entry| entry.serial);
        let mut suspect = !rivals;
        let mut at = 0;
        while let Some(entry) = self.entries.get_mut(at) {
            let Stage::Sent { first, echo, .. } = entry.stage else {
                at += 1;
                continue;
            };
            if let Echo::Received { seq } = echo {
                self.settle(at, SendProgress::Acked { seq, payload: None });
                continue;
            }
            if let Some(loss) = loss {
                let lost_before = entry.risk != Risk::None;
                entry.risk = entry.risk.after(loss, suspect);
                suspect &= !lost_before;
            }
            let condemned = entry.risk == Risk::Condemned;
            if too_big && (condemned || culprit == Some(entry.serial)) {
                self.settle_failed(at, Error::new(Code::MessageTooLarge));
            } else if forgets
                || condemned && delivery_proof(&entry.message.channel) != DeliveryProof::CatchingUp
            {
                self.settle_failed(at, Error::new(Code::Unconfirmed));
            } else {
                entry.stage = Stage::Queued { before: Some(first) };
                self.progress.push((entry.message.origin, SendProgress::Queued));
                at += 1;
            }
        }
    }

    /// A message of this id was delivered in its channel: if it is ours, it was accepted. While
    /// the answer is still due it is awaited, for what the server has to say in it.
    pub fn seen(&mut self, channel: &str, id: &str, seq: Option<u64>) {
        let at = self
            .entries
            .iter()
            .position(|entry| entry.message.id == id && &*entry.message.channel == channel);
        let Some(at) = at else { return };
        let Some(entry) = self.entries.get_mut(at) else { return };
        match &mut entry.stage {
            Stage::Sent { echo, .. } => *echo = Echo::Received { seq },
            Stage::Queued { before: Some(_) } => {
                self.settle(at, SendProgress::Acked { seq, payload: None });
            }
            Stage::Queued { before: None } => {}
        }
    }

    /// The server accepted a message.
    pub fn accepted(&mut self, channel: &str, id: &str, seq: Option<u64>, payload: Option<P>) {
        if let Some(at) = self.answered(channel, id) {
            self.settle(at, SendProgress::Acked { seq, payload });
        }
    }

    /// The server refused a message. It is not tried again: its successors would overtake it.
    pub fn rejected(&mut self, channel: &str, id: &str, rejection: Rejection) {
        if let Some(at) = self.answered(channel, id) {
            let mut error = Error::new(Code::Rejected);
            error.retryable = rejection.retryable.unwrap_or(false);
            error.retry_after_ms = rejection.retry_after_ms;
            error.cause = Some(Cause { code: rejection.code, message: rejection.message });
            self.settle_failed(at, error);
        }
    }

    /// The channels of unsettled messages, each once.
    pub fn channels(&self) -> Vec<Rc<str>> {
        let mut channels: Vec<Rc<str>> = Vec::new();
        for Entry { message, .. } in &self.entries {
            if !channels.contains(&message.channel) {
                channels.push(message.channel.clone());
            }
        }
        channels
    }

    /// Fails all that was to be sent in a channel, and what its membership had unanswered unless
    /// that can still be answered (`answers`). What an earlier connection had is left to the
    /// server's memory.
    pub fn fail_in(&mut self, channel: &str, error: &Error, answers: bool) {
        self.settle_in(channel, answers, Some(error));
    }

    /// The server ended a membership: what it had unanswered is not answered any more.
    pub fn ended(&mut self, channel: &str) {
        self.settle_in(channel, false, None);
    }

    fn settle_in(&mut self, channel: &str, answers: bool, error: Option<&Error>) {
        let mut at = 0;
        while let Some(entry) = self.entries.get(at) {
            let failure = match entry.stage {
                _ if &*entry.message.channel != channel => None,
                Stage::Sent { .. } if answers => None,
                Stage::Sent { echo: Echo::Received { seq }, .. } => {
                    self.settle(at, SendProgress::Acked { seq, payload: None });
                    continue;
                }
                Stage::Sent { .. } => Some(Error::new(Code::Unconfirmed)),
                Stage::Queued { before: None } => error.cloned(),
                Stage::Queued { before: Some(_) } => None,
            };
            match failure {
                Some(failure) => self.give_up(at, failure),
                None => at += 1,
            }
        }
    }

    /// The caller gives a send up.
    pub fn cancel(&mut self, origin: Origin) {
        if let Some(at) = self.entries.iter().position(|entry| entry.message.origin == origin) {
            self.give_up(at, Error::new(Code::Aborted));
        }
    }

    /// Messages taken in so far: a mark for [`Outbox::fail_until`].
    #[must_use]
    pub const fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// Fails every unsettled message among the first `mark` that were taken in.
    pub fn fail_until(&mut self, mark: u64, error: &Error) {
        while self.entries.first().is_some_and(|entry| entry.serial <= mark) {
            self.give_up(0, error.clone());
        }
    }

    /// Reports a failure of a send that never was in the box.
    pub fn fail(&mut self, origin: Origin, error: Error) {
        self.progress.push((origin, SendProgress::Failed(error)));
    }

    /// Reports that a send that never was in the box is out.
    pub fn sent_unconfirmed(&mut self, origin: Origin) {
        self.unanswered = Some(self.next_sequence);
        self.progress.push((origin, SendProgress::SentUnconfirmed));
    }

    /// Whether this client sent the message of this id, lately.
    #[must_use]
    pub fn is_own(&self, id: &str) -> bool {
        self.own.iter().any(|own| own == id)
    }

    /// Time in which the page slept is nobody's delay.
    pub fn extend_deadlines(&mut self, slept_ms: u64) {
        for entry in &mut self.entries {
            for at in [&mut entry.ends_at, &mut entry.waits_until].into_iter().flatten() {
                *at = *at + slept_ms;
            }
            if let Stage::Sent { deadline, .. } = &mut entry.stage {
                *deadline = *deadline + slept_ms;
            }
        }
    }

    /// Fails what is overdue. What never left its channel's queue fails with what is wrong with
    /// the channel, if something is.
    pub fn handle_timeout(&mut self, now: Instant, wrong: impl Fn(&str) -> Option<Error>) {
        let connected = self.down_since.is_none();
        let mut at = 0;
        while let Some(entry) = self.entries.get(at) {
            if entry.deadline(connected).is_none_or(|deadline| now < deadline) {
                at += 1;
                continue;
            }
            let error = match entry.stage {
                Stage::Sent { echo: Echo::Received { seq }, .. } => {
                    self.settle(at, SendProgress::Acked { seq, payload: None });
                    continue;
                }
                Stage::Sent { .. } => Error::new(Code::AckTimeout),
                Stage::Queued { before } => {
                    let expired = entry.expires_at.is_some_and(|expiry| now >= expiry);
                    let wrong = wrong(&entry.message.channel)
                        .filter(|_| connected && before.is_none() && !expired);
                    wrong.unwrap_or_else(|| Error::new(overdue(before)))
                }
            };
            self.give_up(at, error);
        }
    }

    /// The unanswered message that an answer is to.
    fn answered(&mut self, channel: &str, id: &str) -> Option<usize> {
        let at = self.entries.iter().position(|entry| {
            entry.message.id == id
                && &*entry.message.channel == channel
                && matches!(entry.stage, Stage::Sent { .. })
        })?;
        let serial = self.entries[at].serial;
        // What was taken in later was sent later, and the server takes frames in order.
        self.unanswered.take_if(|mark| serial > *mark);
        Some(at)
    }

    fn settle(&mut self, at: usize, progress: SendProgress<P>) {
        let OutgoingMessage { bytes, origin, .. } = self.entries.remove(at).message;
        self.bytes -= bytes;
        self.progress.push((origin, progress));
    }

    /// Fails a message without an answer: what the socket has of it can still end the connection.
    fn give_up(&mut self, at: usize, error: Error) {
        if self.entries[at].is_in_flight() {
            self.unanswered = Some(self.next_sequence);
        }
        self.settle_failed(at, error);
    }

    fn settle_unconfirmed(&mut self, at: usize) {
        self.unanswered = Some(self.next_sequence);
        self.settle(at, SendProgress::SentUnconfirmed);
    }

    fn settle_failed(&mut self, at: usize, error: Error) {
        let error = error.with_channel(&self.entries[at].message.channel);
        self.settle(at, SendProgress::Failed(error));
    }

    fn remember(&mut self, id: String) {
        if self.own.len() == OWN_IDS_KEPT {
            self.own.remove(0);
        }
        self.own.push(id);
    }
}
