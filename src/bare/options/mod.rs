//! The app's options. Those of the connection are read by the engine's reader, which the package uses too;
//! the others, which the package reads in TypeScript, are read here by serde.

mod channel;
mod client;
mod collection;
mod read;
mod send;
mod unknown;

pub(super) use channel::ChannelOptions;
pub(super) use client::{ClientOptions, Logger};
pub(super) use collection::{Functions, RowKey, collection_options};
pub(super) use send::{Delivery, SendOptions};
pub(super) use unknown::unknown_names;
