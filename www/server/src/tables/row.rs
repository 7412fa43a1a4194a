//! Rows as JSON text, and their keys.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use tidewire_server_core::Rejection;
use tidewire_server_core::frame::{Fields, Object, quote};

/// The field that contains a row's key.
pub(crate) const KEY: &str = "id";
/// The most fields a row may have, besides its key and version.
const MAX_FIELDS: usize = 1_000;
/// The field that counts a row's changes.
pub(crate) const VERSION: &str = "version";

/// The key that identifies a row in its table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Number(i64),
    Text(String),
}

impl Key {
    /// Parses a key from its JSON text.
    pub(crate) fn parse(json: &str) -> Result<Self, Rejection> {
        let text = || serde_json::from_str(json).ok().filter(|t: &String| !t.is_empty());
        serde_json::from_str(json)
            .map(Self::Number)
            .ok()
            .or_else(|| text().filter(|t| t.len() <= 128).map(Self::Text))
            .ok_or_else(|| Rejection::invalid("a key is a whole number or 1 to 128 bytes of text"))
    }

    pub(crate) fn json(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => quote(text),
        }
    }
}

/// A row as it is stored. Cloning shares the text.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Initially 1, incremented by each change.
    pub(crate) version: u64,
    /// The whole row as a JSON object, including key and version.
    pub(crate) text: Arc<str>,
}

impl Row {
    /// A new row with these fields.
    pub(super) fn new(key: &Key, fields: &Fields<'_>) -> Result<Self, Rejection> {
        Self::compose(key, 1, fields.iter())
    }

    /// The row with these fields added or replaced.
    pub(super) fn merge(&self, key: &Key, fields: &Fields<'_>) -> Result<Self, Rejection> {
        let own = Fields::parse(&self.text)?;
        Self::compose(key, self.version + 1, own.iter().chain(fields.iter()))
    }

    /// Builds a row. Of members with the same name, the last gives the value and the first the
    /// position.
    fn compose<'a>(
        key: &Key,
        version: u64,
        members: impl Iterator<Item = (&'a str, &'a RawValue)>,
    ) -> Result<Self, Rejection> {
        let mut positions = HashMap::new();
        let mut row: Vec<(&str, &RawValue)> = Vec::new();
        for (name, value) in members.filter(|(name, _)| !matches!(*name, KEY | VERSION)) {
            let position = *positions.entry(name).or_insert(row.len());
            match row.get_mut(position) {
                Some(member) => member.1 = value,
                None => row.push((name, value)),
            }
        }
        if row.len() > MAX_FIELDS {
            return Err(Rejection::invalid(format!("a row has at most {MAX_FIELDS} fields")));
        }
        let mut object = Object::new().raw(KEY, &key.json());
        for (name, value) in row {
            object = object.raw(name, value.get());
        }
        Ok(Self { version, text: object.number(VERSION, version).end().into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_keeps_digits_and_member_order() {
        let fields = |text| Fields::parse(text).expect("an object");
        let key = Key::Text("k".into());
        let row = Row::new(&key, &fields(r#"{"b":1.0,"version":9,"a":[1, 2],"b":2.50}"#));
        let row = row.expect("a row");
        assert_eq!(&*row.text, r#"{"id":"k","b":2.50,"a":[1, 2],"version":1}"#);
        let row = row.merge(&key, &fields(r#"{"c":null,"b":3,"id":"k"}"#)).expect("an object");
        assert_eq!(&*row.text, r#"{"id":"k","b":3,"a":[1, 2],"c":null,"version":2}"#);
    }

    #[test]
    fn row_field_limit_applies_to_inserts_and_updates() {
        let key = Key::Text("k".into());
        let some = |from: usize, count: usize| {
            let members: Vec<_> = (from..from + count).map(|n| format!("\"f{n}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        let (full, one, more) = (some(0, MAX_FIELDS), some(7, 1), some(MAX_FIELDS, 1));
        let [full, one, more] =
            [&full, &one, &more].map(|text| Fields::parse(text).expect("an object"));
        let row = Row::new(&key, &full).expect("as many as may be");
        assert!(row.merge(&key, &one).is_ok());
        assert_eq!(
            row.merge(&key, &more).map_err(|rejection| rejection.code).err(),
            Some("invalid")
        );
    }

    #[test]
    fn key_is_an_integer_or_a_non_empty_string() {
        for json in ["7", "-7", r#""7""#, r#""é\n""#] {
            let key = Key::parse(json).expect("a key");
            assert_eq!(Key::parse(&key.json()), Ok(key), "{json}");
        }
        let long = quote(&"x".repeat(129));
        for json in ["1.5", "null", "true", "{}", "[]", r#""""#, &long] {
            assert_eq!(
                Key::parse(json).map_err(|rejection| rejection.code),
                Err("invalid"),
                "{json}"
            );
        }
    }
}
