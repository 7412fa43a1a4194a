//! Tables over HTTP.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::value::RawValue;
use tidewire_server_core::Effect;
use tidewire_server_core::Publication;
use tidewire_server_core::Rejection;
use tidewire_server_core::account::Requester;
use tidewire_server_core::frame::{Fields, Object};

use crate::app_state::AppState;
use crate::config::PublishAccess;
use crate::hub::no_table;
use crate::listener::Peer;
use crate::publish::{admit, bearer, idempotency_key, json, rejection_response};
use crate::tables::Change;

/// `GET /tables/CHANNEL`
pub(crate) async fn show(
    State(app_state): State<Arc<AppState>>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Response {
    let admitted = admit_to(&app_state, &channel, &headers);
    answer(admitted.and_then(|()| app_state.hub.show_table(&channel)))
}

/// `POST /tables/CHANNEL`. The body is JSON whatever its declared type, as in `/publish`.
pub(crate) async fn change(
    State(app_state): State<Arc<AppState>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let admitted = admit_to(&app_state, &channel, &headers);
    let requester = admitted.and_then(|()| app_state.http_requester(&peer, None));
    answer(requester.and_then(|requester| make(&app_state, &channel, &requester, &headers, &body)))
}

/// Authorizes a request as for publishing; a table that belongs to one user requires this user's
/// token as well.
fn admit_to(app_state: &AppState, channel: &str, headers: &HeaderMap) -> Result<(), Rejection> {
    admit(&app_state.publish, headers)?;
    let is_open =
        app_state.hub.catalog().open_table(channel).is_some() || !app_state.hub.has_table(channel);
    if is_open || app_state.publish != PublishAccess::Open {
        return Ok(());
    }
    if app_state.check_token(bearer(headers))?.allows(channel) {
        return Ok(());
    }
    Err(Rejection::forbidden("this table is another user's"))
}

fn make(
    app_state: &AppState,
    channel: &str,
    requester: &Requester,
    headers: &HeaderMap,
    body: &str,
) -> Result<String, Rejection> {
    if !app_state.hub.has_table(channel) {
        return Err(no_table());
    }
    let event = Fields::parse(body)?.text("change")?.filter(|event| Change::is_named(event));
    let event = event.ok_or_else(|| Rejection::invalid("`change` is insert, update or delete"))?;
    let id = idempotency_key(headers)?;
    let payload = RawValue::from_string(body.to_owned())
        .map_err(|_| Rejection::invalid("the body is not JSON"))?;
    let (event, user, verbatim) = (Some(event), None, None);
    let requester = Some(requester);
    let publication = Publication { channel, id, event, payload, user, verbatim, requester };
    let placed = app_state.hub.publish(publication)?;
    let row = match &placed.effect {
        Effect::Stored(row) => row,
        Effect::Deleted | Effect::Relayed => "null",
    };
    Ok(Object::new().raw("row", row).end())
}

fn answer(result: Result<String, Rejection>) -> Response {
    match result {
        Ok(text) => json(StatusCode::OK, text),
        Err(rejection) => rejection_response(&rejection, StatusCode::UNPROCESSABLE_ENTITY),
    }
}
