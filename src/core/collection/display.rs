//! When a view is emitted, and whether anything in it changed.

use alloc::vec::Vec;

use super::view::Window;
use super::{CollectionStatus, PendingChange, View, ViewRow};
use crate::core::error::Error;
use crate::core::time::Instant;

/// The last emitted view, without its rows.
#[derive(Debug, PartialEq, Eq)]
struct LastEmitted {
    pending: Vec<PendingChange>,
    status: CollectionStatus,
    error: Option<Error>,
}

/// Whether the last changes of the rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowsShown {
    /// The rows are what was shown last.
    Same,
    /// They have changed.
    Changed,
}

/// Decides when a view is emitted.
#[derive(Debug)]
pub(super) struct Display {
    window: Window,
    /// What to show next even if it is the same, for who has just opened the collection.
    next: RowsShown,
    /// What went wrong since the last good load.
    error: Option<Error>,
    last_emitted: LastEmitted,
}

impl Display {
    /// The display of a collection that has shown nothing yet.
    pub(super) const fn new() -> Self {
        let status = CollectionStatus::Loading;
        Self {
            window: Window::new(),
            next: RowsShown::Same,
            error: None,
            last_emitted: LastEmitted { pending: Vec::new(), status, error: None },
        }
    }

    /// Schedules a view, since the server changed something.
    pub(super) fn changed(&mut self, now: Instant) {
        self.window.changed(now);
    }

    /// Makes a view due now, since the app changed something.
    pub(super) const fn at_once(&mut self) {
        self.window.at_once();
    }

    /// Makes a view due now, whether or not it is another one than the last.
    pub(super) const fn opened(&mut self) {
        self.next = RowsShown::Changed;
        self.window.at_once();
    }

    /// Shows an error until the next good load.
    pub(super) fn fail(&mut self, now: Instant, error: Error) {
        self.error = Some(error);
        self.window.changed(now);
    }

    /// Shows no error any more.
    pub(super) fn clear_error(&mut self) {
        self.error = None;
    }

    /// Whether an error is shown.
    pub(super) const fn has_error(&self) -> bool {
        self.error.is_some()
    }

    /// Whether a view is due.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.window.is_due(now)
    }

    /// When [`Display::is_due`] becomes true.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.window.deadline()
    }

    /// Handles the due view. Returns whether it is emitted: something in it changed.
    #[inline(always)]
    pub(super) fn update(
        &mut self,
        now: Instant,
        batch_ms: u64,
        rows: RowsShown,
        pending: Vec<PendingChange>,
        status: CollectionStatus,
    ) -> bool {
        let current = LastEmitted { pending, status, error: self.error.clone() };
        let next = core::mem::replace(&mut self.next, RowsShown::Same);
        let is_same = rows == RowsShown::Same && next == RowsShown::Same;
        let changed = !is_same || current != self.last_emitted;
        if changed {
            self.last_emitted = current;
            self.window.emitted(now, batch_ms);
        } else {
            self.window.unchanged();
        }
        changed
    }

    /// The last view, with these rows.
    pub(super) fn view<P>(&self, rows: Vec<ViewRow<P>>) -> View<P> {
        let LastEmitted { pending, status, error } = &self.last_emitted;
        View { rows, pending: pending.clone(), status: *status, error: error.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Display, RowsShown};
    use crate::core::collection::CollectionStatus::{Live, Loading};
    use crate::core::error::{Code, Error};
    use crate::core::time::Instant;

    const BATCH_MS: u64 = 50;

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    #[test]
    fn second_change_of_the_server_is_emitted_when_the_window_ends() {
        let mut display = Display::new();
        display.changed(at(0));
        assert!(display.is_due(at(0)));
        assert!(display.update(at(0), BATCH_MS, RowsShown::Changed, vec![], Loading));
        display.changed(at(1));
        assert_eq!(display.poll_timeout(), Some(at(50)));
        assert!(!display.is_due(at(49)) && display.is_due(at(50)));
    }

    #[test]
    fn change_of_the_app_is_emitted_within_the_window() {
        let mut display = Display::new();
        display.changed(at(0));
        display.update(at(0), BATCH_MS, RowsShown::Changed, vec![], Loading);
        display.at_once();
        assert!(display.is_due(at(1)));
    }

    #[test]
    fn view_that_is_the_same_is_not_emitted() {
        let mut display = Display::new();
        display.at_once();
        assert!(!display.update(at(0), BATCH_MS, RowsShown::Same, vec![], Loading));
        assert!(!display.is_due(at(0)));
        assert!(display.update(at(0), BATCH_MS, RowsShown::Same, vec![], Live));
    }

    #[test]
    fn view_that_is_the_same_is_emitted_once_to_who_has_just_opened() {
        let mut display = Display::new();
        display.opened();
        assert!(display.update(at(0), BATCH_MS, RowsShown::Same, vec![], Loading));
        assert!(!display.update(at(0), BATCH_MS, RowsShown::Same, vec![], Loading));
    }

    #[test]
    fn error_is_emitted_once_and_its_end_too() {
        let mut display = Display::new();
        display.fail(at(0), Error::new(Code::LoadFailed));
        assert!(display.has_error() && display.is_due(at(0)));
        assert!(display.update(at(0), BATCH_MS, RowsShown::Same, vec![], Loading));
        assert!(display.view::<()>(vec![]).error.is_some());
        assert!(!display.update(at(0), BATCH_MS, RowsShown::Same, vec![], Loading));
        display.clear_error();
        assert!(display.update(at(0), BATCH_MS, RowsShown::Same, vec![], Loading));
    }
}
