//! The hub's state of a connection.

use crate::features::Features;
use crate::grant::Grant;

/// An authenticated connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The id sent to the client.
    pub(crate) id: String,
    pub(crate) features: Features,
    pub(crate) grant: Grant,
    /// The channels it is a member of, in the order of joining.
    pub(crate) channels: Vec<String>,
}
