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
    /// The server accepts the connection, or a new token on it.
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
    /// The answer to a ping of the client.
    Pong {
        /// The positions of the last messages of the channels that changed since the last pong.
        heads: Vec<(String, StreamPosition)>,
    },
    /// A message of a channel.
    Message {
        /// The channel.
        channel: String,
        /// The message for its subscribers; `own` is not set yet.
        delivery: Box<Message<P>>,
    },
    /// An ephemeral message, which has no id and is not in the log.
    Ephemeral {
        /// The channel.
        channel: String,
        /// The message for its subscribers.
        delivery: Box<Message<P>>,
    },
    /// A message that the server itself sent in a channel. It is recognised by the kind of its
    /// frame, not by its event name, so members of the channel cannot send one.
    System {
        /// The channel.
        channel: String,
        /// The event name with which the app receives it.
        event: &'static str,
        /// The payload that the app receives.
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
        /// Whether the server reports later that it is live ([`Incoming::Live`]).
        awaits_live: bool,
        /// The server application's reply to the join (Phoenix).
        reply: Option<P>,
    },
    /// Everything requested of a channel is live.
    Live {
        /// The channel.
        channel: String,
        /// Why the server reports it.
        cause: LiveCause,
    },
    /// A requested subscription of a channel is not live any more, or could not be created.
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
        /// The filters of the join that the change matches.
        filters: Vec<FilterId>,
        /// The change, if it is of a known kind.
        change: Option<RowChange<P>>,
        /// The message for the subscribers with these filters.
        delivery: Box<Message<P>>,
    },
    /// All messages requested by a `recover` were sent.
    Recovered {
        /// The channel.
        channel: String,
        /// The reference of the request.
        reference: u32,
        /// Whether all messages were sent.
        completeness: Completeness,
    },
    /// A request with a reference (a join, a recovery, or a presence request) is rejected.
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
        /// The payload of the server's answer.
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
        /// The server's id of the presence, `None` after an `untrack`.
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
        /// Whether the client can decompress messages.
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
    /// A request for missing messages.
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
        /// Whether an acknowledgement is requested; only if the server has them.
        ack: bool,
    },
    /// A new token for a joined channel.
    Token {
        /// The channel.
        channel: &'a Rc<str>,
        /// The token.
        token: &'a Token,
    },
    /// A presence request.
    Presence {
        /// The channel.
        channel: &'a Rc<str>,
        /// The reference of the answer.
        reference: u32,
        /// The request.
        request: Request<P>,
    },
    /// An ephemeral message, which has no id and no acknowledgement, and is not in the log.
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
