//! This client's own presence in one channel: requests make the server's entry equal to the desired
//! one.

use alloc::vec::Vec;
use core::mem::{replace, take};

use super::membership::{InFlight, Membership};
use super::outbound::{Outbound, PendingAction};
use super::request_rate::RequestRate;
use super::server_entry::ServerEntry;
use super::target::Target;
use super::types::{PresenceAction, Step};
use crate::core::backoff::Backoff;
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::ChannelId;
use crate::core::risk::{Loss, OtherCauses, Risk};
use crate::core::time::Instant;

/// This client's presence in one channel.
#[derive(Debug)]
pub(super) struct LocalPresence<P> {
    id: ChannelId,
    membership: Membership<P>,
    target: Target<P>,
    entry: ServerEntry<P>,
    /// The actions that the next request settles.
    waiting: Vec<PendingAction>,
    rate: RequestRate,
    backoff: Backoff,
    /// The risk of the desired presence, if it was never accepted.
    risk: Risk,
}

impl<P> LocalPresence<P> {
    /// When [`LocalPresence::handle_timeout`] is due.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.membership.poll_timeout()
    }

    /// Whether a request is in flight.
    pub(super) const fn has_request_in_flight(&self) -> bool {
        self.membership.in_flight().is_some()
    }

    /// Whether a request is in flight that was also in flight at an earlier loss.
    pub(super) fn is_at_risk(&self) -> bool {
        self.has_request_in_flight() && self.risk != Risk::None
    }
}

impl<P: Clone> LocalPresence<P> {
    pub(super) fn new(id: ChannelId) -> Self {
        Self {
            id,
            membership: Membership::OUT,
            target: Target::default(),
            entry: ServerEntry::None,
            waiting: Vec::new(),
            rate: RequestRate::default(),
            backoff: Backoff::default(),
            risk: Risk::None,
        }
    }

    /// Applies an action of the app.
    pub(super) fn act(
        &mut self,
        env: &Env,
        out: &mut Outbound<P>,
        pending: PendingAction,
        action: PresenceAction<P>,
    ) {
        if self.waiting.len() as u64 >= env.config.queue_max_messages {
            return out.settle(self.id, [pending].into(), &Err(Error::new(Code::QueueFull)));
        }
        self.risk = Risk::None;
        self.waiting.push(pending);
        self.target.act(action, pending.serial);
        self.membership.schedule(Some(match self.target.desired() {
            Some(_) => {
                let allowed = self.rate.next_update(env.now, env.config.batch_ms);
                self.backoff.pending(env.now).unwrap_or(env.now).max(allowed)
            }
            None => env.now,
        }));
        self.send_next(env, out);
    }

    /// Begins a membership: the desired presence is tracked in it.
    pub(super) fn joined(&mut self, env: &Env, out: &mut Outbound<P>) {
        self.membership_ended(out);
        let due = self.target.desired().map(|_| env.now);
        self.membership = Membership::In { due, in_flight: None };
        self.backoff.retry_now();
        self.send_next(env, out);
    }

    /// Ends the membership. A request in flight is sent again in the next one.
    pub(super) fn membership_ended(&mut self, out: &mut Outbound<P>) {
        if let Membership::In { in_flight: Some(mut in_flight), .. } =
            replace(&mut self.membership, Membership::OUT)
        {
            in_flight.actions.append(&mut self.waiting);
            self.waiting = in_flight.actions;
        }
        self.entry.membership_ended();
        self.settle_if_done(out);
    }

    /// Whether the answer with this reference is pending.
    pub(super) fn awaits(&self, reference: u32) -> bool {
        self.membership.in_flight().is_some_and(|in_flight| in_flight.reference == reference)
    }

