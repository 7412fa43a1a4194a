//! How channels are subscribed to.

/// How a subscriber wants its channel.
#[derive(Debug, Clone)]
pub struct Subscription<P> {
    /// How long the channel stays joined while nobody uses it.
    pub persistence: Persistence,
    /// What the join contains: `options`, Phoenix's payload, a part of Supabase's `config`.
    pub params: Option<P>,
    /// What gives a message its id where the wire does not: known to the driver alone.
    pub dedup_key: Option<P>,
}

impl<P> Default for Subscription<P> {
    fn default() -> Self {
        Self { persistence: Persistence::Transient, params: None, dedup_key: None }
    }
}

/// How long a channel stays joined while nobody uses it.
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
    /// The `subscribe` extension: what was joined arrives.
    Explicit,
    /// Phoenix: the same, and only members may send.
    MembersOnly,
}
