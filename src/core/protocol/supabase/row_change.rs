//! Changes of the database, in the format of realtime-js.

use alloc::vec;
use alloc::vec::Vec;

use super::column_types::{Numbers, convert};
use super::names::POSTGRES_CHANGES;
use crate::core::message::{Message, RowChange, RowChangeKind};
use crate::core::payload::Payload;

/// A `postgres_changes` message: `{ schema, table, commit_timestamp, eventType, new, old, errors
/// }`, and the change of the row if it is of a known kind.
pub fn change<P: Payload>(payload: &P, numbers: Numbers) -> (Message<P>, Option<RowChange<P>>) {
    let data = payload.field("data").unwrap_or_else(P::null);
    let part = |name| data.field(name).unwrap_or_else(P::null);
    let event_type = part("type");
    let columns = part("columns").items().unwrap_or_default();
    let row = |name| match data.field(name) {
        Some(row) => Some(convert(&columns, &row, numbers)),
        None => Some(P::object(Vec::new())),
    };
    let change = match event_type.as_text().as_deref() {
        Some("INSERT") => {
            Some(RowChange { kind: RowChangeKind::Insert, old: None, new: row("record") })
        }
        Some("UPDATE") => Some(RowChange {
            kind: RowChangeKind::Update,
            old: row("old_record"),
            new: row("record"),
        }),
        Some("DELETE") => {
            Some(RowChange { kind: RowChangeKind::Delete, old: row("old_record"), new: None })
        }
        _ => None,
    };
    let rows = change.as_ref();
    let row_or_empty = |row: Option<&P>| row.cloned().unwrap_or_else(|| P::object(Vec::new()));
    let members = vec![
        ("schema", part("schema")),
        ("table", part("table")),
        ("commit_timestamp", part("commit_timestamp")),
        ("eventType", event_type),
        ("new", row_or_empty(rows.and_then(|change| change.new.as_ref()))),
        ("old", row_or_empty(rows.and_then(|change| change.old.as_ref()))),
        ("errors", part("errors")),
    ];
    (Message::plain(Some(P::text(POSTGRES_CHANGES)), P::object(members)), change)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Numbers, RowChangeKind, change};

    #[test]
    fn each_kind_of_change_has_its_rows_and_empty_ones_otherwise() {
        let changed = |kind: &str| {
            change(
                &json!({"ids": [1], "data": {
                    "type": kind, "schema": "public", "table": "notes", "commit_timestamp": "2026-03-02T10:15:30.123Z",
                    "columns": [{"name": "id", "type": "int8"}], "record": {"id": 91}, "old_record": {"id": "90"}, "errors": null,
                }}),
                Numbers::Parsed,
            )
        };
        let (message, change) = changed("INSERT");
        let (insert, change) = (message.payload, change.expect("known"));
        assert_eq!((change.kind, change.old), (RowChangeKind::Insert, None));
        assert_eq!(change.new, Some(json!({"id": 91})));
        assert_eq!((&insert["new"], &insert["old"]), (&json!({"id": 91}), &json!({})));
        let (message, change) = changed("DELETE");
        let (delete, change) = (message.payload, change.expect("known"));
        assert_eq!((change.kind, change.new), (RowChangeKind::Delete, None));
        assert_eq!(change.old, Some(json!({"id": 90})));
        assert_eq!((&delete["new"], &delete["old"]), (&json!({}), &json!({"id": 90})));
        assert_eq!(delete["eventType"], "DELETE");
        assert_eq!(delete["commit_timestamp"], "2026-03-02T10:15:30.123Z");
        let (message, change) = changed("TRUNCATE");
        assert_eq!((&message.payload["new"], &message.payload["old"]), (&json!({}), &json!({})));
        assert!(change.is_none());
    }
}
