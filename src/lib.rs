//! tidewire: one WebSocket that exists only while it is needed and loses nothing.
#[cfg(target_arch = "wasm32")]
pub mod api;
pub mod core;
#[cfg(target_arch = "wasm32")]
mod web;
