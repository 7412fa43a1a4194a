//! The rows: what the server has under each key, what shows of it, and in which order.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::ViewRow;
use super::conflict::Showing;
use crate::core::payload::Payload;

/// One key. It is here while the server has a row under it or a pending change shows one.
#[derive(Debug)]
struct Slot<P> {
    key: Rc<str>,
    /// Where it stands in the order; unique.
    place: u64,
    /// The newest row of the server.
    server: Option<P>,
    /// What shows.
    shown: Option<P>,
    /// Whether `shown` has to be made out anew.
    stale: bool,
}

/// All keys of a collection.
///
/// Two sorted vectors: small in the wasm, and the same order in every run.
#[derive(Debug)]
pub(super) struct Table<P> {
    /// By place.
    slots: Vec<Slot<P>>,
    /// By key.
    index: Vec<(Rc<str>, u64)>,
    next_place: u64,
    /// Server rows.
    len: u64,
    /// Whether what shows is not what was shown last.
    changed: bool,
}

impl<P> Default for Table<P> {
    fn default() -> Self {
        Self { slots: Vec::new(), index: Vec::new(), next_place: 0, len: 0, changed: false }
    }
}

impl<P: Payload> Table<P> {
    /// The newest row of the server under this key.
    pub(super) fn server(&self, key: &str) -> Option<&P> {
        self.slots.get(self.find(key)?)?.server.as_ref()
    }

    /// Server rows.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Sets the server's row. A new key goes to the end.
    pub(super) fn put(&mut self, key: &Rc<str>, row: Option<P>) {
        if row.is_none() && self.find(key).is_none() {
            return;
        }
        let at = self.reserve(key);
        let Some(slot) = self.slots.get_mut(at) else { return };
        self.len = self.len + u64::from(row.is_some()) - u64::from(slot.server.is_some());
        slot.server = row;
        slot.stale = true;
    }

    /// Gives a key its place: the last one, unless it has one.
    pub(super) fn reserve(&mut self, key: &Rc<str>) -> usize {
        match self.find(key) {
            Some(at) => at,
            None => {
                self.push(Slot {
                    key: key.clone(),
                    place: 0,
                    server: None,
                    shown: None,
                    stale: true,
                });
                self.slots.len() - 1
            }
        }
    }

    /// What shows under this key has to be made out anew.
    pub(super) fn touch(&mut self, key: &str) {
        let at = self.find(key);
        if let Some(slot) = at.and_then(|at| self.slots.get_mut(at)) {
            slot.stale = true;
        }
    }

    /// The row under a temporary key has got its real one, at the same place.
    pub(super) fn rename(&mut self, from: &str, to: &Rc<str>) {
        if self.find(from).is_none() {
            return;
        }
        let double = self.find(to).map(|at| self.take(at));
        let Some(at) = self.find(from) else { return };
        self.unindex(from);
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.key = to.clone();
        slot.stale = true;
        self.changed |= slot.shown.is_some();
        let place = slot.place;
        if let Some(double) = double {
            self.changed |= double.shown.is_some();
            if let Some(row) = double.server {
                self.len += u64::from(slot.server.is_none());
                slot.server = Some(row);
            }
        }
        self.enter(to, place);
    }

    /// These are the server's rows now, in this order. Of the other keys those that `keep` names
    /// stay behind them, for what pending changes show.
    pub(super) fn replace(&mut self, rows: Vec<(Rc<str>, P)>, keep: impl Fn(&str) -> bool) {
        let index = core::mem::take(&mut self.index);
        let slots = core::mem::take(&mut self.slots);
        let places: Vec<u64> = slots.iter().map(|slot| slot.place).collect();
        let mut former: Vec<Option<Slot<P>>> = slots.into_iter().map(Some).collect();
        self.next_place = 0;
        self.len = 0;
        let mut last = 0;
        for (key, row) in rows {
            let at = search(&index, &key).ok().and_then(|at| index.get(at));
            let at = at.and_then(|(_, place)| places.binary_search(place).ok());
            if let Some((at, mut slot)) = at.and_then(|at| Some((at, former.get_mut(at)?.take()?)))
            {
                self.changed |= at < last;
                last = at;
                slot.server = None;
                self.push(slot);
            }
            self.put(&key, Some(row));
        }
        for (at, slot) in former.into_iter().enumerate() {
            let Some(mut slot) = slot else { continue };
            if keep(&slot.key) {
                self.changed |= at < last;
                slot.server = None;
                slot.stale = true;
                self.push(slot);
            } else {
                self.changed |= slot.shown.is_some();
            }
        }
    }

