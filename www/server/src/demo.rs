//! What only the demo needs: tokens for anybody, and a few notes.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use parking_lot::Mutex;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::{Config, KeyConfig, KeyMaterial};
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

/// The demo's signing key and data.
pub(crate) struct Demo {
    key: EncodingKey,
    kid: Option<String>,
    notes: Mutex<Connection>,
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
    pub(crate) fn new(
        key: &KeyConfig,
        data: Option<&Path>,
        shared: Arc<Shared>,
    ) -> Result<Self, String> {
        let KeyMaterial::Hs256(secret) = &key.material else {
            return Err("demo tokens are signed with an HS256 key".into());
        };
        let notes = open_notes(data).map_err(|e| format!("cannot keep the demo's notes: {e}"))?;
        Ok(Self {
            key: EncodingKey::from_secret(secret),
            kid: key.kid.clone(),
            notes: Mutex::new(notes),
            shared,
        })
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/demo/token", get(token))
            .route("/demo/notes", get(notes))
            .with_state(Arc::new(self))
    }
}

fn open_notes(data: Option<&Path>) -> rusqlite::Result<Connection> {
    let database = match data {
        Some(directory) => Connection::open(directory.join("demo.sqlite"))?,
        None => Connection::open_in_memory()?,
    };
    database.execute_batch(
        "CREATE TABLE IF NOT EXISTS notes (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, version INTEGER NOT NULL
        )",
    )?;
    let count: i64 = database.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))?;
    if count == 0 {
        for (number, (title, body)) in NOTES.iter().enumerate() {
            database.execute(
                "INSERT INTO notes (id, title, body, version) VALUES (?1, ?2, ?3, 1)",
                params![format!("note-{}", number + 1), title, body],
            )?;
        }
    }
    Ok(database)
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

/// The rows, and the place in the channel `notes` from which later changes apply.
async fn notes(State(demo): State<Arc<Demo>>) -> Response {
    // The position first: a change made in between is then applied twice rather than never.
    let position = demo.shared.hub.position("notes");
    let rows = read_notes(&demo.notes.lock());
    match (position, rows) {
        (Ok((epoch, seq)), Ok(rows)) => {
            let body = json!({ "rows": rows, "position": { "epoch": epoch, "seq": seq } });
            publish::json(StatusCode::OK, body.to_string())
        }
        _ => problem(StatusCode::INTERNAL_SERVER_ERROR, "the notes cannot be read"),
    }
}

fn read_notes(database: &Connection) -> rusqlite::Result<Vec<Value>> {
    database
        .prepare("SELECT id, title, body, version FROM notes ORDER BY id")?
        .query_map([], |row| {
            Ok(json!({
                "id": row.get::<_, String>(0)?,
                "title": row.get::<_, String>(1)?,
                "body": row.get::<_, String>(2)?,
                "version": row.get::<_, i64>(3)?,
            }))
        })?
        .collect()
}

fn problem(status: StatusCode, message: &str) -> Response {
    publish::json(status, json!({ "error": { "message": message } }).to_string())
}
