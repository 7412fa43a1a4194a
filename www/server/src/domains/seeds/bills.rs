//! Bills, and their engagement.

use serde_json::json;

use super::community;
use super::seed::{Seed, ago};

/// Number, title, summary, sponsor, chamber, status.
const BILLS: &[[&str; 6]] = &[
    [
        "HB 101",
        "Broadband in rural districts",
        "Funds fibre to places where no company builds it.",
        "Committee on Infrastructure",
        "house",
        "committee",
    ],
    [
        "HB 114",
        "Night trains between capitals",
        "Pays for sleeping cars on four lines for six years.",
        "Committee on Transport",
        "house",
        "floor",
    ],
    [
        "SB 27",
        "Open data of public works",
        "Contracts and costs are published within a month.",
        "Committee on Administration",
        "senate",
        "introduced",
    ],
    [
        "SB 31",
        "Repair before replacement",
        "Makers provide parts for ten years.",
        "Committee on Commerce",
        "senate",
        "passed",
    ],
    [
        "HB 140",
        "Shade in school yards",
        "Trees and roofs for every school by the end of the decade.",
        "Committee on Education",
        "house",
        "committee",
    ],
    [
        "SB 40",
        "River monitoring",
        "Gauges on all tributaries, read every hour.",
        "Committee on the Environment",
        "senate",
        "introduced",
    ],
];

pub(super) fn rows() -> Vec<Seed> {
    let numbered = || BILLS.iter().zip(1_u64..);
    let bills = numbered().map(|([number, title, summary, sponsor, chamber, status], id)| {
        json!({
            "id": id.to_string(),
            "number": number,
            "title": title,
            "summary": summary,
            "sponsor": sponsor,
            "chamber": chamber,
            "status": status,
            "introduced_on": ago(60 * 24 * 7 * (12 - id)),
        })
    });
    let engagement = numbered().map(|(_, id)| {
        let bill = id.to_string();
        json!({
            "view_count": 900 - 110 * id,
            "save_count": 60 - 7 * id,
            "comment_count": community::comments_on(&bill),
            "share_count": 25 - 3 * id,
            "id": bill,
        })
    });
    vec![
        ("bills".to_owned(), bills.collect()),
        ("bill-engagement".to_owned(), engagement.collect()),
    ]
}
