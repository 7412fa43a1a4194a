//! Which messages were delivered already, by their ids (native protocol, `envelope`).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// The ids seen last, bounded. An id is kept as its 64-bit hash: a thousand ids of any length
/// are 16 KB, and two of them alike by chance one in ten to the thirteenth.
#[derive(Debug, Default)]
pub(crate) struct Dedup {
    /// In the order they came.
    arrived: VecDeque<u64>,
    /// The same ones, sorted.
    sorted: Vec<u64>,
}

impl Dedup {
    /// Notes an id among the last `limit`; returns whether it was among them already. A `limit`
    /// of 0 notes nothing.
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

/// FNV-1a: small, and good enough where nobody gains by a collision.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::Dedup;

    #[test]
    fn an_id_is_known_until_as_many_others_came_as_are_kept() {
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
    fn it_never_grows_beyond_its_limit() {
        let mut dedup = Dedup::default();
        for n in 0..10_000 {
            assert!(!dedup.is_repeated(&n.to_string(), 64));
        }
        assert_eq!((dedup.arrived.len(), dedup.sorted.len()), (64, 64));
    }

    #[test]
    fn without_a_limit_nothing_is_a_repetition() {
        let mut dedup = Dedup::default();
        assert!(!dedup.is_repeated("a", 0));
        assert!(!dedup.is_repeated("a", 0));
    }
}
