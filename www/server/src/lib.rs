//! The reference server of the tidewire protocol.
//!
//! It implements all of the native protocol, each extension switchable per connection, verifies
//! tokens, keeps bounded logs (durably on request), and has fault switches for tests. The
//! program is `tidewire-server`; this library is its implementation, for tests that run it in
//! their own process.

mod accepted;
mod account;
mod app_state;
mod auth;
mod backlog;
mod backpressure;
mod channel;
mod channel_pattern;
pub mod cli;
mod clock;
mod codec;
pub mod config;
mod connection;
mod connection_handle;
mod control;
mod demo;
mod domains;
mod faults;
mod features;
mod frame;
mod hub;
mod inspection;
pub mod limits;
mod listener;
mod log;
mod membership;
mod message;
mod nesting;
mod outbound;
mod phoenix;
mod presence;
mod publication;
mod publish;
mod random;
mod rate;
mod rejection;
mod request;
mod reserve;
mod retired;
mod server;
mod session;
mod stats;
mod store;
mod supabase;
mod tables;
mod tally;
mod tcp_stream;
mod timestamp;
mod token_signer;
mod traffic;
mod triggers;
mod upgrade;
mod writer;

pub use server::Server;
