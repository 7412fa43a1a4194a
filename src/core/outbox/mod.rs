//! The outbox: sends messages in order, and stores them until they are settled.
//!
//! A message is queued until there is a connection. After it was sent to a server with `ack`, it is
//! stored until the server answers. After the loss of the connection the channel settles it, if it
//! can: a message found among the missed ones was accepted; one that is not in the contiguous run
//! of messages was not accepted, and is sent again with the same id. Without such a proof it is
//! sent again only for as long as the server remembers ids (native protocol, `ack`). A message to
//! any other server is settled when it is sent: its outcome stays unknown, and it is never sent
//! again.
//!
//! A message whose sending ends connections is not sent indefinitely: see [`Risk`].

mod admission;
mod entry;
mod message;
mod own_ids;
mod queue;

use alloc::rc::Rc;
use alloc::vec::Vec;

pub use message::{Ack, InFlight, Others, OutgoingMessage, SendLimits, Transmit};

use super::config::Config;
use super::delivery_proof::DeliveryProof;
use super::error::{Cause, Code, Error, Rejection};
use super::event::SendProgress;
use super::id::Origin;
use super::risk::{Loss, OtherCauses, Risk};
use super::slots::fnv1a;
use super::time::Instant;
use super::timer::Timer;
use admission::{Admission, Admit};
use entry::{Echo, Entry, FirstSent, Stage, count, overdue};
use message::ServerMemory;
pub use own_ids::MAX_IDS;
use own_ids::OwnIds;
use queue::Queue;

/// The unsettled messages of a client.
#[derive(Debug)]
pub struct Outbox<P> {
    queue: Queue<P>,
    own_ids: OwnIds,
    /// The number of the last message accepted when a message was sent whose answer is not awaited,
    /// until the answer to a later one proves that the server processed it.
    unanswered: Option<u64>,
    /// The number of transmissions.
    transmissions: u64,
    /// The latest transmission that was answered. A server processes frames in order, so it has
    /// also processed the earlier ones, even if their answers are missing.
    answered: u64,
    /// Whether the server of the latest connection remembers the ids of accepted messages.
    memory: ServerMemory,
    /// The versions of the queue and the channels together at the last flush, and the other pending
    /// requests: as long as they are the same, the messages that waited then still wait.
    flushed: (u32, Others),
}

impl<P> Default for Outbox<P> {
    fn default() -> Self {
        Self {
            queue: Queue::default(),
            own_ids: OwnIds::default(),
            unanswered: None,
            transmissions: 0,
            answered: 0,
            memory: ServerMemory::Remembers,
            flushed: (0, Others::None),
        }
    }
}

impl<P: Clone> Outbox<P> {
    /// The number of unsettled messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether all messages are settled.
    pub fn is_empty(&self) -> bool {
        self.queue.len() == 0
    }

    /// Takes the progress of sends since the last call, in order.
    pub fn take_progress(&mut self) -> Vec<(Origin, SendProgress<P>)> {
        self.queue.take_progress()
    }

