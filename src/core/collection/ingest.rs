//! Applies the channel's change messages in their order.

use alloc::rc::Rc;

use super::collection::Collection;
use super::incoming::{ChangeMessage, Incoming};
use super::key::{key_of, row_fault};
use super::mutation::{Awaits, Mutation, Stage};
use super::phase::Phase;
use super::step::Step;
use super::{AppRequest, ChangeKind, Key};
use crate::core::collection::merge::{members, merge};
use crate::core::env::Env;
use crate::core::error::Cause;
use crate::core::id::RequestId;
use crate::core::message::{Message, RowChange, RowChangeKind, StreamPosition};
use crate::core::payload::Payload;
use crate::core::time::Instant;

impl<P: Payload> Collection<P> {
    /// A message of the channel.
    pub(super) fn deliver(&mut self, env: &mut Env, delivery: &Message<P>) {
        self.incoming.push(Incoming::Message(delivery.place.clone(), self.read(delivery)));
        self.process_incoming(env);
    }

    /// A change of the database.
    pub(super) fn changed(&mut self, env: &mut Env, change: &RowChange<P>) {
        let (kind, row) = match change.kind {
            RowChangeKind::Insert => (ChangeKind::Insert, &change.new),
            RowChangeKind::Update => (ChangeKind::Update, &change.new),
            RowChangeKind::Delete => (ChangeKind::Remove, &change.old),
        };
        let row = row.clone().filter(P::is_object);
        let key = row.as_ref().and_then(|row| self.key(row));
        let message = ChangeMessage { kind, key, row, ids: [None, None] };
        self.incoming.push(Incoming::Message(None, Some(message)));
        self.process_incoming(env);
    }

    /// The kind of change in a message, if it has one.
    pub(super) fn kind_of(&self, delivery: &Message<P>) -> Option<ChangeKind> {
        let event = delivery.event.as_ref()?.as_text()?;
        let kinds = [ChangeKind::Insert, ChangeKind::Update, ChangeKind::Remove];
        self.options
            .events
            .iter()
            .zip(kinds)
            .find(|(name, _)| **name == event)
            .map(|(_, kind)| kind)
    }

    /// The change in a message, if it has one.
    fn read(&self, delivery: &Message<P>) -> Option<ChangeMessage<P>> {
        let kind = self.kind_of(delivery)?;
        let payload = &delivery.payload;
        let row = payload.field("row").filter(P::is_object);
        let key = row.as_ref().and_then(|row| self.key(row));
        let key = key.or_else(|| key_of(&payload.field("key")?));
        let text = |value: Option<P>| value.and_then(|value| value.as_text());
        let ids = [text(payload.field("mutation")), text(delivery.id.clone())];
        Some(ChangeMessage { kind, key, row, ids })
    }

    /// The key of a row, where it can be read.
    pub(super) fn key(&self, row: &P) -> Option<Rc<str>> {
        match &self.options.key {
            Key::Field(field) => key_of(&row.member(field)?),
            Key::Function => None,
        }
    }

    /// Applies the queued input, as far as keys are known.
    pub(super) fn process_incoming(&mut self, env: &mut Env) {
        while self.key_request.is_none() {
            let Some(first) = self.incoming.first() else { return };
            let outdated = matches!(first, Incoming::Loaded { request, .. }
                if !self.is_requested(*request));
            let requests = self.options.key == Key::Function && !outdated;
            match first.row_without_key().filter(|_| requests).cloned() {
                Some(row) => self.key_request = Some(self.send_request(AppRequest::Key(row))),
                None => match self.incoming.remove(0) {
                    Incoming::Message(place, message) => self.apply_message(env, place, message),
                    Incoming::Stored { mutation, seq, row, key } => {
                        self.settle(env, mutation, seq, Some(row), key);
                    }
                    Incoming::Loaded { request, keyed, position, .. } => {
                        self.loaded(env, request, keyed, position);
                    }
                },
            }
        }
    }