    /// Applies the server's acceptance of a request.
    pub(super) fn accepted(
        &mut self,
        env: &Env,
        out: &mut Outbound<P>,
        reference: u32,
        presence: Option<P>,
    ) {
        let Some(in_flight) = self.answered(env.now, reference) else { return };
        self.entry.accepted(in_flight.desired.as_deref(), presence);
        self.target.accept(in_flight.desired);
        self.backoff.reset();
        out.settle(self.id, in_flight.actions, &Ok(()));
        self.send_next(env, out);
    }

    /// Applies the server's rejection of a request.
    pub(super) fn rejected(
        &mut self,
        env: &mut Env,
        out: &mut Outbound<P>,
        reference: u32,
        error: Error,
    ) {
        let Some(in_flight) = self.answered(env.now, reference) else { return };
        let superseded = self.membership.has_next();
        if self.entry.is_present() {
            // The server's entry does not change, and is tracked in the next membership.
            if in_flight.desired.is_some() && !superseded {
                self.target.restore();
            }
        } else {
            // `replaces` with the former presence may be the cause: the next request has none.
            self.entry = ServerEntry::None;
            if self.target.is_accepted(in_flight.desired.as_ref()) && !error.retryable {
                self.target.forget_accepted();
            }
            if !superseded {
                self.target.restore();
                self.track_later(env, error.retry_after_ms);
                if self.target.desired().is_none() && in_flight.actions.is_empty() {
                    out.steps.push(Step::Error(self.id, error.clone()));
                }
            }
        }
        out.settle(self.id, in_flight.actions, &Err(error));
        self.send_next(env, out);
    }

    /// Fails the unsettled actions with numbers up to `mark`. A presence that they requested and the
    /// server never accepted is not tracked any more; the one accepted before is.
    pub(super) fn fail(&mut self, out: &mut Outbound<P>, mark: u64, error: &Error) {
        let failed = |action: &PendingAction| action.serial <= mark;
        let mut actions = Vec::new();
        if let Some(in_flight) = self.membership.in_flight_mut() {
            actions.extend(in_flight.actions.iter().filter(|action| failed(action)));
            in_flight.actions.retain(|action| !failed(action));
        }
        actions.extend(self.waiting.iter().filter(|action| failed(action)));
        self.waiting.retain(|action| !failed(action));
        self.target.fail_until(mark);
        out.settle(self.id, actions, &Err(error.clone()));
    }

    /// Ends the presence of the former user, of whom are the actions up to `mark`.
    pub(super) fn identity_changed(&mut self, env: &Env, out: &mut Outbound<P>, mark: u64) {
        self.entry.change_user();
        self.target.change_user(mark);
        self.fail(out, mark, &Error::new(Code::IdentityChanged));
        self.membership.schedule(Some(env.now));
        self.send_next(env, out);
    }

    /// Settles all actions, because the channel was left.
    pub(super) fn left(mut self, out: &mut Outbound<P>) {
        self.membership_ended(out);
        out.settle(self.id, self.waiting, &Err(Error::new(Code::Aborted)));
    }

