//! A list whose totals are known without a walk: the counts of its items, their next deadline, and the first one
//! that waits.

mod hash_index;
mod minima;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::ops::Range;

pub(crate) use hash_index::{HashIndex, fnv1a};
use minima::{Minima, NONE};

use super::time::Instant;
use super::timer::{Timer, earliest};

/// How many counts there are.
const COUNTS: usize = 10;

/// Debug builds compare the totals of at most so many slots with a walk; more would take too long.
const CHECKED_ITEMS: usize = 64;

/// What an item adds to the totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its next deadline.
    pub(crate) deadline: Option<Timer>,
    /// The rank in which it waits; lower ones are first. `None`: it does not wait.
    pub(crate) rank: Option<u8>,
    /// The counts that include it, one bit each.
    pub(crate) counts: u16,
}

/// An item of [`Slots`].
pub(crate) trait Counted {
    /// What its facts depend on besides the item: the same for all items.
    type Terms: Debug + Copy + Default;

    /// What it adds to the totals.
    fn facts(&self, terms: Self::Terms) -> Facts;
}

/// The totals of all items but one.
#[derive(Debug, Default)]
struct Totals {
    counts: [u32; COUNTS],
    deadlines: Minima,
    ranks: Minima,
}

impl Totals {
    fn add(&mut self, at: usize, facts: Facts) {
        self.note(at, facts.deadline.map_or(NONE, Timer::bits), facts.rank.map_or(NONE, u64::from));
        self.count(facts.counts, 1);
    }

    fn remove(&mut self, at: usize, facts: Facts) {
        self.note(at, NONE, NONE);
        self.count(facts.counts, u32::MAX);
    }

    fn note(&mut self, at: usize, deadline: u64, rank: u64) {
        self.deadlines.set(at, deadline);
        self.ranks.set(at, rank);
    }

    fn count(&mut self, bits: u16, by: u32) {
        for (bit, count) in self.counts.iter_mut().enumerate() {
            if bits & (1 << bit) != 0 {
                *count = count.wrapping_add(by);
            }
        }
    }
}

#[derive(Debug)]
struct Slot<T> {
    id: u64,
    /// `None`: it was removed. The slot stays, so that the others keep their indices.
    item: Option<Box<T>>,
}

/// The item that was last lent to be changed.
#[derive(Debug, Clone, Copy)]
struct Lent {
    at: usize,
    /// The counts that included it before.
    counts: u16,
}

/// Items in the order of their ids, which usually grow. The totals do not include the item that was lent last;
/// whoever reads them adds it. So a change of any item is known, and costs logarithmic time at most.
#[derive(Debug)]
pub(crate) struct Slots<T: Counted> {
    slots: Vec<Slot<T>>,
    len: usize,
    totals: Totals,
    lent: Option<Lent>,
    terms: T::Terms,
    /// Counts changes of the counts.
    version: u32,
}

impl<T: Counted> Default for Slots<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            len: 0,
            totals: Totals::default(),
            lent: None,
            terms: T::Terms::default(),
            version: 0,
        }
    }
}

impl<T: Counted> Slots<T> {
    // ----- the items -----

