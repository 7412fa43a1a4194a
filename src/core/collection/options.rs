//! The options of a collection.

use alloc::string::String;
use alloc::vec::Vec;

use crate::core::named::named;

/// How a collection behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionOptions {
    /// How the key of a row is read.
    pub key: Key,
    /// Whether the app can load the rows ([`AppRequest::Load`](super::AppRequest::Load)).
    pub loads: bool,
    /// Whether the app stores changes itself ([`AppRequest::Persist`](super::AppRequest::Persist));
    /// else they go over the channel.
    pub persists: bool,
    /// The names of the events of an insert, an update and a delete.
    pub events: [String; 3],
    /// What happens where the server and a pending change touched the same field.
    pub policy: ConflictPolicy,
    /// The field with the row's version.
    pub version: Option<String>,
    /// Rows kept; beyond that the oldest ones go.
    pub limit: Option<u64>,
    /// The options of the channel as text: other options are another collection.
    pub identity: String,
    /// The app's functions, as numbers: the same number is the same function.
    pub functions: Vec<u32>,
}

impl CollectionOptions {
    /// Whether both are equal, whatever the functions are.
    pub(super) fn eq_ignoring_functions(&self, other: &Self) -> bool {
        Self { functions: other.functions.clone(), ..self.clone() } == *other
    }
}

/// The field that has a row's key, unless the app names another one.
pub const KEY_FIELD: &str = "id";

/// How the key of a row is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// It is the text, or the whole number, in this field.
    Field(String),
    /// The app knows ([`AppRequest::Key`](super::AppRequest::Key)).
    Function,
}

named! {
    /// How a conflict is resolved, where the server and a pending change changed the same field of a row.
    pub enum ConflictPolicy {
        /// the server's value shows; a change rejected for a conflict fails
        ServerWins = "server-wins",
        /// the row shows as the client edited it, and is sent again whole
        ClientWins = "client-wins",
        /// whichever of the two has the greater version, as above
        LastWriteWins = "last-write-wins",
        /// the fields of the change are the client's, all others the server's
        Merge = "merge",
        /// the app's function decides ([`AppRequest::Resolve`](super::AppRequest::Resolve))
        Function = "",
    }
}

impl ConflictPolicy {
    /// The policy that applies unless the app chooses another one.
    pub const DEFAULT: Self = Self::ServerWins;
}
