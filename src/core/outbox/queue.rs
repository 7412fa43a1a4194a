//! The bounded queue of unsettled messages, in the order of the sends.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::mem;
use core::ops::Range;

use super::entry::{Entry, Stage};
use super::message::OutgoingMessage;
use crate::core::config::Config;
use crate::core::error::{Code, Error};
use crate::core::event::SendProgress;
use crate::core::id::Origin;
use crate::core::risk::Risk;
use crate::core::slots::{Slots, fnv1a};
use crate::core::time::Instant;
use crate::core::timer::Timer;

/// The unsettled messages, and their progress that is not reported yet.
#[derive(Debug)]
pub(super) struct Queue<P> {
    entries: Slots<Entry<P>>,
    /// The channels of the messages, sorted, and how many messages each has.
    channels: Vec<(Rc<str>, u32)>,
    /// The size of all entries, in bytes of JSON.
    bytes: usize,
    /// The number of the last message that was accepted.
    last_sequence: u64,
    progress: Vec<(Origin, SendProgress<P>)>,
}

impl<P> Default for Queue<P> {
    fn default() -> Self {
        Self {
            entries: Slots::default(),
            channels: Vec::new(),
            bytes: 0,
            last_sequence: 0,
            progress: Vec::new(),
        }
    }
}

impl<P> Queue<P> {
    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of the last message accepted; numbers begin at 1.
    pub(super) const fn last_sequence(&self) -> u64 {
        self.last_sequence
    }

    /// The indices, valid until a message is added. Those of settled messages have none.
    pub(super) const fn indices(&self) -> Range<usize> {
        self.entries.indices()
    }

    /// The first message from this index on that waits.
    pub(super) fn next_waiting(&mut self, from: usize) -> Option<usize> {
        self.entries.next_waiting(from)
    }

    /// The first message from this index on whose deadline is over.
    pub(super) fn next_due(&mut self, from: usize, now: Instant) -> Option<usize> {
        self.entries.next_due(from, now)
    }

    /// The next deadline of all messages.
    pub(super) fn poll_timeout(&self) -> Option<Timer> {
        self.entries.poll_timeout()
    }

    /// The number of messages with this bit.
    pub(super) fn count(&self, bit: u32) -> usize {
        self.entries.count(bit)
    }

    /// A number that is another one whenever a message was added, settled, sent or is to be sent again.
    pub(super) fn version(&mut self) -> u32 {
        self.entries.version()
    }

    /// Since when there is no connection.
    pub(super) const fn down_since(&self) -> Option<Instant> {
        self.entries.context()
    }

    /// Sets since when there is no connection.
    pub(super) fn set_down_since(&mut self, down_since: Option<Instant>) {
        self.entries.set_context(down_since);
    }

