//! One collection: what the app changes, and what it is shown.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::conflict::{self, Showing, Undecided};
use super::incoming::Incoming;
use super::key::temporary;
use super::mutation::{Accepted, Effect, Mutation, Mutations, Sent, Stage, Update};
use super::phase::Phase;
use super::recent_mutations::Recent;
use super::table::Table;
use super::view::Window;
use super::{
    AppRequest, AppResponse, CollectionOptions, CollectionStatus, Edit, EditKind, Key,
    MutationProgress, PendingChange, Step, View,
};
use crate::core::backoff::Backoff;
use crate::core::env::Env;
use crate::core::error::{Cause, Code, Error};
use crate::core::id::{ChannelId, CollectionId, Counter, MutationId, RequestId};
use crate::core::message::StreamPosition;
use crate::core::payload::{MAX_DEPTH, Payload};
use crate::core::time::{Instant, earliest};

/// What is wrong with a row that is not walked.
pub(super) const TOO_DEEP: &str = " that is nested too deeply, is too large, or cannot be read";

/// A decision that was requested from the app.
#[derive(Debug)]
struct PendingDecision<P> {
    request: RequestId,
    mutation: MutationId,
    /// The server's row that it is about.
    remote: P,
}

/// The last emitted View, without its rows.
#[derive(Debug, PartialEq, Eq)]
struct LastEmitted {
    pending: Vec<PendingChange>,
    status: CollectionStatus,
    error: Option<Error>,
}

/// One collection.
#[derive(Debug)]
pub(super) struct Collection<P> {
    /// The open handles: every one receives the views, the first one receives the requests. Without any it lingers.
    pub(super) viewers: Vec<CollectionId>,
    /// The handle that received the last load request.
    pub(super) loader: CollectionId,
    /// When it is over, if nobody opens it.
    closes: Option<Instant>,
    /// It shows its rows to whoever has just opened it.
    opened: bool,
    pub(super) channel: ChannelId,
    pub(super) name: Rc<str>,
    pub(super) options: CollectionOptions,
    pub(super) table: Table<P>,
    pub(super) mutations: Mutations<P>,
    pub(super) recent: Recent<P>,
    /// Own changes are expected to come back as messages: none failed to since the last gap.
    pub(super) echoes: bool,
    pub(super) phase: Phase<P>,
    pub(super) backoff: Backoff,
    /// Load requests so far.
    pub(super) loads: u32,
    /// The last message of the channel that was taken in.
    pub(super) position: Option<StreamPosition>,
    /// The last message that the load included.
    pub(super) floor: Option<StreamPosition>,
    /// What waits for the key of its first row, in order.
    pub(super) incoming: Vec<Incoming<P>>,
    /// The question for that key.
    pub(super) key_request: Option<RequestId>,
    pending_decision: Option<PendingDecision<P>>,
    pub(super) window: Window,
    pub(super) error: Option<Error>,
    last_emitted: LastEmitted,
    requests: Counter,
    pub(super) steps: Vec<Step<P>>,
}

impl<P: Payload> Collection<P> {
    pub(super) fn new(
        id: CollectionId,
        channel: ChannelId,
        name: Rc<str>,
        options: CollectionOptions,
    ) -> Self {
        Self {
            viewers: vec![id],
            loader: id,
            closes: None,
            opened: false,
            channel,
            name,
            options,
            table: Table::default(),
            mutations: Mutations(Vec::new()),
            recent: Recent::default(),
            echoes: true,
            phase: Phase::Waiting,
            backoff: Backoff::default(),
            loads: 0,
            position: None,
            floor: None,
            incoming: Vec::new(),
            key_request: None,
            pending_decision: None,
            window: Window::new(),
            error: None,
            last_emitted: LastEmitted {
                pending: Vec::new(),
                status: CollectionStatus::Loading,
                error: None,
            },
            requests: Counter::default(),
            steps: Vec::new(),
        }
    }

    // ----- who has it open -----

