//! How far one change came, and when something has to be done about it.

use super::rows_progress::RowsProgress;
use crate::core::error::{Code, Error};
use crate::core::id::RequestId;
use crate::core::time::Instant;

/// How far a change came.
#[derive(Debug)]
pub(super) enum Stage<P> {
    /// Behind an earlier change of its row. With a time: it waits for the key of its row, whose
    /// insert is out, and no longer than until then.
    Waiting { until: Option<Instant> },
    /// It was sent.
    Sent(Sent<P>),
    /// It was rejected because the server has a newer row than `base`, which is not received yet.
    Rejected { base: Option<P>, error: Error, until: Instant },
    /// It is settled, but not yet among the server's rows.
    Accepted(Accepted<P>),
}

/// What is known of a change that was sent, until it is answered.
#[derive(Debug)]
pub(super) struct Sent<P> {
    /// The request to the app, if it stores the change.
    pub(super) request: Option<RequestId>,
    /// A socket had it.
    pub(super) transmitted: bool,
    /// The row the server had then.
    pub(super) base: Option<P>,
    /// Load requests before it was sent.
    pub(super) loads: u32,
    /// The server's rows hold it by now: a message without an id equals it, or a loaded row does.
    pub(super) observed: bool,
}

/// A settled change shows over the server's rows until it is among them. Where the answer bore a
/// place in the log, that is when the channel comes to it. Else its echo takes it there. Where
/// messages have no places, and no echo comes in time, it is put there.
#[derive(Debug)]
pub(super) struct Accepted<P> {
    /// The row as it was stored.
    pub(super) row: Option<P>,
    /// The place of its message in the channel's log.
    pub(super) seq: Option<u64>,
    /// Load requests before it was accepted: a later one includes it.
    pub(super) loads: u32,
    /// When it may be committed to the server's rows.
    pub(super) commit_at: Instant,
    /// When it is dropped without an echo: it may be in the server's rows already, as a load was requested
    /// for or others changed the row after it was sent.
    pub(super) drop_at: Option<Instant>,
}

/// How an accepted change is reconciled with the server's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reconcile {
    /// It is dropped: they include it.
    Drop,
    /// It is committed to them: nothing else will bring it.
    Commit,
}

/// When an accepted change is reconciled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReconcileAt {
    /// Now: the channel came past its message, or a load included it.
    Included,
    /// The rows include it by then.
    DropAt(Instant),
    /// Nothing else will bring it by then.
    CommitAt(Instant),
}

impl<P> Stage<P> {
    /// Why the change fails if it has waited too long.
    #[inline(always)]
    pub(super) fn overdue(&self, now: Instant) -> Option<Error> {
        match self {
            Self::Waiting { until: Some(until) } if now >= *until => {
                Some(Error::new(Code::DependencyFailed))
            }
            Self::Rejected { until, error, .. } if now >= *until => Some(error.clone()),
            _ => None,
        }
    }

    /// When the change is reconciled if it is accepted; `None` if something else has to happen
    /// first.
    pub(super) fn reconcile_at(&self, progress: RowsProgress) -> Option<ReconcileAt> {
        let Self::Accepted(accepted) = self else { return None };
        if let (Some(seq), Some(reached)) = (accepted.seq, progress.reached)
            && seq <= reached
        {
            return (!progress.awaits(seq)).then_some(ReconcileAt::Included);
        }
        // A load that is under way may or may not include it.
        if !progress.is_live() {
            return None;
        }
        match accepted.drop_at {
            Some(at) => Some(ReconcileAt::DropAt(at)),
            None if !progress.is_counted() => Some(ReconcileAt::CommitAt(accepted.commit_at)),
            None => None,
        }
    }

    /// How the change is reconciled if that is due.
    #[inline(always)]
    pub(super) fn due(&self, now: Instant, progress: RowsProgress) -> Option<Reconcile> {
        match self.reconcile_at(progress)? {
            ReconcileAt::Included => Some(Reconcile::Drop),
            ReconcileAt::DropAt(until) => (now >= until).then_some(Reconcile::Drop),
            ReconcileAt::CommitAt(until) => (now >= until).then_some(Reconcile::Commit),
        }
    }

    /// Whether the change is accepted, and its message has a position that the rows have not come
    /// past.
    pub(super) fn is_ahead_of(&self, progress: RowsProgress) -> bool {
        match self {
            Self::Accepted(Accepted { seq: Some(seq), .. }) => {
                progress.reached.is_none_or(|reached| *seq > reached)
            }
            _ => false,
        }
    }

