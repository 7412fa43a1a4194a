//! The rows of all domains together.

use super::seed::{Seed, ago};
use super::{bids, bills, calls, community, interviews};

/// Made so many minutes ago, unless a row says when.
const MADE: u64 = 3 * 24 * 60;

/// All rows, by channel.
pub(in crate::domains) fn all() -> Vec<Seed> {
    let mut seeds =
        [interviews::rows(), bills::rows(), community::rows(), calls::rows(), bids::rows()]
            .concat();
    for row in seeds.iter_mut().flat_map(|(_, rows)| rows) {
        let made = row["created_at"].as_str().map_or_else(|| ago(MADE), ToOwned::to_owned);
        row["created_at"] = made.clone().into();
        row["updated_at"] = made.into();
    }
    seeds
}
