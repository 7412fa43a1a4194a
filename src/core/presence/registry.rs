//! Presence in all channels of a client.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::local::LocalPresence;
use super::members::Members;
use super::outbound::{Outbound, PendingAction};
use super::types::{PresenceAction, ServerPresence, Step};
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::{ChannelId, SendId};
use crate::core::payload::Payload;
use crate::core::risk::{Loss, OtherCauses};
use crate::core::slots::{Counted, Facts, Slots};
use crate::core::time::earliest;
use crate::core::timer::{Timer, TimerReason, timer};

/// The connection to a server.
#[derive(Debug, Clone, Copy)]
enum Server {
    /// There is no connection.
    Disconnected,
    /// Messages can be exchanged.
    Connected(ServerPresence),
}

/// Presence in one channel.
#[derive(Debug)]
pub(crate) struct Channel<P> {
    id: ChannelId,
    local: LocalPresence<P>,
    members: Members<P>,
}

/// The bits of the counts of channels.
mod count {
    /// With a request in flight.
    pub(super) const REQUESTING: u32 = 0;
    /// With one in flight that was in flight at an earlier loss too.
    pub(super) const AT_RISK: u32 = 1;
}

impl<P> Counted for Channel<P> {
    type Context = ();

    fn facts(&self, (): ()) -> Facts {
        let requests = self.local.has_request_in_flight();
        let due = earliest(self.local.poll_timeout(), self.members.poll_timeout());
        Facts {
            deadline: timer(due, TimerReason::Presence),
            rank: requests.then_some(0),
            counts: u16::from(requests) << count::REQUESTING
                | u16::from(self.local.is_at_risk()) << count::AT_RISK,
        }
    }
}

/// Presence in all channels of a client.
#[derive(Debug)]
pub struct Presences<P> {
    server: Server,
    channels: Slots<Channel<P>>,
    /// The number of actions of the app.
    actions: u64,
    out: Outbound<P>,
}

impl<P> Default for Presences<P> {
    fn default() -> Self {
        Self {
            server: Server::Disconnected,
            channels: Slots::default(),
            actions: 0,
            out: Outbound::default(),
        }
    }
}

impl<P: Payload> Presences<P> {
    // ----- calls of the app -----

    /// Performs an action of the app. Its outcome is a [`Step::Settled`].
    pub fn act(&mut self, env: &mut Env, id: ChannelId, send: SendId, action: PresenceAction<P>) {
        self.actions += 1;
        let pending = PendingAction { send, serial: self.actions };
        if matches!(self.server, Server::Connected(ServerPresence::Unsupported))
            && !matches!(action, PresenceAction::Untrack)
        {
            let error = Error::new(Code::Unsupported);
            return self.out.settle(id, [pending].into(), &Err(error));
        }
        let connected = matches!(self.server, Server::Connected(ServerPresence::Supported));
        if let Some((channel, out)) = self.open(id) {
            channel.local.act(env, out, pending, action);
            if connected {
                channel.local.wait(env);
            }
        }
    }

    /// The number of the last action, a mark for [`Presences::identity_changed`].
    #[must_use]
    pub const fn last_sequence(&self) -> u64 {
        self.actions
    }

    // ----- the connection -----

    /// Applies the start of a connection. On a server without presence all actions fail.
    pub fn connected(&mut self, env: &mut Env, presence: ServerPresence) {
        self.server = Server::Connected(presence);
        for at in self.channels.indices() {
            let Some(channel) = self.channels.get_mut(at) else { continue };
            channel.local.wait(env);
        }
        if presence == ServerPresence::Unsupported {
            self.fail(&Error::new(Code::Unsupported));
        }
    }

    /// Ends all memberships at the end of a connection. The members stay; the desired presence is
    /// tracked again in the next membership.
    pub fn disconnected(&mut self) {
        self.server = Server::Disconnected;
        for at in self.channels.indices() {
            let Some(channel) = self.channels.get_mut(at) else { continue };
            channel.local.membership_ended(&mut self.out);
            channel.members.membership_ended();
        }
    }

    /// Begins a membership of a channel.
    pub fn joined(&mut self, env: &mut Env, id: ChannelId) {
        if matches!(self.server, Server::Connected(ServerPresence::Supported))
            && let Some((channel, out)) = self.open(id)
        {
            channel.local.joined(env, out);
        }
    }

    /// Ends a membership that the server ended; there may be another one.
    pub fn membership_ended(&mut self, env: &mut Env, id: ChannelId) {
        if let Some((channel, out)) = self.find(id) {
            channel.local.membership_ended(out);
            channel.local.wait(env);
            channel.members.membership_ended();
        }
    }

    /// Removes the state of a channel that was left.
    pub fn left(&mut self, id: ChannelId) {
        let left = self.position(id).and_then(|at| self.channels.remove(at));
        if let Some(left) = left {
            left.local.left(&mut self.out);
        }
    }

