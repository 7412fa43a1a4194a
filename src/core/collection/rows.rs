//! The server's rows with the own changes over them.

#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::conflict::{self, Showing, Undecided};
use super::key::temporary;
use super::loading::{KeyedRows, ReceivedChange};
use super::merge::{members, merge};
use super::mutation::{Effect, Mutation, Update};
use super::mutations::{Awaits, Inserts, Mutations};
use super::recent_mutations::{EchoDelivery, Recent};
use super::rows_progress::RowsProgress;
use super::stage::{Accepted, Reconcile, ReconcileAt, Stage};
use super::table::RowTable;
use super::{ChangeKind, CollectionOptions, EditKind, Key};
use crate::core::error::{Code, Error};
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// The rows of a collection in three layers: the server's rows, the accepted changes that these do
/// not include yet, and the changes that are not settled.
#[derive(Debug)]
pub(super) struct OptimisticRows<P> {
    pub(super) table: RowTable<P>,
    pub(super) mutations: Mutations<P>,
    pub(super) recent: Recent<P>,
}

impl<P> Default for OptimisticRows<P> {
    fn default() -> Self {
        let (table, mutations) = (RowTable::default(), Mutations::default());
        Self { table, mutations, recent: Recent::default() }
    }
}

impl<P: Payload> OptimisticRows<P> {
    // ----- what shows -----

    /// The newest row that the server is known to have under this key.
    pub(super) fn newest(&self, key: &str) -> Option<P> {
        conflict::newest(self.table.server(key), self.mutations.of(key))
    }

    /// Computes what shows. Ends early where the app has to decide.
    pub(super) fn refresh(&mut self, options: &CollectionOptions) -> Option<Undecided<P>> {
        let mutations = &self.mutations;
        let show =
            |key: &str, server: Option<&P>| conflict::showing(options, server, mutations.of(key));
        match self.table.refresh(show, |key| mutations.affects(key)) {
            Some(Showing::Undecided(undecided)) => Some(undecided),
            Some(Showing::Row(_)) | None => None,
        }
    }

    // ----- own changes -----

    /// What a change of the app does to its row, and the row's present key.
    #[inline(always)]
    pub(super) fn effect(
        &self,
        options: &CollectionOptions,
        base_id: &Rc<str>,
        change: EditKind<P>,
    ) -> Result<(Rc<str>, Effect<P>), Error> {
        match change {
            EditKind::Insert { row, .. } if !row.is_object() => Err(not_an_object("row")),
            EditKind::Insert { key: Some(key), row } => {
                Ok((key.into(), Effect::Insert { shown: row.clone(), row }))
            }
            EditKind::Insert { key: None, row } => {
                let key = temporary(base_id);
                let shown = match &options.key {
                    Key::Field(field) => row.merged(vec![(field.clone(), P::text(&key))]),
                    Key::Function => row.clone(),
                };
                Ok((key, Effect::Insert { row, shown }))
            }
            EditKind::Update { patch, .. } if !patch.is_object() => Err(not_an_object("patch")),
            EditKind::Update { key, patch } => {
                let key = self.existing(options, &key)?;
                let base = self.newest(&key);
                Ok((key, Effect::Update(Update { patch, base, resolved: None })))
            }
            EditKind::Remove { key } => Ok((self.existing(options, &key)?, Effect::Remove)),
        }
    }

    /// The present key of a row that shows.
    fn existing(&self, options: &CollectionOptions, key: &str) -> Result<Rc<str>, Error> {
        let key = self.recent.real(key);
        match conflict::showing(options, self.table.server(&key), self.mutations.of(&key)) {
            Showing::Row(None) => {
                Err(Error::new(Code::NotFound).with_cause("No row has this key."))
            }
            _ => Ok(key),
        }
    }

    /// Puts a change over the rows.
    pub(super) fn add(&mut self, mutation: Mutation<P>) {
        if matches!(mutation.effect, Effect::Insert { .. }) {
            self.table.reserve(&mutation.key);
        }
        self.table.mark_dirty(&mutation.key);
        self.mutations.push(mutation);
    }

    /// Brings the later changes of a row up to date with one that is stored.
    pub(super) fn advance(&mut self, key: &str, fields: Option<&[String]>) {
        if let Some(newest) = self.newest(key) {
            self.mutations.advance(key, &newest, fields);
        }
    }

    // ----- keys -----

    /// Gives a row another key, everywhere at once.
    pub(super) fn rename_key(&mut self, from: &Rc<str>, to: &Rc<str>) {
        if from == to {
            return;
        }
        self.mutations.rename(from, to);
        self.table.rename(from, to);
        self.recent.renamed(from, to);
    }

