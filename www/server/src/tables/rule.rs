//! Constraints on the rows of a table.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tidewire_server_core::Rejection;
use tidewire_server_core::frame::Fields;

use crate::tables::row::{Key, Row};
use crate::tables::stamp::Fill;

/// Constraints on one field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The field's name. Unless it is required, the field may be missing, and bounds apply only to
    /// values of their type.
    pub field: String,
    /// Whether every row must have a value that is not null. Default false.
    #[serde(default)]
    pub required: bool,
    /// The minimum length of a string, in characters. Default no bound.
    pub min_length: Option<usize>,
    /// The maximum length of a string, in characters. Default no bound.
    pub max_length: Option<usize>,
    /// A text that a string may not contain, case-insensitively. Default none.
    pub forbid: Option<String>,
    /// The allowed strings. Default any.
    #[serde(default)]
    pub one_of: Vec<String>,
    /// The inclusive minimum of a number. Default no bound.
    pub min: Option<f64>,
    /// The exclusive minimum of a number. Default no bound.
    pub above: Option<f64>,
    /// The inclusive maximum of a number. Default no bound.
    pub max: Option<f64>,
    /// Values that select a group of rows, such as `{"status":"active"}`. A row of the group must
    /// have a higher number than all others of the group. Default no group.
    pub higher_than_all: Option<BTreeMap<String, Value>>,
}

impl Rule {
    /// Rejects fields that violate the rule, apart from `higher_than_all`.
    pub(super) fn check(&self, fields: &Fields<'_>, fill: Fill) -> Result<(), Rejection> {
        let field = &self.field;
        let given = fields.get(field);
        let is_empty = given.map_or(fill == Fill::Defaults, |value| value.get() == "null");
        if self.required && is_empty {
            return Err(Rejection::invalid(format!("`{field}` is missing")));
        }
        if let Ok(Some(text)) = fields.text(field) {
            self.check_text(&text)?;
        }
        given.and_then(number).map_or(Ok(()), |number| self.check_number(number))
    }

    fn check_text(&self, text: &str) -> Result<(), Rejection> {
        let field = &self.field;
        let length = text.chars().count();
        if let Some(least) = self.min_length.filter(|least| length < *least) {
            return Err(Rejection::invalid(format!("`{field}` has at least {least} characters")));
        }
        if let Some(most) = self.max_length.filter(|most| length > *most) {
            return Err(Rejection::invalid(format!("`{field}` has at most {most} characters")));
        }
        if !self.one_of.is_empty() && !self.one_of.iter().any(|choice| choice == text) {
            return Err(Rejection::invalid(format!("`{field}` is {}", self.one_of.join(", "))));
        }
        match &self.forbid {
            Some(term) if text.to_lowercase().contains(&term.to_lowercase()) => {
                Err(Rejection::invalid(format!("`{field}` may not contain \"{term}\"")))
            }
            _ => Ok(()),
        }
    }

    fn check_number(&self, number: f64) -> Result<(), Rejection> {
        let field = &self.field;
        if let Some(least) = self.min.filter(|least| number < *least) {
            return Err(Rejection::invalid(format!("`{field}` is at least {least}")));
        }
        if let Some(bound) = self.above.filter(|bound| number <= *bound) {
            return Err(Rejection::invalid(format!("`{field}` is more than {bound}")));
        }
        match self.max {
            Some(most) if number > most => {
                Err(Rejection::invalid(format!("`{field}` is at most {most}")))
            }
            _ => Ok(()),
        }
    }

