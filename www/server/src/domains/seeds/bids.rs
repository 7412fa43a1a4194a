//! Bids for the first campaign.

use serde_json::json;

use super::seed::{Seed, ago};
use crate::domains::cast::PEOPLE;

const AMOUNTS: &[f64] = &[20.0, 22.5, 25.0];

pub(super) fn rows() -> Vec<Seed> {
    let bids = AMOUNTS.iter().zip(PEOPLE).zip(1_u64..).map(|((amount, bidder), number)| {
        let is_last = number == AMOUNTS.len() as u64;
        json!({
            "id": format!("bid-{number}"),
            "bidder_id": bidder,
            "amount": amount,
            "status": if is_last { "active" } else { "outbid" },
            "created_at": ago(40 - 10 * number),
        })
    });
    vec![("bids:1".to_owned(), bids.collect())]
}
