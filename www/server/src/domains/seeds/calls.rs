//! Campaigns, with calls that have ended.

use serde_json::{Value, json};

use super::seed::{Seed, ago};
use crate::domains::rollup::{Rollup, Tally};

const CAMPAIGNS: &[&str] = &["Home insurance", "Solar roofs", "Removals"];

const BUYERS: &[&str] = &["Buyer A", "Buyer B", "Buyer C"];

/// The calls of every campaign: status, duration in seconds, payout and quality.
const CALLS: &[(&str, u64, f64, Option<u64>)] = &[
    ("completed", 184, 32.0, Some(86)),
    ("completed", 96, 18.5, Some(71)),
    ("no_answer", 0, 0.0, None),
    ("completed", 240, 41.0, Some(92)),
    ("busy", 0, 0.0, None),
    ("rejected", 0, 0.0, None),
    ("completed", 132, 24.0, Some(64)),
    ("failed", 4, 0.0, Some(20)),
];

pub(super) fn rows() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut campaigns = Vec::new();
    for (name, id) in CAMPAIGNS.iter().zip(1_u64..) {
        let channel = format!("calls:{id}");
        let calls: Vec<Value> = CALLS.iter().zip(1..).map(|(_, n)| call(id, n)).collect();
        let mut campaign = json!({ "id": id.to_string(), "name": name, "supplier_id": "1" });
        if let (Some((rollup, _)), Some(row)) = (Rollup::of(&channel), campaign.as_object_mut()) {
            let mut tally = Tally::new(rollup);
            calls.iter().for_each(|call| tally.count(&call.to_string(), 1));
            row.extend(tally.columns());
        }
        campaigns.push(campaign);
        seeds.push((channel, calls));
    }
    seeds.push(("campaigns".to_owned(), campaigns));
    seeds
}

/// A call of a campaign. Each campaign starts at another place of the list.
fn call(campaign: u64, number: usize) -> Value {
    let at = (number + campaign as usize) % CALLS.len();
    let (status, seconds, payout, quality) = CALLS[at];
    // The campaigns differ in payout and quality.
    let payout = payout * (0.75 + campaign as f64 / 4.0);
    let quality = quality.map(|quality| quality - 4 * campaign);
    let minutes = 20 * (9 - number as u64) + campaign;
    let answered = (seconds > 0).then(|| ago(minutes));
    json!({
        "id": format!("call-{campaign}-{number}"),
        "external_id": format!("ext-{campaign}{number:03}"),
        "provider": "demo",
        "tracking_number": format!("+1 555 010{campaign}"),
        "caller_number": format!("+1 555 01{campaign}{number}"),
        "destination_number": format!("+1 555 019{campaign}"),
        "buyer_name": answered.is_some().then(|| BUYERS[number % BUYERS.len()]),
        "status": status,
        "started_at": ago(minutes + 1),
        "answered_at": answered,
        "ended_at": ago(minutes.saturating_sub(seconds / 60)),
        "duration_seconds": seconds,
        "payout": payout,
        "quality_score": quality,
        "created_at": ago(minutes + 1),
    })
}
