//! The surface: numbers, strings and JavaScript values in and out, decided nothing.

#![expect(
    clippy::needless_pass_by_value,
    missing_debug_implementations,
    reason = "what JavaScript calls takes what JavaScript has, and is described in its terms"
)]

#[cfg(feature = "bare")]
mod client;
mod collection;
mod config;
mod engine;
mod error;
mod event;
#[cfg(feature = "bare")]
mod manager;
mod people;
#[cfg(feature = "bare")]
mod plain;
#[cfg(feature = "bare")]
mod registry;
mod stats;

#[cfg(feature = "bare")]
pub use client::{RealtimeClient, realtime_client, use_realtime_channel};
pub use engine::Engine;
#[cfg(feature = "bare")]
pub use manager::{ChannelManager, ManagedChannel, channel_manager};
#[cfg(feature = "bare")]
pub use registry::{ChannelRegistry, channel_registry};

use wasm_bindgen::prelude::*;

/// Runs when the module starts.
#[wasm_bindgen(start)]
fn begin() {
    // A release build leaves it out: its formatting is dear, and the facade tells of traps.
    #[cfg(all(debug_assertions, feature = "bare"))]
    console_error_panic_hook::set_once();
}
