//! The other people: who wrote what is there at first, and who acts in the traffic.

use serde_json::{Value, json};

/// Everybody's id; the name is the same with a capital.
pub(super) const PEOPLE: &[&str] = &["dana", "emil", "farah", "goran", "hana", "ivo"];

/// Whether this is the id of one of them.
pub(super) fn is_one(id: &Value) -> bool {
    PEOPLE.iter().any(|person| id == person)
}

/// The name of one of them.
pub(super) fn name(id: &str) -> String {
    let (first, rest) = id.split_at_checked(1).unwrap_or_default();
    first.to_uppercase() + rest
}

/// As the author of a note.
pub(super) fn profile(id: &str) -> Value {
    json!({ "id": id, "name": name(id), "avatar_url": null })
}

/// As the author of a comment. The first two are experts.
pub(super) fn author(id: &str) -> Value {
    json!({ "id": id, "name": name(id), "expert": PEOPLE.iter().take(2).any(|expert| *expert == id) })
}
