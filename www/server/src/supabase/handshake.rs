//! The handshake of `/realtime/v1/websocket`, and the authentication of HTTP requests.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::listener::Peer;
use crate::phoenix::{Visit, Vsn, open, rejected_by_switch};
use crate::publish;
use crate::supabase::realtime::Realtime;
use crate::supabase::state::SupabaseState;
use crate::supabase::token::Token;

/// `GET /realtime/v1/websocket`
pub(super) async fn upgrade(
    State(SupabaseState { app_state, realtime }): State<SupabaseState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(params): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    if let Some(rejection) = rejected_by_switch(&app_state).await {
        return rejection;
    }
    let Some(vsn) = Vsn::parse(params.get("vsn").map(String::as_str)) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let header = headers.get("x-api-key").and_then(|value| value.to_str().ok());
    let key = header.or_else(|| params.get("apikey").map(String::as_str)).unwrap_or_default();
    let socket_data = match admit(&realtime, key) {
        Ok(socket_data) => socket_data,
        Err(error) => {
            app_state.stats.counters().rejected += 1;
            let wait = realtime.settings.lock().connect_rejection_delay_ms;
            tokio::time::sleep(Duration::from_millis(wait)).await;
            return publish::json(StatusCode::UNAUTHORIZED, json!({ "error": error }).to_string());
        }
    };
    let limit = realtime.settings.lock().max_frame_bytes;
    let user = app_state.accounts.of(socket_data.subject.as_deref(), peer.address);
    let visit = Visit { vsn, socket_data, peer, user, limits: app_state.limits.clone() };
    open(realtime, visit, socket, limit)
}

fn admit(realtime: &Realtime, key: &str) -> Result<Token, String> {
    if key.is_empty() {
        return Err("API key is missing".into());
    }
    realtime.check_token(key).map_err(|fault| fault.handshake())
}

/// The token of an HTTP request: the bearer token, else the `apikey`.
pub(super) fn requester(realtime: &Realtime, headers: &HeaderMap) -> Result<Token, Box<Response>> {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let bearer = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
    // A project key may also be sent as the bearer token, but is not a JWT.
    let bearer = bearer.filter(|token| !token.starts_with("sb_"));
    let rejected = |message: &str| {
        let body = json!({ "message": message }).to_string();
        Box::new(publish::json(StatusCode::UNAUTHORIZED, body))
    };
    let Some(token) = bearer.or_else(|| text("apikey")) else {
        return Err(rejected("No API key found in request"));
    };
    realtime.check_token(token).map_err(|fault| rejected(&fault.message()))
}
