//! The replies of a good Phoenix or Supabase Realtime server.

use crate::value::{Value, object};

/// The replies to a frame.
pub(crate) fn replies(frame: &Value) -> Vec<Value> {
    let Value::Array(parts) = frame else { return Vec::new() };
    let [join_ref, reference, topic, event, payload] = &parts[..] else { return Vec::new() };
    if *reference == Value::Null {
        return Vec::new();
    }
    let requested = payload.get("config").and_then(|config| config.get("postgres_changes"));
    let bound = match requested {
        Some(Value::Array(filters)) if *event == Value::from("phx_join") => filters
            .iter()
            .zip(1..)
            .map(|(filter, id): (_, u64)| filter.merged([("id".into(), id.into())]))
            .collect(),
        _ => Vec::new(),
    };
    let live = !bound.is_empty();
    let response = object! { "postgres_changes": Value::Array(bound.into()) };
    let answer = object! { "status": "ok", "response": response };
    let parts = [join_ref.clone(), reference.clone(), topic.clone(), "phx_reply".into(), answer];
    let mut replies = vec![Value::Array(parts.into())];
    if live {
        let system = object! {
            "extension": "postgres_changes", "status": "ok", "message": "Subscribed to PostgreSQL",
        };
        let parts = [join_ref.clone(), Value::Null, topic.clone(), "system".into(), system];
        replies.push(Value::Array(parts.into()));
    }
    replies
}

/// A message in a channel.
pub(crate) fn message(topic: &str, payload: &str) -> Value {
    broadcast(topic, "message", payload.into())
}

/// A message in a channel of Supabase, wrapped as a broadcast.
pub(crate) fn broadcast_message(channel: &str, payload: &str) -> Value {
    let wrapped = object! { "type": "broadcast", "event": "message", "payload": payload };
    broadcast(&format!("realtime:{channel}"), "broadcast", wrapped)
}

fn broadcast(topic: &str, event: &str, payload: Value) -> Value {
    Value::Array([Value::Null, Value::Null, topic.into(), event.into(), payload].into())
}
