//! The simulated users: the authors of the initial rows and of the simulated traffic.

use serde_json::{Value, json};

/// Their ids; the name is the id with a capital first letter.
pub(super) const PEOPLE: &[&str] = &["dana", "emil", "farah", "goran", "hana", "ivo"];

/// Whether this is the id of a simulated user.
pub(super) fn is_one(id: &Value) -> bool {
    PEOPLE.iter().any(|person| id == person)
}

/// The name of a simulated user.
pub(super) fn name(id: &str) -> String {
    let (first, rest) = id.split_at_checked(1).unwrap_or_default();
    first.to_uppercase() + rest
}

/// The profile of a note's author.
pub(super) fn profile(id: &str) -> Value {
    json!({ "id": id, "name": name(id), "avatar_url": null })
}

/// The author object of a comment. The first two users are experts.
pub(super) fn author(id: &str) -> Value {
    json!({ "id": id, "name": name(id), "expert": PEOPLE.iter().take(2).any(|expert| *expert == id) })
}
