//! Names of states and the like, as the app sees them.

use crate::core::collection::ChangeKind;
use crate::core::presence::PresenceKind;
use crate::core::state::{ChannelState, Continuity, Quality, State};

/// The name of a state of the connection.
pub(super) const fn state(state: State) -> &'static str {
    match state {
        State::Idle => "idle",
        State::Connecting => "connecting",
        State::Authenticating => "authenticating",
        State::Ready => "ready",
        State::Reconnecting => "reconnecting",
        State::Paused => "paused",
        State::Offline => "offline",
        State::Failed => "failed",
        State::Closed => "closed",
    }
}

/// The same by the names of the original client.
pub(super) const fn legacy_state(state: State) -> &'static str {
    match state {
        State::Idle | State::Paused | State::Offline | State::Closed => "disconnected",
        State::Connecting | State::Reconnecting => "connecting",
        State::Authenticating => "connected",
        State::Ready => "authenticated",
        State::Failed => "error",
    }
}

/// The name of a quality.
pub(super) const fn quality(quality: Quality) -> &'static str {
    match quality {
        Quality::Excellent => "excellent",
        Quality::Good => "good",
        Quality::Poor => "poor",
        Quality::Offline => "offline",
    }
}

/// The name of a channel's state.
pub(super) const fn channel_state(state: ChannelState) -> &'static str {
    match state {
        ChannelState::Joining => "joining",
        ChannelState::Joined => "joined",
        ChannelState::Ready => "ready",
        ChannelState::Failed => "failed",
        ChannelState::Left => "left",
    }
}

/// The name of a continuity.
pub(super) const fn continuity(continuity: Continuity) -> &'static str {
    match continuity {
        Continuity::Fresh => "fresh",
        Continuity::Recovered => "recovered",
        Continuity::Gap => "gap",
        Continuity::Unknown => "unknown",
    }
}

/// The name of a change of a row.
pub(super) const fn change(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Insert => "insert",
        ChangeKind::Update => "update",
        ChangeKind::Remove => "delete",
    }
}

/// The event of a change of presence.
pub(super) const fn presence(kind: PresenceKind) -> &'static str {
    match kind {
        PresenceKind::Sync => "sync",
        PresenceKind::Join => "join",
        PresenceKind::Update => "update",
        PresenceKind::Leave => "leave",
    }
}
