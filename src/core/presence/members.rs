//! The members present in one channel: the server's state, and the differences emitted to the app.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::outbound::Outbound;
use super::types::{PresenceChange, PresenceKind, Step};
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::ChannelId;
use crate::core::payload::{MAX_DEPTH, Payload};
use crate::core::throttle::Throttle;
use crate::core::time::Instant;

/// The most metas of one channel; further ones are dropped.
pub(super) const MAX_METAS: usize = 10_000;

/// The most metas of one key. It bounds the time to compare them with each other.
pub(super) const MAX_METAS_OF_KEY: usize = 1_000;

/// One presence under a key, such as one tab of a user.
#[derive(Debug, Clone)]
struct Meta<P> {
    /// The server's id of the meta.
    reference: String,
    /// The reference of the meta that it replaces, as it was reported to the app.
    replaces_reported: Option<String>,
    /// The meta, without the reference.
    shown: P,
}

/// The metas by key, sorted by key.
type Keyed<P> = Vec<(String, Vec<Meta<P>>)>;

impl<P> Meta<P> {
    /// The reference under which this was reported to the app, if it was.
    fn reported_reference(&self) -> &String {
        self.replaces_reported.as_ref().unwrap_or(&self.reference)
    }

    /// Marks the meta as the replacement of one that ended.
    fn follow(&mut self, ended: Self) {
        self.replaces_reported = Some(ended.replaces_reported.unwrap_or(ended.reference));
    }
}

/// What is known of the state in this membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Nothing: no state was received, so differences cannot be applied.
    Awaited,
    /// The whole state.
    Whole,
    /// A part: the limit was exceeded, and that was reported to the app.
    Overfull,
}

/// The members of one channel.
#[derive(Debug)]
pub(super) struct Members<P> {
    id: ChannelId,
    source: Source,
    /// The present metas. Each key has at least one.
    present: Keyed<P>,
    /// The number of metas in `present`.
    count: usize,
    /// The last reported metas of the keys that have changed since.
    unreported: Keyed<P>,
    /// Whether a whole state was received since the last report.
    synced: bool,
    throttle: Throttle,
}

impl<P> Members<P> {
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.throttle.poll_timeout()
    }
}

impl<P: Payload> Members<P> {
    pub(super) const fn new(id: ChannelId) -> Self {
        Self {
            id,
            source: Source::Awaited,
            present: Vec::new(),
            count: 0,
            unreported: Vec::new(),
            synced: false,
            throttle: Throttle::Quiet,
        }
    }

    /// Replaces the state by another one; only the differences are emitted.
    pub(super) fn state(&mut self, env: &Env, out: &mut Outbound<P>, state: &P) {
        if !state.is_object() {
            return;
        }
        self.source = Source::Whole;
        self.synced = true;
        let gone =
            self.present.iter().map(|(key, _)| key).filter(|key| state.member(key).is_none());
        for key in gone.cloned().collect::<Vec<_>>() {
            self.replace(&key, Vec::new());
        }
        for key in state.keys() {
            let former = self.metas(&key).to_vec();
            self.merge(out, &key, Vec::new(), former, state.member(&key).as_ref());
        }
        self.changed(env, out);
    }

    /// Applies a difference to the state.
    pub(super) fn diff(&mut self, env: &Env, out: &mut Outbound<P>, joins: &P, leaves: &P) {
        if self.source == Source::Awaited {
            return;
        }
        // Leaves are applied first: they free capacity for joins.
        let mut keys = leaves.keys();
        keys.retain(|key| joins.member(key).is_none());
        keys.append(&mut joins.keys());
        for key in keys {
            let joining = joins.member(&key);
            let mut ended = references(joining.as_ref());
            ended.append(&mut references(leaves.member(&key).as_ref()));
            let (ending, staying) =
                self.metas(&key).iter().cloned().partition(|meta| ended.contains(&meta.reference));
            self.merge(out, &key, staying, ending, joining.as_ref());
        }
        self.changed(env, out);
    }

    /// Ends the membership. The members stay until the next state.
    pub(super) const fn membership_ended(&mut self) {
        self.source = Source::Awaited;
    }

