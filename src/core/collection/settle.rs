//! Outcomes of changes: accepted, sent without confirmation, rejected, and reconciled with the server's rows.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::collection::{Collection, TOO_DEEP};
use super::incoming::Incoming;
use super::key::{is_temporary, key_of};
use super::mutation::{Accepted, Effect, Mutation, Stage};
use super::phase::Phase;
use super::recent_mutations::ECHOES;
use super::{ChangeKind, ConflictPolicy, Key, MutationProgress};
use crate::core::env::Env;
use crate::core::error::{Cause, Code, Error};
use crate::core::id::{MutationId, RequestId};
use crate::core::message::StreamPosition;
use crate::core::payload::{MAX_DEPTH, Payload};
use crate::core::time::Instant;

/// The server's code for a change of a row that is not what the change was made to.
const CONFLICT: &str = "conflict";

impl<P: Payload> Collection<P> {
    // ----- answers -----

    /// The server accepted a change, and perhaps returned the stored row.
    pub(super) fn accepted(
        &mut self,
        env: &mut Env,
        id: MutationId,
        seq: Option<u64>,
        row: Option<P>,
    ) {
        let Some(mutation) = self.mutations.unsettled(id).and_then(|at| self.mutations.0.get(at))
        else {
            return;
        };
        let row = row.filter(|row| row.is_object() && mutation.kind() != ChangeKind::Remove);
        match (row, &self.options.key) {
            (Some(row), Key::Function) if mutation.kind() == ChangeKind::Insert => {
                self.incoming.push(Incoming::Stored { mutation: id, seq, row, key: None });
                self.process_incoming(env);
            }
            (row, Key::Field(field)) => {
                let key = row.as_ref().and_then(|row| key_of(&row.member(field)?));
                self.settle(env, id, seq, row, key);
            }
            (row, Key::Function) => self.settle(env, id, seq, row, None),
        }
    }

    /// A change is stored, its row perhaps under a key of the server's.
    pub(super) fn settle(
        &mut self,
        env: &Env,
        id: MutationId,
        seq: Option<u64>,
        row: Option<P>,
        key: Option<Rc<str>>,
    ) {
        self.accept(env, id, seq, row, key, true);
    }

    /// A change was handed to the socket of a server that answers nothing.
    pub(super) fn sent_unconfirmed(&mut self, env: &Env, id: MutationId) {
        self.accept(env, id, None, None, None, false);
    }

    fn accept(
        &mut self,
        env: &Env,
        id: MutationId,
        seq: Option<u64>,
        row: Option<P>,
        key: Option<Rc<str>>,
        confirmed: bool,
    ) {
        let Some(at) = self.mutations.unsettled(id) else { return };
        let Some(mutation) = self.mutations.0.get_mut(at) else { return };
        let deadline = env.now + env.config.ack_timeout_ms;
        // Until its message comes, those of others are older; and only it may bring the row.
        let waits = confirmed && (self.echoes || row.is_none());
        let commit_at = if waits { deadline } else { env.now };
        // A load requested since it was sent may hold it already, and something newer over it.
        let loaded = matches!(&mutation.stage, Stage::Sent(sent) if sent.loads < self.loads);
        let counted = self.position.is_some();
        // The stored row may differ from the request, and its message may have come already.
        let unknown = self.options.persists && row.is_none();
        let drop_at = ((loaded || unknown) && counted).then_some(deadline);
        let received = mutation.is_observed();
        let former = mutation.key.clone();
        let key = key.filter(|_| mutation.kind() == ChangeKind::Insert);
        let key = key.unwrap_or_else(|| former.clone());
        if received && key == former {
            return self.echoed(env, at);
        }
        let progress = MutationProgress::Confirmed { row: row.clone(), confirmed };
        let loads = self.loads;
        mutation.stage = Stage::Accepted(Accepted { row, seq, loads, commit_at, drop_at });
        let fields = fields(mutation, self.options.version.as_ref());
        if received {
            self.separate_key(&former, &key);
        } else {
            self.rename_key(&former, &key);
        }
        self.emit_progress(id, progress);
        self.advance(&key, fields.as_deref());
        self.mark_dirty(env.now, &key);
        if loaded && !counted && matches!(self.phase, Phase::Live) {
            self.reload(env);
        }
        self.send_next(env, &key);
    }

