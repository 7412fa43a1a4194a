//! The state of the subset's request handlers.

use std::sync::Arc;

use crate::app_state::AppState;
use crate::supabase::realtime::Realtime;

/// The server's state, and that of all Realtime channels.
#[derive(Clone)]
pub(crate) struct SupabaseState {
    pub(crate) app_state: Arc<AppState>,
    pub(crate) realtime: Arc<Realtime>,
}
