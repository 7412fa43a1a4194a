//! The server's rows as this client knows them: loads, messages and own changes put together.

#[cfg(test)]
mod tests;

use alloc::rc::Rc;

use super::change_message::ChangeMessage;
use super::collection_env::CollectionEnv;
use super::loader::{Loader, ShownChanges};
use super::loading::{KeyedRows, LoadReason, LoadedRows, ReceivedChange};
use super::mutation::Mutation;
use super::own_changes::OwnChanges;
use super::recent_mutations::EchoDelivery;
use super::recognizer::{Origin, Recognizer};
use super::rows::{LateMessages, OptimisticRows};
use super::stage::Stage;
use super::{ChangeKind, Step};
use crate::core::error::{Cause, Code};
use crate::core::id::RequestId;
use crate::core::message::StreamPosition;
use crate::core::payload::Payload;
use crate::core::time::{Instant, earliest};

/// A replica of the server's rows: what a load gave, with the messages of the channel applied in
/// their order, and the own changes over it.
#[derive(Debug)]
pub(super) struct Replica<P> {
    pub(super) loader: Loader<P>,
    pub(super) own: OwnChanges<P>,
}

impl<P> Default for Replica<P> {
    fn default() -> Self {
        Self { loader: Loader::default(), own: OwnChanges::default() }
    }
}

impl<P: Payload> Replica<P> {
    // ----- the channel -----

    /// Begins with the rows if the channel was not joined yet, its position being `position`.
    pub(super) fn ready(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        position: Option<StreamPosition>,
    ) {
        if self.loader.joined() {
            self.set_position(position);
            self.commit_unloadable(env);
            self.loader.start(env, LoadReason::First);
        }
    }

    /// Loads again: messages of the channel were or may have been lost, and its position is `position`.
    pub(super) fn gap(&mut self, env: &mut CollectionEnv<'_, P>, position: Option<StreamPosition>) {
        let reason = self.loader.reason_after_gap(position.as_ref());
        self.set_position(position);
        self.own.rows.recent.set_delivery(EchoDelivery::Expected);
        self.commit_unloadable(env);
        self.own.rows.recent.lose_echoes();
        self.loader.start(env, reason);
    }

    fn set_position(&mut self, position: Option<StreamPosition>) {
        if self.loader.set_position(position) {
            self.own.rows.mutations.forget_positions();
        }
    }

    /// Commits all accepted changes where the app cannot load: their echoes may be lost, and
    /// nothing else will bring them.
    fn commit_unloadable(&mut self, env: &mut CollectionEnv<'_, P>) {
        while let Some(at) = self.own.rows.mutations.position(&Mutation::is_settled) {
            if env.options.loads {
                return;
            }
            self.own.commit(env, self.loader.loads(), at);
        }
    }

    /// Applies a message of the channel, which may have no change.
    pub(super) fn receive(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        position: Option<StreamPosition>,
        message: Option<ChangeMessage<P>>,
    ) {
        if let Some(message) = message {
            self.apply_message(env, position.as_ref(), message);
        }
        if position.is_some() {
            self.set_position(position);
        }
    }

    fn apply_message(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        position: Option<&StreamPosition>,
        message: ChangeMessage<P>,
    ) {
        let OptimisticRows { table, mutations, recent } = &mut self.own.rows;
        let mut recognizer = Recognizer { options: env.options, table, mutations, recent };
        let origin = recognizer.recognize(env.now(), &message);
        if origin.is_own() {
            recent.set_delivery(EchoDelivery::Expected);
        }
        let rows = &self.own.rows;
        let own = origin.pending().and_then(|at| rows.mutations.get(at));
        let former = match &origin {
            Origin::Settled(key, kind) => Some((key.clone(), *kind)),
            _ => own.map(|own| (own.key.clone(), own.kind())),
        };
        let ChangeMessage { kind, key, row, .. } = message;
        let Some(key) = key.or_else(|| former.as_ref().map(|(key, _)| key.clone())) else {
            if let Some(fault) = env.options.key.fault_in(row.as_ref()) {
                env.viewers.emit(Step::Invalid(fault));
            }
            return;
        };
        // Where the message has no row, the change was applied as requested.
        let row = row.or_else(|| own?.apply_to(rows.newest(&key)));
        let is_known = rows.table.server(&key).is_some();
        let is_included = position.is_some_and(|position| self.loader.includes(position));
        match &former {
            Some((former, ChangeKind::Insert)) => self.own.rows.rename_key(former, &key),
            // What is put in or removed may be a former row of this key: in doubt the rows are loaded
            // again.
            None if !is_included && (position.is_none() || kind == ChangeKind::Update) => {
                self.commit_missed_insert(env, &key);
            }
            _ => {}
        }
        let is_settled = matches!(origin, Origin::Settled(..));
        let row = if is_settled { self.own.rows.not_overtaken(&key, row) } else { row };
        let row = if kind == ChangeKind::Remove { None } else { row };
        if !is_included && (kind == ChangeKind::Remove || row.is_some()) {
            let (position, key) = (position.cloned(), key.clone());
            let change = ReceivedChange { position, kind, key, row };
            self.apply_or_record(env, change, &origin);
        } else if !is_known {
            // What was put under a temporary key was no row of the server.
            self.own.rows.table.put(&key, None);
        }
        self.end_own(env, &origin, &key);
    }

