//! The domains over HTTP: each table as a collection of resources.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{any, get};
use serde_json::value::RawValue;
use tidewire_server_core::Effect;
use tidewire_server_core::Publication;
use tidewire_server_core::Rejection;
use tidewire_server_core::account::Requester;
use tidewire_server_core::frame::{Fields, Object, quote};

use crate::app_state::AppState;
use crate::listener::Peer;
use crate::publish::{bearer, idempotency_key, json, rejection_response};
use crate::tables::{KEY, Key};

/// The paths of the collections, and their channels. A name that ends with a colon is followed by
/// the path's `{scope}`.
const COLLECTIONS: &[(&str, &str)] = &[
    ("/api/projects/{scope}/interviews", "interviews:"),
    ("/api/interviews/{scope}/notes", "interview-notes:"),
    ("/api/interviews/{scope}/replies", "interview-replies:"),
    ("/api/bills", "bills"),
    ("/api/engagement", "bill-engagement"),
    ("/api/bills/{scope}/comments", "comments:"),
    ("/api/bills/{scope}/votes", "votes:"),
    ("/api/experts", "experts"),
    ("/api/moderation", "moderation"),
    ("/api/users/{scope}/notifications", "notifications:"),
    ("/api/campaigns/{scope}/calls", "calls:"),
    ("/api/campaigns", "campaigns"),
    ("/api/campaigns/{scope}/bids", "bids:"),
];

/// One collection of a server.
struct Collection {
    app_state: Arc<AppState>,
    channel: &'static str,
}

/// An authorized request for a collection.
struct Visit<'a> {
    app_state: &'a AppState,
    channel: String,
    user: Option<String>,
    requester: Requester,
    key: &'a str,
    id: Option<String>,
}

type Params = Path<HashMap<String, String>>;

/// The endpoints of all collections.
pub(crate) fn router(app_state: &Arc<AppState>) -> Router {
    let router = COLLECTIONS.iter().fold(Router::new(), |router, (path, channel)| {
        let state = Arc::new(Collection { app_state: Arc::clone(app_state), channel });
        let collection = get(list).post(create).with_state(Arc::clone(&state));
        let resource = get(show).patch(update).delete(remove).with_state(state);
        router.route(path, collection).route(&format!("{path}/{{id}}"), resource)
    });
    router.route("/api/{*path}", any(unknown))
}

async fn list(
    State(collection): State<Arc<Collection>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(params): Params,
    headers: HeaderMap,
) -> Response {
    answer(
        StatusCode::OK,
        collection.visit(&params, &headers, &peer).and_then(|visit| visit.list()),
    )
}

async fn create(
    State(collection): State<Arc<Collection>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(params): Params,
    headers: HeaderMap,
    body: String,
) -> Response {
    let visit = collection.visit(&params, &headers, &peer);
    answer(StatusCode::CREATED, visit.and_then(|visit| visit.create(&body)))
}

async fn show(
    State(collection): State<Arc<Collection>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(params): Params,
    headers: HeaderMap,
) -> Response {
    answer(
        StatusCode::OK,
        collection.visit(&params, &headers, &peer).and_then(|visit| visit.show()),
    )
}

async fn update(
    State(collection): State<Arc<Collection>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(params): Params,
    headers: HeaderMap,
    body: String,
) -> Response {
    let visit = collection.visit(&params, &headers, &peer);
    answer(StatusCode::OK, visit.and_then(|visit| visit.update(&body)))
}

async fn remove(
    State(collection): State<Arc<Collection>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(params): Params,
    headers: HeaderMap,
) -> Response {
    answer(
        StatusCode::OK,
        collection.visit(&params, &headers, &peer).and_then(|visit| visit.remove()),
    )
}

async fn unknown() -> Response {
    answer(StatusCode::OK, Err(Rejection::not_found("there is no such endpoint")))
}

impl Collection {
    /// Authorizes a request whose token allows the channel.
    fn visit<'a>(
        &'a self,
        params: &'a HashMap<String, String>,
        headers: &HeaderMap,
        peer: &Peer,
    ) -> Result<Visit<'a>, Rejection> {
        let grant = self.app_state.check_token(bearer(headers))?;
        let scope = params.get("scope").map_or("", String::as_str);
        let channel = format!("{}{scope}", self.channel);
        if !grant.allows(&channel) {
            return Err(Rejection::forbidden("this user may not use this channel"));
        }
        let key = params.get(KEY).map_or("", String::as_str);
        let id = idempotency_key(headers)?;
        let requester = self.app_state.http_requester(peer, grant.user.as_deref())?;
        Ok(Visit { app_state: &self.app_state, channel, user: grant.user, requester, key, id })
    }
}

impl Visit<'_> {
    fn list(self) -> Result<String, Rejection> {
        let (rows, position) = self.app_state.hub.snapshot(&self.channel)?;
        Ok(Object::new().raw("data", &rows).raw("position", &position).end())
    }

    fn show(self) -> Result<String, Rejection> {
        let row = self.app_state.hub.row(&self.channel, &Key::parse(&quote(self.key))?)?;
        Ok(Object::new().raw("data", &row.text).end())
    }

    fn create(self, body: &str) -> Result<String, Rejection> {
        Fields::parse(body).map_err(|_| Rejection::invalid("the body is not an object"))?;
        self.change("insert", Object::new().raw("row", body).end())
    }

    fn update(self, body: &str) -> Result<String, Rejection> {
        let fields =
            Fields::parse(body).map_err(|_| Rejection::invalid("the body is not an object"))?;
        let row = Object::new().text(KEY, self.key);
        let row = fields
            .iter()
            .filter(|(name, _)| *name != KEY)
            .fold(row, |row, (name, value)| row.raw(name, value.get()));
        self.change("update", Object::new().raw("row", &row.end()).end())
    }

    fn remove(self) -> Result<String, Rejection> {
        let payload = Object::new().text("key", self.key).end();
        self.change("delete", payload)
    }

    fn change(self, event: &str, payload: String) -> Result<String, Rejection> {
        let payload = RawValue::from_string(payload)
            .map_err(|_| Rejection::invalid("the change is not JSON"))?;
        let placed = self.app_state.hub.publish(Publication {
            channel: &self.channel,
            id: self.id,
            event: Some(event.to_owned()),
            payload,
            user: self.user,
            verbatim: None,
            requester: Some(&self.requester),
        })?;
        let row = match &placed.effect {
            Effect::Stored(row) => row,
            Effect::Deleted | Effect::Relayed => "null",
        };
        Ok(Object::new().raw("data", row).end())
    }
}

fn answer(status: StatusCode, result: Result<String, Rejection>) -> Response {
    match result {
        Ok(text) => json(status, text),
        Err(rejection) => rejection_response(&rejection, StatusCode::UNPROCESSABLE_ENTITY),
    }
}
