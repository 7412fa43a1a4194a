//! The acceptance of a change: its way from sent to stored.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::mutation::{Effect, Mutation};
use super::recent_mutations::EchoDelivery;
use super::rows_progress::RowsProgress;
use super::stage::{Accepted, Stage};
use super::{ChangeKind, CollectionOptions, ConflictPolicy};
use crate::core::error::Error;
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// The server's code for a change of a row that is not what the change was made to.
pub const CONFLICT: &str = "conflict";

/// What is known of a change that was accepted.
#[derive(Debug)]
pub(super) enum Reply<P> {
    /// It is stored.
    Stored {
        /// The position of its message in the channel's log.
        seq: Option<u64>,
        /// The stored row.
        row: Option<P>,
        /// The key of the stored row.
        key: Option<Rc<str>>,
    },
    /// It was handed to the socket of a server that answers nothing.
    None,
}

/// The circumstances under which a change is accepted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Acceptance<'a> {
    pub(super) options: &'a CollectionOptions,
    pub(super) now: Instant,
    /// Until when its echo is awaited.
    pub(super) deadline: Instant,
    pub(super) progress: RowsProgress,
    pub(super) echoes: EchoDelivery,
}

/// What follows from the acceptance of a change.
#[derive(Debug)]
pub(super) enum Accept<P> {
    /// The server's rows include it: it is over.
    Included,
    /// It shows over the server's rows until these include it.
    Pending(Pending<P>),
}

/// A change that was just accepted, and is not among the server's rows yet.
#[derive(Debug)]
pub(super) struct Pending<P> {
    /// The key under which its row showed.
    pub(super) former: Rc<str>,
    /// The key of its row.
    pub(super) key: Rc<str>,
    /// Whether the row under the former key is somebody else's equal row.
    pub(super) former_is_foreign: bool,
    /// The stored row.
    pub(super) row: Option<P>,
    /// The fields that it changed; `None` is all.
    pub(super) fields: Option<Vec<String>>,
    /// Whether a load was requested since it was sent, which may hold it already.
    pub(super) load_may_include: bool,
}

impl Acceptance<'_> {
    /// Accepts an unsettled change.
    #[inline(always)]
    pub(super) fn accept<P: Payload>(
        self,
        mutation: &mut Mutation<P>,
        reply: Reply<P>,
    ) -> Accept<P> {
        let Self { options, now, deadline, progress, echoes } = self;
        let is_stored = matches!(reply, Reply::Stored { .. });
        let (seq, row, key) = match reply {
            Reply::Stored { seq, row, key } => (seq, row, key),
            Reply::None => (None, None, None),
        };
        // Until its message comes, those of others are older; and only it may bring the row.
        let waits = is_stored && (echoes == EchoDelivery::Expected || row.is_none());
        let commit_at = if waits { deadline } else { now };
        // A load requested since it was sent may hold it already, and something newer over it.
        let load_may_include =
            matches!(&mutation.stage, Stage::Sent(sent) if sent.loads < progress.loads);
        // The stored row may differ from the request, and its message may have come already.
        let is_unknown = options.persists && row.is_none();
        let drop_at =
            ((load_may_include || is_unknown) && progress.is_counted()).then_some(deadline);
        let former_is_foreign = mutation.is_observed();
        let former = mutation.key.clone();
        let key = key.filter(|_| mutation.kind() == ChangeKind::Insert);
        let key = key.unwrap_or_else(|| former.clone());
        if former_is_foreign && key == former {
            return Accept::Included;
        }
        let loads = progress.loads;
        let accepted = Accepted { row: row.clone(), seq, loads, commit_at, drop_at };
        mutation.stage = Stage::Accepted(accepted);
        let fields = mutation.fields(options.version.as_ref());
        let pending = Pending { former, key, former_is_foreign, row, fields, load_may_include };
        Accept::Pending(pending)
    }
}

