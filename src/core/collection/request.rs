//! Requests of a collection to the app.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::ChangeKind;
use crate::core::id::MutationId;

/// A request to the app. It gets one response, or none if the collection closes.
#[derive(Debug, Clone)]
pub enum AppRequest<P> {
    /// Load all rows: [`AppResponse::Rows`].
    Load,
    /// Store a change: [`AppResponse::Stored`].
    Persist(Change<P>),
    /// The key of this row: [`AppResponse::Key`].
    Key(P),
    /// The row to show where both sides changed it: [`AppResponse::Resolved`]. No View is emitted until then.
    Resolve {
        /// The row with the client's pending changes.
        local: Option<P>,
        /// The newest row of the server.
        remote: P,
        /// The server's row at the time of the change.
        base: Option<P>,
    },
}

/// The app's response.
#[derive(Debug, Clone)]
pub enum AppResponse<P> {
    /// All rows, in their order.
    Rows {
        /// The rows.
        rows: Vec<P>,
        /// The channel's epoch and the last message they include, if known.
        position: Option<(String, u64)>,
    },
    /// The change is stored; the row as it is now, if known.
    Stored(Option<P>),
    /// What the app gave as a row's key.
    Key(P),
    /// What shows.
    Resolved(P),
}

/// A change for the app to store.
#[derive(Debug, Clone)]
pub struct Change<P> {
    /// Its kind.
    pub kind: ChangeKind,
    /// The row's key; of an insert it may be a temporary one.
    pub key: Rc<str>,
    /// The new row, or the fields that change.
    pub row: Option<P>,
    /// The app's number for the change.
    pub number: MutationId,
    /// The id that the server's message of the change should bear as `mutation`: one of its own for each attempt.
    pub mutation: String,
}
