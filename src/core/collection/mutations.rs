//! The own changes of a collection in their order, and what becomes of each.

#[cfg(test)]
mod tests;

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::key::is_temporary;
use super::mutation::{Effect, Mutation, is_id_of};
use super::recent_mutations::ECHOES;
use super::rows_progress::RowsProgress;
use super::stage::{Reconcile, ReconcileAt, Sent, Stage};
use super::{ChangeKind, PendingChange};
use crate::core::error::Error;
use crate::core::id::{MutationId, RequestId};
use crate::core::payload::Payload;
use crate::core::time::{Instant, earliest};

/// The source of an insert's real key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaits {
    /// The message of it.
    Message,
    /// The reply to it.
    Reply,
    /// The reply, if it was sent before that many loads were requested: the channel may have
    /// been joined behind its message.
    ReplyTo { loads: u32 },
}

/// The inserts whose real key is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inserts {
    All,
    /// Those that the app was not requested to store: only the outbox is sure to come to an end.
    OfChannel,
}

/// The changes that show over the server's rows, in the order they were made.
#[derive(Debug)]
pub(super) struct Mutations<P>(Vec<Mutation<P>>);

impl<P> Default for Mutations<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<P: Payload> Mutations<P> {
    // ----- views -----

    pub(super) fn iter(&self) -> impl Iterator<Item = &Mutation<P>> {
        self.0.iter()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Mutation<P>> {
        self.0.get(at)
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Mutation<P>> {
        self.0.get_mut(at)
    }

    pub(super) fn of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Mutation<P>> {
        self.0.iter().filter(move |mutation| &*mutation.key == key)
    }

    pub(super) fn affects(&self, key: &str) -> bool {
        self.of(key).next().is_some()
    }

    /// The position of the first change for which this holds. Not generic: every instance would
    /// be code in the wasm.
    pub(super) fn position(&self, which: &dyn Fn(&Mutation<P>) -> bool) -> Option<usize> {
        self.0.iter().position(which)
    }

    /// The unsettled change of this number.
    pub(super) fn unsettled(&self, id: MutationId) -> Option<usize> {
        self.position(&|mutation: &Mutation<P>| mutation.id == id && !mutation.is_settled())
    }

    /// The first unsettled change of this key.
    pub(super) fn first(&self, key: &str) -> Option<usize> {
        self.position(&|mutation: &Mutation<P>| &*mutation.key == key && !mutation.is_settled())
    }

    /// The first settled change of this key among the first `before` changes.
    pub(super) fn settled(&self, key: &str, before: usize) -> Option<usize> {
        let mut earlier = self.0.iter().take(before);
        earlier.position(|mutation| mutation.is_settled() && &*mutation.key == key)
    }

    /// The change of this message, if it was sent.
    pub(super) fn find_by_message_id(&self, message: &str) -> Option<usize> {
        self.position(&|mutation: &Mutation<P>| {
            is_id_of(message, &mutation.base_id) && !matches!(mutation.stage, Stage::Waiting { .. })
        })
    }

    /// The change that the app was requested to store under this number.
    #[inline(always)]
    pub(super) fn find_by_request(&self, request: RequestId) -> Option<MutationId> {
        let is_it = |mutation: &Mutation<P>| matches!(&mutation.stage, Stage::Sent(sent) if sent.request == Some(request));
        Some(self.get(self.position(&is_it)?)?.id)
    }

    /// The key of the change of this number.
    #[inline(always)]
    pub(super) fn key_of(&self, id: MutationId) -> Option<Rc<str>> {
        let at = self.position(&|mutation: &Mutation<P>| mutation.id == id)?;
        Some(self.get(at)?.key.clone())
    }

    /// Whether the real key of an insert is not known yet, but will be.
    pub(super) fn awaits_key(&self, from: Awaits, inserts: Inserts) -> bool {
        self.0.iter().any(|mutation| {
            let awaits = match (&mutation.stage, from) {
                (Stage::Sent(Sent { request: Some(_), .. }), _)
                    if inserts == Inserts::OfChannel =>
                {
                    false
                }
                (_, Awaits::Message) => true,
                (Stage::Sent(sent), Awaits::ReplyTo { loads }) => sent.loads < loads,
                (_, Awaits::ReplyTo { .. }) => false,
                (_, Awaits::Reply) => !mutation.is_settled(),
            };
            awaits && mutation.is_insert_without_key()
        })
    }

    /// The number of unsettled changes.
    pub(super) fn unsettled_len(&self) -> u64 {
        self.0.iter().filter(|mutation| !mutation.is_settled()).count() as u64
    }

    /// The unsettled changes, as they are shown.
    pub(super) fn pending(&self) -> Vec<PendingChange> {
        let open = self.0.iter().filter(|mutation| !mutation.is_settled());
        open.map(|mutation| PendingChange {
            mutation: mutation.id,
            key: mutation.key.clone(),
            kind: mutation.kind(),
        })
        .collect()
    }

    // ----- the queue -----

    /// Appends a change.
    pub(super) fn push(&mut self, mutation: Mutation<P>) {
        self.0.push(mutation);
    }

    /// Removes a change.
    pub(super) fn remove(&mut self, at: usize) -> Option<Mutation<P>> {
        (at < self.0.len()).then(|| self.0.remove(at))
    }

    /// Removes the settled changes.
    pub(super) fn remove_settled(&mut self) {
        self.0.retain(|mutation| !mutation.is_settled());
    }

    /// Removes a change that the server's rows include, with the settled ones before it that are
    /// below it.
    #[inline(always)]
    pub(super) fn remove_included(&mut self, at: usize) -> Option<Mutation<P>> {
        let mutation = self.remove(at)?;
        let mut before = at;
        while let Some(earlier) = self.settled(&mutation.key, before) {
            self.0.remove(earlier);
            before -= 1;
        }
        Some(mutation)
    }

    /// Removes the changes that depended on a failed insert of this key.
    #[inline(always)]
    pub(super) fn remove_dependents(&mut self, key: &str) -> Vec<MutationId> {
        let mut removed = Vec::new();
        while let Some(next) = self.first(key) {
            if self.get(next).is_none_or(|next| next.kind() == ChangeKind::Insert) {
                break;
            }
            removed.push(self.0.remove(next).id);
        }
        removed
    }

    /// Gives the changes of a key another one.
    pub(super) fn rename(&mut self, from: &str, to: &Rc<str>) {
        for mutation in self.0.iter_mut().filter(|mutation| &*mutation.key == from) {
            mutation.key = to.clone();
        }
    }

    /// Brings the changes of a key up to date with one that is stored, `newest` being the row: for
    /// the later ones these fields (all, if it made the row) are no change of somebody else.
    #[inline(always)]
    pub(super) fn advance(&mut self, key: &str, newest: &P, fields: Option<&[String]>) {
        for mutation in &mut self.0 {
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

    /// Records what the app decided to show of a change over this row of the server. Returns the
    /// key of the row.
    #[inline(always)]
    pub(super) fn resolve(&mut self, id: MutationId, remote: P, row: Option<P>) -> Option<Rc<str>> {
        let at = self.unsettled(id)?;
        let mutation = self.0.get_mut(at)?;
        let Effect::Update(update) = &mut mutation.effect else { return None };
        update.resolved = Some((remote.clone(), row.unwrap_or(remote)));
        Some(mutation.key.clone())
    }

    /// A change that waited too long, and why it fails.
    #[inline(always)]
    pub(super) fn overdue(&self, now: Instant) -> Option<(usize, Rc<str>, Error)> {
        self.0.iter().enumerate().find_map(|(at, mutation)| {
            Some((at, mutation.key.clone(), mutation.stage.overdue(now)?))
        })
    }

    // ----- reconciliation with the server's rows -----

    /// An accepted change that is to be reconciled now.
    pub(super) fn due(&self, now: Instant, progress: RowsProgress) -> Option<(usize, Reconcile)> {
        let due = |mutation: &Mutation<P>| mutation.stage.due(now, progress);
        self.0.iter().enumerate().find_map(|(at, mutation)| Some((at, due(mutation)?)))
    }

    /// The oldest of more accepted changes than may wait for their echo.
    pub(super) fn oldest_excess(&self, progress: RowsProgress) -> Option<usize> {
        let waits = |mutation: &Mutation<P>| {
            mutation.is_settled()
                && mutation.stage.reconcile_at(progress) != Some(ReconcileAt::Included)
        };
        let mut waiting = (0..).zip(&self.0).filter(|(_, mutation)| waits(mutation));
        let (first, _) = waiting.next()?;
        (waiting.count() >= ECHOES).then_some(first)
    }

    /// Notes that others have changed this row, which is `server` now, so that an accepted change
    /// of it may be in the server's rows by now, though its echo was not recognised.
    #[inline(always)]
    pub(super) fn mark_maybe_applied(
        &mut self,
        key: &str,
        server: Option<&P>,
        progress: RowsProgress,
        now: Instant,
        deadline: Instant,
    ) {
        let counted = progress.is_counted();
        for mutation in &mut self.0 {
            let has_temporary_key = counted && is_temporary(&mutation.key);
            if let Stage::Accepted(accepted) = &mut mutation.stage
                && (*mutation.key == *key || has_temporary_key)
                && (counted || accepted.row.is_some())
            {
                let there = accepted.row.as_ref().zip(server).is_some_and(|(a, b)| a.eq_json(b));
                let drop_at = if there { now } else { deadline };
                accepted.drop_at = Some(accepted.drop_at.map_or(drop_at, |at| at.min(drop_at)));
            }
        }
    }

    /// Drops the accepted changes at the deadline at the latest: the loaded rows may be of an older
    /// copy, and the channel brings what they lack.
    #[inline(always)]
    pub(super) fn drop_accepted_at(&mut self, deadline: Instant) {
        for mutation in &mut self.0 {
            if let Stage::Accepted(accepted) = &mut mutation.stage {
                accepted.drop_at.get_or_insert(deadline);
            }
        }
    }

    /// Removes the changes that were accepted before the last of `loads` load requests: the loaded
    /// rows include them.
    #[inline(always)]
    pub(super) fn remove_loaded(&mut self, loads: u32) -> Vec<Mutation<P>> {
        let (mut at, mut removed) = (0, Vec::new());
        while let Some(mutation) = self.0.get(at) {
            if let Stage::Accepted(accepted) = &mutation.stage {
                let stays = accepted.loads == loads;
                if !stays {
                    removed.push(self.0.remove(at));
                    continue;
                }
            }
            at += 1;
        }
        removed
    }

    /// Forgets the positions of accepted changes, which mean nothing any more.
    #[inline(always)]
    pub(super) fn forget_positions(&mut self) {
        for mutation in &mut self.0 {
            if let Stage::Accepted(accepted) = &mut mutation.stage {
                accepted.seq = None;
            }
        }
    }

    // ----- time -----

    /// When [`Mutations::overdue`] or [`Mutations::due`] has something to do.
    pub(super) fn poll_timeout(&self, progress: RowsProgress) -> Option<Instant> {
        let due = |mutation: &Mutation<P>| mutation.stage.poll_timeout(progress);
        self.0.iter().fold(None, |first, mutation| earliest(first, due(mutation)))
    }

    /// Adds the time in which the page slept, which is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        for mutation in &mut self.0 {
            mutation.stage.extend_deadlines(slept_ms);
        }
    }
}
