//! The domains: interviews, bills, the community around them, notifications, calls and bids, as
//! tables with REST endpoints, columns that follow from others, and people who act in them.

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
