//! How often items were visited, for tests of what an operation costs.

use std::cell::Cell;

std::thread_local! {
    static VISITS: Cell<u64> = const { Cell::new(0) };
}

/// Counts a visit.
pub(super) fn add() {
    VISITS.set(VISITS.get() + 1);
}

/// The visits of this thread so far.
pub(crate) fn count() -> u64 {
    VISITS.get()
}
