//! Publishing into the channels of a hub.

use std::sync::Arc;

use crate::accepted::{Accepted, Effect};
use crate::application::{Application, DerivedMessage};
use crate::clock::Now;
use crate::features::Feature;
use crate::frame::Frame;
use crate::hub::{Hub, no_channel};
use crate::message::{Message, Rendering, Shape, check_size};
use crate::output::{Action, Output};
use crate::position::Position;
use crate::publication::{Placed, Publication, check_name};
use crate::rejection::Rejection;
use crate::storage::{Append, Appended, Retention, Storage};

/// Whether accepting a message changed the application's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consequence {
    Changed,
    None,
}

impl<A: Application, S: Storage<A::Change>> Hub<A, S> {
    /// Accepts a message, and the messages that are derived from the change it makes, if any.
    ///
    /// # Errors
    /// When the message is not accepted.
    pub fn publish(&mut self, publication: Publication<'_>, now: Now) -> Result<Placed, Rejection> {
        check_name(publication.channel)?;
        publication.check()?;
        let (placed, consequence) = self.accept(publication, now)?;
        if consequence == Consequence::Changed {
            self.follow(now);
        }
        Ok(placed)
    }

    /// Applies a message's change, if it is one, stores it, and broadcasts it, to the sender too.
    /// An id that the same user sent before is acknowledged with its position, not delivered again.
    fn accept(
        &mut self,
        publication: Publication<'_>,
        now: Now,
    ) -> Result<(Placed, Consequence), Rejection> {
        let channel = publication.channel;
        self.enter(channel, publication.requester, now)?;
        let is_change = |event: &String| self.application.is_change(channel, event);
        // A change that was applied before must not be validated again: it would be rejected.
        if publication.event.as_ref().is_some_and(is_change)
            && let Some(id) = &publication.id
            && let Some(known) = self.storage.accepted(channel, id, now)
        {
            let id = id.clone();
            return self.acknowledge_again(channel, id, publication.user.as_deref(), known);
        }
        let change = self.application.plan(&publication)?;
        let Publication { id: given, event, payload, user, verbatim, requester, .. } = publication;
        let retention = match (&given, requester) {
            // A client cannot resend an id that the server generates.
            (None, _) => Retention::WhileLogged,
            (Some(_), requester) => Retention::For {
                ms: requester
                    .and_then(|requester| requester.announced_ms)
                    .unwrap_or_else(|| self.limits.effective_ack_memory_ms()),
                user: requester.map(|requester| &requester.user),
            },
        };
        let id = given.unwrap_or_else(|| self.randomness.token());
        let payload = match &change {
            Some(change) => self.application.payload(change, &id)?,
            None => payload,
        };
        check_size(channel, &id, event.as_deref(), &payload, self.limits.max_frame_bytes)?;
        let effect =
            change.as_ref().map_or(Effect::Relayed, |change| self.application.effect(change));
        let append = Append {
            id: id.clone(),
            event,
            payload,
            user: user.clone(),
            effect: effect.clone(),
            retention,
            change: change.as_ref(),
        };
        let message = match self.storage.append(channel, append, now) {
            Ok(Appended::New(message)) => message,
            Ok(Appended::Known(known)) => {
                return self.acknowledge_again(channel, id, user.as_deref(), known);
            }
            Err(error) => return Err(self.reject(error)),
        };
        let consequence = if change.is_some() { Consequence::Changed } else { Consequence::None };
        if let Some(change) = change {
            self.application.apply(channel, change, message.at);
        }
        self.counters.publishes.count(channel, self.limits.counted_channels);
        let Position { epoch, .. } = self.storage.head(channel).ok_or_else(no_channel)?;
        let seq = message.seq;
        self.broadcast(channel, &epoch, message, verbatim);
        Ok((Placed { id, seq, epoch, effect }, consequence))
    }

    /// The position of a message whose id was accepted before.
    fn acknowledge_again(
        &self,
        channel: &str,
        id: String,
        user: Option<&str>,
        known: Accepted,
    ) -> Result<(Placed, Consequence), Rejection> {
        if known.user.as_deref() != user {
            return Err(Rejection::invalid("this id is taken by another user's message"));
        }
        let Position { epoch, .. } = self.storage.head(channel).ok_or_else(no_channel)?;
        let placed = Placed { id, seq: known.seq, epoch, effect: known.effect };
        Ok((placed, Consequence::None))
    }

    fn broadcast(
        &mut self,
        channel: &str,
        epoch: &str,
        message: Arc<Message>,
        verbatim: Option<Arc<str>>,
    ) {
        let rendering = Rendering::new(channel, epoch, message, verbatim);
        let members = self.channels.get(channel).into_iter().flat_map(|c| &c.members);
        let members = members.map(|(number, member)| (*number, member.features));
        let everywhere = self.everywhere.iter().filter_map(|number| {
            let connection = self.connections.get(number)?;
            connection.grant.allows(channel).then_some((*number, connection.features))
        });
        self.outputs.extend(members.chain(everywhere).map(|(number, features)| {
            Output::Connection(number, Action::Send(rendering.frame(Shape::of(features))))
        }));
    }

    /// Accepts the messages that are derived from the change applied last, recursively and depth
    /// first.
    fn follow(&mut self, now: Now) {
        for DerivedMessage { channel, event, payload } in self.application.derive() {
            let publication = Publication {
                channel: &channel,
                id: None,
                event: Some(event),
                payload,
                user: None,
                verbatim: None,
                requester: None,
            };
            match self.accept(publication, now) {
                Ok((_, Consequence::Changed)) => self.follow(now),
                Ok((_, Consequence::None)) => {}
                Err(rejection) => {
                    let text =
                        format!("{channel} could not follow a change: {}", rejection.message);
                    self.outputs.push_back(Output::Problem(text));
                }
            }
        }
    }

    /// Broadcasts an ephemeral message to all but the connection it came from, if any, which
    /// could not recognize it as its own.
    ///
    /// # Errors
    /// When the channel's name is invalid.
    pub fn broadcast_ephemeral(
        &mut self,
        sender: Option<u64>,
        name: &str,
        frame: &Arc<Frame>,
    ) -> Result<(), Rejection> {
        check_name(name)?;
        let readers: Vec<u64> = self.readers(name).collect();
        for number in readers {
            let receives = self
                .connections
                .get(&number)
                .is_some_and(|connection| connection.features.has(Feature::Ephemeral));
            if receives && sender != Some(number) {
                let action = Action::Offer(Arc::clone(frame));
                self.outputs.push_back(Output::Connection(number, action));
            }
        }
        Ok(())
    }
}
