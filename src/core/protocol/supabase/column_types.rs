//! The conversion of column values to JavaScript values (realtime-js, `src/lib/transformers.ts`).
//! Only strings are converted; numbers and objects of the server stay unchanged.

use alloc::string::String;
use alloc::vec::Vec;

use crate::core::payload::Payload;
use crate::core::text::concat;

/// How strings in columns of numeric types are converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// To numbers.
    Parsed,
    /// Not at all, so that no digit is lost.
    Exact,
}

/// Converts the strings of a row by the types of their columns. Columns that are not listed stay
/// unchanged.
pub(super) fn convert<P: Payload>(columns: &[P], row: &P, numbers: Numbers) -> P {
    let texts = columns.iter().filter_map(|column| {
        let name = column.field("name")?.as_text()?;
        let kind = column.field("type")?.as_text()?;
        let text = row.member(&name)?.as_text()?;
        Some((name, value(&kind, &text, numbers)?))
    });
    let texts: Vec<_> = texts.collect();
    if texts.is_empty() { row.clone() } else { row.merged(texts) }
}

/// The value of a string by the type of its column; `None` if it is not converted.
fn value<P: Payload>(kind: &str, text: &str, numbers: Numbers) -> Option<P> {
    if let Some(kind) = kind.strip_prefix('_') {
        return array(kind, text, numbers);
    }
    match kind {
        "bool" => match text {
            "t" => Some(P::boolean(true)),
            "f" => Some(P::boolean(false)),
            _ => None,
        },
        "int2" | "int4" | "int8" | "float4" | "float8" | "numeric" | "oid"
            if numbers == Numbers::Parsed && may_be_number(text) =>
        {
            P::parse(text).filter(|number: &P| number.as_number().is_some())
        }
        "json" | "jsonb" => P::parse(text),
        "timestamp" => {
            let (date, time) = text.split_once(' ')?;
            Some(P::text(&concat(&[date, "T", time])))
        }
        _ => None,
    }
}

/// Whether a text has only characters of JSON numbers. It avoids the costly attempt to parse
/// `NULL`, `NaN` and `Infinity`, which are frequent.
fn may_be_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || b"-+.eE".contains(&byte))
}

/// The array of a text such as `{1,2}`, a list of values of one type.
fn array<P: Payload>(kind: &str, text: &str, numbers: Numbers) -> Option<P> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut list = String::from("[");
    list.push_str(inner);
    list.push(']');
    let parsed = P::parse(&list).and_then(|list: P| list.items());
    let items = parsed.unwrap_or_else(|| {
        let parts = inner.split(',').filter(|_| !inner.is_empty());
        parts.map(|part| P::text(part)).collect()
    });
    let converted = items.into_iter().map(|item| {
        let text = item.as_text();
        text.and_then(|text| value(kind, &text, numbers)).unwrap_or(item)
    });
    Some(P::array(converted.collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Numbers, convert};

    fn converted(kind: &str, value: &Value) -> Value {
        convert(
            &[json!({"name": "c", "type": kind})],
            &json!({"c": value, "d": "1"}),
            Numbers::Parsed,
        )["c"]
            .clone()
    }

    #[test]
    fn strings_are_converted_by_their_column_type() {
        for (kind, text, expected) in [
            ("bool", "t", json!(true)),
            ("bool", "f", json!(false)),
            ("bool", "maybe", json!("maybe")),
            ("int8", "42", json!(42)),
            ("numeric", "1.5", json!(1.5)),
            ("float8", "NaN", json!("NaN")),
            ("int4", "many", json!("many")),
            ("jsonb", "{\"a\":[1]}", json!({"a": [1]})),
            ("json", "{a", json!("{a")),
            ("timestamp", "2026-03-02 10:15:30", json!("2026-03-02T10:15:30")),
            ("timestamptz", "2026-03-02 10:15:30+00", json!("2026-03-02 10:15:30+00")),
            ("_int4", "{1,2,3}", json!([1, 2, 3])),
            ("_int4", "{1,NULL,-2}", json!([1, "NULL", -2])),
            ("_float8", "{1e3,NaN,Infinity}", json!([1000.0, "NaN", "Infinity"])),
            ("_text", "{a,b}", json!(["a", "b"])),
            ("_text", "{\"a,b\",\"c\"}", json!(["a,b", "c"])),
            ("_bool", "{t,f}", json!([true, false])),
            ("_int4", "{}", json!([])),
            ("uuid", "t", json!("t")),
        ] {
            assert_eq!(converted(kind, &json!(text)), expected, "{kind} {text}");
        }
    }

    #[test]
    fn exact_numbers_stay_strings() {
        let columns = [json!({"name": "n", "type": "int8"}), json!({"name": "b", "type": "bool"})];
        let row = json!({"n": "9007199254740993", "b": "t"});
        let exact = json!({"n": "9007199254740993", "b": true});
        assert_eq!(convert(&columns, &row, Numbers::Exact), exact);
    }

    #[test]
    fn non_string_columns_are_not_converted() {
        for value in [json!(1.5), json!(null), json!({"a": 1}), json!(["t"])] {
            assert_eq!(converted("int8", &value), value);
        }
    }
}
