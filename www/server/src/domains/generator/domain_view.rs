//! The state that the traffic generator reads.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::hub::Hub;
use crate::timestamp::Timestamp;

/// Beyond this many rows of a table, the generator deletes its oldest one.
const KEPT: usize = 200;

/// The tables, and the channels that have members.
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

    /// The rest of the names of the channels that have this prefix and members.
    pub(super) fn joined(&self, prefix: &str) -> Vec<&str> {
        self.joined.iter().filter_map(|channel| channel.strip_prefix(prefix)).collect()
    }

    /// The rows of a channel's table, the oldest first.
    pub(super) fn rows(&self, channel: &str) -> Vec<Value> {
        let rows = self.hub.rows(channel).unwrap_or_default();
        let mut rows: Vec<Value> =
            rows.iter().filter_map(|(_, row)| serde_json::from_str(&row.text).ok()).collect();
        // All times have the same zone and format, so that their text sorts like the times.
        rows.sort_by(|one, other| one["created_at"].as_str().cmp(&other["created_at"].as_str()));
        rows
    }
}

/// The first row that may be deleted, if there are more rows than are kept.
pub(super) fn surplus(rows: &[Value], is_deletable: impl Fn(&Value) -> bool) -> Option<&Value> {
    (rows.len() > KEPT).then(|| rows.iter().find(|row| is_deletable(row))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn surplus_is_the_oldest_deletable_row() {
        let mut rows: Vec<Value> = (0..KEPT).map(|n| json!({ "id": n, "mine": n > 2 })).collect();
        let is_deletable = |row: &Value| row["mine"] == true;
        assert_eq!(surplus(&rows, is_deletable), None);
        rows.push(json!({ "id": KEPT, "mine": true }));
        assert_eq!(surplus(&rows, is_deletable).map(|row| &row["id"]), Some(&json!(3)));
        assert_eq!(surplus(&rows, |_| false), None);
    }
}
