//! The wasm-bindgen surface of `wasm-pack build`: a client without the npm package.

#![expect(
    clippy::needless_pass_by_value,
    missing_debug_implementations,
    reason = "what JavaScript calls takes what JavaScript has, and is described in its terms"
)]

mod channel_manager;
mod channel_registry;
mod client;
mod credentials;
mod serialize;

pub use channel_manager::{ChannelManager, ManagedChannel, channel_manager};
pub use channel_registry::{ChannelRegistry, channel_registry};
pub use client::{RealtimeClient, realtime_client, use_realtime_channel};
