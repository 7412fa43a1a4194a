//! The rows: what the server has under each key, what shows of it, and in which order.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::ViewRow;
use super::conflict::Showing;
use super::display::RowsShown;
use super::key::{is_temporary, order};
use crate::core::payload::Payload;

/// One key. It is here while the server has a row under it or a pending change shows one.
#[derive(Debug)]
struct Slot<P> {
    key: Rc<str>,
    /// When it came, as a number that grows.
    order_number: u64,
    /// The newest row of the server.
    server: Option<P>,
    /// What shows.
    shown: Option<P>,
    /// Whether `shown` has to be computed again.
    stale: bool,
}

/// All keys of a collection.
///
/// A sorted vector: small in the wasm, and the same order in every tab. The slots are boxed, so
/// that inserting one moves little.
#[derive(Debug)]
pub(super) struct RowTable<P> {
    /// By [`order`]; the temporary keys, which come last, by their arrival.
    slots: Vec<Box<Slot<P>>>,
    inserted: u64,
    /// Server rows.
    len: u64,
    /// Whether what shows is not what was shown last.
    changed: bool,
}

impl<P> Default for RowTable<P> {
    fn default() -> Self {
        Self { slots: Vec::new(), inserted: 0, len: 0, changed: false }
    }
}

impl<P: Payload> RowTable<P> {
    /// The newest row of the server under this key.
    pub(super) fn server(&self, key: &str) -> Option<&P> {
        self.slots.get(self.find(key).ok()?)?.server.as_ref()
    }

    /// Server rows.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Sets the server's row.
    pub(super) fn put(&mut self, key: &Rc<str>, row: Option<P>) {
        if row.is_none() && self.find(key).is_err() {
            return;
        }
        let at = self.reserve(key);
        let Some(slot) = self.slots.get_mut(at) else { return };
        self.len = self.len + u64::from(row.is_some()) - u64::from(slot.server.is_some());
        slot.server = row;
        slot.stale = true;
    }

    /// Gives a key its place, unless it has one.
    pub(super) fn reserve(&mut self, key: &Rc<str>) -> usize {
        self.find(key).unwrap_or_else(|at| {
            let (key, order_number) = (key.clone(), self.inserted);
            self.inserted += 1;
            let slot = Slot { key, order_number, server: None, shown: None, stale: true };
            self.slots.insert(at, Box::new(slot));
            at
        })
    }

    /// Marks the shown row of this key as stale.
    pub(super) fn mark_dirty(&mut self, key: &str) {
        if let Some(slot) = self.find(key).ok().and_then(|at| self.slots.get_mut(at)) {
            slot.stale = true;
        }
    }

    /// The row under this key has got another one. If one shows there already, it stays the same
    /// value for as long as it is equal.
    pub(super) fn rename(&mut self, from: &str, to: &Rc<str>) {
        let Ok(at) = self.find(from) else { return };
        let former = self.take(at);
        self.changed |= former.shown.is_some();
        let at = self.reserve(to);
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.order_number = slot.order_number.min(former.order_number);
        slot.stale = true;
        if slot.shown.is_none() {
            slot.shown = former.shown;
        }
        if slot.server.is_none() {
            self.len += u64::from(former.server.is_some());
            slot.server = former.server;
        }
    }

    /// These are the server's rows now, in the order of their arrival. Of the other keys those that
    /// `keep` names stay, for what pending changes show.
    pub(super) fn replace(&mut self, rows: Vec<(Rc<str>, P)>, keep: &dyn Fn(&str) -> bool) {
        let former = core::mem::take(&mut self.slots);
        let others = self.inserted;
        (self.inserted, self.len) = (0, 0);
        for (key, row) in rows {
            self.put(&key, Some(row));
        }
        let loaded = self.inserted;
        self.inserted += others;
        for mut slot in former {
            match self.find(&slot.key) {
                Ok(at) => {
                    if let Some(known) = self.slots.get_mut(at) {
                        known.shown = slot.shown;
                    }
                }
                Err(at) if keep(&slot.key) => {
                    slot.order_number += loaded;
                    slot.server = None;
                    slot.stale = true;
                    self.slots.insert(at, slot);
                }
                Err(_) => self.changed |= slot.shown.is_some(),
            }
        }
    }

    /// Takes server rows away, the first that came first, until there are no more than `limit`;
    /// never one that `keep` names.
    pub(super) fn trim(&mut self, limit: u64, keep: impl Fn(&str) -> bool) {
        while self.len > limit {
            let oldest_excess = self.slots.iter_mut().filter(|slot| slot.server.is_some());
            let eldest =
                oldest_excess.filter(|slot| !keep(&slot.key)).min_by_key(|slot| slot.order_number);
            let Some(slot) = eldest else { return };
            slot.server = None;
            slot.stale = true;
            self.len -= 1;
        }
    }

