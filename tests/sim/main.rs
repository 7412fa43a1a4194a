//! The simulator: several instances of the production client and a model server, over an unreliable
//! network, in virtual time. `docs/simulation.md` describes it.
#![allow(clippy::print_stdout, reason = "a command line program prints to standard output")]

mod action;
mod app;
mod attempts;
mod collection_model;
mod command;
mod edit;
mod engine_crash;
mod fresh;
mod generate;
mod harness;
mod invariants;
mod network;
mod perform;
mod presence_model;
mod regressions;
mod rng;
mod run;
mod schedule;
mod server;
mod settle;
mod setup;
mod shrink;
mod tab;
mod tokens;
mod value;
mod violations;

fn main() -> std::process::ExitCode {
    command::main()
}
