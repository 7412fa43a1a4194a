//! What the next change of a row has to do, and the message of it.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::conflict::{Resolution, Undecided, is_newer, resolve};
use super::key::is_temporary;
use super::merge::merge;
use super::mutation::{Effect, Mutation};
use super::stage::Stage;
use super::{ChangeKind, CollectionOptions, ConflictPolicy, Key};
use crate::core::error::{Code, Error};
use crate::core::payload::Payload;
use crate::core::time::Instant;

/// What the next change of a row has to do.
#[derive(Debug)]
pub(super) enum NextAction<P> {
    /// Wait.
    Wait,
    /// Go; an update with these members.
    Send(Option<P>),
    /// Wait for the app's decision.
    Decide(Undecided<P>),
    /// Fail.
    Fail(Error),
}

/// What the first unsettled change of a row has to do, `newest` being the newest row of the server.
/// The key of a row whose insert is out is awaited until `until`.
pub(super) fn next_action<P: Payload>(
    options: &CollectionOptions,
    mutation: &mut Mutation<P>,
    newest: Option<&P>,
    until: Instant,
) -> NextAction<P> {
    let has_temporary_key = is_temporary(&mutation.key) && mutation.kind() != ChangeKind::Insert;
    match &mutation.stage {
        Stage::Waiting { .. } if !has_temporary_key => NextAction::Send(match &mutation.effect {
            Effect::Update(update) => {
                let fields = merge(&named(options, newest, &mutation.key), &update.patch);
                Some(versioned(options, &fields, update.base.as_ref()))
            }
            Effect::Insert { .. } | Effect::Remove => None,
        }),
        Stage::Waiting { .. } if newest.is_none() => {
            NextAction::Fail(Error::new(Code::NotFound).with_cause("The row never got its key."))
        }
        Stage::Waiting { until: None } => {
            mutation.stage = Stage::Waiting { until: Some(until) };
            NextAction::Wait
        }
        Stage::Rejected { base, error, .. } => {
            let error = error.clone();
            let unchanged = match (base, newest) {
                (Some(base), Some(newest)) => base.eq_json(newest),
                _ => false,
            };
            match newest {
                Some(_) if unchanged => NextAction::Wait,
                Some(newest) => {
                    resend(options, mutation, newest).unwrap_or(NextAction::Fail(error))
                }
                None => NextAction::Fail(error),
            }
        }
        Stage::Waiting { .. } | Stage::Sent(_) | Stage::Accepted(_) => NextAction::Wait,
    }
}

/// The next action of a change rejected for a conflict, now that the server's newer row is known;
/// `None` if the server has won.
fn resend<P: Payload>(
    options: &CollectionOptions,
    mutation: &mut Mutation<P>,
    server: &P,
) -> Option<NextAction<P>> {
    let members = match &mutation.effect {
        Effect::Insert { .. } => return None,
        Effect::Remove => None,
        Effect::Update(update)
            if options.policy == ConflictPolicy::LastWriteWins
                && !is_newer(options, &update.patch, server) =>
        {
            return None;
        }
        Effect::Update(update) => Some(match resolve(options, update, Some(server), None) {
            Resolution::Row(row) => versioned(options, &row, Some(server)),
            Resolution::Fields(patch) => {
                let fields = merge(&named(options, Some(server), &mutation.key), &patch);
                versioned(options, &fields, Some(server))
            }
            Resolution::Undecided(local) => {
                let (mutation, base) = (mutation.id, update.base.clone());
                let remote = server.clone();
                return Some(NextAction::Decide(Undecided { mutation, local, remote, base }));
            }
        }),
    };
    mutation.count_resend().then_some(NextAction::Send(members))
}

/// The row or the members that a change is sent with.
#[inline(always)]
pub(super) fn row_to_send<P: Payload>(mutation: &Mutation<P>, members: Option<P>) -> Option<P> {
    match &mutation.effect {
        Effect::Insert { row, .. } => Some(row.clone()),
        Effect::Update(_) | Effect::Remove => members,
    }
}