    /// A change failed on its way, or the server rejected it.
    pub(super) fn rejected(&mut self, env: &Env, id: MutationId, error: Error) {
        let Some(at) = self.mutations.unsettled(id) else { return };
        let Some(mutation) = self.mutations.0.get_mut(at) else { return };
        let conflict =
            error.cause.as_ref().is_some_and(|cause| cause.code.as_deref() == Some(CONFLICT));
        let insists = match (&mutation.effect, self.options.policy) {
            (Effect::Insert { .. }, _) | (_, ConflictPolicy::ServerWins) => false,
            (Effect::Update(_), _) => true,
            // A removal has no version, and no other row to show.
            (Effect::Remove, policy) => {
                matches!(policy, ConflictPolicy::ClientWins | ConflictPolicy::Merge)
            }
        };
        let key = mutation.key.clone();
        match &mut mutation.stage {
            Stage::Sent(sent) if conflict && insists => {
                let until = env.now + env.config.ack_timeout_ms;
                mutation.stage = Stage::Rejected { base: sent.base.take(), error, until };
            }
            _ => self.fail(env, at, error),
        }
        self.send_next(env, &key);
    }

    /// Takes the stored row of the app, or its failure. Returns whether the request was pending.
    pub(super) fn persisted(
        &mut self,
        env: &mut Env,
        request: RequestId,
        stored: Result<Option<P>, Cause>,
    ) -> bool {
        let requested = |mutation: &&Mutation<P>| matches!(&mutation.stage, Stage::Sent(sent) if sent.request == Some(request));
        let Some(id) = self.mutations.0.iter().find(requested).map(|mutation| mutation.id) else {
            return false;
        };
        match stored {
            Ok(Some(row)) if !row.fits(MAX_DEPTH) => {
                let message = ["persist gave a row", TOO_DEEP].concat();
                self.rejected(env, id, Error::new(Code::InvalidArgument).with_cause(&message));
            }
            Ok(row) => self.accepted(env, id, None, row),
            Err(cause) => {
                let invalid = cause.code.as_deref() == Some(Code::InvalidArgument.name());
                let code = if invalid { Code::InvalidArgument } else { Code::Rejected };
                let mut error = Error::new(code);
                error.cause = Some(cause);
                self.rejected(env, id, error);
            }
        }
        true
    }

    // ----- failures -----

    /// Takes a change back. What depended on it fails too; what came after it stays.
    pub(super) fn fail(&mut self, env: &Env, at: usize, error: Error) {
        if at >= self.mutations.0.len() {
            return;
        }
        let failed = self.mutations.0.remove(at);
        self.emit_progress(failed.id, MutationProgress::Failed(error.with_channel(&self.name)));
        if failed.kind() == ChangeKind::Insert
            && (failed.is_observed() || self.newest(&failed.key).is_none())
        {
            while let Some(next) = self.mutations.first(&failed.key) {
                if self.mutations.0.get(next).is_none_or(|next| next.kind() == ChangeKind::Insert) {
                    break;
                }
                let next = self.mutations.0.remove(next);
                let error = Error::new(Code::DependencyFailed).with_channel(&self.name);
                self.emit_progress(next.id, MutationProgress::Failed(error));
            }
        }
        self.mark_dirty(env.now, &failed.key);
        // The rollback shows at once with the failure.
        self.window.at_once();
    }

