//! The processing after each call: performs everything that is due.

use super::Client;
use crate::core::channel::Channel;
use crate::core::connection::{Demand, Trigger};
use crate::core::error::{Code, Error};
use crate::core::event::Event;
use crate::core::id::Origin;
use crate::core::outbox::OutgoingMessage;
use crate::core::output::Output;
use crate::core::payload::Payload;
use crate::core::state::State;
use crate::core::time::{Instant, SLEEP_DETECTED_MS, TIMER_LATE_MS};

impl<P: Payload> Client<P> {
    /// Queues a message; it fails at once if the connection or the channel has failed permanently.
    pub(super) fn queue(&mut self, message: OutgoingMessage<P>) {
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

    /// Advances the clock. Deadlines noticed late are extended by the time the page slept, and
    /// after a long sleep the socket is probed.
    pub(super) fn advance(&mut self, now: Instant) {
        if self.pass(now) > SLEEP_DETECTED_MS {
            self.connection.woke(&mut self.env);
        }
    }

    /// Sends what is queued, then advances the clock; returns by how much the next deadline is exceeded.
    pub(super) fn pass(&mut self, now: Instant) -> u64 {
        self.send_enqueued();
        let due = self.next_timer();
        self.env.now = self.env.now.max(now);
        let late = due.map_or(0, |due| self.env.now.duration_since(due.at()));
        if late > TIMER_LATE_MS {
            self.channels.memberships().extend_deadlines(late);
            self.outbox.extend_deadlines(late);
            self.presences.extend_deadlines(late);
            self.collections.extend_deadlines(late);
        }
        late
    }

    /// Performs what is due, updates the connection by the demand, and turns the steps of the parts
    /// into outputs, until nothing is left.
    pub(super) fn process(&mut self, trigger: Trigger) {
        self.update_implicit_joins();
        self.flush_effects();
        if self.next_timer().is_some_and(|due| due.at() <= self.env.now) {
            self.channels.handle_timeout(&mut self.env);
            let channels = &self.channels;
            let error = |name: &str| channels.get(channels.find(name)?)?.error().cloned();
            self.outbox.handle_timeout(self.env.now, error);
            self.presences.handle_timeout(&mut self.env);
            self.typings.handle_timeout(self.env.now);
            self.collections.handle_timeout(&mut self.env);
            // A leave must be sent before the connection closes its socket.
            self.flush_effects();
            if self.demand() == Demand::Connect {
                // Before the timeout of the connection: otherwise a linger time noticed late would
                // close a connection that is in demand again.
                self.connection.set_demand(&mut self.env, Demand::Connect, trigger);
            }
            if let Some(stall_ms) = self.profile().rejection_stall_ms() {
                self.connection
                    .upkeep()
                    .set_extra_timeout(self.channels.joining_count() * stall_ms);
            }
            self.connection.handle_timeout(&mut self.env);
            self.flush_effects();
        }
        let demand = self.demand();
        self.connection.set_demand(&mut self.env, demand, trigger);
        self.flush_effects();
        if self.outbox.len() != self.reported_depth {
            self.reported_depth = self.outbox.len();
            self.emit(Event::Queue(self.reported_depth));
        }
        self.emit_render_tick();
        self.due = self.next_timer().map(|timer| timer.at());
    }

    /// Emits a render tick if one is due. Messages are never delayed, only the ticks: the first
    /// message after an idle period causes one at once, later ones when the window ends.
    pub(super) fn emit_render_tick(&mut self) {
        let received = self.transport.traffic.messages_received;
        let is_new = received != self.batched;
        self.batched = received;
        let due = self.throttle.handle_timeout(self.env.now);
        if (is_new && self.throttle.note(self.env.now, self.env.config.batch_ms)) || due {
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

    pub(super) fn flush_effects(&mut self) {
        loop {
            let effects = self.connection.take_effects();
            let mut any = !effects.is_empty();
            for effect in effects {
                self.effect(effect);
            }
            // Steps of channels send frames, so the effects of the connection come first.
            for step in self.channels.take_steps() {
                any = true;
                self.step(step);
            }
            any |= self.flush_presence();
            any |= self.flush();
            any |= self.report_sends();
            any |= self.flush_collections();
            if !any {
                return;
            }
        }
    }

    /// Sends queued messages; returns whether anything changed. The progress of sends is emitted
    /// before their frames.
    fn flush(&mut self) -> bool {
        let Some(connection) = self.transport.open_socket else { return false };
        let others = self.other_requests();
        let Self { env, transport, outbox, channels, .. } = self;
        let frames = transport.messages(env, connection, others, outbox, channels);
        let any = self.report_sends() | self.flush_collections();
        self.transport.outputs.extend(frames);
        if self.outbox.has_isolated() {
            self.channels.memberships().pause_joins();
            return any;
        }
        self.channels.memberships().resume_joins(&self.env) | any
    }

    /// Emits the progress of sends; returns whether there was any.
    pub(super) fn report_sends(&mut self) -> bool {
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

    pub(super) fn emit(&mut self, event: Event<P>) {
        self.transport.outputs.push(Output::Event(event));
    }
}
