//! Running one schedule, and what it came to.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::invariants;
use crate::schedule::Schedule;
use crate::violation::{Violation, counts};
use crate::world::World;

/// What a run without violations did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done {
    /// Calls into clients.
    pub(crate) steps: u64,
    /// Messages that the server took.
    pub(crate) messages: u64,
}

/// Runs a schedule to its end.
pub(crate) fn run(schedule: &Schedule) -> Result<Done, Violation> {
    run_telling(schedule, false)
}

/// Runs a schedule to its end, and prints everything that happens if that is wanted.
pub(crate) fn run_telling(schedule: &Schedule, told: bool) -> Result<Done, Violation> {
    catch_unwind(AssertUnwindSafe(|| run_unguarded(schedule, told))).unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panicked");
        if !counts(invariants::NO_PANIC) {
            return Ok(Done::default());
        }
        Err(Violation { invariant: invariants::NO_PANIC, seen: words.to_owned() })
    })
}

fn run_unguarded(schedule: &Schedule, told: bool) -> Result<Done, Violation> {
    let mut world = World::new(schedule.setup);
    world.told = told;
    for action in &schedule.actions {
        world.tell(|| format!("{action}"));
        world.perform(*action);
        world.sound()?;
    }
    world.settle()?;
    let messages = world.server.rooms.iter().map(|room| room.log.last()).sum();
    Ok(Done { steps: world.steps, messages })
}
