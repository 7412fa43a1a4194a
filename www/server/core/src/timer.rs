//! The timeouts of a connection.

use std::time::Duration;

use crate::clock::Now;
use crate::output::{Action, CloseAction};
use crate::rejection::Rejection;
use crate::session::{Probe, Session};

/// What the next deadline of a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// No `auth` frame was received in time.
    Authentication,
    /// The token expires.
    Expiry,
    /// Nothing was received for so long that the peer is pinged.
    Ping,
    /// Nothing was received for too long. After a suspension, a driver may have unread messages of
    /// the peer: it passes those in instead of handling this timeout.
    Silence,
}

impl Session {
    /// The next deadline, as an uptime.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Duration, Timer)> {
        let limits = &self.limits;
        let after = |from: Duration, ms: u64| from + Duration::from_millis(ms);
        let authentication = (!self.is_ready())
            .then(|| (after(self.liveness.opened, limits.auth_timeout_ms), Timer::Authentication));
        let expiry = self.expires_at().map(|at| (at, Timer::Expiry));
        let idle = (limits.idle_timeout_ms > 0).then(|| {
            let last = self.liveness.last_received;
            match self.liveness.probe {
                Probe::Pinged => (after(last, limits.idle_timeout_ms), Timer::Silence),
                Probe::Idle => (after(last, limits.idle_timeout_ms / 2), Timer::Ping),
            }
        });
        [authentication, expiry, idle].into_iter().flatten().min()
    }

    /// Processes the timeout that is due, if any.
    pub fn handle_timeout(&mut self, now: Now) {
        let Some((_, timer)) = self.poll_timeout().filter(|(due, _)| *due <= now.uptime) else {
            return;
        };
        match timer {
            Timer::Authentication => {
                let rejection = Rejection::unauthorized("no auth frame came in time");
                self.close(CloseAction::rejected(4001, &rejection));
            }
            Timer::Expiry => self.close(CloseAction::rejected(4001, &Rejection::token_expired())),
            Timer::Ping => {
                self.liveness.probe = Probe::Pinged;
                self.outputs.push_back(Action::Ping);
            }
            Timer::Silence => {
                let reason = "nothing was received for too long".to_owned();
                self.close(CloseAction::Close { code: 1001, reason, error: None });
            }
        }
    }
}