    /// Separates an own insert from the row that was taken for it, which is somebody else's equal
    /// row.
    #[inline(always)]
    pub(super) fn separate_key(&mut self, from: &Rc<str>, to: &Rc<str>) {
        self.mutations.rename(from, to);
        self.table.mark_dirty(from);
        self.table.reserve(to);
        self.recent.reassign(from, to);
    }

    // ----- the server's rows -----

    /// Applies a change to the server's rows.
    pub(super) fn apply(
        &mut self,
        limit: Option<u64>,
        kind: ChangeKind,
        key: &Rc<str>,
        row: Option<P>,
    ) {
        let row = match (kind, row) {
            (ChangeKind::Update, Some(row)) => match self.table.server(key) {
                Some(known) => Some(merge(known, &row)),
                None if self.was_dropped(limit, key) => return,
                None => Some(row),
            },
            (_, row) => row,
        };
        self.table.put(key, row);
    }

    /// Whether an unknown row is one that was let go: this client removed it, and the message of
    /// that is still to come; or there are as many as may be.
    fn was_dropped(&self, limit: Option<u64>, key: &str) -> bool {
        self.recent.is_removed(key) || limit.is_some_and(|limit| self.table.len() >= limit)
    }

    /// Removes the oldest rows that are too many.
    pub(super) fn trim(&mut self, limit: Option<u64>) {
        if let Some(limit) = limit {
            let mutations = &self.mutations;
            self.table.trim(limit, |key| mutations.affects(key));
        }
    }

    /// The row of an echo, without what later changes of this client made of it already.
    #[inline(always)]
    pub(super) fn not_overtaken(&self, key: &str, row: Option<P>) -> Option<P> {
        let row = row.filter(|_| !self.recent.is_removed(key))?;
        if self.recent.is_whole(key) {
            return self.table.server(key).cloned();
        }
        let later = |known| members(known, |field| self.recent.affects(key, field));
        Some(self.table.server(key).map_or_else(|| row.clone(), |known| row.merged(later(known))))
    }

    /// Whether the row of an update whose insert was missed may be this client's own.
    pub(super) fn may_be_own_insert(&self, kind: ChangeKind, key: &str) -> bool {
        kind == ChangeKind::Update
            && !self.mutations.affects(key)
            && self.mutations.awaits_key(Awaits::Reply, Inserts::All)
    }

    /// The own insert of this key that is accepted, and not among the server's rows.
    #[inline(always)]
    pub(super) fn missed_insert(&self, key: &str) -> Option<usize> {
        if self.table.server(key).is_some() {
            return None;
        }
        self.mutations.position(&|mutation: &Mutation<P>| {
            mutation.is_settled() && mutation.kind() == ChangeKind::Insert && &*mutation.key == key
        })
    }

    // ----- reconciliation -----

    /// Commits an accepted change to the server's rows. Its echo is awaited until `deadline`, or
    /// as long as it would have waited to be committed.
    pub(super) fn commit(
        &mut self,
        limit: Option<u64>,
        at: usize,
        deadline: Instant,
    ) -> Option<Mutation<P>> {
        let mutation = self.mutations.remove(at)?;
        let row = mutation.apply_to(self.table.server(&mutation.key).cloned());
        self.table.put(&mutation.key, row);
        self.trim(limit);
        let until = match &mutation.stage {
            Stage::Accepted(Accepted { row: Some(_), commit_at, .. })
                if self.recent.delivery() == EchoDelivery::Expected =>
            {
                *commit_at
            }
            _ => deadline,
        };
        self.recent.expect(&mutation, until);
        Some(mutation)
    }

    /// Whether the rows lack a change whose echo did not come in time, and
    /// were requested before it was accepted: others may have changed them since, or they are old.
    #[inline(always)]
    fn is_echo_missing(
        &self,
        options: &CollectionOptions,
        mutation: &Mutation<P>,
        progress: RowsProgress,
    ) -> bool {
        let Stage::Accepted(accepted) = &mutation.stage else { return false };
        let drops = matches!(mutation.stage.reconcile_at(progress), Some(ReconcileAt::DropAt(_)));
        if !options.loads || accepted.loads != progress.loads || !drops {
            return false;
        }
        let server = self.table.server(&mutation.key);
        match (mutation.apply_to(server.cloned()), server) {
            (Some(stored), Some(server)) => !stored.eq_json(server),
            (stored, server) => stored.is_some() || server.is_some(),
        }
    }

    /// Whether only a load can show what the server made of this change, which is due.
    #[inline(always)]
    pub(super) fn needs_load(
        &self,
        options: &CollectionOptions,
        (at, action): (usize, Reconcile),
        progress: RowsProgress,
    ) -> bool {
        self.mutations.get(at).is_some_and(|own| {
            self.is_echo_missing(options, own, progress)
                || action == Reconcile::Commit && is_result_unknown(options, own)
        })
    }

