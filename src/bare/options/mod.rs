//! Options, as the app gives them. What decides about the connection is read by the engine's reader, the same for the
//! package; the rest, which the package reads in TypeScript, is read here by serde.

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
