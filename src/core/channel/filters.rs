//! The routing of database changes to subscribers (Supabase, `postgres_changes`).

use alloc::vec::Vec;

use crate::core::id::{FilterId, SubscriberId};
use crate::core::payload::Payload;

/// The join parameters of a subscriber.
#[derive(Debug)]
pub(super) struct SubscriberParams<P> {
    pub(super) subscriber: SubscriberId,
    pub(super) params: P,
    /// The ids of the filters in `params`, without those that the last join did not contain.
    pub(super) filters: Vec<FilterId>,
}

impl<P> SubscriberParams<P> {
    /// Whether a change that matches these filters is for this subscriber.
    pub(super) fn wants(&self, filters: &[FilterId]) -> bool {
        self.filters.iter().any(|filter| filters.contains(filter))
    }
}

/// The ids of the filters in `wanted`, each its index in `joined`. Filters that were not joined
/// have none.
pub(super) fn filter_ids<P: Payload>(joined: &[P], wanted: &[P]) -> Vec<FilterId> {
    let mut ids = Vec::new();
    for (filter, at) in joined.iter().zip(0..) {
        if wanted.iter().any(|own| own.eq_json(filter)) {
            ids.push(FilterId(at));
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SubscriberParams, filter_ids};
    use crate::core::id::{FilterId, SubscriberId};

    #[test]
    fn filter_has_the_index_of_the_equal_joined_one() {
        let [notes, bids, zoo] = ["notes", "bids", "zoo"].map(|table| json!({"table": table}));
        let joined = [notes.clone(), bids.clone()];
        assert_eq!(filter_ids(&joined, &[bids.clone(), zoo.clone()]), [FilterId(1)]);
        assert_eq!(filter_ids(&joined, &[bids, notes]), [FilterId(0), FilterId(1)]);
        assert_eq!(filter_ids(&joined, &[zoo]), []);
    }

    #[test]
    fn subscriber_receives_the_changes_of_each_of_its_filters() {
        let filters = vec![FilterId(0), FilterId(2)];
        let wanted = SubscriberParams { subscriber: SubscriberId(1), params: json!({}), filters };
        assert!(wanted.wants(&[FilterId(1), FilterId(2)]));
        assert!(!wanted.wants(&[FilterId(1)]) && !wanted.wants(&[]));
    }
}
