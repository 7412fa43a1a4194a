//! One collection: what the app changes, and what it is shown.

use alloc::rc::Rc;

use super::collection_env::CollectionEnv;
use super::display::Display;
use super::incoming::IncomingQueue;
use super::input::Input;
use super::mutation::Mutation;
use super::replica::Replica;
use super::viewers::Viewers;
use super::{CollectionOptions, View};
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::{ChannelId, CollectionId, MutationId};
use crate::core::payload::Payload;
use crate::core::time::{Instant, earliest};

/// One collection, composed of its parts.
#[derive(Debug)]
pub(super) struct Collection<P> {
    pub(super) channel: ChannelId,
    pub(super) name: Rc<str>,
    pub(super) options: CollectionOptions,
    pub(super) viewers: Viewers<P>,
    display: Display,
    incoming: IncomingQueue<P>,
    pub(super) replica: Replica<P>,
}

impl<P: Payload> Collection<P> {
    pub(super) fn new(
        id: CollectionId,
        channel: ChannelId,
        name: Rc<str>,
        options: CollectionOptions,
    ) -> Self {
        let (viewers, display) = (Viewers::new(id), Display::new());
        let (incoming, replica) = (IncomingQueue::default(), Replica::default());
        Self { channel, name, options, viewers, display, incoming, replica }
    }

    /// Lends the replica everything else of the collection.
    #[inline(never)] // Building what it lends at every call costs more in the wasm.
    pub(super) const fn lend<'a>(
        &'a mut self,
        client: &'a mut Env,
    ) -> (&'a mut Replica<P>, CollectionEnv<'a, P>) {
        let Self { name, options, viewers, display, replica, .. } = self;
        (replica, CollectionEnv { client, name, options, viewers, display })
    }

    /// Lends the replica and the queue of its input.
    #[inline(never)] // The same.
    pub(super) const fn input<'a>(&'a mut self, client: &'a mut Env) -> Input<'a, P> {
        let Self { name, options, viewers, display, incoming, replica, .. } = self;
        let env = CollectionEnv { client, name, options, viewers, display };
        Input { incoming, replica, env }
    }

    // ----- the open handles -----

    /// Whether a handle with these options can share it: it is open with the very same, or it
    /// lingers and the rows are the same though the functions are others.
    pub(super) fn takes(&self, options: &CollectionOptions) -> bool {
        self.options == *options
            || self.viewers.is_empty() && self.options.eq_ignoring_functions(options)
    }

    /// Adds a handle.
    pub(super) fn attach(&mut self, env: &mut Env, id: CollectionId, options: CollectionOptions) {
        let is_back = self.viewers.is_empty();
        let is_current =
            self.options.functions == options.functions && self.replica.loader.is_counted();
        self.options = options;
        self.viewers.attach(id);
        self.display.opened();
        // Another function may load other rows. Without positions it is unknown whether a message was missed.
        if is_back && !is_current {
            let (replica, mut env) = self.lend(env);
            replica.loader.check(&mut env);
        }
    }

    /// Removes a handle. Returns whether that was the last one: then its changes have failed, and
    /// it lingers if its rows are good.
    pub(super) fn detach(&mut self, env: &mut Env, id: CollectionId) -> bool {
        self.viewers.detach(id);
        if self.viewers.is_empty() {
            self.fail_all(env, &Error::new(Code::Aborted), |_| true);
            self.replica.own.decisions.clear();
            let lingers = self.replica.loader.has_rows() && !self.display.has_error();
            self.viewers.linger(lingers.then_some(env.now + env.config.linger_ms));
        }
        self.viewers.is_empty()
    }

    /// Fails every unsettled change for which `which` holds.
    pub(super) fn fail_all(
        &mut self,
        env: &mut Env,
        error: &Error,
        which: fn(&Mutation<P>) -> bool,
    ) {
        let (replica, mut env) = self.lend(env);
        replica.own.fail_all(&mut env, error, which);
    }

    /// Forgets its rows, and fails what is not sent: another user signed in.
    pub(super) fn reset(&mut self, env: &mut Env) {
        // The outcome of a sent change comes from the outbox.
        self.fail_all(env, &Error::new(Code::IdentityChanged), |own| !own.is_in_flight());
        self.replica.reset();
        self.incoming.clear();
        self.display.clear_error();
        self.display.at_once();
        self.viewers.linger(None);
    }

    /// Whether this unsettled change is its own.
    pub(super) fn owns(&self, id: MutationId) -> bool {
        self.replica.own.rows.mutations.unsettled(id).is_some()
    }

    // ----- what it shows -----

    /// Emits a view if one is due and anything in it changed.
    pub(super) fn flush(&mut self, env: &Env) {
        let Self { options, viewers, display, replica, .. } = self;
        if !display.is_due(env.now) || replica.own.decisions.is_pending() {
            return;
        }
        let rows = &mut replica.own.rows;
        if let Some(undecided) = rows.refresh(options) {
            // The due view is emitted after the app has decided.
            return replica.own.decisions.request(viewers, undecided);
        }
        let (shown, pending) = (rows.table.take_changed(), rows.mutations.pending());
        let status = replica.loader.status();
        let changed = display.update(env.now, env.config.batch_ms, shown, pending, status);
        if changed && !viewers.is_empty() {
            let view = self.view();
            self.viewers.emit_view(view);
        }
    }

    /// What was shown last.
    pub(super) fn view(&self) -> View<P> {
        self.display.view(self.replica.own.rows.table.rows())
    }

    // ----- time -----

    /// When [`Replica::handle_timeout`], [`Replica::advance`] or [`Collection::flush`] has
    /// something to do.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let decides = self.replica.own.decisions.is_pending();
        let view = self.display.poll_timeout().filter(|_| !decides);
        earliest(earliest(view, self.viewers.poll_timeout()), self.replica.poll_timeout())
    }
}
