//! How channels are subscribed to.

/// A subscriber's options of its channel.
#[derive(Debug, Clone)]
pub struct Subscription<P> {
    /// How long the channel stays joined without subscribers.
    pub persistence: Persistence,
    /// What the join contains: `options`, Phoenix's payload, a part of Supabase's `config`.
    pub params: Option<P>,
    /// The function that derives the id of a message where the protocol has none: a number that only the
    /// driver can resolve.
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

/// How messages reach this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscribeMode {
    /// There is no connection.
    Disconnected,
    /// A base server: everything arrives, and is routed here.
    Implicit,
    /// The `subscribe` extension: messages of joined channels arrive.
    Explicit,
    /// Phoenix: the same, and only members may send.
    MembersOnly,
}