    /// Fails every unsettled change that `which` names.
    pub(super) fn fail_all(
        &mut self,
        env: &Env,
        error: &Error,
        which: impl Fn(&Mutation<P>) -> bool,
    ) {
        let doomed = |mutation: &Mutation<P>| !mutation.is_settled() && which(mutation);
        while let Some(at) = self.mutations.0.iter().position(doomed) {
            let failed = self.mutations.0.remove(at);
            self.emit_progress(
                failed.id,
                MutationProgress::Failed(error.clone().with_channel(&self.name)),
            );
            self.mark_dirty(env.now, &failed.key);
            self.window.at_once();
        }
    }

    /// Fails what waited too long.
    pub(super) fn expire(&mut self, env: &Env) {
        loop {
            let due = |(at, mutation): (usize, &Mutation<P>)| {
                overdue(mutation, env.now).map(|error| (at, mutation.key.clone(), error))
            };
            let Some((at, key, error)) = self.mutations.0.iter().enumerate().find_map(due) else {
                return;
            };
            self.fail(env, at, error);
            self.send_next(env, &key);
        }
    }

    // ----- reconciliation with the server's rows -----

    /// The row of this key has got another one, everywhere at once.
    pub(super) fn rename_key(&mut self, from: &Rc<str>, to: &Rc<str>) {
        if from == to {
            return;
        }
        for mutation in self.mutations.0.iter_mut().filter(|mutation| mutation.key == *from) {
            mutation.key = to.clone();
        }
        self.table.rename(from, to);
        self.recent.renamed(from, to);
    }

    /// The row that was taken for an insert of this client's is somebody else's equal row.
    fn separate_key(&mut self, from: &Rc<str>, to: &Rc<str>) {
        for mutation in self.mutations.0.iter_mut().filter(|mutation| mutation.key == *from) {
            mutation.key = to.clone();
        }
        self.table.mark_dirty(from);
        self.table.reserve(to);
        self.recent.reassign(from, to);
    }

    /// A change of this client is stored: for the later ones of its row, these fields (all, if
    /// it made the row) are no change of somebody else.
    fn advance(&mut self, key: &str, fields: Option<&[String]>) {
        let Some(newest) = self.newest(key) else { return };
        for mutation in &mut self.mutations.0 {
            let Effect::Update(update) = &mut mutation.effect else { continue };
            if *mutation.key != *key || matches!(mutation.stage, Stage::Accepted(_)) {
                continue;
            }
            let member = |field: &String| Some((field.clone(), newest.member(field)?));
            update.base = Some(match (&update.base, fields) {
                (Some(base), Some(fields)) => {
                    base.merged(fields.iter().filter_map(member).collect())
                }
                _ => newest.clone(),
            });
        }
    }

    /// The message of a change was taken in: the server's row is what it made of it.
    pub(super) fn echoed(&mut self, env: &Env, at: usize) {
        if at >= self.mutations.0.len() {
            return;
        }
        let mutation = self.mutations.0.remove(at);
        // What was stored before it is below it.
        let mut before = at;
        while let Some(earlier) = self.mutations.settled(&mutation.key, before) {
            self.mutations.0.remove(earlier);
            before -= 1;
        }
        if !mutation.is_settled() {
            let row = self.table.server(&mutation.key).cloned();
            self.emit_progress(mutation.id, MutationProgress::Confirmed { row, confirmed: true });
        }
        self.after_inclusion(env, &mutation);
    }

    pub(super) fn after_inclusion(&mut self, env: &Env, mutation: &Mutation<P>) {
        let fields = fields(mutation, self.options.version.as_ref());
        self.advance(&mutation.key, fields.as_deref());
        self.mark_dirty(env.now, &mutation.key);
        self.send_next(env, &mutation.key);
    }

