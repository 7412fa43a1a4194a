//! The change in a message of the channel.

use alloc::rc::Rc;
use alloc::string::String;

use super::key::key_of;
use super::{ChangeKind, CollectionOptions};
use crate::core::message::Message;
use crate::core::payload::Payload;

/// A change message.
#[derive(Debug)]
pub(super) struct ChangeMessage<P> {
    pub(super) kind: ChangeKind,
    pub(super) key: Option<Rc<str>>,
    pub(super) row: Option<P>,
    /// The ids under which this client may know it.
    pub(super) ids: [Option<String>; 2],
}

impl<P: Payload> ChangeMessage<P> {
    /// Reads the change in a message, if it has one.
    pub(super) fn read(options: &CollectionOptions, message: &Message<P>) -> Option<Self> {
        let kind = kind_of(options, message)?;
        let payload = &message.payload;
        let row = payload.field("row").filter(P::is_object);
        let key = row.as_ref().and_then(|row| options.key.read(row));
        let key = key.or_else(|| key_of(&payload.field("key")?));
        let text = |value: Option<P>| value.and_then(|value| value.as_text());
        let ids = [text(payload.field("mutation")), text(message.id.clone())];
        Some(Self { kind, key, row, ids })
    }

    /// Reads a change of the database: `{ eventType, new, old }`.
    pub(super) fn of_database(options: &CollectionOptions, change: &P) -> Option<Self> {
        let kind = change.field("eventType").and_then(|kind| kind.as_text());
        let (kind, row) = match kind.as_deref() {
            Some("INSERT") => (ChangeKind::Insert, "new"),
            Some("UPDATE") => (ChangeKind::Update, "new"),
            Some("DELETE") => (ChangeKind::Remove, "old"),
            _ => return None,
        };
        let row = change.field(row).filter(P::is_object);
        let key = row.as_ref().and_then(|row| options.key.read(row));
        Some(Self { kind, key, row, ids: [None, None] })
    }
}

/// The kind of change in a message, if it has one.
pub(super) fn kind_of<P: Payload>(
    options: &CollectionOptions,
    message: &Message<P>,
) -> Option<ChangeKind> {
    let event = message.event.as_ref()?.as_text()?;
    let kinds = [ChangeKind::Insert, ChangeKind::Update, ChangeKind::Remove];
    options.events.iter().zip(kinds).find(|(name, _)| **name == event).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::ChangeMessage;
    use crate::core::collection::testing::options;
    use crate::core::collection::{ChangeKind, CollectionOptions, Key};
    use crate::core::message::Message;

    fn read(
        options: &CollectionOptions,
        event: &str,
        payload: Value,
    ) -> Option<ChangeMessage<Value>> {
        ChangeMessage::read(options, &Message::plain(Some(json!(event)), payload))
    }

    #[test]
    fn message_of_another_event_has_no_change() {
        assert!(read(&options(), "chat", json!({ "row": { "id": 1 } })).is_none());
    }

    #[test]
    fn key_is_of_the_row_and_else_of_the_message() {
        let message = json!({ "row": { "id": 1 }, "key": "2", "mutation": "m" });
        let change = read(&options(), "update", message).expect("a change");
        assert_eq!((change.kind, change.key.as_deref()), (ChangeKind::Update, Some("1")));
        assert_eq!(change.ids, [Some("m".into()), None]);
        let change = read(&options(), "delete", json!({ "key": 2 })).expect("a change");
        assert_eq!((change.kind, change.key.as_deref()), (ChangeKind::Remove, Some("2")));
    }

    #[test]
    fn key_of_a_row_is_unknown_where_the_app_reads_it() {
        let options = CollectionOptions { key: Key::Function, ..options() };
        let change = read(&options, "insert", json!({ "row": { "id": 1 } })).expect("a change");
        assert_eq!(change.key, None);
    }

    #[test]
    fn database_deletion_has_the_old_row() {
        let change = json!({ "eventType": "DELETE", "new": {}, "old": { "id": 1 } });
        let change = ChangeMessage::of_database(&options(), &change).expect("a change");
        assert_eq!((change.kind, change.key.as_deref()), (ChangeKind::Remove, Some("1")));
        let other = json!({ "eventType": "TRUNCATE" });
        assert!(ChangeMessage::of_database(&options(), &other).is_none());
    }
}
