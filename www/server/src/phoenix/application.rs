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

/// The state every application of the protocol needs.
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
    /// Whether a push that names another join than the present one is dropped.
    pub(crate) drops_stale: bool,
    /// Whether frames of kind 3 are understood.
    pub(crate) user_broadcasts: bool,
}

/// What happens after a malformed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// The socket closes with 1011.
    Closes,
    Ignored,
}

/// What happens to a channel after it handled something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelOutcome {
    Continue,
    /// Ends for good: `phx_close`.
    Close,
    /// Ends, to be joined again: `phx_error`.
    Crash,
}

/// What happens to a broadcast at one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Passes,
    /// The member's channel closes instead.
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

    /// Decides a join. An earlier join of this topic by the same socket has ended by then.
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

    /// A broadcast is about to be sent to this member.
    fn deliver(&self, _: &ChannelHandle, _: &mut Self::Channel, _: &Broadcast) -> Delivery {
        Delivery::Passes
    }

    /// When [`Application::wake`] is wanted.
    fn due(&self, _: &Self::Channel) -> Option<Instant> {
        None
    }

    /// The due time has come.
    fn wake(&self, _: &ChannelHandle, _: &mut Self::Channel) -> ChannelOutcome {
        ChannelOutcome::Continue
    }

    /// The socket's token counts as expired from now on.
    fn expire_socket(&self, _: &mut Self::SocketData) {}

    /// The channel's token counts as expired from now on.
    fn expire(&self, _: &mut Self::Channel) {}

    /// The socket is about to be drained: called for each channel.
    fn drain(&self, _: &ChannelHandle) {}

    /// The channel has ended.
    fn left(&self, _: &ChannelHandle, _: Self::Channel) {}
}