    /// Applies a change of the user: actions with numbers up to `mark` are the former user's.
    pub fn identity_changed(&mut self, env: &mut Env, mark: u64) {
        let mark = mark.min(self.actions);
        for at in self.channels.indices() {
            let Some(channel) = self.channels.get_mut(at) else { continue };
            channel.local.identity_changed(env, &mut self.out, mark);
            channel.members.clear(&mut self.out);
        }
    }

    /// Fails the unsettled actions of a channel that failed permanently.
    pub fn fail_in(&mut self, id: ChannelId, error: &Error) {
        if let Some((channel, out)) = self.find(id) {
            channel.local.fail(out, u64::MAX, error);
        }
    }

    /// The number of requests in flight.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.channels.count(count::REQUESTING)
    }

    /// Whether one of them was also in flight at an earlier loss.
    #[must_use]
    pub fn has_risk(&self) -> bool {
        self.channels.count(count::AT_RISK) > 0
    }

    /// Updates the risks when the connection is lost. `others`: whether a request of another part
    /// can be the cause.
    pub fn lost(&mut self, loss: Loss, mut others: OtherCauses) {
        for at in self.channels.indices() {
            let Some(channel) = self.channels.get_mut(at) else { continue };
            others = channel.local.lost(&mut self.out, loss, others);
        }
    }

    /// Fails all unsettled actions.
    pub fn fail(&mut self, error: &Error) {
        for at in self.channels.indices() {
            let Some(channel) = self.channels.get_mut(at) else { continue };
            channel.local.fail(&mut self.out, u64::MAX, error);
        }
    }

    /// Sets the safety margin for time limits of the server, in milliseconds.
    pub const fn set_margin(&mut self, margin_ms: u64) {
        self.out.margin_ms = margin_ms;
    }

    // ----- frames of the server -----

    /// Applies the acceptance of a request, with the server's id of the presence.
    pub fn accepted(&mut self, env: &mut Env, reference: u32, presence: Option<P>) {
        if let Some((channel, out)) = self.channel_awaiting(reference) {
            channel.local.accepted(env, out, reference, presence);
        }
    }

    /// Applies the rejection of a request. References of other requests are ignored.
    pub fn rejected(&mut self, env: &mut Env, reference: u32, error: Error) {
        if let Some((channel, out)) = self.channel_awaiting(reference) {
            channel.local.rejected(env, out, reference, error);
        }
    }

    /// Whether a meta was dropped since the last call because it was nested too deeply.
    pub fn take_too_deep(&mut self) -> bool {
        core::mem::take(&mut self.out.too_deep)
    }

    /// Applies the whole state.
    pub fn state(&mut self, env: &mut Env, id: ChannelId, state: &P) {
        if let Some((channel, out)) = self.open(id) {
            channel.members.state(env, out, state);
        }
    }

    /// Applies a difference to the state.
    pub fn diff(&mut self, env: &mut Env, id: ChannelId, joins: &P, leaves: &P) {
        if let Some((channel, out)) = self.find(id) {
            channel.members.diff(env, out, joins, leaves);
        }
    }

    // ----- time and outputs -----

    /// Takes the steps since the last call, in order.
    pub fn take_steps(&mut self) -> Vec<Step<P>> {
        core::mem::take(&mut self.out.steps)
    }

    /// Extends the deadlines of answers by the time in which the page slept.
    pub fn extend_deadlines(&mut self, slept_ms: u64) {
        for at in self.channels.indices() {
            let Some(channel) = self.channels.get_mut(at) else { continue };
            channel.local.extend_deadlines(slept_ms);
        }
    }

    /// When [`Presences::handle_timeout`] is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timer> {
        self.channels.poll_timeout()
    }

    /// Performs what is due.
    pub fn handle_timeout(&mut self, env: &mut Env) {
        let mut from = 0;
        while let Some(at) = self.channels.next_due(from, env.now) {
            from = at + 1;
            let Some(channel) = self.channels.get_mut(at) else { continue };
            channel.local.handle_timeout(env, &mut self.out);
            channel.members.handle_timeout(env.now, &mut self.out);
        }
    }

    // ----- internals -----

    fn find(&mut self, id: ChannelId) -> Option<(&mut Channel<P>, &mut Outbound<P>)> {
        let at = self.position(id)?;
        Some((self.channels.get_mut(at)?, &mut self.out))
    }

    fn open(&mut self, id: ChannelId) -> Option<(&mut Channel<P>, &mut Outbound<P>)> {
        if self.position(id).is_none() {
            let channel = Channel { id, local: LocalPresence::new(id), members: Members::new(id) };
            self.channels.push(u64::from(id.0), Box::new(channel));
        }
        self.find(id)
    }

    fn position(&self, id: ChannelId) -> Option<usize> {
        self.channels.find(u64::from(id.0), |channel| channel.id == id)
    }

    fn channel_awaiting(&mut self, reference: u32) -> Option<(&mut Channel<P>, &mut Outbound<P>)> {
        let mut from = 0;
        while let Some(at) = self.channels.next_waiting(from) {
            if self.channels.get(at)?.local.awaits(reference) {
                return Some((self.channels.get_mut(at)?, &mut self.out));
            }
            from = at + 1;
        }
        None
    }
}
