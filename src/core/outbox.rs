//! Messages on their way to the server: bounded, in order, and never twice without a guarantee.
//!
//! A message waits until there is a connection. Handed to a socket of a server with `ack`, it
//! stays until it is answered. After a lost connection its channel settles it, if it can: seen
//! among what was missed, it was accepted; not seen in an unbroken line of messages, it was not,
//! and is sent again with the same id. Without that it is sent again only for as long as the
//! server remembers ids (native protocol, `ack`). Handed to any other socket, it is settled:
//! nothing more will be known, and it is never sent again.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::config::Config;
use super::error::{Cause, Code, Error, Refusal};
use super::id::Origin;
use super::io::SendProgress;
use super::time::{Instant, soonest};
use super::witness::Witness;

/// Own ids remembered after they are settled, so that a late echo is still known as own.
const OWN_IDS_KEPT: usize = 256;

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Message<P> {
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
    /// Time an acknowledgement may take; `None` is the configured one.
    pub timeout_ms: Option<u64>,
    /// Time it may wait; `None` is the configured one.
    pub ttl_ms: Option<u64>,
}

/// The first time a socket had a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FirstSent {
    at: Instant,
    /// The line its channel was in: if it is in the log, it is in that line.
    line: Option<u32>,
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
    Unheard,
    Heard { seq: Option<u64> },
}

#[derive(Debug)]
struct Entry<P> {
    message: Message<P>,
    serial: u64,
    stage: Stage,
    expires_at: Option<Instant>,
}

/// What a server makes possible for sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Whether it acknowledges.
    pub acks: bool,
    /// How long it remembers accepted ids.
    pub ack_memory_ms: u64,
    /// The largest frame it takes.
    pub max_frame_bytes: u64,
}

/// What became of a message handed to the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// The socket has it.
    Over,
    /// The socket has it, and an answer that was wanted will not come.
    Unanswered,
    /// It cannot be said in this server's protocol.
    Impossible(Code),
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
    taken: u64,
    own: Vec<String>,
    progress: Vec<(Origin, SendProgress<P>)>,
}

impl<P> Default for Outbox<P> {
    fn default() -> Self {
        Self { entries: Vec::new(), bytes: 0, taken: 0, own: Vec::new(), progress: Vec::new() }
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
        self.entries.iter().fold(None, |due, entry| {
            soonest(
                due,
                match entry.stage {
                    Stage::Queued { .. } => entry.expires_at,
                    Stage::Sent { deadline, .. } => Some(deadline),
                },
            )
        })
    }

    /// Takes a message in. Failure is reported as its progress.
    pub fn push(&mut self, now: Instant, config: &Config, message: Message<P>) {
        let full = self.entries.len() as u64 >= config.queue_max_messages
            || (self.bytes + message.bytes) as u64 > config.queue_max_bytes;
        if full {
            self.fail(message.origin, Error::new(Code::QueueFull).on(&message.channel));
            return;
        }
        self.bytes += message.bytes;
        self.remember(message.id.clone());
        self.progress.push((message.origin, SendProgress::Queued));
        self.taken += 1;
        self.entries.push(Entry {
            serial: self.taken,
            stage: Stage::Queued { before: None },
            expires_at: message.ttl_ms.or(config.queue_ttl_ms).map(|ttl| now + ttl),
            message,
        });
    }

    /// Hands everything that waits to `transmit`, in order. What an earlier socket had waits
    /// until its channel can say whether it was accepted, and with it all behind it in the channel.
    pub fn flush(
        &mut self,
        now: Instant,
        config: &Config,
        terms: Terms,
        witness: impl Fn(&str) -> Witness,
        mut transmit: impl FnMut(&Message<P>, bool) -> Handed,
    ) {
        let mut at = 0;
        let mut waiting: Vec<Rc<str>> = Vec::new();
        while let Some(entry) = self.entries.get_mut(at) {
            let Stage::Queued { before } = entry.stage else {
                at += 1;
                continue;
            };
            let message = &entry.message;
            let asks_ack = message.ack && terms.acks;
            let witness = witness(&message.channel);
            let line = match witness {
                Witness::Caught { line } => Some(line),
                Witness::Outside | Witness::Catching | Witness::Mute => None,
            };
            if waiting.contains(&message.channel)
                || witness == Witness::Outside
                || (before.is_some() && asks_ack && witness == Witness::Catching)
            {
                waiting.push(message.channel.clone());
                at += 1;
                continue;
            }
            let is_proven = |first: FirstSent| line.is_some() && first.line == line;
            let refusal = match before {
                Some(first)
                    if !asks_ack
                        || !is_proven(first) && now.since(first.at) > terms.ack_memory_ms =>
                {
                    Some(Code::Unconfirmed)
                }
                _ if entry.expires_at.is_some_and(|expiry| now >= expiry) => Some(overdue(before)),
                _ if message.bytes as u64 + ENVELOPE_BYTES > terms.max_frame_bytes => {
                    Some(Code::MessageTooLarge)
                }
                _ => match transmit(message, asks_ack) {
                    Handed::Over => None,
                    Handed::Unanswered => {
                        self.settle(at, SendProgress::HandedOver);
                        continue;
                    }
                    Handed::Impossible(code) => Some(code),
                },
            };
            match refusal {
                Some(code) => self.settle_failed(at, Error::new(code)),
                None if asks_ack => {
                    let timeout = message.timeout_ms.unwrap_or(config.ack_timeout_ms);
                    entry.stage = Stage::Sent {
                        first: before.unwrap_or(FirstSent { at: now, line }),
                        deadline: now + timeout,
                        echo: Echo::Unheard,
                    };
                    self.progress.push((message.origin, SendProgress::Sent));
                    at += 1;
                }
                None => self.settle(at, SendProgress::HandedOver),
            }
        }
    }

