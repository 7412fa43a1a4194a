//! Keys of rows, as text.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;
use core::cmp::Ordering;

use super::Key;
use crate::core::error::Cause;
use crate::core::payload::Payload;
use crate::core::text::concat;

/// What a temporary key begins with (native protocol, "Collections on the wire").
pub const TEMPORARY: &str = "tmp:";

/// The key of a row until its insert is stored.
pub(super) fn temporary(mutation: &str) -> Rc<str> {
    (TEMPORARY.to_owned() + mutation).into()
}

pub(super) fn is_temporary(key: &str) -> bool {
    key.starts_with(TEMPORARY)
}

/// The order of keys, the same for every client: whole numbers by their value, however many digits
/// they have, then other texts by their code points, then temporary keys.
pub(super) fn order(a: &str, b: &str) -> Ordering {
    let (rank, other) = (rank(a), rank(b));
    rank.cmp(&other).then_with(|| if rank.0 == NEGATIVE { b.cmp(a) } else { a.cmp(b) })
}

const NEGATIVE: u8 = 0;

/// The kind of a key, and its magnitude.
fn rank(key: &str) -> (u8, usize) {
    if is_temporary(key) {
        return (3, 0);
    }
    let digits = key.strip_prefix('-').unwrap_or(key);
    let is_whole = digits.bytes().all(|digit| digit.is_ascii_digit())
        && (key == "0" || !matches!(digits.as_bytes().first(), None | Some(b'0')));
    match (is_whole, digits.len()) {
        (false, _) => (2, 0),
        (true, length) if length < key.len() => (NEGATIVE, usize::MAX - length),
        (true, length) => (1, length),
    }
}

/// A key as a row bears it: a text that is not empty, or a safe integer, which is the same key as
/// its decimal text.
pub(super) fn key_of<P: Payload>(value: &P) -> Option<Rc<str>> {
    let text = value.as_text().filter(|text| !text.is_empty());
    Some(text.or_else(|| decimal(value.as_number()?))?.into())
}

/// What kind of value is no key.
pub(super) fn kind_of<P: Payload>(value: Option<&P>) -> &'static str {
    match value {
        Some(value) if value.is_string() => "an empty string",
        Some(value) if value.as_number().is_some() => "a number that is no safe integer",
        Some(value) if value.as_bool().is_some() => "a boolean",
        Some(value) if value.is_object() => "an object",
        Some(value) if value.items().is_some() => "an array",
        Some(value) if value.eq_json(&P::null()) => "null",
        _ => "missing",
    }
}

impl Key {
    /// The key of a row, where it can be read.
    pub(super) fn read<P: Payload>(&self, row: &P) -> Option<Rc<str>> {
        match self {
            Self::Field(field) => key_of(&row.member(field)?),
            Self::Function => None,
        }
    }

    /// Why a row has no key that can be read; `None` where the app determines keys.
    pub(super) fn fault_in<P: Payload>(&self, row: Option<&P>) -> Option<String> {
        match self {
            Self::Field(field) => Some(self.fault(row.and_then(|row| row.member(field)).as_ref())),
            Self::Function => None,
        }
    }

    /// Why a value is no key of a row.
    pub(super) fn fault<P: Payload>(&self, value: Option<&P>) -> String {
        let name = match self {
            Self::Field(field) => field,
            Self::Function => "key()",
        };
        concat(&["the key '", name, "' is ", kind_of(value)])
    }
}

/// What is wrong with a row of a load, by its index from 0.
#[expect(clippy::cast_precision_loss, reason = "no array is that long")]
pub(super) fn row_fault(index: usize, fault: &str) -> Cause {
    let index = decimal(index as f64).unwrap_or_default();
    Cause { code: None, message: concat(&["row ", &index, ": ", fault]) }
}

#[expect(clippy::cast_possible_truncation, reason = "whole numbers are exact in this range")]
#[expect(clippy::cast_precision_loss, reason = "the same")]
fn decimal(number: f64) -> Option<String> {
    const MAX: f64 = 9_007_199_254_740_991.0;
    if !(-MAX..=MAX).contains(&number) || (number as i64) as f64 != number {
        return None;
    }
    let mut text = String::new();
    let mut rest = (number as i64).unsigned_abs();
    loop {
        text.insert(0, char::from_digit((rest % 10) as u32, 10)?);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0.0 {
        text.insert(0, '-');
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{key_of, order};

    #[test]
    fn keys_are_ordered_as_numbers_then_as_texts_then_as_they_came() {
        let sorted = [
            "-100",
            "-20",
            "-9",
            "0",
            "9",
            "10",
            "9007199254740993",
            "12345678901234567890",
            "",
            "-",
            "-0",
            "007",
            "1.5",
            "10a",
            "A",
            "a",
            "b",
            "é",
            "\u{ffff}",
            "\u{1f600}",
            "tmp:a",
        ];
        for (at, a) in sorted.iter().enumerate() {
            for (other, b) in sorted.iter().enumerate() {
                assert_eq!(order(a, b), at.cmp(&other), "{a} and {b}");
            }
        }
    }

    #[test]
    fn texts_and_whole_numbers_are_keys_and_nothing_else() {
        assert_eq!(key_of(&json!(1)), key_of(&json!("1")));
        let key = |value| key_of(&value).map(|key| key.to_string());
        assert_eq!(key(json!("a")).as_deref(), Some("a"));
        assert_eq!(key(json!(0)).as_deref(), Some("0"));
        assert_eq!(key(json!(-120)).as_deref(), Some("-120"));
        assert_eq!(key(json!(9_007_199_254_740_991_u64)).as_deref(), Some("9007199254740991"));
        let beyond = json!(9_007_199_254_740_992_u64);
        for none in [
            json!(1.5),
            beyond,
            json!(1e300),
            json!(true),
            json!(null),
            json!({}),
            json!([1]),
            json!(""),
        ] {
            assert_eq!(key(none), None);
        }
    }
}
