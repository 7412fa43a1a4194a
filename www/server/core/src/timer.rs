//! What a connection is due for.

use std::time::Duration;

use crate::clock::Now;
use crate::output::{Action, CloseAction};
use crate::rejection::Rejection;
use crate::session::{Probe, Session};

/// What the next deadline of a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// No `auth` frame came in time.
    Authentication,
    /// The token expires.
    Expiry,
    /// The peer was silent for so long that it is pinged.
    Ping,
    /// The peer was silent for too long. A driver that was suspended may have messages of it that
    /// it has not read: it passes them on instead of this.
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

    /// Does what is due, if something is.
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
