//! A subset of Supabase: Realtime over Phoenix, and the parts of the REST and auth endpoints that
//! the official client needs.

mod accounts;
mod application;
mod binding;
mod broadcast;
mod channel;
pub(crate) mod control;
mod expression;
mod filter;
mod handshake;
mod http_broadcast;
mod join;
mod list;
mod meter;
mod outbox;
mod presence;
mod realtime;
mod record;
mod replication;
mod rest;
mod routes;
mod rows;
mod settings;
mod sign_in;
mod state;
mod system;
mod token;

pub(crate) use accounts::Accounts;
pub(crate) use realtime::{Realtime, deliver_changes};
pub(crate) use routes::router;
pub use settings::{Policy, SupabaseSettings};
pub(crate) use state::SupabaseState;