    /// Extends the deadlines of answers by the time in which the page slept.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        self.membership.extend_deadlines(slept_ms);
    }

    /// Performs what is due.
    pub(super) fn handle_timeout(&mut self, env: &mut Env, out: &mut Outbound<P>) {
        if let Membership::Out { expires_at } = &mut self.membership
            && expires_at.take_if(|at| env.now >= *at).is_some()
        {
            out.settle(self.id, take(&mut self.waiting), &Err(Error::new(Code::Expired)));
        }
        if self.membership.in_flight().is_some_and(|in_flight| env.now >= in_flight.deadline)
            && let Some(in_flight) = self.membership.take_in_flight()
        {
            self.rate.received(env.now);
            // Whether an unanswered update was received or not, the server has an entry to update.
            if in_flight.desired.is_none() || !self.entry.is_present() {
                self.entry = ServerEntry::Unknown;
                if !self.membership.has_next()
                    && self.target.is_accepted(in_flight.desired.as_ref())
                {
                    self.track_later(env, None);
                }
            }
            out.settle(self.id, in_flight.actions, &Err(Error::new(Code::AckTimeout)));
        }
        self.send_next(env, out);
    }

    /// Limits the time for which actions wait for a membership. To be called when there is a
    /// connection.
    pub(super) fn wait(&mut self, env: &Env) {
        if let Membership::Out { expires_at } = &mut self.membership
            && !self.waiting.is_empty()
        {
            expires_at.get_or_insert(env.now + env.config.ack_timeout_ms);
        }
    }

    /// Updates the risk when the connection is lost: a request that was never accepted is not
    /// repeated indefinitely. Returns whether this request or one of `others` can be the cause, for
    /// the requests after it.
    pub(super) fn lost(
        &mut self,
        out: &mut Outbound<P>,
        loss: Loss,
        others: OtherCauses,
    ) -> OtherCauses {
        let Some(in_flight) = self.membership.in_flight_mut() else { return others };
        let Some(desired) = &in_flight.desired else { return others };
        if self.target.is_accepted(Some(desired)) {
            return others;
        }
        let before = self.risk;
        self.risk = before.after(loss, others);
        if self.risk == Risk::Cause {
            self.risk = Risk::None;
            let code = if loss.is_too_big() { Code::MessageTooLarge } else { Code::Unconfirmed };
            let error = Error::new(code);
            let actions = take(&mut in_flight.actions);
            if actions.is_empty() {
                out.steps.push(Step::Error(self.id, error.clone()));
            }
            self.target.fail(desired);
            out.settle(self.id, actions, &Err(error));
        }
        if before == Risk::None { others } else { OtherCauses::Possible }
    }

    fn answered(&mut self, now: Instant, reference: u32) -> Option<InFlight<P>> {
        if !self.awaits(reference) {
            return None;
        }
        let in_flight = self.membership.take_in_flight()?;
        self.risk = Risk::None;
        self.rate.received(now);
        Some(in_flight)
    }

    /// Schedules the request for the desired presence after a backoff.
    fn track_later(&mut self, env: &mut Env, retry_after_ms: Option<u64>) {
        if self.target.desired().is_some() {
            self.membership.schedule(Some(self.backoff.fail(env, retry_after_ms)));
        }
    }

    /// Sends the next request, once it is due.
    fn send_next(&mut self, env: &Env, out: &mut Outbound<P>) {
        if self.settle_if_done(out) {
            return;
        }
        let Membership::In { due, in_flight: in_flight @ None } = &mut self.membership else {
            return;
        };
        if due.take_if(|due| env.now >= *due).is_none() {
            return;
        }
        if let Some((most, within_ms)) = env.profile().presence_limit() {
            let until = self.rate.limited_until(most, within_ms + out.margin_ms);
            *due = until.filter(|until| env.now < *until);
            if due.is_some() {
                return;
            }
            self.rate.count(env.now, most);
        }
        self.rate.sent(env.now);
        let desired = self.target.desired();
        *in_flight = Some(InFlight {
            reference: out.request(self.id, self.entry.request(desired.map(|desired| &**desired))),
            deadline: env.now + env.config.join_timeout_ms,
            desired: desired.cloned(),
            actions: take(&mut self.waiting),
        });
    }

    /// Settles waiting actions if no presence is desired and the server has no entry. Returns
    /// whether that is so.
    fn settle_if_done(&mut self, out: &mut Outbound<P>) -> bool {
        let is_absent = match &self.membership {
            Membership::Out { .. } => true,
            Membership::In { in_flight, .. } => in_flight.is_none() && self.entry.is_absent(),
        };
        let done = self.target.desired().is_none() && is_absent;
        if done {
            self.entry = ServerEntry::None;
            self.target.forget_accepted();
            self.membership.schedule(None);
            out.settle(self.id, take(&mut self.waiting), &Ok(()));
        }
        done
    }
}
