//! The whole client: the one place that knows all parts, and the one door to them.
//!
//! Every call that changes something takes the time; after it, drain [`Client::poll_output`]
//! and arm a timer for [`Client::poll_timeout`]. [`Client::handle_timeout`] is correct when
//! late and harmless when early.

mod collections;
mod effects;
mod implicit_joins;
mod inbound;
mod outbound;
mod presence;
#[cfg(test)]
pub(super) mod tests;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::auth_success::{AuthSuccess, Features};
use super::channel::{Channel, Registry, Subscription};
use super::collection::Collections;
use super::config::Config;
use super::connection::{Connection, Demand};
use super::env::Env;
use super::error::{Code, Error};
use super::event::Event;
use super::id::{ChannelId, CollectionId, Origin, SendId, SocketId, SubscriberId};
use super::input::Input;
use super::metrics::Traffic;
use super::outbox::{Outbox, OutgoingMessage, SendLimits, Transmit};
use super::output::Output;
use super::payload::Payload;
use super::presence::Presences;
use super::profile::ProtocolProfile;
use super::protocol::Protocol;
use super::protocol::frames::Outgoing;
use super::rng::Rng;
use super::state::State;
use super::throttle::Throttle;
use super::time::{Instant, SLEEP_DETECTED_MS, TIMER_LATE_MS, earliest};
use super::token::Grant;
use super::typing::Typings;

/// The connection on which messages flow.
#[derive(Debug, Clone, Copy)]
struct OpenSocket {
    socket: SocketId,
    features: Features,
    limits: SendLimits,
}

/// Up to where the parts had taken things in, each in its own count.
#[derive(Debug, Clone, Copy)]
struct Watermarks {
    messages: u64,
    presences: u64,
}

impl Watermarks {
    /// Everything.
    const ALL: Self = Self { messages: u64::MAX, presences: u64::MAX };
}

/// Whom the app's latest token names.
#[derive(Debug, PartialEq, Eq)]
enum Holder {
    /// There is no token.
    Nobody,
    /// This user (`sub`).
    Named(String),
    /// Somebody: the token is opaque.
    Unknown,
}

/// A realtime client.
#[derive(Debug)]
pub struct Client<P> {
    env: Env,
    connection: Connection,
    channels: Registry<P>,
    outbox: Outbox<P>,
    collections: Collections<P>,
    /// The subscribers that hold the channels of collections.
    holders: Vec<(CollectionId, SubscriberId)>,
    presences: Presences<P>,
    typings: Typings,
    traffic: Traffic,
    protocol: Protocol<P>,
    /// The channels that are kept open for messages that wait to be sent in them.
    outbox_channels: Vec<(Rc<str>, ChannelId)>,
    open_socket: Option<OpenSocket>,
    /// What the server said last when it accepted a connection.
    auth_success: AuthSuccess,
    /// Whom the server took us for last; `None` before it ever did.
    identity: Option<Option<String>>,
    holder: Holder,
    /// What was taken in before the latest `setToken`: the former user's.
    before_token: Option<Watermarks>,
    /// A `connect()` that was not undone.
    connect_requested: bool,
    depth_told: usize,
    /// How many messages were told when they were last batched.
    batched: u64,
    throttle: Throttle,
    /// Whether the server closed for the size of what it was sent: frames go one by one then.
    unbatched: bool,
    /// Whether an invalid frame of this connection was reported already.
    invalid_told: bool,
    outputs: VecDeque<Output<P>>,
}

impl<P: Payload> Client<P> {
    /// A client that wants nothing yet. `seed` decides its jitter.
    #[must_use]
    pub fn new(config: Config, seed: u64, now: Instant) -> Self {
        let mut client = Self {
            protocol: Protocol::of(&config),
            outbox_channels: Vec::new(),
            env: Env { now, config, rng: Rng::new(seed) },
            connection: Connection::default(),
            channels: Registry::default(),
            outbox: Outbox::default(),
            collections: Collections::default(),
            holders: Vec::new(),
            presences: Presences::default(),
            typings: Typings::default(),
            traffic: Traffic::default(),
            open_socket: None,
            auth_success: AuthSuccess::default(),
            identity: None,
            holder: Holder::Nobody,
            before_token: None,
            connect_requested: false,
            depth_told: 0,
            batched: 0,
            throttle: Throttle::default(),
            unbatched: false,
            invalid_told: false,
            outputs: VecDeque::new(),
        };
        let is_local = client.env.config.is_local;
        client.connection.set_local(&mut client.env, is_local);
        client
    }

