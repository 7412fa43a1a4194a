//! One load under way: the changes received since it began, and the state of its request.

#[cfg(test)]
mod tests;

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::edit::ChangeKind;
use super::mutations::{Awaits, Inserts};
use crate::core::id::RequestId;
use crate::core::message::StreamPosition;
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// Changes kept while rows are loaded. With more of them, the rows are loaded again.
const MAX_RECEIVED: usize = 4_096;

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

/// A change that was received while rows are loaded.
#[derive(Debug, Clone)]
pub(super) struct ReceivedChange<P> {
    pub(super) position: Option<StreamPosition>,
    pub(super) kind: ChangeKind,
    pub(super) key: Rc<str>,
    pub(super) row: Option<P>,
}

/// The rows of a load, with their keys, in their order.
pub(super) type KeyedRows<P> = Vec<(Rc<str>, P)>;

/// What follows from the rows of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowsCheck {
    /// They are taken as soon as no insert waits for its key.
    Usable,
    /// Changes between them and the first received one are missing: they are requested again
    /// later.
    Incomplete,
    /// They may be newer than changes that the server lost: they are requested again now.
    Inconsistent,
}

/// A load that is over.
#[derive(Debug)]
pub(super) struct LoadedRows<P> {
    pub(super) reason: LoadReason,
    pub(super) rows: KeyedRows<P>,
    /// The last message that the rows include.
    pub(super) position: Option<StreamPosition>,
    /// The changes received meanwhile, those of the rows included.
    pub(super) received: Vec<ReceivedChange<P>>,
}

/// How far the request of a load is.
#[derive(Debug)]
enum LoadProgress<P> {
    /// The rows are requested.
    Requested(RequestId),
    /// The rows are requested again then.
    RetryAt(Instant),
    /// The rows were received while an insert waits for its key: its row may be among these, and would show
    /// twice. A response of the app is awaited until then, or no longer.
    Received(KeyedRows<P>, Option<StreamPosition>, Option<Instant>),
}

/// A load under way.
#[derive(Debug)]
pub(super) struct Loading<P> {
    reason: LoadReason,
    /// The last message before the received changes.
    began: Option<StreamPosition>,
    /// The changes since then; `None` if they were too many.
    received: Option<Vec<ReceivedChange<P>>>,
    /// How many of these were received before the last request: rows without a position include them,
    /// or the server lost them.
    before: usize,
    /// Whether the channel left the joined state since the request.
    interrupted: bool,
    progress: LoadProgress<P>,
}

impl<P: Payload> Loading<P> {
    /// A load whose rows were just requested, at this position of the channel.
    pub(super) const fn new(
        reason: LoadReason,
        began: Option<StreamPosition>,
        request: RequestId,
    ) -> Self {
        Self {
            reason,
            began,
            received: Some(Vec::new()),
            before: 0,
            interrupted: false,
            progress: LoadProgress::Requested(request),
        }
    }

    /// Why the rows are loaded.
    pub(super) const fn reason(&self) -> LoadReason {
        self.reason
    }

    /// The last message before the changes that are kept for the rows.
    pub(super) const fn began(&self) -> Option<&StreamPosition> {
        self.began.as_ref()
    }

    /// Notes that the channel is not joined any more.
    pub(super) const fn interrupted(&mut self) {
        self.interrupted = true;
    }

    /// Notes that the channel is joined again, and nothing was lost.
    pub(super) const fn resumed(&mut self) {
        self.interrupted = false;
    }

    /// Whether the rows of before are shown with every change, not only with those of rows that are
    /// known. A new row may be one of before whose insert the server lost, and took again.
    pub(super) const fn shows_all(&self) -> bool {
        matches!(self.reason, LoadReason::Again | LoadReason::Check)
    }

    /// Keeps a change for the rows to come.
    #[inline(always)]
    pub(super) fn record(&mut self, change: ReceivedChange<P>) {
        self.received = self.received.take().filter(|received| received.len() < MAX_RECEIVED);
        if let Some(received) = &mut self.received {
            received.push(change);
        }
    }

    /// Whether the response to this request is pending.
    pub(super) fn is_requested(&self, request: RequestId) -> bool {
        matches!(self.progress, LoadProgress::Requested(pending) if pending == request)
    }

