//! Frames as text: parsing the fields of a frame, and building a frame from fields.
//!
//! User data is never parsed: it stays the JSON text it was received as, so that numbers keep
//! their digits and objects their order.

use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::rejection::Rejection;

/// The most members of a parsed object. Data that is only relayed may have more.
const MAX_MEMBERS: usize = 10_000;

/// The members of a JSON object, their values as text.
#[derive(Debug)]
pub struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    if members.len() == MAX_MEMBERS {
                        return Err(serde::de::Error::custom("there are too many members"));
                    }
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Members).map(Fields)
    }
}

impl<'a> Fields<'a> {
    /// Parses the text of an object.
    ///
    /// # Errors
    /// When it is not an object, or has too many members.
    pub fn parse(text: &'a str) -> Result<Self, Rejection> {
        serde_json::from_str(text)
            .map_err(|_| Rejection::invalid("a frame is one JSON object of at most 10,000 members"))
    }

    /// The last member of this name, as in JavaScript.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().rev().find(|(n, _)| n == name).map(|(_, value)| *value)
    }

    /// The members in their order, with duplicates.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// A string; none when it is missing or null.
    pub fn text(&self, name: &str) -> Result<Option<String>, Rejection> {
        self.read(name, "a string")
    }

    /// A whole number; none when it is missing or null.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Rejection> {
        self.read(name, "a whole number")
    }

    /// Whether a member is `true`.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.get() == "true")
    }

    /// A frame's `ref`: a string or a number, which is echoed unchanged.
    pub fn reference(&self) -> Result<Option<Box<RawValue>>, Rejection> {
        let Some(value) = self.get("ref") else {
            return Ok(None);
        };
        match value.get().as_bytes().first() {
            Some(b'"' | b'-' | b'0'..=b'9') if value.get().len() <= 128 => {
                Ok(Some(value.to_owned()))
            }
            _ => Err(Rejection::invalid("`ref` is a short string or a number")),
        }
    }

    fn read<T: Deserialize<'a>>(&self, name: &str, what: &str) -> Result<Option<T>, Rejection> {
        self.get(name).map_or(Ok(None), |value| {
            serde_json::from_str(value.get())
                .map_err(|_| Rejection::invalid(format!("`{name}` is not {what}")))
        })
    }
}

/// Builds the text of a JSON object, member by member.
#[derive(Debug)]
pub struct Object(String);

impl Default for Object {
    fn default() -> Self {
        Self::new()
    }
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self(String::from("{"))
    }

    /// An object whose first member is `type`.
    pub fn frame(kind: &str) -> Self {
        Self::new().text("type", kind)
    }

    /// Adds a string.
    pub fn text(self, name: &str, value: &str) -> Self {
        let quoted = quote(value);
        self.raw(name, &quoted)
    }

    /// Adds a whole number.
    pub fn number(self, name: &str, value: u64) -> Self {
        self.raw(name, &value.to_string())
    }

    /// Adds `true` or `false`.
    pub fn bool(self, name: &str, value: bool) -> Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    /// Adds a member whose value is JSON text.
    pub fn raw(mut self, name: &str, json: &str) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&quote(name));
        self.0.push(':');
        self.0.push_str(json);
        self
    }

    /// Adds a member whose value is JSON text, if there is one.
    pub fn raw_if(self, name: &str, json: Option<&RawValue>) -> Self {
        match json {
            Some(json) => self.raw(name, json.get()),
            None => self,
        }
    }

    /// Adds a string, if there is one.
    pub fn text_if(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds the members that describe a rejection.
    pub fn rejection(self, rejection: &Rejection) -> Self {
        let object = self
            .text("code", rejection.code)
            .text("message", &rejection.message)
            .bool("retryable", rejection.retryable);
        match rejection.retry_after_ms {
            Some(ms) => object.number("retryAfterMs", ms),
            None => object,
        }
    }

    /// The text of the object.
    pub fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// A JSON string.
pub fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An outgoing frame. Cloning shares the text.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its type, for the counters.
    pub kind: &'static str,
    /// The JSON text.
    pub text: Arc<str>,
}

impl Frame {
    /// A frame of this type.
    pub fn new(kind: &'static str, text: impl Into<Arc<str>>) -> Self {
        Self { kind, text: text.into() }
    }

    /// An error that belongs to a request or a channel, or to the connection.
    pub fn error(
        rejection: &Rejection,
        channel: Option<&str>,
        reference: Option<&RawValue>,
    ) -> Self {
        let object = Object::frame("error")
            .raw_if("ref", reference)
            .text_if("channel", channel)
            .rejection(rejection);
        Self::new("error", object.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_text_and_the_last_duplicate_wins() {
        let text = r#"{"a":1,"n":12345678901234567890.10,"a":"x"}"#;
        let fields = Fields::parse(text).expect("an object");
        assert_eq!(fields.get("n").map(RawValue::get), Some("12345678901234567890.10"));
        assert_eq!(fields.text("a").expect("a string"), Some("x".into()));
    }

    #[test]
    fn non_object_is_invalid() {
        for text in ["", "1", "[]", "null", "{", "\"x\"", "{} {}"] {
            assert_eq!(Fields::parse(text).err().map(|r| r.code), Some("invalid"), "{text}");
        }
    }

    #[test]
    fn object_parsing_stops_at_the_member_limit() {
        let object = |count| format!("{{{}}}", vec!["\"a\":1"; count].join(","));
        assert!(Fields::parse(&object(MAX_MEMBERS)).is_ok());
        for count in [MAX_MEMBERS + 1, 1_000_000] {
            assert_eq!(Fields::parse(&object(count)).err().map(|r| r.code), Some("invalid"));
        }
    }

    #[test]
    fn deep_nesting_does_not_overflow_the_stack() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(Fields::parse(&deep).is_ok());
    }

    #[test]
    fn text_is_quoted_as_json() {
        let text = Object::frame("x").text("k\"", "a\nb").end();
        assert_eq!(text, r#"{"type":"x","k\"":"a\nb"}"#);
    }
}