    /// Computes the stale shown rows. Ends early where the app has to decide. A key under which
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
                (Some(shown), Some(row)) => shown.eq_json(row),
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
            if let Ok(at) = self.find(&key) {
                self.take(at);
            }
        }
        None
    }

    /// Whether what shows changed since the last call.
    pub(super) fn take_changed(&mut self) -> RowsShown {
        let changed = core::mem::take(&mut self.changed);
        if changed { RowsShown::Changed } else { RowsShown::Same }
    }

    /// What shows, in order.
    pub(super) fn rows(&self) -> Vec<ViewRow<P>> {
        let rows = self.slots.iter();
        rows.filter_map(|slot| Some(ViewRow { key: slot.key.clone(), row: slot.shown.clone()? }))
            .collect()
    }

    /// Keys that have a place.
    #[cfg(test)]
    pub(super) fn keys(&self) -> usize {
        self.slots.len()
    }

    /// Where a key is, or would be.
    fn find(&self, key: &str) -> Result<usize, usize> {
        if !is_temporary(key) {
            return self.slots.binary_search_by(|slot| order(&slot.key, key));
        }
        let temporary = self.slots.iter().rposition(|slot| *slot.key == *key);
        temporary.ok_or(self.slots.len())
    }

    fn take(&mut self, at: usize) -> Box<Slot<P>> {
        let slot = self.slots.remove(at);
        self.len -= u64::from(slot.server.is_some());
        slot
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{RowTable, RowsShown, Showing};

    /// A table with these server rows, all of them shown.
    fn table(keys: &[&str]) -> RowTable<Value> {
        let mut table = RowTable::default();
        for key in keys {
            table.put(&(*key).into(), Some(json!({ "id": key })));
        }
        refresh(&mut table);
        assert_eq!(table.take_changed(), RowsShown::Changed);
        table
    }

    /// Shows the server's rows.
    fn refresh(table: &mut RowTable<Value>) {
        assert!(table.refresh(|_, server| Showing::Row(server.cloned()), |_| false).is_none());
    }

    fn shown(table: &RowTable<Value>) -> Vec<String> {
        table.rows().into_iter().map(|row| row.key.to_string()).collect()
    }

    #[test]
    fn rows_show_in_the_order_of_their_keys_once_refreshed() {
        let mut table = table(&["10", "9"]);
        assert_eq!(shown(&table), ["9", "10"]);
        table.put(&"1".into(), Some(json!({ "id": "1" })));
        assert_eq!(shown(&table), ["9", "10"]);
        refresh(&mut table);
        assert_eq!(shown(&table), ["1", "9", "10"]);
    }

    #[test]
    fn row_that_is_put_again_with_the_same_content_is_no_change() {
        let mut table = table(&["1"]);
        table.put(&"1".into(), Some(json!({ "id": "1" })));
        refresh(&mut table);
        assert_eq!(table.take_changed(), RowsShown::Same);
        table.put(&"1".into(), None);
        refresh(&mut table);
        assert_eq!((table.take_changed(), table.keys()), (RowsShown::Changed, 0));
    }

    #[test]
    fn trim_removes_the_rows_that_came_first_and_none_to_keep() {
        let mut table = table(&["3", "1", "2"]);
        table.trim(1, |key| key == "3");
        refresh(&mut table);
        assert_eq!((shown(&table), table.len()), (vec!["3".into()], 1));
    }

    #[test]
    fn renamed_key_takes_its_row_along() {
        let mut table = table(&["tmp:m", "1"]);
        table.rename("tmp:m", &"0".into());
        refresh(&mut table);
        assert_eq!(shown(&table), ["0", "1"]);
        assert!(table.server("tmp:m").is_none() && table.server("0").is_some());
    }

    #[test]
    fn replaced_rows_leave_only_the_keys_to_keep() {
        let mut table = table(&["1", "2", "3"]);
        table.replace(vec![("4".into(), json!({ "id": "4" }))], &|key| key == "2");
        assert_eq!((table.keys(), table.len()), (2, 1));
        refresh(&mut table);
        assert_eq!(shown(&table), ["4"]);
    }

    #[test]
    fn undecided_row_stays_stale_until_it_is_decided() {
        use crate::core::collection::conflict::Undecided;
        use crate::core::id::MutationId;

        let mut table = RowTable::default();
        table.put(&"1".into(), Some(json!(1)));
        let undecided = |_: &str, _: Option<&Value>| {
            let (local, remote) = (json!(1), json!(2));
            Showing::Undecided(Undecided { mutation: MutationId(1), local, remote, base: None })
        };
        assert!(table.refresh(undecided, |_| false).is_some());
        assert!(shown(&table).is_empty());
        refresh(&mut table);
        assert_eq!(shown(&table), ["1"]);
    }
}