    /// Commits accepted changes to the server's rows, or drops those that they include.
    pub(super) fn reconcile(&mut self, env: &Env) {
        loop {
            let due = |(at, mutation): (usize, &Mutation<P>)| match self.reconciliation(mutation)? {
                Reconcile::Included => Some((at, false)),
                Reconcile::DropAt(until) => (env.now >= until).then_some((at, false)),
                Reconcile::CommitAt(until) => (env.now >= until).then_some((at, true)),
            };
            let due = self.mutations.0.iter().enumerate().find_map(due);
            let unknown = |(at, commit_at): (usize, bool)| {
                let mutation = self.mutations.0.get(at);
                mutation.is_some_and(|own| {
                    self.is_echo_missing(own) || commit_at && self.is_result_unknown(own)
                })
            };
            let is_result_unknown = due.is_some_and(unknown);
            let Some((at, commit_at)) = due.or_else(|| Some((self.oldest_excess()?, true))) else {
                return;
            };
            if is_result_unknown {
                self.echoes = false;
                self.reload(env);
                continue;
            }
            // What was stored before it would lie over it.
            let key = self.mutations.0.get(at).map(|mutation| mutation.key.clone());
            let at = key.and_then(|key| self.mutations.settled(&key, at)).unwrap_or(at);
            if commit_at {
                self.commit(env, at);
                self.echoes &= due.is_none();
            } else {
                let mutation = self.mutations.0.remove(at);
                // A load included it, and the channel may still bring its message late.
                if self.is_ahead_of_rows(&mutation) {
                    self.recent.expect(&mutation, env.now + env.config.ack_timeout_ms);
                }
                self.after_inclusion(env, &mutation);
            }
        }
    }

    /// Whether the message of an accepted change has a place that the rows have not come past.
    fn is_ahead_of_rows(&self, mutation: &Mutation<P>) -> bool {
        let Stage::Accepted(Accepted { seq: Some(seq), .. }) = &mutation.stage else {
            return false;
        };
        self.reached().is_none_or(|reached| *seq > reached)
    }

    /// Whether the rows lack a change whose echo did not come in time, and
    /// were requested before it was accepted: others may have changed them since, or they are old.
    fn is_echo_missing(&self, mutation: &Mutation<P>) -> bool {
        let Stage::Accepted(accepted) = &mutation.stage else { return false };
        if !self.options.loads
            || accepted.loads != self.loads
            || !matches!(self.reconciliation(mutation), Some(Reconcile::DropAt(_)))
        {
            return false;
        }
        let server = self.table.server(&mutation.key);
        match (mutation.apply_to(server.cloned()), server) {
            (Some(stored), Some(server)) => !stored.eq_json(server),
            (stored, server) => stored.is_some() || server.is_some(),
        }
    }

    /// Whether the stored row of a change is unknown: the app returned no row, and
    /// no message equals it. Only a load can show it.
    fn is_result_unknown(&self, mutation: &Mutation<P>) -> bool {
        let Stage::Accepted(accepted) = &mutation.stage else { return false };
        self.options.loads && self.options.persists && accepted.row.is_none()
    }

    /// Commits an accepted change to the server's rows.
    pub(super) fn commit(&mut self, env: &Env, at: usize) {
        let mutation = self.mutations.0.remove(at);
        let row = mutation.apply_to(self.table.server(&mutation.key).cloned());
        self.table.put(&mutation.key, row);
        self.trim();
        let until = match &mutation.stage {
            Stage::Accepted(Accepted { row: Some(_), commit_at, .. }) if self.echoes => *commit_at,
            _ => env.now + env.config.ack_timeout_ms,
        };
        self.recent.expect(&mutation, until);
        self.after_inclusion(env, &mutation);
    }

    /// The same with all of them: their echoes may be lost, and nothing else will bring them.
    pub(super) fn commit_settled(&mut self, env: &Env) {
        while let Some(at) = self.mutations.0.iter().position(Mutation::is_settled) {
            self.commit(env, at);
        }
    }

