//! Tables over HTTP.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::value::RawValue;

use crate::accepted::Effect;
use crate::account::Party;
use crate::app_state::Shared;
use crate::config::PublishAccess;
use crate::frame::{Fields, Object};
use crate::hub::no_table;
use crate::listener::Peer;
use crate::publication::Publication;
use crate::publish::{admit, bearer, idempotency_key, json, refused};
use crate::refusal::Refusal;
use crate::tables::Change;

/// `GET /tables/CHANNEL`
pub(crate) async fn show(
    State(shared): State<Arc<Shared>>,
    Path(channel): Path<String>,
    headers: HeaderMap,
) -> Response {
    let admitted = admit_to(&shared, &channel, &headers);
    answer(admitted.and_then(|()| shared.hub.show_table(&channel)))
}

/// `POST /tables/CHANNEL`. The body is JSON whatever its declared type, as in `/publish`.
pub(crate) async fn change(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(channel): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let admitted = admit_to(&shared, &channel, &headers);
    let party = admitted.and_then(|()| shared.visitor(&peer, None));
    answer(party.and_then(|party| make(&shared, &channel, &party, &headers, &body)))
}

/// Lets in whoever may publish. Where everybody may, a table that is one user's is still theirs.
fn admit_to(shared: &Shared, channel: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    admit(&shared.publish, headers)?;
    let is_open =
        shared.hub.catalog().open_table(channel).is_some() || !shared.hub.has_table(channel);
    if is_open || shared.publish != PublishAccess::Open {
        return Ok(());
    }
    if shared.check_token(bearer(headers))?.allows(channel) {
        return Ok(());
    }
    Err(Refusal::forbidden("this table is another user's"))
}

fn make(
    shared: &Shared,
    channel: &str,
    party: &Party,
    headers: &HeaderMap,
    body: &str,
) -> Result<String, Refusal> {
    if !shared.hub.has_table(channel) {
        return Err(no_table());
    }
    let event = Fields::parse(body)?.text("change")?.filter(|event| Change::is_named(event));
    let event = event.ok_or_else(|| Refusal::invalid("`change` is insert, update or delete"))?;
    let id = idempotency_key(headers)?;
    let payload = RawValue::from_string(body.to_owned())
        .map_err(|_| Refusal::invalid("the body is not JSON"))?;
    let (event, user, verbatim) = (Some(event), None, None);
    let party = Some(party);
    let publication = Publication { channel, id, event, payload, user, verbatim, party };
    let placed = shared.hub.publish(publication)?;
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
