//! What only the demo needs: tokens for anybody, and a few notes.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Deserialize;
use serde_json::json;

use crate::config::{Config, KeyConfig, KeyMaterial, Rule, TableConfig};
use crate::publish;
use crate::random;
use crate::shared::Shared;

/// The longest life of a demo token, in seconds.
const MAX_TTL: f64 = 86_400.0;

const NOTES: &[(&str, &str)] = &[
    ("Welcome", "Two tabs show the same notes. Change one, look at the other."),
    ("Go offline", "Write something while disconnected. It arrives once, when you are back."),
    ("Pull the plug", "Restart the server. Nothing that was acknowledged is gone."),
    ("Look inside", "The metrics panel shows one socket, however many components."),
];

/// The demo's signing key, and the server it is the demo of.
pub(crate) struct Demo {
    key: EncodingKey,
    kid: Option<String>,
    shared: Arc<Shared>,
}

/// The key demo tokens are signed with: the first HS256 key of the configuration, or a new one,
/// which is added to it.
pub(crate) fn signing_key(config: &mut Config) -> KeyConfig {
    let configured = config.keys.iter().find(|key| matches!(key.material, KeyMaterial::Hs256(_)));
    if let Some(key) = configured {
        return key.clone();
    }
    let key = KeyConfig { kid: Some("demo".into()), material: KeyMaterial::Hs256(random::key()) };
    config.keys.push(key.clone());
    key
}

impl Demo {
    pub(crate) fn new(key: &KeyConfig, shared: Arc<Shared>) -> Result<Self, String> {
        let KeyMaterial::Hs256(secret) = &key.material else {
            return Err("demo tokens are signed with an HS256 key".into());
        };
        Ok(Self { key: EncodingKey::from_secret(secret), kid: key.kid.clone(), shared })
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/demo/token", get(token))
            .route("/demo/notes", get(notes))
            .with_state(Arc::new(self))
    }
}

/// Adds the demo's tables, unless they are declared already.
pub(crate) fn declare_tables(config: &mut Config) {
    config.tables.entry("notes".into()).or_insert_with(|| {
        let rows = NOTES.iter().enumerate().map(|(number, (title, body))| {
            json!({ "id": format!("note-{}", number + 1), "title": title, "body": body })
        });
        let title = Rule {
            field: "title".into(),
            max_length: Some(80),
            // Something to try a refusal with.
            forbid: Some("forbidden".into()),
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
    // Whole milliseconds are what `expiresAt` can say.
    let expires = ((now + ttl) * 1_000.0).round() / 1_000.0;
    let issued = (now * 1_000.0).round() / 1_000.0;
    let claims = json!({ "sub": user, "iat": issued, "exp": expires, "jti": random::token() });
    let mut header = Header::new(Algorithm::HS256);
    header.kid = demo.kid.clone();
    match encode(&header, &claims, &demo.key) {
        Ok(token) => {
            let body = json!({ "token": token, "expiresAt": (expires * 1_000.0).round() as u64 });
            publish::json(StatusCode::OK, body.to_string())
        }
        Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "the token could not be signed"),
    }
}

/// The rows of the table `notes`, open to all, whoever else may read tables.
async fn notes(State(demo): State<Arc<Demo>>) -> Response {
    match demo.shared.hub.show_table("notes") {
        Ok(table) => publish::json(StatusCode::OK, table),
        Err(refusal) => publish::refused(&refusal, StatusCode::BAD_REQUEST),
    }
}

fn problem(status: StatusCode, message: &str) -> Response {
    publish::json(status, json!({ "error": { "message": message } }).to_string())
}
