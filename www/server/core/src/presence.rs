//! Who is present in a channel, and what changed.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::frame::{Fields, Object, quote};
use crate::limits::Limits;
use crate::rejection::Rejection;

/// One presence: a key's entry made by one connection.
#[derive(Debug, Clone)]
struct Entry {
    key: String,
    reference: String,
    /// `{"ref":…,…meta}` as JSON text.
    shown: String,
    /// The number of the connection that made it.
    owner: u64,
    user: Option<String>,
}

/// The requester, and the presence key.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The number of its connection.
    pub connection: u64,
    /// Its user, if there is one.
    pub user: Option<String>,
    /// The key under which the presence is shown.
    pub key: String,
}

/// The presence of one channel.
#[derive(Debug, Default)]
pub(crate) struct Roster(Vec<Entry>);

/// What changed: the text of `joins` and `leaves`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// The added entries.
    pub joins: String,
    /// The removed entries.
    pub leaves: String,
}

impl Roster {
    /// Adds or replaces the owner's entry. `replaces` names a former entry of the same user, which
    /// is removed in the same diff. `reference` identifies the new entry.
    pub(crate) fn track(
        &mut self,
        owner: Owner,
        reference: &str,
        meta: Option<&RawValue>,
        replaces: Option<&str>,
        limits: &Limits,
    ) -> Result<Diff, Rejection> {
        if meta.is_some_and(|meta| meta.get().len() > limits.presence_meta_bytes) {
            return Err(Rejection::invalid("`meta` of a presence is too large"));
        }
        let shown = show(reference, meta)?;
        let is_removed = |entry: &Entry| {
            let replaced = owner.user.is_some()
                && entry.user == owner.user
                && replaces == Some(entry.reference.as_str());
            entry.owner == owner.connection || replaced
        };
        self.check_limits(&owner, &shown, is_removed, limits)?;
        let left = self.take(is_removed);
        let entry = Entry {
            key: owner.key,
            reference: reference.to_owned(),
            shown,
            owner: owner.connection,
            user: owner.user,
        };
        let diff = Diff { joins: render(std::slice::from_ref(&entry)), leaves: render(&left) };
        self.0.push(entry);
        Ok(diff)
    }

    /// Rejects an entry that exceeds a limit together with the entries that remain.
    fn check_limits(
        &self,
        owner: &Owner,
        shown: &str,
        is_removed: impl Fn(&Entry) -> bool,
        limits: &Limits,
    ) -> Result<(), Rejection> {
        let (mut bytes, mut own) = (owner.key.len() + shown.len(), 0);
        for entry in self.0.iter().filter(|entry| !is_removed(entry)) {
            bytes += entry.key.len() + entry.shown.len();
            own += usize::from(owner.user.is_some() && entry.user == owner.user);
        }
        if own >= limits.presence_per_user {
            return Err(Rejection::limit("this user is present in this channel often enough"));
        }
        if bytes > limits.presence_bytes {
            return Err(Rejection::limit("the channel's presence is as large as it may be"));
        }
        Ok(())
    }

    /// Removes the entry of this connection; returns its ref and the diff, if there was one.
    pub(crate) fn leave(&mut self, connection: u64) -> Option<(String, Diff)> {
        let left = self.take(|entry| entry.owner == connection);
        let reference = left.first()?.reference.clone();
        Some((reference, Diff { joins: render(&[]), leaves: render(&left) }))
    }

    /// The whole presence as the text of a `state`.
    pub(crate) fn state(&self) -> String {
        render(&self.0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, is_removed: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let (left, others) = std::mem::take(&mut self.0).into_iter().partition(is_removed);
        self.0 = others;
        left
    }
}

/// An entry as JSON text. The ref is first and always the server's: one in the meta is ignored.
fn show(reference: &str, meta: Option<&RawValue>) -> Result<String, Rejection> {
    let mut object = Object::new().text("ref", reference);
    if let Some(meta) = meta {
        let fields = Fields::parse(meta.get())
            .map_err(|_| Rejection::invalid("`meta` of a presence is an object"))?;
        for (name, value) in fields.iter().filter(|(name, _)| *name != "ref") {
            object = object.raw(name, value.get());
        }
    }
    Ok(object.end())
}

/// `{KEY:[entry,…],…}`
fn render(entries: &[Entry]) -> String {
    let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in entries {
        keys.entry(&entry.key).or_default().push(&entry.shown);
    }
    let members: Vec<_> =
        keys.iter().map(|(key, shown)| format!("{}:[{}]", quote(key), shown.join(","))).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(connection: u64, user: Option<&str>) -> Owner {
        let key = user.map_or(format!("c{connection}"), Into::into);
        Owner { connection, user: user.map(Into::into), key }
    }

    fn meta(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.into()).expect("JSON")
    }

    #[test]
    fn update_diff_has_join_and_leave() {
        let mut roster = Roster::default();
        let first = meta(r#"{"at":"desk","ref":"forged"}"#);
        let limits = Limits::default();
        let diff =
            roster.track(owner(1, Some("ann")), "a", Some(&first), None, &limits).expect("tracked");
        assert_eq!(diff.joins, r#"{"ann":[{"ref":"a","at":"desk"}]}"#);
        assert_eq!(diff.leaves, "{}");
        let diff = roster.track(owner(1, Some("ann")), "b", None, None, &limits).expect("tracked");
        assert!(diff.joins.contains(r#""ref":"b""#) && diff.leaves.contains(r#""ref":"a""#));
        assert_eq!(roster.state(), diff.joins);
    }

    #[test]
    fn presence_is_limited_per_channel_and_per_user() {
        let limits = Limits {
            presence_meta_bytes: 40,
            presence_bytes: 400,
            presence_per_user: 2,
            ..Limits::default()
        };
        let mut roster = Roster::default();
        let mut track = |connection, user: Option<&str>, size: usize| {
            let meta = meta(&format!(r#"{{"x":"{}"}}"#, "x".repeat(size)));
            roster
                .track(owner(connection, user), "r", Some(&meta), None, &limits)
                .map_err(|rejection| rejection.code)
                .err()
        };
        assert_eq!(track(1, Some("ann"), 40), Some("invalid"));
        assert_eq!([1, 2, 3].map(|n| track(n, Some("ann"), 1)), [None, None, Some("limit")]);
        assert_eq!(track(2, Some("ann"), 2), None, "an update is not a further entry");
        let others: Vec<_> = (10..20).map(|n| track(n, None, 20)).collect();
        assert!(others.contains(&None) && others.last() == Some(&Some("limit")));
        assert_eq!(track(10, None, 1), None, "an existing entry may shrink");
    }

    #[test]
    fn presence_is_replaced_by_the_same_user_only() {
        let mut roster = Roster::default();
        let mut track = |connection, user, reference, replaces| {
            let limits = Limits::default();
            roster
                .track(owner(connection, user), reference, None, replaces, &limits)
                .expect("tracked")
        };
        track(1, Some("ann"), "a", None);
        assert_eq!(track(2, Some("bob"), "b", Some("a")).leaves, "{}");
        assert!(track(3, Some("ann"), "a2", Some("a")).leaves.contains(r#""ref":"a""#));
        track(4, None, "c", None);
        assert_eq!(track(5, None, "d", Some("c")).leaves, "{}");
    }
}
