//! The change in a message of the channel.

use alloc::rc::Rc;
use alloc::string::String;

use super::key::key_of;
use super::{ChangeKind, CollectionOptions};
use crate::core::message::{Message, RowChange, RowChangeKind};
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

    /// The message of a change of a database.
    pub(super) fn of_database(options: &CollectionOptions, change: &RowChange<P>) -> Self {
        let (kind, row) = match change.kind {
            RowChangeKind::Insert => (ChangeKind::Insert, &change.new),
            RowChangeKind::Update => (ChangeKind::Update, &change.new),
            RowChangeKind::Delete => (ChangeKind::Remove, &change.old),
        };
        let row = row.clone().filter(P::is_object);
        let key = row.as_ref().and_then(|row| options.key.read(row));
        Self { kind, key, row, ids: [None, None] }
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
    use crate::core::message::{Message, RowChange, RowChangeKind};

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
        let (old, new) = (Some(json!({ "id": 1 })), Some(json!({})));
        let change = RowChange { kind: RowChangeKind::Delete, old, new };
        let change = ChangeMessage::of_database(&options(), &change);
        assert_eq!((change.kind, change.key.as_deref()), (ChangeKind::Remove, Some("1")));
    }
}
