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
use own_ids::OwnIds;
use queue::Queue;

/// The unsettled messages of a client: when each is sent, and how it ends.
#[derive(Debug)]
pub struct Outbox<P> {
    queue: Queue<P>,
    own_ids: OwnIds,
    /// Messages accepted when the socket last had something that is not answered, until an answer
    /// proves that it was processed.
    unanswered: Option<u64>,
    /// Transmissions so far.
    transmissions: u64,
    /// The latest transmission that was answered. A server processes frames in order: those before
    /// it were processed too, even if their answers are missing.
    answered: u64,
    /// Whether the server of the latest connection remembers the ids it accepted.
    memory: ServerMemory,
    /// The versions of the queue and the channels together at the last flush, and the other requests: as
    /// long as they are the same, what waited then still waits.
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
    /// Unsettled messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether everything is settled.
    pub fn is_empty(&self) -> bool {
        self.queue.len() == 0
    }

    /// What became of sends since the last call, in order.
    pub fn take_progress(&mut self) -> Vec<(Origin, SendProgress<P>)> {
        self.queue.take_progress()
    }

    /// When [`Outbox::handle_timeout`] is due, and for what.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timer> {
        self.queue.poll_timeout()
    }

    /// Queues a message. Failure is reported as its progress.
    pub fn push(&mut self, now: Instant, config: &Config, message: OutgoingMessage<P>) {
        let (origin, id) = (message.origin, fnv1a(&message.id));
        match self.queue.push(now, config, message) {
            Ok(()) => self.own_ids.add(id),
            Err(error) => self.fail(origin, error),
        }
    }

    /// Hands everything that waits to `transmit`, in order. What an earlier socket had waits
    /// until its channel can say whether it was accepted, and with it all behind it in the channel.
    /// `channels` is a number that is another one whenever a `delivery_proof` can be.
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
                // The time it waits for other messages is not the channel's.
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

    /// Messages that a socket has and that were not answered.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.queue.count(count::IN_FLIGHT)
    }

    /// Whether one of them was sent alone.
    #[must_use]
    pub fn has_isolated(&self) -> bool {
        self.queue.count(count::ISOLATED) > 0
    }

    /// Whether the socket had something whose processing nothing proves.
    #[must_use]
    pub const fn has_unanswered(&self) -> bool {
        self.unanswered.is_some()
    }

    /// Whether one of them was unanswered at an earlier loss too.
    #[must_use]
    pub fn has_risk(&self) -> bool {
        self.queue.count(count::AT_RISK) > 0
    }

    /// The time without a connection is not spent waiting for a channel.
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

    /// The connection is gone. What it had in flight waits for the next one, unless the server
    /// remembers no ids or the message is what ended it. The cause waits only for a
    /// channel that can still prove whether it was accepted.
    pub fn disconnected(
        &mut self,
        now: Instant,
        loss: Option<Loss>,
        others: Others,
        delivery_proof: impl Fn(&str) -> DeliveryProof,
    ) {
        self.queue.set_down_since(Some(now));
        let too_big = loss.is_some_and(Loss::is_too_big);
        let loose = self.unanswered.take().is_some();
        let forgets = self.memory == ServerMemory::Forgets;
        // Never sent again, they cannot be distinguished by that: if one was too big, the largest was.
        let alone = forgets && !loose && others == Others::None;
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

    /// A message of this id was delivered in its channel: if it is ours, it was accepted. While
    /// the answer is still due it is awaited, for what the server has to say in it.
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

    /// The server accepted a message.
    pub fn accepted(&mut self, channel: &str, id: &str, seq: Option<u64>, payload: Option<P>) {
        if let Some(at) = self.answered(channel, id) {
            self.queue.settle(at, SendProgress::Acked { seq, payload });
        }
    }

    /// The server rejected a message. It is not sent again, since later messages would precede it.
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

    /// Fails all that was to be sent in a channel, and what its membership had in flight unless
    /// that is still answered. What an earlier connection had is left to the server's memory.
    pub fn fail_in(&mut self, channel: &str, error: &Error, in_flight: InFlight) {
        self.settle_in(channel, in_flight, Some(error));
    }

    /// The server ended a membership: what it had in flight is not answered any more.
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

    /// Messages taken in so far: a mark for [`Outbox::fail_until`].
    #[must_use]
    pub const fn next_sequence(&self) -> u64 {
        self.queue.last_sequence()
    }

    /// Fails every unsettled message among the first `mark` that were taken in.
    pub fn fail_until(&mut self, mark: u64, error: &Error) {
        for at in self.queue.indices() {
            if self.queue.get(at).is_some_and(|entry| entry.serial <= mark) {
                self.give_up(at, error.clone());
            }
        }
    }

    /// Reports a failure of a send that never was in the box.
    pub fn fail(&mut self, origin: Origin, error: Error) {
        self.queue.report(origin, SendProgress::Failed(error));
    }

    /// Reports that a send that never was in the box is out.
    pub fn sent_unconfirmed(&mut self, origin: Origin) {
        self.unanswered = Some(self.queue.last_sequence());
        self.queue.report(origin, SendProgress::SentUnconfirmed);
    }

    /// Whether this client sent the message of this id, lately.
    #[must_use]
    pub fn is_own(&self, id: &str) -> bool {
        self.own_ids.contains(id)
    }

    /// Time in which the page slept is nobody's delay.
    pub fn extend_deadlines(&mut self, slept_ms: u64) {
        for at in self.queue.indices() {
            if let Some(entry) = self.queue.get_mut(at) {
                entry.extend_deadlines(slept_ms);
            }
        }
    }

    /// Fails what is overdue. What never left its channel's queue fails with what is wrong with
    /// the channel, if something is.
    pub fn handle_timeout(&mut self, now: Instant, wrong: impl Fn(&str) -> Option<Error>) {
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
                    let wrong = wrong(&entry.message.channel)
                        .filter(|_| down_since.is_none() && before.is_none() && !expired);
                    wrong.unwrap_or_else(|| Error::new(overdue(before)))
                }
            };
            self.give_up(at, error);
        }
    }

    /// The unanswered message that an answer is to.
    fn answered(&mut self, channel: &str, id: &str) -> Option<usize> {
        let at = self.queue.find(channel, id)?;
        let entry = self.queue.get(at)?;
        let Stage::Sent { order, .. } = entry.stage else { return None };
        let serial = entry.serial;
        self.answered = self.answered.max(order);
        // What was queued later was sent later, and the server processes frames in order.
        self.unanswered.take_if(|mark| serial > *mark);
        Some(at)
    }

    /// Fails a message without an answer: what the socket has of it can still end the connection.
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