    /// Whether somebody with these options can have it: it is open with the very same, or it lingers
    /// and the rows are the same though the functions are others.
    pub(super) fn takes(&self, options: &CollectionOptions) -> bool {
        self.options == *options
            || self.viewers.is_empty() && self.options.eq_ignoring_functions(options)
    }

    /// One more has it open.
    pub(super) fn attach(&mut self, env: &Env, id: CollectionId, options: CollectionOptions) {
        let is_back = self.viewers.is_empty();
        let is_current = self.options.functions == options.functions && self.position.is_some();
        self.options = options;
        self.viewers.push(id);
        self.closes = None;
        self.opened = true;
        self.window.at_once();
        // Another function may load other rows. Without positions it is unknown whether a message was missed.
        if is_back && !is_current {
            self.check(env);
        }
    }

    /// One less has it open. Returns whether that was the last one: then its changes have failed, and it
    /// lingers if its rows are good.
    pub(super) fn detach(&mut self, env: &Env, id: CollectionId) -> bool {
        self.viewers.retain(|viewer| *viewer != id);
        if self.viewers.is_empty() {
            self.fail_all(env, &Error::new(Code::Aborted), |_| true);
            self.pending_decision = None;
            let lingers = self.phase.has_rows() && self.error.is_none();
            self.closes = lingers.then_some(env.now + env.config.linger_ms);
        }
        self.viewers.is_empty()
    }

    /// Whether nobody has it open and its time is over.
    pub(super) fn is_expired(&self, now: Instant) -> bool {
        self.viewers.is_empty() && self.closes.is_none_or(|at| now >= at)
    }

    // ----- what the app changes -----

    /// Applies a change optimistically. Failure is emitted as its progress.
    pub(super) fn mutate(&mut self, env: &Env, edit: Edit<P>) {
        let Edit { mutation, id, change } = edit;
        let base_id: Rc<str> = id.into();
        match self.effect(env, &base_id, change) {
            Err(error) => self
                .emit_progress(mutation, MutationProgress::Failed(error.with_channel(&self.name))),
            Ok((key, effect)) => {
                if matches!(effect, Effect::Insert { .. }) {
                    self.table.reserve(&key);
                }
                self.mutations.0.push(Mutation::new(mutation, base_id, key.clone(), effect));
                self.table.mark_dirty(&key);
                self.window.at_once();
                self.send_next(env, &key);
            }
        }
    }

    fn effect(
        &self,
        env: &Env,
        base_id: &Rc<str>,
        change: EditKind<P>,
    ) -> Result<(Rc<str>, Effect<P>), Error> {
        let unsettled = self.mutations.0.iter().filter(|mutation| !mutation.is_settled());
        if unsettled.count() as u64 >= env.config.queue_max_messages {
            return Err(Error::new(Code::QueueFull));
        }
        match change {
            EditKind::Insert { row, .. } if !row.is_object() => Err(not_an_object("row")),
            EditKind::Insert { key: Some(key), row } => {
                Ok((key.into(), Effect::Insert { shown: row.clone(), row }))
            }
            EditKind::Insert { key: None, row } => {
                let key = temporary(base_id);
                let shown = match &self.options.key {
                    Key::Field(field) => row.merged(vec![(field.clone(), P::text(&key))]),
                    Key::Function => row.clone(),
                };
                Ok((key, Effect::Insert { row, shown }))
            }
            EditKind::Update { patch, .. } if !patch.is_object() => Err(not_an_object("patch")),
            EditKind::Update { key, patch } => {
                let key = self.existing(&key)?;
                let base = self.newest(&key);
                Ok((key, Effect::Update(Update { patch, base, resolved: None })))
            }
            EditKind::Remove { key } => Ok((self.existing(&key)?, Effect::Remove)),
        }
    }

