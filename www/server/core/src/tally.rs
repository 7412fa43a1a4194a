//! Counts by name, for a limited number of names.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// Counts by name; beyond a number of names the oldest one is dropped.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    counts: HashMap<Arc<str>, u64>,
    names: VecDeque<Arc<str>>,
}

impl Tally {
    /// Increments the count of a name, and keeps the counts of at most `most` names.
    pub fn count(&mut self, name: &str, most: usize) {
        if let Some(count) = self.counts.get_mut(name) {
            *count += 1;
            return;
        }
        while self.names.len() >= most.max(1) {
            if let Some(oldest) = self.names.pop_front() {
                self.counts.remove(&oldest);
            }
        }
        let name: Arc<str> = name.into();
        self.names.push_back(Arc::clone(&name));
        self.counts.insert(name, 1);
    }

    /// The count of a name; `None` if it was never counted, or was dropped.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u64> {
        self.counts.get(name).copied()
    }

    /// The names that are counted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut counts: Vec<_> = self.counts.iter().map(|(name, count)| (&**name, count)).collect();
        counts.sort_unstable();
        serializer.collect_map(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tally_over_its_limit_drops_the_oldest_name() {
        let mut tally = Tally::default();
        for name in ["a", "b", "a", "c", "a", "d"] {
            tally.count(name, 3);
        }
        assert_eq!(serde_json::json!(tally), serde_json::json!({ "b": 1, "c": 1, "d": 1 }));
        (0..100_000).for_each(|n| tally.count(&n.to_string(), 3));
        assert_eq!((tally.counts.len(), tally.names.len()), (3, 3));
        assert_eq!(tally.names().collect::<Vec<_>>(), ["99997", "99998", "99999"]);
    }
}