    /// Takes the app's key, or its failure. Returns whether the request was pending.
    pub(super) fn key_resolved(
        &mut self,
        env: &mut Env,
        request: RequestId,
        resolved: Result<P, Cause>,
    ) -> bool {
        if self.key_request.take_if(|requested| *requested == request).is_none() {
            return false;
        }
        let resolved = resolved.map_err(|cause| self.callback_failed(env, cause)).ok();
        let fault = resolved.as_ref().map(|resolved| self.options.key.fault(Some(resolved)));
        let resolved = resolved.and_then(|resolved| key_of(&resolved));
        // An exception is reported already.
        let fault = fault.filter(|_| resolved.is_none());
        if let (Some(fault), Some(Incoming::Loaded { request, keyed, .. })) =
            (&fault, self.incoming.first())
        {
            let (request, cause) = (*request, row_fault(keyed.len(), fault));
            self.incoming.remove(0);
            self.load_failed(env, request, cause);
            self.process_incoming(env);
            return true;
        }
        if let Some(fault) = fault {
            self.steps.push(Step::Invalid(fault));
        }
        match self.incoming.first_mut() {
            // Without a key there is no telling what a message changed.
            Some(Incoming::Message(_, message)) => match (message.as_mut(), resolved) {
                (Some(message), Some(resolved)) => message.key = Some(resolved),
                _ => *message = None,
            },
            Some(Incoming::Stored { mutation, key, .. }) => {
                let id = *mutation;
                let former = || self.mutations.0.iter().find(|mutation| mutation.id == id);
                *key = resolved.or_else(|| former().map(|mutation| mutation.key.clone()));
            }
            Some(Incoming::Loaded { rows, keyed, .. }) => {
                keyed.extend(rows.pop().and_then(|row| Some((resolved?, row))));
            }
            None => {}
        }
        self.process_incoming(env);
        true
    }

    fn apply_message(
        &mut self,
        env: &Env,
        place: Option<StreamPosition>,
        message: Option<ChangeMessage<P>>,
    ) {
        if let Some(message) = message {
            self.record(env, place.as_ref(), message);
        }
        if let Some(place) = place {
            self.set_position(Some(place));
        }
    }

    fn record(&mut self, env: &Env, place: Option<&StreamPosition>, message: ChangeMessage<P>) {
        let ChangeMessage { kind, key, row, ids } = message;
        let own = ids.iter().flatten().find_map(|id| self.mutations.find_by_message_id(id));
        let mut named = ids.iter().flatten().filter(|_| own.is_none());
        let settled = named.find_map(|id| self.recent.find_by_message_id(id));
        // Whoever stores a change need not name it in what is published.
        let unnamed = self.options.persists && ids[0].is_none() && own.is_none();
        let (own, settled) = match key.as_deref().filter(|_| unnamed && settled.is_none()) {
            Some(key) => self.find_equal(env.now, kind, key, row.as_ref()),
            None => (own, settled),
        };
        self.echoes |= own.is_some() || settled.is_some();
        let mutation = own.and_then(|at| self.mutations.0.get(at));
        let former = mutation.map(|mutation| (mutation.key.clone(), mutation.kind()));
        let former = former.or_else(|| settled.clone());
        let Some(key) = key.or_else(|| former.as_ref().map(|(key, _)| key.clone())) else {
            if let Key::Field(field) = &self.options.key {
                let value = row.and_then(|row| row.member(field));
                self.steps.push(Step::Invalid(self.options.key.fault(value.as_ref())));
            }
            return;
        };
        // Where the message has no row, the change was applied as requested.
        let row = row.or_else(|| mutation?.apply_to(self.newest(&key)));
        let known = self.table.server(&key).is_some();
        let included = place.is_some_and(|place| self.includes(place));
        match &former {
            Some((former, ChangeKind::Insert)) => self.rename_key(former, &key),
            // What is put in or removed may be a former row of this key: in doubt the rows are loaded
            // again.
            None if !included && (place.is_none() || kind == ChangeKind::Update) => {
                self.commit_missed_insert(env, &key);
            }
            _ => {}
        }
        let row = if settled.is_some() { self.not_overtaken(&key, row) } else { row };
        match (kind, row) {
            (ChangeKind::Remove, _) if !included => {
                self.apply_or_record(place, kind, &key, None, former.is_some());
            }
            (_, Some(row)) if !included => {
                self.apply_or_record(place, kind, &key, Some(row), former.is_some());
            }
            // What was put under a temporary key was no row of the server.
            _ if !known => self.table.put(&key, None),
            _ => {}
        }
        match own.map(|at| (at, self.mutations.0.get_mut(at).map(|own| &mut own.stage))) {
            // The response is pending and may reject it: then this was somebody else's.
            Some((_, Some(Stage::Sent(sent)))) if unnamed => {
                sent.observed = true;
                self.mark_dirty(env.now, &key);
            }
            Some((at, _)) => self.echoed(env, at),
            None => {
                self.mark_maybe_applied(env, &key);
                self.mark_dirty(env.now, &key);
                self.send_next(env, &key);
            }
        }
    }

