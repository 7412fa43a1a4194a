//! Who is present in a channel, and what changed.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::frame::{Fields, Object, quote};
use crate::random;
use crate::refusal::Refusal;

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

/// Who asks, and under which key they are seen.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) connection: u64,
    pub(crate) user: Option<String>,
    pub(crate) key: String,
}

/// Everybody present in one channel.
#[derive(Debug, Default)]
pub(crate) struct Roster(Vec<Entry>);

/// What changed: the text of `joins` and `leaves`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diff {
    pub(crate) joins: String,
    pub(crate) leaves: String,
}

impl Roster {
    /// Enters or changes the owner's presence. `replaces` names a former entry of the same user,
    /// which goes in the same diff. Returns the new entry's ref.
    pub(crate) fn track(
        &mut self,
        owner: Owner,
        meta: Option<&RawValue>,
        replaces: Option<&str>,
    ) -> Result<(String, Diff), Refusal> {
        let reference = random::token();
        let shown = show(&reference, meta)?;
        let left = self.take(|entry| {
            let replaced = owner.user.is_some()
                && entry.user == owner.user
                && replaces == Some(entry.reference.as_str());
            entry.owner == owner.connection || replaced
        });
        let entry = Entry {
            key: owner.key,
            reference: reference.clone(),
            shown,
            owner: owner.connection,
            user: owner.user,
        };
        let diff = Diff { joins: render(std::slice::from_ref(&entry)), leaves: render(&left) };
        self.0.push(entry);
        Ok((reference, diff))
    }

    /// Removes what this connection entered; its ref and the diff, if there was anything.
    pub(crate) fn leave(&mut self, connection: u64) -> Option<(String, Diff)> {
        let left = self.take(|entry| entry.owner == connection);
        let reference = left.first()?.reference.clone();
        Some((reference, Diff { joins: render(&[]), leaves: render(&left) }))
    }

    /// The whole roster as the text of a presence `state`.
    pub(crate) fn state(&self) -> String {
        render(&self.0)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn take(&mut self, gone: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let (left, stay) = std::mem::take(&mut self.0).into_iter().partition(gone);
        self.0 = stay;
        left
    }
}

/// The ref stands first and is the server's, whatever the meta holds.
fn show(reference: &str, meta: Option<&RawValue>) -> Result<String, Refusal> {
    let mut object = Object::new().text("ref", reference);
    if let Some(meta) = meta {
        let fields = Fields::parse(meta.get())
            .map_err(|_| Refusal::invalid("`meta` of a presence is an object"))?;
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
    fn an_update_is_one_diff_with_both_sides() {
        let mut roster = Roster::default();
        let first = meta(r#"{"at":"desk","ref":"forged"}"#);
        let (a, diff) = roster.track(owner(1, Some("ann")), Some(&first), None).expect("tracked");
        assert_eq!(diff.joins, format!(r#"{{"ann":[{{"ref":"{a}","at":"desk"}}]}}"#));
        assert_eq!(diff.leaves, "{}");
        let (b, diff) = roster.track(owner(1, Some("ann")), None, None).expect("tracked");
        assert!(diff.joins.contains(&b) && diff.leaves.contains(&a));
        assert_eq!(roster.state(), diff.joins);
    }

    #[test]
    fn only_the_same_user_may_replace() {
        let mut roster = Roster::default();
        let (a, _) = roster.track(owner(1, Some("ann")), None, None).expect("tracked");
        let (_, diff) = roster.track(owner(2, Some("bob")), None, Some(&a)).expect("tracked");
        assert_eq!(diff.leaves, "{}");
        let (_, diff) = roster.track(owner(3, Some("ann")), None, Some(&a)).expect("tracked");
        assert!(diff.leaves.contains(&a));
        let (c, _) = roster.track(owner(4, None), None, None).expect("tracked");
        let (_, diff) = roster.track(owner(5, None), None, Some(&c)).expect("tracked");
        assert_eq!(diff.leaves, "{}");
    }
}
