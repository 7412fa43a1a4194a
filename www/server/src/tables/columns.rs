//! Typed columns: conversion and validation of the values of a table that declares columns.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tidewire_server_core::Rejection;
use tidewire_server_core::frame::{Fields, Object, quote};

use crate::tables::row::{KEY, VERSION};
use crate::tables::stamp::{Fill, Origin, Stamp};
use crate::timestamp::Timestamp;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnConfig {
    /// Its name.
    pub name: String,
    /// Its type, by its name in Postgres.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// The default in new rows; `"now()"` is the current time. Default null.
    #[serde(default)]
    pub default: Option<Value>,
    /// The value that the server writes itself. Default none.
    #[serde(default)]
    pub stamp: Option<Stamp>,
}

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// 64 bits.
    Int8,
    /// 32 bits.
    Int4,
    /// Any number, with all its digits.
    Numeric,
    /// A binary fraction.
    Float8,
    /// Text.
    Text,
    /// A UUID, stored as text.
    Uuid,
    /// True or false.
    Bool,
    /// Any JSON.
    Jsonb,
    /// A timestamp with a time zone.
    Timestamptz,
    /// `text[]`.
    #[serde(rename = "_text", alias = "text[]")]
    TextArray,
    /// `int4[]`.
    #[serde(rename = "_int4", alias = "int4[]")]
    Int4Array,
    /// `int8[]`.
    #[serde(rename = "_int8", alias = "int8[]")]
    Int8Array,
}

impl ColumnType {
    /// The type's name in Postgres.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::Int4 => "int4",
            Self::Numeric => "numeric",
            Self::Float8 => "float8",
            Self::Text => "text",
            Self::Uuid => "uuid",
            Self::Bool => "bool",
            Self::Jsonb => "jsonb",
            Self::Timestamptz => "timestamptz",
            Self::TextArray => "_text",
            Self::Int4Array => "_int4",
            Self::Int8Array => "_int8",
        }
    }

    /// The type a value would have in a table that declares none.
    pub(crate) fn infer(value: &RawValue) -> Self {
        let text = value.get();
        match text.as_bytes().first() {
            Some(b't' | b'f') => Self::Bool,
            Some(b'-' | b'0'..=b'9') if text.parse::<i64>().is_ok() => Self::Int8,
            Some(b'-' | b'0'..=b'9') => Self::Numeric,
            Some(b'[') if serde_json::from_str::<Vec<String>>(text).is_ok() => Self::TextArray,
            Some(b'[' | b'{') => Self::Jsonb,
            _ => Self::Text,
        }
    }

    /// Whether values are compared as numbers.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Int8 | Self::Int4 | Self::Numeric | Self::Float8)
    }

    /// Converts a value to this type, as JSON.
    pub(crate) fn coerce(self, value: &RawValue) -> Result<String, Rejection> {
        let json = value.get();
        if json == "null" || self == Self::Jsonb {
            return Ok(json.to_owned());
        }
        // A number or a list may also be sent as a string, with which clients keep all digits.
        let text = serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned());
        let wrong = || {
            let name = self.name();
            Rejection::invalid(format!("invalid input syntax for type {name}: \"{text}\""))
        };
        match self {
            Self::Text | Self::Uuid | Self::Jsonb => Ok(quote(&text)),
            Self::Int8 => text.parse::<i64>().map(|n| n.to_string()).map_err(|_| wrong()),
            Self::Int4 => text.parse::<i32>().map(|n| n.to_string()).map_err(|_| wrong()),
            Self::Numeric | Self::Float8 => {
                let is_number = serde_json::from_str::<serde_json::Number>(&text).is_ok();
                if is_number { Ok(text) } else { Err(wrong()) }
            }
            Self::Bool => match text.as_str() {
                "true" | "t" => Ok("true".into()),
                "false" | "f" => Ok("false".into()),
                _ => Err(wrong()),
            },
            Self::Timestamptz => {
                Timestamp::parse(&text).map(|at| quote(&at.iso())).ok_or_else(wrong)
            }
            Self::TextArray => elements(&text, Self::Text).ok_or_else(wrong),
            Self::Int4Array => elements(&text, Self::Int4).ok_or_else(wrong),
            Self::Int8Array => elements(&text, Self::Int8).ok_or_else(wrong),
        }
    }
}

