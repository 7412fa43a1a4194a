//! The WebSocket handshake.

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tidewire_server_core::{CloseAction, Features, Opening, Rejection, Session};

use crate::app_state::AppState;
use crate::clock::now;
use crate::connection;
use crate::listener::{Peer, RejectMode};

/// The subprotocol after which a client sends its token as another subprotocol.
const JWT: &str = "jwt";

/// The size of each connection's read buffer, in bytes.
pub(crate) const READ_BUFFER: usize = 4 << 10;

/// The query parameters of the WebSocket's URL.
#[derive(Debug, Deserialize)]
pub(crate) struct Options {
    features: Option<String>,
}

/// `GET /ws/realtime`
pub(crate) async fn upgrade(
    State(app_state): State<Arc<AppState>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(options): Query<Options>,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    let mode = *app_state.listener.mode.lock();
    if mode != RejectMode::Off {
        let mut counters = app_state.stats.counters();
        counters.rejected += 1;
        counters.handshakes_while_rejecting += 1;
    }
    match mode {
        RejectMode::Off | RejectMode::Tcp | RejectMode::Auth => {}
        RejectMode::Handshake => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        RejectMode::Hang => return std::future::pending().await,
    }
    let offered = Features::from_query(options.features.as_deref());
    let token = subprotocol_token(&headers);
    // The library closes the connection on a longer message; up to this size, a message over the
    // limit is only rejected.
    let most = app_state.limits.max_frame_bytes;
    let max_size = most.saturating_add(most / 4).saturating_add(64 << 10);
    let socket = socket.protocols([JWT]).read_buffer_size(READ_BUFFER);
    socket.max_message_size(max_size).max_frame_size(max_size).on_upgrade(
        move |socket| async move {
            let Peer { switch, address } = peer;
            switch.upgrade();
            switch.allow(Some(app_state.limits.auth_bytes));
            let connection = app_state.open(switch);
            if mode == RejectMode::Auth {
                let rejection = Rejection::unauthorized("the server lets nobody in at present");
                connection.outbound.end(CloseAction::rejected(4001, &rejection));
            }
            let (number, id) = (connection.number, connection.id.clone());
            let opening = Opening { number, id, offered, token, address };
            let limits = Arc::clone(&app_state.hub.limits);
            let session = Session::new(opening, limits, Arc::clone(&app_state.accounts), now());
            connection::run(socket, app_state, connection, session).await;
        },
    )
}

/// The subprotocol after `jwt`.
fn subprotocol_token(headers: &HeaderMap) -> Option<String> {
    let mut offered = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim);
    offered.find(|name| *name == JWT)?;
    offered.next().map(ToOwned::to_owned)
}
