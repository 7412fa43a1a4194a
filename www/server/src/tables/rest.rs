//! Tables over HTTP.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::value::RawValue;

use crate::frame::{Fields, Object};
use crate::hub::{Publication, no_table};
use crate::log::Effect;
use crate::publish::{admit, json, refused};
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::tables::Change;

/// `GET /tables/CHANNEL`
pub(crate) async fn show(
    State(shared): State<Arc<Shared>>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Response {
    answer(admit(&shared.publish, &headers).and_then(|()| shared.hub.show_table(&channel)))
}

/// `POST /tables/CHANNEL`. The body is JSON whatever its declared type, as in `/publish`.
pub(crate) async fn change(
    State(shared): State<Arc<Shared>>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let admitted = admit(&shared.publish, &headers);
    answer(admitted.and_then(|()| make(&shared, &channel, &headers, &body)))
}

fn make(
    shared: &Shared,
    channel: &str,
    headers: &HeaderMap,
    body: &str,
) -> Result<String, Refusal> {
    if !shared.hub.has_table(channel) {
        return Err(no_table());
    }
    let event = Fields::parse(body)?.text("change")?.filter(|event| Change::is_named(event));
    let event = event.ok_or_else(|| Refusal::invalid("`change` is insert, update or delete"))?;
    let id = match headers.get("idempotency-key").map(|key| key.to_str()) {
        Some(Ok(key)) => Some(key.to_owned()),
        Some(Err(_)) => return Err(Refusal::invalid("`Idempotency-Key` is plain text")),
        None => None,
    };
    let payload = RawValue::from_string(body.to_owned())
        .map_err(|_| Refusal::invalid("the body is not JSON"))?;
    let (event, user, verbatim) = (Some(event), None, None);
    let placed = shared.hub.publish(Publication { channel, id, event, payload, user, verbatim })?;
    let row = match &placed.effect {
        Effect::Stored(row) => row,
        Effect::Deleted | Effect::Relayed => "null",
    };
    Ok(Object::new().raw("row", row).end())
}

fn answer(result: Result<String, Refusal>) -> Response {
    match result {
        Ok(text) => json(StatusCode::OK, text),
        Err(refusal) => refused(&refusal, StatusCode::UNPROCESSABLE_ENTITY),
    }
}
