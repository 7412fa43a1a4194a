//! Inspection, filling and trimming of channels.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use tidewire_server_core::Publication;
use tidewire_server_core::Rejection;
use tokio::time::{Instant, sleep_until};

use crate::app_state::AppState;
use crate::backpressure::BackpressureBudget;
use crate::control::response::{answer, read};
use crate::publish;

#[derive(Deserialize)]
pub(super) struct ChannelQuery {
    channel: String,
}

/// `GET /log`
pub(super) async fn log(
    State(app_state): State<Arc<AppState>>,
    Query(query): Query<ChannelQuery>,
) -> Response {
    publish::json(StatusCode::OK, app_state.hub.show_log(&query.channel))
}

/// `GET /table`
pub(super) async fn table(
    State(app_state): State<Arc<AppState>>,
    Query(query): Query<ChannelQuery>,
) -> Response {
    match app_state.hub.show_table(&query.channel) {
        Ok(text) => publish::json(StatusCode::OK, text),
        Err(rejection) => publish::rejection_response(&rejection, StatusCode::BAD_REQUEST),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrimRequest {
    channel: String,
    #[serde(default)]
    keep: usize,
}

/// `POST /trim`
pub(super) async fn trim(State(app_state): State<Arc<AppState>>, body: String) -> Response {
    let request: TrimRequest = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    match app_state.hub.truncate_log(&request.channel, request.keep) {
        Ok(()) => publish::json(StatusCode::OK, app_state.hub.show_log(&request.channel)),
        Err(rejection) => publish::rejection_response(&rejection, StatusCode::BAD_REQUEST),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FloodRequest {
    channel: String,
    event: Option<String>,
    #[serde(default = "one")]
    from: u64,
    count: u64,
    per_second: Option<u32>,
}

fn one() -> u64 {
    1
}

/// `POST /flood`: numbered messages, at a rate or as fast as they are read. Answers when the last
/// is in the log.
pub(super) async fn flood(State(app_state): State<Arc<AppState>>, body: String) -> Response {
    let request: FloodRequest = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    match publish_numbered(&app_state, &request).await {
        Ok(last) => answer(&json!({ "seq": last })),
        Err(rejection) => publish::rejection_response(&rejection, StatusCode::BAD_REQUEST),
    }
}

/// Publishes the messages; returns the seq of the last one.
async fn publish_numbered(
    app_state: &AppState,
    request: &FloodRequest,
) -> Result<Option<u64>, Rejection> {
    let start = Instant::now();
    let mut budget = BackpressureBudget::new();
    let mut last = None;
    for count in 0..request.count {
        match request.per_second.filter(|rate| *rate > 0) {
            Some(rate) => {
                sleep_until(start + Duration::from_secs(1).mul_f64(count as f64 / f64::from(rate)))
                    .await;
            }
            None => budget.wait(&app_state.hub, &request.channel).await,
        }
        let placed = app_state.hub.publish(Publication {
            channel: &request.channel,
            id: None,
            event: request.event.clone(),
            payload: numbered(request.from + count)?,
            user: None,
            verbatim: None,
            requester: None,
        })?;
        last = Some(placed.seq);
    }
    Ok(last)
}

fn numbered(n: u64) -> Result<Box<RawValue>, Rejection> {
    to_raw_value(&json!({ "n": n })).map_err(|_| Rejection::internal("the number cannot be sent"))
}
