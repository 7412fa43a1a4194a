//! What this client shows of its user in one channel: a wish, and what the server has of it.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::{replace, take};

use super::outbound::{Outbound, Ticket};
use super::types::{PresenceAction, Request, Step};
use crate::core::backoff::Backoff;
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::ChannelId;
use crate::core::risk::{Loss, Risk};
use crate::core::time::Instant;

/// What is to be shown.
#[derive(Debug, Clone)]
struct Wish<P> {
    key: Option<String>,
    meta: P,
    /// The action it comes from.
    serial: u64,
}

/// An entry of the server's roster.
#[derive(Debug)]
struct Entry<P> {
    /// The server's name for it.
    presence: Option<P>,
    /// The key that was asked for.
    key: Option<String>,
}

/// What the server has of us.
#[derive(Debug)]
enum Held<P> {
    /// Nothing.
    Nothing,
    /// Perhaps something: it did not say.
    Unsure,
    /// What it accepted in a former membership, and keeps for its grace.
    Former(Entry<P>),
    /// What it accepted in this one.
    Present(Entry<P>),
}

/// A request under way. There is one at most: what is wished meanwhile waits, and only the last
/// of it is said.
#[derive(Debug)]
struct Asked<P> {
    reference: u32,
    deadline: Instant,
    /// What was to be shown; `None` for an untrack.
    wish: Option<Wish<P>>,
    tickets: Vec<Ticket>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Membership {
    Out,
    In,
}

/// This client's presence in one channel.
#[derive(Debug)]
pub(super) struct Own<P> {
    id: ChannelId,
    membership: Membership,
    /// What the app wants shown.
    wish: Option<Wish<P>>,
    /// The latest wish that the server accepted, in whatever membership, until the app takes it
    /// back. It is what goes on being tracked when a later wish fails.
    accepted: Option<Wish<P>>,
    /// Wishes up to this one are those of a former user.
    former_user: u64,
    held: Held<P>,
    asked: Option<Asked<P>>,
    /// The actions that the next request settles.
    waiting: Vec<Ticket>,
    /// When the next request may be sent; `None`: there is nothing to say.
    due: Option<Instant>,
    /// When the last request was sent.
    said_at: Option<Instant>,
    /// The latest requests, where the server counts them: each with the latest instant at which
    /// the server can have received it, so when it was answered.
    said: Vec<Instant>,
    backoff: Backoff,
    /// What losses of connections say about what is wished, where it was never accepted.
    risk: Risk,
    /// When what waits for a membership fails, although there is a connection.
    waits_until: Option<Instant>,
}

impl<P: Clone> Own<P> {
    pub(super) fn new(id: ChannelId) -> Self {
        Self {
            id,
            membership: Membership::Out,
            wish: None,
            accepted: None,
            former_user: 0,
            held: Held::Nothing,
            asked: None,
            waiting: Vec::new(),
            due: None,
            said_at: None,
            said: Vec::new(),
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
        ticket: Ticket,
        action: PresenceAction<P>,
    ) {
        if self.waiting.len() as u64 >= env.config.queue_max_messages {
            return out.settle(self.id, [ticket].into(), &Err(Error::new(Code::QueueFull)));
        }
        let Ticket { serial, .. } = ticket;
        self.risk = Risk::None;
        self.waiting.push(ticket);
        self.wish = match action {
            PresenceAction::Track { key, meta } => Some(Wish { key, meta, serial }),
            PresenceAction::Update { meta } => {
                let key = self.wish.take().and_then(|wish| wish.key);
                Some(Wish { key, meta, serial })
            }
            PresenceAction::Untrack => None,
        };
        let throttled = self.said_at.map_or(env.now, |said| said + env.config.batch_ms);
        self.due = Some(match self.wish {
            Some(_) => self.backoff.pending(env.now).unwrap_or(env.now).max(throttled),
            None => env.now,
        });
        self.pump(env, out);
    }

    /// The channel was joined: what is tracked is tracked again.
    pub(super) fn joined(&mut self, env: &Env, out: &mut Outbound<P>) {
        self.parted(out);
        self.membership = Membership::In;
        self.waits_until = None;
        self.backoff.retry_now();
        self.due = self.wish.as_ref().map(|_| env.now);
        self.pump(env, out);
    }

    /// The membership is gone. What was under way is said again in the next one.
    pub(super) fn parted(&mut self, out: &mut Outbound<P>) {
        self.membership = Membership::Out;
        self.waits_until = None;
        self.due = None;
        if let Some(mut asked) = self.asked.take() {
            asked.tickets.append(&mut self.waiting);
            self.waiting = asked.tickets;
        }
        self.held = match (&self.wish, replace(&mut self.held, Held::Nothing)) {
            (Some(_), Held::Present(entry) | Held::Former(entry)) => Held::Former(entry),
            _ => Held::Nothing,
        };
        self.settle_if_done(out);
    }

    /// Whether an answer of this reference is awaited.
    pub(super) fn awaits(&self, reference: u32) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.reference == reference)
    }