    /// The change that a message without an id equals: one that is not among the server's rows, or
    /// one that is remembered.
    fn find_equal(
        &mut self,
        now: Instant,
        kind: ChangeKind,
        key: &str,
        row: Option<&P>,
    ) -> (Option<usize>, Option<(Rc<str>, ChangeKind)>) {
        let own = if kind == ChangeKind::Insert && self.table.server(key).is_some() {
            None
        } else {
            self.mutations.0.iter().position(|own| own.matches_change(kind, key, row))
        };
        let settled = match own {
            Some(_) => None,
            None => self.recent.find_equal(now, kind, key, row),
        };
        (own, settled)
    }

    /// The row of an echo, without what later changes of this client made of it already.
    fn not_overtaken(&self, key: &str, row: Option<P>) -> Option<P> {
        let row = row.filter(|_| !self.recent.is_removed(key))?;
        if self.recent.is_whole(key) {
            return self.table.server(key).cloned();
        }
        let later = |known| members(known, |field| self.recent.affects(key, field));
        Some(self.table.server(key).map_or_else(|| row.clone(), |known| row.merged(later(known))))
    }

    /// Somebody else's change of a row comes after the insert of it: if that was this client's,
    /// its echo was lost or not recognised.
    fn commit_missed_insert(&mut self, env: &Env, key: &str) {
        if !matches!(self.phase, Phase::Live) || self.table.server(key).is_some() {
            return;
        }
        let inserted = |mutation: &Mutation<P>| {
            mutation.is_settled() && mutation.kind() == ChangeKind::Insert && &*mutation.key == key
        };
        if let Some(at) = self.mutations.0.iter().position(inserted) {
            self.commit(env, at);
        }
    }

    /// Takes a change into the rows that show, and keeps it for those being loaded.
    fn apply_or_record(
        &mut self,
        place: Option<&StreamPosition>,
        kind: ChangeKind,
        key: &Rc<str>,
        row: Option<P>,
        own: bool,
    ) {
        let known = own || self.table.server(key).is_some();
        let shows = match &mut self.phase {
            Phase::Live => true,
            Phase::Waiting => known,
            Phase::Loading(loading) => {
                loading.record(place, kind, key, row.as_ref());
                // A row whose insert was missed may be this client's own: the load decides.
                let missed = || {
                    kind == ChangeKind::Update
                        && !self.mutations.affects(key)
                        && self.mutations.awaits_key(Awaits::Reply, false)
                };
                known || loading.shows_all() && !missed()
            }
        };
        if shows {
            self.apply(kind, key, row);
            self.trim();
        }
    }

    /// Applies a change to the server's rows.
    pub(super) fn apply(&mut self, kind: ChangeKind, key: &Rc<str>, row: Option<P>) {
        let row = match (kind, row) {
            (ChangeKind::Update, Some(row)) => match self.table.server(key) {
                Some(known) => Some(merge(known, &row)),
                None if self.was_dropped(key) => return,
                None => Some(row),
            },
            (_, row) => row,
        };
        self.table.put(key, row);
    }

    /// Whether an unknown row is one that was let go: this client removed it, and the message of
    /// that is still to come; or there are as many as may be.
    fn was_dropped(&self, key: &str) -> bool {
        self.recent.is_removed(key)
            || self.options.limit.is_some_and(|limit| self.table.len() >= limit)
    }

    /// Lets the oldest rows go that are too many.
    pub(super) fn trim(&mut self) {
        if let Some(limit) = self.options.limit {
            let mutations = &self.mutations;
            self.table.trim(limit, |key| mutations.affects(key));
        }
    }
}