    /// Removes all members until the next state, because another user, who signed in, may have
    /// access to other ones.
    pub(super) fn clear(&mut self, out: &mut Outbound<P>) {
        self.source = Source::Awaited;
        self.synced |= !self.present.is_empty();
        for (key, metas) in core::mem::take(&mut self.present) {
            self.note(&key, metas);
        }
        self.count = 0;
        self.throttle.flush();
        self.emit_changes(out);
    }

    pub(super) fn handle_timeout(&mut self, now: Instant, out: &mut Outbound<P>) {
        if self.throttle.handle_timeout(now) {
            self.emit_changes(out);
        }
    }

    // ----- internals -----

    fn metas(&self, key: &str) -> &[Meta<P>] {
        match find(&self.present, key).map(|at| self.present.get(at)) {
            Ok(Some((_, metas))) => metas,
            _ => &[],
        }
    }

    /// Sets the metas of a key: `staying` and those read from `joining`. Each of the latter
    /// replaces one of `ending`, as long as there are any.
    fn merge(
        &mut self,
        out: &mut Outbound<P>,
        key: &str,
        mut staying: Vec<Meta<P>>,
        mut ending: Vec<Meta<P>>,
        joining: Option<&P>,
    ) {
        let mut joining = read(joining, out);
        let room = (MAX_METAS + ending.len())
            .saturating_sub(self.count)
            .min(MAX_METAS_OF_KEY.saturating_sub(staying.len()));
        if joining.len() > room {
            joining.truncate(room);
            if self.source == Source::Whole {
                self.source = Source::Overfull;
                let error = Error::new(Code::InvalidFrame).with_cause("too many presences");
                out.steps.push(Step::Error(self.id, error));
            }
        }
        // A meta replaces the one with the same reference; otherwise, as after a restart of the
        // server, an equal one; otherwise the next one.
        for meta in &mut joining {
            if let Some(at) = ending.iter().position(|ended| ended.reference == meta.reference) {
                meta.follow(ending.remove(at));
            }
        }
        follow_equal(&mut joining, &mut ending);
        let rest = joining.iter_mut().filter(|meta| meta.replaces_reported.is_none());
        for (meta, ended) in rest.zip(ending) {
            meta.follow(ended);
        }
        staying.append(&mut joining);
        self.replace(key, staying);
    }

    fn replace(&mut self, key: &str, metas: Vec<Meta<P>>) {
        let former = match find(&self.present, key) {
            Ok(at) => {
                let (_, former) = self.present.remove(at);
                if !metas.is_empty() {
                    self.present.insert(at, (key.to_owned(), metas));
                }
                former
            }
            Err(_) if metas.is_empty() => return,
            Err(at) => {
                self.present.insert(at, (key.to_owned(), metas));
                Vec::new()
            }
        };
        self.count = self.count + self.metas(key).len() - former.len();
        self.note(key, former);
    }

    /// Stores the reported metas of a key before its first change since then.
    fn note(&mut self, key: &str, former: Vec<Meta<P>>) {
        if let Err(at) = find(&self.unreported, key) {
            self.unreported.insert(at, (key.to_owned(), former));
        }
    }

    fn changed(&mut self, env: &Env, out: &mut Outbound<P>) {
        let any = self.synced || !self.unreported.is_empty();
        if any && self.throttle.note(env.now, env.config.batch_ms) {
            self.emit_changes(out);
        }
    }