    /// The server accepted a request.
    pub(super) fn accepted(
        &mut self,
        env: &Env,
        out: &mut Outbound<P>,
        reference: u32,
        presence: Option<P>,
    ) {
        let Some(asked) = self.answered(env.now, reference) else { return };
        self.held = match &asked.wish {
            Some(wish) => Held::Present(Entry { presence, key: wish.key.clone() }),
            None => Held::Nothing,
        };
        self.accepted = asked.wish.filter(|wish| wish.serial > self.former_user);
        self.backoff.reset();
        out.settle(self.id, asked.tickets, &Ok(()));
        self.pump(env, out);
    }

    /// The server refused a request.
    pub(super) fn rejected(
        &mut self,
        env: &mut Env,
        out: &mut Outbound<P>,
        reference: u32,
        error: Error,
    ) {
        let Some(asked) = self.answered(env.now, reference) else { return };
        let superseded = self.due.is_some();
        let again = self.is_accepted(asked.wish.as_ref());
        if matches!(self.held, Held::Present(_)) {
            // What it has is what goes on being shown, and is tracked in the next membership.
            if asked.wish.is_some() && !superseded {
                self.wish.clone_from(&self.accepted);
            }
        } else {
            // The former presence may be the reason: it is not named again.
            self.held = Held::Nothing;
            if again && !error.retryable {
                self.accepted = None;
            }
            if !superseded {
                self.wish.clone_from(&self.accepted);
                self.track_later(env, error.retry_after_ms);
                if self.wish.is_none() && asked.tickets.is_empty() {
                    out.steps.push(Step::Trouble(self.id, error.clone()));
                }
            }
        }
        out.settle(self.id, asked.tickets, &Err(error));
        self.pump(env, out);
    }

    /// Fails every unsettled action among the first `mark`. What the server never accepted of
    /// them is not tracked any more; what it accepted before is.
    pub(super) fn fail(&mut self, out: &mut Outbound<P>, mark: u64, error: &Error) {
        let failed = |ticket: &Ticket| ticket.serial <= mark;
        let mut tickets = Vec::new();
        if let Some(asked) = &mut self.asked {
            tickets.extend(asked.tickets.iter().filter(|ticket| failed(ticket)));
            asked.tickets.retain(|ticket| !failed(ticket));
        }
        tickets.extend(self.waiting.iter().filter(|ticket| failed(ticket)));
        self.waiting.retain(|ticket| !failed(ticket));
        if self.wish.as_ref().is_some_and(|wish| wish.serial <= mark) {
            self.wish.clone_from(&self.accepted);
        }
        out.settle(self.id, tickets, &Err(error.clone()));
    }

    /// Another user is here: what the former one wished is not shown any more.
    pub(super) fn identity_changed(&mut self, env: &Env, out: &mut Outbound<P>, mark: u64) {
        // What is the former user's cannot be taken over.
        self.held = match self.held {
            Held::Present(_) | Held::Unsure => Held::Unsure,
            Held::Nothing | Held::Former(_) => Held::Nothing,
        };
        self.former_user = mark;
        self.accepted.take_if(|wish| wish.serial <= mark);
        self.fail(out, mark, &Error::new(Code::IdentityChanged));
        self.due = Some(env.now);
        self.pump(env, out);
    }

    /// The channel is no more.
    pub(super) fn left(mut self, out: &mut Outbound<P>) {
        self.parted(out);
        out.settle(self.id, self.waiting, &Err(Error::new(Code::Aborted)));
    }

    /// Time in which the page slept is nobody's delay.
    pub(super) fn extend_deadlines(&mut self, slept_ms: u64) {
        if let Some(asked) = &mut self.asked {
            asked.deadline = asked.deadline + slept_ms;
        }
        self.waits_until = self.waits_until.map(|until| until + slept_ms);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match (self.membership, &self.asked) {
            (Membership::Out, _) => self.waits_until,
            (Membership::In, Some(asked)) => Some(asked.deadline),
            (Membership::In, None) => self.due,
        }
    }

    pub(super) fn handle_timeout(&mut self, env: &mut Env, out: &mut Outbound<P>) {
        if let Some(asked) = self.asked.take_if(|asked| env.now >= asked.deadline) {
            self.heard(env.now);
            // An update that may not have come leaves something to update all the same.
            if asked.wish.is_none() || !matches!(self.held, Held::Present(_)) {
                self.held = Held::Unsure;
                if self.due.is_none() && self.is_accepted(asked.wish.as_ref()) {
                    self.track_later(env, None);
                }
            }
            out.settle(self.id, asked.tickets, &Err(Error::new(Code::AckTimeout)));
        }
        if self.waits_until.take_if(|until| env.now >= *until).is_some() {
            out.settle(self.id, take(&mut self.waiting), &Err(Error::new(Code::Expired)));
        }
        self.pump(env, out);
    }

