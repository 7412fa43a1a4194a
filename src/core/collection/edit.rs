//! A change the app makes, and what becomes of it.

use alloc::string::String;

use crate::core::error::Error;
use crate::core::id::MutationId;
use crate::core::named::named;

/// A change the app makes to a collection.
#[derive(Debug, Clone)]
pub struct Edit<P> {
    /// The app's number for it.
    pub mutation: MutationId,
    /// The id it bears on the wire.
    pub id: String,
    /// What is changed.
    pub change: EditKind<P>,
}

/// What is changed. Rows and patches are objects that nobody changes any more.
#[derive(Debug, Clone)]
pub enum EditKind<P> {
    /// A new row; without a key the server gives it one.
    Insert {
        /// The app's own key for it.
        key: Option<String>,
        /// The row.
        row: P,
    },
    /// Fields of a row.
    Update {
        /// The row's key.
        key: String,
        /// The fields with their new values.
        patch: P,
    },
    /// A row is taken away.
    Remove {
        /// The row's key.
        key: String,
    },
}

named! {
    /// The kind of a change.
    pub enum ChangeKind {
        /// a new row
        Insert = "insert",
        /// fields of a row
        Update = "update",
        /// no row any more
        Remove = "delete",
    }
}

/// What becomes of a change.
#[derive(Debug, Clone)]
pub enum MutationProgress<P> {
    /// It was handed to an open socket; an answer is awaited.
    Sent,
    /// It is done.
    Confirmed {
        /// The row as the server stored it, if known.
        row: Option<P>,
        /// Whether the server confirmed it; else the frame was written to an open socket, and no more will be known.
        confirmed: bool,
    },
    /// It failed, and shows no longer.
    Failed(Error),
}
