//! The state of the handshake's handler.

use std::sync::Arc;

use crate::app_state::AppState;
use crate::phoenix::demo_app::DemoApp;

/// The server's state, and the application of `/socket/websocket`.
#[derive(Clone)]
pub(crate) struct PhoenixState {
    pub(crate) app_state: Arc<AppState>,
    pub(crate) app: Arc<DemoApp>,
}
