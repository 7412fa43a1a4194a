//! The simulator as a program: its arguments, threads and output.

use std::env;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::fresh;
use crate::generate::draw;
use crate::regressions::{self, replay};
use crate::run::{Done, run, run_verbose};
use crate::schedule::Schedule;
use crate::shrink::{Failure, shrink};
use crate::violations::{Violation, count_only};

const USAGE: &str = "\
sim [--schedules N] [--from SEED]   run N schedules (SIM_SCHEDULES, or 2000), from this seed on
    [--fresh N]                     and N more, from a seed that no run used before
    [--keep-going]                  and list all that fail, instead of the first one
    [--only INVARIANT]              and check this one invariant only, in these schedules only
sim --seed SEED                     run one schedule and print a full trace
sim --schedule TEXT                 the same with a schedule as it was printed

TIDEWIRE_FRESH_SEED fixes the first seed of --fresh.";

/// The default number of schedules, suitable for a build without optimisation.
const SCHEDULES: u64 = 2_000;

/// The number of seeds that a thread runs before it takes the next ones.
const CHUNK: u64 = 50;

#[derive(Debug, Clone)]
enum Task {
    Many(Round),
    One(Schedule),
}

/// Schedules to be run.
#[derive(Debug, Clone, Copy)]
struct Round {
    from: u64,
    count: u64,
    /// The number of additional schedules, from a seed that no run used before.
    fresh: u64,
    /// Whether the first failure ends the round.
    ends: bool,
    /// Whether only one invariant is checked; the regressions are not run then.
    only: bool,
}

/// Parses the arguments and runs the task.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let passed = match parse(&arguments) {
        Some(Task::Many(round)) => many(round),
        Some(Task::One(schedule)) => one(schedule),
        None => {
            eprintln!("{USAGE}");
            false
        }
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parse(arguments: &[String]) -> Option<Task> {
    let variable = env::var("SIM_SCHEDULES").ok().and_then(|count| count.parse().ok());
    let count = variable.unwrap_or(SCHEDULES);
    let mut round = Round { from: 0, count, fresh: 0, ends: true, only: false };
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        match argument {
            "--schedules" => round.count = arguments.next()?.parse().ok()?,
            "--from" => round.from = arguments.next()?.parse().ok()?,
            "--fresh" => round.fresh = arguments.next()?.parse().ok()?,
            "--only" => {
                count_only(arguments.next()?);
                round.only = true;
            }
            "--keep-going" => round.ends = false,
            "--seed" => return Some(Task::One(draw(arguments.next()?.parse().ok()?))),
            "--schedule" => return Some(Task::One(arguments.next()?.parse().ok()?)),
            _ => return None,
        }
    }
    Some(Task::Many(round))
}

fn one(schedule: Schedule) -> bool {
    println!("{schedule}");
    match run_verbose(&schedule, true) {
        Ok(Done { steps, messages }) => {
            println!("sim: passed: {steps} steps, {messages} messages");
            true
        }
        Err(violation) => {
            report(&shrink(Failure { schedule, violation }));
            false
        }
    }
}

/// The totals of many schedules, counted by all threads.
#[derive(Debug, Default)]
struct Tally {
    steps: AtomicU64,
    messages: AtomicU64,
    failures: Mutex<Vec<Failure>>,
}

impl Tally {
    fn note(&self, schedule: &Schedule, outcome: Result<Done, Violation>) {
        match outcome {
            Ok(done) => {
                self.steps.fetch_add(done.steps, Ordering::Relaxed);
                self.messages.fetch_add(done.messages, Ordering::Relaxed);
            }
            Err(violation) => {
                let failures = self.failures.lock();
                failures.into_iter().for_each(|mut failures| {
                    failures
                        .push(Failure { schedule: schedule.clone(), violation: violation.clone() });
                });
            }
        }
    }

    fn has_failed(&self) -> bool {
        self.failures.lock().is_ok_and(|failures| !failures.is_empty())
    }
}

fn many(round: Round) -> bool {
    let started = Instant::now();
    // A client's panic is reported as a violation, once it is shrunk.
    std::panic::set_hook(Box::new(|_| {}));
    let mut tally = Tally::default();
    if !round.only {
        tally.failures = Mutex::new(replay());
    }
    run_all(round, round.from..round.from + round.count, &tally);
    let mut fresh = String::new();
    if round.fresh > 0 {
        let from = fresh::seed();
        println!(
            "sim: fresh seeds; to repeat them: cargo xtask sim --from {from} --schedules {}",
            round.fresh
        );
        run_all(round, from..from + round.fresh, &tally);
        fresh = format!(" and {} fresh ones from {from}", round.fresh);
    }
    let failures = tally.failures.into_inner().unwrap_or_default();
    for Failure { schedule, violation } in failures.iter().skip(1) {
        println!("{} {}: {}", schedule.setup, violation.invariant, violation.seen);
    }
    if let Some(failure) = failures.first() {
        report(&shrink(failure.clone()));
        return false;
    }
    println!(
        "sim: {} schedules{fresh} and {} regressions, {} steps, {} messages, on {} threads \
         in {:.1} s",
        round.count,
        regressions::COUNT,
        tally.steps.into_inner(),
        tally.messages.into_inner(),
        threads(),
        started.elapsed().as_secs_f64(),
    );
    true
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs the schedules of these seeds, or those up to the first failure if that ends the round.
fn run_all(round: Round, seeds: Range<u64>, tally: &Tally) {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        while !(round.ends && tally.has_failed()) {
            let chunk = next.fetch_add(CHUNK, Ordering::Relaxed);
            if chunk >= seeds.end {
                return;
            }
            for seed in chunk..(chunk + CHUNK).min(seeds.end) {
                let schedule = draw(seed);
                let outcome = run(&schedule);
                tally.note(&schedule, outcome);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(work);
        }
    });
}

/// Prints the violation, and the schedule in the form of `regressions.rs`.
fn report(Failure { schedule, violation }: &Failure) {
    eprintln!("sim: `{}` does not hold: {}", violation.invariant, violation.seen);
    eprintln!(
        "sim: seed {}; to keep it, paste into tests/sim/regressions.rs:\n",
        schedule.setup.seed
    );
    eprintln!("    (\n        \"{}: {}\",", violation.invariant, violation.seen.replace('"', "'"));
    eprintln!("        \"{}\",\n    ),", schedule.to_string().trim().replace('\n', "\n         "));
}
