//! The routes of the subset.

use axum::Router;
use axum::routing::{get, post};

use crate::supabase::state::SupabaseState;
use crate::supabase::{handshake, http_broadcast, rest, sign_in};

/// All routes of the subset.
pub(crate) fn router(state: SupabaseState) -> Router {
    Router::new()
        .route("/realtime/v1/websocket", get(handshake::upgrade))
        .route("/realtime/v1/api/broadcast", post(http_broadcast::batch))
        .route("/realtime/v1/api/broadcast/{topic}/events/{event}", post(http_broadcast::single))
        .route(
            "/rest/v1/{table}",
            get(rest::select).post(rest::insert).patch(rest::update).delete(rest::delete),
        )
        .route("/auth/v1/token", post(sign_in::token))
        .route("/auth/v1/user", get(sign_in::show))
        .route("/auth/v1/logout", post(sign_in::leave))
        .with_state(state)
}
