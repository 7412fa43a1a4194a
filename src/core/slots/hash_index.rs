//! Indices found by a hash.

use alloc::vec;
use alloc::vec::Vec;

/// The end of a chain.
const END: u32 = 0;

/// The link of an index that was removed.
const REMOVED: u32 = u32::MAX;

/// Indices by a hash, several of which may have the same one: a chained hash table. Indices are added in order.
#[derive(Debug, Default)]
pub(super) struct HashIndex {
    /// The latest index of each chain, plus one. The number of chains is a power of two.
    heads: Vec<u32>,
    /// By index: its hash, and the index before it in its chain, plus one.
    links: Vec<(u64, u32)>,
}

impl HashIndex {
    /// Adds the next index.
    pub(super) fn push(&mut self, hash: u64) {
        self.links.push((hash, END));
        if self.links.len() > self.heads.len() {
            self.link_all();
        } else {
            self.link(self.links.len() - 1);
        }
    }

    /// Removes an index. Those after it stay the same.
    pub(super) fn remove(&mut self, at: usize) {
        let Some((hash, before)) = self.links.get_mut(at) else { return };
        let (hash, before) = (*hash, core::mem::replace(before, REMOVED));
        let chain = self.chain(hash);
        let mut next = self.heads.get_mut(chain);
        while let Some(link) = next {
            let index = (*link as usize).wrapping_sub(1);
            if index == at {
                *link = before;
                return;
            }
            next = self.links.get_mut(index).map(|(_, before)| before);
        }
    }

    /// Moves the indices to the places of those that were removed.
    pub(super) fn compact(&mut self) {
        self.links.retain(|(_, before)| *before != REMOVED);
        self.link_all();
    }

    /// The first index with this hash that satisfies the condition.
    pub(super) fn find(&self, hash: u64, is_it: &dyn Fn(usize) -> bool) -> Option<usize> {
        let mut found = None;
        let mut next = self.heads.get(self.chain(hash))?;
        loop {
            let at = (*next as usize).wrapping_sub(1);
            let Some((known, before)) = self.links.get(at) else { return found };
            if *known == hash && is_it(at) {
                found = Some(at);
            }
            next = before;
        }
    }

    fn link_all(&mut self) {
        self.heads = vec![END; (2 * self.links.len()).next_power_of_two()];
        for at in 0..self.links.len() {
            self.link(at);
        }
    }

    fn link(&mut self, at: usize) {
        let Some((hash, before)) = self.links.get_mut(at).filter(|link| link.1 != REMOVED) else {
            return;
        };
        let chain = (*hash as usize) & (self.heads.len() - 1);
        if let Some(head) = self.heads.get_mut(chain) {
            *before = core::mem::replace(head, at as u32 + 1);
        }
    }

    fn chain(&self, hash: u64) -> usize {
        (hash as usize) & self.heads.len().wrapping_sub(1)
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