    // ----- getters -----

    /// The options in force.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.env.config
    }

    /// What the protocol asks.
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

    /// All traffic so far.
    #[must_use]
    pub const fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Unsettled sends.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.outbox.len()
    }

    // ----- what drives it -----

    /// Takes in what happened outside.
    pub fn handle_input(&mut self, now: Instant, input: Input<P>) {
        if matches!(input, Input::Woke) {
            self.pass(now);
        } else {
            self.advance(now);
        }
        match input {
            Input::SocketOpened(socket) => self.connection.socket_opened(&mut self.env, socket),
            Input::SocketFrame(socket, received, bytes) => {
                if self.connection.is_current(socket) {
                    self.traffic.bytes_received += bytes as u64;
                    self.frame(received);
                }
            }
            // Nothing more goes out; what that means for what did is known with the close's code.
            Input::SocketClosing(socket) => {
                self.open_socket.take_if(|held| held.socket == socket);
            }
            Input::SocketErrored(socket) => self.connection.socket_errored(now, socket),
            Input::SocketClosed(socket, by) => {
                self.connection.socket_closed(&mut self.env, socket, by);
            }
            Input::Token(request, answer) => {
                let other = self.connection.awaits(request)
                    && answer.as_ref().is_ok_and(|grant| self.note_holder(grant.as_deref()));
                self.connection.token(&mut self.env, request, answer);
                if other {
                    self.change_user();
                }
            }
            Input::Page(page) => self.connection.page(&mut self.env, page),
            Input::Network(up) => self.connection.network(&mut self.env, up),
            Input::Woke => self.connection.woke(&mut self.env),
            Input::Local(local) => self.connection.set_local(&mut self.env, local),
        }
        self.process(false);
    }

    /// Notes the size of a frame that was sent.
    pub fn note_sent(&mut self, bytes: usize) {
        self.traffic.bytes_sent += bytes as u64;
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
        self.process(false);
    }

    /// The next thing to do, until there is none.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        let mut output = self.outputs.pop_front()?;
        if let (Output::Transmit(socket, frames), Some(connection)) =
            (&mut output, self.open_socket)
            && connection.socket == *socket
            && connection.features.batch
            && !self.unbatched
        {
            self.batch(connection, frames);
        }
        Some(output)
    }

    /// When [`Client::handle_timeout`] is due; `None` is never.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let parts = earliest(self.channels.poll_timeout(), self.outbox.poll_timeout());
        let people = earliest(self.presences.poll_timeout(), self.typings.poll_timeout());
        let parts = earliest(parts, earliest(people, self.collections.poll_timeout()));
        let throttle = self.throttle.poll_timeout();
        earliest(parts, earliest(throttle, self.connection.poll_timeout(&self.env.config)))
    }

    // ----- what the app wants -----

    /// Takes new options; what they change takes effect.
    pub fn configure(&mut self, now: Instant, mut config: Config, reconnect: bool) {
        self.advance(now);
        config.clock_began_ms = self.env.config.clock_began_ms;
        let options = |config: &Config| (config.protocol, config.serializer, config.exact_numbers);
        let protocol_changed = options(&config) != options(&self.env.config);
        let reconnect = reconnect || protocol_changed || config.auth != self.env.config.auth;
        if protocol_changed {
            self.protocol = Protocol::of(&config);
        }
        self.env.config = config;
        if reconnect {
            self.connection.reconfigured(&mut self.env);
        }
        if reconnect {
            let is_local = self.env.config.is_local;
            self.connection.set_local(&mut self.env, is_local);
        }
        self.rename();
        self.process(false);
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
        let subscribed = self.channels.subscribe(&mut self.env, subscriber, channel, subscription);
        self.process(subscribed.is_ok());
        subscribed
    }

    /// Takes a subscriber off its channel; the last one leaves it, after the linger time.
    pub fn unsubscribe(&mut self, now: Instant, subscriber: SubscriberId) {
        self.advance(now);
        self.channels.unsubscribe(&mut self.env, subscriber);
        self.process(false);
    }

    /// Sends a message as soon as possible. All that becomes of it is told by events.
    pub fn send(&mut self, now: Instant, message: OutgoingMessage<P>) {
        self.advance(now);
        self.queue(message);
        self.process(true);
    }

    /// Sends a message that may be lost, now or never.
    pub fn send_ephemeral(&mut self, now: Instant, message: &OutgoingMessage<P>) {
        self.advance(now);
        let (event, payload) = (message.event.as_deref(), message.payload.clone());
        let (channel, id, bytes) = (&*message.channel, Some(&*message.id), message.bytes);
        let before = self.outputs.len();
        let handed = match self.open_socket {
            None => Transmit::Unencodable(Code::NotConnected),
            Some(connection) if connection.features.ephemeral => {
                self.transmit(connection, Outgoing::Ephemeral { channel, event, payload, bytes })
            }
            Some(connection) => {
                let ack = false;
                self.transmit(
                    connection,
                    Outgoing::Message { channel, id, event, payload, bytes, ack },
                )
            }
        };
        match handed {
            Transmit::Sent | Transmit::SentNoReply => self.outbox.sent_unconfirmed(message.origin),
            Transmit::Unencodable(code) => {
                self.outbox.fail(message.origin, Error::new(code).with_channel(&message.channel));
            }
        }
        // It is reported before its frame goes out, as every send is.
        let frames = self.outputs.split_off(before);
        self.report_sends();
        self.outputs.extend(frames);
        self.process(false);
    }

    /// Gives a send up: it fails with `aborted`.
    pub fn cancel(&mut self, now: Instant, send: SendId) {
        self.advance(now);
        self.outbox.cancel(Origin::App(send));
        self.process(false);
    }

    /// Wants a connection until [`Client::disconnect`], and starts a failed one anew.
    pub fn connect(&mut self, now: Instant) {
        self.advance(now);
        self.connect_requested = true;
        self.process(false);
        self.connection.connect(&mut self.env);
        self.process(false);
    }

    /// Wants none until something new is wanted. Subscribers and waiting sends are kept.
    pub fn disconnect(&mut self, now: Instant) {
        self.advance(now);
        self.connect_requested = false;
        self.connection.disconnect(&mut self.env);
        self.process(false);
    }

    /// Ends everything for good.
    pub fn destroy(&mut self, now: Instant) {
        self.advance(now);
        self.outbox.fail_until(u64::MAX, &Error::new(Code::Destroyed));
        self.presences.fail(&Error::new(Code::Destroyed));
        self.collections.fail_all(&mut self.env, &Error::new(Code::Destroyed));
        self.connection.destroy(&mut self.env);
        self.process(false);
    }

    /// Uses this token from now on: on the open connection if the server can, else on a new one.
    pub fn set_token(&mut self, now: Instant, grant: Option<Box<Grant>>) {
        self.advance(now);
        let (messages, presences) = (self.outbox.next_sequence(), self.presences.next_sequence());
        self.before_token = Some(Watermarks { messages, presences });
        let other = self.note_holder(grant.as_deref());
        self.connection.set_token(&mut self.env, grant);
        if other {
            self.change_user();
        }
        self.process(false);
    }

    // ----- how it does it -----

    /// Takes a message in, unless nothing can come of it any more.
    fn queue(&mut self, message: OutgoingMessage<P>) {
        let channel = || self.channels.get(self.channels.find(&message.channel)?);
        let failure = match self.connection.state() {
            State::Failed => self.connection.error().cloned(),
            _ if self.connection.is_destroyed() => Some(Error::new(Code::Destroyed)),
            _ => channel().and_then(Channel::failure).cloned(),
        };
        match failure {
            Some(error) => self.outbox.fail(message.origin, error.with_channel(&message.channel)),
            None => self.outbox.push(self.env.now, &self.env.config, message),
        }
    }

    /// Moves the clock. Deadlines noticed late do not count the time the page slept, and a page
    /// that slept for long does not trust its socket.
    fn advance(&mut self, now: Instant) {
        if self.pass(now) > SLEEP_DETECTED_MS {
            self.connection.woke(&mut self.env);
        }
    }

    /// Moves the clock; returns how much too late the next deadline is.
    fn pass(&mut self, now: Instant) -> u64 {
        let due = self.poll_timeout();
        self.env.now = self.env.now.max(now);
        let late = due.map_or(0, |due| self.env.now.duration_since(due));
        if late > TIMER_LATE_MS {
            self.channels.extend_deadlines(late);
            self.outbox.extend_deadlines(late);
            self.presences.extend_deadlines(late);
            self.collections.extend_deadlines(late);
        }
        late
    }

    /// Does what is due, brings the connection in line with the demand, and turns everything the
    /// parts want into outputs, until nothing is left.
    fn process(&mut self, new_demand: bool) {
        self.hold_channels();
        self.flush_effects();
        if self.poll_timeout().is_some_and(|due| due <= self.env.now) {
            self.channels.handle_timeout(&mut self.env);
            let channels = &self.channels;
            let wrong = |name: &str| channels.get(channels.find(name)?)?.error().cloned();
            self.outbox.handle_timeout(self.env.now, wrong);
            self.presences.handle_timeout(&mut self.env);
            self.typings.handle_timeout(self.env.now);
            self.collections.handle_timeout(&mut self.env);
            // A leave must be out before the connection closes the socket under it.
            self.flush_effects();
            if self.demand() == Demand::Connect {
                // Else a linger time noticed late would close what is wanted again.
                self.connection.set_demand(&mut self.env, Demand::Connect, new_demand);
            }
            if let Some(stall_ms) = self.profile().rejection_stall_ms() {
                self.connection.set_extra_timeout(self.channels.joining_count() * stall_ms);
            }
            self.connection.handle_timeout(&mut self.env);
            self.flush_effects();
        }
        let demand = self.demand();
        self.connection.set_demand(&mut self.env, demand, new_demand);
        self.flush_effects();
        if self.outbox.len() != self.depth_told {
            self.depth_told = self.outbox.len();
            self.emit(Event::Queue(self.depth_told));
        }
        self.emit_render_tick();
    }

    /// Messages never wait, but what is shown of them does: the first ones after a quiet time are
    /// due at once, all others when the window ends.
    fn emit_render_tick(&mut self) {
        let heard = self.traffic.messages_received;
        let came = heard != self.batched;
        self.batched = heard;
        let due = self.throttle.handle_timeout(self.env.now);
        if (came && self.throttle.note(self.env.now, self.env.config.batch_ms)) || due {
            self.emit(Event::RenderTick);
        }
    }

    fn demand(&self) -> Demand {
        let wanted = self.connect_requested
            || self.channels.subscriber_count() > 0
            || !self.outbox.is_empty();
        match (wanted, self.channels.has_idle_persistent()) {
            (true, _) => Demand::Connect,
            (false, true) => Demand::KeepOpen,
            (false, false) => Demand::None,
        }
    }

    fn flush_effects(&mut self) {
        loop {
            let effects = self.connection.take_effects();
            let mut any = !effects.is_empty();
            for effect in effects {
                self.effect(effect);
            }
            // Only now it is certain which connection there is.
            for step in self.channels.take_steps() {
                any = true;
                self.step(step);
            }
            any |= self.speak_of_people();
            any |= self.flush();
            any |= self.report_sends();
            any |= self.keep_rows();
            if !any {
                return;
            }
        }
    }

    /// Reports what became of sends; returns whether there was anything.
    fn report_sends(&mut self) -> bool {
        let progress = self.outbox.take_progress();
        let any = !progress.is_empty();
        for (origin, progress) in progress {
            match origin {
                Origin::App(send) => self.emit(Event::Send(send, progress)),
                Origin::Change(change) => self.change_progress(change, progress),
            }
        }
        any
    }

    fn emit(&mut self, event: Event<P>) {
        self.outputs.push_back(Output::Event(event));
    }
}
