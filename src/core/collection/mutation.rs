//! One change on its way to the server, and all of them in their order.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::key::is_temporary;
use super::{ChangeKind, PendingChange};
use crate::core::collection::merge::{contains, merge};
use crate::core::error::Error;
use crate::core::id::{MutationId, RequestId};
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// How often a change rejected for a conflict is sent again.
const RESENDS: u8 = 3;

/// What a change does to its row.
#[derive(Debug)]
pub(super) enum Effect<P> {
    Insert {
        /// What is sent.
        row: P,
        /// What shows until the stored row is known: it bears the temporary key.
        shown: P,
    },
    Update(Update<P>),
    Remove,
}

#[derive(Debug)]
pub(super) struct Update<P> {
    pub(super) patch: P,
    /// The server's row when the change was made, brought up to date with this client's own
    /// earlier changes as they are stored; `None` if the server had none then.
    pub(super) base: Option<P>,
    /// What the app decided to show over this row of the server.
    pub(super) resolved: Option<(P, P)>,
}

/// How far a change came.
#[derive(Debug)]
pub(super) enum Stage<P> {
    /// Behind an earlier change of its row. With a time: it waits for the key of its row, whose
    /// insert is out, and no longer than until then.
    Waiting { until: Option<Instant> },
    /// It was sent.
    Sent(Sent<P>),
    /// It was rejected because the server has a newer row than `base`, which is not received yet.
    Rejected { base: Option<P>, error: Error, until: Instant },
    /// It is settled, but not yet among the server's rows.
    Accepted(Accepted<P>),
}

#[derive(Debug)]
pub(super) struct Sent<P> {
    /// The request to the app, if it stores the change.
    pub(super) request: Option<RequestId>,
    /// A socket had it.
    pub(super) transmitted: bool,
    /// The row the server had then.
    pub(super) base: Option<P>,
    /// Load requests before it was sent.
    pub(super) loads: u32,
    /// The server's rows hold it by now: a message without an id equals it, or a loaded row does.
    pub(super) observed: bool,
}

/// A settled change shows over the server's rows until it is among them. Where the answer bore a
/// place in the log, that is when the channel comes to it. Else its echo takes it there. Where
/// messages have no places, and no echo comes in time, it is put there.
#[derive(Debug)]
pub(super) struct Accepted<P> {
    /// The row as it was stored.
    pub(super) row: Option<P>,
    /// The place of its message in the channel's log.
    pub(super) seq: Option<u64>,
    /// Load requests before it was accepted: a later one includes it.
    pub(super) loads: u32,
    /// When it may be committed to the server's rows.
    pub(super) commit_at: Instant,
    /// When it is dropped without an echo: it may be in the server's rows already, as a load was requested
    /// for or others changed the row after it was sent.
    pub(super) drop_at: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Mutation<P> {
    pub(super) id: MutationId,
    /// The id it bears on the wire the first time.
    pub(super) base_id: Rc<str>,
    resends: u8,
    pub(super) key: Rc<str>,
    pub(super) effect: Effect<P>,
    pub(super) stage: Stage<P>,
}

impl<P: Payload> Mutation<P> {
    pub(super) const fn new(
        id: MutationId,
        base_id: Rc<str>,
        key: Rc<str>,
        effect: Effect<P>,
    ) -> Self {
        Self { id, base_id, resends: 0, key, effect, stage: Stage::Waiting { until: None } }
    }

    pub(super) const fn kind(&self) -> ChangeKind {
        match self.effect {
            Effect::Insert { .. } => ChangeKind::Insert,
            Effect::Update(_) => ChangeKind::Update,
            Effect::Remove => ChangeKind::Remove,
        }
    }

    pub(super) const fn is_settled(&self) -> bool {
        matches!(self.stage, Stage::Accepted(_))
    }

    /// Whether it was sent over the channel, and has no answer.
    pub(super) const fn is_in_flight(&self) -> bool {
        matches!(self.stage, Stage::Sent(Sent { request: None, .. }))
    }

    /// Whether the server is known to have stored it, though it has not answered.
    pub(super) const fn is_observed(&self) -> bool {
        matches!(self.stage, Stage::Sent(Sent { observed: true, .. }))
    }

