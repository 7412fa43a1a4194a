//! Received frames: decoded by the protocol, and passed to the parts.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::Client;
use crate::core::auth_success::{AuthSuccess, Features};
use crate::core::channel::{LiveStatus, NewToken};
use crate::core::error::{Code, Error, Rejection};
use crate::core::event::Event;
use crate::core::id::{ChannelId, FilterId};
use crate::core::input::Received;
use crate::core::message::{Completeness, Message, RowChange};
use crate::core::payload::{MAX_DEPTH, Payload};
use crate::core::protocol::frames::{Incoming, Outgoing};
use crate::core::protocol::{Protocol, native};

/// The cause of the error for a value that is nested too deeply to be traversed.
const TOO_DEEP: &str = "a value nested too deeply";

impl<P: Payload> Client<P> {
    pub(super) fn frame(&mut self, received: Received<P>) {
        self.connection.answers().frame_received(self.env.now);
        let (frame, key) = match received {
            Received::Value(frame) => (frame, None),
            Received::Keyed(frame, key) => (frame, Some(key)),
            Received::Binary(frame) => {
                if let Protocol::Phoenix(phoenix) = &mut self.transport.protocol {
                    let incoming = phoenix.decode_binary(*frame);
                    self.handle_all(incoming);
                }
                return;
            }
            Received::NotJson => return self.invalid("a text frame that is not JSON"),
            Received::UnexpectedBinary => return self.invalid("a binary frame"),
            Received::TooLarge(head) => return self.too_large(head),
        };
        if let Protocol::Phoenix(phoenix) = &mut self.transport.protocol {
            let incoming = phoenix.decode(&frame);
            return self.handle_all(incoming);
        }
        match frame.items().filter(|_| self.features().batch) {
            None => self.decoded(&frame, key.as_deref()),
            Some(frames) => {
                for frame in frames {
                    self.decoded(&frame, None);
                }
            }
        }
    }

    /// Handles a frame that is too large. The members before its payload may identify the lost
    /// message; an acknowledgement is processed without its payload.
    fn too_large(&mut self, head: Option<P>) {
        self.invalid("a frame over maxFrameBytes");
        if self.transport.open_socket.is_none() {
            return;
        }
        let lost = head.and_then(|head| match &self.transport.protocol {
            Protocol::Phoenix(phoenix) => Some((phoenix.channel_of(&head)?, None)),
            Protocol::Native => match native::decode(&head, self.features()) {
                Incoming::Message { channel, delivery } => Some((channel, delivery.position)),
                acked @ Incoming::Acked { .. } => {
                    self.handle_incoming(acked, None);
                    None
                }
                _ => None,
            },
        });
        let (channel, position) = lost.unzip();
        self.channels.receiver().unusable(
            &mut self.env,
            channel.as_deref(),
            position.flatten().as_ref(),
        );
    }

    fn handle_all(&mut self, incoming: Vec<Incoming<P>>) {
        for incoming in incoming {
            self.handle_incoming(incoming, None);
        }
    }

    fn decoded(&mut self, frame: &P, key: Option<&str>) {
        let incoming = native::decode(frame, self.features());
        self.handle_incoming(incoming, key);
    }