    /// Rejects a row that violates `higher_than_all`. A row that was in the group with the same number
    /// before is accepted.
    pub(super) fn check_rank(
        &self,
        key: &Key,
        row: &Row,
        rows: &BTreeMap<Key, Row>,
    ) -> Result<(), Rejection> {
        let Some(group) = &self.higher_than_all else {
            return Ok(());
        };
        let value_of = |row: &Row| {
            let fields = Fields::parse(&row.text).ok().filter(|fields| is_among(group, fields))?;
            fields.get(&self.field).and_then(number)
        };
        let Some(value) = value_of(row) else {
            return Ok(());
        };
        if rows.get(key).and_then(value_of) == Some(value) {
            return Ok(());
        }
        let others = rows.iter().filter(|(other, _)| *other != key);
        match others.filter_map(|(_, row)| value_of(row)).max_by(f64::total_cmp) {
            Some(highest) if value <= highest => {
                let field = &self.field;
                Err(Rejection::conflict(format!("`{field}` must be more than {highest}")))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a row has all these values.
fn is_among(group: &BTreeMap<String, Value>, fields: &Fields<'_>) -> bool {
    group.iter().all(|(name, wanted)| {
        let value = fields.get(name).and_then(|value| serde_json::from_str(value.get()).ok());
        value.unwrap_or(Value::Null) == *wanted
    })
}

fn number(value: &RawValue) -> Option<f64> {
    serde_json::from_str(value.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(rule: Value, row: &str, fill: Fill) -> Result<(), &'static str> {
        let rule: Rule = serde_json::from_value(rule).expect("a rule");
        let fields = Fields::parse(row).expect("an object");
        rule.check(&fields, fill).map_err(|rejection| rejection.code)
    }

    #[test]
    fn rule_bound_applies_to_its_value_type_only() {
        for (rule, valid, bad) in [
            (json!({ "field": "f", "minLength": 2 }), r#"{"f":"ab"}"#, r#"{"f":"a"}"#),
            (json!({ "field": "f", "maxLength": 2 }), r#"{"f":"éé"}"#, r#"{"f":"abc"}"#),
            (json!({ "field": "f", "forbid": "x" }), r#"{"f":"abc"}"#, r#"{"f":"aXc"}"#),
            (json!({ "field": "f", "oneOf": ["a", "b"] }), r#"{"f":"b"}"#, r#"{"f":"c"}"#),
            (json!({ "field": "f", "min": 1 }), r#"{"f":1}"#, r#"{"f":0.9}"#),
            (json!({ "field": "f", "above": 0 }), r#"{"f":0.1}"#, r#"{"f":0}"#),
            (json!({ "field": "f", "max": 9 }), r#"{"f":9.0}"#, r#"{"f":10}"#),
        ] {
            assert_eq!(checked(rule.clone(), valid, Fill::Defaults), Ok(()), "{rule} {valid}");
            assert_eq!(checked(rule.clone(), bad, Fill::Defaults), Err("invalid"), "{rule} {bad}");
            assert_eq!(checked(rule.clone(), r#"{"f":[]}"#, Fill::Nothing), Ok(()), "{rule}");
            assert_eq!(checked(rule, "{}", Fill::Defaults), Ok(()), "nothing is required");
        }
    }

    #[test]
    fn required_field_must_exist_and_cannot_be_removed() {
        let rule = json!({ "field": "f", "required": true });
        for (row, fill, expected) in [
            (r#"{"f":0}"#, Fill::Defaults, Ok(())),
            ("{}", Fill::Defaults, Err("invalid")),
            ("{}", Fill::Nothing, Ok(())),
            (r#"{"f":null}"#, Fill::Nothing, Err("invalid")),
        ] {
            assert_eq!(checked(rule.clone(), row, fill), expected, "{row}");
        }
    }

    #[test]
    fn row_must_exceed_its_group_when_inserted_or_added_to_it() {
        let rule = json!({ "field": "n", "higherThanAll": { "on": true } });
        let rule: Rule = serde_json::from_value(rule).expect("a rule");
        let row = |text: &str| Row { version: 1, text: text.into() };
        let key = |n: usize| Key::Number(n as i64);
        let others = [r#"{"on":true,"n":5}"#, r#"{"on":false,"n":9}"#, r#"{"n":9}"#];
        let check = |text: &str, former: Option<&str>| {
            let others = others.iter().copied().chain(former).enumerate();
            let rows = others.map(|(at, text)| (key(at), row(text))).collect();
            let checked = rule.check_rank(&key(3), &row(text), &rows);
            checked.map_err(|rejection| rejection.code)
        };
        assert_eq!(check(r#"{"on":true,"n":5.01}"#, None), Ok(()));
        assert_eq!(check(r#"{"on":true,"n":5}"#, None), Err("conflict"));
        assert_eq!(check(r#"{"on":false,"n":1}"#, None), Ok(()));
        assert_eq!(check(r#"{"on":true,"n":1,"x":2}"#, Some(r#"{"on":true,"n":1}"#)), Ok(()));
        assert_eq!(check(r#"{"on":true,"n":1}"#, Some(r#"{"on":false,"n":1}"#)), Err("conflict"));
    }
}
