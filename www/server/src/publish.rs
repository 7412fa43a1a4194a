//! Publishing over HTTP.

use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::value::RawValue;

use crate::account::Party;
use crate::app_state::Shared;
use crate::config::PublishAccess;
use crate::frame::{Fields, Object};
use crate::listener::Peer;
use crate::patience::Patience;
use crate::publication::{Placed, Publication};
use crate::refusal::Refusal;

/// `POST /publish`. The body is JSON whatever its declared type, for the convenience of curl.
pub(crate) async fn publish(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let party = admit(&shared.publish, &headers).and_then(|()| shared.visitor(&peer, None));
    let placed = match party {
        Ok(party) => accept(&shared, &party, &body).await,
        Err(refusal) => Err(refusal),
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
        Err(refusal) => refused(&refusal, StatusCode::BAD_REQUEST),
    }
}

/// A refusal as a response; `invalid` is the status of what was wrong with the request.
pub(crate) fn refused(refusal: &Refusal, invalid: StatusCode) -> Response {
    let status = match refusal.code {
        "unauthorized" => StatusCode::UNAUTHORIZED,
        "forbidden" => StatusCode::FORBIDDEN,
        "not_found" => StatusCode::NOT_FOUND,
        "conflict" => StatusCode::CONFLICT,
        "rate_limited" => StatusCode::TOO_MANY_REQUESTS,
        "internal" | "limit" => StatusCode::SERVICE_UNAVAILABLE,
        _ => invalid,
    };
    json(status, Object::new().raw("error", &Object::new().refusal(refusal).end()).end())
}

/// Lets in whoever may publish over HTTP.
pub(crate) fn admit(access: &PublishAccess, headers: &HeaderMap) -> Result<(), Refusal> {
    match access {
        PublishAccess::Open => Ok(()),
        PublishAccess::Closed => Err(Refusal::forbidden(
            "publishing over HTTP is off: start with --publish-open, or set `publish` in the config",
        )),
        PublishAccess::Bearer(secret) => {
            if bearer(headers).is_some_and(|given| same(given.as_bytes(), secret.as_bytes())) {
                Ok(())
            } else {
                Err(Refusal::unauthorized("the bearer token is missing or wrong"))
            }
        }
    }
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::trim)
}

/// The mutation's id, from `Idempotency-Key`.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let key = headers.get("idempotency-key").map(|key| key.to_str().map(ToOwned::to_owned));
    key.transpose().map_err(|_| Refusal::invalid("`Idempotency-Key` is plain text"))
}

/// Compares in a time that does not tell where the difference is.
fn same(given: &[u8], secret: &[u8]) -> bool {
    given.len() == secret.len()
        && given.iter().zip(secret).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

async fn accept(shared: &Shared, party: &Party, body: &str) -> Result<Placed, Refusal> {
    let fields = Fields::parse(body)?;
    let channel =
        fields.text("channel")?.ok_or_else(|| Refusal::invalid("`channel` is missing"))?;
    let payload = fields.get("payload").ok_or_else(|| Refusal::invalid("`payload` is missing"))?;
    let placed = shared.hub.publish(Publication {
        channel: &channel,
        id: fields.text("id")?,
        event: fields.text("event")?,
        payload: RawValue::to_owned(payload),
        user: None,
        verbatim: None,
        party: Some(party),
    })?;
    if placed.crowded {
        Patience::new().wait(&shared.hub, &channel).await;
    }
    Ok(placed)
}

/// A response whose body is JSON text already.
pub(crate) fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
