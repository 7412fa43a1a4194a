//! Signing in: the parts of `/auth/v1` that sessions with short-lived tokens need.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::publish;
use crate::supabase::handshake::requester;
use crate::supabase::state::SupabaseState;

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

/// `POST /auth/v1/token?grant_type=password|refresh_token`
pub(super) async fn token(
    State(SupabaseState { realtime, .. }): State<SupabaseState>,
    Query(Grant { grant_type }): Query<Grant>,
    body: String,
) -> Response {
    let Ok(given) = serde_json::from_str::<Credentials>(&body) else {
        return rejected("bad_json", "Could not parse request body as JSON");
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
            .and_then(|token| realtime.accounts.take_refresh(&token))
            .ok_or(("refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")),
        _ => Err(("validation_failed", "unsupported_grant_type")),
    };
    match email.map(|email| realtime.accounts.open_session(&email, ttl)) {
        Ok(Some(session)) => publish::json(StatusCode::OK, session.to_string()),
        Ok(None) => rejected("unexpected_failure", "No key can sign tokens here"),
        Err((code, message)) => rejected(code, message),
    }
}

/// `GET /auth/v1/user`
pub(super) async fn show(
    State(SupabaseState { realtime, .. }): State<SupabaseState>,
    headers: HeaderMap,
) -> Response {
    let token = match requester(&realtime, &headers) {
        Ok(token) => token,
        Err(response) => return *response,
    };
    match token.subject.and_then(|id| realtime.accounts.user(&id)) {
        Some(user) => publish::json(StatusCode::OK, user.to_string()),
        None => rejected("user_not_found", "User from sub claim in JWT does not exist"),
    }
}

/// `POST /auth/v1/logout`
pub(super) async fn leave(
    State(SupabaseState { realtime, .. }): State<SupabaseState>,
    headers: HeaderMap,
) -> Response {
    if let Ok(token) = requester(&realtime, &headers)
        && let Some(id) = token.subject
    {
        realtime.accounts.sign_out(&id);
    }
    StatusCode::NO_CONTENT.into_response()
}

fn rejected(code: &str, message: &str) -> Response {
    let body = json!({ "code": 400, "error_code": code, "msg": message });
    publish::json(StatusCode::BAD_REQUEST, body.to_string())
}
