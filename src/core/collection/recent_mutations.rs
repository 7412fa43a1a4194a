//! What is remembered of settled changes: their keys, and that their echo is still to come.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::ChangeKind;
use super::key::is_temporary;
use super::mutation::{Effect, Mutation, is_id_of};
use super::stage::{Accepted, Stage};
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

/// Whether own changes are expected to come back as messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EchoDelivery {
    /// None failed to since the last gap.
    Expected,
    /// One failed to.
    Failed,
}

/// The settled changes whose echo is still to come, and the keys that replaced temporary ones.
#[derive(Debug)]
pub(super) struct Recent<P> {
    aliases: Vec<(Rc<str>, Rc<str>)>,
    echoes: Vec<Echo<P>>,
    delivery: EchoDelivery,
}

impl<P> Default for Recent<P> {
    fn default() -> Self {
        Self { aliases: Vec::new(), echoes: Vec::new(), delivery: EchoDelivery::Expected }
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

    /// Whether own changes are expected to come back as messages.
    pub(super) const fn delivery(&self) -> EchoDelivery {
        self.delivery
    }

    /// Sets whether own changes are expected to come back as messages.
    pub(super) const fn set_delivery(&mut self, delivery: EchoDelivery) {
        self.delivery = delivery;
    }

    /// Forgets all changes.
    pub(super) fn clear(&mut self) {
        self.aliases.clear();
        self.echoes.clear();
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

    /// The key and the kind of the change whose echo this message without an id is: it equals what the
    /// change made of the row.
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Recent;
    use crate::core::collection::ChangeKind;
    use crate::core::collection::mutation::{Effect, Mutation, Update};
    use crate::core::id::MutationId;
    use crate::core::time::Instant;

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    fn mutation(id: &str, key: &str, effect: Effect<Value>) -> Mutation<Value> {
        Mutation::new(MutationId(1), id.into(), key.into(), effect)
    }

    fn update(id: &str, patch: Value) -> Mutation<Value> {
        mutation(id, "1", Effect::Update(Update { patch, base: None, resolved: None }))
    }

    fn insert(id: &str, key: &str) -> Mutation<Value> {
        let row = json!({ "a": 1 });
        mutation(id, key, Effect::Insert { shown: row.clone(), row })
    }

    #[test]
    fn echo_by_id_ends_the_wait_for_those_of_earlier_changes_of_its_row() {
        let mut recent = Recent::default();
        for id in ["m1", "m2", "m3"] {
            recent.expect(&update(id, json!({ "a": id })), at(10));
        }
        assert_eq!(recent.find_by_message_id("m2"), Some(("1".into(), ChangeKind::Update)));
        assert!(recent.find_by_message_id("m1").is_none());
        assert!(recent.find_by_message_id("m3~1").is_some());
    }

    #[test]
    fn equal_message_without_an_id_is_an_echo_until_the_deadline() {
        let (mut recent, row) = (Recent::default(), json!({ "id": 1, "a": 1 }));
        recent.expect(&update("m", json!({ "a": 1 })), at(10));
        let mut find = |now, key| recent.find_equal(at(now), ChangeKind::Update, key, Some(&row));
        assert!(find(10, "1").is_none() && find(9, "2").is_none());
        assert!(find(9, "1").is_some());
    }

    #[test]
    fn fields_of_a_change_are_affected_until_its_echo_comes() {
        let mut recent = Recent::default();
        recent.expect(&update("m", json!({ "a": 1 })), at(10));
        assert!(recent.affects("1", "a") && !recent.affects("1", "b"));
        recent.find_by_message_id("m");
        assert!(!recent.affects("1", "a"));
    }

    #[test]
    fn renamed_key_is_found_under_the_temporary_one_and_follows_a_reassignment() {
        let mut recent = Recent::<Value>::default();
        recent.renamed(&"tmp:m".into(), &"1".into());
        assert_eq!(&*recent.real("tmp:m"), "1");
        recent.reassign("1", &"2".into());
        assert_eq!(&*recent.real("tmp:m"), "2");
        assert_eq!(&*recent.real("3"), "3");
    }

    #[test]
    fn gap_ends_the_wait_for_all_echoes_but_those_of_inserts() {
        let mut recent = Recent::default();
        recent.expect(&update("m1", json!({ "a": 1 })), at(10));
        recent.expect(&insert("m2", "tmp:m2"), at(10));
        recent.lose_echoes();
        assert!(recent.find_by_message_id("m1").is_none());
        assert!(recent.find_by_message_id("m2").is_some());
    }
}
