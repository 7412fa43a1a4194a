//! Views of a collection, and when they are emitted.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::ChangeKind;
use crate::core::error::Error;
use crate::core::id::MutationId;
use crate::core::named::named;
use crate::core::time::Instant;

/// Everything a collection shows.
#[derive(Debug, Clone)]
pub struct View<P> {
    /// The rows, in their order.
    pub rows: Vec<ViewRow<P>>,
    /// The changes that are not settled, in the order they were made.
    pub pending: Vec<PendingChange>,
    /// Whether the rows are all there.
    pub status: CollectionStatus,
    /// What went wrong since the last good load.
    pub error: Option<Error>,
}

/// A row and its key.
#[derive(Debug, Clone)]
pub struct ViewRow<P> {
    /// The key.
    pub key: Rc<str>,
    /// The row: the identical value for as long as it is equal.
    pub row: P,
}

/// A change that is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChange {
    /// The change.
    pub mutation: MutationId,
    /// The key of its row.
    pub key: Rc<str>,
    /// Its kind.
    pub kind: ChangeKind,
}

named! {
    /// Whether a collection's rows are all there.
    pub enum CollectionStatus {
        /// they are being loaded, for the first time or again; those of before stay shown
        Loading = "loading",
        /// they are, and every change arrives
        Live = "live",
    }
}

/// When the next View is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Never,
    /// The app changed something.
    Now,
    /// The server changed something.
    At(Instant),
}

/// Batches changes of the server: the first is emitted at once, the rest when the window ends.
#[derive(Debug)]
pub(super) struct Window {
    due: Due,
    ends: Option<Instant>,
}

impl Window {
    pub(super) const fn new() -> Self {
        Self { due: Due::Never, ends: None }
    }

    /// The app changed something, or its change failed: that is shown at once, and opens no
    /// window (which is why this is no `Throttle`).
    pub(super) const fn at_once(&mut self) {
        self.due = Due::Now;
    }

    /// The server changed something.
    pub(super) fn changed(&mut self, now: Instant) {
        if self.due == Due::Never {
            self.due = Due::At(self.ends.map_or(now, |ends| ends.max(now)));
        }
    }

    /// When a View is due.
    pub(super) const fn deadline(&self) -> Option<Instant> {
        match self.due {
            Due::At(at) => Some(at),
            Due::Never | Due::Now => None,
        }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        match self.due {
            Due::Never => false,
            Due::Now => true,
            Due::At(at) => now >= at,
        }
    }

    /// The due view was emitted. Changes of the server are batched from now on.
    pub(super) fn emitted(&mut self, now: Instant, batch_ms: u64) {
        if self.due != Due::Now {
            self.ends = Some(now + batch_ms);
        }
        self.unchanged();
    }

    /// The due view is the same as the last one: it is not emitted.
    pub(super) const fn unchanged(&mut self) {
        self.due = Due::Never;
    }
}