    /// The oldest of more accepted changes than may wait for their echo.
    fn oldest_excess(&self) -> Option<usize> {
        let waits = |mutation: &Mutation<P>| {
            mutation.is_settled()
                && !matches!(self.reconciliation(mutation), Some(Reconcile::Included))
        };
        let mut waiting = (0..).zip(&self.mutations.0).filter(|(_, mutation)| waits(mutation));
        let (first, _) = waiting.next()?;
        (waiting.count() >= ECHOES).then_some(first)
    }

    /// Others have changed this row, so that an accepted change of it may be in the server's rows
    /// by now, though its echo was not recognised.
    pub(super) fn mark_maybe_applied(&mut self, env: &Env, key: &str) {
        let counted = self.position.is_some();
        for mutation in &mut self.mutations.0 {
            let has_temporary_key = counted && is_temporary(&mutation.key);
            if *mutation.key != *key && !has_temporary_key {
                continue;
            }
            if let Stage::Accepted(accepted) = &mut mutation.stage
                && (counted || accepted.row.is_some())
            {
                let server = self.table.server(key);
                let there = accepted.row.as_ref().zip(server).is_some_and(|(a, b)| a.eq_json(b));
                let drop_at = if there { env.now } else { env.now + env.config.ack_timeout_ms };
                accepted.drop_at = Some(accepted.drop_at.map_or(drop_at, |at| at.min(drop_at)));
            }
        }
    }

    fn reconciliation(&self, mutation: &Mutation<P>) -> Option<Reconcile> {
        let Stage::Accepted(accepted) = &mutation.stage else { return None };
        if let (Some(seq), Some(reached)) = (accepted.seq, self.reached())
            && seq <= reached
        {
            return (!self.phase.awaits(seq)).then_some(Reconcile::Included);
        }
        // A load that is under way may or may not include it.
        if !matches!(self.phase, Phase::Live) {
            return None;
        }
        match accepted.drop_at {
            Some(at) => Some(Reconcile::DropAt(at)),
            None if self.position.is_none() => Some(Reconcile::CommitAt(accepted.commit_at)),
            None => None,
        }
    }

    /// When something has to be done about a change.
    pub(super) fn deadline(&self, mutation: &Mutation<P>) -> Option<Instant> {
        match &mutation.stage {
            Stage::Waiting { until } => *until,
            Stage::Rejected { until, .. } => Some(*until),
            Stage::Sent(_) => None,
            Stage::Accepted(_) => match self.reconciliation(mutation)? {
                Reconcile::DropAt(at) | Reconcile::CommitAt(at) => Some(at),
                Reconcile::Included => None,
            },
        }
    }

    /// How far the server's rows go in the channel's log.
    fn reached(&self) -> Option<u64> {
        let position = self.position.as_ref()?;
        let same = |floor: &&StreamPosition| floor.epoch == position.epoch;
        let floor = self.floor.as_ref().filter(same).map_or(0, |floor| floor.seq);
        Some(position.seq.max(floor))
    }
}

/// How an accepted change is reconciled with the server's rows.
enum Reconcile {
    /// The channel came past its message, or a load included it.
    Included,
    /// The rows include it by then: it is dropped then.
    DropAt(Instant),
    /// Nothing else will bring it: it is committed then.
    CommitAt(Instant),
}

/// Why a change fails that waited too long.
fn overdue<P>(mutation: &Mutation<P>, now: Instant) -> Option<Error> {
    match &mutation.stage {
        Stage::Waiting { until: Some(until) } if now >= *until => {
            Some(Error::new(Code::DependencyFailed))
        }
        Stage::Rejected { until, error, .. } if now >= *until => Some(error.clone()),
        _ => None,
    }
}

/// The fields that a change touched; `None` is all.
fn fields<P: Payload>(mutation: &Mutation<P>, version: Option<&String>) -> Option<Vec<String>> {
    match &mutation.effect {
        Effect::Insert { .. } => None,
        Effect::Remove => Some(Vec::new()),
        Effect::Update(update) => {
            let mut fields = update.patch.keys();
            fields.extend(version.cloned());
            Some(fields)
        }
    }
}
