//! What the tables of the domains begin with.

mod bids;
mod bills;
mod calls;
mod community;
mod flat;
mod interviews;

pub(super) use flat::flat;

use serde_json::Value;

use crate::clock::now_ms;
use crate::timestamp::Timestamp;

/// The rows of one channel's table.
type Seed = (String, Vec<Value>);

/// Made so many minutes ago, unless a row says when.
const MADE: u64 = 3 * 24 * 60;

/// All rows, by channel.
pub(super) fn all() -> Vec<Seed> {
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

/// So many minutes ago, so that what is seeded looks recent.
fn ago(minutes: u64) -> String {
    Timestamp::of_ms(now_ms().saturating_sub(minutes * 60_000)).iso()
}
