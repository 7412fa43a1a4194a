//! Deduplication of messages by their ids (native protocol, `envelope`).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::core::slots::fnv1a;

/// The latest ids, bounded. An id is stored as its 64-bit hash: a thousand ids of any length are
/// 16 KB, and the probability of a collision among them is one in ten to the thirteenth.
#[derive(Debug, Default)]
pub(crate) struct Dedup {
    /// The ids in the order of arrival.
    arrived: VecDeque<u64>,
    /// The same ids, sorted.
    sorted: Vec<u64>,
}

impl Dedup {
    /// Adds an id to the last `limit`; returns whether it was among them already. With a `limit` of 0
    /// no id is stored.
    pub(crate) fn is_repeated(&mut self, id: &str, limit: u64) -> bool {
        if limit == 0 {
            return false;
        }
        let hash = fnv1a(id);
        let Err(at) = self.sorted.binary_search(&hash) else { return true };
        self.sorted.insert(at, hash);
        self.arrived.push_back(hash);
        // More than one if the limit was lowered meanwhile.
        while self.arrived.len() as u64 > limit {
            let forgotten = self.arrived.pop_front().map(|hash| self.sorted.binary_search(&hash));
            if let Some(Ok(at)) = forgotten {
                self.sorted.remove(at);
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Dedup;

    #[test]
    fn id_is_known_until_the_limit_of_later_ids() {
        let mut dedup = Dedup::default();
        assert!(!dedup.is_repeated("first", 3));
        for id in ["a", "b"] {
            assert!(!dedup.is_repeated(id, 3));
        }
        assert!(dedup.is_repeated("first", 3));
        assert!(!dedup.is_repeated("c", 3), "pushes the first one out");
        assert!(!dedup.is_repeated("first", 3));
        assert!(dedup.is_repeated("c", 3));
    }

    #[test]
    fn dedup_memory_is_bounded() {
        let mut dedup = Dedup::default();
        for n in 0..10_000 {
            assert!(!dedup.is_repeated(&n.to_string(), 64));
        }
        assert_eq!((dedup.arrived.len(), dedup.sorted.len()), (64, 64));
    }

    #[test]
    fn dedup_without_a_limit_detects_nothing() {
        let mut dedup = Dedup::default();
        assert!(!dedup.is_repeated("a", 0));
        assert!(!dedup.is_repeated("a", 0));
    }
}
