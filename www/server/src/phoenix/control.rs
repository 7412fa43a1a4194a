//! Sockets and their channels, looked at and disturbed over the control endpoint.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::app_state::Shared;
use crate::control::{answer, not_found, read, wrong};
use crate::phoenix::application::{Application as _, Engine};
use crate::phoenix::channel_handle::Place;
use crate::phoenix::frame::Body;
use crate::phoenix::join_faults::JoinTrouble;
use crate::phoenix::registry::{Command, Record};

/// The routes, for both mounts: `{mount}` is `phoenix` or `supabase`.
pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/{mount}/sockets", get(sockets).post(disturb))
        .route("/{mount}/broadcast", post(broadcast))
        .route("/{mount}/joins", get(joins).post(trouble).delete(forget))
}

/// The mount's engine.
fn engine<'a>(shared: &'a Shared, mount: &str) -> Result<&'a Engine, Box<Response>> {
    match mount {
        "phoenix" => Ok(shared.phoenix.engine()),
        "supabase" => Ok(shared.supabase.engine()),
        _ => Err(Box::new(not_found("the mounts are phoenix and supabase"))),
    }
}

async fn sockets(State(shared): State<Arc<Shared>>, Path(mount): Path<String>) -> Response {
    match engine(&shared, &mount) {
        Ok(engine) => answer(&engine.registry.show_sockets()),
        Err(response) => *response,
    }
}

/// What is to happen to sockets.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Disturbance {
    /// The socket's id; all of them if there is none.
    socket: Option<String>,
    #[serde(default)]
    cut: bool,
    close: Option<u16>,
    #[serde(default)]
    disconnect: bool,
    #[serde(default)]
    drain: bool,
    say: Option<String>,
    silent: Option<bool>,
    delay_ms: Option<u64>,
    crash: Option<String>,
    close_channel: Option<String>,
    #[serde(default)]
    expire_tokens: bool,
}

impl Disturbance {
    fn apply(&self, record: &Record) {
        let commands = [
            self.say.clone().map(Command::Say),
            self.silent.map(Command::Silence),
            self.delay_ms.map(|ms| Command::Delay(Duration::from_millis(ms))),
            self.crash.clone().map(Command::Crash),
            self.close_channel.clone().map(Command::CloseChannel),
            self.expire_tokens.then_some(Command::ExpireTokens),
            self.disconnect.then_some(Command::Close(1001)),
            self.drain.then_some(Command::Drain),
            self.close.map(Command::Close),
        ];
        commands.into_iter().flatten().for_each(|command| record.command(command));
        if self.cut {
            record.switch.cut();
        }
    }
}

async fn disturb(
    State(shared): State<Arc<Shared>>,
    Path(mount): Path<String>,
    body: String,
) -> Response {
    let request: Disturbance = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    if request.close.is_some_and(|code| !(1000..5000).contains(&code)) {
        return wrong("a close code is between 1000 and 4999");
    }
    let engine = match engine(&shared, &mount) {
        Ok(engine) => engine,
        Err(response) => return *response,
    };
    let targets = engine.registry.open_sockets(request.socket.as_deref());
    targets.iter().for_each(|record| request.apply(record));
    answer(&json!({ "applied": targets.len() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BroadcastRequest<'a> {
    topic: String,
    event: String,
    #[serde(borrow)]
    payload: &'a RawValue,
}

/// Says something to all members of a topic, of the public side if there are two.
async fn broadcast(
    State(shared): State<Arc<Shared>>,
    Path(mount): Path<String>,
    body: String,
) -> Response {
    match (engine(&shared, &mount), read::<BroadcastRequest<'_>>(&body)) {
        (Ok(engine), Ok(BroadcastRequest { topic, event, payload })) => {
            let payload = Body::json(payload.get());
            engine.exchange.broadcast(&Place::public(&topic), &event, payload, None);
            answer(&json!({}))
        }
        (Err(response), _) | (_, Err(response)) => *response,
    }
}

async fn joins(State(shared): State<Arc<Shared>>, Path(mount): Path<String>) -> Response {
    match engine(&shared, &mount) {
        Ok(engine) => answer(&engine.registry.show_joins()),
        Err(response) => *response,
    }
}

async fn trouble(
    State(shared): State<Arc<Shared>>,
    Path(mount): Path<String>,
    body: String,
) -> Response {
    match (engine(&shared, &mount), read::<JoinTrouble>(&body)) {
        (Ok(engine), Ok(trouble)) => {
            engine.trouble.add(trouble);
            answer(&json!({}))
        }
        (Err(response), _) | (_, Err(response)) => *response,
    }
}

/// Forgets the joins seen and the failures wanted.
async fn forget(State(shared): State<Arc<Shared>>, Path(mount): Path<String>) -> Response {
    match engine(&shared, &mount) {
        Ok(engine) => {
            engine.registry.forget_joins();
            engine.trouble.clear();
            answer(&json!({}))
        }
        Err(response) => *response,
    }
}
