//! The handshake of Phoenix sockets.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tidewire_server_core::account::{Account, Requester, Reservation, Resource};
use tidewire_server_core::limits::Limits;
use tokio::time::Instant;

use crate::app_state::AppState;
use crate::listener::{Peer, RejectMode};
use crate::phoenix::application::Application;
use crate::phoenix::demo_app::DemoUser;
use crate::phoenix::mailbox::Mailbox;
use crate::phoenix::socket::{Pace, Socket};
use crate::phoenix::state::PhoenixState;
use crate::phoenix::throttle::Throttle;
use crate::phoenix::vsn::Vsn;
use crate::publish;
use crate::upgrade::READ_BUFFER;

/// The subprotocol of a client that sends a token as another subprotocol.
const PROTOCOL: &str = "phoenix";

/// The prefix of the token in that other subprotocol.
const TOKEN_PREFIX: &str = "base64url.bearer.phx.";

/// An accepted client.
pub(crate) struct Visit<G> {
    pub(crate) vsn: Vsn,
    pub(crate) socket_data: G,
    pub(crate) peer: Peer,
    pub(crate) user: Arc<Account>,
    pub(crate) limits: Limits,
}

/// `GET /socket/websocket`
pub(crate) async fn upgrade(
    State(PhoenixState { app_state, app }): State<PhoenixState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Query(params): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    if let Some(rejection) = rejected_by_switch(&app_state).await {
        return rejection;
    }
    let Some(vsn) = Vsn::parse(params.get("vsn").map(String::as_str)) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let token = token_of_subprotocol(&headers).or_else(|| params.get("token").cloned());
    let token = token.filter(|token| !token.is_empty());
    // The parameter `refuse` simulates an application that rejects the connection, or crashes.
    let grant =
        match (params.get("refuse").map(String::as_str), app_state.check_token(token.as_deref())) {
            (Some("crash"), _) => {
                let body = r#"{"error":"500.json"}"#.to_owned();
                return publish::json(StatusCode::INTERNAL_SERVER_ERROR, body);
            }
            (Some(_), _) | (None, Err(_)) => return StatusCode::FORBIDDEN.into_response(),
            (None, Ok(grant)) => grant,
        };
    let socket_data = DemoUser { user: grant.user.or_else(|| params.get("user").cloned()) };
    let limit = app_state.limits.max_frame_bytes;
    let user = app_state.accounts.of(socket_data.user.as_deref(), peer.address);
    let visit = Visit { vsn, socket_data, peer, user, limits: app_state.limits.clone() };
    open(app, visit, socket.protocols([PROTOCOL]), limit)
}

/// Opens the socket and serves it.
pub(crate) fn open<A: Application>(
    app: Arc<A>,
    visit: Visit<A::SocketData>,
    socket: WebSocketUpgrade,
    max_bytes: usize,
) -> Response {
    if visit.user.held(Resource::Connections) >= visit.limits.user_connections {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    socket
        .read_buffer_size(READ_BUFFER)
        .max_message_size(max_bytes)
        .max_frame_size(max_bytes)
        .on_upgrade(move |stream| async move {
            let Visit { vsn, socket_data, peer: Peer { switch, .. }, user, limits } = visit;
            switch.upgrade();
            let (record, commands) = app.engine().registry.open(vsn, Arc::clone(&switch));
            let (mailbox, mail) = Mailbox::new(Arc::clone(&switch), &limits);
            let (channels, pace, last_received) =
                (BTreeMap::new(), Pace::default(), Instant::now());
            let (slot, requester) = (
                Reservation::new(Resource::Connections, 1, [Some(Arc::clone(&user)), None]),
                Requester { connection: Some(Arc::default()), user, announced_ms: None },
            );
            let throttle = Throttle::new(requester, limits, switch, slot);
            let socket = Socket {
                app,
                socket_data,
                vsn,
                record,
                mailbox,
                channels,
                pace,
                last_received,
                throttle,
            };
            socket.serve(stream, mail, commands).await;
        })
}

/// The response while the control endpoint rejects connections.
pub(crate) async fn rejected_by_switch(app_state: &AppState) -> Option<Response> {
    let mode = *app_state.listener.mode.lock();
    if mode != RejectMode::Off {
        let mut counters = app_state.stats.counters();
        counters.rejected += 1;
        counters.handshakes_while_rejecting += 1;
    }
    match mode {
        RejectMode::Off | RejectMode::Tcp => None,
        RejectMode::Handshake => Some(StatusCode::SERVICE_UNAVAILABLE.into_response()),
        RejectMode::Auth => Some(StatusCode::FORBIDDEN.into_response()),
        RejectMode::Hang => std::future::pending().await,
    }
}

/// The token among the offered subprotocols. It is in the standard base64 alphabet, despite the
/// prefix `base64url`.
fn token_of_subprotocol(headers: &HeaderMap) -> Option<String> {
    let encoded = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|name| name.trim().strip_prefix(TOKEN_PREFIX))?;
    String::from_utf8(STANDARD_NO_PAD.decode(encoded).ok()?).ok()
}