    /// Whether the rows are to be requested again later.
    pub(super) const fn waits_to_retry(&self) -> bool {
        matches!(self.progress, LoadProgress::RetryAt(_))
    }

    /// Whether it is time to request the rows again.
    pub(super) fn is_retry_due(&self, now: Instant) -> bool {
        matches!(self.progress, LoadProgress::RetryAt(at) if now >= at)
    }

    /// Waits with the next request until then.
    pub(super) fn retry_at(&mut self, at: Instant) {
        self.progress = LoadProgress::RetryAt(at);
    }

    /// Notes that the rows were requested again, at this position of the channel.
    #[inline(always)]
    pub(super) fn requested_again(
        &mut self,
        request: RequestId,
        position: Option<&StreamPosition>,
    ) {
        self.progress = LoadProgress::Requested(request);
        if self.received.is_none() {
            self.received = Some(Vec::new());
            self.began = position.cloned();
        }
        self.before = self.received.as_ref().map_or(0, Vec::len);
        self.interrupted = false;
    }

    /// Ends the wait for rows before new ones show, and returns the new rows so far: after a
    /// failure the load may take long. `None` if they show already.
    #[inline(always)]
    pub(super) fn show_received(&mut self) -> Option<Vec<ReceivedChange<P>>> {
        if self.reason != LoadReason::Loss {
            return None;
        }
        self.reason = LoadReason::Again;
        Some(self.received.clone().unwrap_or_default())
    }

    /// Takes the rows of the load, `position` being the last message that they include. An insert
    /// that the app stores is waited for until `until`.
    #[inline(always)]
    pub(super) fn receive(
        &mut self,
        rows: KeyedRows<P>,
        position: Option<StreamPosition>,
        until: Instant,
    ) -> RowsCheck {
        let is_before = |position: &StreamPosition, began: &StreamPosition| {
            position.epoch == began.epoch && position.seq < began.seq
        };
        let lacks = position
            .as_ref()
            .zip(self.began.as_ref())
            .is_some_and(|(at, began)| is_before(at, began));
        let Some(received) = self.received.as_ref().filter(|_| !lacks) else {
            return RowsCheck::Incomplete;
        };
        if position.is_none() && self.interrupted && received.len() > self.before {
            return RowsCheck::Inconsistent;
        }
        self.progress = LoadProgress::Received(rows, position, Some(until));
        RowsCheck::Usable
    }

    /// The rows if they were received and nothing is awaited any more, `seq` being the channel's
    /// position and `loads` the load requests so far. `awaits_key` is whether the key of such an
    /// insert is awaited.
    #[inline(always)]
    pub(super) fn complete(
        &mut self,
        now: Instant,
        seq: Option<u64>,
        loads: u32,
        awaits_key: impl FnOnce(Awaits, Inserts) -> bool,
    ) -> Option<LoadedRows<P>> {
        let LoadProgress::Received(rows, position, until) = &mut self.progress else {
            return None;
        };
        until.take_if(|until| now >= *until);
        let inserts = if until.is_some() { Inserts::All } else { Inserts::OfChannel };
        let awaits = match position {
            Some(position) if seq.is_none_or(|seq| seq >= position.seq) => {
                Awaits::ReplyTo { loads }
            }
            Some(_) => Awaits::Message,
            None => Awaits::Reply,
        };
        if awaits_key(awaits, inserts) {
            return None;
        }
        let mut received = self.received.take().unwrap_or_default();
        if position.is_none() {
            received.drain(..self.before.min(received.len()));
        }
        let (reason, rows) = (self.reason, core::mem::take(rows));
        Some(LoadedRows { reason, rows, position: position.take(), received })
    }

    /// When the rows are requested again, or no response of the app is awaited any more.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        match self.progress {
            LoadProgress::Requested(_) => None,
            LoadProgress::RetryAt(at) => Some(at),
            LoadProgress::Received(_, _, until) => until,
        }
    }

    /// Adds the time in which the page slept, which is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        if let LoadProgress::Received(_, _, Some(until)) = &mut self.progress {
            *until = *until + slept_ms;
        }
    }
}
