//! The fuzzer: the production client receives arbitrary messages of a server, in many states.
//! `docs/simulation.md` describes it.
#![allow(clippy::print_stdout, reason = "a command line program prints to standard output")]

mod command;
mod corpus;
#[path = "../sim/fresh.rs"]
mod fresh;
mod good_server;
mod harness;
mod mutate;
mod page;
mod phoenix;
#[path = "../sim/rng.rs"]
mod rng;
mod run;
mod shrink;
mod step;
#[allow(dead_code, reason = "the simulator's own, which needs more of it")]
#[path = "../sim/value.rs"]
mod value;

fn main() -> std::process::ExitCode {
    command::main()
}
