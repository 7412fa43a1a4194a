//! Tables behind channels: what is inserted, updated and deleted over such a channel is applied
//! before it is passed on.

mod catalog;
mod change;
mod config;
pub(crate) mod rest;
mod row;
pub(crate) mod storage;
mod table;

pub(crate) use catalog::Catalog;
pub(crate) use change::Change;
pub use config::{KeyKind, Rule, TableConfig};
pub(crate) use table::{Edit, Table};
