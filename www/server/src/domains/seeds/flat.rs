//! The same rows in flat tables for clients of Supabase: one table of each kind, with a column for
//! the scope.

use serde_json::{Value, json};

use super::all::all;
use super::seed::Seed;

/// The prefixes of channels, their tables, and the column for the rest of a channel's name.
const FAMILIES: &[(&str, &str, &str)] = &[
    ("interviews:", "interviews", "project_id"),
    ("interview-notes:", "interview_notes", "interview_id"),
    ("interview-replies:", "interview_note_replies", "interview_id"),
    ("calls:", "calls", "campaign_id"),
    ("comments:", "comments", "post_id"),
];

/// The company and the supplier of all rows.
const COMPANY: &str = "1";
const SUPPLIER: &str = "1";

/// The rows, by table.
pub(in crate::domains) fn flat() -> Vec<Seed> {
    let seeds = all();
    let family = |(prefix, table, column): &(&str, &str, &str)| {
        let rows = seeds.iter().filter_map(|(channel, rows)| {
            let scope = channel.strip_prefix(prefix)?;
            Some(rows.iter().map(move |row| belonging(row, column, scope)))
        });
        ((*table).to_owned(), rows.flatten().collect())
    };
    let mut tables: Vec<Seed> = FAMILIES.iter().map(family).collect();
    let rows = |channel: &str| seeds.iter().find(|(name, _)| name == channel).map(|(_, rows)| rows);
    let views = rows("bill-engagement")
        .into_iter()
        .flatten()
        .map(|row| json!({ "id": row["id"], "post_id": row["id"], "count": row["view_count"] }));
    tables.push(("views".to_owned(), views.collect()));
    let campaigns = rows("campaigns").into_iter().flatten();
    let stats = campaigns.take(1).map(|row| {
        json!({
            "id": SUPPLIER,
            "supplier_id": SUPPLIER,
            "total_calls": row["calls_total"],
            "revenue": row["revenue"],
            "conversion_rate": row["conversion_rate"],
            "quality_score": row["quality_score"],
        })
    });
    tables.push(("supplier_stats".to_owned(), stats.collect()));
    tables
}

fn belonging(row: &Value, column: &str, scope: &str) -> Value {
    let mut row = row.clone();
    row[column] = scope.into();
    row["company_id"] = COMPANY.into();
    if column == "campaign_id" {
        row["supplier_id"] = SUPPLIER.into();
    }
    row
}
