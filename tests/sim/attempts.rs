//! The rate of a client's attempts.

use crate::invariants;
use crate::violations::ViolationLog;

/// The maximum number of attempts of one kind within a minute: a backoff in its early ranges makes
/// about 50, and the actions of a schedule cause more.
const MAX_PER_MINUTE: usize = 120;

const MINUTE_MS: u64 = 60_000;

/// The times of the latest attempts of one kind.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Vec<u64>);

impl Attempts {
    /// Records an attempt.
    pub(crate) fn note(&mut self, now: u64, what: &str, violations: &mut ViolationLog) {
        self.0.retain(|at| now < *at + MINUTE_MS);
        self.0.push(now);
        violations.ensure(self.0.len() <= MAX_PER_MINUTE, invariants::BOUNDED_TRIES, || {
            format!("{} {what} within a minute", self.0.len())
        });
    }
}