    /// Whether a message that names no change equals what this one made of its row.
    pub(super) fn matches_change(&self, kind: ChangeKind, key: &str, row: Option<&P>) -> bool {
        let open =
            matches!(self.stage, Stage::Sent(Sent { observed: false, .. }) | Stage::Accepted(_));
        let part = match &self.effect {
            Effect::Insert { row, .. } => Some(row),
            Effect::Update(update) => Some(&update.patch),
            Effect::Remove => None,
        };
        let has = || part.is_none_or(|part| row.is_some_and(|row| contains(row, part)));
        let has_temporary_key = kind == ChangeKind::Insert && is_temporary(&self.key);
        open && self.kind() == kind && (&*self.key == key || has_temporary_key) && has()
    }

    /// The id of the next message. A resend has one of its own, so that logs stay unambiguous.
    pub(super) fn message_id(&self) -> String {
        let mut id = (*self.base_id).to_owned();
        if self.resends > 0 {
            id.push('~');
            id.push(char::from(b'0' + self.resends));
        }
        id
    }

    /// Counts a resend; returns whether there may be one more.
    pub(super) const fn count_resend(&mut self) -> bool {
        self.resends += 1;
        self.resends <= RESENDS
    }

    /// What the server's row is once this change is stored.
    pub(super) fn apply_to(&self, server: Option<P>) -> Option<P> {
        match (&self.effect, &self.stage) {
            (Effect::Remove, _) => None,
            (_, Stage::Accepted(Accepted { row: Some(row), .. })) => Some(row.clone()),
            (Effect::Insert { shown, .. }, _) => Some(shown.clone()),
            (Effect::Update(update), _) => server.map(|row| merge(&row, &update.patch)),
        }
    }
}

/// Whether a message of this id, or one that names it, is of the mutation with the id `base_id`.
pub(super) fn is_id_of(message: &str, base_id: &str) -> bool {
    message.strip_prefix(base_id).is_some_and(|rest| rest.is_empty() || rest.starts_with('~'))
}

/// The source of an insert's real key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Awaits {
    /// The message of it.
    Message,
    /// The reply to it.
    Reply,
    /// The reply, if it was sent before that many loads were requested: the channel may have
    /// been joined behind its message.
    ReplyTo { loads: u32 },
}

/// The changes that show over the server's rows, in the order they were made.
#[derive(Debug)]
pub(super) struct Mutations<P>(pub(super) Vec<Mutation<P>>);

impl<P: Payload> Mutations<P> {
    pub(super) fn of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Mutation<P>> {
        self.0.iter().filter(move |mutation| &*mutation.key == key)
    }

    pub(super) fn affects(&self, key: &str) -> bool {
        self.of(key).next().is_some()
    }

    /// The unsettled change of this number.
    pub(super) fn unsettled(&self, id: MutationId) -> Option<usize> {
        self.0.iter().position(|mutation| mutation.id == id && !mutation.is_settled())
    }

    /// The first unsettled change of this key.
    pub(super) fn first(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|mutation| &*mutation.key == key && !mutation.is_settled())
    }

    /// The first settled change of this key among the first `before` changes.
    pub(super) fn settled(&self, key: &str, before: usize) -> Option<usize> {
        let mut earlier = self.0.iter().take(before);
        earlier.position(|mutation| mutation.is_settled() && &*mutation.key == key)
    }

    /// The change of this message, if it was sent.
    pub(super) fn find_by_message_id(&self, message: &str) -> Option<usize> {
        self.0.iter().position(|mutation| {
            is_id_of(message, &mutation.base_id) && !matches!(mutation.stage, Stage::Waiting { .. })
        })
    }

    /// Whether the real key of an insert is not known yet, but will be. When it is `late`, one that
    /// the app was requested to store does not count: only the outbox is sure to come to an end.
    pub(super) fn awaits_key(&self, from: Awaits, late: bool) -> bool {
        self.0.iter().any(|mutation| {
            let awaits = match (&mutation.stage, from) {
                (Stage::Sent(Sent { request: Some(_), .. }), _) if late => false,
                (_, Awaits::Message) => true,
                (Stage::Sent(sent), Awaits::ReplyTo { loads }) => sent.loads < loads,
                (_, Awaits::ReplyTo { .. }) => false,
                (_, Awaits::Reply) => !mutation.is_settled(),
            };
            awaits && mutation.kind() == ChangeKind::Insert && is_temporary(&mutation.key)
        })
    }

    pub(super) fn pending(&self) -> Vec<PendingChange> {
        let open = self.0.iter().filter(|mutation| !mutation.is_settled());
        open.map(|mutation| PendingChange {
            mutation: mutation.id,
            key: mutation.key.clone(),
            kind: mutation.kind(),
        })
        .collect()
    }
}
