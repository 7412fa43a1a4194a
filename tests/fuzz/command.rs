//! The fuzzer as a program: which runs, on how many threads, and what is said.

use std::env;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::corpus::{self, Entry};
use crate::run::{Run, draw, replays};
use crate::shrink::shrink;

const USAGE: &str = "\
fuzz [--runs N] [--from SEED]   replay the corpus, then N runs like it (2000), from this seed on
fuzz --seed SEED                one of them";

/// How many runs there are where nothing is said: few, for a build without optimisation.
const RUNS: u64 = 2_000;

/// Seeds taken by a thread at a time.
const CHUNK: u64 = 20;

/// What is run.
#[derive(Debug, Clone, Copy)]
enum Task {
    /// The corpus, then so many runs like it, from this seed on.
    Many { from: u64, count: u64 },
    /// The run of this seed.
    One(u64),
}

/// Reads the arguments and does what they say.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let Some(task) = parse(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let corpus = match corpus::read() {
        Ok(corpus) => corpus,
        Err(why) => {
            eprintln!("fuzz: {why}");
            return ExitCode::FAILURE;
        }
    };
    // A panic is reported once its run is shrunk.
    std::panic::set_hook(Box::new(|_| {}));
    let failure = match task {
        Task::Many { from, count } => many(&corpus, from, count),
        Task::One(seed) => {
            let run = draw(seed, &corpus);
            println!("{run}");
            run.perform().err().map(|seen| (run, seen))
        }
    };
    match failure {
        None => ExitCode::SUCCESS,
        Some((run, seen)) => {
            let (run, seen) = shrink(&run, seen);
            eprintln!("fuzz: it does not hold: {seen}");
            eprintln!("fuzz: seed {}; to keep it, put this into tests/fuzz/corpus:\n", run.seed);
            eprintln!("{run}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Option<Task> {
    let (mut from, mut count) = (0, RUNS);
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let number = words.next()?.parse().ok()?;
        match word {
            "--runs" => count = number,
            "--from" => from = number,
            "--seed" => return Some(Task::One(number)),
            _ => return None,
        }
    }
    Some(Task::Many { from, count })
}

/// Runs everything; returns what failed first.
fn many(corpus: &[Entry], from: u64, count: u64) -> Option<(Run, String)> {
    let started = Instant::now();
    let replays = replays(corpus);
    let replayed = replays.len();
    for run in replays {
        if let Err(seen) = run.perform() {
            return Some((run, seen));
        }
    }
    let next = AtomicU64::new(from);
    let end = from + count;
    let failure = Mutex::new(None);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        // Values are not shared between threads. It could be read a moment ago.
        let Ok(corpus) = corpus::read() else { return };
        loop {
            let chunk = next.fetch_add(CHUNK, Ordering::Relaxed);
            for seed in chunk..(chunk + CHUNK).min(end) {
                if let Err(seen) = draw(seed, &corpus).perform() {
                    next.store(end, Ordering::Relaxed);
                    let held = failure.lock().into_iter();
                    held.for_each(|mut held| *held = Some((seed, seen.clone())));
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
    let failure = failure.into_inner().unwrap_or_default();
    if failure.is_none() {
        println!(
            "fuzz: {count} runs and {replayed} replays of {} files, on {threads} threads in {:.1} s",
            corpus.len(),
            started.elapsed().as_secs_f64(),
        );
    }
    failure.map(|(seed, seen)| (draw(seed, corpus), seen))
}
