//! What is remembered of settled changes: their keys, and that their echo is still to come.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::ChangeKind;
use super::key::is_temporary;
use super::mutation::{Accepted, Effect, Mutation, Stage, is_id_of};
use crate::core::collection::merge::contains;
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// Real keys remembered by the temporary ones they replaced.
const ALIASES: usize = 256;

/// Settled changes remembered until their echo comes.
pub(super) const ECHOES: usize = 64;

/// A settled change that became one of the server's rows before its echo came.
#[derive(Debug)]
struct Echo<P> {
    base_id: Rc<str>,
    key: Rc<str>,
    kind: ChangeKind,
    /// The new row, or the fields that it changed.
    state: Option<P>,
    /// Whether the row was known as it was stored, with all that others had made of it.
    whole: bool,
    /// Until when a message without an id may be it.
    until: Instant,
    /// It came. A message of somebody else's change may hold its state as well, for as long as the
    /// echo of a later change of the row is to come.
    received: bool,
}

impl<P: Payload> Echo<P> {
    /// Whether a message that names no change equals what it made of its row.
    fn matches_change(&self, now: Instant, kind: ChangeKind, key: &str, row: Option<&P>) -> bool {
        let has_temporary_key = kind == ChangeKind::Insert && is_temporary(&self.key);
        let has = |part: &P| row.is_some_and(|row| contains(row, part));
        now < self.until
            && self.kind == kind
            && (&*self.key == key || has_temporary_key)
            && self.state.as_ref().is_none_or(has)
    }
}

#[derive(Debug)]
pub(super) struct Recent<P> {
    aliases: Vec<(Rc<str>, Rc<str>)>,
    echoes: Vec<Echo<P>>,
}

impl<P> Default for Recent<P> {
    fn default() -> Self {
        Self { aliases: Vec::new(), echoes: Vec::new() }
    }
}

impl<P: Payload> Recent<P> {
    /// The key that a row of this one has now.
    pub(super) fn real(&self, key: &str) -> Rc<str> {
        let known = self.aliases.iter().find(|(temporary, _)| **temporary == *key);
        known.map_or_else(|| key.into(), |(_, real)| real.clone())
    }

    /// The row of this key has got another one.
    pub(super) fn renamed(&mut self, from: &Rc<str>, to: &Rc<str>) {
        for echo in self.echoes.iter_mut().filter(|echo| echo.key == *from) {
            echo.key = to.clone();
        }
        if self.aliases.len() == ALIASES {
            self.aliases.remove(0);
        }
        self.aliases.push((from.clone(), to.clone()));
    }

    /// The row that was taken for this client's own is another one; its own is `to`.
    pub(super) fn reassign(&mut self, from: &str, to: &Rc<str>) {
        for (_, real) in self.aliases.iter_mut().filter(|(_, real)| **real == *from) {
            *real = to.clone();
        }
    }

    /// An echo of this change may still come; until then it may be one without an id.
    pub(super) fn expect(&mut self, mutation: &Mutation<P>, until: Instant) {
        if self.echoes.len() == ECHOES {
            self.echoes.remove(0);
        }
        let state = match &mutation.effect {
            Effect::Update(update) => Some(update.patch.clone()),
            Effect::Insert { row, .. } => Some(row.clone()),
            Effect::Remove => None,
        };
        let whole = matches!(&mutation.stage, Stage::Accepted(Accepted { row: Some(_), .. }));
        let (base_id, key, kind) =
            (mutation.base_id.clone(), mutation.key.clone(), mutation.kind());
        self.echoes.push(Echo { base_id, key, kind, state, whole, until, received: false });
    }

    /// Echoes may have been lost. Only the real keys of inserts are still waited for.
    pub(super) fn lose_echoes(&mut self) {
        self.echoes.retain(|echo| echo.kind == ChangeKind::Insert);
    }

    /// The key and the kind of the change whose echo this message is, by an id it bears.
    pub(super) fn find_by_message_id(&mut self, message: &str) -> Option<(Rc<str>, ChangeKind)> {
        let at = self.echoes.iter().position(|echo| is_id_of(message, &echo.base_id))?;
        self.record(at)
    }

    /// The same of a message without an id: it equals what a change made of the row.
    pub(super) fn find_equal(
        &mut self,
        now: Instant,
        kind: ChangeKind,
        key: &str,
        row: Option<&P>,
    ) -> Option<(Rc<str>, ChangeKind)> {
        let find = |received| {
            let is_it = |echo: &Echo<P>| {
                echo.received == received && echo.matches_change(now, kind, key, row)
            };
            self.echoes.iter().position(is_it)
        };
        // One that came already is no match while another one is still to come.
        let at = find(false).or_else(|| find(true))?;
        self.record(at)
    }

    /// An echo came. Those of earlier changes of its row come no more.
    fn record(&mut self, at: usize) -> Option<(Rc<str>, ChangeKind)> {
        let echo = self.echoes.get_mut(at)?;
        echo.received = true;
        let (key, kind) = (echo.key.clone(), echo.kind);
        let is_later = self.echoes.iter().skip(at + 1).any(|echo| echo.key == key);
        let mut index = 0;
        self.echoes.retain(|echo| {
            index += 1;
            index > at + usize::from(!is_later) || echo.key != key
        });
        Some((key, kind))
    }

    /// Whether the row of this key was removed, and the echo of that is still to come.
    pub(super) fn is_removed(&self, key: &str) -> bool {
        self.of(key).any(|echo| echo.kind == ChangeKind::Remove)
    }

    /// Whether the whole row is known as a change left it whose echo is still to come.
    pub(super) fn is_whole(&self, key: &str) -> bool {
        self.of(key).any(|echo| echo.whole)
    }

    /// Whether a change whose echo is still to come touched this field.
    pub(super) fn affects(&self, key: &str, field: &str) -> bool {
        let updates = self.of(key).filter(|echo| echo.kind == ChangeKind::Update);
        updates.filter_map(|echo| echo.state.as_ref()).any(|patch| patch.member(field).is_some())
    }

    fn of(&self, key: &str) -> impl Iterator<Item = &Echo<P>> {
        self.echoes.iter().filter(move |echo| *echo.key == *key && !echo.received)
    }

    /// Everything remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.aliases.len() + self.echoes.len()
    }
}
