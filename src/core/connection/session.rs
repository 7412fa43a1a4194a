//! One authenticated connection: its heartbeat and the renewal of its token.

use crate::core::auth_success::AuthSuccess;
use crate::core::config::Config;
use crate::core::id::SocketId;
use crate::core::time::Instant;
use crate::core::timer::{Timer, TimerReason, earliest, timer};

use super::heartbeat::Heartbeat;
use super::token_refresh::TokenRefresh;

/// The bounds of the ping interval that a server may request, in milliseconds: the lower one limits
/// the traffic, the upper one the time until a dead connection is detected.
const MIN_HEARTBEAT_MS: u64 = 100;
const MAX_HEARTBEAT_MS: u64 = 120_000;

/// An authenticated connection.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) socket: SocketId,
    pub(super) since: Instant,
    pub(super) heartbeat: Heartbeat,
    pub(super) refresh: TokenRefresh,
    pub(super) reauth: bool,
    /// When it will have lasted long enough to reset the failure count; `None` once it has.
    pub(super) stable_at: Option<Instant>,
}

impl Session {
    pub(super) fn new(
        now: Instant,
        socket: SocketId,
        success: &AuthSuccess,
        config: &Config,
        refresh: TokenRefresh,
    ) -> Self {
        let wanted_ms = success.heartbeat_ms.map(|ms| ms.clamp(MIN_HEARTBEAT_MS, MAX_HEARTBEAT_MS));
        let every_ms = config.heartbeat_every_ms.and(wanted_ms).or(config.heartbeat_every_ms);
        Self {
            socket,
            since: now,
            heartbeat: Heartbeat::new(now, every_ms, config.heartbeat_timeout_ms),
            refresh,
            reauth: success.features.reauth,
            stable_at: Some(now + config.reconnect_reset_ms),
        }
    }

    /// The next deadline of the connection.
    pub(super) fn poll_timeout(&self) -> Option<Timer> {
        let stable = timer(self.stable_at, TimerReason::Stable);
        earliest(earliest(self.heartbeat.poll_timeout(), self.refresh.poll_timeout()), stable)
    }
}
