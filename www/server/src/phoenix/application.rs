//! The interface between the protocol and the application that implements the topics.

use std::sync::Arc;
use std::time::Duration;

use tidewire_server_core::limits::Limits;
use tokio::time::Instant;

use crate::phoenix::channel_handle::ChannelHandle;
use crate::phoenix::frame::Push;
use crate::phoenix::join::{JoinAccepted, JoinRejected, JoinRequest};
use crate::phoenix::join_faults::JoinFaults;
use crate::phoenix::outgoing::Broadcast;
use crate::phoenix::registry::Registry;
use crate::phoenix::settings::Adapter;
use crate::phoenix::topics::Topics;

/// The state that every application of the protocol needs.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    pub(crate) topics: Topics,
    pub(crate) registry: Registry,
    pub(crate) join_faults: JoinFaults,
}

impl Engine {
    pub(crate) fn new(limits: &Limits) -> Self {
        let topics = Topics::new(limits.presence_bytes);
        Self { topics, ..Self::default() }
    }
}

/// The policy for the sockets of an application.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SocketPolicy {
    pub(crate) idle_timeout: Duration,
    pub(crate) adapter: Adapter,
    pub(crate) malformed: Malformed,
    /// Whether a push with the `join_ref` of another join than the current one is dropped.
    pub(crate) drops_stale: bool,
    /// Whether binary frames of kind 3 are supported.
    pub(crate) user_broadcasts: bool,
}

/// What happens after a malformed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// The socket is closed with 1011.
    Closes,
    Ignored,
}

/// What happens to a channel after it handled an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelOutcome {
    Continue,
    /// The channel is closed with `phx_close`, after which clients do not rejoin.
    Close,
    /// The channel is closed with `phx_error`, after which clients rejoin.
    Crash,
}

/// What happens to a broadcast at one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Passes,
    /// The member's channel is closed instead.
    Closes,
}

/// An application of the protocol.
pub(crate) trait Application: Send + Sync + 'static {
    /// The state of a socket.
    type SocketData: Send + Sync;
    /// The state of a joined channel.
    type Channel: Send + Sync;

    fn engine(&self) -> &Arc<Engine>;

    fn socket_policy(&self) -> SocketPolicy;

    /// Accepts or rejects a join. An earlier join of this topic by the same socket has been ended.
    fn join(
        &self,
        socket_data: &mut Self::SocketData,
        request: &JoinRequest<'_>,
    ) -> Result<JoinAccepted<Self::Channel>, JoinRejected>;

    /// Called after the join's reply was sent.
    fn joined(&self, handle: &ChannelHandle, channel: &mut Self::Channel);

    /// Handles a push of the client.
    fn receive(
        &self,
        handle: &ChannelHandle,
        channel: &mut Self::Channel,
        push: Push,
    ) -> ChannelOutcome;

    /// Called before a broadcast is sent to this member.
    fn deliver(&self, _: &ChannelHandle, _: &mut Self::Channel, _: &Broadcast) -> Delivery {
        Delivery::Passes
    }

    /// When [`Application::wake`] is to be called.
    fn due(&self, _: &Self::Channel) -> Option<Instant> {
        None
    }

    /// Called at the time of [`Application::due`].
    fn wake(&self, _: &ChannelHandle, _: &mut Self::Channel) -> ChannelOutcome {
        ChannelOutcome::Continue
    }

    /// Treats the socket's token as expired from now on.
    fn expire_socket(&self, _: &mut Self::SocketData) {}

    /// Treats the channel's token as expired from now on.
    fn expire(&self, _: &mut Self::Channel) {}

    /// Called for each channel before the socket is drained.
    fn drain(&self, _: &ChannelHandle) {}

    /// Called after the channel has ended.
    fn left(&self, _: &ChannelHandle, _: Self::Channel) {}
}
