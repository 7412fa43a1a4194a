//! What goes into the client and what comes out of it.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::channel::{ChannelState, Continuity};
use super::collection::{MutationProgress, Question, View};
use super::connection::{Quality, State};
use super::error::Error;
use super::id::{ChannelId, CollectionId, MutationId, RequestId, SendId, SocketId, SubscriberId};
use super::presence::PresenceChange;
use super::protocol::phoenix::binary::Head;
use super::reason::Reason;

/// A token. Its text can be handed on, but never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a token.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The token itself, for the wire only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A token with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The token.
    pub token: Token,
    /// What is known of its life.
    pub life: Life,
    /// Whom it names (`sub`).
    pub subject: Option<String>,
}

/// What is known of a token's life when it is received. A wrong clock makes either wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Life {
    /// From `iat` to `exp`, by the clock of who issued it, in milliseconds: too long for a token
    /// that is not fresh.
    pub claimed_ms: Option<i64>,
    /// From receipt to `exp` or `expiresAt`, by the device's clock, in milliseconds.
    pub left_ms: Option<i64>,
}

impl Life {
    /// The shorter one of those that are positive, in milliseconds. A token just received has not
    /// ended: where one is not positive a clock is wrong. `None` is unknown: the server decides.
    #[must_use]
    pub fn known_ms(self) -> Option<u64> {
        let lives = [self.claimed_ms, self.left_ms].into_iter().flatten();
        lives.filter_map(|ms| u64::try_from(ms).ok()).filter(|ms| *ms > 0).min()
    }
}

/// What the page tells of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Its document became visible.
    Visible,
    /// Its document was hidden.
    Hidden,
    /// It is frozen or being put away (`freeze`, `pagehide`): there may be no later moment.
    Frozen,
    /// It came back from that (`resume`, `pageshow`), and can be seen.
    Resumed,
    /// The same, in the background.
    ResumedHidden,
}

/// Why a socket is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClosedBy {
    /// A close event with its code (1006 when the browser knows none) and the server's words.
    Peer(u16, String),
    /// It could not even be made: the address was refused. The words never hold a token.
    BadUrl(String),
    /// The page itself may not open it (its policy, or a plain socket on a secure page). The words never hold a token.
    Blocked(String),
}

/// One message of the socket.
#[derive(Debug, Clone)]
pub enum Received<P> {
    /// A JSON text's value.
    Value(P),
    /// The same, with the id the app gives the message where the wire gives none (`dedupKey`).
    Keyed(P, String),
    /// A text that is not JSON.
    NotJson,
    /// A binary message that this connection did not agree to, or that could not be inflated.
    Binary,
    /// A binary frame of Phoenix, its data, and what its `meta` says.
    Packed(Box<Head>, P, Option<P>),
    /// A message over `max_frame_bytes`, unread but for what stands before its payload: the
    /// members of an object, or the items of an array, up to the first that is neither a text nor
    /// a number.
    TooLarge(Option<P>),
}

/// What happened outside.
#[derive(Debug, Clone)]
pub enum Input<P> {
    /// The socket is open.
    SocketOpened(SocketId),
    /// The socket received a message of this many bytes.
    SocketFrame(SocketId, Received<P>, usize),
    /// The socket takes nothing more; why will be told by the close that follows.
    SocketClosing(SocketId),
    /// The socket failed; its close may not follow.
    SocketErrored(SocketId),
    /// The socket is no more.
    SocketClosed(SocketId, ClosedBy),
    /// The app answered a [`Output::FetchToken`]; the error holds its words.
    Token(RequestId, Result<Option<Box<Grant>>, String>),
    /// The page changed.
    Page(Page),
    /// The browser's network came (`true`) or went.
    Network(bool),
    /// The clock jumped: the machine slept.
    Woke,
    /// Whether the address asked for is on this machine, where no network is needed.
    Local(bool),
}

/// A frame on its way out. `head` is an object or an array; `body` joins it without being looked into.
#[derive(Debug, Clone)]
pub struct Frame<P> {
    /// The envelope.
    pub head: P,
    /// The user's part.
    pub body: Body<P>,
    /// About its size in bytes.
    pub bytes: usize,
}

