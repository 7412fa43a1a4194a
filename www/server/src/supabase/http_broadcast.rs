//! Broadcasts over HTTP.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tidewire_server_core::Rejection;
use tidewire_server_core::nesting;

use crate::phoenix::{Body, Encoding, MAX_NAME, UserBroadcast, user_payload};
use crate::publish;
use crate::supabase::handshake::requester;
use crate::supabase::realtime::Realtime;
use crate::supabase::state::SupabaseState;
use crate::supabase::token::Token;

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    messages: Vec<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    /// The topic without the prefix `realtime:`.
    topic: String,
    event: String,
    #[serde(borrow)]
    payload: &'a RawValue,
    #[serde(default)]
    private: bool,
}

#[derive(Deserialize)]
pub(super) struct Single {
    #[serde(default)]
    private: bool,
}

/// `POST /realtime/v1/api/broadcast`
pub(super) async fn batch(
    State(SupabaseState { realtime, .. }): State<SupabaseState>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let token = match requester(&realtime, &headers) {
        Ok(token) => token,
        Err(response) => return *response,
    };
    let batch: Batch<'_> = match serde_json::from_str(&body) {
        Ok(batch) => batch,
        Err(error) => return unprocessable(&json!({ "messages": [error.to_string()] })),
    };
    if batch.messages.iter().any(|message| !message.payload.get().starts_with('{')) {
        return unprocessable(&json!({ "messages": [{ "payload": ["is invalid"] }] }));
    }
    for message in &batch.messages {
        if let Err(rejection) = check(&message.topic, &message.event, message.payload.get()) {
            return unprocessable(&json!({ "messages": [{ "payload": [rejection.message] }] }));
        }
    }
    for message in batch.messages {
        // Messages without permission are skipped silently, as by the real server.
        if may_send(&realtime, &token, &message.topic, message.private) {
            let payload = user_payload(&message.event, message.payload.get(), None);
            send(&realtime, &message.topic, message.private, Body::json(payload));
        }
    }
    StatusCode::ACCEPTED.into_response()
}

/// `POST /realtime/v1/api/broadcast/TOPIC/events/EVENT`
pub(super) async fn single(
    State(SupabaseState { realtime, .. }): State<SupabaseState>,
    Path((topic, event)): Path<(String, String)>,
    Query(Single { private }): Query<Single>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = match requester(&realtime, &headers) {
        Ok(token) => token,
        Err(response) => return *response,
    };
    if let Err(rejection) = check(&topic, &event, "") {
        return unprocessable(&json!({ "topic": [rejection.message] }));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let body = match kind.unwrap_or_default().split(';').next().unwrap_or_default() {
        "application/json" => match serde_json::from_slice::<&RawValue>(&body) {
            Ok(payload) if nesting::check("the payload", payload.get()).is_err() => {
                return unprocessable(&json!({ "payload": ["is nested too deeply"] }));
            }
            Ok(payload) => Body::json(user_payload(&event, payload.get(), None)),
            Err(error) => return unprocessable(&json!({ "payload": [error.to_string()] })),
        },
        "application/octet-stream" => Body::User(UserBroadcast {
            event: event.into(),
            encoding: Encoding::Raw,
            payload: body,
            meta: None,
        }),
        _ => return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
    };
    if !may_send(&realtime, &token, &topic, private) {
        let body = json!({ "message": "You do not have permissions to write to this topic" });
        return publish::json(StatusCode::FORBIDDEN, body.to_string());
    }
    send(&realtime, &topic, private, body);
    StatusCode::ACCEPTED.into_response()
}

/// Rejects names and values that exceed the limits of a socket.
fn check(topic: &str, event: &str, payload: &str) -> Result<(), Rejection> {
    if topic.len() > MAX_NAME || event.len() > MAX_NAME {
        return Err(Rejection::invalid(format!("a name has at most {MAX_NAME} bytes")));
    }
    nesting::check("the payload", payload)
}

fn may_send(realtime: &Realtime, token: &Token, topic: &str, private: bool) -> bool {
    !private || realtime.settings.lock().rights(topic, &token.role).write
}

fn send(realtime: &Realtime, topic: &str, private: bool, body: Body) {
    realtime.admit_message();
    let place = Realtime::place(topic, private);
    realtime.engine.topics.broadcast(&place, "broadcast", body, None);
}

fn unprocessable(errors: &serde_json::Value) -> Response {
    let body = json!({ "errors": errors }).to_string();
    publish::json(StatusCode::UNPROCESSABLE_ENTITY, body)
}
