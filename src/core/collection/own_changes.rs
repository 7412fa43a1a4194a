//! The way of own changes: sent, answered, and reconciled with the server's rows.

#[cfg(test)]
mod tests;

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::acceptance::{Accept, Acceptance, Pending, Reply, reject};
use super::collection_env::CollectionEnv;
use super::decision::{Decisions, PendingDecision};
use super::loader::Loader;
use super::mutation::Mutation;
use super::recent_mutations::EchoDelivery;
use super::rows::OptimisticRows;
use super::send::{NextAction, message, next_action, row_to_send};
use super::stage::{Reconcile, Sent, Stage};
use super::{AppRequest, Change, ChangeKind, Edit, MutationProgress, Step};
use crate::core::error::{Code, Error};
use crate::core::id::MutationId;
use crate::core::payload::Payload;

/// The own changes over the server's rows, on their way to the server. Changes of one row are sent
/// one at a time. Whatever may send one is given the number of load requests so far, `loads`.
#[derive(Debug)]
pub(super) struct OwnChanges<P> {
    pub(super) rows: OptimisticRows<P>,
    pub(super) decisions: Decisions<P>,
}

impl<P> Default for OwnChanges<P> {
    fn default() -> Self {
        Self { rows: OptimisticRows::default(), decisions: Decisions::default() }
    }
}

impl<P: Payload> OwnChanges<P> {
    // ----- the app -----

    /// Applies a change optimistically. Failure is emitted as its progress.
    pub(super) fn mutate(&mut self, env: &mut CollectionEnv<'_, P>, loads: u32, edit: Edit<P>) {
        let Edit { mutation, id, change } = edit;
        let base_id: Rc<str> = id.into();
        let unsettled = self.rows.mutations.unsettled_len();
        let effect = if unsettled >= env.client.config.queue_max_messages {
            Err(Error::new(Code::QueueFull))
        } else {
            self.rows.effect(env.options, &base_id, change)
        };
        match effect {
            Err(error) => env.emit_failure(mutation, error),
            Ok((key, effect)) => {
                self.rows.add(Mutation::new(mutation, base_id, key.clone(), effect));
                env.display.at_once();
                self.send_next(env, loads, &key);
            }
        }
    }

    /// A change was handed to a socket whose server will answer.
    pub(super) fn transmitted(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        loader: &mut Loader<P>,
        id: MutationId,
    ) {
        env.emit_progress(id, MutationProgress::Sent);
        let Some(at) = self.rows.mutations.unsettled(id) else { return };
        let Some(mutation) = self.rows.mutations.get_mut(at) else { return };
        let has_no_key = mutation.is_insert_without_key();
        if let Stage::Sent(sent) = &mut mutation.stage
            && core::mem::replace(&mut sent.transmitted, true)
            && has_no_key
        {
            loader.insert_resent(env);
        }
    }

    /// A change was stored, or handed to a server that answers nothing.
    #[inline(always)]
    pub(super) fn accept(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        loader: &mut Loader<P>,
        id: MutationId,
        reply: Reply<P>,
    ) {
        let Some(at) = self.rows.mutations.unsettled(id) else { return };
        let (progress, echoes) = (loader.progress(), self.rows.recent.delivery());
        let (options, now, deadline) = (env.options, env.now(), env.deadline());
        let Some(mutation) = self.rows.mutations.get_mut(at) else { return };
        let confirmed = matches!(reply, Reply::Stored { .. });
        let acceptance = Acceptance { options, now, deadline, progress, echoes };
        let Accept::Pending(pending) = acceptance.accept(mutation, reply) else {
            return self.include(env, progress.loads, at);
        };
        let Pending { former, key, former_is_foreign, row, fields, load_may_include } = pending;
        if former_is_foreign {
            self.rows.separate_key(&former, &key);
        } else {
            self.rows.rename_key(&former, &key);
        }
        env.emit_progress(id, MutationProgress::Confirmed { row, confirmed });
        self.rows.advance(&key, fields.as_deref());
        self.rows.table.mark_dirty(&key);
        env.changed();
        if load_may_include && !progress.is_counted() && progress.is_live() {
            loader.reload(env);
        }
        self.send_next(env, loader.loads(), &key);
    }

