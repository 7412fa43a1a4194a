//! When rows are loaded, and how far the server's rows are known.

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use super::AppRequest;
use super::collection_env::CollectionEnv;
use super::loading::{KeyedRows, LoadReason, LoadedRows, Loading, ReceivedChange, RowsCheck};
use super::mutations::{Awaits, Inserts};
use super::rows_progress::{Awaited, RowsProgress};
use super::view::CollectionStatus;
use crate::core::backoff::Backoff;
use crate::core::id::RequestId;
use crate::core::message::StreamPosition;
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// How far a collection is with its rows.
#[derive(Debug)]
enum Phase<P> {
    /// Its channel is not joined.
    Waiting,
    /// They are being loaded.
    Loading(Loading<P>),
    /// They are there.
    Live,
}

/// Which changes show before the rows are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShownChanges {
    /// All of them.
    All,
    /// Those of known rows, and of new rows that cannot be this client's own.
    NotOwn,
    /// Those of known rows.
    OfKnownRows,
}

/// Decides when the app is requested to load, and when the rows are complete.
#[derive(Debug)]
pub(super) struct Loader<P> {
    phase: Phase<P>,
    backoff: Backoff,
    /// Load requests so far.
    loads: u32,
    /// The last message of the channel that was applied.
    position: Option<StreamPosition>,
    /// The last message that the load included.
    floor: Option<StreamPosition>,
}

impl<P> Default for Loader<P> {
    fn default() -> Self {
        let (backoff, phase) = (Backoff::default(), Phase::Waiting);
        Self { phase, backoff, loads: 0, position: None, floor: None }
    }
}

impl<P: Payload> Loader<P> {
    // ----- views -----

    /// Whether the rows are all there.
    pub(super) const fn status(&self) -> CollectionStatus {
        match self.reason() {
            None | Some(LoadReason::Check) => CollectionStatus::Live,
            Some(_) => CollectionStatus::Loading,
        }
    }

    /// Whether there are rows, though they may be loaded again.
    pub(super) const fn has_rows(&self) -> bool {
        !matches!(self.reason(), Some(LoadReason::First))
    }

    /// Whether messages of the channel have positions.
    pub(super) const fn is_counted(&self) -> bool {
        self.position.is_some()
    }

    /// Load requests so far.
    pub(super) const fn loads(&self) -> u32 {
        self.loads
    }

    /// How far the server's rows are known.
    pub(super) fn progress(&self) -> RowsProgress {
        let awaited = match &self.phase {
            Phase::Live => Awaited::Nothing,
            Phase::Waiting => Awaited::Everything,
            Phase::Loading(loading) => match loading.began() {
                Some(began) if loading.reason() != LoadReason::First => Awaited::UpTo(began.seq),
                _ => Awaited::Everything,
            },
        };
        let reached = self.position.as_ref().map(|position| {
            let floor = self.floor.as_ref().filter(|floor| floor.epoch == position.epoch);
            position.seq.max(floor.map_or(0, |floor| floor.seq))
        });
        RowsProgress { loads: self.loads, reached, awaited }
    }

    /// Whether a message is included in the rows that were loaded.
    pub(super) fn includes(&self, position: &StreamPosition) -> bool {
        let floor = self.floor.as_ref();
        floor.is_some_and(|floor| floor.epoch == position.epoch && floor.seq >= position.seq)
    }

    /// Why rows are loaded, or will be.
    const fn reason(&self) -> Option<LoadReason> {
        match &self.phase {
            Phase::Waiting => Some(LoadReason::First),
            Phase::Loading(loading) => Some(loading.reason()),
            Phase::Live => None,
        }
    }

    // ----- the channel -----

    /// Notes that the channel is not joined any more.
    pub(super) const fn interrupted(&mut self) {
        if let Phase::Loading(loading) = &mut self.phase {
            loading.interrupted();
        }
    }

    /// Notes that the channel is joined, and nothing was lost. Returns whether the rows are to be
    /// loaded for the first time.
    pub(super) const fn joined(&mut self) -> bool {
        if let Phase::Loading(loading) = &mut self.phase {
            loading.resumed();
        }
        matches!(self.phase, Phase::Waiting)
    }

    /// Why the rows are to be loaded after messages were lost, or may have been, the channel's
    /// position being `position` now.
    pub(super) fn reason_after_gap(&self, position: Option<&StreamPosition>) -> LoadReason {
        let may_have_lost = self
            .position
            .as_ref()
            .zip(position)
            .is_none_or(|(before, now)| before.epoch != now.epoch);
        match self.reason() {
            Some(reason @ (LoadReason::First | LoadReason::Loss)) => reason,
            _ if may_have_lost => LoadReason::Loss,
            _ => LoadReason::Again,
        }
    }

    /// Sets the last message of the channel that was applied. Returns whether the positions of
    /// before mean nothing any more.
    pub(super) fn set_position(&mut self, position: Option<StreamPosition>) -> bool {
        let before = self.position.as_ref().map(|before| &before.epoch);
        let is_other =
            before.is_some() && before != position.as_ref().map(|position| &position.epoch);
        if is_other {
            self.floor = None;
        }
        self.position = position;
        is_other
    }