    /// Emits the differences between the last reported state and the present one. A meta that
    /// joined and left in between is none.
    fn emit_changes(&mut self, out: &mut Outbound<P>) {
        let mut changes = Vec::new();
        if core::mem::take(&mut self.synced) {
            changes.push(PresenceChange {
                kind: PresenceKind::Sync,
                key: String::new(),
                metas: Vec::new(),
                changed: Vec::new(),
            });
        }
        for (key, mut unreported) in core::mem::take(&mut self.unreported) {
            let (mut joined, mut updated) = (Vec::new(), Vec::new());
            let present = find(&self.present, &key).ok().and_then(|at| self.present.get_mut(at));
            let present = present.map(|(_, metas)| &mut **metas).unwrap_or_default();
            for meta in &mut *present {
                match unreported
                    .iter()
                    .position(|former| former.reference == *meta.reported_reference())
                {
                    None => joined.push(meta.shown.clone()),
                    Some(at) => {
                        let former = unreported.remove(at);
                        if former.shown.eq_json(&meta.shown) {
                            meta.shown = former.shown;
                        } else {
                            updated.push(meta.shown.clone());
                        }
                    }
                }
                meta.replaces_reported = None;
            }
            let left = unreported.into_iter().map(|former| former.shown).collect();
            for (kind, changed) in [
                (PresenceKind::Join, joined),
                (PresenceKind::Update, updated),
                (PresenceKind::Leave, left),
            ] {
                if !changed.is_empty() {
                    let metas = present.iter().map(|meta| meta.shown.clone()).collect();
                    changes.push(PresenceChange { kind, key: key.clone(), metas, changed });
                }
            }
        }
        if !changes.is_empty() {
            out.steps.push(Step::Changes(self.id, changes));
        }
    }
}

/// Makes each of `joining` the replacement of an equal one of `ending`. Their JSON texts are
/// compared, each made once: comparing all pairs of values would take minutes with a thousand metas
/// of one key.
fn follow_equal<P: Payload>(joining: &mut [Meta<P>], ending: &mut Vec<Meta<P>>) {
    if joining.iter().all(|meta| meta.replaces_reported.is_some()) {
        return;
    }
    let mut slots: Vec<_> = ending.drain(..).map(Some).collect();
    let mut texts: Vec<(String, usize)> = Vec::new();
    for (slot, ended) in slots.iter().enumerate() {
        let text = ended.as_ref().map(|ended| ended.shown.json()).unwrap_or_default();
        texts.insert(index_of(&texts, &text), (text, slot));
    }
    for meta in joining.iter_mut().filter(|meta| meta.replaces_reported.is_none()) {
        let text = meta.shown.json();
        let at = index_of(&texts, &text);
        if texts.get(at).is_some_and(|(known, _)| *known == text) {
            let (_, slot) = texts.remove(at);
            if let Some(ended) = slots.get_mut(slot).and_then(Option::take) {
                meta.follow(ended);
            }
        }
    }
    ending.extend(slots.into_iter().flatten());
}

/// The index of a text in a sorted list, or that at which it would be inserted.
fn index_of(texts: &[(String, usize)], text: &str) -> usize {
    texts.partition_point(|(known, _)| known.as_str() < text)
}

fn find<P>(keyed: &Keyed<P>, key: &str) -> Result<usize, usize> {
    keyed.binary_search_by(|(known, _)| (**known).cmp(key))
}

/// The reference of a meta in the server's format.
fn reference<P: Payload>(meta: &P) -> Option<String> {
    meta.field("ref")?.as_text().filter(|reference| !reference.is_empty())
}

/// The references of a key's metas.
fn references<P: Payload>(metas: Option<&P>) -> Vec<String> {
    let items = metas.and_then(P::items).unwrap_or_default();
    items.iter().take(MAX_METAS_OF_KEY).filter_map(reference).collect()
}

/// Reads the metas of a key. One without a reference is dropped, because it could never leave; one
/// that is nested too deeply is dropped and recorded in `out`; of two with the same reference the
/// later one is used.
fn read<P: Payload>(metas: Option<&P>, out: &mut Outbound<P>) -> Vec<Meta<P>> {
    let mut all: Vec<Meta<P>> = Vec::new();
    for item in metas.and_then(P::items).unwrap_or_default().iter().take(MAX_METAS_OF_KEY + 1) {
        let Some(reference) = reference(item) else { continue };
        if !item.fits(MAX_DEPTH) {
            out.too_deep = true;
            continue;
        }
        let keys = item.keys().into_iter().filter(|key| key != "ref");
        let members = keys.filter_map(|key| item.member(&key).map(|value| (key, value))).collect();
        let shown = P::object(Vec::new()).merged(members);
        match all.iter_mut().find(|meta| meta.reference == reference) {
            Some(meta) => meta.shown = shown,
            None => all.push(Meta { reference, replaces_reported: None, shown }),
        }
    }
    all
}
