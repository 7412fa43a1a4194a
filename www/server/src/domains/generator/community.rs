//! Simulated comments, votes, contributions of experts, and moderation.

use fastrand::Rng;
use serde_json::{Value, json};

use super::act::Act;
use super::domain_view::{DomainView, surplus};
use super::pick::one_of;
use crate::domains::cast::{PEOPLE, author, is_one};

const REMARKS: &[&str] = &[
    "Section 3 is the one that matters here.",
    "What does it cost in the second year?",
    "I would keep the first half and drop the rest.",
    "Our town tried this. It took two years, then it worked.",
    "Who checks that it is done?",
    "The summary says less than the text does.",
    "Fair. Thank you for the source.",
    "Could this wait for the budget?",
];
const CHOICES: &[&str] = &["support", "oppose", "neutral"];
const REASONS: &[&str] = &["Off topic", "Repeats itself", "Not polite"];

pub(super) fn act(random: &mut Rng, view: &DomainView<'_>) -> Vec<Act> {
    let places: Vec<(&str, &str)> = ["comments:", "votes:", "experts", "moderation"]
        .into_iter()
        .flat_map(|place| view.joined(place).into_iter().map(move |bill| (place, bill)))
        .collect();
    let (place, bill) = one_of(random, &places);
    let channel = format!("{place}{bill}");
    let rows = view.rows(&channel);
    match place {
        "comments:" => comment(random, channel, &rows),
        "votes:" => vec![vote(random, channel, &rows)],
        "experts" => contribute(random, channel, &rows, &view.rows("bills")),
        _ => moderate(random, channel, &rows, view),
    }
}

fn comment(random: &mut Rng, channel: String, rows: &[Value]) -> Vec<Act> {
    if let Some(old) = surplus(rows, |row| is_one(&row["created_by"])) {
        return vec![Act::delete(channel, old)];
    }
    let visible: Vec<&Value> =
        rows.iter().filter(|row| row["state"] == "visible" && row["parent_id"].is_null()).collect();
    let parent = if visible.is_empty() || random.bool() {
        Value::Null
    } else {
        one_of(random, &visible)["id"].clone()
    };
    let who = one_of(random, PEOPLE);
    let row = json!({
        "parent_id": parent,
        "author": author(who),
        "body": one_of(random, REMARKS),
        "created_by": who,
    });
    Act::insert(channel.as_str(), &row).after_typing(&channel, who)
}

/// A user's first vote, or a changed one.
fn vote(random: &mut Rng, channel: String, rows: &[Value]) -> Act {
    let who = one_of(random, PEOPLE);
    let row = json!({ "id": who, "choice": one_of(random, CHOICES) });
    if rows.iter().any(|row| row["id"] == who) {
        Act::update(channel, &row)
    } else {
        Act::insert(channel, &row)
    }
}

fn contribute(random: &mut Rng, channel: String, experts: &[Value], bills: &[Value]) -> Vec<Act> {
    if experts.is_empty() || bills.is_empty() {
        return Vec::new();
    }
    let expert = &experts[random.usize(..experts.len())];
    let bill = &bills[random.usize(..bills.len())];
    let contributions = expert["contributions"].as_i64().unwrap_or_default() + 1;
    let row = json!({
        "id": expert["id"], "contributions": contributions, "last_bill_id": bill["id"],
    });
    vec![Act::update(channel, &row)]
}

/// Decides an open case, or opens one.
fn moderate(random: &mut Rng, channel: String, cases: &[Value], view: &DomainView<'_>) -> Vec<Act> {
    if let Some(old) =
        surplus(cases, |case| case["state"] != "open" && is_one(&case["reported_by"]))
    {
        return vec![Act::delete(channel, old)];
    }
    let open: Vec<&Value> = cases.iter().filter(|case| case["state"] == "open").collect();
    let who = one_of(random, PEOPLE);
    if !open.is_empty() && random.bool() {
        let state = if random.bool() { "upheld" } else { "dismissed" };
        let case = one_of(random, &open);
        let row = json!({ "id": case["id"], "state": state, "decided_by": who });
        return vec![Act::update(channel, &row)];
    }
    let bill = random.u8(1..=3).to_string();
    let comments = view.rows(&format!("comments:{bill}"));
    let Some(comment) = comments.first() else {
        return Vec::new();
    };
    let row = json!({
        "bill_id": bill,
        "comment_id": comment["id"],
        "reason": one_of(random, REASONS),
        "reported_by": who,
    });
    vec![Act::insert(channel, &row)]
}