    /// When [`Stage::overdue`] or [`Stage::due`] has something to do.
    pub(super) fn poll_timeout(&self, progress: RowsProgress) -> Option<Instant> {
        match self {
            Self::Waiting { until } => *until,
            Self::Rejected { until, .. } => Some(*until),
            Self::Sent(_) => None,
            Self::Accepted(_) => match self.reconcile_at(progress)? {
                ReconcileAt::DropAt(at) | ReconcileAt::CommitAt(at) => Some(at),
                ReconcileAt::Included => None,
            },
        }
    }

    /// Adds the time in which the page slept, which is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        match self {
            Self::Waiting { until: Some(until) } | Self::Rejected { until, .. } => {
                *until = *until + slept_ms;
            }
            Self::Accepted(Accepted { commit_at, drop_at, .. }) => {
                *commit_at = *commit_at + slept_ms;
                *drop_at = drop_at.map(|until| until + slept_ms);
            }
            Self::Waiting { .. } | Self::Sent(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Accepted, Reconcile, ReconcileAt, Stage};
    use crate::core::collection::rows_progress::{Awaited, RowsProgress};
    use crate::core::error::{Code, Error};
    use crate::core::time::Instant;

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    fn accepted(seq: Option<u64>, drop_at: Option<Instant>) -> Stage<()> {
        Stage::Accepted(Accepted { row: None, seq, loads: 0, commit_at: at(10), drop_at })
    }

    fn progress(reached: Option<u64>, awaited: Awaited) -> RowsProgress {
        RowsProgress { loads: 1, reached, awaited }
    }

    #[test]
    fn accepted_change_is_included_once_the_channel_is_past_its_message() {
        let change = accepted(Some(5), None);
        let before = progress(Some(4), Awaited::Nothing);
        assert_eq!(change.reconcile_at(before), None);
        assert!(change.is_ahead_of(before));
        let past = progress(Some(5), Awaited::Nothing);
        assert_eq!(change.due(at(0), past), Some(Reconcile::Drop));
        assert!(!change.is_ahead_of(past));
    }

    #[test]
    fn accepted_change_behind_a_load_under_way_is_kept_until_the_rows_are_there() {
        let change = accepted(Some(5), None);
        assert_eq!(change.reconcile_at(progress(Some(9), Awaited::UpTo(5))), None);
        assert_eq!(change.reconcile_at(progress(Some(9), Awaited::Everything)), None);
        let received_since = progress(Some(9), Awaited::UpTo(4));
        assert_eq!(change.reconcile_at(received_since), Some(ReconcileAt::Included));
    }

    #[test]
    fn accepted_change_without_positions_is_committed_in_time_unless_it_may_be_there() {
        let live = progress(None, Awaited::Nothing);
        let change = accepted(None, None);
        assert_eq!(change.due(at(9), live), None);
        assert_eq!(change.due(at(10), live), Some(Reconcile::Commit));
        assert_eq!(change.poll_timeout(live), Some(at(10)));
        let maybe_there = accepted(None, Some(at(20)));
        assert_eq!(maybe_there.due(at(19), live), None);
        assert_eq!(maybe_there.due(at(20), live), Some(Reconcile::Drop));
        let loading = progress(None, Awaited::Everything);
        assert_eq!(maybe_there.poll_timeout(loading), None);
    }

    #[test]
    fn change_without_a_key_fails_at_its_deadline() {
        let change = Stage::<()>::Waiting { until: Some(at(5)) };
        assert_eq!(change.overdue(at(4)), None);
        assert_eq!(change.overdue(at(5)).map(|error| error.code), Some(Code::DependencyFailed));
        assert_eq!(Stage::<()>::Waiting { until: None }.overdue(at(5)), None);
    }

    #[test]
    fn rejected_change_fails_with_its_error_when_no_newer_row_comes() {
        let error = Error::new(Code::Rejected);
        let change = Stage::<()>::Rejected { base: None, error: error.clone(), until: at(5) };
        assert_eq!(change.overdue(at(4)), None);
        assert_eq!(change.overdue(at(5)), Some(error));
    }

    #[test]
    fn sleep_extends_every_deadline() {
        let live = progress(None, Awaited::Nothing);
        let stages = [
            Stage::Waiting { until: Some(at(5)) },
            accepted(None, None),
            accepted(None, Some(at(7))),
        ];
        let extended = stages.map(|mut stage| {
            stage.extend_deadlines(100);
            stage.poll_timeout(live)
        });
        assert_eq!(extended, [Some(at(105)), Some(at(110)), Some(at(107))]);
    }
}
