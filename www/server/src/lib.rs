//! The reference server of the tidewire protocol.
//!
//! It implements the complete native protocol, each extension of which can be switched off per
//! connection, verifies tokens, keeps bounded logs (durably on request), and can inject faults for
//! tests. The program is `tidewire-server`; this library is its implementation, for tests that run
//! it in their own process.

mod app_state;
mod auth;
mod backlog;
mod backpressure;
pub mod cli;
mod clock;
pub mod config;
mod connection;
mod connection_handle;
mod control;
mod counters;
mod demo;
mod domains;
mod hub;
mod inspection;
mod listener;
mod log_storage;
mod outbound;
mod phoenix;
mod publish;
mod random;
mod reserve;
mod server;
mod stats;
mod store;
mod supabase;
mod table_application;
mod tables;
mod tcp_stream;
mod timestamp;
mod token_signer;
mod traffic;
mod triggers;
mod upgrade;
mod writer;

pub use server::Server;
pub use tidewire_server_core::limits;
