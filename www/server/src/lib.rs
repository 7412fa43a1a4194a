//! The reference server of the tidewire protocol.
//!
//! It speaks all of the native protocol, each extension switchable per connection, verifies
//! tokens, keeps bounded logs (durably, if told to), and has fault switches for tests. The
//! program is `tidewire-server`; this library is what it is made of, for tests that want it in
//! their own process.

mod accepted;
mod account;
mod auth;
mod backlog;
pub mod cli;
mod clock;
mod codec;
pub mod config;
mod connection;
mod consequences;
mod control;
mod demo;
mod domains;
mod faults;
mod features;
mod frame;
mod gate;
mod hub;
mod inspection;
mod limits;
mod link;
mod log;
mod membership;
mod message;
mod nesting;
mod outbound;
mod patience;
mod pattern;
mod phoenix;
mod presence;
mod publish;
mod random;
mod rate;
mod refusal;
mod request;
mod reserve;
mod retired;
mod server;
mod session;
mod shared;
mod signer;
mod stats;
mod store;
mod supabase;
mod tables;
mod tally;
mod timestamp;
mod traffic;
mod upgrade;
mod wire;
mod writer;

pub use server::Server;
