//! A change of the database, in the shape that realtime-js gives it.

use alloc::vec;
use alloc::vec::Vec;

use super::column_types::convert;
use super::names::POSTGRES_CHANGES;
use crate::core::message::Message;
use crate::core::payload::Payload;

/// A `postgres_changes` message: `{ schema, table, commit_timestamp, eventType, new, old, errors }`.
/// With `exact`, numbers that came as texts stay texts.
pub fn change<P: Payload>(payload: &P, exact: bool) -> Message<P> {
    let data = payload.field("data").unwrap_or_else(P::null);
    let part = |name| data.field(name).unwrap_or_else(P::null);
    let kind = part("type");
    let named = kind.as_text().unwrap_or_default();
    let columns = part("columns").items().unwrap_or_default();
    let row = |name, kinds: [&str; 2]| {
        let row = data.field(name).filter(|_| kinds.contains(&&*named));
        row.map_or_else(|| P::object(Vec::new()), |row| convert(&columns, &row, exact))
    };
    let shape = vec![
        ("schema", part("schema")),
        ("table", part("table")),
        ("commit_timestamp", part("commit_timestamp")),
        ("eventType", kind),
        ("new", row("record", ["INSERT", "UPDATE"])),
        ("old", row("old_record", ["UPDATE", "DELETE"])),
        ("errors", part("errors")),
    ];
    Message::plain(Some(P::text(POSTGRES_CHANGES)), P::object(shape))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::change;

    #[test]
    fn each_kind_has_the_rows_it_is_about_and_empty_ones_else() {
        let event_of = |kind: &str| {
            change(&json!({"ids": [1], "data": {
                "type": kind, "schema": "public", "table": "notes", "commit_timestamp": "2026-03-02T10:15:30.123Z",
                "columns": [{"name": "id", "type": "int8"}], "record": {"id": 91}, "old_record": {"id": "90"}, "errors": null,
            }}), false)
            .payload
        };
        let insert = event_of("INSERT");
        assert_eq!((&insert["new"], &insert["old"]), (&json!({"id": 91}), &json!({})));
        let delete = event_of("DELETE");
        assert_eq!((&delete["new"], &delete["old"]), (&json!({}), &json!({"id": 90})));
        assert_eq!(delete["eventType"], "DELETE");
        assert_eq!(delete["commit_timestamp"], "2026-03-02T10:15:30.123Z");
    }
}
