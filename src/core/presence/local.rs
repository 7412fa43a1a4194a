//! This client's own presence in one channel: the desired state, and the state confirmed by the server.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::{replace, take};

use super::outbound::{Outbound, PendingAction};
use super::types::{PresenceAction, Request, Step};
use crate::core::backoff::Backoff;
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::ChannelId;
use crate::core::risk::{Loss, OtherCauses, Risk};
use crate::core::time::Instant;

/// The desired presence.
#[derive(Debug, Clone)]
struct Desired<P> {
    key: Option<String>,
    meta: P,
    /// The action it comes from.
    serial: u64,
}

/// An entry in the server's presence state.
#[derive(Debug)]
struct Entry<P> {
    /// The server's name for it.
    presence: Option<P>,
    /// The requested key.
    key: Option<String>,
}

/// The state that the server confirmed.
#[derive(Debug)]
enum Confirmed<P> {
    /// Nothing.
    Nothing,
    /// Unknown: there was no reply.
    Unsure,
    /// What it accepted in a former membership, and keeps for its grace.
    Former(Entry<P>),
    /// What it accepted in this one.
    Present(Entry<P>),
}

/// A request in flight. There is one at most: later actions wait, and only the last
/// one is sent.
#[derive(Debug)]
struct InFlight<P> {
    reference: u32,
    deadline: Instant,
    /// What was to be shown; `None` for an untrack.
    desired: Option<Desired<P>>,
    actions: Vec<PendingAction>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Membership {
    Out,
    In,
}

/// This client's presence in one channel.
#[derive(Debug)]
pub(super) struct LocalPresence<P> {
    id: ChannelId,
    membership: Membership,
    /// The presence that the app wants.
    desired: Option<Desired<P>>,
    /// The latest state that the server accepted, in whatever membership, until the app removes it
    /// again. It stays tracked when a later request fails.
    accepted: Option<Desired<P>>,
    /// Actions up to this one are a former user's.
    former_user: u64,
    confirmed: Confirmed<P>,
    in_flight: Option<InFlight<P>>,
    /// The actions that the next request settles.
    waiting: Vec<PendingAction>,
    /// When the next request may be sent; `None`: there is nothing to send.
    due: Option<Instant>,
    /// When the last request was sent.
    last_sent_at: Option<Instant>,
    /// The latest requests, where the server counts them: each with the latest instant at which
    /// the server can have received it, so when it was answered.
    sent_at: Vec<Instant>,
    backoff: Backoff,
    /// Whether the desired state, where it was never accepted, may have ended connections.
    risk: Risk,
    /// When what waits for a membership fails, although there is a connection.
    waits_until: Option<Instant>,
}

impl<P: Clone> LocalPresence<P> {
    pub(super) fn new(id: ChannelId) -> Self {
        Self {
            id,
            membership: Membership::Out,
            desired: None,
            accepted: None,
            former_user: 0,
            confirmed: Confirmed::Nothing,
            in_flight: None,
            waiting: Vec::new(),
            due: None,
            last_sent_at: None,
            sent_at: Vec::new(),
            backoff: Backoff::default(),
            risk: Risk::None,
            waits_until: None,
        }
    }

    /// Takes an action of the app.
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
        let serial = pending.serial;
        self.risk = Risk::None;
        self.waiting.push(pending);
        self.desired = match action {
            PresenceAction::Track { key, meta } => Some(Desired { key, meta, serial }),
            PresenceAction::Update { meta } => {
                let key = self.desired.take().and_then(|desired| desired.key);
                Some(Desired { key, meta, serial })
            }
            PresenceAction::Untrack => None,
        };
        let throttled = self.last_sent_at.map_or(env.now, |sent_at| sent_at + env.config.batch_ms);
        self.due = Some(match self.desired {
            Some(_) => self.backoff.pending(env.now).unwrap_or(env.now).max(throttled),
            None => env.now,
        });
        self.send_next(env, out);
    }

    /// The channel was joined: what is tracked is tracked again.
    pub(super) fn joined(&mut self, env: &Env, out: &mut Outbound<P>) {
        self.membership_ended(out);
        self.membership = Membership::In;
        self.waits_until = None;
        self.backoff.retry_now();
        self.due = self.desired.as_ref().map(|_| env.now);
        self.send_next(env, out);
    }

    /// The membership is gone. A request in flight is sent again in the next one.
    pub(super) fn membership_ended(&mut self, out: &mut Outbound<P>) {
        self.membership = Membership::Out;
        self.waits_until = None;
        self.due = None;
        if let Some(mut in_flight) = self.in_flight.take() {
            in_flight.actions.append(&mut self.waiting);
            self.waiting = in_flight.actions;
        }
        self.confirmed = match (&self.desired, replace(&mut self.confirmed, Confirmed::Nothing)) {
            (Some(_), Confirmed::Present(entry) | Confirmed::Former(entry)) => {
                Confirmed::Former(entry)
            }
            _ => Confirmed::Nothing,
        };
        self.settle_if_done(out);
    }

