//! What arrives: understood by the wire, handed to the part it concerns.

use super::{Client, context};
use crate::core::channel::Arrival;
use crate::core::context::Context;
use crate::core::error::{Code, Error};
use crate::core::io::{Delivery, Event, Received};
use crate::core::link::Welcome;
use crate::core::payload::Payload;
use crate::core::wire::{Accepted, Features, Incoming, Outgoing, native};

impl<P: Payload> Client<P> {
    pub(super) fn frame(&mut self, received: Received<P>) {
        self.link.frame_received(self.now);
        let frame = match received {
            Received::Value(frame) => frame,
            Received::NotJson => return self.invalid("a text frame that is not JSON"),
            Received::Binary => return self.invalid("a binary frame"),
            Received::TooLarge => return self.invalid("a frame over maxFrameBytes"),
        };
        let features = self.connection.map_or_else(Features::default, |held| held.features);
        match native::decode(&frame, features) {
            Incoming::Accepted(accepted) => self.accepted(accepted),
            Incoming::Refused(refusal) => self.link.server_error(self.now, refusal),
            Incoming::ChannelError { channel, refusal } => {
                let id = self.channels.find(&channel);
                let mut error = Error::from_refusal(refusal, Code::ServerError);
                error.channel = Some(channel.into());
                self.emit(Event::Error(id, error));
            }
            Incoming::Ping => self.say_ready(Outgoing::Pong),
            Incoming::Pong => self.link.pong_received(self.now),
            Incoming::Message { channel, delivery } => self.message(&channel, delivery),
            Incoming::Joined { channel, reference } => {
                self.channels.joined(context!(self), &channel, reference);
            }
            Incoming::JoinRefused { channel, reference, refusal } => {
                self.channels.refused(context!(self), &channel, reference, refusal);
            }
            Incoming::Left { channel } => self.channels.left(&channel),
            Incoming::Ended { channel, reference, refusal } => {
                self.channels.ended(context!(self), &channel, reference, refusal);
            }
            Incoming::Acked { channel, id, seq, payload } => {
                self.outbox.accepted(&channel, &id, seq, payload);
            }
            Incoming::Nacked { channel, id, refusal } => {
                self.outbox.refused(&channel, &id, refusal);
            }
            Incoming::Unknown => self.traffic.invalid_frames += 1,
        }
    }

    fn accepted(&mut self, accepted: Accepted) {
        let welcome = Welcome {
            heartbeat_ms: accepted.heartbeat_ms,
            expires_in_ms: accepted.expires_in_ms,
            reauth: accepted.features.reauth,
        };
        if self.connection.is_none() {
            self.accepted = accepted;
        } else {
            // A new token on the open connection: what was agreed stays agreed, but the user
            // and what that user may do can have changed.
            self.accepted.user = accepted.user.or(self.accepted.user.take());
            self.identify();
            self.channels.pardon(context!(self));
        }
        self.link.authenticated(context!(self), welcome);
    }

    fn message(&mut self, channel: &str, mut delivery: Delivery<P>) {
        let message = delivery.id.as_ref().and_then(P::as_text);
        let remembered = self.config.dedup;
        match self.channels.received(self.now, channel, message.as_deref(), remembered) {
            Arrival::Stray => {}
            Arrival::Repeated => self.traffic.duplicates += 1,
            Arrival::For(id) => {
                self.traffic.messages_received += 1;
                delivery.own = message.is_some_and(|message| self.outbox.is_own(&message));
                self.emit(Event::Message(id, delivery));
            }
        }
    }

    /// Counted always, told once per connection.
    fn invalid(&mut self, what: &str) {
        self.traffic.invalid_frames += 1;
        if let Some(connection) = &mut self.connection
            && !connection.invalid_told
        {
            connection.invalid_told = true;
            self.emit(Event::Error(None, Error::new(Code::InvalidFrame).because(what)));
        }
    }
}