    /// There is a connection: what waits for a membership does so for a time only.
    pub(super) fn wait(&mut self, env: &Env) {
        if self.membership == Membership::Out && !self.waiting.is_empty() {
            self.waits_until.get_or_insert(env.now + env.config.ack_timeout_ms);
        }
    }

    /// Whether a request is under way.
    pub(super) const fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether one is that was under way at an earlier loss too.
    pub(super) fn is_suspect(&self) -> bool {
        self.is_asking() && self.risk != Risk::None
    }

    /// The connection is being lost. What the server never accepted is not said for ever. Returns
    /// whether it was unanswered at an earlier loss too.
    pub(super) fn lost(&mut self, out: &mut Outbound<P>, loss: Loss, suspect: bool) -> bool {
        let Some(asked) = &mut self.asked else { return false };
        let wish = asked.wish.as_ref().map(|wish| wish.serial);
        if wish.is_none() || wish == self.accepted.as_ref().map(|wish| wish.serial) {
            return false;
        }
        let lost_before = self.risk != Risk::None;
        self.risk = self.risk.after(loss, suspect);
        if self.risk == Risk::Condemned {
            self.risk = Risk::None;
            let code = if loss.is_too_big() { Code::MessageTooLarge } else { Code::Unconfirmed };
            let error = Error::new(code);
            let tickets = take(&mut asked.tickets);
            if tickets.is_empty() {
                out.steps.push(Step::Trouble(self.id, error.clone()));
            }
            if self.wish.as_ref().map(|wish| wish.serial) == wish {
                self.wish.clone_from(&self.accepted);
            }
            out.settle(self.id, tickets, &Err(error));
        }
        lost_before
    }

    fn answered(&mut self, now: Instant, reference: u32) -> Option<Asked<P>> {
        let asked = self.asked.take_if(|asked| asked.reference == reference)?;
        self.risk = Risk::None;
        self.heard(now);
        Some(asked)
    }

    /// The server has the last request by now, if it ever gets it.
    fn heard(&mut self, now: Instant) {
        if let Some(last) = self.said.last_mut() {
            *last = now;
        }
    }

    /// Whether it is what the server accepted last.
    fn is_accepted(&self, wish: Option<&Wish<P>>) -> bool {
        let serial = |wish: &Wish<P>| wish.serial;
        wish.is_some() && wish.map(serial) == self.accepted.as_ref().map(serial)
    }

    /// Tracks what is wished, if anything is, after a pause.
    fn track_later(&mut self, env: &mut Env, asked_ms: Option<u64>) {
        if self.wish.is_some() {
            self.due = Some(self.backoff.fail(env, asked_ms));
        }
    }

    /// Says what is to be said, once it may be.
    fn pump(&mut self, env: &Env, out: &mut Outbound<P>) {
        if self.settle_if_done(out) || self.membership == Membership::Out || self.asked.is_some() {
            return;
        }
        if self.due.take_if(|due| env.now >= *due).is_none() {
            return;
        }
        if let Some((calls, within_ms)) = env.profile().presence_limit() {
            while self.said.len() > calls {
                self.said.remove(0);
            }
            if self.said.len() == calls
                && let Some(first) = self.said.first()
                && env.now < *first + within_ms + out.margin_ms
            {
                self.due = Some(*first + within_ms + out.margin_ms);
                return;
            }
            self.said.push(env.now);
        }
        let reference = out.say(self.id, self.request());
        self.said_at = Some(env.now);
        self.asked = Some(Asked {
            reference,
            deadline: env.now + env.config.join_timeout_ms,
            wish: self.wish.clone(),
            tickets: take(&mut self.waiting),
        });
    }

    /// Nothing is wished and the server has nothing: there is nothing to say to it.
    fn settle_if_done(&mut self, out: &mut Outbound<P>) -> bool {
        let nothing = matches!(self.held, Held::Nothing | Held::Former(_))
            || self.membership == Membership::Out;
        let done = self.wish.is_none() && self.asked.is_none() && nothing;
        if done {
            self.held = Held::Nothing;
            self.accepted = None;
            self.due = None;
            out.settle(self.id, take(&mut self.waiting), &Ok(()));
        }
        done
    }

    fn request(&self) -> Request<P> {
        let Some(Wish { key, meta, .. }) = self.wish.clone() else { return Request::Untrack };
        match &self.held {
            Held::Present(entry) if entry.key == key => Request::Update { meta },
            Held::Present(entry) | Held::Former(entry) => {
                Request::Track { key, meta, replaces: entry.presence.clone() }
            }
            Held::Nothing | Held::Unsure => Request::Track { key, meta, replaces: None },
        }
    }
}