    /// When [`Outbox::handle_timeout`] is due, and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timer> {
        self.queue.poll_timeout()
    }

    /// Whether a message of this size can be queued.
    pub fn has_room(&self, config: &Config, bytes: usize) -> bool {
        self.queue.has_room(config, bytes)
    }

    /// Queues a message. A failure is reported as its progress.
    pub fn push(&mut self, now: Instant, config: &Config, message: OutgoingMessage<P>) {
        let (origin, id) = (message.origin, fnv1a(&message.id));
        match self.queue.push(now, config, message) {
            Ok(()) => self.own_ids.add(id),
            Err(error) => self.fail(origin, error),
        }
    }

    /// Sends the queued messages with `transmit`, in order. A message that was sent on an earlier
    /// socket waits until its channel proves whether it was accepted, and delays all later ones of
    /// the channel.
    pub fn flush(
        &mut self,
        now: Instant,
        config: &Config,
        (limits, others, channels): (SendLimits, Others, u32),
        delivery_proof: impl Fn(&str) -> DeliveryProof,
        mut transmit: impl FnMut(&OutgoingMessage<P>, Ack) -> Transmit,
    ) {
        self.connected(now);
        self.memory = limits.memory();
        if self.queue.next_waiting(0).is_none()
            || self.flushed == (self.queue.version() + channels, others)
        {
            return;
        }
        let isolated = self.queue.count(count::ISOLATED);
        let mut admission = Admission::new(self.in_flight(), isolated, others);
        let mut from = 0;
        while let Some(at) = self.queue.next_waiting(from) {
            from = at + 1;
            let Some(entry) = self.queue.get_mut(at) else { continue };
            let Stage::Queued { before } = entry.stage else { continue };
            let message = &entry.message;
            let requests_ack = message.ack && limits.acks;
            let ack = if requests_ack { Ack::Requested } else { Ack::None };
            let proof = delivery_proof(&message.channel);
            let admit = admission.admit(entry, ack, proof);
            if admit != Admit::Now {
                // The time it waits for other messages does not count as waiting for the channel.
                let until = entry.waits_until.unwrap_or(now + config.ack_timeout_ms);
                entry.waits_until = (admit == Admit::AfterChannel).then_some(until);
                continue;
            }
            let run = proof.run();
            let rejection = match entry.unsendable(now, limits, ack, run) {
                Some(code) => Some(code),
                None => match transmit(message, ack) {
                    Transmit::Sent => None,
                    Transmit::SentNoReply => {
                        self.settle_unconfirmed(at);
                        continue;
                    }
                    Transmit::Unencodable(code) => Some(code),
                },
            };
            match rejection {
                Some(code) => self.queue.fail(at, Error::new(code)),
                None if ack == Ack::Requested => {
                    entry.stage = Stage::Sent {
                        first: before.unwrap_or(FirstSent { at: now, run }),
                        deadline: entry.ends_at.unwrap_or(now + config.ack_timeout_ms),
                        echo: Echo::Missing,
                        order: self.transmissions,
                    };
                    self.transmissions += 1;
                    entry.waits_until = None;
                    admission.sent(entry.risk);
                    let origin = entry.message.origin;
                    self.queue.report(origin, SendProgress::Sent);
                }
                None => self.settle_unconfirmed(at),
            }
        }
        self.flushed = (self.queue.version() + channels, others);
    }

    /// The number of messages that were sent on the socket and not answered.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.queue.count(count::IN_FLIGHT)
    }

    /// Whether one of the messages in flight was sent alone.
    #[must_use]
    pub fn has_isolated(&self) -> bool {
        self.queue.count(count::ISOLATED) > 0
    }

    /// Whether a message without an answer was sent that the server may not have processed yet.
    #[must_use]
    pub const fn has_unanswered(&self) -> bool {
        self.unanswered.is_some()
    }

    /// Whether one of the messages in flight was also in flight at an earlier loss.
    #[must_use]
    pub fn has_risk(&self) -> bool {
        self.queue.count(count::AT_RISK) > 0
    }

    /// Extends the waits for channels by the time without a connection.
    fn connected(&mut self, now: Instant) {
        if let Some(since) = self.queue.down_since() {
            let away = now.duration_since(since);
            for at in self.queue.indices() {
                if let Some(entry) = self.queue.get_mut(at) {
                    entry.waits_until = entry.waits_until.map(|until| until + away);
                }
            }
            self.queue.set_down_since(None);
        }
    }

    /// Applies the end of the connection. Messages in flight are queued for the next one, unless
    /// the server remembers no ids or the message ended the connection. Such a message is queued
    /// only if its channel may still prove whether it was accepted.
    pub fn disconnected(
        &mut self,
        now: Instant,
        loss: Option<Loss>,
        others: Others,
        delivery_proof: impl Fn(&str) -> DeliveryProof,
    ) {
        self.queue.set_down_since(Some(now));
        let too_big = loss.is_some_and(Loss::is_too_big);
        let has_unanswered = self.unanswered.take().is_some();
        let forgets = self.memory == ServerMemory::Forgets;
        // Messages that are never sent again cannot be tested alone: if one was too large, it was
        // the largest.
        let alone = forgets && !has_unanswered && others == Others::None;
        let largest = self.queue.largest_in_flight().filter(|_| alone);
        let mut causes = others.causes();
        for at in self.queue.indices() {
            let Some(entry) = self.queue.get_mut(at) else { continue };
            let Stage::Sent { first, echo, order, .. } = entry.stage else { continue };
            if let Echo::Received { seq } = echo {
                self.queue.settle(at, SendProgress::Acked { seq, payload: None });
                continue;
            }
            let is_processed = order < self.answered;
            if let Some(loss) = loss
                && (loss.is_about_a_message() || !is_processed)
            {
                let lost_before = entry.risk != Risk::None;
                entry.risk = entry.risk.after(loss, causes);
                if lost_before {
                    causes = OtherCauses::Possible;
                }
            }
            let is_cause = entry.risk == Risk::Cause;
            if too_big && (is_cause || largest == Some(entry.serial)) {
                self.queue.fail(at, Error::new(Code::MessageTooLarge));
            } else if forgets
                || is_cause && delivery_proof(&entry.message.channel) != DeliveryProof::CatchingUp
            {
                self.queue.fail(at, Error::new(Code::Unconfirmed));
            } else {
                entry.stage = Stage::Queued { before: Some(first) };
                let origin = entry.message.origin;
                self.queue.report(origin, SendProgress::Queued);
            }
        }
    }

    /// Registers a message that was received in its channel: if this client sent it, it was
    /// accepted. A pending answer is still awaited, because it may have a payload.
    pub fn seen(&mut self, channel: &str, id: &str, seq: Option<u64>) {
        let Some(at) = self.queue.find(channel, id) else { return };
        let Some(entry) = self.queue.get_mut(at) else { return };
        match &mut entry.stage {
            Stage::Sent { echo, .. } => *echo = Echo::Received { seq },
            Stage::Queued { before: Some(_) } => {
                self.queue.settle(at, SendProgress::Acked { seq, payload: None });
            }
            Stage::Queued { before: None } => {}
        }
    }

    /// Applies the server's acceptance of a message.
    pub fn accepted(&mut self, channel: &str, id: &str, seq: Option<u64>, payload: Option<P>) {
        if let Some(at) = self.answered(channel, id) {
            self.queue.settle(at, SendProgress::Acked { seq, payload });
        }
    }

    /// Applies the server's rejection of a message. It is not sent again, because later messages
    /// would precede it.
    pub fn rejected(&mut self, channel: &str, id: &str, rejection: Rejection) {
        if let Some(at) = self.answered(channel, id) {
            let mut error = Error::new(Code::Rejected);
            error.retryable = rejection.retryable.unwrap_or(false);
            error.retry_after_ms = rejection.retry_after_ms;
            error.cause = Some(Cause { code: rejection.code, message: rejection.message });
            self.queue.fail(at, error);
        }
    }

    /// The channels of unsettled messages, each once, sorted by name.
    pub fn channels(&self) -> Vec<Rc<str>> {
        self.queue.channels()
    }

    /// Whether a message of this channel is unsettled.
    pub fn has_channel(&self, name: &str) -> bool {
        self.queue.has_channel(name)
    }

    /// A number that is another one whenever [`Outbox::channels`] can be others.
    pub fn version(&mut self) -> u32 {
        self.queue.version()
    }

    /// Fails the queued messages of a channel, and those in flight unless they can still be
    /// answered. Messages sent on an earlier connection stay queued, because they may have been
    /// accepted.
    pub fn fail_in(&mut self, channel: &str, error: &Error, in_flight: InFlight) {
        self.settle_in(channel, in_flight, Some(error));
    }

    /// Fails the messages in flight of a channel whose membership the server ended.
    pub fn ended(&mut self, channel: &str) {
        self.settle_in(channel, InFlight::Unanswered, None);
    }

    fn settle_in(&mut self, channel: &str, in_flight: InFlight, error: Option<&Error>) {
        for at in self.queue.indices() {
            let Some(entry) = self.queue.get(at) else { continue };
            let failure = match entry.stage {
                _ if &*entry.message.channel != channel => None,
                Stage::Sent { .. } if in_flight == InFlight::Awaited => None,
                Stage::Sent { echo: Echo::Received { seq }, .. } => {
                    self.queue.settle(at, SendProgress::Acked { seq, payload: None });
                    continue;
                }
                Stage::Sent { .. } => Some(Error::new(Code::Unconfirmed)),
                Stage::Queued { before: None } => error.cloned(),
                Stage::Queued { before: Some(_) } => None,
            };
            if let Some(failure) = failure {
                self.give_up(at, failure);
            }
        }
    }

    /// Cancels a send.
    pub fn cancel(&mut self, origin: Origin) {
        let is_it = |entry: &Entry<P>| entry.message.origin == origin;
        let mut indices = self.queue.indices();
        if let Some(at) = indices.find(|at| self.queue.get(*at).is_some_and(is_it)) {
            self.give_up(at, Error::new(Code::Aborted));
        }
    }

    /// The number of the last message accepted, a mark for [`Outbox::fail_until`].
    #[must_use]
    pub const fn last_sequence(&self) -> u64 {
        self.queue.last_sequence()
    }

    /// Fails the unsettled messages with numbers up to `mark`.
    pub fn fail_until(&mut self, mark: u64, error: &Error) {
        for at in self.queue.indices() {
            if self.queue.get(at).is_some_and(|entry| entry.serial <= mark) {
                self.give_up(at, error.clone());
            }
        }
    }

    /// Reports the failure of a send that was not queued.
    pub fn fail(&mut self, origin: Origin, error: Error) {
        self.queue.report(origin, SendProgress::Failed(error));
    }

    /// Reports that a message was sent that was not queued.
    pub fn sent_unconfirmed(&mut self, origin: Origin) {
        self.unanswered = Some(self.queue.last_sequence());
        self.queue.report(origin, SendProgress::SentUnconfirmed);
    }

    /// Whether the id is of one of the latest messages that this client sent.
    #[must_use]
    pub fn is_own(&self, id: &str) -> bool {
        self.own_ids.contains(id)
    }

    /// Extends the deadlines of answers by the time in which the page slept.
    pub fn extend_deadlines(&mut self, slept_ms: u64) {
        for at in self.queue.indices() {
            if let Some(entry) = self.queue.get_mut(at) {
                entry.extend_deadlines(slept_ms);
            }
        }
    }

    /// Fails overdue messages. One that was never sent fails with the error of its channel, if
    /// there is one.
    pub fn handle_timeout(&mut self, now: Instant, channel_error: impl Fn(&str) -> Option<Error>) {
        let down_since = self.queue.down_since();
        let mut from = 0;
        while let Some(at) = self.queue.next_due(from, now) {
            from = at + 1;
            let Some(entry) = self.queue.get(at) else { continue };
            let error = match entry.stage {
                Stage::Sent { echo: Echo::Received { seq }, .. } => {
                    self.queue.settle(at, SendProgress::Acked { seq, payload: None });
                    continue;
                }
                Stage::Sent { .. } => Error::new(Code::AckTimeout),
                Stage::Queued { before } => {
                    let expired = entry.expires_at.is_some_and(|expiry| now >= expiry);
                    let error = channel_error(&entry.message.channel)
                        .filter(|_| down_since.is_none() && before.is_none() && !expired);
                    error.unwrap_or_else(|| Error::new(overdue(before)))
                }
            };
            self.give_up(at, error);
        }
    }

    /// Registers an answer; returns the index of its message.
    fn answered(&mut self, channel: &str, id: &str) -> Option<usize> {
        let at = self.queue.find(channel, id)?;
        let entry = self.queue.get(at)?;
        let Stage::Sent { order, .. } = entry.stage else { return None };
        let serial = entry.serial;
        self.answered = self.answered.max(order);
        // A message with a larger number was sent later, and the server processes frames in order.
        self.unanswered.take_if(|mark| serial > *mark);
        Some(at)
    }

    /// Fails a message without an answer. If it is in flight, it can still end the connection.
    fn give_up(&mut self, at: usize, error: Error) {
        if self.queue.get(at).is_some_and(Entry::is_in_flight) {
            self.unanswered = Some(self.queue.last_sequence());
        }
        self.queue.fail(at, error);
    }

    fn settle_unconfirmed(&mut self, at: usize) {
        self.unanswered = Some(self.queue.last_sequence());
        self.queue.settle(at, SendProgress::SentUnconfirmed);
    }
}
