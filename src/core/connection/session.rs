//! One authenticated connection: its liveness and its token's age.

use crate::core::auth_success::AuthSuccess;
use crate::core::config::Config;
use crate::core::id::{RequestId, SocketId};
use crate::core::time::Instant;

use super::heartbeat::Heartbeat;

/// Where the renewal of the token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refresh {
    /// Nothing says when the token ends, or nobody can be asked for another one.
    Never,
    /// The app will be asked then.
    Due(Instant),
    /// The app was asked.
    FetchingToken { request: RequestId, deadline: Instant },
    /// The server was told the new token.
    Reauthenticating { deadline: Instant },
}

impl Refresh {
    pub(super) fn at(due: Option<Instant>) -> Self {
        due.map_or(Self::Never, Self::Due)
    }

    pub(super) const fn deadline(self) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::Due(at) => Some(at),
            Self::FetchingToken { deadline, .. } | Self::Reauthenticating { deadline } => {
                Some(deadline)
            }
        }
    }
}

/// Bounds of the interval of pings that a server may want, in milliseconds: they neither flood it, nor is a connection
/// that died never noticed.
const MIN_HEARTBEAT_MS: u64 = 100;
const MAX_HEARTBEAT_MS: u64 = 120_000;

/// A connection from `ready` on.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) socket: SocketId,
    pub(super) since: Instant,
    pub(super) heartbeat: Heartbeat,
    pub(super) refresh: Refresh,
    pub(super) reauth: bool,
    /// When it will have lasted long enough to forget earlier failures; `None` once it has.
    pub(super) stable_at: Option<Instant>,
}

impl Session {
    pub(super) fn new(
        now: Instant,
        socket: SocketId,
        success: &AuthSuccess,
        config: &Config,
    ) -> Self {
        let wanted_ms = success.heartbeat_ms.map(|ms| ms.clamp(MIN_HEARTBEAT_MS, MAX_HEARTBEAT_MS));
        let every_ms = config.heartbeat_every_ms.and(wanted_ms).or(config.heartbeat_every_ms);
        Self {
            socket,
            since: now,
            heartbeat: Heartbeat::new(now, every_ms, config.heartbeat_timeout_ms),
            refresh: Refresh::Never,
            reauth: success.features.reauth,
            stable_at: Some(now + config.reconnect_reset_ms),
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        [self.heartbeat.deadline(), self.refresh.deadline(), self.stable_at]
            .into_iter()
            .flatten()
            .min()
    }
}
