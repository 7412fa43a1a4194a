//! The ids of the messages that this client sent.

use alloc::vec::Vec;

use crate::core::slots::fnv1a;

/// The number of ids stored, so that echoes of settled messages are recognised as well.
pub const MAX_IDS: usize = 256;

/// The ids of the latest messages that this client sent, as their 64-bit hashes.
#[derive(Debug, Default)]
pub(super) struct OwnIds(Vec<u64>);

impl OwnIds {
    /// Adds the hash of an id.
    pub(super) fn add(&mut self, id: u64) {
        if self.0.len() == MAX_IDS {
            self.0.remove(0);
        }
        self.0.push(id);
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.0.contains(&fnv1a(id))
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_IDS, OwnIds, fnv1a};

    #[test]
    fn oldest_id_is_dropped_at_the_limit() {
        let mut ids = OwnIds::default();
        (0..=MAX_IDS).for_each(|n| ids.add(fnv1a(&n.to_string())));
        assert!(!ids.contains("0"));
        assert!(ids.contains("1") && ids.contains(&MAX_IDS.to_string()));
    }
}
