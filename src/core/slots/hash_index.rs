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
    /// The first index of each chain. The number of chains is a power of two.
    heads: Vec<u64>,
    /// The hash of each index.
    hashes: Vec<u64>,
    /// The index after each one in its chain.
    links: Vec<u64>,
}

impl HashIndex {
    /// Adds the next index.
    pub(super) fn push(&mut self, hash: u64) {
        self.hashes.push(hash);
        self.links.push(END);
        let len = self.links.len();
        if len <= self.heads.len() {
            return self.link(len - 1);
        }
        self.heads = vec![END; 2 * len.next_power_of_two()];
        for at in 0..len {
            self.link(at);
        }
    }

    /// Removes an index. Those after it stay the same.
    pub(super) fn remove(&mut self, at: usize) {
        let Some(link) = self.links.get_mut(at) else { return };
        let after = core::mem::replace(link, REMOVED);
        *self.link_to(at, at as u64) = after;
    }

    /// Moves the indices to the places of those that were removed.
    pub(super) fn compact(&mut self) {
        let former = core::mem::take(self);
        for (at, hash) in former.hashes.iter().enumerate() {
            if former.links.get(at) != Some(&REMOVED) {
                self.push(*hash);
            }
        }
    }

    /// The next index with this hash after another one, or the first one.
    pub(super) fn next(&self, hash: u64, after: Option<usize>) -> Option<usize> {
        let mut link = match after {
            None => self.heads.get(self.chain(hash)),
            Some(at) => self.links.get(at),
        };
        loop {
            let at = *link? as usize;
            if *self.hashes.get(at)? == hash {
                return Some(at);
            }
            link = self.links.get(at);
        }
    }

    /// Adds an index to the end of its chain.
    fn link(&mut self, at: usize) {
        if let Some(link) = self.links.get_mut(at)
            && *link != REMOVED
        {
            *link = END;
            *self.link_to(at, END) = at as u64;
        }
    }

    /// The link in the chain of an index that has this value.
    fn link_to(&mut self, at: usize, value: u64) -> &mut u64 {
        let chain = self.chain(self.hashes[at]);
        if self.heads[chain] == value {
            return &mut self.heads[chain];
        }
        let mut link = self.heads[chain] as usize;
        while self.links[link] != value {
            link = self.links[link] as usize;
        }
        &mut self.links[link]
    }

    fn chain(&self, hash: u64) -> usize {
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
        assert_eq!(index.next(1, None), None);
        let names: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
        for name in names.iter().chain(&names) {
            index.push(fnv1a(name));
        }
        for at in (0..1_000).step_by(2) {
            index.remove(at);
        }
        for (at, name) in names.iter().enumerate() {
            let first = if at % 2 == 0 { 1_000 + at } else { at };
            assert_eq!(index.next(fnv1a(name), None), Some(first));
            let second = (at % 2 == 1).then_some(1_000 + at);
            assert_eq!(index.next(fnv1a(name), Some(first)), second);
        }
        assert_eq!(index.next(fnv1a("1000"), None), None);
    }

    #[test]
    fn removed_index_stays_removed_when_the_table_grows() {
        let mut index = HashIndex::default();
        index.push(3);
        index.remove(0);
        (0..100).for_each(|hash| index.push(hash));
        assert_eq!(index.next(3, None), Some(4));
        index.compact();
        assert_eq!(index.next(3, None), Some(3));
    }
}
