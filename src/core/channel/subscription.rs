//! The options of a subscription to a channel.

/// The options with which a subscriber subscribes to a channel.
#[derive(Debug, Clone)]
pub struct Subscription<P> {
    /// How long the channel stays joined without subscribers.
    pub persistence: Persistence,
    /// The parameters of the join: `options` (native), the payload (Phoenix), a part of `config`
    /// (Supabase).
    pub params: Option<P>,
    /// The function that derives the id of a message where the protocol has none, as a number that
    /// the driver resolves.
    pub dedup_key: Option<P>,
}

impl<P> Default for Subscription<P> {
    fn default() -> Self {
        Self { persistence: Persistence::Transient, params: None, dedup_key: None }
    }
}

/// How long a channel stays joined without subscribers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// Until the linger time is over.
    Transient,
    /// For the configured time.
    Persistent,
    /// For this time, in milliseconds.
    PersistentFor(u64),
}

/// How the server selects the messages that it sends to this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscribeMode {
    /// None: there is no connection.
    Disconnected,
    /// A base server sends all messages; the client routes them.
    Implicit,
    /// A server with the `subscribe` extension sends the messages of joined channels.
    Explicit,
    /// Phoenix sends the messages of joined channels, and only members may send to a channel.
    MembersOnly,
}
