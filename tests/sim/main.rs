//! The simulator: the production client, several of them, against a model server, over a bad
//! network, in virtual time. `docs/simulation.md` says what it does and how it is used.
#![allow(clippy::print_stdout, reason = "a command line program speaks on standard output")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the numbers of a schedule are small"
)]

#[cfg(not(target_arch = "wasm32"))]
mod action;
#[cfg(not(target_arch = "wasm32"))]
mod app;
#[cfg(not(target_arch = "wasm32"))]
mod command;
#[cfg(not(target_arch = "wasm32"))]
mod draw;
#[cfg(not(target_arch = "wasm32"))]
mod edit;
#[cfg(not(target_arch = "wasm32"))]
mod invariants;
#[cfg(not(target_arch = "wasm32"))]
mod network;
#[cfg(not(target_arch = "wasm32"))]
mod people;
#[cfg(not(target_arch = "wasm32"))]
mod perform;
#[cfg(not(target_arch = "wasm32"))]
mod regressions;
#[cfg(not(target_arch = "wasm32"))]
mod rng;
#[cfg(not(target_arch = "wasm32"))]
mod run;
#[cfg(not(target_arch = "wasm32"))]
mod schedule;
#[cfg(not(target_arch = "wasm32"))]
mod server;
#[cfg(not(target_arch = "wasm32"))]
mod settle;
#[cfg(not(target_arch = "wasm32"))]
mod setup;
#[cfg(not(target_arch = "wasm32"))]
mod shelf;
#[cfg(not(target_arch = "wasm32"))]
mod shrink;
#[cfg(not(target_arch = "wasm32"))]
mod tab;
#[cfg(not(target_arch = "wasm32"))]
mod value;
#[cfg(not(target_arch = "wasm32"))]
mod violation;
#[cfg(not(target_arch = "wasm32"))]
mod world;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    command::main()
}

/// There is nothing to simulate in a browser.
#[cfg(target_arch = "wasm32")]
fn main() {}
