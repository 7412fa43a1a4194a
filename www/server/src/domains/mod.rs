//! The domains: interviews, bills, the community around them, notifications, calls and bids, as
//! tables with REST endpoints, derived columns, and simulated traffic.

mod cast;
mod catalog;
mod derive;
mod generator;
mod rest;
mod rollup;
mod seeds;

pub(crate) use catalog::{declare, declare_flat};
pub(crate) use derive::Derivations;
pub(crate) use generator::run;
pub(crate) use rest::router;
