//! Publishing over HTTP.

use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::value::RawValue;
use tidewire_server_core::Rejection;
use tidewire_server_core::account::Requester;
use tidewire_server_core::frame::{Fields, Object};
use tidewire_server_core::{Placed, Publication};

use crate::app_state::AppState;
use crate::backpressure::BackpressureBudget;
use crate::config::PublishAccess;
use crate::connection_handle::Crowding;
use crate::listener::Peer;

/// `POST /publish`. The body is JSON whatever its declared type, for the convenience of curl.
pub(crate) async fn publish(
    State(app_state): State<Arc<AppState>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let requester =
        admit(&app_state.publish, &headers).and_then(|()| app_state.http_requester(&peer, None));
    let placed = match requester {
        Ok(requester) => accept(&app_state, &requester, &body).await,
        Err(rejection) => Err(rejection),
    };
    match placed {
        Ok(placed) => {
            let answer = Object::new()
                .text("id", &placed.id)
                .number("seq", placed.seq)
                .text("epoch", &placed.epoch)
                .end();
            json(StatusCode::OK, answer)
        }
        Err(rejection) => rejection_response(&rejection, StatusCode::BAD_REQUEST),
    }
}

/// A rejection as a response; `invalid` is the status for an invalid request.
pub(crate) fn rejection_response(rejection: &Rejection, invalid: StatusCode) -> Response {
    let status = match rejection.code {
        "unauthorized" => StatusCode::UNAUTHORIZED,
        "forbidden" => StatusCode::FORBIDDEN,
        "not_found" => StatusCode::NOT_FOUND,
        "conflict" => StatusCode::CONFLICT,
        "rate_limited" => StatusCode::TOO_MANY_REQUESTS,
        "internal" | "limit" => StatusCode::SERVICE_UNAVAILABLE,
        _ => invalid,
    };
    json(status, Object::new().raw("error", &Object::new().rejection(rejection).end()).end())
}

/// Authorizes a request to publish over HTTP.
pub(crate) fn admit(access: &PublishAccess, headers: &HeaderMap) -> Result<(), Rejection> {
    match access {
        PublishAccess::Open => Ok(()),
        PublishAccess::Closed => Err(Rejection::forbidden(
            "publishing over HTTP is off: start with --publish-open, or set `publish` in the config",
        )),
        PublishAccess::Bearer(secret) => {
            if bearer(headers).is_some_and(|given| same(given.as_bytes(), secret.as_bytes())) {
                Ok(())
            } else {
                Err(Rejection::unauthorized("the bearer token is missing or wrong"))
            }
        }
    }
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::trim)
}

/// The mutation's id, which is the header `Idempotency-Key`.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Rejection> {
    let key = headers.get("idempotency-key").map(|key| key.to_str().map(ToOwned::to_owned));
    key.transpose().map_err(|_| Rejection::invalid("`Idempotency-Key` is plain text"))
}

/// Compares in constant time.
fn same(given: &[u8], secret: &[u8]) -> bool {
    given.len() == secret.len()
        && given.iter().zip(secret).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

async fn accept(
    app_state: &AppState,
    requester: &Requester,
    body: &str,
) -> Result<Placed, Rejection> {
    let fields = Fields::parse(body)?;
    let channel =
        fields.text("channel")?.ok_or_else(|| Rejection::invalid("`channel` is missing"))?;
    let payload =
        fields.get("payload").ok_or_else(|| Rejection::invalid("`payload` is missing"))?;
    let publication = Publication {
        channel: &channel,
        id: fields.text("id")?,
        event: fields.text("event")?,
        payload: RawValue::to_owned(payload),
        user: None,
        verbatim: None,
        requester: Some(requester),
    };
    let (placed, cost) = app_state.hub.run(|hub, now| hub.publish(publication, now));
    let placed = placed?;
    if cost.crowding == Crowding::Crowded {
        BackpressureBudget::new().wait(&app_state.hub, &channel).await;
    }
    Ok(placed)
}

/// A response whose body is this JSON text.
pub(crate) fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
