//! The commands of this repository, run as `cargo xtask <command>`.
//!
//! Each prints its steps, skips what has not changed since the last run, and on failure exits with a non-zero code
//! and a message.
#![allow(clippy::print_stdout, reason = "a command line program prints to standard output")]

mod abi;
mod bench;
mod boundary;
mod browser;
mod command;
mod cycles;
mod demo;
mod engine_interface;
mod failure;
mod mutants;
mod mutation;
mod names;
mod npm;
mod outages;
mod pack;
mod panics;
mod scenarios;
mod shorten;
mod simulate;
mod size;
mod stamp;
mod step;
mod test;
mod tools;
mod unused_data;
mod wasm;
mod workspace;

use bench::Bench;
use failure::Failure;
use std::process::ExitCode;
use workspace::Workspace;

const USAGE: &str = "\
Usage: cargo xtask <command>

  demo [--port N]   build the page and the reference server, start both, print the URL (port 4400)
  test [--fast]     run all checks; --fast leaves out what needs wasm-pack or a browser
  pack              build the npm package into target/npm/tidewire.tgz
  abi               write the boundary's numbers and names, from Rust, into pkg-template/src/generated
  sim [OPTIONS]     simulate; --schedules N, --from SEED, --fresh N, --seed SEED, --schedule TEXT, --only INVARIANT
  fuzz [--runs N]   send the client invalid and unexpected frames
  mutants [N]       break the core with each patch of tests/mutations: the simulator has to detect each within N
                    schedules; --only INVARIANT: those that this one has to detect
  scenarios         the bare module plays tests/scenarios in Chromium, against the reference server
  outages           restart the server under Chromium, 30 times per protocol: how soon messages arrive again
  bench [OPTIONS]   measure next to other libraries, write docs/performance.md; --only NAME, --rounds N, --quick;
                    --limits: compare bytes, allocations, crossings and leaks with limits; --limits --record
  sizes             print the transferred sizes of the last pack";

#[derive(Clone, Debug)]
enum Task {
    Demo { port: u16 },
    Test { scope: test::Scope },
    Pack,
    Abi,
    Run { program: simulate::Simulation, arguments: Vec<String> },
    Mutants { schedules: String, only: Option<String> },
    Scenarios,
    Outages,
    Bench(Bench),
    Sizes,
    Help,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match parse(&arguments).and_then(perform) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Result<Task, Failure> {
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match texts.as_slice() {
        [] | ["help" | "-h" | "--help"] => Ok(Task::Help),
        ["demo"] => Ok(Task::Demo { port: demo::DEFAULT_PORT }),
        ["demo", "--port", port] => port
            .parse()
            .map(|port| Task::Demo { port })
            .map_err(|_| Failure::new(format!("`{port}` is not a port number (0 to 65535)."))),
        ["test"] => Ok(Task::Test { scope: test::Scope::Everything }),
        ["test", "--fast"] => Ok(Task::Test { scope: test::Scope::Fast }),
        ["pack"] => Ok(Task::Pack),
        ["abi"] => Ok(Task::Abi),
        ["sim", ..] => {
            Ok(Task::Run { program: simulate::SIMULATOR, arguments: arguments[1..].to_vec() })
        }
        ["fuzz", ..] => {
            Ok(Task::Run { program: simulate::FUZZER, arguments: arguments[1..].to_vec() })
        }
        ["mutants"] => Ok(mutants(simulate::MUTANT_SCHEDULES, None)),
        ["mutants", "--only", invariant] => {
            Ok(mutants(simulate::MUTANT_SCHEDULES, Some(invariant)))
        }
        ["mutants", schedules] => Ok(mutants(schedules, None)),
        ["mutants", schedules, "--only", invariant] => Ok(mutants(schedules, Some(invariant))),
        ["scenarios"] => Ok(Task::Scenarios),
        ["outages"] => Ok(Task::Outages),
        ["bench", options @ ..] => Bench::parse(options).map(Task::Bench),
        ["sizes"] => Ok(Task::Sizes),
        _ => Err(Failure::new(format!("`{}` is not a command.\n\n{USAGE}", texts.join(" ")))),
    }
}

fn mutants(schedules: &str, only: Option<&str>) -> Task {
    Task::Mutants { schedules: schedules.into(), only: only.map(Into::into) }
}

fn perform(task: Task) -> Result<(), Failure> {
    let workspace = Workspace::locate();
    match task {
        Task::Demo { port } => demo::run(&workspace, port),
        Task::Test { scope } => test::run(&workspace, scope),
        Task::Pack => pack::run(&workspace).map(|packed| println!("{packed}")),
        Task::Abi => abi::generate(&workspace).map(|files| println!("{files} files written.")),
        Task::Run { program, arguments } => program.run(&workspace, &arguments),
        Task::Mutants { schedules, only } => {
            mutants::run(&workspace, &schedules, only.as_deref()).map(|note| println!("{note}"))
        }
        Task::Scenarios => scenarios::run(&workspace),
        Task::Outages => outages::run(&workspace),
        Task::Bench(bench) => bench.run(&workspace),
        Task::Sizes => size::Sizes::measure(&workspace).map(|sizes| println!("{sizes}")),
        Task::Help => {
            println!("{USAGE}");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task, Failure> {
        let arguments: Vec<String> = line.split_whitespace().map(String::from).collect();
        parse(&arguments)
    }

    #[test]
    fn the_demo_takes_a_port() {
        assert!(matches!(parsed("demo --port 5000"), Ok(Task::Demo { port: 5000 })));
        assert!(matches!(parsed("demo"), Ok(Task::Demo { port: demo::DEFAULT_PORT })));
    }

    #[test]
    fn an_impossible_port_is_named_in_the_error() {
        let failure = parsed("demo --port 70000").err().map(|f| f.to_string());
        assert!(failure.is_some_and(|sentence| sentence.contains("70000")));
    }

    #[test]
    fn an_unknown_command_shows_the_usage() {
        let failure = parsed("deploy").err().map(|f| f.to_string());
        assert!(failure.is_some_and(|sentence| sentence.contains("Usage:")));
    }
}
