//! Changes on their way out: one at a time for each row, and again after a conflict.

use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use super::collection::Collection;
use super::conflict::{Resolution, Undecided, is_newer, resolve};
use super::key::is_temporary;
use super::mutation::{Effect, Sent, Stage};
use super::{AppRequest, Change, ChangeKind, ConflictPolicy, Key, MutationProgress, Step};
use crate::core::collection::merge::merge;
use crate::core::env::Env;
use crate::core::error::{Code, Error};
use crate::core::id::MutationId;
use crate::core::payload::Payload;

/// What the next change of a row has to do.
enum NextAction<P> {
    /// Wait.
    Wait,
    /// Go; an update with these members.
    Send(Option<P>),
    /// Fail.
    Fail(Error),
}

impl<P: Payload> Collection<P> {
    /// Sends the next change of this key if it may be sent.
    pub(super) fn send_next(&mut self, env: &Env, key: &str) {
        while let Some(at) = self.mutations.first(key) {
            match self.next_action(env, at) {
                NextAction::Wait => return,
                NextAction::Send(members) => match self.send(at, members) {
                    Ok(()) => return,
                    Err(error) => self.fail(env, at, error),
                },
                NextAction::Fail(error) => self.fail(env, at, error),
            }
        }
    }

    /// The same for all keys.
    pub(super) fn send_next_all(&mut self, env: &Env) {
        let keys: Vec<Rc<str>> =
            self.mutations.0.iter().map(|mutation| mutation.key.clone()).collect();
        for key in keys {
            self.send_next(env, &key);
        }
    }

    fn next_action(&mut self, env: &Env, at: usize) -> NextAction<P> {
        let Some(mutation) = self.mutations.0.get(at) else { return NextAction::Wait };
        let newest = self.newest(&mutation.key);
        let has_temporary_key =
            is_temporary(&mutation.key) && mutation.kind() != ChangeKind::Insert;
        match &mutation.stage {
            Stage::Waiting { .. } if !has_temporary_key => {
                NextAction::Send(match &mutation.effect {
                    Effect::Update(update) => {
                        let fields =
                            merge(&self.named(newest.as_ref(), &mutation.key), &update.patch);
                        Some(self.versioned(&fields, update.base.as_ref()))
                    }
                    Effect::Insert { .. } | Effect::Remove => None,
                })
            }
            Stage::Waiting { .. } if newest.is_none() => NextAction::Fail(
                Error::new(Code::NotFound).with_cause("The row never got its key."),
            ),
            Stage::Waiting { until: None } => {
                let until = Some(env.now + env.config.ack_timeout_ms);
                if let Some(mutation) = self.mutations.0.get_mut(at) {
                    mutation.stage = Stage::Waiting { until };
                }
                NextAction::Wait
            }
            Stage::Rejected { base, error, .. } => {
                let error = error.clone();
                let unchanged = match (base, &newest) {
                    (Some(base), Some(newest)) => base.eq_json(newest),
                    _ => false,
                };
                match newest {
                    Some(_) if unchanged => NextAction::Wait,
                    Some(newest) => self.resend(at, &newest).unwrap_or(NextAction::Fail(error)),
                    None => NextAction::Fail(error),
                }
            }
            Stage::Waiting { .. } | Stage::Sent(_) | Stage::Accepted(_) => NextAction::Wait,
        }
    }

    /// The next action of a change rejected for a conflict, now that the server's newer row is known;
    /// `None` if the server has won.
    fn resend(&mut self, at: usize, server: &P) -> Option<NextAction<P>> {
        let mutation = self.mutations.0.get(at)?;
        let members = match &mutation.effect {
            Effect::Insert { .. } => return None,
            Effect::Remove => None,
            Effect::Update(update)
                if self.options.policy == ConflictPolicy::LastWriteWins
                    && !is_newer(&self.options, &update.patch, server) =>
            {
                return None;
            }
            Effect::Update(update) => {
                Some(match resolve(&self.options, update, Some(server), None) {
                    Resolution::Row(row) => self.versioned(&row, Some(server)),
                    Resolution::Fields(patch) => {
                        let fields = merge(&self.named(Some(server), &mutation.key), &patch);
                        self.versioned(&fields, Some(server))
                    }
                    Resolution::Undecided(local) => {
                        let (mutation, base) = (mutation.id, update.base.clone());
                        let remote = server.clone();
                        self.request_decision(Undecided { mutation, local, remote, base });
                        return Some(NextAction::Wait);
                    }
                })
            }
        };
        let may = self.mutations.0.get_mut(at)?.count_resend();
        may.then_some(NextAction::Send(members))
    }