    /// A change failed on its way, or the server rejected it.
    #[inline(always)]
    pub(super) fn reject(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        loads: u32,
        id: MutationId,
        error: Error,
    ) {
        let Some(at) = self.rows.mutations.unsettled(id) else { return };
        let Some(mutation) = self.rows.mutations.get_mut(at) else { return };
        let key = mutation.key.clone();
        if let Some(error) = reject(mutation, error, env.options.policy, env.deadline()) {
            self.fail(env, at, error);
        }
        self.send_next(env, loads, &key);
    }

    /// Takes a change back. What depended on it fails too; what came after it stays.
    fn fail(&mut self, env: &mut CollectionEnv<'_, P>, at: usize, error: Error) {
        let Some(failed) = self.rows.mutations.remove(at) else { return };
        env.emit_failure(failed.id, error);
        if failed.kind() == ChangeKind::Insert
            && (failed.is_observed() || self.rows.newest(&failed.key).is_none())
        {
            for dependent in self.rows.mutations.remove_dependents(&failed.key) {
                env.emit_failure(dependent, Error::new(Code::DependencyFailed));
            }
        }
        self.rows.table.mark_dirty(&failed.key);
        // The rollback shows at once with the failure.
        env.display.at_once();
    }

    /// Fails every unsettled change for which `which` holds.
    pub(super) fn fail_all(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        error: &Error,
        which: fn(&Mutation<P>) -> bool,
    ) {
        let fails = |mutation: &Mutation<P>| !mutation.is_settled() && which(mutation);
        while let Some(at) = self.rows.mutations.position(&fails) {
            let Some(failed) = self.rows.mutations.remove(at) else { return };
            env.emit_failure(failed.id, error.clone());
            self.rows.table.mark_dirty(&failed.key);
            env.display.at_once();
        }
    }

    /// Records the app's decision about a row; `None` if it failed.
    #[inline(always)]
    pub(super) fn decide(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        loads: u32,
        decision: PendingDecision<P>,
        row: Option<P>,
    ) {
        let PendingDecision { mutation, remote, .. } = decision;
        if let Some(key) = self.rows.mutations.resolve(mutation, remote, row) {
            self.rows.table.mark_dirty(&key);
            env.changed();
        }
        self.send_next_all(env, loads);
    }

    // ----- sending -----

    /// Sends the next change of this key if it may be sent.
    fn send_next(&mut self, env: &mut CollectionEnv<'_, P>, loads: u32, key: &str) {
        while let Some(at) = self.rows.mutations.first(key) {
            let newest = self.rows.newest(key);
            let (options, deadline) = (env.options, env.deadline());
            let Some(mutation) = self.rows.mutations.get_mut(at) else { return };
            let error = match next_action(options, mutation, newest.as_ref(), deadline) {
                NextAction::Wait => return,
                NextAction::Decide(undecided) => {
                    return self.decisions.request(env.viewers, undecided);
                }
                NextAction::Send(members) => {
                    let row = row_to_send(mutation, members);
                    match self.send(env, loads, at, newest, row) {
                        Ok(()) => return,
                        Err(error) => error,
                    }
                }
                NextAction::Fail(error) => error,
            };
            self.fail(env, at, error);
        }
    }

    /// Sends the next change of every key.
    pub(super) fn send_next_all(&mut self, env: &mut CollectionEnv<'_, P>, loads: u32) {
        let keys: Vec<_> = self.rows.mutations.iter().map(|own| own.key.clone()).collect();
        for key in keys {
            self.send_next(env, loads, &key);
        }
    }

