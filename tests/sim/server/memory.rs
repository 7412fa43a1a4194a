//! The accepted ids that the server stores, so that a resend is answered and not accepted again.

use std::rc::Rc;

use crate::value::Value;

/// Added to the announced time: a resend may be in transit as that ends.
const MARGIN_MS: u64 = 20_000;

/// An accepted id, and the message that it stands for.
#[derive(Debug)]
struct Accepted {
    id: Rc<str>,
    user: Option<Rc<str>>,
    number: u32,
    ordinal: u64,
    at: u64,
    answer: Value,
}

/// Accepted ids of one channel.
#[derive(Debug, Default)]
pub(crate) struct Memory(Vec<Accepted>);

impl Memory {
    /// The answer that was sent when this user's message with this id was accepted.
    pub(crate) fn answer(&self, id: &str, user: Option<&Rc<str>>) -> Option<&Value> {
        let known = |entry: &&Accepted| &*entry.id == id && entry.user.as_ref() == user;
        self.0.iter().find(known).map(|entry| &entry.answer)
    }

    pub(crate) fn note(
        &mut self,
        at: u64,
        (number, ordinal): (u32, u64),
        (id, user): (Rc<str>, Option<Rc<str>>),
        answer: Value,
    ) {
        self.0.push(Accepted { id, user, number, ordinal, at, answer });
    }

    /// Drops entries that are older than announced and no longer in the log.
    pub(crate) fn forget(&mut self, now: u64, announced_ms: u64, trimmed_to: u64) {
        let due = |at: u64| now > at + announced_ms + MARGIN_MS;
        self.0.retain(|entry| !due(entry.at) || entry.ordinal > trimmed_to);
    }

    /// A crash loses the entries together with the messages.
    pub(crate) fn lose(&mut self, numbers: &[u32]) {
        self.0.retain(|entry| !numbers.contains(&entry.number));
    }
}
