//! One change on its way to the server.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::ChangeKind;
use super::key::is_temporary;
use super::stage::{Accepted, Sent, Stage};
use crate::core::collection::merge::{contains, merge};
use crate::core::id::MutationId;
use crate::core::payload::Payload;

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

/// An update of a row: its patch, and what it was made to.
#[derive(Debug)]
pub(super) struct Update<P> {
    pub(super) patch: P,
    /// The server's row when the change was made, brought up to date with this client's own
    /// earlier changes as they are stored; `None` if the server had none then.
    pub(super) base: Option<P>,
    /// What the app decided to show over this row of the server.
    pub(super) resolved: Option<(P, P)>,
}

/// A change of a row that this client made, until it is settled and among the server's rows.
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

    /// Whether it is an insert whose real key is not known yet.
    pub(super) fn is_insert_without_key(&self) -> bool {
        self.kind() == ChangeKind::Insert && is_temporary(&self.key)
    }

    /// The fields that it touched, and the version; `None` is all.
    pub(super) fn fields(&self, version: Option<&String>) -> Option<Vec<String>> {
        match &self.effect {
            Effect::Insert { .. } => None,
            Effect::Remove => Some(Vec::new()),
            Effect::Update(update) => {
                let mut fields = update.patch.keys();
                fields.extend(version.cloned());
                Some(fields)
            }
        }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Effect, Mutation, RESENDS, Update, is_id_of};
    use crate::core::collection::ChangeKind;
    use crate::core::collection::stage::{Accepted, Sent, Stage};
    use crate::core::id::MutationId;
    use crate::core::time::Instant;

    fn mutation(key: &str, effect: Effect<Value>, stage: Stage<Value>) -> Mutation<Value> {
        let mut mutation = Mutation::new(MutationId(1), "m".into(), key.into(), effect);
        mutation.stage = stage;
        mutation
    }

    fn insert(row: Value) -> Effect<Value> {
        Effect::Insert { shown: row.clone(), row }
    }

    fn update(patch: Value) -> Effect<Value> {
        Effect::Update(Update { patch, base: None, resolved: None })
    }

    fn sent() -> Stage<Value> {
        let (request, transmitted, base) = (None, true, None);
        Stage::Sent(Sent { request, transmitted, base, loads: 0, observed: false })
    }

    fn accepted(row: Option<Value>) -> Stage<Value> {
        let commit_at = Instant::from_ms(0);
        Stage::Accepted(Accepted { row, seq: None, loads: 0, commit_at, drop_at: None })
    }

    #[test]
    fn resend_has_an_id_of_its_own_and_ends_after_three() {
        let mut mutation = mutation("1", update(json!({ "a": 1 })), sent());
        assert_eq!(mutation.message_id(), "m");
        for resend in 1..=RESENDS {
            assert!(mutation.count_resend());
            assert_eq!(mutation.message_id(), format!("m~{resend}"));
            assert!(is_id_of(&mutation.message_id(), "m"));
        }
        assert!(!mutation.count_resend());
        assert!(!is_id_of("mm", "m"));
    }

    #[test]
    fn message_with_the_fields_of_a_sent_update_equals_it_under_its_key_only() {
        let mutation = mutation("1", update(json!({ "a": 1 })), sent());
        let row = json!({ "id": 1, "a": 1, "b": 2 });
        assert!(mutation.matches_change(ChangeKind::Update, "1", Some(&row)));
        assert!(!mutation.matches_change(ChangeKind::Update, "2", Some(&row)));
        assert!(!mutation.matches_change(ChangeKind::Insert, "1", Some(&row)));
        assert!(!mutation.matches_change(ChangeKind::Update, "1", Some(&json!({ "a": 2 }))));
    }

    #[test]
    fn message_of_an_insert_equals_a_sent_insert_without_key_under_any_key() {
        let row = json!({ "a": 1 });
        let waiting = Stage::Waiting { until: None };
        let waiting = mutation("tmp:m", insert(row.clone()), waiting);
        assert!(!waiting.matches_change(ChangeKind::Insert, "7", Some(&row)));
        let sent = mutation("tmp:m", insert(row.clone()), sent());
        assert!(sent.matches_change(ChangeKind::Insert, "7", Some(&row)));
    }

    #[test]
    fn row_of_an_accepted_change_is_the_stored_one() {
        let stored = json!({ "a": 2, "v": 5 });
        let before = Some(json!({ "a": 0, "b": 1 }));
        let known = mutation("1", update(json!({ "a": 2 })), accepted(Some(stored.clone())));
        assert_eq!(known.apply_to(before.clone()), Some(stored));
        let unknown = mutation("1", update(json!({ "a": 2 })), accepted(None));
        assert_eq!(unknown.apply_to(before.clone()), Some(json!({ "a": 2, "b": 1 })));
        assert_eq!(mutation("1", Effect::Remove, accepted(None)).apply_to(before), None);
    }

    #[test]
    fn fields_of_an_update_are_its_own_and_the_version() {
        let version = String::from("v");
        let update = mutation("1", update(json!({ "a": 1 })), sent());
        assert_eq!(update.fields(Some(&version)), Some(vec!["a".into(), "v".into()]));
        assert_eq!(mutation("1", insert(json!({})), sent()).fields(None), None);
        assert_eq!(mutation("1", Effect::Remove, sent()).fields(None), Some(vec![]));
    }
}
