//! Whether a change message is of this client's own change, and of which.

use alloc::rc::Rc;

use super::change_message::ChangeMessage;
use super::mutation::Mutation;
use super::mutations::Mutations;
use super::recent_mutations::Recent;
use super::table::RowTable;
use super::{ChangeKind, CollectionOptions};
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// Whose change a message brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is the own change at this position of the queue: the message names it.
    Named(usize),
    /// It may be the own change at this position of the queue, which it equals: whoever stores a
    /// change need not name it in what is published.
    Equal(usize),
    /// It is an own change of this key and kind that is among the server's rows already.
    Settled(Rc<str>, ChangeKind),
    /// It is somebody else's change.
    Foreign,
}

impl Origin {
    /// Whether it is an own change, as far as can be seen.
    pub(super) const fn is_own(&self) -> bool {
        !matches!(self, Self::Foreign)
    }

    /// The change of the queue that it is, or may be.
    pub(super) const fn pending(&self) -> Option<usize> {
        match self {
            Self::Named(at) | Self::Equal(at) => Some(*at),
            Self::Settled(..) | Self::Foreign => None,
        }
    }
}

/// Recognises own changes by their ids, or by what they made of their row.
#[derive(Debug)]
pub(super) struct Recognizer<'a, P> {
    pub(super) options: &'a CollectionOptions,
    pub(super) table: &'a RowTable<P>,
    pub(super) mutations: &'a Mutations<P>,
    pub(super) recent: &'a mut Recent<P>,
}

impl<P: Payload> Recognizer<'_, P> {
    /// Whose change this message brings. An echo that came is not awaited any more.
    #[inline(always)]
    pub(super) fn recognize(&mut self, now: Instant, message: &ChangeMessage<P>) -> Origin {
        let ChangeMessage { kind, key, row, ids } = message;
        let own = ids.iter().flatten().find_map(|id| self.mutations.find_by_message_id(id));
        if let Some(own) = own {
            return Origin::Named(own);
        }
        let settled = ids.iter().flatten().find_map(|id| self.recent.find_by_message_id(id));
        if let Some((key, kind)) = settled {
            return Origin::Settled(key, kind);
        }
        let unnamed = self.options.persists && ids[0].is_none();
        match key.as_deref() {
            Some(key) if unnamed => self.find_equal(now, *kind, key, row.as_ref()),
            _ => Origin::Foreign,
        }
    }

    /// The change that a message without an id equals: one that is not among the server's rows, or
    /// one that is remembered.
    #[inline(always)]
    fn find_equal(&mut self, now: Instant, kind: ChangeKind, key: &str, row: Option<&P>) -> Origin {
        let may_be_new = kind != ChangeKind::Insert || self.table.server(key).is_none();
        let own = may_be_new
            .then(|| {
                self.mutations.position(&|own: &Mutation<P>| own.matches_change(kind, key, row))
            })
            .flatten();
        match own {
            Some(own) => Origin::Equal(own),
            None => match self.recent.find_equal(now, kind, key, row) {
                Some((key, kind)) => Origin::Settled(key, kind),
                None => Origin::Foreign,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Origin, Recognizer};
    use crate::core::collection::change_message::ChangeMessage;
    use crate::core::collection::mutation::{Effect, Mutation};
    use crate::core::collection::mutations::Mutations;
    use crate::core::collection::recent_mutations::Recent;
    use crate::core::collection::stage::{Sent, Stage};
    use crate::core::collection::table::RowTable;
    use crate::core::collection::testing::options;
    use crate::core::collection::{ChangeKind, CollectionOptions};
    use crate::core::id::MutationId;
    use crate::core::time::Instant;

    struct Harness {
        options: CollectionOptions,
        table: RowTable<Value>,
        mutations: Mutations<Value>,
        recent: Recent<Value>,
    }

    impl Harness {
        /// A collection whose changes are stored by the app.
        fn persisting() -> Self {
            let options = CollectionOptions { persists: true, ..options() };
            let (table, mutations) = (RowTable::default(), Mutations::default());
            Self { options, table, mutations, recent: Recent::default() }
        }

        fn recognize(&mut self, message: &ChangeMessage<Value>) -> Origin {
            let Self { options, table, mutations, recent } = self;
            let mut recognizer = Recognizer { options, table, mutations, recent };
            recognizer.recognize(Instant::from_ms(0), message)
        }
    }

    /// An insert without a key that was sent as `m`.
    fn sent_insert() -> Mutation<Value> {
        let row = json!({ "a": 1 });
        let effect = Effect::Insert { shown: row.clone(), row };
        let mut insert = Mutation::new(MutationId(1), "m".into(), "tmp:m".into(), effect);
        let (request, transmitted, base) = (None, true, None);
        insert.stage = Stage::Sent(Sent { request, transmitted, base, loads: 0, observed: false });
        insert
    }

    fn inserted(key: &str, mutation: Option<&str>) -> ChangeMessage<Value> {
        let row = Some(json!({ "id": key, "a": 1 }));
        let ids = [mutation.map(Into::into), None];
        ChangeMessage { kind: ChangeKind::Insert, key: Some(key.into()), row, ids }
    }

    #[test]
    fn message_that_names_a_sent_change_is_of_it() {
        let mut harness = Harness::persisting();
        harness.mutations.push(sent_insert());
        assert_eq!(harness.recognize(&inserted("1", Some("m"))), Origin::Named(0));
        assert_eq!(harness.recognize(&inserted("1", Some("m~1"))), Origin::Named(0));
        assert_eq!(harness.recognize(&inserted("1", Some("other"))), Origin::Foreign);
    }

    #[test]
    fn message_that_names_no_change_is_of_the_equal_one_where_the_app_stores_changes() {
        let mut harness = Harness::persisting();
        harness.mutations.push(sent_insert());
        assert_eq!(harness.recognize(&inserted("1", None)), Origin::Equal(0));
        harness.options.persists = false;
        assert_eq!(harness.recognize(&inserted("1", None)), Origin::Foreign);
    }

    #[test]
    fn insert_of_a_known_row_equals_no_pending_insert() {
        let mut harness = Harness::persisting();
        harness.mutations.push(sent_insert());
        harness.table.put(&"1".into(), Some(json!({ "id": "1", "a": 1 })));
        assert_eq!(harness.recognize(&inserted("1", None)), Origin::Foreign);
    }

    #[test]
    fn message_of_a_change_that_is_among_the_rows_already_is_its_echo() {
        for name in [Some("m"), None] {
            let mut harness = Harness::persisting();
            harness.recent.expect(&sent_insert(), Instant::from_ms(10));
            let echo = Origin::Settled("tmp:m".into(), ChangeKind::Insert);
            assert_eq!(harness.recognize(&inserted("1", name)), echo);
        }
    }

    #[test]
    fn message_without_a_key_equals_no_change() {
        let mut harness = Harness::persisting();
        harness.mutations.push(sent_insert());
        let message = ChangeMessage { key: None, ..inserted("1", None) };
        assert_eq!(harness.recognize(&message), Origin::Foreign);
    }
}
