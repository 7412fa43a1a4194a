//! The calls of the app.

use alloc::boxed::Box;
use core::mem;

use super::Client;
use super::identity::{TokenUser, Watermarks};
use crate::core::channel::Subscription;
use crate::core::config::{Config, Reconnect};
use crate::core::connection::Trigger;
use crate::core::error::{Code, Error};
use crate::core::id::{ChannelId, Origin, SendId, SubscriberId};
use crate::core::outbox::{OutgoingMessage, Transmit};
use crate::core::payload::Payload;
use crate::core::protocol::Protocol;
use crate::core::protocol::frames::Outgoing;
use crate::core::time::Instant;
use crate::core::token::Grant;

impl<P: Payload> Client<P> {
    /// Sets new options; changes take effect at once.
    pub fn configure(&mut self, now: Instant, mut config: Config, reconnect: Reconnect) {
        self.advance(now);
        config.clock_began_ms = self.env.config.clock_began_ms;
        let options = |config: &Config| (config.protocol, config.serializer, config.exact_numbers);
        let protocol_changed = options(&config) != options(&self.env.config);
        let reconnects = reconnect == Reconnect::Always
            || protocol_changed
            || config.auth != self.env.config.auth;
        if protocol_changed {
            self.transport.protocol = Protocol::of(&config);
        }
        self.env.config = config;
        if reconnects {
            self.connection.reconfigured(&mut self.env);
            let host = self.env.config.server_host;
            self.connection.set_server_host(&mut self.env, host);
        }
        self.rename();
        self.process(Trigger::Other);
    }

    /// Adds a subscriber to a channel; the first one joins it.
    ///
    /// # Errors
    /// `invalid_argument` for an empty name, `channel_limit` if the cap is reached and no
    /// channel is idle, `destroyed` after [`Client::destroy`].
    pub fn subscribe(
        &mut self,
        now: Instant,
        subscriber: SubscriberId,
        channel: &str,
        subscription: Subscription<P>,
    ) -> Result<ChannelId, Error> {
        self.advance(now);
        if self.connection.is_destroyed() {
            return Err(Error::new(Code::Destroyed));
        }
        if channel.is_empty() {
            return Err(Error::new(Code::InvalidArgument).with_cause("channel"));
        }
        let subscribed = self.channels.subscriptions().subscribe(
            &mut self.env,
            subscriber,
            channel,
            subscription,
        );
        self.process(if subscribed.is_ok() { Trigger::NewDemand } else { Trigger::Other });
        subscribed
    }

    /// Removes a subscriber from its channel; after the last one it is left, with the linger time.
    pub fn unsubscribe(&mut self, now: Instant, subscriber: SubscriberId) {
        self.advance(now);
        self.channels.subscriptions().unsubscribe(&mut self.env, subscriber);
        self.process(Trigger::Other);
    }

    /// Sends a message as soon as possible. Its progress is emitted as events.
    pub fn send(&mut self, now: Instant, message: OutgoingMessage<P>) {
        self.enqueue(now, message);
        self.send_enqueued();
    }

    /// Queues a message to be sent together with others: by [`Client::send_enqueued`], which every other call and input
    /// does first. `now` is used for the first of them: all are sent as of its time, since a task may take longer than
    /// their time to live.
    pub fn enqueue(&mut self, now: Instant, message: OutgoingMessage<P>) {
        if !self.has_enqueued {
            self.advance(now);
        } else if !self.outbox.has_room(&self.env.config, message.bytes) {
            self.send_enqueued();
        }
        self.queue(message);
        self.has_enqueued = true;
    }

    /// Sends what was queued by [`Client::enqueue`].
    pub fn send_enqueued(&mut self) {
        if mem::take(&mut self.has_enqueued) {
            self.process(Trigger::NewDemand);
        }
    }

    /// Sends an ephemeral message on the open connection; fails with `not_connected` without one.
    pub fn send_ephemeral(&mut self, now: Instant, message: &OutgoingMessage<P>) {
        self.advance(now);
        let (event, payload) = (message.event.as_deref(), message.payload.clone());
        let (channel, id, bytes) = (&*message.channel, Some(&*message.id), message.bytes);
        let before = self.transport.outputs.len();
        let result = match self.transport.open_socket {
            None => Transmit::Unencodable(Code::NotConnected),
            Some(connection) if connection.features.ephemeral => self
                .transport
                .transmit(connection, Outgoing::Ephemeral { channel, event, payload, bytes }),
            Some(connection) => {
                let ack = false;
                self.transport.transmit(
                    connection,
                    Outgoing::Message { channel, id, event, payload, bytes, ack },
                )
            }
        };
        match result {
            Transmit::Sent | Transmit::SentNoReply => self.outbox.sent_unconfirmed(message.origin),
            Transmit::Unencodable(code) => {
                self.outbox.fail(message.origin, Error::new(code).with_channel(&message.channel));
            }
        }
        // The progress of a send is emitted before its frame, see `Transport::messages`.
        let frames = self.transport.outputs.split_off(before);
        self.report_sends();
        self.transport.outputs.extend(frames);
        self.process(Trigger::Other);
    }

    /// Cancels a send: it fails with `aborted`.
    pub fn cancel(&mut self, now: Instant, send: SendId) {
        self.advance(now);
        self.outbox.cancel(Origin::App(send));
        self.process(Trigger::Other);
    }

    /// Requests a connection until [`Client::disconnect`], and restarts a failed one.
    pub fn connect(&mut self, now: Instant) {
        self.advance(now);
        self.connect_requested = true;
        self.process(Trigger::Other);
        self.connection.connect(&mut self.env);
        self.process(Trigger::Other);
    }

    /// Closes the connection until new demand. Subscribers and queued sends are kept.
    pub fn disconnect(&mut self, now: Instant) {
        self.advance(now);
        self.connect_requested = false;
        self.connection.disconnect(&mut self.env);
        self.process(Trigger::Other);
    }

    /// Closes the connection permanently and fails everything unsettled.
    pub fn destroy(&mut self, now: Instant) {
        self.advance(now);
        self.outbox.fail_until(u64::MAX, &Error::new(Code::Destroyed));
        self.presences.fail(&Error::new(Code::Destroyed));
        self.collections.fail_all(&mut self.env, &Error::new(Code::Destroyed));
        self.connection.destroy(&mut self.env);
        self.process(Trigger::Other);
    }

    /// Sets the token: it is sent on the open connection if the server supports that, else on a new
    /// one.
    pub fn set_token(&mut self, now: Instant, grant: Option<Box<Grant>>) {
        self.advance(now);
        let (messages, presences) = (self.outbox.last_sequence(), self.presences.last_sequence());
        self.identity.token_given(Watermarks { messages, presences });
        let user = self.token_received(grant.as_deref());
        self.connection.set_token(&mut self.env, grant);
        if user == TokenUser::Other {
            self.change_user();
        }
        self.process(Trigger::Other);
    }
}