    /// Whether an answer of this reference is awaited.
    pub(super) fn awaits(&self, reference: u32) -> bool {
        self.in_flight.as_ref().is_some_and(|in_flight| in_flight.reference == reference)
    }

    /// The server accepted a request.
    pub(super) fn accepted(
        &mut self,
        env: &Env,
        out: &mut Outbound<P>,
        reference: u32,
        presence: Option<P>,
    ) {
        let Some(in_flight) = self.answered(env.now, reference) else { return };
        self.confirmed = match &in_flight.desired {
            Some(desired) => Confirmed::Present(Entry { presence, key: desired.key.clone() }),
            None => Confirmed::Nothing,
        };
        self.accepted = in_flight.desired.filter(|desired| desired.serial > self.former_user);
        self.backoff.reset();
        out.settle(self.id, in_flight.actions, &Ok(()));
        self.send_next(env, out);
    }

    /// The server rejected a request.
    pub(super) fn rejected(
        &mut self,
        env: &mut Env,
        out: &mut Outbound<P>,
        reference: u32,
        error: Error,
    ) {
        let Some(in_flight) = self.answered(env.now, reference) else { return };
        let superseded = self.due.is_some();
        let again = self.is_accepted(in_flight.desired.as_ref());
        if matches!(self.confirmed, Confirmed::Present(_)) {
            // What it has is what goes on being shown, and is tracked in the next membership.
            if in_flight.desired.is_some() && !superseded {
                self.desired.clone_from(&self.accepted);
            }
        } else {
            // The former presence may be the reason: it is not named again.
            self.confirmed = Confirmed::Nothing;
            if again && !error.retryable {
                self.accepted = None;
            }
            if !superseded {
                self.desired.clone_from(&self.accepted);
                self.track_later(env, error.retry_after_ms);
                if self.desired.is_none() && in_flight.actions.is_empty() {
                    out.steps.push(Step::Error(self.id, error.clone()));
                }
            }
        }
        out.settle(self.id, in_flight.actions, &Err(error));
        self.send_next(env, out);
    }

    /// Fails every unsettled action among the first `mark`. What the server never accepted of
    /// them is not tracked any more; what it accepted before is.
    pub(super) fn fail(&mut self, out: &mut Outbound<P>, mark: u64, error: &Error) {
        let failed = |action: &PendingAction| action.serial <= mark;
        let mut actions = Vec::new();
        if let Some(in_flight) = &mut self.in_flight {
            actions.extend(in_flight.actions.iter().filter(|action| failed(action)));
            in_flight.actions.retain(|action| !failed(action));
        }
        actions.extend(self.waiting.iter().filter(|action| failed(action)));
        self.waiting.retain(|action| !failed(action));
        if self.desired.as_ref().is_some_and(|desired| desired.serial <= mark) {
            self.desired.clone_from(&self.accepted);
        }
        out.settle(self.id, actions, &Err(error.clone()));
    }

    /// Another user signed in: the former one's presence is not shown any more.
    pub(super) fn identity_changed(&mut self, env: &Env, out: &mut Outbound<P>, mark: u64) {
        // What is the former user's cannot be taken over.
        self.confirmed = match self.confirmed {
            Confirmed::Present(_) | Confirmed::Unsure => Confirmed::Unsure,
            Confirmed::Nothing | Confirmed::Former(_) => Confirmed::Nothing,
        };
        self.former_user = mark;
        self.accepted.take_if(|desired| desired.serial <= mark);
        self.fail(out, mark, &Error::new(Code::IdentityChanged));
        self.due = Some(env.now);
        self.send_next(env, out);
    }

    /// The channel is no more.
    pub(super) fn left(mut self, out: &mut Outbound<P>) {
        self.membership_ended(out);
        out.settle(self.id, self.waiting, &Err(Error::new(Code::Aborted)));
    }

