//! Sockets and their channels at the control endpoint: inspection and faults.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::control::response::{answer, not_found, read, wrong};
use crate::phoenix::application::Engine;
use crate::phoenix::channel_handle::Place;
use crate::phoenix::frame::Body;
use crate::phoenix::join_faults::JoinFault;
use crate::phoenix::registry::{Command, Record};

/// The engine behind each mount.
pub(crate) type Mounts = BTreeMap<&'static str, Arc<Engine>>;

/// The routes, for all mounts: `{mount}` is the name of one.
pub(crate) fn router(mounts: Mounts) -> Router {
    Router::new()
        .route("/{mount}/sockets", get(sockets).post(apply_fault))
        .route("/{mount}/broadcast", post(broadcast))
        .route("/{mount}/joins", get(joins).post(set_join_faults).delete(forget))
        .with_state(Arc::new(mounts))
}

/// The mount's engine.
fn engine<'a>(mounts: &'a Mounts, mount: &str) -> Result<&'a Engine, Box<Response>> {
    mounts.get(mount).map(|engine| &**engine).ok_or_else(|| {
        let names: Vec<&str> = mounts.keys().copied().collect();
        Box::new(not_found(&format!("the mounts are {}", names.join(" and "))))
    })
}

async fn sockets(State(mounts): State<Arc<Mounts>>, Path(mount): Path<String>) -> Response {
    match engine(&mounts, &mount) {
        Ok(engine) => answer(&engine.registry.show_sockets()),
        Err(response) => *response,
    }
}

/// Faults and commands for sockets.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SocketFault {
    /// The socket's id; all sockets if it is absent.
    socket: Option<String>,
    #[serde(default)]
    cut: bool,
    close: Option<u16>,
    #[serde(default)]
    disconnect: bool,
    #[serde(default)]
    drain: bool,
    #[serde(rename = "say")]
    text: Option<String>,
    silent: Option<bool>,
    delay_ms: Option<u64>,
    crash: Option<String>,
    close_channel: Option<String>,
    #[serde(default)]
    expire_tokens: bool,
}

impl SocketFault {
    fn apply(&self, record: &Record) {
        let commands = [
            self.text.clone().map(Command::Say),
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

async fn apply_fault(
    State(mounts): State<Arc<Mounts>>,
    Path(mount): Path<String>,
    body: String,
) -> Response {
    let request: SocketFault = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    if request.close.is_some_and(|code| !(1000..5000).contains(&code)) {
        return wrong("a close code is between 1000 and 4999");
    }
    let engine = match engine(&mounts, &mount) {
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

/// Broadcasts to all members of a topic, of the public side if there are two.
async fn broadcast(
    State(mounts): State<Arc<Mounts>>,
    Path(mount): Path<String>,
    body: String,
) -> Response {
    match (engine(&mounts, &mount), read::<BroadcastRequest<'_>>(&body)) {
        (Ok(engine), Ok(BroadcastRequest { topic, event, payload })) => {
            let payload = Body::json(payload.get());
            engine.topics.broadcast(&Place::public(&topic), &event, payload, None);
            answer(&json!({}))
        }
        (Err(response), _) | (_, Err(response)) => *response,
    }
}

async fn joins(State(mounts): State<Arc<Mounts>>, Path(mount): Path<String>) -> Response {
    match engine(&mounts, &mount) {
        Ok(engine) => answer(&engine.registry.show_joins()),
        Err(response) => *response,
    }
}

async fn set_join_faults(
    State(mounts): State<Arc<Mounts>>,
    Path(mount): Path<String>,
    body: String,
) -> Response {
    match (engine(&mounts, &mount), read::<JoinFault>(&body)) {
        (Ok(engine), Ok(fault)) => {
            engine.join_faults.add(fault);
            answer(&json!({}))
        }
        (Err(response), _) | (_, Err(response)) => *response,
    }
}

/// Clears the recorded joins and the configured join faults.
async fn forget(State(mounts): State<Arc<Mounts>>, Path(mount): Path<String>) -> Response {
    match engine(&mounts, &mount) {
        Ok(engine) => {
            engine.registry.forget_joins();
            engine.join_faults.clear();
            answer(&json!({}))
        }
        Err(response) => *response,
    }
}
