//! The shown row where the server and pending changes both changed it.

use alloc::vec::Vec;

use super::merge::{members, merge};
use super::mutation::{Effect, Mutation, Update};
use super::{CollectionOptions, ConflictPolicy};
use crate::core::id::MutationId;
use crate::core::payload::Payload;

/// What shows under a key.
#[derive(Debug)]
pub(super) enum Showing<P> {
    /// This row, or none.
    Row(Option<P>),
    /// The app has to decide.
    Undecided(Undecided<P>),
}

/// The data that the app needs to decide.
#[derive(Debug)]
pub(super) struct Undecided<P> {
    pub(super) mutation: MutationId,
    pub(super) local: P,
    pub(super) remote: P,
    pub(super) base: Option<P>,
}

/// What an update does to the server's row.
#[derive(Debug)]
pub(super) enum Resolution<P> {
    /// These fields go over it.
    Fields(P),
    /// This row takes its place.
    Row(P),
    /// The app has to decide; this is the row without the server's change.
    Undecided(P),
}

/// The newest row the server is known to have: `server`, and what it accepted since.
pub(super) fn newest<'m, P: Payload + 'm>(
    server: Option<&P>,
    mutations: impl Iterator<Item = &'m Mutation<P>>,
) -> Option<P> {
    let accepted = mutations.filter(|mutation| mutation.is_settled());
    accepted.fold(server.cloned(), |row, mutation| mutation.apply_to(row))
}

/// What shows under a key: the newest row of the server, and over it the pending changes.
pub(super) fn showing<'m, P: Payload + 'm>(
    options: &CollectionOptions,
    server: Option<&P>,
    mutations: impl Iterator<Item = &'m Mutation<P>>,
) -> Showing<P> {
    let mut server = server.cloned();
    let mut shown = server.clone();
    // The row as the client would have it, had the server changed nothing.
    let mut mine: Option<P> = None;
    for mutation in mutations {
        if mutation.is_settled() {
            server = mutation.apply_to(server);
            shown = server.clone();
            continue;
        }
        match &mutation.effect {
            Effect::Insert { shown: row, .. } => {
                let stored = server.clone().filter(|_| mutation.is_observed());
                shown = stored.or_else(|| Some(row.clone()));
                mine = shown.clone();
            }
            Effect::Remove => (shown, mine) = (None, None),
            Effect::Update(update) => {
                let Some(under) = shown else { continue };
                shown = Some(match resolve(options, update, server.as_ref(), mine.as_ref()) {
                    Resolution::Fields(patch) => merge(&under, &patch),
                    Resolution::Row(row) => row,
                    Resolution::Undecided(local) => {
                        let remote = server.unwrap_or(under);
                        let (mutation, base) = (mutation.id, update.base.clone());
                        return Showing::Undecided(Undecided { mutation, local, remote, base });
                    }
                });
                mine = local(update, mine.as_ref());
            }
        }
    }
    Showing::Row(shown)
}

/// What an update does to the server's newest row. `mine` is what earlier pending changes make of
/// the row.
pub(super) fn resolve<P: Payload>(
    options: &CollectionOptions,
    update: &Update<P>,
    server: Option<&P>,
    mine: Option<&P>,
) -> Resolution<P> {
    let patch = &update.patch;
    let (Some(server), Some(base)) = (server, &update.base) else {
        return Resolution::Fields(patch.clone());
    };
    let changed = |field: &str| {
        let now = server.member(field);
        [Some(base), Some(patch), mine].into_iter().flatten().all(|known| {
            match (known.member(field), &now) {
                (Some(known), Some(now)) => !known.eq_json(now),
                (known, now) => known.is_some() || now.is_some(),
            }
        })
    };
    if !patch.keys().iter().any(|field| changed(field)) {
        return Resolution::Fields(patch.clone());
    }
    let unclashing =
        || Resolution::Fields(P::object(Vec::new()).merged(members(patch, |key| !changed(key))));
    let whole = || local(update, mine).unwrap_or_else(|| merge(server, patch));
    match options.policy {
        ConflictPolicy::ClientWins => Resolution::Row(whole()),
        ConflictPolicy::LastWriteWins if is_newer(options, patch, server) => {
            Resolution::Row(whole())
        }
        ConflictPolicy::ServerWins | ConflictPolicy::LastWriteWins => unclashing(),
        ConflictPolicy::Merge => Resolution::Fields(patch.clone()),
        ConflictPolicy::Function => match &update.resolved {
            Some((remote, row)) if remote.eq_json(server) => Resolution::Row(row.clone()),
            _ => Resolution::Undecided(whole()),
        },
    }
}

/// The row as the client edited it.
fn local<P: Payload>(update: &Update<P>, mine: Option<&P>) -> Option<P> {
    mine.or(update.base.as_ref()).map(|row| merge(row, &update.patch))
}

/// Whether the patch bears a greater version than the row.
pub(super) fn is_newer<P: Payload>(options: &CollectionOptions, patch: &P, row: &P) -> bool {
    let version = |of: &P| of.member(options.version.as_deref()?);
    let (Some(patch), Some(row)) = (version(patch), version(row)) else { return false };
    match (patch.as_number(), row.as_number()) {
        (Some(patch), Some(row)) => patch > row,
        _ => patch.as_text().zip(row.as_text()).is_some_and(|(patch, row)| patch > row),
    }
}
