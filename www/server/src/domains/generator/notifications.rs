//! Simulated notifications for the users who are connected.

use fastrand::Rng;
use serde_json::{Value, json};

use super::act::Act;
use super::domain_view::{DomainView, surplus};
use super::pick::one_of;

/// Type, category, title, message, priority.
const NOTICES: &[[&str; 5]] = &[
    [
        "warning",
        "system",
        "Maintenance tonight",
        "The service pauses at 02:00 for a minute.",
        "high",
    ],
    ["error", "system", "Import failed", "One file could not be read. The others are in.", "high"],
    ["info", "system", "New version", "Reload the page to get it.", "low"],
    ["success", "payment", "Payment received", "An invoice was paid in full.", "normal"],
    ["success", "payment", "Payout sent", "The money arrives within two days.", "normal"],
    ["error", "payment", "Payment declined", "The card was declined. Nothing was charged.", "high"],
    ["info", "message", "New message", "Dana wrote to you.", "normal"],
    ["info", "call", "Missed call", "Somebody rang and did not wait.", "normal"],
    ["info", "bill", "Vote scheduled", "A bill you follow comes to the floor.", "normal"],
];

pub(super) fn act(random: &mut Rng, view: &DomainView<'_>) -> Vec<Act> {
    let channel = format!("notifications:{}", one_of(random, &view.joined("notifications:")));
    if let Some(old) = surplus(&view.rows(&channel), |_| true) {
        return vec![Act::delete(channel, old)];
    }
    let [kind, category, title, message, priority] = one_of(random, NOTICES);
    let data = match category {
        "payment" => json!({ "amount": random.u32(20..900), "currency": "USD" }),
        "bill" => json!({ "bill_id": random.u8(1..=6).to_string() }),
        _ => Value::Null,
    };
    let row = json!({
        "type": kind,
        "category": category,
        "title": title,
        "message": message,
        "priority": priority,
        "data": data,
    });
    vec![Act::insert(channel, &row)]
}
