//! The totals of a list: counts, the next deadline, and the first item that waits.

use super::minima::{Minima, NONE};
use crate::core::time::Instant;
use crate::core::timer::{Timer, earliest};

/// How many counts there are.
const COUNTS: usize = 6;

/// Debug builds compare the totals of at most so many slots with a walk; more would take too long.
const CHECKED_SLOTS: usize = 64;

/// What an item adds to the totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its next deadline.
    pub(crate) deadline: Option<Timer>,
    /// The rank in which it waits; lower ones are first. `None`: it does not wait.
    pub(crate) rank: Option<u8>,
    /// The counts that include it, one bit each. Of further bits only changes are noticed.
    pub(crate) counts: u16,
}

/// The items of a list.
pub(super) trait Items {
    /// How many slots there are.
    fn slots(&self) -> usize;

    /// The facts of one item; those of an empty slot are none.
    fn facts(&self, at: usize) -> Facts;
}

/// The item that was last lent to be changed.
#[derive(Debug, Clone, Copy)]
struct Lent {
    at: usize,
    /// The counts that included it before.
    counts: u16,
}

/// The totals of a list. They do not include the item that was lent last; whoever reads them adds it. So a change of
/// any item is known, and costs logarithmic time at most.
#[derive(Debug)]
pub(super) struct Totals {
    counts: [u32; COUNTS],
    deadlines: Minima,
    ranks: Minima,
    lent: Option<Lent>,
    /// Counts changes of the counts.
    version: u32,
}

impl Default for Totals {
    #[inline(never)] // Several lists are made in one function.
    fn default() -> Self {
        Self {
            counts: [0; COUNTS],
            deadlines: Minima::default(),
            ranks: Minima::default(),
            lent: None,
            version: 0,
        }
    }
}

impl Totals {
    /// An item is lent to be changed, or removed.
    pub(super) fn lend(&mut self, items: &dyn Items, at: usize) {
        if self.lent.is_none_or(|lent| lent.at != at) {
            self.put_back(items);
            let counts = items.facts(at).counts;
            self.note(at, Facts::default());
            self.count_bits(counts, u32::MAX);
            self.lent = Some(Lent { at, counts });
        }
    }

    /// An item was added to the end.
    pub(super) fn pushed(&mut self, items: &dyn Items) {
        let at = items.slots() - 1;
        if at < self.deadlines.len() {
            self.put_back(items);
            self.lent = Some(Lent { at, counts: 0 });
        } else {
            self.recount(items);
        }
    }

    /// Counts all items again.
    pub(super) fn recount(&mut self, items: &dyn Items) {
        let slots = items.slots();
        self.counts = [0; COUNTS];
        self.deadlines = Minima::new(slots + 1);
        self.ranks = Minima::new(slots + 1);
        self.version += 1;
        for at in 0..slots {
            self.lent = Some(Lent { at, counts: 0 });
            self.put_back(items);
        }
    }

    /// The number of items with this bit.
    pub(super) fn count(&self, items: &dyn Items, bit: u32) -> usize {
        let is_counted = |facts: Facts| (facts.counts >> bit & 1) as usize;
        let count = self.counts.get(bit as usize).copied().unwrap_or(0) as usize;
        let count = count + is_counted(self.lent_facts(items));
        debug_assert!(equals_walk(items, |all| count == all.map(is_counted).sum::<usize>()));
        count
    }

    /// The next deadline of all items.
    pub(super) fn poll_timeout(&self, items: &dyn Items) -> Option<Timer> {
        let due = Timer::from_bits(self.deadlines.min());
        let due = earliest(due, self.lent_facts(items).deadline);
        debug_assert!(equals_walk(items, |all| {
            due == all.fold(None, |due, facts| earliest(due, facts.deadline))
        }));
        due
    }

    /// The first item from this index on whose deadline is over.
    pub(super) fn next_due(
        &mut self,
        items: &dyn Items,
        from: usize,
        now: Instant,
    ) -> Option<usize> {
        self.put_back(items);
        self.deadlines.next(from, Timer::latest_bits(now))
    }

    /// The first item from this index on that waits, in any rank.
    pub(super) fn next_waiting(&mut self, items: &dyn Items, from: usize) -> Option<usize> {
        self.put_back(items);
        let next = self.ranks.next(from, NONE - 1);
        debug_assert!(equals_walk(items, |all| {
            next == all.skip(from).position(|facts| facts.rank.is_some()).map(|at| from + at)
        }));
        next
    }

    /// The lowest rank in which an item waits, and the first item in it.
    pub(super) fn first_waiting(&mut self, items: &dyn Items) -> Option<(usize, usize)> {
        self.put_back(items);
        let rank = self.ranks.min().min(NONE - 1);
        Some((rank as usize, self.ranks.next(0, rank)?))
    }

    /// A number that is another one whenever an item was added or removed, or has other counts.
    pub(super) fn version(&mut self, items: &dyn Items) -> u32 {
        self.put_back(items);
        self.version
    }

    fn lent_facts(&self, items: &dyn Items) -> Facts {
        self.lent.map_or_else(Facts::default, |lent| items.facts(lent.at))
    }

    /// Includes the lent item in the totals.
    fn put_back(&mut self, items: &dyn Items) {
        if let Some(Lent { at, counts }) = self.lent.take() {
            let facts = items.facts(at);
            self.note(at, facts);
            self.count_bits(facts.counts, 1);
            self.version += u32::from(facts.counts != counts);
        }
    }

    fn note(&mut self, at: usize, facts: Facts) {
        self.deadlines.set(at, facts.deadline.map_or(NONE, Timer::bits));
        self.ranks.set(at, facts.rank.map_or(NONE, u64::from));
    }

    fn count_bits(&mut self, bits: u16, by: u32) {
        for (bit, count) in self.counts.iter_mut().enumerate() {
            if bits >> bit & 1 == 1 {
                *count = count.wrapping_add(by);
            }
        }
    }
}

/// Whether a total is that of all items. Long lists are not walked.
fn equals_walk(items: &dyn Items, compare: impl FnOnce(AllFacts<'_>) -> bool) -> bool {
    let slots = items.slots();
    slots > CHECKED_SLOTS || compare(AllFacts { items, slots: 0..slots })
}

/// The facts of all items.
struct AllFacts<'a> {
    items: &'a dyn Items,
    slots: core::ops::Range<usize>,
}

impl Iterator for AllFacts<'_> {
    type Item = Facts;

    fn next(&mut self) -> Option<Facts> {
        self.slots.next().map(|at| self.items.facts(at))
    }
}