/// Rejects a change, or notes that it could not be sent. One that is to be sent again over the
/// server's newer row waits for that row until `until`; else returns the error with which it fails.
#[inline(always)]
pub(super) fn reject<P: Payload>(
    mutation: &mut Mutation<P>,
    error: Error,
    policy: ConflictPolicy,
    until: Instant,
) -> Option<Error> {
    let is_conflict =
        error.cause.as_ref().is_some_and(|cause| cause.code.as_deref() == Some(CONFLICT));
    let insists = match (&mutation.effect, policy) {
        (Effect::Insert { .. }, _) | (_, ConflictPolicy::ServerWins) => false,
        (Effect::Update(_), _) => true,
        // A removal has no version, and no other row to show.
        (Effect::Remove, policy) => {
            matches!(policy, ConflictPolicy::ClientWins | ConflictPolicy::Merge)
        }
    };
    match &mut mutation.stage {
        Stage::Sent(sent) if is_conflict && insists => {
            mutation.stage = Stage::Rejected { base: sent.base.take(), error, until };
            None
        }
        _ => Some(error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Accept, Acceptance, Pending, Reply, reject};
    use crate::core::collection::mutation::{Effect, Mutation, Update};
    use crate::core::collection::recent_mutations::EchoDelivery;
    use crate::core::collection::rows_progress::{Awaited, RowsProgress};
    use crate::core::collection::stage::{ReconcileAt, Sent, Stage};
    use crate::core::collection::testing::options;
    use crate::core::collection::{CollectionOptions, ConflictPolicy};
    use crate::core::error::{Cause, Code, Error};
    use crate::core::id::MutationId;
    use crate::core::time::Instant;

    const LIVE: RowsProgress = RowsProgress { loads: 1, reached: None, awaited: Awaited::Nothing };

    fn at(ms: u64) -> Instant {
        Instant::from_ms(ms)
    }

    /// A change that was sent after this many load requests.
    fn sent(key: &str, effect: Effect<Value>, loads: u32) -> Mutation<Value> {
        let mut mutation = Mutation::new(MutationId(1), "m".into(), key.into(), effect);
        let (request, transmitted, base) = (None, true, Some(json!({ "a": 0 })));
        mutation.stage = Stage::Sent(Sent { request, transmitted, base, loads, observed: false });
        mutation
    }

    fn insert() -> Effect<Value> {
        Effect::Insert { shown: json!({ "a": 1 }), row: json!({ "a": 1 }) }
    }

    fn update() -> Effect<Value> {
        Effect::Update(Update { patch: json!({ "a": 1 }), base: None, resolved: None })
    }

    fn accept(
        mutation: &mut Mutation<Value>,
        options: &CollectionOptions,
        progress: RowsProgress,
        reply: Reply<Value>,
    ) -> Accept<Value> {
        let (now, deadline, echoes) = (at(1), at(10), EchoDelivery::Expected);
        Acceptance { options, now, deadline, progress, echoes }.accept(mutation, reply)
    }

    fn stored(key: Option<&str>) -> Reply<Value> {
        Reply::Stored { seq: None, row: Some(json!({ "a": 1 })), key: key.map(Into::into) }
    }

    fn pending(accept: Accept<Value>) -> Pending<Value> {
        match accept {
            Accept::Pending(pending) => pending,
            Accept::Included => panic!("included"),
        }
    }

    #[test]
    fn stored_insert_takes_the_key_of_its_row_and_a_stored_update_keeps_its_own() {
        let mut change = sent("tmp:m", insert(), 1);
        let accepted = pending(accept(&mut change, &options(), LIVE, stored(Some("7"))));
        assert_eq!((&*accepted.former, &*accepted.key), ("tmp:m", "7"));
        let mut change = sent("1", update(), 1);
        let accepted = pending(accept(&mut change, &options(), LIVE, stored(Some("7"))));
        assert_eq!((&*accepted.key, accepted.fields), ("1", Some(vec!["a".into()])));
    }

    #[test]
    fn stored_change_waits_for_its_echo_and_one_without_answer_does_not() {
        for (reply, due) in [(stored(None), at(10)), (Reply::None, at(1))] {
            let mut change = sent("1", update(), 1);
            accept(&mut change, &options(), LIVE, reply);
            assert_eq!(change.stage.reconcile_at(LIVE), Some(ReconcileAt::CommitAt(due)));
        }
    }

    #[test]
    fn change_that_a_load_may_include_is_dropped_in_time_where_messages_have_positions() {
        let counted = RowsProgress { reached: Some(3), ..LIVE };
        let mut change = sent("1", update(), 0);
        assert!(pending(accept(&mut change, &options(), counted, stored(None))).load_may_include);
        assert_eq!(change.stage.reconcile_at(counted), Some(ReconcileAt::DropAt(at(10))));
        let mut change = sent("1", update(), 1);
        accept(&mut change, &options(), counted, stored(None));
        assert_eq!(change.stage.reconcile_at(counted), None);
    }

    #[test]
    fn observed_change_is_included_unless_it_was_stored_under_another_key() {
        let observed = |key: &str| {
            let mut change = sent(key, insert(), 1);
            if let Stage::Sent(sent) = &mut change.stage {
                sent.observed = true;
            }
            accept(&mut change, &options(), LIVE, stored(Some("7")))
        };
        assert!(matches!(observed("7"), Accept::Included));
        assert!(pending(observed("6")).former_is_foreign);
    }

    #[test]
    fn conflicting_update_waits_for_the_newer_row_and_fails_where_the_server_wins() {
        let mut conflict = Error::new(Code::Rejected);
        conflict.cause = Some(Cause { code: Some("conflict".into()), message: String::new() });
        let mut rejected = sent("1", update(), 1);
        let merges = ConflictPolicy::Merge;
        assert_eq!(reject(&mut rejected, conflict.clone(), merges, at(10)), None);
        assert!(matches!(rejected.stage, Stage::Rejected { base: Some(_), .. }));
        let mut failed = sent("1", update(), 1);
        let wins = ConflictPolicy::ServerWins;
        assert_eq!(reject(&mut failed, conflict.clone(), wins, at(10)), Some(conflict.clone()));
        let mut removal = sent("1", Effect::Remove, 1);
        let decides = ConflictPolicy::Function;
        assert_eq!(reject(&mut removal, conflict.clone(), decides, at(10)), Some(conflict));
    }

    #[test]
    fn rejected_update_without_a_conflict_fails() {
        let mut change = sent("1", update(), 1);
        let error = Error::new(Code::Rejected);
        let policy = ConflictPolicy::ClientWins;
        assert_eq!(reject(&mut change, error.clone(), policy, at(10)), Some(error));
    }
}
