//! Optimistic collections: rows of a server, which the app may change before the server knows.
//!
//! The rows of the server are what a load gave, with the messages of one channel applied in their
//! order, and nothing else (`table`). What shows under a key is the server's row, over it the
//! changes that were accepted but whose message is still to come, and over these the changes that
//! are not settled, in the order they were made (`conflict`). So an answer, its echo and a load
//! may come in any order: each of them only decides which of the three a change belongs to.
//!
//! Changes of one row are sent one at a time: the next one knows the key and the version that
//! the last one got. Rows of different keys do not wait for each other.

#![expect(
    clippy::inline_always,
    reason = "functions with one caller: the optimiser for size leaves the calls, which cost more"
)]

mod acceptance;
mod change_message;
#[expect(clippy::module_inception, reason = "the file of the type that the folder is about")]
mod collection;
mod collection_env;
mod conflict;
mod decision;
mod display;
mod edit;
mod incoming;
mod input;
mod key;
mod loader;
mod loading;
mod merge;
mod mutation;
mod mutations;
mod options;
mod own_changes;
mod recent_mutations;
mod recognizer;
mod registry;
mod replica;
mod request;
mod rows;
mod rows_progress;
mod send;
mod stage;
mod step;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod view;
mod viewers;

pub use acceptance::CONFLICT;
pub use edit::{ChangeKind, Edit, EditKind, MutationProgress};
pub use key::TEMPORARY;
pub use options::{CollectionOptions, ConflictPolicy, KEY_FIELD, Key};
pub use registry::Collections;
pub use request::{AppRequest, AppResponse, Change};
pub use step::Step;
pub use view::{CollectionStatus, PendingChange, View, ViewRow};
