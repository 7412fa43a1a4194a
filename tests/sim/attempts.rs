//! How often a client tries one thing after another.

use crate::invariants;
use crate::violations::ViolationLog;

/// Tries of one kind within a minute: a backoff in its early ranges makes some 50, and what a
/// schedule does to a client comes on top of that.
const MOST: usize = 120;

const MINUTE_MS: u64 = 60_000;

/// The latest tries of one kind.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Vec<u64>);

impl Attempts {
    /// Takes note of one more.
    pub(crate) fn note(&mut self, now: u64, what: &str, violations: &mut ViolationLog) {
        self.0.retain(|at| now < *at + MINUTE_MS);
        self.0.push(now);
        violations.ensure(self.0.len() <= MOST, invariants::BOUNDED_TRIES, || {
            format!("{} {what} within a minute", self.0.len())
        });
    }
}