    /// Ends the own change that a message is of, or notes that somebody else changed its row.
    fn end_own(&mut self, env: &mut CollectionEnv<'_, P>, origin: &Origin, key: &Rc<str>) {
        if let Origin::Equal(at) = *origin
            && let Some(Mutation { stage: Stage::Sent(sent), .. }) =
                self.own.rows.mutations.get_mut(at)
        {
            // The response is pending and may reject it: then this was somebody else's.
            sent.observed = true;
            self.own.rows.table.mark_dirty(key);
            return env.changed();
        }
        match *origin {
            Origin::Named(at) | Origin::Equal(at) => self.own.include(env, self.loader.loads(), at),
            Origin::Settled(..) | Origin::Foreign => {
                let OptimisticRows { table, mutations, .. } = &mut self.own.rows;
                let (now, deadline) = (env.now(), env.deadline());
                let progress = self.loader.progress();
                mutations.mark_maybe_applied(key, table.server(key), progress, now, deadline);
                self.own.continue_row(env, progress.loads, key);
            }
        }
    }

    /// Commits the own insert that comes before somebody else's change of its row: its echo was
    /// lost or not recognised.
    fn commit_missed_insert(&mut self, env: &mut CollectionEnv<'_, P>, key: &str) {
        if self.loader.progress().is_live()
            && let Some(at) = self.own.rows.missed_insert(key)
        {
            self.own.commit(env, self.loader.loads(), at);
        }
    }

    /// Applies a change to the rows that show, and keeps it for those being loaded.
    fn apply_or_record(
        &mut self,
        env: &CollectionEnv<'_, P>,
        change: ReceivedChange<P>,
        origin: &Origin,
    ) {
        let is_known = origin.is_own() || self.own.rows.table.server(&change.key).is_some();
        let shows = match self.loader.record(&change) {
            ShownChanges::All => true,
            ShownChanges::OfKnownRows => is_known,
            ShownChanges::NotOwn => is_known || !self.may_be_own(&change),
        };
        if shows {
            self.apply(env, change);
        }
    }

    /// Whether this is a change of a row whose insert was missed, and may be this client's own: the
    /// load decides.
    fn may_be_own(&self, change: &ReceivedChange<P>) -> bool {
        self.own.rows.may_be_own_insert(change.kind, &change.key)
    }

    /// Applies a change to the rows that show.
    fn apply(&mut self, env: &CollectionEnv<'_, P>, change: ReceivedChange<P>) {
        let ReceivedChange { kind, key, row, .. } = change;
        self.own.rows.apply(env.options.limit, kind, &key, row);
        self.own.rows.trim(env.options.limit);
    }

    // ----- loads -----

    /// The app's load failed. Returns whether the request was pending.
    pub(super) fn load_failed(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        request: RequestId,
        cause: Cause,
    ) -> bool {
        if !self.loader.is_requested(request) {
            return false;
        }
        env.fail(Code::LoadFailed, cause);
        if let Some(received) = self.loader.failed(env) {
            for change in received {
                let is_known = self.own.rows.table.server(&change.key).is_some();
                if is_known || !self.may_be_own(&change) {
                    self.apply(env, change);
                }
            }
        }
        true
    }

    /// Takes the rows of a load with their keys.
    pub(super) fn rows_loaded(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        request: RequestId,
        rows: KeyedRows<P>,
        position: Option<StreamPosition>,
    ) {
        self.loader.receive(env, request, rows, position);
        self.catch_up(env);
    }

    /// Takes loaded rows that waited, if nothing needs it any more.
    fn catch_up(&mut self, env: &mut CollectionEnv<'_, P>) {
        let mutations = &self.own.rows.mutations;
        let awaits_key = |awaits, inserts| mutations.awaits_key(awaits, inserts);
        let Some(loaded) = self.loader.complete(env.now(), awaits_key) else { return };
        let LoadedRows { reason, rows, position, received } = loaded;
        let (loader, progress) = (&self.loader, self.loader.progress());
        let is_later = |change: &ReceivedChange<P>| {
            !change.position.as_ref().is_some_and(|position| loader.includes(position))
        };
        for own in self.own.rows.replace(env.options, rows, received, is_later) {
            self.own.included(env, progress.loads, &own);
        }
        self.own.rows.trim(env.options.limit);
        if position.is_some() {
            self.own.rows.mutations.drop_accepted_at(env.deadline());
        } else {
            let continues = matches!(reason, LoadReason::Again | LoadReason::Check);
            let late = if continues { LateMessages::Possible } else { LateMessages::Impossible };
            self.own.rows.drop_included(progress.loads, env.deadline(), late);
        }
        env.changed();
        if self.own.rows.is_ambiguous(progress) {
            self.loader.start(env, LoadReason::Again);
        }
        self.own.send_next_all(env, self.loader.loads());
    }

    /// Forgets the rows: another user signed in.
    pub(super) fn reset(&mut self) {
        self.loader.reset();
        self.own.rows.reset();
        self.own.decisions.clear();
    }

    // ----- time -----

    /// Requests rows again where that is due, and fails what waited too long.
    pub(super) fn handle_timeout(&mut self, env: &mut CollectionEnv<'_, P>) {
        self.loader.handle_timeout(env);
        self.own.expire(env, self.loader.loads());
    }

    /// Does what has become possible: accepted changes are reconciled, and loaded rows taken.
    pub(super) fn advance(&mut self, env: &mut CollectionEnv<'_, P>) {
        self.own.reconcile(env, &mut self.loader);
        self.catch_up(env);
    }

    /// When [`Replica::handle_timeout`] or [`Replica::advance`] has something to do.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let changes = self.own.rows.mutations.poll_timeout(self.loader.progress());
        earliest(self.loader.poll_timeout(), changes)
    }

    /// Adds the time in which the page slept, which is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        self.loader.extend_deadlines(slept_ms);
        self.own.rows.mutations.extend_deadlines(slept_ms);
    }
}