    /// The app answered a question.
    pub(super) fn answer(
        &mut self,
        env: &mut Env,
        request: RequestId,
        answer: Result<AppResponse<P>, Cause>,
    ) {
        let deep = |row: &P| !row.fits(MAX_DEPTH);
        let rejected =
            |message: &str| Err(Cause { code: None, message: [message, TOO_DEEP].concat() });
        let answer = match answer {
            Ok(AppResponse::Rows { rows, .. }) if rows.iter().any(deep) => {
                rejected("load gave a row")
            }
            Ok(AppResponse::Resolved(row)) if deep(&row) => rejected("conflict gave a row"),
            answer => answer,
        };
        // A response to no pending request is ignored.
        let _ = match answer {
            Ok(AppResponse::Rows { rows, position }) => self.rows(env, request, rows, position),
            Ok(AppResponse::Stored(row)) => self.persisted(env, request, Ok(row)),
            Ok(AppResponse::Key(key)) => self.key_resolved(env, request, Ok(key)),
            Ok(AppResponse::Resolved(row)) => self.decision_received(env, request, Ok(row)),
            Err(cause) => {
                self.load_failed(env, request, cause.clone())
                    || self.persisted(env, request, Err(cause.clone()))
                    || self.key_resolved(env, request, Err(cause.clone()))
                    || self.decision_received(env, request, Err(cause))
            }
        };
    }

    /// The present key of a row that shows.
    fn existing(&self, key: &str) -> Result<Rc<str>, Error> {
        let key = self.recent.real(key);
        match self.showing(&key) {
            Showing::Row(None) => {
                Err(Error::new(Code::NotFound).with_cause("No row has this key."))
            }
            _ => Ok(key),
        }
    }

    /// Another user signed in. Nothing of the former one is shown, and nothing sent in his name.
    pub(super) fn reset(&mut self, env: &Env) {
        // The outcome of a sent change comes from the outbox.
        let waits = |mutation: &Mutation<P>| {
            !matches!(mutation.stage, Stage::Sent(Sent { request: None, .. }))
        };
        self.fail_all(env, &Error::new(Code::IdentityChanged), waits);
        self.mutations.0.retain(|mutation| !mutation.is_settled());
        let mutations = &self.mutations;
        self.table.replace(Vec::new(), |key| mutations.affects(key));
        self.recent = Recent::default();
        self.incoming.clear();
        (self.key_request, self.pending_decision) = (None, None);
        (self.position, self.floor, self.error) = (None, None, None);
        self.phase = Phase::Waiting;
        self.backoff.reset();
        self.window.at_once();
        self.closes = None;
    }

    // ----- what it is shown -----

    /// The newest row that the server is known to have under this key.
    pub(super) fn newest(&self, key: &str) -> Option<P> {
        conflict::newest(self.table.server(key), self.mutations.of(key))
    }

    fn showing(&self, key: &str) -> Showing<P> {
        conflict::showing(&self.options, self.table.server(key), self.mutations.of(key))
    }

    /// Something under this key came from outside.
    pub(super) fn mark_dirty(&mut self, now: Instant, key: &str) {
        self.table.mark_dirty(key);
        self.window.changed(now);
    }

    pub(super) fn emit_progress(&mut self, mutation: MutationId, progress: MutationProgress<P>) {
        self.steps.push(Step::Mutation(mutation, progress));
    }

    pub(super) fn send_request(&mut self, app_request: AppRequest<P>) -> RequestId {
        let request = RequestId(self.requests.next());
        match self.viewers.first() {
            Some(viewer) => {
                if matches!(app_request, AppRequest::Load) {
                    self.loader = *viewer;
                }
                self.steps.push(Step::AppRequest(*viewer, request, app_request));
            }
            // Nobody is there to answer: whoever comes back opens another one.
            None => self.closes = None,
        }
        request
    }

    /// Requests a decision about a row from the app, unless one is pending.
    pub(super) fn request_decision(&mut self, undecided: Undecided<P>) {
        if self.pending_decision.is_some() {
            return;
        }
        let Undecided { mutation, local, remote, base } = undecided;
        let local = Some(local);
        let request =
            self.send_request(AppRequest::Resolve { local, remote: remote.clone(), base });
        self.pending_decision = Some(PendingDecision { request, mutation, remote });
    }

