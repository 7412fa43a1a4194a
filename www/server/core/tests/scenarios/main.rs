//! Scenarios of the protocol in virtual time, on the storage in memory, without a socket.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod authentication;
mod epochs;
mod faults;
mod harness;
mod packing;
mod presence;
mod rates;
mod recovery;
mod sending;
