//! Channels: looked at, filled, and emptied.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::{Instant, sleep_until};

use crate::app_state::Shared;
use crate::control::{answer, read};
use crate::patience::Patience;
use crate::publication::Publication;
use crate::publish;
use crate::refusal::Refusal;

#[derive(Deserialize)]
pub(super) struct ChannelQuery {
    channel: String,
}

/// `GET /log`
pub(super) async fn log(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<ChannelQuery>,
) -> Response {
    publish::json(StatusCode::OK, shared.hub.show_log(&query.channel))
}

/// `GET /table`
pub(super) async fn table(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<ChannelQuery>,
) -> Response {
    match shared.hub.show_table(&query.channel) {
        Ok(text) => publish::json(StatusCode::OK, text),
        Err(refusal) => publish::refused(&refusal, StatusCode::BAD_REQUEST),
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
pub(super) async fn trim(State(shared): State<Arc<Shared>>, body: String) -> Response {
    let request: TrimRequest = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    match shared.hub.keep(&request.channel, request.keep) {
        Ok(()) => publish::json(StatusCode::OK, shared.hub.show_log(&request.channel)),
        Err(refusal) => publish::refused(&refusal, StatusCode::BAD_REQUEST),
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
pub(super) async fn flood(State(shared): State<Arc<Shared>>, body: String) -> Response {
    let request: FloodRequest = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    match pour(&shared, &request).await {
        Ok(last) => answer(&json!({ "seq": last })),
        Err(refusal) => publish::refused(&refusal, StatusCode::BAD_REQUEST),
    }
}

/// The seq of the last message.
async fn pour(shared: &Shared, request: &FloodRequest) -> Result<Option<u64>, Refusal> {
    let start = Instant::now();
    let mut patience = Patience::new();
    let mut last = None;
    for count in 0..request.count {
        match request.per_second.filter(|rate| *rate > 0) {
            Some(rate) => {
                sleep_until(start + Duration::from_secs(1).mul_f64(count as f64 / f64::from(rate)))
                    .await;
            }
            None => patience.wait(&shared.hub, &request.channel).await,
        }
        let placed = shared.hub.publish(Publication {
            channel: &request.channel,
            id: None,
            event: request.event.clone(),
            payload: numbered(request.from + count)?,
            user: None,
            verbatim: None,
            party: None,
        })?;
        last = Some(placed.seq);
    }
    Ok(last)
}

fn numbered(n: u64) -> Result<Box<RawValue>, Refusal> {
    to_raw_value(&json!({ "n": n })).map_err(|_| Refusal::internal("the number cannot be sent"))
}
