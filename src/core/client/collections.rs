//! Collections in the client: their channels, sends and requests.

use super::Client;
use crate::core::channel::Subscription;
use crate::core::collection::{AppResponse, CollectionOptions, Edit, Step, View};
use crate::core::connection::Trigger;
use crate::core::error::{Cause, Error};
use crate::core::event::{Event, SendProgress};
use crate::core::id::{ChannelId, CollectionId, MutationId, Origin, RequestId, SubscriberId};
use crate::core::outbox::OutgoingMessage;
use crate::core::payload::Payload;
use crate::core::state::{ChannelState, Continuity};
use crate::core::time::Instant;

impl<P: Payload> Client<P> {
    /// Opens a collection, and subscribes to its channel as `subscriber`.
    ///
    /// # Errors
    /// Like [`Client::subscribe`].
    pub fn open_collection(
        &mut self,
        now: Instant,
        collection: CollectionId,
        subscriber: SubscriberId,
        channel: &str,
        subscription: Subscription<P>,
        options: CollectionOptions,
    ) -> Result<ChannelId, Error> {
        let id = self.subscribe(now, subscriber, channel, subscription)?;
        let Some(channel) = self.channels.get(id) else { return Ok(id) };
        let (name, state, position) =
            (channel.name().clone(), channel.state(), channel.position().cloned());
        self.holders.push((collection, subscriber));
        self.collections.open(&mut self.env, collection, id, &name, options);
        if matches!(state, ChannelState::Joined | ChannelState::Ready) {
            self.collections.ready(&mut self.env, id, position.as_ref());
        }
        self.process(Trigger::Other);
        Ok(id)
    }

    /// The view that a new handle with these options would receive at once.
    #[must_use]
    pub fn peek_collection(&self, channel: &str, options: &CollectionOptions) -> Option<View<P>> {
        self.collections.peek(channel, options)
    }

    /// Closes a collection. Its unsettled changes fail with `aborted`.
    pub fn close_collection(&mut self, now: Instant, collection: CollectionId) {
        self.advance(now);
        self.collections.close(&mut self.env, collection);
        if let Some(at) = self.holders.iter().position(|(other, _)| *other == collection) {
            let (_, subscriber) = self.holders.remove(at);
            self.channels.subscriptions().unsubscribe(&mut self.env, subscriber);
        }
        self.process(Trigger::Other);
    }

    /// Changes a collection. Its progress is emitted as [`Event::Mutation`].
    pub fn mutate(&mut self, now: Instant, collection: CollectionId, edit: Edit<P>) {
        self.advance(now);
        self.collections.mutate(&mut self.env, collection, edit);
        self.process(Trigger::NewDemand);
    }

    /// Loads a collection's rows again.
    pub fn reload(&mut self, now: Instant, collection: CollectionId) {
        self.advance(now);
        self.collections.reload(&mut self.env, collection);
        self.process(Trigger::Other);
    }

    /// Handles the app's answer to an [`Event::AppRequest`].
    pub fn answer(
        &mut self,
        now: Instant,
        collection: CollectionId,
        request: RequestId,
        answer: Result<AppResponse<P>, Cause>,
    ) {
        self.advance(now);
        self.collections.answer(&mut self.env, collection, request, answer);
        self.process(Trigger::Other);
    }

    /// Continues the collections of a channel that was joined, or loads them again after a gap.
    pub(super) fn continue_collections(&mut self, id: ChannelId, continuity: Continuity) {
        let position = self.channels.get(id).and_then(|channel| channel.position().cloned());
        match continuity {
            Continuity::Fresh | Continuity::Recovered => {
                self.collections.ready(&mut self.env, id, position.as_ref());
            }
            Continuity::Gap | Continuity::Unknown => {
                self.collections.gap(&mut self.env, id, position.as_ref());
            }
        }
    }

    pub(super) fn change_progress(&mut self, id: MutationId, progress: SendProgress<P>) {
        match progress {
            SendProgress::Queued => {}
            SendProgress::Sent => self.collections.sent(&mut self.env, id),
            SendProgress::SentUnconfirmed => self.collections.sent_unconfirmed(&mut self.env, id),
            SendProgress::Acked { seq, payload } => {
                let seq = seq.filter(|_| self.is_in_log(id));
                self.collections.accepted(&mut self.env, id, seq, payload);
            }
            SendProgress::Failed(error) => self.collections.rejected(&mut self.env, id, error),
        }
    }

    /// Whether an acknowledgement's `seq` can be compared with the position of the change's
    /// channel. An acknowledgement has no epoch; its number is of the epoch in which the channel is
    /// joined now.
    fn is_in_log(&self, id: MutationId) -> bool {
        let channel =
            self.collections.channel_of(id).and_then(|channel| self.channels.get(channel));
        channel.is_some_and(|channel| {
            matches!(channel.state(), ChannelState::Joined | ChannelState::Ready)
        })
    }

    /// Performs the collections' steps; returns whether there were any.
    pub(super) fn flush_collections(&mut self) -> bool {
        let steps = self.collections.take_steps();
        let any = !steps.is_empty();
        for step in steps {
            match step {
                Step::Send { mutation, channel, id, event, payload, bytes } => {
                    self.queue(OutgoingMessage {
                        origin: Origin::Change(mutation),
                        channel,
                        id,
                        event: Some(event),
                        payload,
                        bytes,
                        ack: true,
                        timeout_ms: None,
                        ttl_ms: None,
                    });
                }
                Step::Cancel(mutation) => self.outbox.cancel(Origin::Change(mutation)),
                Step::AppRequest(collection, id, request) => {
                    self.emit(Event::AppRequest(collection, id, request));
                }
                Step::Mutation(mutation, progress) => {
                    self.emit(Event::Mutation(mutation, progress));
                }
                Step::Invalid(fault) => self.invalid(&fault),
                Step::View(collection, view) => self.emit(Event::Collection(collection, view)),
            }
        }
        any
    }
}