    /// Time in which the page slept is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.deadline = in_flight.deadline + slept_ms;
        }
        self.waits_until = self.waits_until.map(|until| until + slept_ms);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match (self.membership, &self.in_flight) {
            (Membership::Out, _) => self.waits_until,
            (Membership::In, Some(in_flight)) => Some(in_flight.deadline),
            (Membership::In, None) => self.due,
        }
    }

    pub(super) fn handle_timeout(&mut self, env: &mut Env, out: &mut Outbound<P>) {
        if let Some(in_flight) = self.in_flight.take_if(|in_flight| env.now >= in_flight.deadline) {
            self.note_received(env.now);
            // An update that may not have come leaves something to update all the same.
            if in_flight.desired.is_none() || !matches!(self.confirmed, Confirmed::Present(_)) {
                self.confirmed = Confirmed::Unsure;
                if self.due.is_none() && self.is_accepted(in_flight.desired.as_ref()) {
                    self.track_later(env, None);
                }
            }
            out.settle(self.id, in_flight.actions, &Err(Error::new(Code::AckTimeout)));
        }
        if self.waits_until.take_if(|until| env.now >= *until).is_some() {
            out.settle(self.id, take(&mut self.waiting), &Err(Error::new(Code::Expired)));
        }
        self.send_next(env, out);
    }

    /// There is a connection: what waits for a membership does so for a time only.
    pub(super) fn wait(&mut self, env: &Env) {
        if self.membership == Membership::Out && !self.waiting.is_empty() {
            self.waits_until.get_or_insert(env.now + env.config.ack_timeout_ms);
        }
    }

    /// Whether a request is under way.
    pub(super) const fn has_request_in_flight(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Whether one is that was under way at an earlier loss too.
    pub(super) fn is_at_risk(&self) -> bool {
        self.has_request_in_flight() && self.risk != Risk::None
    }

    /// The connection is being lost. A request that was never accepted is not repeated forever. Returns
    /// whether other requests, this one included, can be the cause for those after it.
    pub(super) fn lost(
        &mut self,
        out: &mut Outbound<P>,
        loss: Loss,
        others: OtherCauses,
    ) -> OtherCauses {
        let Some(in_flight) = &mut self.in_flight else { return others };
        let desired = in_flight.desired.as_ref().map(|desired| desired.serial);
        if desired.is_none() || desired == self.accepted.as_ref().map(|desired| desired.serial) {
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
            if self.desired.as_ref().map(|desired| desired.serial) == desired {
                self.desired.clone_from(&self.accepted);
            }
            out.settle(self.id, actions, &Err(error));
        }
        if before == Risk::None { others } else { OtherCauses::Possible }
    }

    fn answered(&mut self, now: Instant, reference: u32) -> Option<InFlight<P>> {
        let in_flight = self.in_flight.take_if(|in_flight| in_flight.reference == reference)?;
        self.risk = Risk::None;
        self.note_received(now);
        Some(in_flight)
    }

    /// The server has the last request by now, if it ever gets it.
    fn note_received(&mut self, now: Instant) {
        if let Some(last) = self.sent_at.last_mut() {
            *last = now;
        }
    }

    /// Whether it is what the server accepted last.
    fn is_accepted(&self, desired: Option<&Desired<P>>) -> bool {
        let serial = |desired: &Desired<P>| desired.serial;
        desired.is_some() && desired.map(serial) == self.accepted.as_ref().map(serial)
    }

    /// Schedules the desired state to be tracked after a backoff.
    fn track_later(&mut self, env: &mut Env, retry_after_ms: Option<u64>) {
        if self.desired.is_some() {
            self.due = Some(self.backoff.fail(env, retry_after_ms));
        }
    }

    /// Sends the next request, once it is due.
    fn send_next(&mut self, env: &Env, out: &mut Outbound<P>) {
        if self.settle_if_done(out)
            || self.membership == Membership::Out
            || self.in_flight.is_some()
        {
            return;
        }
        if self.due.take_if(|due| env.now >= *due).is_none() {
            return;
        }
        if let Some((calls, within_ms)) = env.profile().presence_limit() {
            while self.sent_at.len() > calls {
                self.sent_at.remove(0);
            }
            if self.sent_at.len() == calls
                && let Some(first) = self.sent_at.first()
                && env.now < *first + within_ms + out.margin_ms
            {
                self.due = Some(*first + within_ms + out.margin_ms);
                return;
            }
            self.sent_at.push(env.now);
        }
        let reference = out.request(self.id, self.request());
        self.last_sent_at = Some(env.now);
        self.in_flight = Some(InFlight {
            reference,
            deadline: env.now + env.config.join_timeout_ms,
            desired: self.desired.clone(),
            actions: take(&mut self.waiting),
        });
    }

    /// Settles waiting actions where nothing is desired and nothing is confirmed. Returns whether that is so.
    fn settle_if_done(&mut self, out: &mut Outbound<P>) -> bool {
        let nothing = matches!(self.confirmed, Confirmed::Nothing | Confirmed::Former(_))
            || self.membership == Membership::Out;
        let done = self.desired.is_none() && self.in_flight.is_none() && nothing;
        if done {
            self.confirmed = Confirmed::Nothing;
            self.accepted = None;
            self.due = None;
            out.settle(self.id, take(&mut self.waiting), &Ok(()));
        }
        done
    }

    fn request(&self) -> Request<P> {
        let Some(Desired { key, meta, .. }) = self.desired.clone() else { return Request::Untrack };
        match &self.confirmed {
            Confirmed::Present(entry) if entry.key == key => Request::Update { meta },
            Confirmed::Present(entry) | Confirmed::Former(entry) => {
                Request::Track { key, meta, replaces: entry.presence.clone() }
            }
            Confirmed::Nothing | Confirmed::Unsure => Request::Track { key, meta, replaces: None },
        }
    }
}
