//! Setting faults.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use tidewire_server_core::faults::FaultChange;
use tidewire_server_core::frame::Frame;
use tidewire_server_core::{CloseAction, Rejection};

use crate::app_state::AppState;
use crate::connection_handle::ConnectionHandle;
use crate::control::response::{answer, not_found, read, wrong};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FaultRequest {
    connection: String,
    #[serde(default)]
    drop: bool,
    close: Option<u16>,
    reason: Option<String>,
    half_open: Option<bool>,
    delay_ms: Option<u64>,
    duplicate: Option<f64>,
    reorder: Option<f64>,
    lose: Option<f64>,
    lose_acks: Option<f64>,
    drop_after_accept: Option<bool>,
    seed: Option<u64>,
    #[serde(default)]
    clear: bool,
}

/// `POST /faults`
pub(super) async fn set(State(app_state): State<Arc<AppState>>, body: String) -> Response {
    let request: FaultRequest = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    let chances = [request.duplicate, request.reorder, request.lose, request.lose_acks];
    for chance in chances.into_iter().flatten() {
        if !(0.0..=1.0).contains(&chance) {
            return wrong("a probability is between 0 and 1");
        }
    }
    let close_action = match (request.drop, request.close) {
        (true, _) => Some(CloseAction::Abort),
        (false, Some(code)) if !(1000..5000).contains(&code) => {
            return wrong("a close code is between 1000 and 4999");
        }
        (false, Some(code)) => Some(closing(code, request.reason.clone())),
        (false, None) => None,
    };
    // Locked throughout, so that a connection opened at the same time is not missed.
    let mut future_connections = app_state.future_connections.lock();
    let targets: Vec<Arc<ConnectionHandle>> = match request.connection.as_str() {
        "all" | "next" => app_state.stats.open_connections(),
        "future" => Vec::new(),
        id => {
            let connections = app_state.stats.open_connections();
            let found: Vec<_> =
                connections.into_iter().filter(|connection| connection.id == id).collect();
            if found.is_empty() {
                return not_found("no connection of this id is open");
            }
            found
        }
    };
    let change = request.change();
    let includes_future = matches!(request.connection.as_str(), "next" | "future");
    if includes_future || (request.clear && request.connection == "all") {
        change.apply(&mut future_connections.faults);
        future_connections.close_action =
            if request.clear { None } else { future_connections.close_action.take() };
    }
    if includes_future && let Some(close_action) = &close_action {
        future_connections.close_action = Some(close_action.clone());
    }
    for connection in &targets {
        connection.change_faults(&change);
        match &close_action {
            Some(CloseAction::Abort) => connection.abort(),
            Some(close_action) => connection.outbound.end(close_action.clone()),
            None => {}
        }
    }
    answer(&json!({ "applied": targets.len() }))
}

impl FaultRequest {
    fn change(&self) -> FaultChange {
        FaultChange {
            clear: self.clear,
            half_open: self.half_open,
            delay: self.delay_ms.map(Duration::from_millis),
            duplicate: self.duplicate,
            reorder: self.reorder,
            lose: self.lose,
            lose_acks: self.lose_acks,
            drop_after_accept: self.drop_after_accept,
            seed: self.seed,
        }
    }
}

/// A close action as of a real server: the protocol's own codes are preceded by an error frame.
fn closing(code: u16, reason: Option<String>) -> CloseAction {
    let reason = reason.unwrap_or_default();
    let rejection = match code {
        4001 => Some(Rejection::unauthorized("the connection was closed on request")),
        4002 => Some(Rejection::forbidden("the connection was closed on request")),
        _ => None,
    };
    let error = rejection.map(|rejection| Frame::error(&rejection, None, None));
    // A close frame has room for 123 bytes.
    let end = (0..=reason.len().min(123)).rev().find(|end| reason.is_char_boundary(*end));
    CloseAction::Close { code, reason: reason[..end.unwrap_or(0)].to_owned(), error }
}