    pub(super) fn get(&self, at: usize) -> Option<&Entry<P>> {
        self.entries.get(at)
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Entry<P>> {
        self.entries.get_mut(at)
    }

    /// The index of the message with this channel and id.
    pub(super) fn find(&self, channel: &str, id: &str) -> Option<usize> {
        let is_it = |entry: &Entry<P>| entry.message.id == id && &*entry.message.channel == channel;
        self.entries.find(fnv1a(id), is_it)
    }

    /// The number of the largest message in flight, unless several have this size.
    pub(super) fn largest_in_flight(&self) -> Option<u64> {
        let in_flight = || self.entries.iter().filter(|entry| entry.is_in_flight());
        let most = in_flight().map(|entry| entry.message.bytes).max();
        let mut largest = in_flight().filter(|entry| Some(entry.message.bytes) == most);
        let one = largest.next().filter(|_| largest.next().is_none());
        one.map(|entry| entry.serial)
    }

    /// The channels of the messages, each once.
    pub(super) fn channels(&self) -> Vec<Rc<str>> {
        self.channels.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Whether there is a message of this channel.
    pub(super) fn has_channel(&self, name: &str) -> bool {
        self.channel_position(name).is_ok()
    }

    fn channel_position(&self, name: &str) -> Result<usize, usize> {
        self.channels.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// Whether a message of this size can be added.
    pub(super) const fn has_room(&self, config: &Config, bytes: usize) -> bool {
        (self.entries.len() as u64) < config.queue_max_messages
            && (self.bytes + bytes) as u64 <= config.queue_max_bytes
    }

    /// Adds a message to the end, unless it is too large or the queue is full.
    ///
    /// # Errors
    /// `message_too_large` or `queue_full`.
    pub(super) fn push(
        &mut self,
        now: Instant,
        config: &Config,
        message: OutgoingMessage<P>,
    ) -> Result<(), Error> {
        let code = if message.bytes as u64 > config.queue_max_bytes {
            Code::MessageTooLarge
        } else if !self.has_room(config, message.bytes) {
            Code::QueueFull
        } else {
            self.bytes += message.bytes;
            self.last_sequence += 1;
            self.report(message.origin, SendProgress::Queued);
            let hash = fnv1a(&message.id);
            match self.channel_position(&message.channel) {
                Ok(at) => self.channels[at].1 += 1,
                Err(at) => self.channels.insert(at, (message.channel.clone(), 1)),
            }
            let entry = Entry {
                serial: self.last_sequence,
                stage: Stage::Queued { before: None },
                risk: Risk::None,
                expires_at: message.ttl_ms.or(config.queue_ttl_ms).map(|ttl| now + ttl),
                ends_at: message.timeout_ms.map(|timeout| now + timeout),
                waits_until: None,
                message,
            };
            self.entries.push(hash, Box::new(entry));
            return Ok(());
        };
        Err(Error::new(code).with_channel(&message.channel))
    }

    /// Reports the progress of a message.
    pub(super) fn report(&mut self, origin: Origin, progress: SendProgress<P>) {
        self.progress.push((origin, progress));
    }

    /// Takes the progress of messages since the last call, in order.
    pub(super) fn take_progress(&mut self) -> Vec<(Origin, SendProgress<P>)> {
        mem::take(&mut self.progress)
    }

    /// Removes a message and reports its outcome.
    pub(super) fn settle(&mut self, at: usize, progress: SendProgress<P>) {
        let Some(entry) = self.entries.remove(at) else { return };
        let OutgoingMessage { bytes, origin, channel, .. } = entry.message;
        if let Ok(at) = self.channel_position(&channel) {
            let (_, messages) = &mut self.channels[at];
            *messages -= 1;
            if *messages == 0 {
                self.channels.remove(at);
            }
        }
        self.bytes -= bytes;
        self.report(origin, progress);
    }

    /// Removes a message and reports that it failed.
    pub(super) fn fail(&mut self, at: usize, error: Error) {
        if let Some(entry) = self.get(at) {
            let error = error.with_channel(&entry.message.channel);
            self.settle(at, SendProgress::Failed(error));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Instant, Origin, OutgoingMessage, Queue, SendProgress};
    use crate::core::error::{Code, Error};
    use crate::core::id::SendId;

    fn message(send: u32, channel: &str, bytes: usize) -> OutgoingMessage<()> {
        OutgoingMessage {
            origin: Origin::App(SendId(send)),
            channel: channel.into(),
            id: send.to_string(),
            event: None,
            payload: (),
            bytes,
            ack: true,
            timeout_ms: None,
            ttl_ms: None,
        }
    }

    fn push(queue: &mut Queue<()>, config: &Config, send: u32, bytes: usize) -> Result<(), Code> {
        let pushed = queue.push(Instant::from_ms(0), config, message(send, "feed", bytes));
        pushed.map_err(|error| error.code)
    }

    #[test]
    fn queue_is_limited_in_messages_and_bytes_until_sends_are_settled() {
        let config = Config { queue_max_messages: 2, queue_max_bytes: 10, ..Config::default() };
        let mut queue = Queue::default();
        assert_eq!(push(&mut queue, &config, 1, 11), Err(Code::MessageTooLarge));
        assert_eq!(push(&mut queue, &config, 2, 6), Ok(()));
        assert_eq!(push(&mut queue, &config, 3, 5), Err(Code::QueueFull));
        assert_eq!(push(&mut queue, &config, 4, 4), Ok(()));
        assert_eq!(push(&mut queue, &config, 5, 0), Err(Code::QueueFull));
        queue.settle(0, SendProgress::SentUnconfirmed);
        assert_eq!(push(&mut queue, &config, 6, 6), Ok(()));
        assert_eq!((queue.len(), queue.last_sequence()), (2, 3));
    }

    #[test]
    fn failed_message_is_reported_with_its_channel() {
        let mut queue = Queue::default();
        assert_eq!(push(&mut queue, &Config::default(), 1, 0), Ok(()));
        queue.fail(0, Error::new(Code::Aborted));
        let progress = queue.take_progress();
        let Some((origin, SendProgress::Failed(error))) = progress.last() else {
            panic!("not failed")
        };
        assert_eq!(*origin, Origin::App(SendId(1)));
        assert_eq!(error.channel.as_deref(), Some("feed"));
    }

    #[test]
    fn message_is_found_by_its_channel_and_id() {
        let mut queue = Queue::default();
        for (send, channel) in [(1, "feed"), (2, "notes"), (3, "feed")] {
            let pushed =
                queue.push(Instant::from_ms(0), &Config::default(), message(send, channel, 0));
            assert!(pushed.is_ok());
        }
        assert_eq!(queue.find("notes", "2"), Some(1));
        assert_eq!(queue.find("feed", "2"), None);
        assert_eq!(
            queue.channels().iter().map(|name| &**name).collect::<Vec<_>>(),
            ["feed", "notes"]
        );
    }
}