    // ----- loaded rows -----

    /// Replaces the server's rows by loaded ones, with the changes received meanwhile of which
    /// `is_later` holds. Returns the accepted inserts that are among them.
    #[inline(always)]
    pub(super) fn replace(
        &mut self,
        options: &CollectionOptions,
        rows: KeyedRows<P>,
        received: Vec<ReceivedChange<P>>,
        is_later: impl Fn(&ReceivedChange<P>) -> bool,
    ) -> Vec<Mutation<P>> {
        let loaded = if options.persists { self.match_inserts(&rows) } else { Vec::new() };
        let mutations = &self.mutations;
        let is_observed = |key: &str| received.iter().any(|received| &*received.key == key);
        self.table.replace(rows, &|key| mutations.affects(key) || is_observed(key));
        for change in received {
            if is_later(&change) {
                self.apply(options.limit, change.kind, &change.key, change.row);
            }
        }
        loaded
    }

    /// Matches new loaded rows with equal inserts that have no key yet, where messages
    /// need not name their changes; an accepted insert also matches a row that was not
    /// equal before. Returns the inserts that had been accepted.
    fn match_inserts(&mut self, rows: &[(Rc<str>, P)]) -> Vec<Mutation<P>> {
        let mut loaded = Vec::new();
        let mut at = 0;
        while let Some(insert) = self.mutations.get(at) {
            at += 1;
            let is_new = |key: &str| {
                !self.mutations.affects(key)
                    && match self.table.server(key) {
                        None => true,
                        // What others made of the row, before it was first seen, was lost.
                        Some(known) => {
                            let was_equal =
                                insert.matches_change(ChangeKind::Insert, key, Some(known));
                            insert.is_settled() && !was_equal
                        }
                    }
            };
            let same = |(key, row): &&(Rc<str>, P)| {
                insert.is_insert_without_key()
                    && insert.matches_change(ChangeKind::Insert, key, Some(row))
                    && is_new(key)
            };
            let Some((key, _)) = rows.iter().find(same) else { continue };
            let former = insert.key.clone();
            self.rename_key(&former, key);
            if let Some(Mutation { stage: Stage::Sent(sent), .. }) = self.mutations.get_mut(at - 1)
            {
                sent.observed = true;
            } else {
                at -= 1;
                loaded.extend(self.mutations.remove(at));
            }
        }
        loaded
    }

    /// Drops the changes accepted before the load was requested, which are in it. Where the loaded
    /// rows have a position they may be of an older copy, and the channel brings what they lack
    /// until `deadline`. `expects_late` is whether it may bring what the rows include as well.
    #[inline(always)]
    pub(super) fn drop_included(&mut self, loads: u32, deadline: Instant, late: LateMessages) {
        for mutation in self.mutations.remove_loaded(loads) {
            self.table.mark_dirty(&mutation.key);
            // The channel may still bring its message, which is older than the rows then.
            let has_position =
                matches!(&mutation.stage, Stage::Accepted(accepted) if accepted.seq.is_some());
            if has_position || late == LateMessages::Possible {
                self.recent.expect(&mutation, deadline);
            }
        }
    }

    /// Whether a change was accepted since the last of `loads` load requests, and nothing will show
    /// whether the rows hold it, or something newer: rows requested from now on do.
    pub(super) fn is_ambiguous(&self, progress: RowsProgress) -> bool {
        let late = |mutation: &Mutation<P>| matches!(&mutation.stage, Stage::Accepted(accepted) if accepted.loads == progress.loads);
        !progress.is_counted() && self.mutations.position(&late).is_some()
    }

    /// Removes all rows and what is remembered; what is sent stays.
    pub(super) fn reset(&mut self) {
        self.mutations.remove_settled();
        let mutations = &self.mutations;
        self.table.replace(Vec::new(), &|key| mutations.affects(key));
        self.recent.clear();
    }
}

/// Whether messages that loaded rows include may still come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LateMessages {
    /// The channel has brought everything.
    Impossible,
    /// The channel goes on from where it was.
    Possible,
}

/// Whether the stored row of a change is unknown: the app returned no row, and no message equals
/// it. Only a load can show it.
const fn is_result_unknown<P: Payload>(
    options: &CollectionOptions,
    mutation: &Mutation<P>,
) -> bool {
    let Stage::Accepted(accepted) = &mutation.stage else { return false };
    options.loads && options.persists && accepted.row.is_none()
}

fn not_an_object(argument: &str) -> Error {
    let message = argument.to_owned() + " is not an object";
    Error::new(Code::InvalidArgument).with_cause(&message)
}
