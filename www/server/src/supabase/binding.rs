//! One binding: a subscription to database changes.

use serde_json::{Map, Value, json};

use crate::supabase::filter::{Filter, FilterFault};

/// The requested changes.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    /// The binding as it was received, with its id.
    pub(crate) shown: Value,
    pub(crate) id: u64,
    event: String,
    pub(crate) schema: String,
    /// `None`: all tables.
    pub(crate) table: Option<String>,
    pub(crate) filters: Result<Vec<Filter>, FilterFault>,
    /// `None`: all columns.
    pub(crate) columns: Option<Vec<String>>,
}

impl Binding {
    /// Parses a binding; `None` if it is invalid.
    pub(crate) fn parse(options: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| match options.get(name) {
            None => Some(None),
            Some(Value::String(text)) => Some(Some(text.clone())),
            Some(_) => None,
        };
        let (schema, table, filter) = (text("schema")?, text("table")?, text("filter")?);
        if schema.is_none() && table.is_none() {
            return None;
        }
        let columns = options.get("select").and_then(Value::as_array);
        let columns = columns
            .map(|names| names.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect());
        let id = hash(options);
        let mut shown = json!({ "id": id });
        for (name, value) in options {
            shown[name] = value.clone();
        }
        Some(Self {
            shown,
            id,
            event: text("event")?.unwrap_or_else(|| "*".into()),
            schema: schema.unwrap_or_else(|| "public".into()),
            table: table.filter(|table| table != "*"),
            filters: filter.as_deref().map_or(Ok(Vec::new()), Filter::parse_all),
            columns,
        })
    }

    /// The binding of a join without a config: the channel's name is `schema:table:filter`.
    pub(crate) fn of_topic(name: &str) -> Self {
        let mut parts = name.splitn(3, ':');
        let mut options = Map::new();
        for field in ["schema", "table", "filter"] {
            if let Some(part) = parts.next() {
                options.insert(field.into(), part.into());
            }
        }
        let schema = name.split(':').next().unwrap_or_default().to_owned();
        Self::parse(&options).unwrap_or_else(|| Self {
            shown: Value::Object(options.clone()),
            id: hash(&options),
            event: "*".into(),
            schema,
            table: None,
            filters: Ok(Vec::new()),
            columns: None,
        })
    }

    /// Whether a change of this kind (`INSERT`, …) of a table matches, whatever the row.
    pub(crate) fn wants(&self, kind: &str, table: &str) -> bool {
        let event = match self.event.as_str() {
            event @ ("INSERT" | "UPDATE" | "DELETE") => event == kind,
            _ => true,
        };
        event && self.schema == "public" && self.table.as_deref().is_none_or(|own| own == table)
    }

    /// The binding in the form of the server's error messages.
    pub(crate) fn describe(&self) -> String {
        let event = match self.event.as_str() {
            event @ ("INSERT" | "UPDATE" | "DELETE") => event,
            _ => "*",
        };
        let filters: Vec<String> = self.filters.iter().flatten().map(Filter::describe).collect();
        let select = self.columns.as_ref().map_or("nil".to_owned(), |names| format!("{names:?}"));
        format!(
            "[event: {event}, schema: {}, table: {}, filters: [{}], select: {select}]",
            self.schema,
            self.table.as_deref().unwrap_or("*"),
            filters.join(", ")
        )
    }
}

/// A hash that is equal for equal bindings, independent of client and time: FNV-1a over the sorted
/// members, in the range of the real server's ids.
fn hash(options: &Map<String, Value>) -> u64 {
    let mut members: Vec<String> = options.iter().map(|(k, v)| format!("{k}={v}")).collect();
    members.sort();
    let hash = members.join("&").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 27)) % (1 << 27)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(options: &Value) -> Option<Binding> {
        Binding::parse(options.as_object().expect("an object"))
    }

    #[test]
    fn equal_bindings_have_the_same_id() {
        let one = binding(&json!({ "event": "*", "schema": "public", "table": "t" })).expect("one");
        let two = binding(&json!({ "table": "t", "schema": "public", "event": "*" })).expect("two");
        let other =
            binding(&json!({ "table": "u", "schema": "public", "event": "*" })).expect("other");
        assert_eq!(one.id, two.id);
        assert_ne!(one.id, other.id);
    }

    #[test]
    fn binding_matches_by_event_and_table() {
        let inserts = binding(&json!({ "event": "INSERT", "table": "t" })).expect("a binding");
        assert!(inserts.wants("INSERT", "t") && !inserts.wants("UPDATE", "t"));
        assert!(!inserts.wants("INSERT", "u"));
        let all = binding(&json!({ "event": "NOPE", "schema": "public" })).expect("a binding");
        assert!(all.wants("DELETE", "anything"));
        let foreign = binding(&json!({ "event": "*", "schema": "other" })).expect("a binding");
        assert!(!foreign.wants("INSERT", "t"));
    }

    #[test]
    fn null_binding_field_is_ignored() {
        assert!(binding(&json!({ "schema": "public", "table": null })).is_none());
        assert!(binding(&json!({ "event": "*" })).is_none());
    }
}