    /// The number of items.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The items, by id.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.slots.iter().filter_map(|slot| slot.item.as_deref())
    }

    /// The indices, some of which may have no item. They are valid until an item is added.
    pub(crate) const fn indices(&self) -> Range<usize> {
        0..self.slots.len()
    }

    /// The index of the item of this id.
    pub(crate) fn position(&self, id: u64) -> Option<usize> {
        let at = self.slots.binary_search_by_key(&id, |slot| slot.id).ok()?;
        self.get(at).map(|_| at)
    }

    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.slots.get(at)?.item.as_deref()
    }

    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        if self.lent.is_none_or(|lent| lent.at != at) {
            self.put_back();
            let facts = self.get(at)?.facts(self.terms);
            self.totals.remove(at, facts);
            self.lent = Some(Lent { at, counts: facts.counts });
        }
        self.slots.get_mut(at)?.item.as_deref_mut()
    }

    /// Adds an item; returns its index.
    pub(crate) fn insert(&mut self, id: u64, item: T) -> usize {
        self.put_back();
        self.len += 1;
        let at = self.slots.partition_point(|slot| slot.id < id);
        let is_last = at == self.slots.len();
        let item = Some(Box::new(item));
        match self.slots.get_mut(at).filter(|slot| slot.id == id) {
            // One of this id was removed.
            Some(slot) => slot.item = item,
            None => self.slots.insert(at, Slot { id, item }),
        }
        if is_last {
            self.lent = Some(Lent { at, counts: 0 });
        } else {
            self.recount();
        }
        at
    }

    /// Removes an item.
    pub(crate) fn remove(&mut self, at: usize) -> Option<Box<T>> {
        self.get_mut(at)?;
        self.lent = None;
        self.len -= 1;
        self.version += 1;
        self.slots.get_mut(at)?.item.take()
    }

    /// Whether most slots are empty.
    pub(crate) const fn is_sparse(&self) -> bool {
        self.slots.len() > 2 * self.len + 8
    }

    /// Removes the empty slots. All indices change.
    pub(crate) fn compact(&mut self) {
        self.put_back();
        self.slots.retain(|slot| slot.item.is_some());
        self.recount();
    }

    // ----- the totals -----

    /// What the facts depend on.
    pub(crate) const fn terms(&self) -> T::Terms {
        self.terms
    }

    /// Sets what the facts depend on. All are counted again.
    pub(crate) fn set_terms(&mut self, terms: T::Terms) {
        self.terms = terms;
        self.recount();
    }

    /// The number of items with this bit.
    pub(crate) fn count(&self, bit: u32) -> usize {
        let lent = self.lent_facts().counts >> bit & 1;
        let count = self.totals.counts.get(bit as usize).copied().unwrap_or(0) as usize;
        let count = count + usize::from(lent);
        debug_assert!(
            self.equals_walk(
                |all| count == all.filter(|facts| facts.counts >> bit & 1 == 1).count()
            )
        );
        count
    }

    /// The next deadline of all items.
    pub(crate) fn poll_timeout(&self) -> Option<Timer> {
        let due =
            earliest(Timer::from_bits(self.totals.deadlines.min()), self.lent_facts().deadline);
        debug_assert!(
            self.equals_walk(
                |all| due == all.fold(None, |due, facts| earliest(due, facts.deadline))
            )
        );
        due
    }

    /// The first item from this index on whose deadline is over.
    pub(crate) fn next_due(&mut self, from: usize, now: Instant) -> Option<usize> {
        self.put_back();
        self.totals.deadlines.next(from, Timer::latest_bits(now))
    }

    /// The first item from this index on that waits, in any rank.
    pub(crate) fn next_waiting(&mut self, from: usize) -> Option<usize> {
        self.put_back();
        let next = self.totals.ranks.next(from, NONE - 1);
        debug_assert!(
            from > 0
                || self.equals_walk(|all| {
                    next.is_some() == (all.filter(|facts| facts.rank.is_some()).count() > 0)
                })
        );
        next
    }

    /// The first one of those that wait in the lowest rank.
    pub(crate) fn first_waiting(&mut self) -> Option<usize> {
        self.put_back();
        match self.totals.ranks.min() {
            NONE => None,
            rank => self.totals.ranks.next(0, rank),
        }
    }

    /// A number that is another one whenever an item was removed, or is counted in other counts.
    pub(crate) fn version(&mut self) -> u32 {
        self.put_back();
        self.version
    }

    fn lent_facts(&self) -> Facts {
        let lent = self.lent.and_then(|lent| self.get(lent.at));
        lent.map_or_else(Facts::default, |item| item.facts(self.terms))
    }

    /// Includes the lent item in the totals.
    fn put_back(&mut self) {
        if let Some(Lent { at, counts }) = self.lent.take()
            && let Some(item) = self.get(at)
        {
            let facts = item.facts(self.terms);
            self.totals.add(at, facts);
            if facts.counts != counts {
                self.version += 1;
            }
        }
    }

    fn recount(&mut self) {
        self.lent = None;
        self.version += 1;
        self.totals = Totals::default();
        for at in self.indices() {
            if let Some(item) = self.get(at) {
                let facts = item.facts(self.terms);
                self.totals.add(at, facts);
            }
        }
    }

    /// Whether a total is that of all items. Long lists are not walked.
    fn equals_walk(&self, compare: impl FnOnce(&mut dyn Iterator<Item = Facts>) -> bool) -> bool {
        self.slots.len() > CHECKED_ITEMS
            || compare(&mut self.iter().map(|item| item.facts(self.terms)))
    }
}
