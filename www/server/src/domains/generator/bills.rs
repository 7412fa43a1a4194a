//! Simulated events of bills: views, amendments, votes and changes of status.

use fastrand::Rng;
use serde_json::{Value, json};

use super::act::Act;
use super::domain_view::DomainView;
use super::pick::one_of;

/// The statuses of a bill in order. After the last one it is introduced again, so that there are
/// always bills that change.
const STEPS: &[&str] = &["introduced", "committee", "floor", "passed", "signed"];

const AMENDMENTS: &[(&str, &str, &str)] = &[
    ("added", "Report after two years", "The effects are reported to both chambers."),
    ("modified", "Later start", "The act takes effect half a year later."),
    ("removed", "Exemption for small towns", "Section 6 is struck out."),
];

/// The next acts. With members in `bills` or `bill-engagement`, all bills are eligible.
pub(super) fn act(random: &mut Rng, view: &DomainView<'_>) -> Vec<Act> {
    let bills = view.rows("bills");
    let watches_all = view.is_joined("bills") || view.is_joined("bill-engagement");
    let watched = view.joined("bill:");
    let eligible: Vec<&Value> = bills
        .iter()
        .filter(|bill| watches_all || bill["id"].as_str().is_some_and(|id| watched.contains(&id)))
        .collect();
    if eligible.is_empty() {
        return Vec::new();
    }
    let bill = one_of(random, &eligible);
    let id = &bill["id"];
    let channel = format!("bill:{}", id.as_str().unwrap_or_default());
    let timestamp = view.now.iso_ms();
    match random.u8(..10) {
        0 => vec![Act::update("bills", &json!({ "id": id, "status": next_step(bill) }))],
        1 if view.is_joined(&channel) => {
            let (kind, title, summary) = one_of(random, AMENDMENTS);
            let payload = json!({
                "bill_id": id,
                "amendment_id": format!("amendment-{}", random.u32(1_000..10_000)),
                "type": kind,
                "title": title,
                "summary": summary,
                "timestamp": timestamp,
            });
            vec![Act::publish(channel, "amendment", payload)]
        }
        2 if view.is_joined(&channel) => {
            let payload = json!({
                "bill_id": id,
                "voting_date": view.now.in_days(random.u8(1..30)).iso_ms(),
                "voting_type": one_of(random, &["committee", "floor", "final"]),
                "chamber": bill["chamber"],
                "timestamp": timestamp,
            });
            vec![Act::publish(channel, "voting_scheduled", payload)]
        }
        _ => view_bill(random, id, view).into_iter().collect(),
    }
}

fn next_step(bill: &Value) -> &'static str {
    let at = STEPS.iter().position(|step| bill["status"] == *step);
    at.and_then(|at| STEPS.get(at + 1)).copied().unwrap_or("introduced")
}

/// Increases a bill's views, and by less its saves and shares.
fn view_bill(random: &mut Rng, id: &Value, view: &DomainView<'_>) -> Option<Act> {
    let rows = view.rows("bill-engagement");
    let engagement = rows.iter().find(|row| row["id"] == *id)?;
    let more = |field: &str, by: u8| engagement[field].as_i64().unwrap_or_default() + i64::from(by);
    let row = json!({
        "id": id,
        "view_count": more("view_count", random.u8(1..9)),
        "save_count": more("save_count", random.u8(..3) / 2),
        "share_count": more("share_count", random.u8(..4) / 3),
    });
    Some(Act::update("bill-engagement", &row))
}