    /// Applies the app's decision; if it failed, the server's row shows. Returns whether the request was pending.
    fn decision_received(
        &mut self,
        env: &Env,
        request: RequestId,
        decision: Result<P, Cause>,
    ) -> bool {
        let Some(pending_decision) =
            self.pending_decision.take_if(|pending_decision| pending_decision.request == request)
        else {
            return false;
        };
        let row = match decision {
            Ok(row) => Some(row).filter(P::is_object),
            Err(cause) => {
                self.callback_failed(env, cause);
                None
            }
        };
        if let Some(at) = self.mutations.unsettled(pending_decision.mutation)
            && let Some(mutation) = self.mutations.0.get_mut(at)
            && let Effect::Update(update) = &mut mutation.effect
        {
            let remote = pending_decision.remote;
            update.resolved = Some((remote.clone(), row.unwrap_or(remote)));
            let key = mutation.key.clone();
            self.mark_dirty(env.now, &key);
        }
        self.send_next_all(env);
        true
    }

    /// A callback of the app threw: shown until the next good load.
    pub(super) fn callback_failed(&mut self, env: &Env, cause: Cause) {
        let mut error = Error::new(Code::CallbackFailed).with_channel(&self.name);
        error.cause = Some(cause);
        self.error = Some(error);
        self.window.changed(env.now);
    }

    /// Tells a View if one is due and anything in it changed.
    pub(super) fn flush(&mut self, env: &Env) {
        if !self.window.is_due(env.now) || self.pending_decision.is_some() {
            return;
        }
        let (options, mutations) = (&self.options, &self.mutations);
        let show =
            |key: &str, server: Option<&P>| conflict::showing(options, server, mutations.of(key));
        if let Some(Showing::Undecided(undecided)) =
            self.table.refresh(show, |key| mutations.affects(key))
        {
            // The due View is emitted after the app has decided.
            self.request_decision(undecided);
            return;
        }
        let current = LastEmitted {
            pending: self.mutations.pending(),
            status: self.phase.status(),
            error: self.error.clone(),
        };
        let opened = core::mem::take(&mut self.opened);
        let changed = self.table.take_changed() || current != self.last_emitted || opened;
        if changed {
            self.last_emitted = current;
            if let Some((last, others)) = self.viewers.split_last() {
                let view = self.view();
                let shown = |id: &CollectionId| Step::View(*id, view.clone());
                self.steps.extend(others.iter().map(shown));
                self.steps.push(Step::View(*last, view));
            }
        }
        self.window.done(env.now, env.config.batch_ms, changed);
    }

    /// What was shown last.
    pub(super) fn view(&self) -> View<P> {
        let LastEmitted { pending, status, error } = &self.last_emitted;
        let (pending, status, error) = (pending.clone(), *status, error.clone());
        View { rows: self.table.rows(), pending, status, error }
    }

    // ----- time -----

    /// When [`Collection::handle_timeout`] is due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let view = self.window.deadline().filter(|_| self.pending_decision.is_none());
        let due = earliest(earliest(view, self.phase.deadline()), self.closes);
        self.mutations.0.iter().fold(due, |due, mutation| earliest(due, self.deadline(mutation)))
    }

    pub(super) fn handle_timeout(&mut self, env: &Env) {
        self.retry_load(env);
        self.expire(env);
    }

    /// Time in which the page slept is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        self.phase.extend_deadlines(slept_ms);
        for mutation in &mut self.mutations.0 {
            match &mut mutation.stage {
                Stage::Waiting { until: Some(until) } | Stage::Rejected { until, .. } => {
                    *until = *until + slept_ms;
                }
                Stage::Accepted(Accepted { commit_at, drop_at, .. }) => {
                    *commit_at = *commit_at + slept_ms;
                    *drop_at = drop_at.map(|until| until + slept_ms);
                }
                Stage::Waiting { .. } | Stage::Sent(_) => {}
            }
        }
    }
}

fn not_an_object(argument: &str) -> Error {
    let mut message = String::from(argument);
    message.push_str(" is not an object");
    Error::new(Code::InvalidArgument).with_cause(&message)
}
