//! tidewire: a realtime client for web apps with one shared WebSocket and defined delivery guarantees.
//!
//! The npm package's engine is built without std: std's panic handling (formatting, hooks, locks)
//! would be a tenth of the module, and the facade reports traps.
#![cfg_attr(all(target_arch = "wasm32", not(feature = "bare")), no_std)]

extern crate alloc;

pub mod abi;
#[cfg(all(target_arch = "wasm32", feature = "bare"))]
pub mod bare;
pub mod core;
#[cfg(target_arch = "wasm32")]
pub mod engine;
#[cfg(all(target_arch = "wasm32", not(feature = "bare")))]
mod runtime;
#[cfg(target_arch = "wasm32")]
mod web;
