//! The presence of a channel.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::ConnectionId;
use crate::value::{Value, object};

/// How long an entry stays after its connection closed, in milliseconds.
pub(crate) const GRACE_MS: u64 = 5_000;

/// The presence of one connection under a key.
#[derive(Debug, Clone)]
struct Entry {
    key: Rc<str>,
    reference: Rc<str>,
    /// The meta with its ref.
    shown: Value,
    owner: ConnectionId,
    /// When it is removed, once its connection is closed.
    leaves_at: Option<u64>,
}

/// All entries, in the order of their tracking.
#[derive(Debug, Default)]
pub(crate) struct Members(Vec<Entry>);

/// Numbers by key.
pub(crate) type Shown = BTreeMap<String, Vec<u64>>;

/// `joins` and `leaves` of a diff.
pub(crate) type Diff = (Value, Value);

impl Members {
    /// Adds or replaces the owner's entry. `replaces` is the reference of an entry of the same key that it
    /// replaces.
    pub(crate) fn track(
        &mut self,
        owner: ConnectionId,
        key: &Rc<str>,
        (reference, meta): (Rc<str>, &Value),
        replaces: Option<&str>,
    ) -> Diff {
        let left = self.take(|entry| {
            entry.owner == owner || (entry.key == *key && replaces == Some(&*entry.reference))
        });
        let mut shown = vec![(Cow::Borrowed("ref"), Value::from(&reference))];
        shown.extend(meta.entries().iter().filter(|(name, _)| name != "ref").cloned());
        let shown = Value::members(shown);
        let entry = Entry { key: key.clone(), reference, shown, owner, leaves_at: None };
        let joins = render(std::slice::from_ref(&entry));
        self.0.push(entry);
        (joins, render(&left))
    }

    /// Removes the entry of a connection; `None` if it has none.
    pub(crate) fn leave(&mut self, owner: ConnectionId) -> Option<Diff> {
        let left = self.take(|entry| entry.owner == owner);
        (!left.is_empty()).then(|| (object! {}, render(&left)))
    }

    /// The connection is closed: its entry is removed after the grace period.
    pub(crate) fn closed(&mut self, owner: ConnectionId, now: u64) {
        for entry in self.0.iter_mut().filter(|entry| entry.owner == owner) {
            entry.leaves_at = Some(now + GRACE_MS);
        }
    }

    /// Removes the entries whose grace period is over.
    pub(crate) fn expire(&mut self, now: u64) -> Option<Diff> {
        let left = self.take(|entry| entry.leaves_at.is_some_and(|at| now >= at));
        (!left.is_empty()).then(|| (object! {}, render(&left)))
    }

    /// When [`Members::expire`] is due.
    pub(crate) fn due(&self) -> Option<u64> {
        self.0.iter().filter_map(|entry| entry.leaves_at).min()
    }

    /// All entries, in the form of `presence_state`.
    pub(crate) fn state(&self) -> Value {
        render(&self.0)
    }

    /// The numbers shown under each key, sorted.
    pub(crate) fn shown(&self) -> Shown {
        let mut shown = Shown::new();
        for entry in &self.0 {
            shown.entry(entry.key.as_ref().to_owned()).or_default().extend(entry.shown.whole("m"));
        }
        shown.values_mut().for_each(|numbers| numbers.sort_unstable());
        shown
    }

    /// The number that a connection shows.
    pub(crate) fn of(&self, owner: ConnectionId) -> Option<u32> {
        let entry = self.0.iter().find(|entry| entry.owner == owner)?;
        u32::try_from(entry.shown.whole("m")?).ok()
    }

    fn take(&mut self, is_removed: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let (removed, kept) = std::mem::take(&mut self.0).into_iter().partition(is_removed);
        self.0 = kept;
        removed
    }
}

/// `{KEY: [entry, …], …}`
fn render(entries: &[Entry]) -> Value {
    let mut keys: Vec<(&Rc<str>, Vec<Value>)> = Vec::new();
    for entry in entries {
        match keys.iter_mut().find(|(key, _)| *key == &entry.key) {
            Some((_, shown)) => shown.push(entry.shown.clone()),
            None => keys.push((&entry.key, vec![entry.shown.clone()])),
        }
    }
    let member = |(key, shown): (&Rc<str>, Vec<Value>)| {
        (Cow::Owned(key.as_ref().to_owned()), Value::Array(shown.into()))
    };
    Value::members(keys.into_iter().map(member).collect())
}
