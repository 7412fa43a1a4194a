//! The sans-IO client, in virtual time.
//!
//! [`Client`](client::Client) receives inputs and the time, and returns outputs and the next
//! deadline; it never reads a clock, opens a socket or calls back. **After each call its driver
//! drains [`poll_output`](client::Client::poll_output), then sets one timer for
//! [`poll_timeout`](client::Client::poll_timeout).**
//!
//! Parts (`connection`, `channel`, `outbox`, `collection`, `presence`, `typing`) never use each
//! other, only what is common to them; `client` alone composes them.

pub mod auth_success;
pub mod backoff;
pub mod channel;
pub mod client;
pub mod collection;
pub mod config;
pub mod connection;
pub mod delivery_proof;
pub mod env;
pub mod error;
pub mod event;
pub mod id;
pub mod input;
pub mod message;
pub mod message_head;
pub mod metrics;
pub mod named;
pub mod outbox;
pub mod output;
pub mod payload;
pub mod presence;
pub mod profile;
pub mod protocol;
pub mod reason;
pub mod risk;
pub mod rng;
mod slots;
pub mod state;
pub mod text;
pub mod throttle;
pub mod time;
pub mod timer;
pub mod token;
pub mod typing;

#[cfg(test)]
mod testing;
