//! Simulated calls: they ring, connect and end.

use fastrand::Rng;
use serde_json::{Value, json};

use super::act::Act;
use super::domain_view::{DomainView, surplus};
use super::pick::one_of;
use crate::timestamp::Timestamp;

/// The most simultaneous calls of one campaign.
const AT_ONCE: usize = 4;

/// The provider of simulated calls. Calls of other providers are continued, but never deleted.
const PROVIDER: &str = "demo";

const UNANSWERED: &[&str] = &["no_answer", "busy", "rejected", "failed"];
const BUYERS: &[&str] = &["Buyer A", "Buyer B", "Buyer C"];
const CITIES: &[&str] = &["Bilbao", "Cork", "Essen", "Ghent", "Lyon"];

/// The next acts. With members in `campaigns`, all campaigns are eligible.
pub(super) fn act(random: &mut Rng, view: &DomainView<'_>) -> Vec<Act> {
    let campaigns = view.rows("campaigns");
    let watches_all = view.is_joined("campaigns");
    let watched = view.joined("calls:");
    let active: Vec<&str> = campaigns
        .iter()
        .filter(|campaign| campaign["status"] == "active")
        .filter_map(|campaign| campaign["id"].as_str())
        .filter(|id| watches_all || watched.contains(id))
        .collect();
    if active.is_empty() {
        return Vec::new();
    }
    let channel = format!("calls:{}", one_of(random, &active));
    let rows = view.rows(&channel);
    if let Some(old) = surplus(&rows, |row| !is_running(row) && row["provider"] == PROVIDER) {
        return vec![Act::delete(channel, old)];
    }
    let running: Vec<&Value> = rows.iter().filter(|row| is_running(row)).collect();
    if running.is_empty() || (running.len() < AT_ONCE && random.u8(..3) == 0) {
        return vec![Act::insert(channel, &ringing(random, view.now))];
    }
    let call = one_of(random, &running);
    vec![Act::update(channel, &next_state(random, call, view.now))]
}

fn is_running(call: &Value) -> bool {
    matches!(call["status"].as_str(), Some("initiated" | "ringing" | "connected"))
}

fn ringing(random: &mut Rng, now: Timestamp) -> Value {
    let city = one_of(random, CITIES);
    json!({
        "external_id": format!("ext-{:06}", random.u32(..1_000_000)),
        "provider": PROVIDER,
        "tracking_number": format!("+1 555 01{:02}", random.u8(..100)),
        "caller_number": format!("+1 555 01{:02}", random.u8(..100)),
        "destination_number": "+1 555 0190",
        "status": "ringing",
        "started_at": now.iso(),
        "caller_location": { "city": city },
    })
}

/// The next state of a call: a ringing call is answered or not, a connected one ends.
fn next_state(random: &mut Rng, call: &Value, now: Timestamp) -> Value {
    let id = &call["id"];
    if call["status"] == "initiated" {
        return json!({ "id": id, "status": "ringing" });
    }
    if call["status"] == "ringing" && random.u8(..10) < 7 {
        let buyer = one_of(random, BUYERS);
        return json!({ "id": id, "status": "connected", "answered_at": now.iso(), "buyer_name": buyer });
    }
    if call["status"] == "ringing" {
        return json!({ "id": id, "status": one_of(random, UNANSWERED), "ended_at": now.iso() });
    }
    let answered = call["answered_at"].as_str().and_then(Timestamp::parse);
    json!({
        "id": id,
        "status": "completed",
        "ended_at": now.iso(),
        "duration_seconds": answered.map_or(0, |answered| now.seconds_since(answered)),
        "payout": f64::from(random.u32(24..120)) / 2.0,
        "quality_score": random.u8(40..=100),
    })
}