/// The user's part of a frame.
#[derive(Debug, Clone)]
pub enum Body<P> {
    /// None: a control frame.
    Empty,
    /// Under the key `payload`; the last item of a head that is an array.
    Payload(P),
    /// Its members over those of the head, last (base servers).
    Spread(P),
    /// Bytes behind these: a binary frame, without a head of its own.
    Bytes(Vec<u8>, P),
    /// Under the key `payload` of the first one, which stands where a payload stands.
    Within(P, P),
}

/// What the client wants done.
#[derive(Debug, Clone)]
pub enum Output<P> {
    /// Open a socket under this id; offer the token as a subprotocol if there is one.
    Open(SocketId, Option<Token>),
    /// Close the socket with this code and hear no more of it.
    Close(SocketId, u16),
    /// Give up, at once, a socket that did not open in time.
    Abort(SocketId),
    /// Send one frame as it is, or several as an array (`batch`).
    Transmit(SocketId, Vec<Frame<P>>),
    /// Ask the app for a token.
    FetchToken(RequestId),
    /// Tell the app.
    Event(Event<P>),
}

/// One message as a callback gets it.
#[derive(Debug, Clone)]
pub struct Delivery<P> {
    /// The first argument of the callback.
    pub payload: P,
    /// The event's name.
    pub event: Option<P>,
    /// The message's id, where the wire has ids.
    pub id: Option<P>,
    /// Its place in the channel's log, where the wire has one.
    pub place: Option<Place>,
    /// Whether it was missed first and came by recovery.
    pub recovered: bool,
    /// Whether this client sent it.
    pub own: bool,
}

impl<P> Delivery<P> {
    /// A message that is nothing but this.
    #[must_use]
    pub const fn plain(event: Option<P>, payload: P) -> Self {
        Self { payload, event, id: None, place: None, recovered: false, own: false }
    }
}

/// A place in a channel's log (native protocol, `seq`). Within an epoch it names one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What `seq` counts within.
    pub epoch: Rc<str>,
    /// The number, +1 for each message.
    pub seq: u64,
}

/// Messages of a channel that this client will never get.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gap {
    /// The first of them, if known.
    pub from: Option<u64>,
    /// The last of them, if known.
    pub to: Option<u64>,
    /// What they count within, if known.
    pub epoch: Option<Rc<str>>,
}

/// What becomes of a send.
#[derive(Debug, Clone)]
pub enum SendProgress<P> {
    /// It waits for a connection (again).
    Queued,
    /// It was handed to an open socket; an answer is awaited.
    Sent,
    /// It was handed to an open socket, and nothing more will be known.
    HandedOver,
    /// The server accepted it.
    Acked {
        /// Its place in the channel's log.
        seq: Option<u64>,
        /// What the server answered with.
        payload: Option<P>,
    },
    /// It failed.
    Failed(Error),
}

/// What the app is told.
#[derive(Debug, Clone)]
pub enum Event<P> {
    /// The connection's state changed.
    State(State, Reason, Option<Error>),
    /// The connection's grade changed.
    Quality(Quality),
    /// Something went wrong that ended nothing else.
    Error(Option<ChannelId>, Error),
    /// A message for the channel's subscribers.
    Message(ChannelId, Box<Delivery<P>>),
    /// A message for some of them: what it tells of is what they asked for.
    Change(ChannelId, Box<Delivery<P>>, Vec<SubscriberId>),
    /// A message of the server's own, under this event: for all subscribers of the channel, or for
    /// one that came later.
    System(ChannelId, &'static str, P, Option<SubscriberId>),
    /// A channel's state or continuity changed.
    Channel(ChannelId, ChannelState, Continuity, Reason, Option<Error>),
    /// Messages of the channel were missed, or may have been.
    Gap(ChannelId, Gap),
    /// What a collection shows changed.
    Collection(CollectionId, View<P>),
    /// A change of a collection came further.
    Mutation(MutationId, MutationProgress<P>),
    /// A collection asks the app: [`Client::answer`](super::client::Client::answer).
    Ask(CollectionId, RequestId, Question<P>),
    /// Who is in the channel changed.
    Presence(ChannelId, Vec<PresenceChange<P>>),
    /// Who types in the channel now: all of them but this client's user, sorted by name.
    Typing(ChannelId, Vec<String>),
    /// A send came further.
    Send(SendId, SendProgress<P>),
    /// This many sends are unsettled.
    Queue(usize),
    /// What was told of messages since the last such event is due to be shown.
    Batch,
}
