//! Limits the rate of state notifications: the first change is emitted at once; changes
//! within the window after it are emitted together when the window ends.

use super::time::Instant;

/// The window of one state. It does not store the changes; its owner does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Throttle {
    /// Nothing was emitted yet: the next change is emitted at once.
    #[default]
    Quiet,
    /// A change was emitted; further ones before `until` are emitted then.
    Open {
        /// When the window ends.
        until: Instant,
    },
    /// There are changes that are not emitted yet.
    Dirty {
        /// When they are emitted.
        due: Instant,
        /// The length of the next window, in milliseconds.
        window_ms: u64,
    },
}

impl Throttle {
    /// Registers a change; returns whether the changes are to be emitted now. Then a window of
    /// `window_ms` begins; otherwise they wait for [`Throttle::handle_timeout`]. With a window of 0
    /// no change waits.
    #[must_use]
    pub fn note(&mut self, now: Instant, window_ms: u64) -> bool {
        match *self {
            Self::Open { until } if now < until => {
                *self = Self::Dirty { due: until, window_ms };
                false
            }
            Self::Dirty { due, .. } if now < due => false,
            _ => {
                *self = Self::Open { until: now + window_ms };
                true
            }
        }
    }

    /// Registers that all changes were emitted before the end of the window, as after an edit of
    /// the user. The window does not end.
    pub const fn flush(&mut self) {
        if let Self::Dirty { due, .. } = *self {
            *self = Self::Open { until: due };
        }
    }

    /// When [`Throttle::handle_timeout`] is due; `None` if no change waits.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Instant> {
        match *self {
            Self::Dirty { due, .. } => Some(due),
            Self::Quiet | Self::Open { .. } => None,
        }
    }

    /// Returns whether changes are to be emitted because the window has ended. Then the next one
    /// begins.
    #[must_use]
    pub fn handle_timeout(&mut self, now: Instant) -> bool {
        match *self {
            Self::Dirty { due, window_ms } if now >= due => {
                *self = Self::Open { until: now + window_ms };
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Throttle;
    use crate::core::time::Instant;

    const fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    #[test]
    fn first_change_is_emitted_at_once_and_the_following_ones_together() {
        let mut throttle = Throttle::default();
        assert!(throttle.note(at(0), 100));
        assert!(!throttle.note(at(10), 100));
        assert!(!throttle.note(at(99), 100));
        assert_eq!(throttle.poll_timeout(), Some(at(100)));
        assert!(!throttle.handle_timeout(at(99)), "early");
        assert!(throttle.handle_timeout(at(100)));
        assert!(!throttle.handle_timeout(at(100)), "emitted already");
    }

    #[test]
    fn next_window_opens_when_a_window_was_emitted() {
        let mut throttle = Throttle::default();
        assert!(throttle.note(at(0), 100));
        assert!(!throttle.note(at(50), 100));
        assert!(throttle.handle_timeout(at(100)));
        assert!(!throttle.note(at(150), 100));
        assert_eq!(throttle.poll_timeout(), Some(at(200)));
    }

    #[test]
    fn window_without_changes_needs_no_timer() {
        let mut throttle = Throttle::default();
        assert!(throttle.note(at(0), 100));
        assert_eq!(throttle.poll_timeout(), None);
        assert!(throttle.note(at(100), 100), "its window is over");
    }

    #[test]
    fn change_after_a_missed_deadline_emits_everything() {
        let mut throttle = Throttle::default();
        assert!(throttle.note(at(0), 100));
        assert!(!throttle.note(at(50), 100));
        assert!(throttle.note(at(60_000), 100), "the timer was late");
        assert_eq!(throttle.poll_timeout(), None);
    }

    #[test]
    fn changes_emitted_at_once_do_not_wait() {
        let mut throttle = Throttle::default();
        throttle.flush();
        assert!(throttle.note(at(0), 100), "a flush opens no window");
        assert!(!throttle.note(at(50), 100));
        throttle.flush();
        assert_eq!(throttle.poll_timeout(), None);
        assert!(!throttle.note(at(60), 100), "the window is still open");
    }

    #[test]
    fn changes_do_not_wait_without_a_window() {
        let mut throttle = Throttle::default();
        for _ in 0..3 {
            assert!(throttle.note(at(7), 0));
        }
        assert_eq!(throttle.poll_timeout(), None);
    }
}
