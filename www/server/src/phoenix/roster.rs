//! The presence of a topic.

use std::collections::BTreeMap;

use tidewire_server_core::frame::{Fields, Object, quote};

use crate::random;

/// The presence of one topic, in the order of tracking.
#[derive(Debug, Default)]
pub(crate) struct Roster(Vec<Entry>);

/// One membership's presence.
#[derive(Debug, Clone)]
struct Entry {
    instance: u64,
    key: String,
    reference: String,
    /// The meta that the client sent.
    given: String,
    /// The meta that is sent to members, with its refs.
    shown: String,
}

impl Roster {
    /// Adds or changes a membership's presence; returns the text of the diff.
    pub(crate) fn track(&mut self, instance: u64, key: &str, meta: &str) -> String {
        let left = self.take(instance);
        let former = left.first().map(|entry| entry.reference.as_str());
        let reference = random::token();
        let entry = Entry {
            instance,
            key: key.to_owned(),
            shown: show(&reference, former, meta),
            reference,
            given: meta.to_owned(),
        };
        let text = diff(std::slice::from_ref(&entry), &left);
        self.0.push(entry);
        text
    }

    /// The size of the presence of all other memberships, in bytes.
    pub(crate) fn bytes_beside(&self, instance: u64) -> usize {
        let others = self.0.iter().filter(|entry| entry.instance != instance);
        others.map(|entry| entry.key.len() + entry.given.len()).sum()
    }

    /// Removes a membership's presence; returns the text of the diff, if it was present.
    pub(crate) fn untrack(&mut self, instance: u64) -> Option<String> {
        let left = self.take(instance);
        (!left.is_empty()).then(|| diff(&[], &left))
    }

    /// The meta that a membership sent, if it is present.
    pub(crate) fn given(&self, instance: u64) -> Option<&str> {
        self.0.iter().find(|entry| entry.instance == instance).map(|entry| entry.given.as_str())
    }

    /// The text of `presence_state`.
    pub(crate) fn state(&self) -> String {
        render(&self.0)
    }

    fn take(&mut self, instance: u64) -> Vec<Entry> {
        let (left, others) =
            std::mem::take(&mut self.0).into_iter().partition(|entry| entry.instance == instance);
        self.0 = others;
        left
    }
}

fn show(reference: &str, former: Option<&str>, meta: &str) -> String {
    let mut object = Object::new().text("phx_ref", reference).text_if("phx_ref_prev", former);
    if let Ok(fields) = Fields::parse(meta) {
        for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with("phx_ref")) {
            object = object.raw(name, value.get());
        }
    }
    object.end()
}

fn diff(joins: &[Entry], leaves: &[Entry]) -> String {
    Object::new().raw("joins", &render(joins)).raw("leaves", &render(leaves)).end()
}

/// `{KEY:{"metas":[…]},…}`
fn render(entries: &[Entry]) -> String {
    let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in entries {
        keys.entry(&entry.key).or_default().push(&entry.shown);
    }
    let members: Vec<_> = keys
        .iter()
        .map(|(key, metas)| format!("{}:{{\"metas\":[{}]}}", quote(key), metas.join(",")))
        .collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn value(text: &str) -> Value {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn update_diff_names_the_previous_ref() {
        let mut roster = Roster::default();
        let first = value(&roster.track(1, "ka", r#"{"n":1}"#));
        let reference = &first["joins"]["ka"]["metas"][0]["phx_ref"];
        let second = value(&roster.track(1, "ka", r#"{"n":2,"phx_ref":"forged"}"#));
        let joined = &second["joins"]["ka"]["metas"][0];
        assert_eq!(&joined["phx_ref_prev"], reference);
        assert_ne!(joined["phx_ref"], "forged");
        assert_eq!(&second["leaves"]["ka"]["metas"][0]["phx_ref"], reference);
        assert_eq!(value(&roster.state()), second["joins"]);
    }

    #[test]
    fn presence_key_is_shared_by_two_memberships() {
        let mut roster = Roster::default();
        roster.track(1, "k", "{}");
        roster.track(2, "k", "{}");
        assert_eq!(value(&roster.state())["k"]["metas"].as_array().map(Vec::len), Some(2));
        assert!(roster.untrack(1).is_some());
        assert!(roster.untrack(1).is_none());
        assert_eq!(value(&roster.state())["k"]["metas"].as_array().map(Vec::len), Some(1));
    }
}
