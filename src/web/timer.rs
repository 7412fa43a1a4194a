//! The one timer.

use std::cell::RefCell;

use gloo_timers::callback::Timeout;

use crate::core::time::Instant;

/// The longest delay `setTimeout` understands; a longer one would fire at once.
const MAX_DELAY_MS: u64 = 0x7fff_ffff;

/// A timeout that is armed anew only when its deadline changes.
#[derive(Debug, Default)]
pub(super) struct Timer {
    armed: RefCell<Option<(Instant, Timeout)>>,
}

impl Timer {
    /// Fires `tick` at `due`; takes an earlier arming back.
    pub(super) fn arm(&self, now: Instant, due: Option<Instant>, tick: impl FnOnce() + 'static) {
        let mut armed = self.armed.borrow_mut();
        if armed.as_ref().map(|(at, _)| *at) == due {
            return;
        }
        *armed = due.map(|at| {
            let delay = at.since(now).min(MAX_DELAY_MS);
            (at, Timeout::new(u32::try_from(delay).unwrap_or(u32::MAX), tick))
        });
    }

    /// Forgets an arming that has just fired.
    pub(super) fn fired(&self) {
        self.armed.replace(None);
    }
}