/// The event, the payload and the size of a change's message.
///
/// # Errors
/// `invalid_argument` if the row is no JSON any more: it shows, so that the app may have changed it.
#[inline(always)]
pub(super) fn message<P: Payload>(
    options: &CollectionOptions,
    mutation: &Mutation<P>,
    id: &str,
    newest: Option<&P>,
    row: Option<P>,
) -> Result<(String, P, usize), Error> {
    let kind = mutation.kind();
    let mut fields = vec![("mutation", P::text(id))];
    if kind == ChangeKind::Remove || (kind == ChangeKind::Update && options.key == Key::Function) {
        fields.push(("key", key_value(options, newest, &mutation.key)));
    }
    fields.extend(row.map(|row| ("row", row)));
    let (payload, bytes) = P::object(fields)
        .serialize()
        .ok_or_else(|| Error::new(Code::InvalidArgument).with_cause("row"))?;
    let [insert, update, delete] = &options.events;
    let event = match kind {
        ChangeKind::Insert => insert,
        ChangeKind::Update => update,
        ChangeKind::Remove => delete,
    };
    Ok((event.clone(), payload, bytes))
}

/// An object with the row's key.
fn named<P: Payload>(options: &CollectionOptions, row: Option<&P>, key: &str) -> P {
    let named = P::object(Vec::new());
    match &options.key {
        Key::Field(field) => named.merged(vec![(field.clone(), key_value(options, row, key))]),
        Key::Function => named,
    }
}

/// The key as the server writes it.
fn key_value<P: Payload>(options: &CollectionOptions, row: Option<&P>, key: &str) -> P {
    let value = match &options.key {
        Key::Field(field) => row.and_then(|row| row.member(field)),
        Key::Function => None,
    };
    value.unwrap_or_else(|| P::text(key))
}

