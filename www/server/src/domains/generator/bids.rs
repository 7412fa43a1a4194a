//! Simulated bids: they rise until one wins and the next round starts.

use fastrand::Rng;
use serde_json::{Value, json};

use super::act::Act;
use super::domain_view::{DomainView, surplus};
use super::pick::one_of;
use crate::domains::cast::{PEOPLE, is_one};

/// The amount of a round's first bid, and the amount from which on the highest bid wins.
const FIRST: f64 = 20.0;
const ENOUGH: f64 = 100.0;

pub(super) fn act(random: &mut Rng, view: &DomainView<'_>) -> Vec<Act> {
    let campaign = one_of(random, &view.joined("bids:"));
    let channel = format!("bids:{campaign}");
    let rows = view.rows(&channel);
    if let Some(old) = surplus(&rows, |row| row["status"] != "active" && is_one(&row["bidder_id"]))
    {
        return vec![Act::delete(channel, old)];
    }
    let amount = |row: &Value| row["amount"].as_f64().unwrap_or_default();
    let active = rows.iter().filter(|row| row["status"] == "active");
    let best = active.max_by(|one, other| amount(one).total_cmp(&amount(other)));
    let step = f64::from(random.u32(1..=10)) / 2.0;
    match best {
        Some(best) if amount(best) >= ENOUGH => {
            vec![Act::update(channel, &json!({ "id": best["id"], "status": "won" }))]
        }
        best => {
            let leader = best.and_then(|best| best["bidder_id"].as_str());
            let others: Vec<&str> =
                PEOPLE.iter().copied().filter(|person| leader != Some(*person)).collect();
            let amount = best.map_or(FIRST, |best| amount(best) + step);
            let bidder = one_of(random, &others);
            vec![Act::insert(channel, &json!({ "bidder_id": bidder, "amount": amount }))]
        }
    }
}
