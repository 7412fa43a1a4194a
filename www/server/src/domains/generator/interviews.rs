//! Simulated changes of interviews: their processing, notes and replies.

use fastrand::Rng;
use serde_json::{Value, json};

use super::act::Act;
use super::domain_view::{DomainView, surplus};
use super::pick::one_of;
use crate::domains::cast::{PEOPLE, is_one, profile};

const NOTES: &[&str] = &[
    "Heard this before, from somebody else.",
    "This sentence belongs in the summary.",
    "Check the recording: was it said like that?",
    "A need, not a wish.",
    "Ask the next person about this.",
    "Good quote for the report.",
];
const REPLIES: &[&str] = &["Agreed.", "I read it differently.", "Done.", "Who takes this on?"];

pub(super) fn act(random: &mut Rng, view: &DomainView<'_>) -> Vec<Act> {
    let places: Vec<(&str, &str)> = ["interviews:", "interview-notes:", "interview-replies:"]
        .into_iter()
        .flat_map(|place| view.joined(place).into_iter().map(move |scope| (place, scope)))
        .collect();
    let (place, scope) = one_of(random, &places);
    let channel = format!("{place}{scope}");
    let rows = view.rows(&channel);
    if place == "interviews:" {
        return process(random, channel, &rows).into_iter().collect();
    }
    if let Some(old) = surplus(&rows, |row| is_one(&row["created_by"])) {
        return vec![Act::delete(channel, old)];
    }
    let who = one_of(random, PEOPLE);
    let mut row = json!({ "created_by": who, "created_by_profile": profile(who) });
    if place == "interview-notes:" {
        row["content"] = one_of(random, NOTES).into();
        row["script_item_ids"] = json!([random.u8(1..=4).to_string()]);
    } else {
        let notes = view.rows(&format!("interview-notes:{scope}"));
        if notes.is_empty() {
            return Vec::new();
        }
        row["content"] = one_of(random, REPLIES).into();
        row["note_id"] = notes[random.usize(..notes.len())]["id"].clone();
    }
    // Typing is sent on the channel that has the interview's presence.
    Act::insert(channel, &row).after_typing(&format!("interview:{scope}"), who)
}

/// Moves a random unfinished interview to its next status; if all are finished, one is processed
/// again.
fn process(random: &mut Rng, channel: String, rows: &[Value]) -> Option<Act> {
    let unfinished: Vec<&Value> = rows
        .iter()
        .filter(|row| matches!(row["status"].as_str(), Some("pending" | "processing")))
        .collect();
    let eligible: Vec<&Value> =
        if unfinished.is_empty() { rows.iter().collect() } else { unfinished };
    if eligible.is_empty() {
        return None;
    }
    let interview = one_of(random, &eligible);
    let status = match interview["status"].as_str() {
        Some("processing") => "completed",
        _ => "processing",
    };
    Some(Act::update(channel, &json!({ "id": interview["id"], "status": status })))
}
