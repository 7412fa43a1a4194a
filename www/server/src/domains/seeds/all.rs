//! The initial rows of all domains.

use super::seed::{Seed, ago};
use super::{bids, bills, calls, community, interviews};

/// The age of a row without `created_at`, in minutes.
const DEFAULT_AGE: u64 = 3 * 24 * 60;

/// All rows, by channel.
pub(in crate::domains) fn all() -> Vec<Seed> {
    let mut seeds =
        [interviews::rows(), bills::rows(), community::rows(), calls::rows(), bids::rows()]
            .concat();
    for row in seeds.iter_mut().flat_map(|(_, rows)| rows) {
        let made = row["created_at"].as_str().map_or_else(|| ago(DEFAULT_AGE), ToOwned::to_owned);
        row["created_at"] = made.clone().into();
        row["updated_at"] = made.into();
    }
    seeds
}
