//! Presence and typing in the client.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;

use super::Client;
use crate::core::connection::Trigger;
use crate::core::error::{Code, Error};
use crate::core::event::{Event, SendProgress};
use crate::core::id::{ChannelId, SendId};
use crate::core::message::Message;
use crate::core::payload::Payload;
use crate::core::presence::{self, PresenceAction};
use crate::core::protocol::frames::Outgoing;
use crate::core::time::Instant;
use crate::core::typing::{self, TYPING_EVENT, TypingState};

impl<P: Payload> Client<P> {
    /// Tracks, updates or untracks the app's user in a channel that has a subscriber. Its progress
    /// is emitted like that of a send.
    pub fn presence(
        &mut self,
        now: Instant,
        channel: &str,
        send: SendId,
        action: PresenceAction<P>,
    ) {
        self.advance(now);
        let id = self.channels.find(channel);
        let failure = match id.and_then(|id| self.channels.get(id)) {
            None => Some(Error::new(Code::InvalidArgument).with_cause("channel")),
            Some(_) if matches!(action, PresenceAction::Untrack) => None,
            Some(channel) => channel.failure().cloned(),
        };
        if let Some(error) = failure {
            self.emit(Event::Send(send, SendProgress::Failed(error)));
        } else if let Some(id) = id {
            self.presences.act(&mut self.env, id, send, action);
        }
        self.process(Trigger::Other);
    }

    /// Marks the app's user as typing in the channel. Ignored if the channel has no subscriber.
    pub fn start_typing(&mut self, now: Instant, channel: &str) {
        self.advance(now);
        if let Some(id) = self.channels.find(channel) {
            self.typings.start(self.env.now, id);
        }
        self.process(Trigger::Other);
    }

    /// Ends the typing of the app's user in the channel.
    pub fn stop_typing(&mut self, now: Instant, channel: &str) {
        self.advance(now);
        if let Some(id) = self.channels.find(channel) {
            self.typings.stop(id);
        }
        self.process(Trigger::Other);
    }

    /// Handles a typing message; returns whether it was one.
    pub(super) fn typing_received(&mut self, channel: &str, delivery: &Message<P>) -> bool {
        if delivery.event.as_ref().and_then(P::as_text).as_deref() != Some(TYPING_EVENT) {
            return false;
        }
        let member = |key| delivery.payload.field(key);
        let who = member("who").and_then(|who| who.as_text());
        let typing = member("typing").and_then(|typing| typing.as_bool());
        let (Some(who), Some(typing)) = (who, typing) else { return false };
        if let Some(id) = self.channels.find(channel) {
            if typing {
                let me = self.name();
                self.typings.received(self.env.now, id, me.as_deref(), &who);
            } else {
                self.typings.clear(id, &who);
            }
        }
        true
    }

    /// Performs the steps of presence and typing; returns whether there were any.
    pub(super) fn flush_presence(&mut self) -> bool {
        let shown = self.presences.take_steps();
        let typed = self.typings.take_steps();
        let any = !shown.is_empty() || !typed.is_empty();
        for step in shown {
            self.presence_step(step);
        }
        for step in typed {
            match step {
                typing::Step::Send(id, state) => self.send_typing(id, state),
                typing::Step::Typers(id, names) => self.emit(Event::Typing(id, names)),
            }
        }
        any
    }

    fn presence_step(&mut self, step: presence::Step<P>) {
        match step {
            presence::Step::Request { channel, reference, request } => {
                if let Some(channel) = self.channels.get(channel) {
                    let channel = &channel.name().clone();
                    self.transport.control(Outgoing::Presence { channel, reference, request });
                }
            }
            presence::Step::Settled(id, send, outcome) => {
                let progress = match outcome {
                    Ok(()) => SendProgress::Acked { seq: None, payload: None },
                    Err(error) => SendProgress::Failed(self.about(id, error)),
                };
                self.emit(Event::Send(send, progress));
            }
            presence::Step::Error(id, error) => {
                let error = self.about(id, error);
                self.emit(Event::Error(Some(id), error));
            }
            presence::Step::Changes(id, changes) => self.emit(Event::Presence(id, changes)),
        }
    }

    /// The error with the channel's name, if the channel still exists.
    fn about(&self, id: ChannelId, error: Error) -> Error {
        match self.channels.get(id) {
            Some(channel) => error.with_channel(channel.name()),
            None => error,
        }
    }

    /// The name that other clients receive: that of the user, or without one that of the
    /// connection.
    fn name(&self) -> Option<String> {
        let user = self.identity.user().map(str::to_owned);
        user.or_else(|| self.auth_success.connection.clone())
    }

    /// Sends a typing message, if there is a connection.
    fn send_typing(&mut self, id: ChannelId, state: TypingState) {
        let (Some(connection), Some(who)) = (self.transport.open_socket, self.name()) else {
            return;
        };
        let Some(channel) = self.channels.get(id).map(|channel| channel.name().clone()) else {
            return;
        };
        let typing = P::boolean(state == TypingState::Typing);
        let content = P::object(vec![("who", P::text(&who)), ("typing", typing)]);
        let Some((payload, bytes)) = content.serialize() else { return };
        let (channel, event) = (&*channel, Some(TYPING_EVENT));
        let _ = self.transport.transmit(
            connection,
            if connection.features.ephemeral {
                Outgoing::Ephemeral { channel, event, payload, bytes }
            } else {
                Outgoing::Message { channel, id: None, event, payload, bytes, ack: false }
            },
        );
    }
}
