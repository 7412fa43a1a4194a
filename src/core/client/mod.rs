//! The client: composes all parts, and is their only interface.
//!
//! Each call that changes the client has the time as an argument. After it, drain
//! [`Client::poll_output`] and set a timer for [`Client::poll_timeout`]. [`Client::handle_timeout`]
//! may be called late, and has no effect when called early.

mod collections;
mod commands;
mod effects;
#[cfg(any(test, not(target_arch = "wasm32")))]
mod frame_driver;
mod identity;
mod implicit_joins;
mod inbound;
mod open_socket;
mod output_queue;
mod presence;
mod process;
mod receive;
#[cfg(test)]
pub(super) mod tests;
mod transport;
mod users;

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::auth_success::AuthSuccess;
use super::channel::Registry;
use super::collection::Collections;
use super::config::Config;
use super::connection::{Connection, Trigger};
use super::env::Env;
use super::id::{ChannelId, CollectionId, SubscriberId};
use super::input::Input;
use super::metrics::Traffic;
use super::outbox::Outbox;
use super::output::Output;
use super::payload::Payload;
use super::presence::Presences;
use super::profile::ProtocolProfile;
use super::rng::Rng;
use super::throttle::Throttle;
use super::time::Instant;
use super::timer::{Timer, TimerReason, earliest, timer};
use super::typing::Typings;
use identity::{TokenUser, UserIdentity};
use transport::Transport;

/// A realtime client.
#[derive(Debug)]
pub struct Client<P> {
    env: Env,
    connection: Connection,
    channels: Registry<P>,
    outbox: Outbox<P>,
    collections: Collections<P>,
    /// The subscriber with which each collection keeps its channel open.
    holders: Vec<(CollectionId, SubscriberId)>,
    presences: Presences<P>,
    typings: Typings,
    transport: Transport<P>,
    /// The channels that are kept open for queued messages.
    outbox_channels: Vec<(Rc<str>, ChannelId)>,
    /// The versions of the outbox and the channels together when the implicit joins were last updated.
    implicit_joins_of: u32,
    /// The server's latest answer to an accepted authentication.
    auth_success: AuthSuccess,
    identity: UserIdentity,
    /// Whether messages were queued by [`Client::enqueue`] since the last processing.
    has_enqueued: bool,
    /// Whether the app has called `connect()` and not `disconnect()` since.
    connect_requested: bool,
    /// The number of unsettled sends in the latest [`Event::Queue`].
    ///
    /// [`Event::Queue`]: super::event::Event::Queue
    reported_depth: usize,
    /// The number of delivered messages at the last render tick.
    batched: u64,
    throttle: Throttle,
    /// A time before which no timer of any part is due: the earliest one after the last processing.
    due: Option<Instant>,
    /// Whether an invalid frame of this connection was reported already.
    invalid_reported: bool,
}

impl<P: Payload> Client<P> {
    /// Creates a client without demand. `seed` is the seed of its jitter.
    #[must_use]
    pub fn new(config: Config, seed: u64, now: Instant) -> Self {
        let mut client = Self {
            transport: Transport::new(&config),
            outbox_channels: Vec::new(),
            implicit_joins_of: 0,
            env: Env { now, config, rng: Rng::new(seed) },
            connection: Connection::default(),
            channels: Registry::default(),
            outbox: Outbox::default(),
            collections: Collections::default(),
            holders: Vec::new(),
            presences: Presences::default(),
            typings: Typings::default(),
            auth_success: AuthSuccess::default(),
            identity: UserIdentity::default(),
            has_enqueued: false,
            connect_requested: false,
            reported_depth: 0,
            batched: 0,
            throttle: Throttle::default(),
            due: Some(now),
            invalid_reported: false,
        };
        let host = client.env.config.server_host;
        client.connection.set_server_host(&mut client.env, host);
        client
    }

    // ----- getters -----

    /// The options in force.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.env.config
    }

    /// The properties of the protocol.
    #[must_use]
    pub const fn profile(&self) -> ProtocolProfile {
        ProtocolProfile::of(&self.env.config)
    }

    /// The connection.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The channels.
    #[must_use]
    pub const fn channels(&self) -> &Registry<P> {
        &self.channels
    }

    /// The counters of all traffic.
    #[must_use]
    pub const fn traffic(&self) -> &Traffic {
        &self.transport.traffic
    }

    /// The number of unsettled sends.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.outbox.len()
    }

    /// Whether messages were queued by [`Client::enqueue`] that are not sent yet.
    #[must_use]
    pub const fn has_enqueued(&self) -> bool {
        self.has_enqueued
    }

    // ----- the driver's calls -----

    /// Handles an input.
    pub fn handle_input(&mut self, now: Instant, input: Input<P>) {
        if matches!(input, Input::Woke) {
            self.pass(now);
        } else {
            self.advance(now);
        }
        match input {
            Input::SocketOpened(socket) => {
                self.connection.answers().socket_opened(&mut self.env, socket);
            }
            Input::SocketFrame(socket, received, bytes) => {
                if self.connection.is_current(socket) {
                    self.transport.traffic.bytes_received += bytes as u64;
                    self.frame(received);
                }
            }
            // From now on nothing is sent; the outcome of sent messages depends on the close code.
            Input::SocketClosing(socket) => {
                self.transport.open_socket.take_if(|open| open.socket == socket);
            }
            Input::SocketErrored(socket) => self.connection.answers().socket_errored(now, socket),
            Input::SocketClosed(socket, by) => {
                self.connection.answers().socket_closed(&mut self.env, socket, by);
            }
            Input::Token(request, answer) => {
                let mut user = TokenUser::MaybeSame;
                if self.connection.awaits(request)
                    && let Ok(grant) = &answer
                {
                    user = self.token_received(grant.as_deref());
                }
                self.connection.answers().token(&mut self.env, request, answer);
                if user == TokenUser::Other {
                    self.change_user();
                }
            }
            Input::Page(page) => self.connection.page(&mut self.env, page),
            Input::Network(network) => self.connection.set_network(&mut self.env, network),
            Input::Woke => self.connection.woke(&mut self.env),
            Input::ServerHost(host) => self.connection.set_server_host(&mut self.env, host),
        }
        self.process(Trigger::Other);
    }

    /// Records the size of a frame that was sent.
    pub fn note_sent(&mut self, bytes: usize) {
        self.transport.traffic.bytes_sent += bytes as u64;
    }

    /// Performs what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        self.process(Trigger::Other);
    }

    /// Removes and returns the next output, `None` if there is none.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        self.transport.poll_output()
    }

    /// When [`Client::handle_timeout`] is due, and why; `None` is never.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, TimerReason)> {
        self.next_timer().map(|timer| (timer.at(), timer.reason()))
    }

    fn next_timer(&self) -> Option<Timer> {
        let parts = earliest(self.channels.poll_timeout(), self.outbox.poll_timeout());
        let presence = self.presences.poll_timeout();
        let typing = timer(self.typings.poll_timeout(), TimerReason::Typing);
        let collections = timer(self.collections.poll_timeout(), TimerReason::Collection);
        let parts = earliest(parts, earliest(earliest(presence, typing), collections));
        let tick = timer(self.throttle.poll_timeout(), TimerReason::RenderTick);
        earliest(parts, earliest(tick, self.connection.poll_timeout(&self.env.config)))
    }
}
