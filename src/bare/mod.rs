//! The wasm-bindgen surface of `wasm-pack build`: a client without the npm package, complete on its own.

#![expect(
    clippy::needless_pass_by_value,
    missing_debug_implementations,
    missing_docs,
    reason = "what JavaScript calls takes what JavaScript has, and is described in `types.d.ts`"
)]

mod address;
mod channel;
mod channel_manager;
mod channel_registry;
mod client;
mod collection;
mod default_client;
mod delivery;
mod error;
mod handle;
mod id;
mod inflate;
mod js;
mod listeners;
mod mutating;
mod mutations;
mod names;
mod options;
mod outcome;
mod plain_copy;
mod presence;
mod reporter;
mod reports;
mod routes;
mod row_reports;
mod row_requests;
mod rows;
mod sending;
mod sends;
mod serialize;
mod session;
mod snapshot;
mod start;
mod stats;
mod subscriber;
mod subscribing;
mod token;
mod typing;
mod view;
mod warnings;

pub use channel::Channel;
pub use channel_manager::{ChannelManager, ManagedChannel, channel_manager};
pub use channel_registry::{ChannelRegistry, channel_registry};
pub use client::{RealtimeClient, realtime_client, use_realtime_channel};
pub use collection::Collection;
pub use presence::Presence;
pub use typing::Typing;

use wasm_bindgen::prelude::*;

/// The types that handles, options and values have.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");