    /// Takes server rows away, the oldest first, until there are no more than `limit`; never one
    /// that `keep` names.
    pub(super) fn trim(&mut self, limit: u64, keep: impl Fn(&str) -> bool) {
        for slot in &mut self.slots {
            if self.len <= limit {
                return;
            }
            if slot.server.is_some() && !keep(&slot.key) {
                slot.server = None;
                slot.stale = true;
                self.len -= 1;
            }
        }
    }

    /// Makes out anew what has to be. Ends early where that cannot be said yet. A key under which
    /// nothing is and nothing shows loses its place, unless `keep` names it.
    pub(super) fn refresh(
        &mut self,
        mut show: impl FnMut(&str, Option<&P>) -> Showing<P>,
        keep: impl Fn(&str) -> bool,
    ) -> Option<Showing<P>> {
        let mut gone = Vec::new();
        for slot in self.slots.iter_mut().filter(|slot| slot.stale) {
            let row = match show(&slot.key, slot.server.as_ref()) {
                Showing::Row(row) => row,
                undecided => return Some(undecided),
            };
            slot.stale = false;
            let same = match (&slot.shown, &row) {
                (Some(shown), Some(row)) => shown.same(row),
                (None, None) => true,
                _ => false,
            };
            if !same {
                slot.shown = row;
                self.changed = true;
            }
            if slot.server.is_none() && slot.shown.is_none() && !keep(&slot.key) {
                gone.push(slot.key.clone());
            }
        }
        for key in gone {
            if let Some(at) = self.find(&key) {
                self.take(at);
            }
        }
        None
    }

    /// Whether what shows changed since the last call.
    pub(super) fn take_changed(&mut self) -> bool {
        core::mem::take(&mut self.changed)
    }

    /// What shows, in order.
    pub(super) fn rows(&self) -> Vec<ViewRow<P>> {
        let row =
            |slot: &Slot<P>| Some(ViewRow { key: slot.key.clone(), row: slot.shown.clone()? });
        self.slots.iter().filter_map(row).collect()
    }

    /// Keys that have a place.
    #[cfg(test)]
    pub(super) fn keys(&self) -> usize {
        assert_eq!(self.slots.len(), self.index.len());
        self.slots.len()
    }

    fn find(&self, key: &str) -> Option<usize> {
        let (_, place) = self.index.get(search(&self.index, key).ok()?)?;
        self.slots.binary_search_by(|slot| slot.place.cmp(place)).ok()
    }

    fn push(&mut self, mut slot: Slot<P>) {
        slot.place = self.next_place;
        self.next_place += 1;
        self.enter(&slot.key, slot.place);
        self.slots.push(slot);
    }

    fn enter(&mut self, key: &Rc<str>, place: u64) {
        if let Err(at) = search(&self.index, key) {
            self.index.insert(at, (key.clone(), place));
        }
    }

    fn take(&mut self, at: usize) -> Slot<P> {
        let slot = self.slots.remove(at);
        self.len -= u64::from(slot.server.is_some());
        self.unindex(&slot.key);
        slot
    }

    fn unindex(&mut self, key: &str) {
        if let Ok(at) = search(&self.index, key) {
            self.index.remove(at);
        }
    }
}

fn search(index: &[(Rc<str>, u64)], key: &str) -> Result<usize, usize> {
    index.binary_search_by(|(held, _)| (**held).cmp(key))
}