    fn send(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        loads: u32,
        at: usize,
        base: Option<P>,
        row: Option<P>,
    ) -> Result<(), Error> {
        let Some(mutation) = self.rows.mutations.get_mut(at) else { return Ok(()) };
        let id = mutation.message_id();
        let request = if env.options.persists {
            let (kind, key) = (mutation.kind(), mutation.key.clone());
            let number = mutation.id;
            let change = Change { kind, key, row, number, mutation: id };
            Some(env.viewers.request(AppRequest::Persist(change)))
        } else {
            let (event, payload, bytes) = message(env.options, mutation, &id, base.as_ref(), row)?;
            let (mutation, channel) = (mutation.id, env.name.clone());
            env.viewers.emit(Step::Send { mutation, channel, id, event, payload, bytes });
            None
        };
        mutation.stage =
            Stage::Sent(Sent { request, transmitted: false, base, loads, observed: false });
        Ok(())
    }

    // ----- reconciliation with the server's rows -----

    /// The message of a change was applied: the server's row is what it made of it.
    pub(super) fn include(&mut self, env: &mut CollectionEnv<'_, P>, loads: u32, at: usize) {
        let Some(mutation) = self.rows.mutations.remove_included(at) else { return };
        if !mutation.is_settled() {
            let row = self.rows.table.server(&mutation.key).cloned();
            env.emit_progress(mutation.id, MutationProgress::Confirmed { row, confirmed: true });
        }
        self.included(env, loads, &mutation);
    }

    /// Continues the row of a change that is among the server's rows.
    pub(super) fn included(
        &mut self,
        env: &mut CollectionEnv<'_, P>,
        loads: u32,
        mutation: &Mutation<P>,
    ) {
        let fields = mutation.fields(env.options.version.as_ref());
        self.rows.advance(&mutation.key, fields.as_deref());
        self.continue_row(env, loads, &mutation.key);
    }

    /// Shows a row that the server changed, and sends the next change of it.
    pub(super) fn continue_row(&mut self, env: &mut CollectionEnv<'_, P>, loads: u32, key: &str) {
        self.rows.table.mark_dirty(key);
        env.changed();
        self.send_next(env, loads, key);
    }

    /// Commits an accepted change to the server's rows.
    pub(super) fn commit(&mut self, env: &mut CollectionEnv<'_, P>, loads: u32, at: usize) {
        if let Some(mutation) = self.rows.commit(env.options.limit, at, env.deadline()) {
            self.included(env, loads, &mutation);
        }
    }

    /// Commits accepted changes to the server's rows, or drops those that they include.
    pub(super) fn reconcile(&mut self, env: &mut CollectionEnv<'_, P>, loader: &mut Loader<P>) {
        loop {
            let progress = loader.progress();
            let due = self.rows.mutations.due(env.now(), progress);
            if due.is_some_and(|due| self.rows.needs_load(env.options, due, progress)) {
                self.rows.recent.set_delivery(EchoDelivery::Failed);
                loader.reload(env);
                continue;
            }
            let excess = || Some((self.rows.mutations.oldest_excess(progress)?, Reconcile::Commit));
            let Some((at, action)) = due.or_else(excess) else { return };
            // What was stored before it would lie over it.
            let key = self.rows.mutations.get(at).map(|own| own.key.clone());
            let at = key.and_then(|key| self.rows.mutations.settled(&key, at)).unwrap_or(at);
            match action {
                Reconcile::Commit => {
                    self.commit(env, progress.loads, at);
                    if due.is_some() {
                        self.rows.recent.set_delivery(EchoDelivery::Failed);
                    }
                }
                Reconcile::Drop => {
                    let Some(mutation) = self.rows.mutations.remove(at) else { return };
                    // A load included it, and the channel may still bring its message late.
                    if mutation.stage.is_ahead_of(progress) {
                        self.rows.recent.expect(&mutation, env.deadline());
                    }
                    self.included(env, progress.loads, &mutation);
                }
            }
        }
    }

    /// Fails what waited too long.
    pub(super) fn expire(&mut self, env: &mut CollectionEnv<'_, P>, loads: u32) {
        while let Some((at, key, error)) = self.rows.mutations.overdue(env.now()) {
            self.fail(env, at, error);
            self.send_next(env, loads, &key);
        }
    }
}