/// Converts a JSON list, or Postgres' form of one, to a list with elements of this type.
fn elements(text: &str, kind: ColumnType) -> Option<String> {
    let values: Vec<String> = match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
        Some("") => Vec::new(),
        Some(inner) => inner.split(',').map(|part| quote(part.trim().trim_matches('"'))).collect(),
        None => {
            let values: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            values.into_iter().map(|value| value.get().to_owned()).collect()
        }
    };
    let values: Option<Vec<String>> = values
        .into_iter()
        .map(|value| kind.coerce(&RawValue::from_string(value).ok()?).ok())
        .collect();
    Some(format!("[{}]", values?.join(",")))
}

/// Converts fields to the types of these columns, as a JSON object. Unknown names are rejected.
pub(super) fn typed(
    columns: &[ColumnConfig],
    fields: &Fields<'_>,
    fill: Fill,
    origin: &Origin<'_>,
) -> Result<String, Rejection> {
    let known = |name: &str| columns.iter().any(|column| column.name == name);
    if let Some((name, _)) =
        fields.iter().find(|(name, _)| !known(name) && !matches!(*name, KEY | VERSION))
    {
        return Err(Rejection::invalid(format!("there is no column {name}")));
    }
    let mut object =
        Object::new().raw_if(KEY, fields.get(KEY)).raw_if(VERSION, fields.get(VERSION));
    for column in columns.iter().filter(|column| column.name != KEY) {
        let given = fields.get(&column.name);
        let value = match column.stamp {
            Some(stamp) => stamp.value(column.default.as_ref(), given, fill, origin),
            None => given.map(|value| value.get().to_owned()),
        };
        let value = match (value, fill) {
            (Some(value), _) => column.coerce(value)?,
            (None, Fill::Defaults) => column.fallback()?,
            (None, Fill::Nothing) => continue,
        };
        object = object.raw(&column.name, &value);
    }
    Ok(object.end())
}

impl ColumnConfig {
    fn fallback(&self) -> Result<String, Rejection> {
        self.coerce(self.default.as_ref().map_or_else(|| "null".to_owned(), Value::to_string))
    }

    fn coerce(&self, json: String) -> Result<String, Rejection> {
        let value =
            RawValue::from_string(json).map_err(|_| Rejection::internal("a value is not JSON"))?;
        self.kind.coerce(&value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coerced(kind: ColumnType, json: &str) -> Result<String, &'static str> {
        kind.coerce(&RawValue::from_string(json.into()).expect("JSON")).map_err(|r| r.code)
    }

    #[test]
    fn values_are_converted_as_postgres_shows_them() {
        for (kind, given, converted) in [
            (ColumnType::Int8, r#""9007199254740993""#, "9007199254740993"),
            (ColumnType::Numeric, r#""1.50""#, "1.50"),
            (ColumnType::Numeric, "1.50", "1.50"),
            (ColumnType::Text, "7", r#""7""#),
            (ColumnType::Bool, r#""t""#, "true"),
            (ColumnType::Jsonb, r#"{"a":1.0}"#, r#"{"a":1.0}"#),
            (ColumnType::Timestamptz, r#""2026-11-21 01:00+01""#, r#""2026-11-21T00:00:00+00:00""#),
            (ColumnType::TextArray, r#"["a","b"]"#, r#"["a","b"]"#),
            (ColumnType::Int4Array, r#""{1,2}""#, "[1,2]"),
            (ColumnType::Int8, "null", "null"),
        ] {
            assert_eq!(coerced(kind, given).as_deref(), Ok(converted), "{given}");
        }
    }

    #[test]
    fn invalid_column_value_is_rejected() {
        for (kind, given) in [
            (ColumnType::Int8, "1.5"),
            (ColumnType::Int4, "3000000000"),
            (ColumnType::Numeric, r#""x""#),
            (ColumnType::Bool, "1"),
            (ColumnType::Timestamptz, r#""soon""#),
            (ColumnType::Int4Array, r#"["a"]"#),
        ] {
            assert_eq!(coerced(kind, given), Err("invalid"), "{given}");
        }
    }

    #[test]
    fn table_without_columns_infers_types_from_values() {
        for (json, kind) in [
            ("7", ColumnType::Int8),
            ("1.5", ColumnType::Numeric),
            ("true", ColumnType::Bool),
            (r#""x""#, ColumnType::Text),
            (r#"["x"]"#, ColumnType::TextArray),
            ("[1]", ColumnType::Jsonb),
            ("{}", ColumnType::Jsonb),
        ] {
            let value = RawValue::from_string(json.into()).expect("JSON");
            assert_eq!(ColumnType::infer(&value), kind, "{json}");
        }
    }
}
