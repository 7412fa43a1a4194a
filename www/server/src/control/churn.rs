//! Changes to a table at a rate.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use fastrand::Rng;
use serde::Deserialize;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};
use tidewire_server_core::Publication;
use tidewire_server_core::Rejection;
use tokio::time::{Instant, sleep_until};

use crate::app_state::AppState;
use crate::backpressure::BackpressureBudget;
use crate::control::response::{answer, read};
use crate::hub::no_table;
use crate::publish;
use crate::tables::{KEY, Key, sample};

/// The average number of attempts per row, after which the table is left with fewer rows.
const ATTEMPTS: usize = 4;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChurnRequest {
    channel: String,
    per_second: u32,
    seconds: f64,
    #[serde(default)]
    rows: usize,
    #[serde(default)]
    seed: u64,
}

/// `POST /churn`: fills a table up to a number of rows, then changes one after the other at a
/// rate. Answers when it is done.
pub(super) async fn churn(State(app_state): State<Arc<AppState>>, body: String) -> Response {
    let request: ChurnRequest = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    match change_rows(&app_state, &request).await {
        Ok(done) => answer(&done),
        Err(rejection) => publish::rejection_response(&rejection, StatusCode::BAD_REQUEST),
    }
}

async fn change_rows(app_state: &AppState, request: &ChurnRequest) -> Result<Value, Rejection> {
    let hub = &app_state.hub;
    let channel = request.channel.as_str();
    let table = hub.catalog().table(channel).ok_or_else(no_table)?;
    let mut random = Rng::with_seed(request.seed);
    let mut budget = BackpressureBudget::new();
    let mut count = hub.rows(channel)?.len();
    // If a rule requires rising values, some rows are rejected.
    let numbers = count..request.rows * ATTEMPTS;
    for number in numbers {
        if count >= request.rows {
            break;
        }
        budget.wait(hub, channel).await;
        let row = sample::row(table, &mut random, number as u64);
        count += usize::from(is_changed(app_state, channel, "insert", &row)?);
    }
    let keys: Vec<Key> = hub.rows(channel)?.into_iter().map(|(key, _)| key).collect();
    let wanted = (f64::from(request.per_second) * request.seconds) as u64;
    let start = Instant::now();
    let mut changes = 0;
    for number in 0..wanted {
        let due = Duration::from_secs_f64(number as f64 / f64::from(request.per_second));
        sleep_until(start + due).await;
        let Some(key) = random.choice(&keys) else { break };
        let mut row = sample::change(table, &mut random, number);
        row.insert(KEY.to_owned(), serde_json::from_str(&key.json()).unwrap_or_default());
        changes += usize::from(is_changed(app_state, channel, "update", &row)?);
    }
    Ok(json!({ "rows": keys.len(), "changes": changes }))
}

/// Makes a change; false if the row no longer exists or conflicts with another one.
fn is_changed(
    app_state: &AppState,
    channel: &str,
    event: &str,
    row: &Map<String, Value>,
) -> Result<bool, Rejection> {
    let payload = to_raw_value(&json!({ "row": row }))
        .map_err(|_| Rejection::internal("the row cannot be sent"))?;
    let event = Some(event.to_owned());
    let (id, user, verbatim) = (None, None, None);
    match app_state.hub.publish(Publication {
        channel,
        id,
        event,
        payload,
        user,
        verbatim,
        requester: None,
    }) {
        Ok(_) => Ok(true),
        Err(rejection) if matches!(rejection.code, "not_found" | "conflict") => Ok(false),
        Err(rejection) => Err(rejection),
    }
}
