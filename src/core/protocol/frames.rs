//! Decoded and outgoing frames, independent of the protocol.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::core::auth_success::AuthSuccess;
use crate::core::error::Rejection;
use crate::core::id::FilterId;
use crate::core::message::{
    Completeness, JoinReply, LiveCause, Message, RowChange, StreamPosition,
};
use crate::core::presence::Request;
use crate::core::token::Token;

/// A decoded frame.
#[derive(Debug, Clone)]
pub enum Incoming<P> {
    /// The connection, or a new token on it, is accepted.
    AuthSuccess(AuthSuccess),
    /// An error about the connection as a whole.
    ServerError(Rejection),
    /// An error about a channel that does not answer a pending request.
    ChannelError {
        /// The channel.
        channel: String,
        /// The server's error.
        rejection: Rejection,
    },
    /// A ping of the server.
    Ping,
    /// The answer to our own ping.
    Pong {
        /// The last messages of the channels that changed since the last one.
        heads: Vec<(String, StreamPosition)>,
    },
    /// A message of a channel.
    Message {
        /// The channel.
        channel: String,
        /// The message for its subscribers; `own` is not set yet.
        delivery: Box<Message<P>>,
    },
    /// An ephemeral message, without id and log.
    Ephemeral {
        /// The channel.
        channel: String,
        /// The message for its subscribers.
        delivery: Box<Message<P>>,
    },
    /// A message of the server's own about a channel. The kind of its frame decides, never its event's name:
    /// members of the channel cannot send one.
    System {
        /// The channel.
        channel: String,
        /// Under which event the app receives it.
        event: &'static str,
        /// What the app receives.
        payload: P,
    },
    /// A join is confirmed.
    Joined {
        /// The channel.
        channel: String,
        /// The join's reference.
        reference: u32,
        /// The position at which it begins, where messages have positions.
        start: Option<JoinReply>,
        /// Whether the server will send that it is live ([`Incoming::Live`]).
        awaits_live: bool,
        /// What the server's app answered to the join (Phoenix).
        reply: Option<P>,
    },
    /// Everything requested of a channel is live.
    Live {
        /// The channel.
        channel: String,
        /// Why the server reports it.
        cause: LiveCause,
    },
    /// What was requested of a channel is not live any more, or could not be made so.
    NotLive {
        /// The channel.
        channel: String,
        /// The server's error.
        rejection: Rejection,
    },
    /// A change of a database.
    Change {
        /// The channel.
        channel: String,
        /// Those of the filters it was joined with that the change matches.
        filters: Vec<FilterId>,
        /// The change, if it is of a known kind.
        change: Option<RowChange<P>>,
        /// The message for their subscribers.
        delivery: Box<Message<P>>,
    },
    /// The messages of a `recover` have been sent again.
    Recovered {
        /// The channel.
        channel: String,
        /// The reference of the request.
        reference: u32,
        /// Whether all messages were sent.
        completeness: Completeness,
    },
    /// A request with a reference (a join, a recovery, a presence) is rejected.
    ReferenceRejected {
        /// The channel.
        channel: String,
        /// The reference.
        reference: u32,
        /// The server's error.
        rejection: Rejection,
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
        /// The server's error.
        rejection: Rejection,
    },
    /// A message is accepted.
    Acked {
        /// The channel.
        channel: String,
        /// The message's id.
        id: String,
        /// Its position in the log.
        seq: Option<u64>,
        /// What the server answered with.
        payload: Option<P>,
    },
    /// A message is rejected.
    Nacked {
        /// The channel.
        channel: String,
        /// The message's id.
        id: String,
        /// The server's error.
        rejection: Rejection,
    },
    /// A presence of this client is confirmed.
    PresenceNoted {
        /// The reference of the request.
        reference: u32,
        /// The server's id of it, `None` after an `untrack`.
        presence: Option<P>,
    },
    /// The presence state of a channel.
    PresenceState {
        /// The channel.
        channel: String,
        /// Metas by key.
        state: P,
    },
    /// A difference of a channel's presence.
    PresenceDiff {
        /// The channel.
        channel: String,
        /// Metas by key.
        joins: P,
        /// Metas by key.
        leaves: P,
    },
    /// A frame that is invalid or was not negotiated.
    Unknown,
}

/// A frame to send.
#[derive(Debug, Clone)]
pub enum Outgoing<'a, P> {
    /// The authentication.
    Auth {
        /// The token, if it is sent in this frame.
        token: Option<&'a Token>,
        /// The client's name and version.
        client: &'a str,
        /// Whether the client can inflate.
        inflates: bool,
    },
    /// A ping.
    Ping,
    /// The reply to a ping.
    Pong,
    /// A join.
    Join {
        /// The channel.
        channel: &'a Rc<str>,
        /// The reference of the answer.
        reference: u32,
        /// The app's parameters.
        params: Option<P>,
        /// The last message delivered, if all later ones are requested.
        since: Option<&'a StreamPosition>,
    },
    /// Request messages again.
    Recover {
        /// The channel.
        channel: &'a Rc<str>,
        /// The reference of the answer.
        reference: u32,
        /// The message before the first one missing.
        behind: &'a StreamPosition,
        /// The last one missing.
        to: u64,
    },
    /// A leave.
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
        /// Its id; without one the server assigns one.
        id: Option<&'a str>,
        /// Its event.
        event: Option<&'a str>,
        /// Its payload.
        payload: P,
        /// The payload's size in bytes of JSON.
        bytes: usize,
        /// Whether an acknowledgement is wanted; only where the server has them.
        ack: bool,
    },
    /// Use this token for the joined channel.
    Token {
        /// The channel.
        channel: &'a Rc<str>,
        /// The token.
        token: &'a Token,
    },
    /// Track, update or untrack this client's presence.
    Presence {
        /// The channel.
        channel: &'a Rc<str>,
        /// The reference of the answer.
        reference: u32,
        /// The request.
        request: Request<P>,
    },
    /// A message without id, acknowledgement or log.
    Ephemeral {
        /// The channel.
        channel: &'a str,
        /// Its event.
        event: Option<&'a str>,
        /// Its payload.
        payload: P,
        /// The payload's size in bytes of JSON.
        bytes: usize,
    },
}
