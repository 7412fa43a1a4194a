//! Counters of connections.

use serde::Serialize;

/// Counters, as the control endpoint shows them.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counters {
    /// WebSockets accepted.
    pub(crate) opened: u64,
    /// Rejected connections: because of a rejection mode, or of their token.
    #[serde(rename = "rejected")]
    pub(crate) rejected: u64,
    /// Attempts made while a rejection mode was set.
    pub(crate) handshakes_while_rejecting: u64,
}
