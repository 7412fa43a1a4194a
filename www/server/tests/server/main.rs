//! Integration tests of the server: real sockets, real tokens, real processes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod acks;
mod auth;
mod base;
mod bounds;
mod client;
mod control;
mod domains;
mod epochs;
mod faults;
mod fuzz;
mod hostile;
mod nesting;
mod outages;
mod packing;
mod phoenix;
mod presence;
mod pressure;
mod program;
mod publish;
mod recovery;
mod rest;
mod setup;
mod tables;
