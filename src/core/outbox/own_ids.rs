//! The ids of the messages that this client sent.

use alloc::string::String;
use alloc::vec::Vec;

/// The number of ids stored, so that echoes of settled messages are recognised as well.
const MAX_IDS: usize = 256;

/// The ids of the latest messages that this client sent.
#[derive(Debug, Default)]
pub(super) struct OwnIds(Vec<String>);

impl OwnIds {
    pub(super) fn add(&mut self, id: String) {
        if self.0.len() == MAX_IDS {
            self.0.remove(0);
        }
        self.0.push(id);
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.0.iter().any(|own| own == id)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_IDS, OwnIds};

    #[test]
    fn oldest_id_is_dropped_at_the_limit() {
        let mut ids = OwnIds::default();
        (0..=MAX_IDS).for_each(|n| ids.add(n.to_string()));
        assert!(!ids.contains("0"));
        assert!(ids.contains("1") && ids.contains(&MAX_IDS.to_string()));
    }
}
