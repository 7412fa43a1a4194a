//! Names of the legacy client.

use crate::core::state::State;

/// The name of a state of the connection, by the names of the legacy client.
pub(super) const fn legacy_state(state: State) -> &'static str {
    match state {
        State::Idle | State::Paused | State::Offline | State::Closed => "disconnected",
        State::Connecting | State::Reconnecting => "connecting",
        State::Authenticating => "connected",
        State::Ready => "authenticated",
        State::Failed => "error",
    }
}
