//! Helpers of the initial rows.

use serde_json::Value;

use crate::clock::now_ms;
use crate::timestamp::Timestamp;

/// The rows of one channel's table.
pub(super) type Seed = (String, Vec<Value>);

/// The time `minutes` minutes ago, so that the initial rows look recent.
pub(super) fn ago(minutes: u64) -> String {
    Timestamp::of_ms(now_ms().saturating_sub(minutes * 60_000)).iso()
}
