//! The fuzzer as a program: runs, threads and output.

use std::env;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::corpus::{self, Entry};
use crate::fresh;
use crate::run::{Run, draw, replays};
use crate::shrink::shrink;

const USAGE: &str = "\
fuzz [--runs N] [--from SEED]   replay the corpus, then N runs derived from it (2000), from this seed on
     [--fresh N]                and N more, from a seed that no run used before
fuzz --seed SEED                run this seed only

TIDEWIRE_FRESH_SEED fixes the first seed of --fresh.";

/// The default number of runs, suitable for a build without optimisation.
const RUNS: u64 = 2_000;

/// The number of seeds that a thread runs before it takes the next ones.
const CHUNK: u64 = 20;

/// The runs to perform.
#[derive(Debug, Clone, Copy)]
enum Task {
    /// The corpus, then `count` runs derived from it, from this seed on, and `fresh` ones from a fresh
    /// seed.
    Many { from: u64, count: u64, fresh: u64 },
    /// The run of this seed.
    One(u64),
}

/// Parses and runs the arguments.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let Some(task) = parse(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let corpus = match corpus::read() {
        Ok(corpus) => corpus,
        Err(error) => {
            eprintln!("fuzz: {error}");
            return ExitCode::FAILURE;
        }
    };
    // A panic is reported once its run is shrunk.
    std::panic::set_hook(Box::new(|_| {}));
    let failure = match task {
        Task::Many { from, count, fresh } => many(&corpus, from, count, fresh),
        Task::One(seed) => {
            let run = draw(seed, &corpus);
            println!("{run}");
            run.perform().err().map(|violation| (run, violation))
        }
    };
    match failure {
        None => ExitCode::SUCCESS,
        Some((run, violation)) => {
            let (run, violation) = shrink(&run, violation);
            eprintln!("fuzz: failed: {violation}");
            eprintln!("fuzz: seed {}; to keep it, put this into tests/fuzz/corpus:\n", run.seed);
            eprintln!("{run}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Option<Task> {
    let (mut from, mut count, mut fresh) = (0, RUNS, 0);
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        let number = arguments.next()?.parse().ok()?;
        match argument {
            "--runs" => count = number,
            "--from" => from = number,
            "--fresh" => fresh = number,
            "--seed" => return Some(Task::One(number)),
            _ => return None,
        }
    }
    Some(Task::Many { from, count, fresh })
}

/// Runs the replays and all seeds; returns the first failure.
fn many(corpus: &[Entry], from: u64, count: u64, fresh: u64) -> Option<(Run, String)> {
    let started = Instant::now();
    let replays = replays(corpus);
    let replayed = replays.len();
    for run in replays {
        if let Err(violation) = run.perform() {
            return Some((run, violation));
        }
    }
    let mut failure = run_all(from..from + count);
    let mut fresh_runs = String::new();
    if failure.is_none() && fresh > 0 {
        let from = fresh::seed();
        println!(
            "fuzz: fresh seeds; to repeat them: cargo xtask fuzz --from {from} --runs {fresh}"
        );
        failure = run_all(from..from + fresh);
        fresh_runs = format!(", {fresh} fresh ones from {from}");
    }
    if failure.is_none() {
        println!(
            "fuzz: {count} runs{fresh_runs} and {replayed} replays of {} files, on {} threads \
             in {:.1} s",
            corpus.len(),
            threads(),
            started.elapsed().as_secs_f64(),
        );
    }
    failure.map(|(seed, violation)| (draw(seed, corpus), violation))
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Runs these seeds up to the first failure, which it returns.
fn run_all(seeds: Range<u64>) -> Option<(u64, String)> {
    let next = AtomicU64::new(seeds.start);
    let failure = Mutex::new(None);
    let work = || {
        // Values use `Rc`, so each thread reads the corpus. `main` has checked that it can be read.
        let Ok(corpus) = corpus::read() else { return };
        loop {
            let chunk = next.fetch_add(CHUNK, Ordering::Relaxed);
            for seed in chunk..(chunk + CHUNK).min(seeds.end) {
                if let Err(violation) = draw(seed, &corpus).perform() {
                    next.store(seeds.end, Ordering::Relaxed);
                    let first = failure.lock().into_iter();
                    first.for_each(|mut first| *first = Some((seed, violation.clone())));
                }
            }
            if chunk >= seeds.end {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(work);
        }
    });
    failure.into_inner().unwrap_or_default()
}
