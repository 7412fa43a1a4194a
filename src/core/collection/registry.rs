//! All collections of a client.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::acceptance::Reply;
use super::change_message::{ChangeMessage, kind_of};
use super::collection::Collection;
use super::step::Step;
use super::{AppResponse, CollectionOptions, Edit, MutationProgress, View};
use crate::core::env::Env;
use crate::core::error::{Cause, Code, Error};
use crate::core::id::{ChannelId, CollectionId, MutationId, RequestId};
use crate::core::message::{Message, RowChange, StreamPosition};
use crate::core::payload::Payload;
use crate::core::time::{Instant, earliest};

/// The collections of a client, several of one channel included.
///
/// After every call, [`Collections::take_steps`] returns the steps to perform, and
/// [`Collections::poll_timeout`] when [`Collections::handle_timeout`] is due.
#[derive(Debug)]
pub struct Collections<P> {
    collections: Vec<Collection<P>>,
    steps: Vec<Step<P>>,
}

impl<P> Default for Collections<P> {
    fn default() -> Self {
        Self { collections: Vec::new(), steps: Vec::new() }
    }
}

impl<P: Payload> Collections<P> {
    // ----- the app -----

    /// Opens a collection on a channel. It waits for [`Collections::ready`], unless one of the channel is
    /// open with the same options, or lingers: then that is shared, or gone on with.
    pub fn open(
        &mut self,
        env: &mut Env,
        id: CollectionId,
        channel: ChannelId,
        name: &Rc<str>,
        options: CollectionOptions,
    ) {
        let mut candidates = self.collections.iter_mut().filter(|each| each.channel == channel);
        match candidates.find(|each| each.takes(&options)) {
            Some(candidates) => candidates.attach(env, id, options),
            None => self.collections.push(Collection::new(id, channel, name.clone(), options)),
        }
        self.settle(env);
    }

    /// What whoever opens a collection with these options would be shown at once.
    #[must_use]
    pub fn peek(&self, name: &str, options: &CollectionOptions) -> Option<View<P>> {
        let mut candidates = self.collections.iter().filter(|each| &*each.name == name);
        candidates.find(|each| each.takes(options)).map(Collection::view)
    }

    /// Closes a collection. If nobody else has it open, its unsettled changes fail with `aborted`, and its
    /// rows outlive it for `linger_ms`.
    pub fn close(&mut self, env: &mut Env, id: CollectionId) {
        let Some(closed) = self.get(id) else { return };
        let sent = closed.replica.own.rows.mutations.iter().filter(|change| change.is_in_flight());
        let sent: Vec<_> = sent.map(|change| Step::Cancel(change.id)).collect();
        if closed.detach(env, id) {
            self.steps.extend(sent);
        }
        self.settle(env);
    }

    /// Changes a collection. Its progress is emitted as steps.
    pub fn mutate(&mut self, env: &mut Env, id: CollectionId, edit: Edit<P>) {
        let mutation = edit.mutation;
        match self.get(id) {
            Some(collection) => {
                let (replica, mut env) = collection.lend(env);
                replica.own.mutate(&mut env, replica.loader.loads(), edit);
            }
            None => {
                let error = Error::new(Code::InvalidArgument).with_cause("collection");
                self.steps.push(Step::Mutation(mutation, MutationProgress::Failed(error)));
            }
        }
        self.settle(env);
    }

    /// Loads a collection's rows again.
    pub fn reload(&mut self, env: &mut Env, id: CollectionId) {
        if let Some(collection) = self.get(id) {
            let (replica, mut env) = collection.lend(env);
            replica.loader.reload(&mut env);
        }
        self.settle(env);
    }

    /// Takes the app's response. One to no pending request is ignored.
    pub fn answer(
        &mut self,
        env: &mut Env,
        id: CollectionId,
        request: RequestId,
        answer: Result<AppResponse<P>, Cause>,
    ) {
        // The handle that received the request may be closed, and the rows are good for the others.
        let requested = |each: &&mut Collection<P>| each.viewers.may_answer(id);
        if let Some(collection) = self.collections.iter_mut().find(requested) {
            collection.input(env).response(request, answer);
        }
        self.settle(env);
    }

    // ----- the channel -----

    /// A message of a channel, in its order.
    pub fn deliver(&mut self, env: &mut Env, channel: ChannelId, delivery: &Message<P>) {
        for collection in self.collections.iter_mut().filter(|each| each.channel == channel) {
            let change = ChangeMessage::read(&collection.options, delivery);
            collection.input(env).message(delivery.position.clone(), change);
        }
        self.settle(env);
    }

    /// Whether a collection is open, or lingers, on this channel.
    #[must_use]
    pub fn is_on(&self, channel: ChannelId) -> bool {
        self.collections.iter().any(|each| each.channel == channel)
    }

    /// The row of a message, if a collection of the channel reads one in it.
    #[must_use]
    pub fn row_of(&self, channel: ChannelId, delivery: &Message<P>) -> Option<P> {
        let reads = |each: &Collection<P>| {
            each.channel == channel && kind_of(&each.options, delivery).is_some()
        };
        self.collections.iter().any(reads).then(|| delivery.payload.field("row"))?
    }

