//! What the seeds are made of.

use serde_json::Value;

use crate::clock::now_ms;
use crate::timestamp::Timestamp;

/// The rows of one channel's table.
pub(super) type Seed = (String, Vec<Value>);

/// So many minutes ago, so that what is seeded looks recent.
pub(super) fn ago(minutes: u64) -> String {
    Timestamp::of_ms(now_ms().saturating_sub(minutes * 60_000)).iso()
}
