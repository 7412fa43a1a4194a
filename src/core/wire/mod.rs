//! What frames mean. One module for each protocol; everything else in the core is free of it.

pub mod native;

use alloc::rc::Rc;
use alloc::string::String;

use super::error::Refusal;
use super::io::{Delivery, Token};

/// What a server switched on for a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Features {
    /// Explicit membership.
    pub subscribe: bool,
    /// Payload apart from envelope.
    pub envelope: bool,
    /// Acknowledgements.
    pub ack: bool,
    /// A new token on the open connection.
    pub reauth: bool,
    /// Messages without id or log.
    pub ephemeral: bool,
}

/// What the server said when it accepted the connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// What it switched on.
    pub features: Features,
    /// Its wish for the time between pings.
    pub heartbeat_ms: Option<u64>,
    /// How long the token lives from now.
    pub expires_in_ms: Option<u64>,
    /// The largest frame it takes.
    pub max_frame_bytes: Option<u64>,
    /// How long it remembers accepted ids.
    pub ack_memory_ms: Option<u64>,
    /// Whom it takes us for.
    pub user: Option<String>,
}

/// A frame, understood.
#[derive(Debug, Clone)]
pub enum Incoming<P> {
    /// The connection, or a new token on it, is accepted.
    Accepted(Accepted),
    /// An error about the connection as a whole.
    Refused(Refusal),
    /// An error about a channel that is no answer to anything awaited.
    ChannelError {
        /// The channel.
        channel: String,
        /// What the server said.
        refusal: Refusal,
    },
    /// The other side asks whether we live.
    Ping,
    /// The answer to our own ping.
    Pong,
    /// A message of a channel.
    Message {
        /// The channel.
        channel: String,
        /// What its subscribers get; `own` is not decided yet.
        delivery: Delivery<P>,
    },
    /// A join is confirmed.
    Joined {
        /// The channel.
        channel: String,
        /// The join's reference.
        reference: u32,
    },
    /// A join is refused.
    JoinRefused {
        /// The channel.
        channel: String,
        /// The join's reference.
        reference: u32,
        /// What the server said.
        refusal: Refusal,
    },
    /// A leave is confirmed.
    Left {
        /// The channel.
        channel: String,
    },
    /// The server ended a membership.
    Ended {
        /// The channel.
        channel: String,
        /// The membership's reference.
        reference: u32,
        /// What the server said.
        refusal: Refusal,
    },
    /// A message is accepted.
    Acked {
        /// The channel.
        channel: String,
        /// The message's id.
        id: String,
        /// Its place in the log.
        seq: Option<f64>,
        /// What the server answered with.
        payload: Option<P>,
    },
    /// A message is refused.
    Nacked {
        /// The channel.
        channel: String,
        /// The message's id.
        id: String,
        /// What the server said.
        refusal: Refusal,
    },
    /// Nothing this connection agreed to.
    Unknown,
}

/// Something to say.
#[derive(Debug, Clone)]
pub enum Outgoing<'a, P> {
    /// Who we are.
    Auth {
        /// The token, if it travels in the frame.
        token: Option<&'a Token>,
        /// Our name and version.
        client: &'a str,
    },
    /// Do you live?
    Ping,
    /// We live.
    Pong,
    /// Let us in.
    Join {
        /// The channel.
        channel: &'a Rc<str>,
        /// The reference of the answer.
        reference: u32,
        /// The app's parameters.
        params: Option<P>,
    },
    /// Let us out.
    Leave {
        /// The channel.
        channel: &'a Rc<str>,
        /// The reference of the answer.
        reference: u32,
    },
    /// A message.
    Message {
        /// The channel.
        channel: &'a str,
        /// Its id.
        id: &'a str,
        /// Its event.
        event: Option<&'a str>,
        /// Its payload.
        payload: P,
        /// Whether an acknowledgement is wanted; only where the server has them.
        ack: bool,
    },
    /// A message without id, acknowledgement or log.
    Ephemeral {
        /// The channel.
        channel: &'a str,
        /// Its event.
        event: Option<&'a str>,
        /// Its payload.
        payload: P,
    },
}
