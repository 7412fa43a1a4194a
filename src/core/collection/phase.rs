//! How far a collection is with its rows.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::edit::ChangeKind;
use super::view::CollectionStatus;
use crate::core::id::RequestId;
use crate::core::message::StreamPosition;
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// Changes kept while rows are loaded. With more of them, the rows are loaded again.
const MAX_RECEIVED: usize = 4_096;

/// How far a collection is with its rows.
#[derive(Debug)]
pub(super) enum Phase<P> {
    /// Its channel is not joined.
    Waiting,
    /// They are being loaded.
    Loading(Loading<P>),
    /// They are there.
    Live,
}

/// A load under way.
#[derive(Debug)]
pub(super) struct Loading<P> {
    pub(super) reason: LoadReason,
    /// The last message before the received changes.
    pub(super) began: Option<StreamPosition>,
    /// The changes since then; `None` if they were too many.
    pub(super) received: Option<Vec<ReceivedChange<P>>>,
    /// How many of these were received before the last request: rows without a position include them,
    /// or the server lost them.
    pub(super) before: usize,
    /// Whether the channel left the joined state since the request.
    pub(super) interrupted: bool,
    pub(super) progress: LoadProgress<P>,
}

/// Why rows are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoadReason {
    /// There are none yet.
    First,
    /// The server may have lost some, and may have taken them again under other keys.
    Loss,
    /// They may be incomplete.
    Again,
    /// Nobody needs to know: what shows is right, unless another function loads other rows.
    Check,
}

#[derive(Debug, Clone)]
pub(super) struct ReceivedChange<P> {
    pub(super) place: Option<StreamPosition>,
    pub(super) kind: ChangeKind,
    pub(super) key: Rc<str>,
    pub(super) row: Option<P>,
}

#[derive(Debug)]
pub(super) enum LoadProgress<P> {
    /// The rows are requested.
    Requested(RequestId),
    /// They are requested again then.
    RetryAt(Instant),
    /// They were received while an insert waits for its key: its row may be among these, and would show
    /// twice. A response of the app is awaited until then, or no longer.
    Received(Vec<(Rc<str>, P)>, Option<StreamPosition>, Option<Instant>),
}

impl<P> Phase<P> {
    pub(super) const fn status(&self) -> CollectionStatus {
        match self {
            Self::Live | Self::Loading(Loading { reason: LoadReason::Check, .. }) => {
                CollectionStatus::Live
            }
            Self::Waiting | Self::Loading(_) => CollectionStatus::Loading,
        }
    }

    /// Why rows are loaded, or will be.
    pub(super) const fn reason(&self) -> Option<LoadReason> {
        match self {
            Self::Waiting => Some(LoadReason::First),
            Self::Loading(loading) => Some(loading.reason),
            Self::Live => None,
        }
    }

    /// Whether there are rows, though they may be loaded again.
    pub(super) const fn has_rows(&self) -> bool {
        !matches!(self.reason(), Some(LoadReason::First))
    }

    /// Whether the message of this number, though past, is not among the rows before they are
    /// loaded.
    pub(super) fn awaits(&self, seq: u64) -> bool {
        match self {
            Self::Waiting => true,
            Self::Loading(Loading { reason, began, .. }) => {
                *reason == LoadReason::First || began.as_ref().is_none_or(|began| seq <= began.seq)
            }
            Self::Live => false,
        }
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Loading(Loading { progress: LoadProgress::RetryAt(at), .. }) => Some(*at),
            Self::Loading(Loading { progress: LoadProgress::Received(_, _, until), .. }) => *until,
            _ => None,
        }
    }

    /// Time in which the page slept is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        if let Self::Loading(Loading {
            progress: LoadProgress::Received(_, _, Some(until)), ..
        }) = self
        {
            *until = *until + slept_ms;
        }
    }
}

impl<P: Payload> Loading<P> {
    /// Whether the rows of before are shown with every change, not only with those of rows that are
    /// known. A new row may be one of before whose insert the server lost, and took again.
    pub(super) const fn shows_all(&self) -> bool {
        matches!(self.reason, LoadReason::Again | LoadReason::Check)
    }

    /// Keeps a change for the rows to come.
    pub(super) fn record(
        &mut self,
        place: Option<&StreamPosition>,
        kind: ChangeKind,
        key: &Rc<str>,
        row: Option<&P>,
    ) {
        let (place, key, row) = (place.cloned(), key.clone(), row.cloned());
        self.received = self.received.take().filter(|received| received.len() < MAX_RECEIVED);
        if let Some(received) = &mut self.received {
            received.push(ReceivedChange { place, kind, key, row });
        }
    }

    /// Whether rows without a position may be newer than changes received since the request, and
    /// lack them because the server lost them.
    pub(super) fn is_inconsistent(&self) -> bool {
        let received = self.received.as_ref().map_or(0, Vec::len);
        self.interrupted && received > self.before
    }
}
