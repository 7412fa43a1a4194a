//! Events that the client emits to the app.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::collection::{AppRequest, MutationProgress, View};
use super::error::Error;
use super::id::{ChannelId, CollectionId, MutationId, RequestId, SendId, SubscriberId};
use super::message::{Gap, Message};
use super::presence::PresenceChange;
use super::reason::Reason;
use super::state::{ChannelState, Continuity, ErrorInForce, Quality, State};

/// The progress of a send.
#[derive(Debug, Clone)]
pub enum SendProgress<P> {
    /// It waits for a connection, or for another one.
    Queued,
    /// It was written to an open socket; the reply is pending.
    Sent,
    /// It was written to an open socket, and no reply follows.
    SentUnconfirmed,
    /// The server accepted it.
    Acked {
        /// Its position in the channel's log.
        seq: Option<u64>,
        /// The payload of the server's reply.
        payload: Option<P>,
    },
    /// It failed.
    Failed(Error),
}

/// An event for the app.
#[derive(Debug, Clone)]
pub enum Event<P> {
    /// The connection's state changed. With the error in force, if there is one, and whether it is
    /// new.
    State(State, Reason, Option<Error>, ErrorInForce),
    /// The connection's grade changed.
    Quality(Quality),
    /// An error that changed no state, in a channel or of the connection.
    Error(Option<ChannelId>, Error),
    /// A message for the channel's subscribers.
    Message(ChannelId, Box<Message<P>>),
    /// A change of the database, for the subscribers whose filters it matches.
    Change(ChannelId, Box<Message<P>>, Vec<SubscriberId>),
    /// A message that the server itself sent, with its event name: for all subscribers of the
    /// channel, or for one that was added later.
    System(ChannelId, &'static str, P, Option<SubscriberId>),
    /// A channel's state or continuity changed.
    Channel(ChannelId, ChannelState, Continuity, Reason, Option<Error>),
    /// Messages of the channel were missed, or may have been.
    Gap(ChannelId, Gap),
    /// The view of a collection changed.
    Collection(CollectionId, View<P>),
    /// The progress of a collection's change.
    Mutation(MutationId, MutationProgress<P>),
    /// A request of a collection to the app, answered by
    /// [`Client::answer`](super::client::Client::answer).
    AppRequest(CollectionId, RequestId, AppRequest<P>),
    /// The presence of the channel changed.
    Presence(ChannelId, Vec<PresenceChange<P>>),
    /// The names of the users who type in the channel, without this client's user, sorted.
    Typing(ChannelId, Vec<String>),
    /// The progress of a send.
    Send(SendId, SendProgress<P>),
    /// The number of unsettled sends changed.
    Queue(usize),
    /// Views should be updated for the messages emitted since the last such event.
    RenderTick,
}
