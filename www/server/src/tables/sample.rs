//! Generated rows and changes that are valid for a table.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::tables::columns::{ColumnConfig, ColumnType};
use crate::tables::rule::Rule;
use crate::tables::table::Table;

/// Numbers without a bound stay below this.
const MANY: f64 = 1_000.0;

/// Generates the `number`th row.
pub(crate) fn row(table: &Table, random: &mut Rng, number: u64) -> Map<String, Value> {
    let columns = table.columns();
    if columns.is_empty() {
        let members = [("number", json!(number)), ("value", json!(random.u32(..1_000)))];
        return members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    }
    let open = columns.iter().filter(|column| column.stamp.is_none());
    let members = open.filter_map(|column| {
        let value = value(column, rule(table, column), random, number)?;
        Some((column.name.clone(), value))
    });
    members.collect()
}

/// Generates a new value for one field of a row, preferably a number, a boolean or a choice.
pub(crate) fn change(table: &Table, random: &mut Rng, number: u64) -> Map<String, Value> {
    let columns = table.columns();
    if columns.is_empty() {
        return Map::from_iter([("value".to_owned(), json!(random.u32(..1_000)))]);
    }
    let open: Vec<_> = columns.iter().filter(|column| column.stamp.is_none()).collect();
    let is_preferred = |column: &&ColumnConfig| {
        let has_choices = rule(table, column).is_some_and(|rule| !rule.one_of.is_empty());
        has_choices || column.kind.is_number() || column.kind == ColumnType::Bool
    };
    let preferred: Vec<_> = open.iter().copied().filter(is_preferred).collect();
    let column = random.choice(if preferred.is_empty() { open } else { preferred });
    let member = column.and_then(|column| {
        Some((column.name.clone(), value(column, rule(table, column), random, number)?))
    });
    member.into_iter().collect()
}

fn rule<'a>(table: &'a Table, column: &ColumnConfig) -> Option<&'a Rule> {
    table.rules().iter().find(|rule| rule.field == column.name)
}

/// Generates a column's value; `None` for the default.
fn value(
    column: &ColumnConfig,
    rule: Option<&Rule>,
    random: &mut Rng,
    number: u64,
) -> Option<Value> {
    if let Some(rule) = rule.filter(|rule| !rule.one_of.is_empty()) {
        return random.choice(&rule.one_of).map(|choice| json!(choice));
    }
    match column.kind {
        ColumnType::Text => {
            let most = rule.and_then(|rule| rule.max_length).unwrap_or(64);
            let text = format!("{} {number}", column.name);
            Some(text.chars().take(most).collect::<String>().into())
        }
        ColumnType::Bool => Some(random.bool().into()),
        kind if kind.is_number() => {
            let least = rule.and_then(|rule| rule.min.or(rule.above)).unwrap_or_default();
            let most = rule.and_then(|rule| rule.max).unwrap_or(MANY).min(least + MANY);
            let drawn = least + (most - least) * random.f64();
            let whole = matches!(kind, ColumnType::Int4 | ColumnType::Int8);
            Some(if whole {
                json!(drawn.round() as i64)
            } else {
                json!((drawn * 100.0).ceil() / 100.0)
            })
        }
        _ => None,
    }
}
