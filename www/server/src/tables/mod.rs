//! Tables of channels: inserts, updates and deletes that are sent to such a channel are applied
//! before they are broadcast.

mod catalog;
mod change;
mod columns;
mod config;
mod feed;
pub(crate) mod rest;
mod row;
mod rule;
pub(crate) mod sample;
mod stamp;
pub(crate) mod storage;
mod table;

pub(crate) use catalog::Catalog;
pub(crate) use change::Change;
pub use columns::{ColumnConfig, ColumnType};
pub use config::{KeyKind, Readers, TableConfig};
pub(crate) use feed::{Feed, RowChange};
pub(crate) use row::{KEY, Key, Row};
pub use rule::Rule;
pub(crate) use stamp::Origin;
pub use stamp::Stamp;
pub(crate) use table::{Edit, Table};