    /// The connection is gone. What it had unanswered waits for the next one.
    pub fn disconnected(&mut self) {
        let mut at = 0;
        while let Some(entry) = self.entries.get_mut(at) {
            if let Stage::Sent { echo: Echo::Heard { seq }, .. } = entry.stage {
                self.settle(at, SendProgress::Acked { seq, payload: None });
                continue;
            }
            if let Stage::Sent { first, .. } = entry.stage {
                entry.stage = Stage::Queued { before: Some(first) };
                self.progress.push((entry.message.origin, SendProgress::Queued));
            }
            at += 1;
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
            Stage::Sent { echo, .. } => *echo = Echo::Heard { seq },
            Stage::Queued { before: Some(_) } => {
                self.settle(at, SendProgress::Acked { seq, payload: None });
            }
            Stage::Queued { before: None } => {}
        }
    }

    /// The server accepted a message.
    pub fn accepted(&mut self, channel: &str, id: &str, seq: Option<u64>, payload: Option<P>) {
        if let Some(at) = self.find(channel, id) {
            self.settle(at, SendProgress::Acked { seq, payload });
        }
    }

    /// The server refused a message. It is not tried again: its successors would overtake it.
    pub fn refused(&mut self, channel: &str, id: &str, refusal: Refusal) {
        if let Some(at) = self.find(channel, id) {
            let mut error = Error::new(Code::Rejected);
            error.retryable = refusal.retryable.unwrap_or(false);
            error.retry_after_ms = refusal.retry_after_ms;
            error.cause = Some(Cause { code: refusal.code, message: refusal.message });
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

    /// Fails all that was to be sent in a channel.
    pub fn fail_in(&mut self, channel: &str, error: &Error) {
        while let Some(at) =
            self.entries.iter().position(|entry| &*entry.message.channel == channel)
        {
            self.settle_failed(at, error.clone());
        }
    }

    /// The caller gives a send up.
    pub fn cancel(&mut self, origin: Origin) {
        if let Some(at) = self.entries.iter().position(|entry| entry.message.origin == origin) {
            self.settle_failed(at, Error::new(Code::Aborted));
        }
    }

    /// Messages taken in so far: a mark for [`Outbox::fail_until`].
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.taken
    }

    /// Fails every unsettled message among the first `mark` that were taken in.
    pub fn fail_until(&mut self, mark: u64, error: &Error) {
        while self.entries.first().is_some_and(|entry| entry.serial <= mark) {
            self.settle_failed(0, error.clone());
        }
    }

    /// Reports a failure of a send that never was in the box.
    pub fn fail(&mut self, origin: Origin, error: Error) {
        self.progress.push((origin, SendProgress::Failed(error)));
    }

    /// Reports that a send that never was in the box is out.
    pub fn handed_over(&mut self, origin: Origin) {
        self.progress.push((origin, SendProgress::HandedOver));
    }

    /// Whether this client sent the message of this id, lately.
    #[must_use]
    pub fn is_own(&self, id: &str) -> bool {
        self.own.iter().any(|own| own == id)
    }

    /// Time in which the page slept is nobody's delay.
    pub fn forgive(&mut self, slept_ms: u64) {
        for entry in &mut self.entries {
            if let Stage::Sent { deadline, .. } = &mut entry.stage {
                *deadline = *deadline + slept_ms;
            }
        }
    }

    /// Fails what is overdue.
    pub fn handle_timeout(&mut self, now: Instant) {
        let mut at = 0;
        while let Some(entry) = self.entries.get(at) {
            match entry.stage {
                Stage::Queued { before }
                    if entry.expires_at.is_some_and(|expiry| now >= expiry) =>
                {
                    self.settle_failed(at, Error::new(overdue(before)));
                }
                Stage::Sent { deadline, echo, .. } if now >= deadline => match echo {
                    Echo::Unheard => self.settle_failed(at, Error::new(Code::AckTimeout)),
                    Echo::Heard { seq } => {
                        self.settle(at, SendProgress::Acked { seq, payload: None });
                    }
                },
                _ => at += 1,
            }
        }
    }

    fn find(&self, channel: &str, id: &str) -> Option<usize> {
        self.entries.iter().position(|entry| {
            entry.message.id == id
                && &*entry.message.channel == channel
                && matches!(entry.stage, Stage::Sent { .. })
        })
    }

    fn settle(&mut self, at: usize, progress: SendProgress<P>) {
        let Message { bytes, origin, .. } = self.entries.remove(at).message;
        self.bytes -= bytes;
        self.progress.push((origin, progress));
    }

    fn settle_failed(&mut self, at: usize, error: Error) {
        let error = error.on(&self.entries[at].message.channel);
        self.settle(at, SendProgress::Failed(error));
    }

    fn remember(&mut self, id: String) {
        if self.own.len() == OWN_IDS_KEPT {
            self.own.remove(0);
        }
        self.own.push(id);
    }
}
