//! A table kept moving.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use fastrand::Rng;
use serde::Deserialize;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep_until};

use crate::app_state::Shared;
use crate::control::{answer, read};
use crate::hub::no_table;
use crate::patience::Patience;
use crate::publication::Publication;
use crate::publish;
use crate::refusal::Refusal;
use crate::tables::{KEY, Key, sample};

/// How often a row is tried, on average, before the table is left with fewer.
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
pub(super) async fn churn(State(shared): State<Arc<Shared>>, body: String) -> Response {
    let request: ChurnRequest = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    match stir(&shared, &request).await {
        Ok(done) => answer(&done),
        Err(refusal) => publish::refused(&refusal, StatusCode::BAD_REQUEST),
    }
}

async fn stir(shared: &Shared, request: &ChurnRequest) -> Result<Value, Refusal> {
    let hub = &shared.hub;
    let channel = request.channel.as_str();
    let table = hub.catalog().table(channel).ok_or_else(no_table)?;
    let mut random = Rng::with_seed(request.seed);
    let mut patience = Patience::new();
    let mut held = hub.rows(channel)?.len();
    // Where rows have to exceed one another some are refused.
    let numbers = held..request.rows * ATTEMPTS;
    for number in numbers {
        if held >= request.rows {
            break;
        }
        patience.wait(hub, channel).await;
        let row = sample::row(table, &mut random, number as u64);
        held += usize::from(is_changed(shared, channel, "insert", &row)?);
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
        changes += usize::from(is_changed(shared, channel, "update", &row)?);
    }
    Ok(json!({ "rows": keys.len(), "changes": changes }))
}

/// Makes a change, unless the table has become another since, or another row stands in its way.
fn is_changed(
    shared: &Shared,
    channel: &str,
    event: &str,
    row: &Map<String, Value>,
) -> Result<bool, Refusal> {
    let payload = to_raw_value(&json!({ "row": row }))
        .map_err(|_| Refusal::internal("the row cannot be sent"))?;
    let event = Some(event.to_owned());
    let (id, user, verbatim) = (None, None, None);
    match shared.hub.publish(Publication {
        channel,
        id,
        event,
        payload,
        user,
        verbatim,
        party: None,
    }) {
        Ok(_) => Ok(true),
        Err(refusal) if matches!(refusal.code, "not_found" | "conflict") => Ok(false),
        Err(refusal) => Err(refusal),
    }
}
