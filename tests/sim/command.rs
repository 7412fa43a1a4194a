//! The simulator as a program: which schedules to run, on how many threads, and what is said.

use std::env;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::draw::draw;
use crate::regressions::{self, replay};
use crate::run::{Done, run, run_telling};
use crate::schedule::Schedule;
use crate::shrink::{Failure, shrink};
use crate::violation::count_only;

const USAGE: &str = "\
sim [--schedules N] [--from SEED]   run N schedules (SIM_SCHEDULES, or 2000), from this seed on
    [--keep-going]                  and list all that fail, instead of the first one
    [--only INVARIANT]              and see this one invariant only, in these schedules only
sim --seed SEED                     run one schedule and tell all that happens in it
sim --schedule TEXT                 the same with a schedule as it was printed";

/// How many schedules are run where nothing is said: few, for a build without optimisation.
const SCHEDULES: u64 = 2_000;

/// Seeds taken by a thread at a time.
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
    /// Whether a failure ends it.
    ends: bool,
    /// Whether it is about one invariant only; then the regressions are left out.
    only: bool,
}

/// Reads the arguments and does what they say.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let sound = match parse(&arguments) {
        Some(Task::Many(round)) => many(round),
        Some(Task::One(schedule)) => one(schedule),
        None => {
            eprintln!("{USAGE}");
            false
        }
    };
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parse(arguments: &[String]) -> Option<Task> {
    let asked = env::var("SIM_SCHEDULES").ok().and_then(|count| count.parse().ok());
    let mut round = Round { from: 0, count: asked.unwrap_or(SCHEDULES), ends: true, only: false };
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--schedules" => round.count = words.next()?.parse().ok()?,
            "--from" => round.from = words.next()?.parse().ok()?,
            "--only" => {
                count_only(words.next()?);
                round.only = true;
            }
            "--keep-going" => round.ends = false,
            "--seed" => return Some(Task::One(draw(words.next()?.parse().ok()?))),
            "--schedule" => return Some(Task::One(words.next()?.parse().ok()?)),
            _ => return None,
        }
    }
    Some(Task::Many(round))
}

fn one(schedule: Schedule) -> bool {
    println!("{schedule}");
    match run_telling(&schedule, true) {
        Ok(Done { steps, messages }) => {
            println!("sim: it holds: {steps} steps, {messages} messages");
            true
        }
        Err(violation) => {
            report(&shrink(Failure { schedule, violation }));
            false
        }
    }
}

fn many(round: Round) -> bool {
    let started = Instant::now();
    // A client's panic is reported as a violation, once it is shrunk.
    std::panic::set_hook(Box::new(|_| {}));
    let regressed = if round.only { Vec::new() } else { replay() };
    let ends_at_once = round.ends && !regressed.is_empty();
    let end = if ends_at_once { round.from } else { round.from + round.count };
    let next = AtomicU64::new(round.from);
    let (steps, messages) = (AtomicU64::new(0), AtomicU64::new(0));
    let failures = Mutex::new(regressed);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        loop {
            let chunk = next.fetch_add(CHUNK, Ordering::Relaxed);
            for seed in chunk..(chunk + CHUNK).min(end) {
                let schedule = draw(seed);
                match run(&schedule) {
                    Ok(done) => {
                        steps.fetch_add(done.steps, Ordering::Relaxed);
                        messages.fetch_add(done.messages, Ordering::Relaxed);
                    }
                    Err(violation) => {
                        if round.ends {
                            next.store(end, Ordering::Relaxed);
                        }
                        let failures = failures.lock();
                        failures.into_iter().for_each(|mut failures| {
                            failures.push(Failure {
                                schedule: schedule.clone(),
                                violation: violation.clone(),
                            });
                        });
                    }
                }
            }
            if chunk >= end {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap_or_default();
    for Failure { schedule, violation } in failures.iter().skip(1) {
        println!("{} {}: {}", schedule.setup, violation.invariant, violation.seen);
    }
    if let Some(failure) = failures.first() {
        report(&shrink(failure.clone()));
        return false;
    }
    println!(
        "sim: {} schedules and {} regressions, {} steps, {} messages, on {threads} threads \
         in {:.1} s",
        round.count,
        regressions::COUNT,
        steps.into_inner(),
        messages.into_inner(),
        started.elapsed().as_secs_f64(),
    );
    true
}

/// The violation, and the schedule as it can be pasted into `regressions.rs`.
fn report(Failure { schedule, violation }: &Failure) {
    eprintln!("sim: `{}` does not hold: {}", violation.invariant, violation.seen);
    eprintln!(
        "sim: seed {}; to keep it, paste into tests/sim/regressions.rs:\n",
        schedule.setup.seed
    );
    eprintln!("    (\n        \"{}: {}\",", violation.invariant, violation.seen.replace('"', "'"));
    eprintln!("        \"{}\",\n    ),", schedule.to_string().trim().replace('\n', "\n         "));
}
