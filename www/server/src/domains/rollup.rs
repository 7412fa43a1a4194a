//! Columns that aggregate the rows of another table.

use serde_json::{Map, Value, json};
use tidewire_server_core::frame::Fields;

use crate::tables::Table;

/// An aggregation of rows into columns.
#[derive(Debug)]
pub(super) struct Rollup {
    /// The prefix of the channels whose rows are aggregated, each channel separately.
    pub(super) source: &'static str,
    /// The table of the sums, in the row whose key is the rest of the source's name.
    pub(super) target: Target,
    pub(super) columns: &'static [(&'static str, Measure)],
}

/// A table that contains sums.
#[derive(Debug)]
pub(super) enum Target {
    /// The table of this channel.
    Channel(&'static str),
    /// The table that has the row, among those whose channels have this prefix.
    Family(&'static str),
}

/// How the rows that meet a condition are aggregated.
#[derive(Debug)]
pub(super) enum Measure {
    Count(Condition),
    Sum(&'static str, Condition),
    Mean(&'static str, Condition),
    /// The share of rows that meet the first condition among those that meet the second, 0 to 1.
    Share(Condition, Condition),
}

/// A condition on a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Condition {
    Always,
    /// The field is not null.
    Has(&'static str),
    /// The field is one of these.
    Is(&'static str, &'static [&'static str]),
    /// The field is none of these.
    IsNot(&'static str, &'static [&'static str]),
}

const RINGING: &[&str] = &["initiated", "ringing", "connected"];
const COMPLETED: Condition = Condition::Is("status", &["completed"]);

/// All aggregations.
pub(super) const ROLLUPS: &[Rollup] = &[
    Rollup {
        source: "interview-notes:",
        target: Target::Family("interviews:"),
        columns: &[("note_count", Measure::Count(Condition::IsNot("is_deleted", &["true"])))],
    },
    Rollup {
        source: "comments:",
        target: Target::Channel("bill-engagement"),
        columns: &[("comment_count", Measure::Count(Condition::IsNot("state", &["removed"])))],
    },
    Rollup {
        source: "calls:",
        target: Target::Channel("campaigns"),
        columns: &[
            ("calls_total", Measure::Count(Condition::Always)),
            ("calls_active", Measure::Count(Condition::Is("status", RINGING))),
            ("calls_completed", Measure::Count(COMPLETED)),
            ("revenue", Measure::Sum("payout", COMPLETED)),
            ("conversion_rate", Measure::Share(COMPLETED, Condition::IsNot("status", RINGING))),
            ("average_duration_seconds", Measure::Mean("duration_seconds", COMPLETED)),
            ("quality_score", Measure::Mean("quality_score", Condition::Has("quality_score"))),
        ],
    },
];

/// The running sums of one channel. They are cached, so that the cost of a change does not depend on
/// the number of rows.
#[derive(Debug)]
pub(super) struct Tally {
    rollup: &'static Rollup,
    sums: Vec<Sum>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// In thousandths: integers accumulate no rounding errors.
    thousandths: i64,
    count: i64,
}

impl Condition {
    fn holds(self, row: &Fields<'_>) -> bool {
        let value = |field| row.get(field).map_or("null", |value| value.get()).trim_matches('"');
        match self {
            Self::Always => true,
            Self::Has(field) => value(field) != "null",
            Self::Is(field, values) => values.contains(&value(field)),
            Self::IsNot(field, values) => !values.contains(&value(field)),
        }
    }
}

impl Measure {
    /// A row's contribution.
    fn of(&self, row: &Fields<'_>) -> Sum {
        let one_if = |condition: &Condition| i64::from(condition.holds(row));
        match self {
            Self::Count(condition) => Sum { thousandths: 0, count: one_if(condition) },
            Self::Sum(field, condition) | Self::Mean(field, condition) => {
                let count = one_if(condition);
                Sum { thousandths: count * thousandths(row, field), count }
            }
            Self::Share(part, whole) => {
                Sum { thousandths: 1_000 * one_if(part), count: one_if(whole) }
            }
        }
    }

    /// The column's value for a sum.
    fn show(&self, sum: Sum) -> Value {
        match self {
            Self::Count(_) => json!(sum.count),
            Self::Sum(..) => json!(sum.thousandths as f64 / 1_000.0),
            Self::Mean(..) | Self::Share(..) if sum.count == 0 => json!(0.0),
            Self::Mean(..) | Self::Share(..) => {
                json!((sum.thousandths as f64 / sum.count as f64).round() / 1_000.0)
            }
        }
    }
}

fn thousandths(row: &Fields<'_>, field: &str) -> i64 {
    let number = row.get(field).and_then(|value| serde_json::from_str::<f64>(value.get()).ok());
    (number.unwrap_or_default() * 1_000.0).round() as i64
}

impl Rollup {
    /// The rollup of a channel, and the key of the row with its sums.
    pub(super) fn of(channel: &str) -> Option<(&'static Self, &str)> {
        ROLLUPS.iter().find_map(|rollup| Some((rollup, channel.strip_prefix(rollup.source)?)))
    }
}

impl Tally {
    pub(super) fn new(rollup: &'static Rollup) -> Self {
        Self { rollup, sums: vec![Sum::default(); rollup.columns.len()] }
    }

    /// The sums of all rows of a table.
    pub(super) fn of(rollup: &'static Rollup, table: &Table) -> Self {
        let mut tally = Self::new(rollup);
        table.rows().for_each(|(_, row)| tally.count(&row.text, 1));
        tally
    }

    /// Adds a row `times` times; -1 subtracts it.
    pub(super) fn count(&mut self, row: &str, times: i64) {
        let Ok(row) = Fields::parse(row) else { return };
        for (sum, (_, measure)) in self.sums.iter_mut().zip(self.rollup.columns) {
            let Sum { thousandths, count } = measure.of(&row);
            sum.thousandths += times * thousandths;
            sum.count += times * count;
        }
    }

    /// The columns with their values.
    pub(super) fn columns(&self) -> Map<String, Value> {
        let columns = self.rollup.columns.iter().zip(&self.sums);
        columns.map(|((name, measure), sum)| ((*name).to_owned(), measure.show(*sum))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rollup_is_updated_by_inserts_and_deletes() {
        let (rollup, key) = Rollup::of("calls:2").expect("calls are summed up");
        assert_eq!(key, "2");
        let mut tally = Tally::new(rollup);
        let done =
            r#"{"status":"completed","payout":12.35,"duration_seconds":30,"quality_score":80}"#;
        let missed =
            r#"{"status":"no_answer","payout":0,"duration_seconds":0,"quality_score":null}"#;
        let ringing = r#"{"status":"ringing","payout":0}"#;
        for row in [done, done, missed, ringing] {
            tally.count(row, 1);
        }
        tally.count(done, -1);
        assert_eq!(
            Value::from(tally.columns()),
            json!({
                "calls_total": 3, "calls_active": 1, "calls_completed": 1, "revenue": 12.35,
                "conversion_rate": 0.5, "average_duration_seconds": 30.0, "quality_score": 80.0,
            })
        );
        for row in [done, missed, ringing] {
            tally.count(row, -1);
        }
        assert_eq!(tally.columns(), Tally::new(rollup).columns());
    }
}
