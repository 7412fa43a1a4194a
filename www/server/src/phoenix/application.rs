//! What a socket's topics do: the seam between the protocol and who uses it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::limits::Limits;
use crate::phoenix::frame::{Body, Push};
use crate::phoenix::join_faults::Trouble;
use crate::phoenix::mailbox::{Mail, Mailbox};
use crate::phoenix::outgoing::{Broadcast, Outgoing, Reply, ServerPush, Status};
use crate::phoenix::registry::Registry;
use crate::phoenix::settings::Adapter;
use crate::phoenix::topics::{Exchange, Place};

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

/// A wish to join.
#[derive(Debug)]
pub(crate) struct JoinRequest<'a> {
    pub(crate) topic: &'a str,
    /// JSON text.
    pub(crate) payload: &'a str,
    /// Other channels this socket has joined.
    pub(crate) joined: usize,
}

/// A join that succeeds.
pub(crate) struct Admission<C> {
    /// The reply's response, as JSON.
    pub(crate) response: String,
    pub(crate) place: Place,
    pub(crate) sees_presence: bool,
    pub(crate) channel: C,
}

/// A join that does not.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Nothing handles this topic.
    Unmatched,
    Crashed,
    Error {
        /// The reply's response, as JSON.
        response: String,
        /// How long the whole socket stands still before the answer.
        wait: Duration,
        /// The code the socket is closed with after the answer.
        closing: Option<u16>,
    },
}

impl Refused {
    /// Refused for a reason, at once.
    pub(crate) fn because(reason: &str) -> Self {
        Self::after(reason, Duration::ZERO)
    }

    /// Refused for a reason, after a wait.
    pub(crate) fn after(reason: &str, wait: Duration) -> Self {
        let response = json!({ "reason": reason }).to_string();
        Self::Error { response, wait, closing: None }
    }
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

/// A joined channel's way to the world.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) place: Place,
    /// Tells this join from every other.
    pub(crate) instance: u64,
    pub(crate) join_ref: Option<String>,
    pub(crate) mailbox: Mailbox,
}

impl Line {
    /// Answers a push.
    pub(crate) fn reply(&self, reference: Option<String>, status: Status, response: Body) {
        self.mailbox.post(Mail::Send(self.answer(reference, status, response)));
    }

    /// Answers a push after a while.
    pub(crate) fn reply_later(&self, after: Duration, reference: Option<String>, response: Body) {
        let answer = self.answer(reference, Status::Ok, response);
        self.mailbox.post_later(after, Mail::Send(answer));
    }

    /// Says something to this member only.
    pub(crate) fn push(&self, event: &str, payload: Body) {
        self.mailbox.post(Mail::Send(Outgoing::Push(ServerPush {
            join_ref: self.join_ref.clone(),
            reference: None,
            topic: Arc::clone(&self.place.topic),
            event: event.into(),
            payload,
        })));
    }

    fn answer(&self, reference: Option<String>, status: Status, response: Body) -> Outgoing {
        Outgoing::Reply(Reply {
            join_ref: self.join_ref.clone(),
            reference,
            topic: Arc::clone(&self.place.topic),
            status,
            response,
        })
    }
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