/// The members with the version of this row, by which the server sees a conflict. Where the
/// version decides who wins, the change brings its own.
fn versioned<P: Payload>(options: &CollectionOptions, members: &P, row: Option<&P>) -> P {
    let Some(field) = &options.version else { return members.clone() };
    let own = options.policy == ConflictPolicy::LastWriteWins && members.member(field).is_some();
    match row.and_then(|row| row.member(field)) {
        Some(version) if !own => members.merged(vec![(field.clone(), version)]),
        _ => members.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{NextAction, message, next_action};
    use crate::core::collection::mutation::{Effect, Mutation, Update};
    use crate::core::collection::stage::Stage;
    use crate::core::collection::testing::options;
    use crate::core::collection::{CollectionOptions, ConflictPolicy, Key};
    use crate::core::error::{Code, Error};
    use crate::core::id::MutationId;
    use crate::core::payload::Payload;
    use crate::core::time::Instant;

    fn mutation(key: &str, effect: Effect<Value>) -> Mutation<Value> {
        Mutation::new(MutationId(1), "m".into(), key.into(), effect)
    }

    fn update(key: &str) -> Mutation<Value> {
        let base = Some(json!({ "id": 1, "a": 0, "v": 3 }));
        mutation(key, Effect::Update(Update { patch: json!({ "a": 1 }), base, resolved: None }))
    }

    fn rejected(mut mutation: Mutation<Value>) -> Mutation<Value> {
        let (base, until) = (Some(json!({ "id": 1, "a": 0, "v": 3 })), Instant::from_ms(10));
        mutation.stage = Stage::Rejected { base, error: Error::new(Code::Rejected), until };
        mutation
    }

    fn next(
        policy: ConflictPolicy,
        mutation: &mut Mutation<Value>,
        newest: Option<&Value>,
    ) -> NextAction<Value> {
        let options = CollectionOptions { policy, version: Some("v".into()), ..options() };
        next_action(&options, mutation, newest, Instant::from_ms(10))
    }

    fn members(action: NextAction<Value>) -> Option<Value> {
        match action {
            NextAction::Send(members) => members,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn waiting_update_is_sent_with_the_key_and_the_version_of_its_row() {
        let newest = Some(json!({ "id": 1, "a": 0, "v": 3 }));
        let action = next(ConflictPolicy::ServerWins, &mut update("1"), newest.as_ref());
        assert_eq!(members(action), Some(json!({ "id": 1, "a": 1, "v": 3 })));
    }

    #[test]
    fn update_of_a_row_without_a_key_waits_for_it_and_fails_without_a_row() {
        let newest = Some(json!({ "a": 0 }));
        let mut change = update("tmp:m");
        let action = next(ConflictPolicy::ServerWins, &mut change, newest.as_ref());
        assert!(matches!(action, NextAction::Wait), "{action:?}");
        assert_eq!(
            change.stage.overdue(Instant::from_ms(10)).map(|error| error.code),
            Some(Code::DependencyFailed)
        );
        let action = next(ConflictPolicy::ServerWins, &mut update("tmp:m"), None);
        assert!(matches!(&action, NextAction::Fail(error) if error.code == Code::NotFound));
    }

    #[test]
    fn rejected_update_waits_until_the_newer_row_comes_and_is_sent_over_it() {
        let mut change = rejected(update("1"));
        let known = Some(json!({ "id": 1, "a": 0, "v": 3 }));
        let action = next(ConflictPolicy::Merge, &mut change, known.as_ref());
        assert!(matches!(action, NextAction::Wait), "{action:?}");
        let newer = Some(json!({ "id": 1, "a": 5, "v": 4 }));
        let action = next(ConflictPolicy::Merge, &mut change, newer.as_ref());
        assert_eq!(members(action), Some(json!({ "id": 1, "a": 1, "v": 4 })));
        assert_eq!(change.message_id(), "m~1");
    }

    #[test]
    fn rejected_update_fails_where_the_newer_row_wins_and_where_there_is_none() {
        let newer = Some(json!({ "id": 1, "a": 5, "v": 4 }));
        for newest in [newer, None] {
            let mut change = rejected(update("1"));
            let action = next(ConflictPolicy::LastWriteWins, &mut change, newest.as_ref());
            assert!(matches!(&action, NextAction::Fail(error) if error.code == Code::Rejected));
        }
    }

    #[test]
    fn rejected_update_waits_for_the_decision_of_the_app() {
        let newer = Some(json!({ "id": 1, "a": 5, "v": 4 }));
        let action = next(ConflictPolicy::Function, &mut rejected(update("1")), newer.as_ref());
        let NextAction::Decide(undecided) = action else { panic!("{action:?}") };
        assert_eq!(Some(undecided.remote), newer);
        assert_eq!(undecided.local, json!({ "id": 1, "a": 1, "v": 3 }));
    }

    #[test]
    fn message_names_its_change_and_the_key_where_the_row_does_not() {
        let payload = |options: &CollectionOptions, mutation: &Mutation<Value>, row| {
            let newest = json!({ "id": 1 });
            let sent = message(options, mutation, "m", Some(&newest), row).expect("a message");
            (sent.0, Value::from_serialized(&sent.1))
        };
        let removal = mutation("1", Effect::Remove);
        let expected = ("delete".into(), json!({ "mutation": "m", "key": 1 }));
        assert_eq!(payload(&options(), &removal, None), expected);
        let row = || Some(json!({ "a": 1 }));
        let expected = ("update".into(), json!({ "mutation": "m", "row": { "a": 1 } }));
        assert_eq!(payload(&options(), &update("1"), row()), expected);
        let by_function = CollectionOptions { key: Key::Function, ..options() };
        let expected = json!({ "mutation": "m", "key": "1", "row": { "a": 1 } });
        assert_eq!(payload(&by_function, &update("1"), row()).1, expected);
    }
}
