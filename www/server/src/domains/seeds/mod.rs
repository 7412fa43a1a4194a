//! What the tables of the domains begin with.

mod bids;
mod bills;
mod calls;
mod community;
mod interviews;

use serde_json::Value;

use crate::clock::now_ms;
use crate::timestamp::Timestamp;

/// The rows of one channel's table.
type Seed = (String, Vec<Value>);

/// All rows, by channel.
pub(super) fn all() -> Vec<Seed> {
    [interviews::rows(), bills::rows(), community::rows(), calls::rows(), bids::rows()].concat()
}

/// So many minutes ago, so that what is seeded looks recent.
fn ago(minutes: u64) -> String {
    Timestamp::of_ms(now_ms().saturating_sub(minutes * 60_000)).iso()
}
