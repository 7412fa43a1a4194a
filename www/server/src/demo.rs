//! The demo's endpoints: tokens for any user, and the notes.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;

use crate::config::{Config, KeyConfig, KeyMaterial, Rule, TableConfig};
use crate::domains;
use crate::hub::Hub;
use crate::publish;
use crate::random;
use crate::supabase::Realtime;
use crate::token_signer::TokenSigner;

/// The longest lifetime of a demo token, in seconds.
const MAX_TTL: f64 = 86_400.0;

const NOTES: &[(&str, &str)] = &[
    ("Welcome", "Two tabs show the same notes. Change one, look at the other."),
    ("Go offline", "Write something while disconnected. It arrives once, when you are back."),
    ("Pull the plug", "Restart the server. Nothing that was acknowledged is gone."),
    ("Look inside", "The metrics panel shows one socket, however many components."),
];

/// The users who may sign in, with their passwords.
const USERS: &[(&str, &str)] = &[("ann@demo.test", "demo"), ("bob@demo.test", "demo")];

/// The state of the demo's endpoints.
pub(crate) struct Demo {
    signer: TokenSigner,
    hub: Arc<Hub>,
    supabase: Arc<Realtime>,
}

/// Adds what the demo needs to the configuration, unless it is already configured: a signing key,
/// tables, and users who may sign in.
pub(crate) fn prepare(config: &mut Config) {
    if TokenSigner::of(config).is_none() {
        let material = KeyMaterial::Hs256(random::key());
        config.keys.push(KeyConfig { kid: Some("demo".into()), material });
    }
    declare_tables(config);
    config.domains = true;
    domains::declare_flat(&mut config.tables);
    config.phoenix.get_or_insert_default();
    let supabase = config.supabase.get_or_insert_default();
    supabase.anonymous_writes = true;
    for (email, password) in USERS {
        supabase.users.entry((*email).into()).or_insert_with(|| (*password).into());
    }
}

impl Demo {
    pub(crate) fn new(
        config: &Config,
        hub: Arc<Hub>,
        supabase: Arc<Realtime>,
    ) -> Result<Self, String> {
        let signer = TokenSigner::of(config).ok_or("demo tokens are signed with an HS256 key")?;
        Ok(Self { signer, hub, supabase })
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/demo/token", get(token))
            .route("/demo/notes", get(notes))
            .route("/demo/anon-key", get(anonymous_key))
            .with_state(Arc::new(self))
    }
}

fn declare_tables(config: &mut Config) {
    config.tables.entry("notes".into()).or_insert_with(|| {
        let rows = NOTES.iter().enumerate().map(|(number, (title, body))| {
            json!({ "id": format!("note-{}", number + 1), "title": title, "body": body })
        });
        let title = Rule {
            field: "title".into(),
            max_length: Some(80),
            // For trying out a rejection.
            forbid: Some("forbidden".into()),
            ..Rule::default()
        };
        TableConfig { rows: rows.collect(), rules: vec![title], ..TableConfig::default() }
    });
    config.tables.entry("board:*".into()).or_default();
}

#[derive(Deserialize)]
struct TokenQuery {
    user: Option<String>,
    ttl: Option<f64>,
}

async fn token(State(demo): State<Arc<Demo>>, Query(query): Query<TokenQuery>) -> Response {
    let user = query.user.unwrap_or_else(|| "guest".into());
    let ttl = query.ttl.unwrap_or(600.0);
    if !(0.0..=MAX_TTL).contains(&ttl) || user.is_empty() || user.len() > 64 {
        return problem(StatusCode::BAD_REQUEST, "user has 1 to 64 bytes, ttl 0 to 86400 seconds");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    // `expiresAt` is in whole milliseconds.
    let expires = ((now + ttl) * 1_000.0).round() / 1_000.0;
    let issued = (now * 1_000.0).round() / 1_000.0;
    let claims = json!({ "sub": user, "iat": issued, "exp": expires, "jti": random::token() });
    match demo.signer.sign(&claims) {
        Some(token) => {
            let body = json!({ "token": token, "expiresAt": (expires * 1_000.0).round() as u64 });
            publish::json(StatusCode::OK, body.to_string())
        }
        None => problem(StatusCode::INTERNAL_SERVER_ERROR, "the token could not be signed"),
    }
}

/// `GET /demo/notes`: the rows of the table `notes`, without authorization.
async fn notes(State(demo): State<Arc<Demo>>) -> Response {
    match demo.hub.show_table("notes") {
        Ok(table) => publish::json(StatusCode::OK, table),
        Err(rejection) => publish::rejection_response(&rejection, StatusCode::BAD_REQUEST),
    }
}

/// `GET /demo/anon-key`: the key for clients of the Supabase subset that are not signed in.
async fn anonymous_key(State(demo): State<Arc<Demo>>) -> Response {
    match demo.supabase.accounts.anonymous_key() {
        Some(key) => publish::json(StatusCode::OK, json!({ "key": key }).to_string()),
        None => problem(StatusCode::INTERNAL_SERVER_ERROR, "the key could not be signed"),
    }
}

fn problem(status: StatusCode, message: &str) -> Response {
    publish::json(status, json!({ "error": { "message": message } }).to_string())
}
