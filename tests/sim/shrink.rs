//! Minimizing a failing schedule.

use crate::run::run;
use crate::schedule::Schedule;
use crate::violations::Violation;

/// The maximum number of runs, after which the shortest schedule so far is returned.
const MAX_RUNS: u32 = 4_000;

/// A schedule that fails, and its violation.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) schedule: Schedule,
    pub(crate) violation: Violation,
}

/// Returns a shorter schedule that violates the same invariant.
pub(crate) fn shrink(failure: Failure) -> Failure {
    let mut shrinking = Shrinking { failure, runs: 0 };
    loop {
        let before = shrinking.failure.schedule.clone();
        shrinking.delete_chunks();
        shrinking.shorten();
        if shrinking.failure.schedule == before || shrinking.runs >= MAX_RUNS {
            return shrinking.failure;
        }
    }
}

/// A failing schedule while it is minimized.
struct Shrinking {
    failure: Failure,
    runs: u32,
}

impl Shrinking {
    /// Deletes half of the actions at a time, then quarters, down to single ones.
    fn delete_chunks(&mut self) {
        let mut size = self.failure.schedule.actions.len().div_ceil(2);
        while size > 0 {
            let mut from = 0;
            while from < self.failure.schedule.actions.len() {
                let mut shorter = self.failure.schedule.clone();
                let until = (from + size).min(shorter.actions.len());
                shorter.actions.drain(from..until);
                if !self.still_fails(shorter) {
                    from += size;
                }
            }
            size /= 2;
        }
    }

    /// Makes waits and delays shorter.
    fn shorten(&mut self) {
        for at in 0..self.failure.schedule.actions.len() {
            for action in self.failure.schedule.actions[at].shorter() {
                let mut shorter = self.failure.schedule.clone();
                shorter.actions[at] = action;
                if self.still_fails(shorter) {
                    break;
                }
            }
        }
    }

    fn still_fails(&mut self, schedule: Schedule) -> bool {
        self.runs += 1;
        if self.runs > MAX_RUNS {
            return false;
        }
        match run(&schedule) {
            Err(violation) if violation.invariant == self.failure.violation.invariant => {
                self.failure = Failure { schedule, violation };
                true
            }
            _ => false,
        }
    }
}
