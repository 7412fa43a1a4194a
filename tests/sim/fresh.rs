//! Seeds that no run used before, different in each run.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

/// The environment variable that fixes the first of them.
const VARIABLE: &str = "TIDEWIRE_FRESH_SEED";

/// Smaller seeds are left to the fixed rounds and to manual runs.
const FIRST: u64 = 1_000_000_000;

/// The number of blocks, and the number of seeds in each.
const BLOCKS: u64 = 1_000_000_000;
const BLOCK: u64 = 1_000_000;

/// Returns the first seed of a block: that of `TIDEWIRE_FRESH_SEED`, or one derived from the time.
pub(crate) fn seed() -> u64 {
    let given = env::var(VARIABLE).ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mixed = (since.as_nanos() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        FIRST + mixed % BLOCKS * BLOCK
    })
}