    fn handle_incoming(&mut self, incoming: Incoming<P>, key: Option<&str>) {
        let of_connection = matches!(
            incoming,
            Incoming::AuthSuccess(_)
                | Incoming::ServerError(_)
                | Incoming::Ping
                | Incoming::Pong { .. }
                | Incoming::Unknown
        );
        if !of_connection && self.transport.open_socket.is_none() {
            // On a socket that is already closing the frame may be valid, so it is not counted.
            if self.connection.ready_socket().is_none() {
                self.invalid("a frame before the connection was authenticated");
            }
            return;
        }
        match incoming {
            Incoming::AuthSuccess(success) => self.auth_succeeded(success),
            Incoming::ServerError(rejection) => {
                self.connection.answers().server_error(self.env.now, rejection);
            }
            Incoming::ChannelError { channel, rejection } => self.channel_error(channel, rejection),
            Incoming::NotLive { channel, rejection } => {
                self.channels.replies().not_live(&channel);
                self.channel_error(channel, rejection);
            }
            Incoming::System { channel, event, payload } => {
                self.channels.replies().system(&channel, event, payload);
            }
            Incoming::Ping => self.transport.control(Outgoing::Pong),
            Incoming::Pong { heads } => {
                self.connection.answers().pong_received(self.env.now);
                self.presences.set_margin(self.connection.margin_ms());
                self.channels.receiver().heads(&mut self.env, &heads);
            }
            Incoming::Message { channel, delivery } => {
                let id = delivery.id.as_ref().and_then(P::as_text);
                if self.channels.requires_position(&channel)
                    && (delivery.position.is_none() || id.is_none())
                {
                    self.invalid("a message without its id or its position in the log");
                    return self.channels.receiver().invalid(&mut self.env, &channel);
                }
                if !self.features().ephemeral {
                    self.typing_received(&channel, &delivery);
                }
                let id = id.as_deref().or(key);
                self.channels.receiver().received(&mut self.env, &channel, id, delivery);
            }
            Incoming::Ephemeral { channel, delivery } => {
                if !self.typing_received(&channel, &delivery) {
                    self.channels.receiver().received(&mut self.env, &channel, None, delivery);
                }
            }
            Incoming::Joined { channel, reference, start, awaits_live, reply } => {
                let live = if awaits_live { LiveStatus::Pending } else { LiveStatus::Live };
                let start = start.as_ref();
                self.channels.replies().joined(
                    &mut self.env,
                    &channel,
                    reference,
                    start,
                    live,
                    reply,
                );
            }
            Incoming::Live { channel, cause } => self.channels.replies().live(&channel, cause),
            Incoming::Change { channel, filters, change, delivery } => {
                self.change(&channel, &filters, change, delivery);
            }
            Incoming::Recovered { channel, reference, completeness } => {
                self.channels.receiver().recovered(
                    &mut self.env,
                    &channel,
                    reference,
                    completeness,
                );
            }
            Incoming::ReferenceRejected { channel, reference, rejection } => {
                let rejection = self.mark_retryable_if_token(rejection);
                let error = Error::from_rejection(rejection.clone(), Code::Internal);
                self.presences.rejected(&mut self.env, reference, error);
                let partial = Completeness::Partial;
                self.channels.receiver().recovered(&mut self.env, &channel, reference, partial);
                self.channels.replies().rejected(&mut self.env, &channel, reference, rejection);
            }
            Incoming::Left { channel } => self.channels.replies().left(&channel),
            Incoming::Ended { channel, reference, rejection } => {
                let rejection = self.mark_retryable_if_token(rejection);
                self.channels.replies().ended(&mut self.env, &channel, reference, rejection);
            }
            Incoming::Acked { channel, id, seq, payload } => {
                // The server accepted the send, whatever the payload is.
                let payload = payload.filter(|payload| self.shallow(Some(payload)));
                self.outbox.accepted(&channel, &id, seq, payload);
            }
            Incoming::Nacked { channel, id, rejection } => {
                self.outbox.rejected(&channel, &id, rejection);
            }
            Incoming::PresenceNoted { reference, presence } => {
                // A presence name is sent back to the server, so it must not contain other values.
                let presence = presence.filter(|name| name.fits(0));
                self.presences.accepted(&mut self.env, reference, presence);
            }
            Incoming::PresenceState { channel, state } => {
                if let Some(id) = self.channels.find_member(&channel) {
                    self.presences.state(&mut self.env, id, &state);
                    self.presences_read();
                }
            }
            Incoming::PresenceDiff { channel, joins, leaves } => {
                if let Some(id) = self.channels.find_member(&channel) {
                    self.presences.diff(&mut self.env, id, &joins, &leaves);
                    self.presences_read();
                }
            }
            Incoming::Unknown => self.transport.traffic.invalid_frames += 1,
        }
    }

    /// Emits an error of a channel that stays joined.
    fn channel_error(&mut self, channel: String, rejection: Rejection) {
        let id = self.channels.find(&channel);
        let mut error = Error::from_rejection(rejection, Code::ServerError);
        error.channel = Some(channel.into());
        self.emit(Event::Error(id, error));
    }

    /// Requests another token if the rejection is for the token, and it can be replaced on the open
    /// connection. Where joins contain the token, the rejection is retryable only if the app can
    /// supply another one.
    fn mark_retryable_if_token(&mut self, mut rejection: Rejection) -> Rejection {
        let token = rejection.code.as_deref() == Some(Code::Unauthorized.name());
        if token && self.connection.takes_tokens() {
            let can_fetch = self.connection.upkeep().renew(&mut self.env);
            if self.profile().joins_carry_tokens() {
                rejection.retryable = Some(can_fetch);
            }
        }
        rejection
    }

