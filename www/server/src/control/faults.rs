//! Setting faults.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::app_state::Shared;
use crate::connection_handle::Link;
use crate::control::{answer, not_found, read, wrong};
use crate::faults::FaultChange;
use crate::frame::Frame;
use crate::outbound::Ending;
use crate::refusal::Refusal;

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
pub(super) async fn set(State(shared): State<Arc<Shared>>, body: String) -> Response {
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
    let ending = match (request.drop, request.close) {
        (true, _) => Some(Ending::Abort),
        (false, Some(code)) if !(1000..5000).contains(&code) => {
            return wrong("a close code is between 1000 and 4999");
        }
        (false, Some(code)) => Some(closing(code, request.reason.clone())),
        (false, None) => None,
    };
    // Held throughout, so that a connection opening meanwhile is not missed.
    let mut arrivals = shared.arrivals.lock();
    let targets: Vec<Arc<Link>> = match request.connection.as_str() {
        "all" | "next" => shared.stats.open_links(),
        "future" => Vec::new(),
        id => {
            let links = shared.stats.open_links();
            let found: Vec<_> = links.into_iter().filter(|link| link.id == id).collect();
            if found.is_empty() {
                return not_found("no connection of this id is open");
            }
            found
        }
    };
    let change = request.change();
    let everyone = matches!(request.connection.as_str(), "next" | "future");
    if everyone || (request.clear && request.connection == "all") {
        change.apply(&mut arrivals.faults);
        arrivals.ending = if request.clear { None } else { arrivals.ending.take() };
    }
    if everyone && let Some(ending) = &ending {
        arrivals.ending = Some(ending.clone());
    }
    for link in &targets {
        link.change_faults(&change);
        match &ending {
            Some(Ending::Abort) => link.abort(),
            Some(ending) => link.outbound.end(ending.clone()),
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

/// A close as a server would do it: the refusals of the protocol say why before.
fn closing(code: u16, reason: Option<String>) -> Ending {
    let reason = reason.unwrap_or_default();
    let refusal = match code {
        4001 => Some(Refusal::unauthorized("the connection was closed on request")),
        4002 => Some(Refusal::forbidden("the connection was closed on request")),
        _ => None,
    };
    let error = refusal.map(|refusal| Frame::error(&refusal, None, None));
    // A close frame has room for 123 bytes.
    let end = (0..=reason.len().min(123)).rev().find(|end| reason.is_char_boundary(*end));
    Ending::Close { code, reason: reason[..end.unwrap_or(0)].to_owned(), error }
}
