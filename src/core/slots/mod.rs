//! A list whose totals are known without a walk: the counts of its items, their next deadline, and the first one
//! that waits. Its items are found by a hash.

mod hash_index;
mod minima;
#[cfg(test)]
mod tests;
mod totals;
#[cfg(test)]
pub(crate) mod visits;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::ops::Range;

pub(crate) use hash_index::fnv1a;
pub(crate) use totals::Facts;

use super::time::Instant;
use super::timer::Timer;
use hash_index::HashIndex;
use totals::{Items, Totals};

/// An item of [`Slots`].
pub(crate) trait Counted {
    /// What its facts depend on besides the item: the same for all items.
    type Context: Debug + Copy + Default;

    /// What it adds to the totals.
    fn facts(&self, context: Self::Context) -> Facts;
}

#[derive(Debug)]
struct Slot<T> {
    id: u32,
    /// `None`: it was removed. The slot stays for some time, so that the others keep their indices.
    item: Option<Box<T>>,
}

/// The slots of a list.
#[derive(Debug)]
struct SlotItems<T: Counted> {
    slots: Vec<Slot<T>>,
    context: T::Context,
}

impl<T: Counted> Items for SlotItems<T> {
    fn slots(&self) -> usize {
        self.slots.len()
    }

    fn facts(&self, at: usize) -> Facts {
        #[cfg(test)]
        visits::add();
        let item = self.slots.get(at).and_then(|slot| slot.item.as_ref());
        item.map_or_else(Facts::default, |item| item.facts(self.context))
    }
}

/// Items in the order in which they were added.
#[derive(Debug)]
pub(crate) struct Slots<T: Counted> {
    items: SlotItems<T>,
    index: HashIndex,
    totals: Totals,
    len: usize,
    last_id: u32,
}

impl<T: Counted> Default for Slots<T> {
    fn default() -> Self {
        Self {
            items: SlotItems { slots: Vec::new(), context: T::Context::default() },
            index: HashIndex::default(),
            totals: Totals::default(),
            len: 0,
            last_id: 0,
        }
    }
}

impl<T: Counted> Slots<T> {
    // ----- the items -----

    /// The number of items.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// The items.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.slots.iter().filter_map(|slot| {
            #[cfg(test)]
            visits::add();
            slot.item.as_deref()
        })
    }

    /// The indices, some of which may have no item. They are valid until an item is added.
    pub(crate) const fn indices(&self) -> Range<usize> {
        0..self.items.slots.len()
    }

    /// The index of the item of this id.
    pub(crate) fn position(&self, id: u32) -> Option<usize> {
        self.items.slots.binary_search_by_key(&id, |slot| slot.id).ok()
    }

    /// The index of the first item with this hash that satisfies the condition.
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<usize> {
        let mut found = self.index.next(hash, None);
        while let Some(at) = found.filter(|at| !self.get(*at).is_some_and(&is_it)) {
            found = self.index.next(hash, Some(at));
        }
        found
    }

    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        #[cfg(test)]
        visits::add();
        self.items.slots.get(at)?.item.as_deref()
    }

    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        #[cfg(test)]
        visits::add();
        self.totals.lend(&self.items, at);
        self.items.slots.get_mut(at)?.item.as_deref_mut()
    }

    /// An item, to be changed in nothing that its facts depend on.
    pub(crate) fn get_uncounted_mut(&mut self, at: usize) -> Option<&mut T> {
        #[cfg(test)]
        visits::add();
        self.items.slots.get_mut(at)?.item.as_deref_mut()
    }

    /// The id of the next item.
    pub(crate) const fn next_id(&self) -> u32 {
        self.last_id + 1
    }

    /// Adds an item with the next id.
    pub(crate) fn push(&mut self, hash: u64, item: Box<T>) {
        if self.items.slots.len() > 2 * self.len + 8 {
            let mut len = 0;
            for at in self.indices() {
                if self.get(at).is_some() {
                    self.items.slots.swap(len, at);
                    len += 1;
                }
            }
            self.items.slots.truncate(len);
            self.index.compact();
            self.totals.recount(&self.items);
        }
        self.len += 1;
        self.last_id += 1;
        self.items.slots.push(Slot { id: self.last_id, item: Some(item) });
        self.index.push(hash);
        self.totals.pushed(&self.items);
    }

    /// Removes an item.
    pub(crate) fn remove(&mut self, at: usize) -> Option<Box<T>> {
        self.totals.lend(&self.items, at);
        let item = self.items.slots.get_mut(at)?.item.take()?;
        self.index.remove(at);
        self.len -= 1;
        Some(item)
    }

    /// What the facts depend on.
    pub(crate) const fn context(&self) -> T::Context {
        self.items.context
    }

    /// Sets what the facts depend on. All items are counted again.
    pub(crate) fn set_context(&mut self, context: T::Context) {
        self.items.context = context;
        self.totals.recount(&self.items);
    }

    // ----- the totals -----

    /// The number of items with this bit.
    pub(crate) fn count(&self, bit: u32) -> usize {
        self.totals.count(&self.items, bit)
    }

    /// The next deadline of all items.
    pub(crate) fn poll_timeout(&self) -> Option<Timer> {
        self.totals.poll_timeout(&self.items)
    }

    /// The first item from this index on whose deadline is over.
    pub(crate) fn next_due(&mut self, from: usize, now: Instant) -> Option<usize> {
        self.totals.next_due(&self.items, from, now)
    }

    /// The first item from this index on that waits, in any rank.
    pub(crate) fn next_waiting(&mut self, from: usize) -> Option<usize> {
        self.totals.next_waiting(&self.items, from)
    }

    /// The lowest rank in which an item waits, and the first item in it.
    pub(crate) fn first_waiting(&mut self) -> Option<(usize, usize)> {
        self.totals.first_waiting(&self.items)
    }

    /// A number that is another one whenever an item was added or removed, or has other counts.
    pub(crate) fn version(&mut self) -> u32 {
        self.totals.version(&self.items)
    }
}
