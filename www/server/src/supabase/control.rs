//! The subset's own routes at the control endpoint.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tidewire_server_core::frame::{Fields, Object};

use crate::control::response::{answer, read, wrong};
use crate::supabase::outbox::Stored;
use crate::supabase::realtime::Realtime;
use crate::supabase::settings::SupabaseSettings;

/// The routes.
pub(crate) fn router(realtime: Arc<Realtime>) -> Router {
    Router::new()
        .route("/supabase/settings", get(settings).post(change))
        .route("/supabase/database", post(database))
        .route("/supabase/send", post(send))
        .with_state(realtime)
}

async fn settings(State(realtime): State<Arc<Realtime>>) -> Response {
    answer(&json!(*realtime.settings.lock()))
}

/// Changes the settings that the body names; the others stay unchanged.
async fn change(State(realtime): State<Arc<Realtime>>, body: String) -> Response {
    let patch: Map<String, Value> = match read(&body) {
        Ok(patch) => patch,
        Err(response) => return *response,
    };
    let mut settings = realtime.settings.lock();
    let mut wanted = json!(*settings);
    for (name, value) in patch {
        wanted[name] = value;
    }
    match serde_json::from_value::<SupabaseSettings>(wanted) {
        Ok(changed) => {
            *settings = changed;
            answer(&json!(*settings))
        }
        Err(error) => wrong(&error.to_string()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatabaseRequest {
    running: bool,
}

/// Stops or starts the database.
async fn database(State(realtime): State<Arc<Realtime>>, body: String) -> Response {
    match read::<DatabaseRequest>(&body) {
        Ok(request) => {
            realtime.replication.set_running(request.running);
            answer(&json!({}))
        }
        Err(response) => *response,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendRequest<'a> {
    /// The topic without the prefix `realtime:`.
    topic: String,
    event: String,
    #[serde(borrow)]
    payload: &'a RawValue,
    #[serde(default)]
    private: bool,
}

/// Sends a message as the database's `realtime.send` does: its payload contains its id, and it is
/// stored for replays.
async fn send(State(realtime): State<Arc<Realtime>>, body: String) -> Response {
    let request: SendRequest<'_> = match read(&body) {
        Ok(request) => request,
        Err(response) => return *response,
    };
    let Ok(fields) = Fields::parse(request.payload.get()) else {
        return wrong("`payload` is an object");
    };
    let place = Realtime::place(&request.topic, request.private);
    let mut stored = Stored::new(place, &request.event, String::new());
    let members = fields.iter().filter(|(name, _)| *name != "id");
    stored.payload = members
        .fold(Object::new().text("id", &stored.id), |o, (name, value)| o.raw(name, value.get()))
        .end();
    realtime.engine.topics.broadcast(&stored.place, "broadcast", stored.broadcast(), None);
    let id = stored.id.clone();
    realtime.outbox.store(stored);
    answer(&json!({ "id": id }))
}
