//! Indices found by a hash.

use alloc::vec;
use alloc::vec::Vec;

/// The end of a chain.
const END: u64 = u64::MAX;

/// The link of an index that was removed.
const REMOVED: u64 = u64::MAX - 1;

/// Indices by a hash, several of which may have the same one: a chained hash table. Indices are added in order.
#[derive(Debug, Default)]
pub(super) struct HashIndex {
    /// The latest index of each chain. The number of chains is a power of two.
    heads: Vec<u64>,
    /// The hash of each index.
    hashes: Vec<u64>,
    /// The index before each one in its chain.
    before: Vec<u64>,
}

impl HashIndex {
    /// Adds the next index.
    pub(super) fn push(&mut self, hash: u64) {
        self.hashes.push(hash);
        self.before.push(END);
        let len = self.before.len();
        if len <= self.heads.len() {
            return self.link(len - 1);
        }
        self.heads = vec![END; 2 * len.next_power_of_two()];
        (0..len).for_each(|at| self.link(at));
    }

    /// Removes an index. Those after it stay the same.
    pub(super) fn remove(&mut self, at: usize) {
        let Some(before) = self.before.get_mut(at) else { return };
        let before = core::mem::replace(before, REMOVED);
        let chain = self.chain(at);
        let Some(head) = self.heads.get_mut(chain) else { return };
        let mut next = *head;
        if next == at as u64 {
            *head = before;
        }
        while let Some(link) = self.before.get_mut(next as usize) {
            next = *link;
            if next == at as u64 {
                *link = before;
            }
        }
    }

    /// Moves the indices to the places of those that were removed.
    pub(super) fn compact(&mut self) {
        let Self { hashes, before, .. } = core::mem::take(self);
        for (hash, before) in hashes.into_iter().zip(before) {
            if before != REMOVED {
                self.push(hash);
            }
        }
    }

    /// The first index with this hash that satisfies the condition.
    pub(super) fn find(&self, hash: u64, is_it: &dyn Fn(usize) -> bool) -> Option<usize> {
        let mut found = None;
        let mut next = self.heads.get(hash as usize & self.heads.len().wrapping_sub(1))?;
        while let Some(before) = self.before.get(*next as usize) {
            let at = *next as usize;
            if self.hashes.get(at) == Some(&hash) && is_it(at) {
                found = Some(at);
            }
            next = before;
        }
        found
    }

    fn link(&mut self, at: usize) {
        let chain = self.chain(at);
        if let (Some(before), Some(head)) = (self.before.get_mut(at), self.heads.get_mut(chain))
            && *before != REMOVED
        {
            *before = core::mem::replace(head, at as u64);
        }
    }

    /// The chain of an index.
    fn chain(&self, at: usize) -> usize {
        let hash = self.hashes.get(at).copied().unwrap_or(0);
        hash as usize & self.heads.len().wrapping_sub(1)
    }
}

/// FNV-1a: small, and sufficient where a collision is of no use to an attacker.
pub(crate) fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{HashIndex, fnv1a};

    #[test]
    fn first_index_with_a_hash_is_found_until_it_is_removed() {
        let mut index = HashIndex::default();
        assert_eq!(index.find(1, &|_| true), None);
        let names: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
        for name in names.iter().chain(&names) {
            index.push(fnv1a(name));
        }
        for at in (0..1_000).step_by(2) {
            index.remove(at);
        }
        for (at, name) in names.iter().enumerate() {
            let first = if at % 2 == 0 { 1_000 + at } else { at };
            assert_eq!(index.find(fnv1a(name), &|_| true), Some(first));
            assert_eq!(index.find(fnv1a(name), &|at| at >= 1_000), Some(1_000 + at));
        }
        assert_eq!(index.find(fnv1a("1000"), &|_| true), None);
    }

    #[test]
    fn removed_index_stays_removed_when_the_table_grows() {
        let mut index = HashIndex::default();
        index.push(3);
        index.remove(0);
        (0..100).for_each(|hash| index.push(hash));
        assert_eq!(index.find(3, &|_| true), Some(4));
        index.compact();
        assert_eq!(index.find(3, &|_| true), Some(3));
    }
}
