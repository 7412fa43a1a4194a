//! What a socket's topics do: the seam between the protocol and who uses it.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::Limits;
use crate::phoenix::channel_handle::Line;
use crate::phoenix::frame::Push;
use crate::phoenix::join::{Admission, JoinRequest, Refused};
use crate::phoenix::join_faults::Trouble;
use crate::phoenix::outgoing::Broadcast;
use crate::phoenix::registry::Registry;
use crate::phoenix::settings::Adapter;
use crate::phoenix::topics::Exchange;

/// What every application of the protocol needs.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    pub(crate) exchange: Exchange,
    pub(crate) registry: Registry,
    pub(crate) trouble: Trouble,
}

impl Engine {
    pub(crate) fn new(limits: &Limits) -> Self {
        let exchange = Exchange::new(limits.presence_bytes);
        Self { exchange, ..Self::default() }
    }
}

/// How sockets of an application behave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conduct {
    pub(crate) idle_timeout: Duration,
    pub(crate) adapter: Adapter,
    pub(crate) malformed: Malformed,
    /// Whether a push that names another join than the present one is dropped.
    pub(crate) drops_stale: bool,
    /// Whether frames of kind 3 are understood.
    pub(crate) user_broadcasts: bool,
}

/// What becomes of a frame that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// The socket closes with 1011.
    Closes,
    Ignored,
}

/// What becomes of a channel after it handled something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Stays,
    /// Ends for good: `phx_close`.
    Closes,
    /// Ends, to be joined again: `phx_error`.
    Crashes,
}

/// What becomes of a broadcast at one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Passes,
    /// The member's channel closes instead.
    Closes,
}

/// Who uses the protocol.
pub(crate) trait Application: Send + Sync + 'static {
    /// The state of a socket.
    type Guest: Send + Sync;
    /// The state of a joined channel.
    type Channel: Send + Sync;

    fn engine(&self) -> &Engine;

    fn conduct(&self) -> Conduct;

    /// Decides over a join. Whoever is in the channel already under this topic is out by then.
    fn join(
        &self,
        guest: &mut Self::Guest,
        request: &JoinRequest<'_>,
    ) -> Result<Admission<Self::Channel>, Refused>;

    /// The join was answered: what follows it.
    fn joined(&self, line: &Line, channel: &mut Self::Channel);

    /// The client pushed something.
    fn receive(&self, line: &Line, channel: &mut Self::Channel, push: Push) -> Fate;

    /// A broadcast is about to be sent to this member.
    fn deliver(&self, _: &Line, _: &mut Self::Channel, _: &Broadcast) -> Delivery {
        Delivery::Passes
    }

    /// When [`Application::wake`] is wanted.
    fn due(&self, _: &Self::Channel) -> Option<Instant> {
        None
    }

    /// The time that was due has come.
    fn wake(&self, _: &Line, _: &mut Self::Channel) -> Fate {
        Fate::Stays
    }

    /// The socket's token counts as expired from now on.
    fn expire_guest(&self, _: &mut Self::Guest) {}

    /// The channel's token counts as expired from now on.
    fn expire(&self, _: &mut Self::Channel) {}

    /// The socket is about to be drained: said to each channel.
    fn drain(&self, _: &Line) {}

    /// The channel is no more.
    fn left(&self, _: &Line, _: Self::Channel) {}
}
