//! What the server remembers of accepted ids, so that a resend is answered and not taken again.

use std::rc::Rc;

use crate::value::Value;

/// Beyond the time the server promises: a resend may be on its way as it ends.
const MARGIN_MS: u64 = 20_000;

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
    /// What was answered when this user's message of this id was accepted.
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

    /// Forgets what is older than promised and no longer in the log.
    pub(crate) fn forget(&mut self, now: u64, promised_ms: u64, held_from: u64) {
        let due = |at: u64| now > at + promised_ms + MARGIN_MS;
        self.0.retain(|entry| !due(entry.at) || entry.ordinal > held_from);
    }

    /// A crash loses it together with the messages.
    pub(crate) fn lose(&mut self, numbers: &[u32]) {
        self.0.retain(|entry| !numbers.contains(&entry.number));
    }
}
