//! The open socket of an accepted connection.

use crate::core::auth_success::Features;
use crate::core::id::SocketId;
use crate::core::outbox::SendLimits;

/// The socket of an accepted connection, and the negotiated features.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenSocket {
    pub(super) socket: SocketId,
    pub(super) features: Features,
    pub(super) limits: SendLimits,
}
