//! Interviews of one project, some with notes.

use serde_json::{Value, json};

use super::seed::{Seed, ago};
use crate::domains::cast::{PEOPLE, profile};

const INTERVIEWS: &[(&str, &str, &str)] = &[
    ("Paying on a phone", "The form is long, and an error empties it.", "completed"),
    ("Finding a past order", "Search knows numbers only; people remember dates.", "completed"),
    ("Returning a parcel", "The label is what holds everybody up.", "completed"),
    ("Sharing a shopping list", "Two people, one list, and never the same state.", "completed"),
    (
        "Choosing a delivery day",
        "Days are shown that are gone by the time one chooses.",
        "completed",
    ),
    ("Reading the invoice", "The total is clear, the discounts are not.", "completed"),
    ("Setting up an account", "Most begin as guests and wish they had not.", "completed"),
    ("Asking for help", "The chat answers fast, but not to the point.", "completed"),
    ("Ordering again", "One tap is wanted, five are needed.", "processing"),
    ("Paying in parts", "", "processing"),
    ("Leaving a review", "", "pending"),
    ("Switching from another shop", "The recording stops after two minutes.", "failed"),
];

/// A line of a transcript: the speaker, the topic, and the sentence.
type ScriptLine = (&'static str, Option<&'static str>, &'static str);

/// The transcripts of the first three interviews.
const SCRIPTS: &[&[ScriptLine]] = &[
    &[
        ("question", None, "What happened the last time you paid on your phone?"),
        ("answer", Some("painpoint"), "I mistyped one digit and had to fill in everything again."),
        ("question", None, "What did you do then?"),
        ("answer", Some("needs"), "I want it to keep what was right and show me what was wrong."),
    ],
    &[
        ("question", None, "How do you look for something you bought?"),
        ("answer", None, "I scroll until I see the picture."),
        ("answer", Some("needs"), "I know it was in spring, so let me search for spring."),
    ],
    &[
        ("question", None, "Where did the return take longest?"),
        ("answer", Some("painpoint"), "I have no printer, and the label has to be printed."),
        ("answer", Some("needs"), "A code that the shop scans would do."),
    ],
];

/// Notes by interview: its number, and for each note the index of the author and the content.
const NOTES: &[(usize, &[(usize, &str)])] = &[
    (
        1,
        &[
            (0, "The third person who loses the form. Worth a video."),
            (1, "Keep the valid fields: that alone would help."),
            (2, "Compare with the shorter form of last year."),
        ],
    ),
    (2, &[(3, "Seasons are how people remember."), (0, "Pictures beat order numbers.")]),
    (3, &[(4, "No printer at home: heard before, in two other interviews.")]),
];

/// Replies in the first interview: the number of the note, the index of the author, the content.
const REPLIES: &[(usize, usize, &str)] =
    &[(1, 4, "There is a recording of the second one too."), (2, 0, "Agreed, and it is small.")];

pub(super) fn rows() -> Vec<Seed> {
    let interviews = INTERVIEWS.iter().enumerate().map(|(at, (title, summary, status))| {
        let number = at + 1;
        let made = ago(180 * (INTERVIEWS.len() - at) as u64);
        let notes = NOTES.iter().find(|(interview, _)| *interview == number);
        let script_lines = SCRIPTS.get(at);
        json!({
            "id": format!("interview-{number}"),
            "title": title,
            "summary": (!summary.is_empty()).then_some(summary),
            "status": status,
            "interview_date": made,
            "created_by": person(at),
            "note_count": notes.map_or(0, |(_, notes)| notes.len()),
            "raw_text": script_lines.map(|lines| text(lines)),
            "cleaned_script": script_lines.map(|lines| script(lines)),
            "created_at": made,
        })
    });
    let mut seeds = vec![("interviews:1".to_owned(), interviews.collect())];
    for (interview, notes) in NOTES {
        let rows = notes.iter().enumerate().map(|(at, (author, content))| {
            let number = at + 1;
            json!({
                "id": format!("note-{interview}-{number}"),
                "script_item_ids": [number.to_string()],
                "content": content,
                "created_by": person(*author),
                "created_by_profile": profile(person(*author)),
                "created_at": ago(90 - 10 * number as u64),
            })
        });
        seeds.push((format!("interview-notes:interview-{interview}"), rows.collect()));
    }
    let replies = REPLIES.iter().enumerate().map(|(at, (note, author, content))| {
        json!({
            "id": format!("reply-{}", at + 1),
            "note_id": format!("note-1-{note}"),
            "content": content,
            "created_by": person(*author),
            "created_by_profile": profile(person(*author)),
            "created_at": ago(30),
        })
    });
    seeds.push(("interview-replies:interview-1".to_owned(), replies.collect()));
    seeds
}

fn person(at: usize) -> &'static str {
    PEOPLE[at % PEOPLE.len()]
}

fn text(lines: &[ScriptLine]) -> String {
    lines.iter().map(|(_, _, sentence)| *sentence).collect::<Vec<_>>().join("\n")
}

fn script(lines: &[ScriptLine]) -> Vec<Value> {
    let items = lines.iter().enumerate().map(|(at, (speaker, category, sentence))| {
        json!({ "id": [at + 1], "speaker": speaker, "category": category, "cleaned_sentence": sentence })
    });
    items.collect()
}
