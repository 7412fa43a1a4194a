//! The connection on which messages are exchanged.

use crate::core::auth_success::Features;
use crate::core::id::SocketId;
use crate::core::outbox::SendLimits;

/// The socket of a connection that the server accepted, and what it agreed to.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenSocket {
    pub(super) socket: SocketId,
    pub(super) features: Features,
    pub(super) limits: SendLimits,
}
