//! Signing in: `/auth/v1`, as far as sessions with short-lived tokens need it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app_state::Shared;
use crate::clock::now_ms;
use crate::publish;
use crate::random;
use crate::supabase::handshake::requester;
use crate::timestamp::Timestamp;
use crate::token_signer::Signer;

/// Sessions, and what signs their tokens.
pub(crate) struct Accounts {
    /// None where no configured key can sign: then nobody signs in.
    signer: Option<Signer>,
    state: Mutex<Sessions>,
}

#[derive(Default)]
struct Sessions {
    /// User ids by email address.
    ids: BTreeMap<String, String>,
    /// Email addresses by refresh token; each is good for one time.
    refresh: VecDeque<(String, String)>,
}

#[derive(Deserialize)]
pub(super) struct Grant {
    grant_type: String,
}

#[derive(Deserialize)]
struct Credentials {
    email: Option<String>,
    password: Option<String>,
    refresh_token: Option<String>,
}

/// Refresh tokens beyond this many are forgotten, the oldest first.
const MOST_SESSIONS: usize = 10_000;

impl Sessions {
    /// The email address of a refresh token, which is good for this time only.
    fn take_refresh(&mut self, token: &str) -> Option<String> {
        let at = self.refresh.iter().position(|(own, _)| own == token)?;
        self.refresh.remove(at).map(|(_, email)| email)
    }
}

impl Accounts {
    pub(crate) fn new(signer: Option<Signer>) -> Self {
        Self { signer, state: Mutex::default() }
    }

    /// A key for clients that are not signed in.
    pub(crate) fn anonymous_key(&self) -> Option<String> {
        let now = now_ms() / 1_000;
        let claims = json!({ "role": "anon", "iat": now, "exp": now + 315_360_000 });
        self.signer.as_ref()?.sign(&claims)
    }

    /// A new session as JSON; none where tokens cannot be signed.
    fn open_session(&self, email: &str, ttl_ms: u64) -> Option<Value> {
        let (id, refresh_token) = {
            let mut state = self.state.lock();
            let id = state.ids.entry(email.to_owned()).or_insert_with(random::uuid).clone();
            let token = random::token();
            if state.refresh.len() >= MOST_SESSIONS {
                state.refresh.pop_front();
            }
            state.refresh.push_back((token.clone(), email.to_owned()));
            (id, token)
        };
        let now = now_ms();
        let expires_at = (now + ttl_ms).div_ceil(1_000);
        let claims = json!({
            "aud": "authenticated", "role": "authenticated", "sub": id, "email": email,
            "iat": now / 1_000, "exp": expires_at, "session_id": random::uuid(),
        });
        Some(json!({
            "access_token": self.signer.as_ref()?.sign(&claims)?,
            "token_type": "bearer",
            "expires_in": ttl_ms.div_ceil(1_000),
            "expires_at": expires_at,
            "refresh_token": refresh_token,
            "user": user(&id, email),
        }))
    }
}

/// `POST /auth/v1/token?grant_type=password|refresh_token`
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    Query(Grant { grant_type }): Query<Grant>,
    body: String,
) -> Response {
    let realtime = &shared.supabase;
    let Ok(given) = serde_json::from_str::<Credentials>(&body) else {
        return refused("bad_json", "Could not parse request body as JSON");
    };
    let (ttl, users) = {
        let settings = realtime.settings.lock();
        (settings.token_ttl_ms, settings.users.clone())
    };
    let email = match grant_type.as_str() {
        "password" => given
            .email
            .filter(|email| given.password.is_some() && users.get(email) == given.password.as_ref())
            .ok_or(("invalid_credentials", "Invalid login credentials")),
        "refresh_token" => given
            .refresh_token
            .and_then(|token| realtime.accounts.state.lock().take_refresh(&token))
            .ok_or(("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")),
        _ => Err(("validation_failed", "unsupported_grant_type")),
    };
    match email.map(|email| realtime.accounts.open_session(&email, ttl)) {
        Ok(Some(session)) => publish::json(StatusCode::OK, session.to_string()),
        Ok(None) => refused("unexpected_failure", "No key can sign tokens here"),
        Err((code, message)) => refused(code, message),
    }
}

/// `GET /auth/v1/user`
pub(super) async fn show(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let realtime = &shared.supabase;
    let token = match requester(realtime, &headers) {
        Ok(token) => token,
        Err(response) => return *response,
    };
    let state = realtime.accounts.state.lock();
    match state.ids.iter().find(|(_, id)| token.subject.as_ref() == Some(id)) {
        Some((email, id)) => publish::json(StatusCode::OK, user(id, email).to_string()),
        None => refused("user_not_found", "User from sub claim in JWT does not exist"),
    }
}

/// `POST /auth/v1/logout`
pub(super) async fn leave(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if let Ok(token) = requester(&shared.supabase, &headers) {
        let mut state = shared.supabase.accounts.state.lock();
        let Sessions { ids, refresh } = &mut *state;
        refresh.retain(|(_, email)| ids.get(email) != token.subject.as_ref());
    }
    StatusCode::NO_CONTENT.into_response()
}

fn user(id: &str, email: &str) -> Value {
    let now = Timestamp::now().iso();
    json!({
        "id": id, "aud": "authenticated", "role": "authenticated", "email": email,
        "app_metadata": { "provider": "email", "providers": ["email"] }, "user_metadata": {},
        "identities": [], "created_at": now, "updated_at": now, "is_anonymous": false,
    })
}

fn refused(code: &str, message: &str) -> Response {
    let body = json!({ "code": 400, "error_code": code, "msg": message });
    publish::json(StatusCode::BAD_REQUEST, body.to_string())
}
