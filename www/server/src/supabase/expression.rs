//! Filter expressions: operators on values.

use std::cmp::Ordering;

use serde_json::value::RawValue;

use crate::supabase::list::split;
use crate::tables::ColumnType;
use crate::timestamp::Timestamp;

/// An operator with its operand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Compare(Operator, String),
    In(Vec<String>),
    Like { pattern: String, any_case: bool },
    Is(Option<bool>),
    Distinct(String),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    Null,
    /// The text of a string, or the JSON of another value.
    Text(String),
}

impl Operand {
    /// Converts a row's JSON value; a missing column is null.
    pub(crate) fn of(value: Option<&RawValue>) -> Self {
        match value.map(RawValue::get) {
            None | Some("null") => Self::Null,
            Some(json) => {
                Self::Text(serde_json::from_str(json).unwrap_or_else(|_| json.to_owned()))
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Operator {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "eq" => Self::Eq,
            "neq" => Self::Neq,
            "lt" => Self::Lt,
            "lte" => Self::Lte,
            "gt" => Self::Gt,
            "gte" => Self::Gte,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Neq => "neq",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
        }
    }

    fn accepts(self, ordering: Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Neq => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::Lte => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Gte => ordering.is_ge(),
        }
    }
}

impl Expression {
    /// Parses `op.value`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once('.')?;
        if let Some(operator) = Operator::parse(name) {
            return Some(Self::Compare(operator, unquoted(value)));
        }
        Some(match name {
            "in" => {
                let inner = value.strip_prefix('(')?.strip_suffix(')')?;
                Self::In(split(inner).into_iter().map(unquoted).collect())
            }
            "like" => Self::Like { pattern: unquoted(value), any_case: false },
            "ilike" => Self::Like { pattern: unquoted(value), any_case: true },
            "isdistinct" => Self::Distinct(unquoted(value)),
            "is" => Self::Is(match value {
                "null" => None,
                "true" => Some(true),
                "false" => Some(false),
                _ => return None,
            }),
            _ => return None,
        })
    }

    /// Whether a value meets the expression; `None` if that is unknown, as in SQL.
    pub(crate) fn holds(&self, kind: ColumnType, value: &Operand) -> Option<bool> {
        let text = match (self, value) {
            (Self::Is(None), value) => return Some(*value == Operand::Null),
            (Self::Is(Some(_)), Operand::Null) => return Some(false),
            (Self::Distinct(_), Operand::Null) => return Some(true),
            (_, Operand::Null) => return None,
            (_, Operand::Text(text)) => text,
        };
        Some(match self {
            Self::Compare(operator, other) => operator.accepts(compare(kind, text, other)?),
            Self::In(others) => {
                others.iter().any(|o| compare(kind, text, o).is_some_and(Ordering::is_eq))
            }
            Self::Like { pattern, any_case: false } => matches(pattern, text),
            Self::Like { pattern, any_case: true } => {
                matches(&pattern.to_lowercase(), &text.to_lowercase())
            }
            Self::Is(truth) => {
                truth.is_some_and(|truth| text == if truth { "true" } else { "false" })
            }
            Self::Distinct(other) => compare(kind, text, other)?.is_ne(),
        })
    }

    /// The operator's name and its operand.
    pub(crate) fn describe(&self) -> (&'static str, String) {
        match self {
            Self::Compare(operator, other) => (operator.name(), other.clone()),
            Self::In(others) => ("in", format!("({})", others.join(","))),
            Self::Like { pattern, any_case } => {
                (if *any_case { "ilike" } else { "like" }, pattern.clone())
            }
            Self::Is(None) => ("is", "null".into()),
            Self::Is(Some(truth)) => ("is", truth.to_string()),
            Self::Distinct(other) => ("isdistinct", other.clone()),
        }
    }
}

fn unquoted(text: &str) -> String {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => text.to_owned(),
    }
}

/// Compares two values by the column's type; `None` if one of them is not a value of that type.
pub(crate) fn compare(kind: ColumnType, one: &str, other: &str) -> Option<Ordering> {
    if kind.is_number() {
        // Whole numbers keep all their digits; fractions are compared as such.
        return match (one.parse::<i128>(), other.parse::<i128>()) {
            (Ok(one), Ok(other)) => Some(one.cmp(&other)),
            _ => one.parse::<f64>().ok()?.partial_cmp(&other.parse::<f64>().ok()?),
        };
    }
    match kind {
        ColumnType::Timestamptz => Some(Timestamp::parse(one)?.cmp(&Timestamp::parse(other)?)),
        ColumnType::Bool => {
            let truth = |text: &str| match text {
                "true" | "t" => Some(true),
                "false" | "f" => Some(false),
                _ => None,
            };
            Some(truth(one)?.cmp(&truth(other)?))
        }
        _ => Some(one.cmp(other)),
    }
}

/// SQL's LIKE: `%` matches any characters, `_` exactly one.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // The position of the last `%`, and the end of the text that it matches.
    let (mut p, mut t, mut retry) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('%') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '_' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((percent, end)) => {
                    retry = Some((percent, end + 1));
                    (p, t) = (percent + 1, end + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(kind: ColumnType, value: &str, expression: &str) -> Option<bool> {
        let value = if value == "NULL" { Operand::Null } else { Operand::text(value) };
        Expression::parse(expression).expect("an expression").holds(kind, &value)
    }

    #[test]
    fn operator_compares_by_column_type() {
        use ColumnType::{Bool, Int8, Numeric, Text, Timestamptz};
        for (kind, value, expression, expected) in [
            (Int8, "9007199254740993", "gt.9007199254740992", Some(true)),
            (Numeric, "1.50", "eq.1.5", Some(true)),
            (Int8, "10", "lt.9", Some(false)),
            (Text, "10", "lt.9", Some(true)),
            (Text, "b", "gte.b", Some(true)),
            (Text, "b", "neq.b", Some(false)),
            (Text, "b", "lte.a", Some(false)),
            (Int8, "2", "in.(1,2)", Some(true)),
            (Text, "a,b", r#"in.("a,b",c)"#, Some(true)),
            (Bool, "true", "eq.t", Some(true)),
            (Bool, "true", "is.true", Some(true)),
            (Bool, "false", "is.true", Some(false)),
            (Timestamptz, "2026-01-01T00:00:00+00:00", "lt.2026-01-01T00:00:00-01:00", Some(true)),
            (Text, "NULL", "is.null", Some(true)),
            (Text, "x", "is.null", Some(false)),
            (Text, "NULL", "eq.x", None),
            (Text, "NULL", "isdistinct.x", Some(true)),
            (Text, "Hello", "like.He%o", Some(true)),
            (Text, "Hello", "like.he%", Some(false)),
            (Text, "Hello", "ilike.h_l%", Some(true)),
            (Text, "Hello", "ilike.h_l", Some(false)),
            (Int8, "7", "eq.x", None),
        ] {
            assert_eq!(holds(kind, value, expression), expected, "{value} {expression}");
        }
    }

    #[test]
    fn unknown_operator_is_rejected() {
        for text in ["", "eq", "almost.1", "in.1", "is.7"] {
            assert_eq!(Expression::parse(text), None, "{text}");
        }
    }
}
