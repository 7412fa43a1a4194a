//! The reason of a close: the server's last error about the connection as a whole.

use crate::core::error::Rejection;
use crate::core::time::Instant;

/// How long an error of the server is the reason of a close that follows it, in milliseconds. Later
/// closes have other causes.
const WINDOW_MS: u64 = 1_000;

/// The reason that the server gave for a close.
#[derive(Debug, Default)]
pub(super) struct CloseReason(Option<(Instant, Rejection)>);

impl CloseReason {
    /// Stores an error of the server about the connection.
    pub(super) fn received(&mut self, now: Instant, rejection: Rejection) {
        self.0 = Some((now, rejection));
    }

    /// Drops the error, because another connection begins.
    pub(super) fn clear(&mut self) {
        self.0 = None;
    }

    /// Takes the reason of a close that happens now.
    pub(super) fn take(&mut self, now: Instant) -> Option<Rejection> {
        let (at, rejection) = self.0.take()?;
        (now.duration_since(at) <= WINDOW_MS).then_some(rejection)
    }
}

#[cfg(test)]
mod tests {
    use super::{CloseReason, Rejection, WINDOW_MS};
    use crate::core::time::Instant;

    #[test]
    fn error_is_the_reason_of_one_close_soon_after_it() {
        for (after, expected) in [(0, true), (WINDOW_MS, true), (WINDOW_MS + 1, false)] {
            let mut reason = CloseReason::default();
            reason.received(Instant::from_ms(5), Rejection::default());
            let taken = reason.take(Instant::from_ms(5 + after));
            assert_eq!(taken.is_some(), expected, "{after}");
            assert!(reason.take(Instant::from_ms(5)).is_none());
        }
    }
}
