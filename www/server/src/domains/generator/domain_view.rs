//! The state that the traffic generator looks at.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::hub::Hub;
use crate::timestamp::Timestamp;

/// The number of rows of one table from which on the traffic removes the oldest of its own.
const KEPT: usize = 200;

/// The tables, and which channels somebody is in.
pub(super) struct DomainView<'a> {
    hub: &'a Hub,
    joined: BTreeSet<String>,
    pub(super) now: Timestamp,
}

impl<'a> DomainView<'a> {
    pub(super) fn of(hub: &'a Hub) -> Self {
        Self { hub, joined: hub.joined(), now: Timestamp::now() }
    }

    #[cfg(test)]
    pub(super) fn joined_by(hub: &'a Hub, channels: &[&str]) -> Self {
        let joined = channels.iter().map(|channel| (*channel).to_owned()).collect();
        Self { joined, ..Self::of(hub) }
    }

    pub(super) fn is_joined(&self, channel: &str) -> bool {
        self.joined.contains(channel)
    }

    /// What the names of the channels go on with that begin so and that somebody is in.
    pub(super) fn joined(&self, prefix: &str) -> Vec<&str> {
        self.joined.iter().filter_map(|channel| channel.strip_prefix(prefix)).collect()
    }

    /// The rows behind a channel, the oldest first.
    pub(super) fn rows(&self, channel: &str) -> Vec<Value> {
        let rows = self.hub.rows(channel).unwrap_or_default();
        let mut rows: Vec<Value> =
            rows.iter().filter_map(|(_, row)| serde_json::from_str(&row.text).ok()).collect();
        // One zone and one form of writing: the text is in order as the times are.
        rows.sort_by(|one, other| one["created_at"].as_str().cmp(&other["created_at"].as_str()));
        rows
    }
}

/// The row that has to go, if there are more than are kept: the first that may.
pub(super) fn surplus(rows: &[Value], may_go: impl Fn(&Value) -> bool) -> Option<&Value> {
    (rows.len() > KEPT).then(|| rows.iter().find(|row| may_go(row))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn surplus_is_the_oldest_removable_row() {
        let mut rows: Vec<Value> = (0..KEPT).map(|n| json!({ "id": n, "mine": n > 2 })).collect();
        let may_go = |row: &Value| row["mine"] == true;
        assert_eq!(surplus(&rows, may_go), None);
        rows.push(json!({ "id": KEPT, "mine": true }));
        assert_eq!(surplus(&rows, may_go).map(|row| &row["id"]), Some(&json!(3)));
        assert_eq!(surplus(&rows, |_| false), None);
    }
}
