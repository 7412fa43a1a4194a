//! Comments on the bills.

use serde_json::json;

use super::seed::{Seed, ago};
use crate::domains::cast::{PEOPLE, author, name};

/// A bill's comments: the index of the author, the number of the comment it replies to, the text.
type Comments = &'static [(usize, Option<usize>, &'static str)];

const COMMENTS: &[(&str, Comments)] = &[
    (
        "1",
        &[
            (2, None, "Our village has waited for this for eight years."),
            (0, Some(1), "The second stage covers villages under 500 people."),
            (3, None, "Who maintains the lines afterwards?"),
            (1, Some(3), "Section 4: the districts, with a grant."),
        ],
    ),
    (
        "2",
        &[
            (4, None, "Six years is short for rolling stock."),
            (5, Some(1), "Long enough to see whether people come."),
        ],
    ),
    ("3", &[(2, None, "A month is fair. Please include the amendments of contracts.")]),
];

/// The votes on the first bill, in the order of the users.
const VOTES: &[&str] = &["support", "support", "neutral", "oppose", "support"];

const FIELDS: &[&str] =
    &["Infrastructure", "Public law", "Transport", "Public finance", "Environment"];

/// The number of a bill's initial comments.
pub(super) fn comments_on(bill: &str) -> usize {
    COMMENTS.iter().find(|(commented, _)| *commented == bill).map_or(0, |(_, all)| all.len())
}

pub(super) fn rows() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (bill, comments) in COMMENTS {
        let id = |number: usize| format!("comment-{bill}-{number}");
        let rows = comments.iter().zip(1..).map(|((by, parent, body), number)| {
            json!({
                "id": id(number),
                "parent_id": parent.map(id),
                "author": author(PEOPLE[*by]),
                "body": body,
                "created_by": PEOPLE[*by],
                "created_at": ago(60 - 5 * number as u64),
            })
        });
        seeds.push((format!("comments:{bill}"), rows.collect()));
    }
    let votes =
        PEOPLE.iter().zip(VOTES).map(|(who, choice)| json!({ "id": who, "choice": choice }));
    seeds.push(("votes:1".to_owned(), votes.collect()));
    let experts = PEOPLE.iter().zip(FIELDS).zip(1..).map(|((who, field), number)| {
        json!({
            "id": number.to_string(),
            "name": name(who),
            "field": field,
            "verified": number <= 3,
            "contributions": 12 - 2 * number,
            "last_bill_id": number.to_string(),
        })
    });
    seeds.push(("experts".to_owned(), experts.collect()));
    let reported = json!({
        "id": "case-1",
        "bill_id": "2",
        "comment_id": "comment-2-1",
        "reason": "Off topic",
        "reported_by": PEOPLE[3],
    });
    seeds.push(("moderation".to_owned(), vec![reported]));
    seeds
}
