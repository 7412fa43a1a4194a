//! The JSON values of the simulator's clients: cheap to clone, compared by content.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use tidewire::core::payload::Payload;

/// A member's name.
pub(crate) type Key = Cow<'static, str>;

/// A JSON value.
#[derive(Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    Array(Rc<[Self]>),
    Object(Rc<[(Key, Self)]>),
}

impl Value {
    /// An object of members with names that are only known at run time.
    pub(crate) fn members(members: Vec<(Key, Self)>) -> Self {
        Self::Object(members.into())
    }

    /// The member of this name.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(own, _)| own == key).map(|(_, value)| value)
    }

    /// The members of an object; none of anything else.
    pub(crate) fn entries(&self) -> &[(Key, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The text of a member.
    pub(crate) fn text_of(&self, key: &str) -> Option<&Rc<str>> {
        match self.get(key)? {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a member, if it is a non-negative integer.
    pub(crate) fn whole(&self, key: &str) -> Option<u64> {
        match self.get(key)? {
            Self::Number(number) if *number >= 0.0 && number.fract() == 0.0 => Some(*number as u64),
            _ => None,
        }
    }

    /// This object with `members` merged into its own.
    pub(crate) fn merged(&self, members: impl IntoIterator<Item = (Key, Self)>) -> Self {
        let mut all = self.entries().to_vec();
        for (key, value) in members {
            match all.iter_mut().find(|(own, _)| *own == key) {
                Some((_, own)) => *own = value,
                None => all.push((key, value)),
            }
        }
        Self::members(all)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&Rc<str>> for Value {
    fn from(text: &Rc<str>) -> Self {
        Self::Text(text.clone())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number as f64)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl fmt::Debug for Value {
    /// Formats the value similarly to JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Array(items) => f.debug_list().entries(items.iter()).finish(),
            Self::Object(members) => {
                f.debug_map().entries(members.iter().map(|(key, value)| (key, value))).finish()
            }
        }
    }
}

impl Payload for Value {
    fn field(&self, key: &'static str) -> Option<Self> {
        self.get(key).cloned()
    }
    fn member(&self, key: &str) -> Option<Self> {
        self.get(key).cloned()
    }
    fn keys(&self) -> Vec<String> {
        self.entries().iter().map(|(key, _)| key.clone().into_owned()).collect()
    }
    fn as_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.as_ref().to_owned()),
            _ => None,
        }
    }
    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
    fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }
    fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::Array(items) => Some(items.to_vec()),
            _ => None,
        }
    }
    fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
    fn is_string(&self) -> bool {
        matches!(self, Self::Text(_))
    }
    fn eq_json(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Array(own), Self::Array(others)) => {
                own.len() == others.len()
                    && own.iter().zip(others.iter()).all(|(a, b)| a.eq_json(b))
            }
            (Self::Object(own), Self::Object(others)) => {
                own.len() == others.len()
                    && own.iter().all(|(key, value)| {
                        other.get(key).is_some_and(|theirs| value.eq_json(theirs))
                    })
            }
            _ => self == other,
        }
    }
    fn merged(&self, members: Vec<(String, Self)>) -> Self {
        self.merged(members.into_iter().map(|(key, value)| (Cow::Owned(key), value)))
    }
    fn serialize(&self) -> Option<(Self, usize)> {
        Some((self.clone(), 64))
    }
    fn from_serialized(payload: &Self) -> Self {
        payload.clone()
    }
    fn is_bytes(&self) -> bool {
        false
    }
    fn json(&self) -> String {
        format!("{self:?}")
    }
    fn parse(_: &str) -> Option<Self> {
        // No part that is simulated reads JSON texts within values.
        None
    }
    fn text(value: &str) -> Self {
        value.into()
    }
    fn boolean(value: bool) -> Self {
        value.into()
    }
    fn number(value: f64) -> Self {
        Self::Number(value)
    }
    fn null() -> Self {
        Self::Null
    }
    fn array(items: Vec<Self>) -> Self {
        Self::Array(items.into())
    }
    fn object(fields: Vec<(&'static str, Self)>) -> Self {
        Self::Object(fields.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
    }
}

/// An object literal: `object! { "type": "ping" }`.
macro_rules! object {
    ($($key:literal : $value:expr),* $(,)?) => {
        $crate::value::Value::members(vec![
            $((std::borrow::Cow::Borrowed($key), $crate::value::Value::from($value))),*
        ])
    };
}
pub(crate) use object;
