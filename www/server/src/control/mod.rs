//! The control endpoint: statistics and fault injection. It is enabled by a flag, and listens on
//! loopback.

mod channels;
mod churn;
mod faults;
pub(crate) mod response;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use tidewire_server_core::Logs;
use tower_http::cors::CorsLayer;

use crate::app_state::AppState;
use crate::clock::uptime;
use crate::connection_handle::ConnectionHandle;
use crate::control::response::{answer, problem, read};
use crate::listener::RejectMode;

/// Which clients may use the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Web pages of any origin too.
    Open,
    /// Only local programs.
    Local,
}

/// The endpoint's routes, with those of the emulated protocols.
pub(crate) fn router(app_state: Arc<AppState>, emulated: Router, access: Access) -> Router {
    let router = Router::new()
        .route("/connections", get(connections))
        .route("/stats", get(stats))
        .route("/log", get(channels::log))
        .route("/table", get(channels::table))
        .route("/trim", post(channels::trim))
        .route("/flood", post(channels::flood))
        .route("/churn", post(churn::churn))
        .route("/faults", post(faults::set))
        .route("/reject", post(reject))
        .route("/tokens/expire", post(expire))
        .route("/restart", post(restart))
        .with_state(app_state)
        .merge(emulated);
    match access {
        Access::Open => router.layer(CorsLayer::permissive()),
        Access::Local => router.layer(middleware::from_fn(reject_pages)),
    }
}

/// Rejects requests of web pages, which must not reach a developer's loopback interface.
async fn reject_pages(headers: HeaderMap, request: Request, next: Next) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let local = matches!(name, "127.0.0.1" | "localhost" | "[::1]");
    if headers.contains_key(header::ORIGIN) || !local {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn connections(State(app_state): State<Arc<AppState>>) -> Response {
    let all: Vec<Value> = app_state
        .stats
        .connections()
        .iter()
        .map(|connection| describe(&app_state, connection))
        .collect();
    answer(&Value::from(all))
}

fn describe(app_state: &AppState, connection: &ConnectionHandle) -> Value {
    // The hub has to be locked before a connection.
    let joined = app_state.hub.channels_of(connection.number);
    let state = connection.state();
    let channels = if state.closed.is_none() { &joined } else { &state.channels };
    let mut shown = json!({
        "id": connection.id,
        "user": state.user,
        "open": state.closed.is_none(),
        "features": state.features.names(),
        "channels": channels,
        "openedAt": connection.opened_at,
        "received": state.received,
        "sent": state.sent,
    });
    if let Some(closed) = state.closed {
        shown["closedAt"] = closed.at.into();
        shown["closeCode"] = closed.code.into();
    }
    shown
}

async fn stats(State(app_state): State<Arc<AppState>>) -> Response {
    let mut shown = json!(*app_state.stats.counters());
    shown["open"] = app_state.stats.open_connections().len().into();
    let counters = app_state.hub.counters();
    shown["subscribes"] = json!(counters.subscribes);
    shown["unsubscribes"] = json!(counters.unsubscribes);
    shown["publishes"] = json!(counters.publishes);
    let (channels, members) = app_state.hub.count();
    shown["channels"] = channels.into();
    shown["members"] = members.into();
    shown["ids"] = app_state.hub.ack_memory_bytes().into();
    shown["accounts"] = app_state.accounts.count().into();
    answer(&shown)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RejectRequest {
    mode: RejectMode,
}

async fn reject(State(app_state): State<Arc<AppState>>, body: String) -> Response {
    match read::<RejectRequest>(&body) {
        Ok(request) => {
            *app_state.listener.mode.lock() = request.mode;
            answer(&json!({}))
        }
        Err(response) => *response,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpireRequest {
    user: Option<String>,
    connection: Option<String>,
    #[serde(default)]
    grace_ms: u64,
}

async fn expire(State(app_state): State<Arc<AppState>>, body: String) -> Response {
    let request: ExpireRequest = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    let at = uptime() + Duration::from_millis(request.grace_ms);
    // Closed connections too: their token must not be accepted for the next one.
    let selected: Vec<_> = app_state
        .stats
        .connections()
        .into_iter()
        .filter(|connection| request.connection.as_ref().is_none_or(|id| *id == connection.id))
        .filter(|connection| request.user.is_none() || connection.user() == request.user)
        .collect();
    selected.iter().for_each(|connection| app_state.revoke(connection, at));
    answer(&json!({ "applied": selected.iter().filter(|connection| connection.is_open()).count() }))
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeptLogs {
    Keep,
    Lose,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RestartRequest {
    logs: KeptLogs,
    #[serde(default)]
    down_ms: u64,
}

/// `POST /restart`. Answers as soon as the server has stopped listening.
async fn restart(State(app_state): State<Arc<AppState>>, body: String) -> Response {
    let request: RestartRequest = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    let back = app_state.listener.close().await;
    for connection in app_state.stats.open_connections() {
        connection.abort();
    }
    app_state.listener.cut_all();
    let restarted = app_state.hub.restart(match request.logs {
        KeptLogs::Keep => Logs::Keep,
        KeptLogs::Lose => Logs::Lose,
    });
    let _ = back.send(Duration::from_millis(request.down_ms));
    match restarted {
        Ok(()) => answer(&json!({ "downMs": request.down_ms })),
        Err(rejection) => problem(StatusCode::INTERNAL_SERVER_ERROR, &rejection.message),
    }
}