    /// A change of a database, for one collection: once, however many have it open.
    pub fn change(&mut self, env: &mut Env, id: CollectionId, change: &RowChange<P>) {
        if let Some(collection) = self.get(id).filter(|each| each.viewers.is_first(id)) {
            let change = ChangeMessage::of_database(&collection.options, change);
            collection.input(env).message(None, Some(change));
        }
        self.settle(env);
    }

    /// A channel is joined, and nothing was lost; `position` is the last message that comes no more.
    pub fn ready(&mut self, env: &mut Env, channel: ChannelId, position: Option<&StreamPosition>) {
        for collection in self.collections.iter_mut().filter(|each| each.channel == channel) {
            let (replica, mut env) = collection.lend(env);
            replica.ready(&mut env, position.cloned());
        }
        self.settle(env);
    }

    /// A channel is not joined any more, or not yet again.
    pub fn interrupted(&mut self, channel: ChannelId) {
        for collection in self.collections.iter_mut().filter(|each| each.channel == channel) {
            collection.replica.loader.interrupted();
        }
    }

    /// Messages of a channel were lost, or may have been; `position` is where it goes on from.
    pub fn gap(&mut self, env: &mut Env, channel: ChannelId, position: Option<&StreamPosition>) {
        for collection in self.collections.iter_mut().filter(|each| each.channel == channel) {
            let (replica, mut env) = collection.lend(env);
            replica.gap(&mut env, position.cloned());
        }
        self.settle(env);
    }

    // ----- the connection -----

    /// A change was handed to a socket whose server will answer.
    pub fn sent(&mut self, env: &mut Env, id: MutationId) {
        if let Some(collection) = self.owner(id) {
            let (replica, mut env) = collection.lend(env);
            replica.own.transmitted(&mut env, &mut replica.loader, id);
        }
        self.settle(env);
    }

    /// The server accepted a change.
    pub fn accepted(&mut self, env: &mut Env, id: MutationId, seq: Option<u64>, row: Option<P>) {
        if let Some(collection) = self.owner(id) {
            collection.input(env).accepted(id, seq, row);
        }
        self.settle(env);
    }

    /// A change was handed to a socket, and nothing more will be known.
    pub fn sent_unconfirmed(&mut self, env: &mut Env, id: MutationId) {
        if let Some(collection) = self.owner(id) {
            collection.input(env).accept(id, Reply::None);
        }
        self.settle(env);
    }

    /// A change failed on its way, or the server rejected it.
    pub fn rejected(&mut self, env: &mut Env, id: MutationId, error: Error) {
        if let Some(collection) = self.owner(id) {
            collection.input(env).rejected(id, error);
        }
        self.settle(env);
    }

    /// The channel of an unsettled change.
    #[must_use]
    pub fn channel_of(&self, id: MutationId) -> Option<ChannelId> {
        let owns = |each: &&Collection<P>| each.owns(id);
        self.collections.iter().find(owns).map(|collection| collection.channel)
    }

    /// Another user signed in: what is not out yet fails, and all rows are loaded anew once the
    /// channels are [`ready`](Collections::ready) again. The outcome of sent changes comes from the outbox.
    pub fn identity_changed(&mut self, env: &mut Env) {
        for collection in &mut self.collections {
            collection.reset(env);
        }
        self.settle(env);
    }

    /// Fails every unsettled change: nothing will be sent any more.
    pub fn fail_all(&mut self, env: &mut Env, error: &Error) {
        for collection in &mut self.collections {
            collection.fail_all(env, error, |_| true);
        }
        self.settle(env);
    }

    // ----- time, and what comes of it all -----

    /// What is to be done since the last call, in order for each collection.
    pub fn take_steps(&mut self) -> Vec<Step<P>> {
        for collection in &mut self.collections {
            collection.viewers.take_steps(&mut self.steps);
        }
        core::mem::take(&mut self.steps)
    }

    /// When [`Collections::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.collections.iter().fold(None, |due, each| earliest(due, each.poll_timeout()))
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, env: &mut Env) {
        for collection in &mut self.collections {
            let (replica, mut env) = collection.lend(env);
            replica.handle_timeout(&mut env);
        }
        self.settle(env);
    }

    /// Time in which the page slept is nobody's delay.
    pub fn extend_deadlines(&mut self, slept_ms: u64) {
        for collection in &mut self.collections {
            collection.replica.extend_deadlines(slept_ms);
        }
    }

    /// What is candidates: changes, memories of settled ones, keys.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize, usize) {
        self.collections.iter().fold((0, 0, 0), |(changes, memories, keys), each| {
            let rows = &each.replica.own.rows;
            let (own, recent) = (rows.mutations.iter().count(), rows.recent.len());
            (changes + own, memories + recent, keys + rows.table.keys())
        })
    }

    fn settle(&mut self, env: &mut Env) {
        for collection in &mut self.collections {
            let (replica, mut lent) = collection.lend(env);
            replica.advance(&mut lent);
            collection.flush(env);
        }
        let steps = &mut self.steps;
        self.collections.retain_mut(|each| {
            let is_expired = each.viewers.is_expired(env.now);
            if is_expired {
                each.viewers.take_steps(steps);
            }
            !is_expired
        });
    }

    fn get(&mut self, id: CollectionId) -> Option<&mut Collection<P>> {
        self.collections.iter_mut().find(|each| each.viewers.contains(id))
    }

    fn owner(&mut self, id: MutationId) -> Option<&mut Collection<P>> {
        self.collections.iter_mut().find(|each| each.owns(id))
    }
}