    /// An object with the row's key.
    fn named(&self, row: Option<&P>, key: &str) -> P {
        let named = P::object(Vec::new());
        match &self.options.key {
            Key::Field(field) => named.merged(vec![(field.clone(), self.key_value(row, key))]),
            Key::Function => named,
        }
    }

    /// The key as the server writes it.
    fn key_value(&self, row: Option<&P>, key: &str) -> P {
        let value = match &self.options.key {
            Key::Field(field) => row.and_then(|row| row.member(field)),
            Key::Function => None,
        };
        value.unwrap_or_else(|| P::text(key))
    }

    /// The members with the version of this row, by which the server sees a conflict. Where the
    /// version decides who wins, the change brings its own.
    fn versioned(&self, members: &P, row: Option<&P>) -> P {
        let Some(field) = &self.options.version else { return members.clone() };
        let own =
            self.options.policy == ConflictPolicy::LastWriteWins && members.member(field).is_some();
        match row.and_then(|row| row.member(field)) {
            Some(version) if !own => members.merged(vec![(field.clone(), version)]),
            _ => members.clone(),
        }
    }

    /// A change was handed to a socket whose server will answer.
    pub(super) fn transmitted(&mut self, env: &Env, id: MutationId) {
        self.emit_progress(id, MutationProgress::Sent);
        let Some(at) = self.mutations.unsettled(id) else { return };
        let Some(mutation) = self.mutations.0.get_mut(at) else { return };
        let has_temporary_key =
            is_temporary(&mutation.key) && mutation.kind() == ChangeKind::Insert;
        if let Stage::Sent(sent) = &mut mutation.stage
            && core::mem::replace(&mut sent.transmitted, true)
            && has_temporary_key
        {
            self.resent(env);
        }
    }

    /// # Errors
    /// `invalid_argument` if the row is no JSON any more: it shows, so that the app may have changed it.
    fn send(&mut self, at: usize, members: Option<P>) -> Result<(), Error> {
        let Some(mutation) = self.mutations.0.get(at) else { return Ok(()) };
        let (id, kind, key) = (mutation.message_id(), mutation.kind(), mutation.key.clone());
        let base = self.newest(&key);
        let row = match &mutation.effect {
            Effect::Insert { row, .. } => Some(row.clone()),
            Effect::Update(_) | Effect::Remove => members,
        };
        let number = mutation.id;
        let request = if self.options.persists {
            Some(self.send_request(AppRequest::Persist(Change {
                kind,
                key,
                row,
                number,
                mutation: id,
            })))
        } else {
            let mut fields = vec![("mutation", P::text(&id))];
            if kind == ChangeKind::Remove
                || (kind == ChangeKind::Update && self.options.key == Key::Function)
            {
                fields.push(("key", self.key_value(base.as_ref(), &key)));
            }
            fields.extend(row.map(|row| ("row", row)));
            let (payload, bytes) = P::object(fields)
                .serialize()
                .ok_or_else(|| Error::new(Code::InvalidArgument).with_cause("row"))?;
            let [insert, update, delete] = &self.options.events;
            let event = match kind {
                ChangeKind::Insert => insert,
                ChangeKind::Update => update,
                ChangeKind::Remove => delete,
            };
            self.steps.push(Step::Send {
                mutation: number,
                channel: self.name.clone(),
                id,
                event: event.clone(),
                payload,
                bytes,
            });
            None
        };
        if let Some(mutation) = self.mutations.0.get_mut(at) {
            let loads = self.loads;
            mutation.stage =
                Stage::Sent(Sent { request, transmitted: false, base, loads, observed: false });
        }
        Ok(())
    }
}