    /// Delivers a change of a database to the subscribers whose filters it matches.
    fn change(
        &mut self,
        channel: &str,
        filters: &[FilterId],
        change: Option<RowChange<P>>,
        delivery: Box<Message<P>>,
    ) {
        let Some(id) = self.channels.find(channel) else { return };
        let receivers = self.channels.subscribers_for(id, filters);
        self.transport.traffic.messages_received += 1;
        let is_for_rows = self.holders.iter().any(|(_, holder)| receivers.contains(holder));
        if let Some(change) = change.filter(|_| is_for_rows)
            && [&change.new, &change.old].into_iter().all(|row| self.shallow(row.as_ref()))
        {
            for (collection, holder) in &self.holders {
                if receivers.contains(holder) {
                    self.collections.change(&mut self.env, *collection, &change);
                }
            }
        }
        self.emit(Event::Change(id, delivery, receivers));
    }

    fn auth_succeeded(&mut self, success: AuthSuccess) {
        self.connection.answers().authenticated(&mut self.env, &success);
        if self.transport.open_socket.is_none() {
            self.auth_success = success;
        } else {
            // A new token on the open connection: the negotiated features stay, but the user and
            // the user's permissions may have changed.
            self.auth_success.user = success.user.or(self.auth_success.user.take());
            self.identify();
            self.channels.memberships().retry_failed(&mut self.env, NewToken::Given);
        }
    }

    /// Delivers a message to the outbox, the collections and the app.
    pub(super) fn message(&mut self, id: ChannelId, mut delivery: Box<Message<P>>) {
        self.transport.traffic.messages_received += 1;
        self.transport.traffic.recovered += u64::from(delivery.recovered);
        if let Some(message) = delivery.id.as_ref().and_then(P::as_text) {
            delivery.own = self.outbox.is_own(&message);
            if delivery.own
                && let Some(channel) = self.channels.get(id)
            {
                let seq = delivery.position.as_ref().map(|position| position.seq);
                self.outbox.seen(channel.name(), &message, seq);
            }
        }
        if self.shallow(self.collections.row_of(id, &delivery).as_ref()) {
            self.collections.deliver(&mut self.env, id, &delivery);
        } else {
            // The position of the collections still advances.
            let position = delivery.position.clone();
            let nothing = Message { position, ..Message::plain(None, P::null()) };
            self.collections.deliver(&mut self.env, id, &nothing);
        }
        let profile = self.profile();
        delivery.reserved = delivery.event.as_ref().is_some_and(|name| profile.reserves(name));
        if let Some(position) = &delivery.position {
            self.channels.note_emitted(id, position);
        }
        self.emit(Event::Message(id, delivery));
    }

    /// The function that derives the id of this frame's message, where the protocol has none.
    #[must_use]
    pub fn dedup_key(&self, frame: &P) -> Option<P> {
        if self.transport.open_socket?.features.envelope {
            return None;
        }
        let name = frame.field("channel")?.as_text()?;
        self.channels.get(self.channels.find(&name)?)?.dedup_key().cloned()
    }

    /// Whether compressed messages were negotiated.
    #[must_use]
    pub fn inflates(&self) -> bool {
        self.features().deflate
    }

    fn features(&self) -> Features {
        self.transport.open_socket.map_or_else(Features::default, |open| open.features)
    }

    /// Whether a value may be traversed; one that is nested too deeply counts as an invalid frame.
    fn shallow(&mut self, value: Option<&P>) -> bool {
        let shallow = value.is_none_or(|value| value.fits(MAX_DEPTH));
        if !shallow {
            self.invalid(TOO_DEEP);
        }
        shallow
    }

    fn presences_read(&mut self) {
        if self.presences.take_too_deep() {
            self.invalid(TOO_DEEP);
        }
    }

    /// Counts an invalid frame, and reports it once per connection.
    pub(super) fn invalid(&mut self, what: &str) {
        self.transport.traffic.invalid_frames += 1;
        if !core::mem::replace(&mut self.invalid_reported, true) {
            self.emit(Event::Error(None, Error::new(Code::InvalidFrame).with_cause(what)));
        }
    }
}