    /// Keeps a change for rows that are being loaded. Returns which changes show meanwhile.
    #[inline(always)]
    pub(super) fn record(&mut self, change: &ReceivedChange<P>) -> ShownChanges {
        match &mut self.phase {
            Phase::Live => ShownChanges::All,
            Phase::Waiting => ShownChanges::OfKnownRows,
            Phase::Loading(loading) => {
                loading.record(change.clone());
                let shows_all = loading.shows_all();
                if shows_all { ShownChanges::NotOwn } else { ShownChanges::OfKnownRows }
            }
        }
    }

    // ----- the app -----

    /// Requests the rows.
    pub(super) fn start(&mut self, env: &mut CollectionEnv<'_, P>, reason: LoadReason) {
        env.changed();
        self.phase = if env.options.loads {
            let request = self.request_rows(env);
            Phase::Loading(Loading::new(reason, self.position.clone(), request))
        } else {
            Phase::Live
        };
    }

    /// Requests the rows again, for the app.
    pub(super) fn reload(&mut self, env: &mut CollectionEnv<'_, P>) {
        match self.reason() {
            _ if matches!(self.phase, Phase::Waiting) => {}
            None | Some(LoadReason::Check) => self.start(env, LoadReason::Again),
            Some(reason) => self.start(env, reason),
        }
    }

    /// Requests again what is shown, which is taken for right meanwhile.
    pub(super) fn check(&mut self, env: &mut CollectionEnv<'_, P>) {
        let loss = self.reason().filter(|reason| *reason == LoadReason::Loss);
        self.start(env, loss.unwrap_or(LoadReason::Check));
    }

    /// Requests the rows again after an insert without a key was sent again. Rows requested before
    /// that may hold what the server made of it the first time, and lost since: another row.
    pub(super) fn insert_resent(&mut self, env: &mut CollectionEnv<'_, P>) {
        if let Phase::Loading(loading) = &self.phase
            && !loading.waits_to_retry()
        {
            self.start(env, loading.reason());
        }
    }

    fn request_rows(&mut self, env: &mut CollectionEnv<'_, P>) -> RequestId {
        self.loads = self.loads.wrapping_add(1);
        env.viewers.request(AppRequest::Load)
    }

    fn request_again(&mut self, env: &mut CollectionEnv<'_, P>) {
        let request = self.request_rows(env);
        if let Phase::Loading(loading) = &mut self.phase {
            loading.requested_again(request, self.position.as_ref());
        }
    }

    fn retry_later(&mut self, env: &mut CollectionEnv<'_, P>) {
        let at = self.backoff.fail(env.client, None);
        if let Phase::Loading(loading) = &mut self.phase {
            loading.retry_at(at);
        }
    }

    /// Requests the rows again if that is due.
    pub(super) fn handle_timeout(&mut self, env: &mut CollectionEnv<'_, P>) {
        if matches!(&self.phase, Phase::Loading(loading) if loading.is_retry_due(env.now())) {
            self.request_again(env);
        }
    }

    /// Whether the response to this request is pending.
    pub(super) fn is_requested(&self, request: RequestId) -> bool {
        matches!(&self.phase, Phase::Loading(loading) if loading.is_requested(request))
    }

    /// Notes that the pending request failed: it is sent again later. Returns the new rows that
    /// were withheld until a load, which may take long now; `None` if none were.
    #[inline(always)]
    pub(super) fn failed(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
    ) -> Option<Vec<ReceivedChange<P>>> {
        self.retry_later(env);
        let Phase::Loading(loading) = &mut self.phase else { return None };
        loading.show_received()
    }

    /// Takes the rows of a load with their keys, `position` being the last message that they
    /// include.
    #[inline(always)]
    pub(super) fn receive(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        request: RequestId,
        rows: KeyedRows<P>,
        position: Option<StreamPosition>,
    ) {
        let Phase::Loading(loading) = &mut self.phase else { return };
        if !loading.is_requested(request) {
            return;
        }
        // A position in another log than the channel's is ignored.
        let here = self.position.as_ref();
        let is_here =
            |position: &StreamPosition| here.is_some_and(|here| here.epoch == position.epoch);
        match loading.receive(rows, position.filter(is_here), env.deadline()) {
            RowsCheck::Usable => {}
            RowsCheck::Incomplete => self.retry_later(env),
            RowsCheck::Inconsistent => self.request_again(env),
        }
    }

    /// Ends the load if its rows were received and nothing is awaited any more. `awaits_key` is
    /// whether the key of such an insert is awaited.
    #[inline(always)]
    pub(super) fn complete(
        &mut self,
        now: Instant,
        awaits_key: impl FnOnce(Awaits, Inserts) -> bool,
    ) -> Option<LoadedRows<P>> {
        let Phase::Loading(loading) = &mut self.phase else { return None };
        let seq = self.position.as_ref().map(|position| position.seq);
        let loaded = loading.complete(now, seq, self.loads, awaits_key)?;
        self.phase = Phase::Live;
        self.floor.clone_from(&loaded.position);
        self.backoff.reset();
        Some(loaded)
    }

    /// Forgets the rows: another user signed in.
    pub(super) fn reset(&mut self) {
        (self.position, self.floor) = (None, None);
        self.phase = Phase::Waiting;
        self.backoff.reset();
    }

    // ----- time -----

    /// When [`Loader::handle_timeout`] or [`Loader::complete`] has something to do.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Loading(loading) => loading.poll_timeout(),
            Phase::Waiting | Phase::Live => None,
        }
    }

    /// Adds the time in which the page slept, which is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        if let Phase::Loading(loading) = &mut self.phase {
            loading.extend_deadlines(slept_ms);
        }
    }
}
