//! Running one schedule, and its result.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::harness::Harness;
use crate::invariants;
use crate::schedule::Schedule;
use crate::violations::{Violation, counts};

/// The counters of a run without violations.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done {
    /// The number of calls into clients.
    pub(crate) steps: u64,
    /// The number of messages that the server accepted.
    pub(crate) messages: u64,
}

/// Runs a schedule to its end.
pub(crate) fn run(schedule: &Schedule) -> Result<Done, Violation> {
    run_verbose(schedule, false)
}

/// Runs a schedule to its end, and prints a trace if `verbose`.
pub(crate) fn run_verbose(schedule: &Schedule, verbose: bool) -> Result<Done, Violation> {
    catch_unwind(AssertUnwindSafe(|| run_unguarded(schedule, verbose))).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message =
            message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panicked");
        if !counts(invariants::NO_PANIC) {
            return Ok(Done::default());
        }
        Err(Violation { invariant: invariants::NO_PANIC, seen: message.to_owned() })
    })
}

fn run_unguarded(schedule: &Schedule, verbose: bool) -> Result<Done, Violation> {
    let mut harness = Harness::new(schedule.setup);
    harness.verbose = verbose;
    for action in &schedule.actions {
        harness.log(|| format!("{action}"));
        harness.perform(*action);
        harness.check_violations()?;
    }
    harness.settle()?;
    let messages = harness.server.channels.iter().map(|channel| channel.log.last()).sum();
    Ok(Done { steps: harness.steps, messages })
}
