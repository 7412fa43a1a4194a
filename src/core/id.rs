//! Distinct types for ids.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub u32);
    )*};
}

ids! {
    /// One channel from its first subscriber until it is left. Never reused.
    ChannelId;
    /// One subscriber or handle. The caller makes it, so that it exists before the engine does.
    SubscriberId;
    /// One send. The caller makes it, so that it exists before the engine does.
    SendId;
    /// One WebSocket. It identifies late events of a former socket.
    SocketId;
    /// One request to the app. It identifies late answers to a former request.
    RequestId;
    /// One collection. The caller makes it.
    CollectionId;
    /// One filter of a channel's latest join (Supabase, `postgres_changes`): its index among them.
    FilterId;
    /// One change of a collection. The caller makes it; never reused in one client.
    MutationId;
}

/// The origin of a message to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The app.
    App(SendId),
    /// A collection, to have a change of it stored.
    Change(MutationId),
}

/// Generates numbers, each once.
#[derive(Debug, Default)]
pub(crate) struct Counter(u32);

impl Counter {
    /// A counter whose last number was this one.
    #[cfg(test)]
    pub(crate) const fn at(number: u32) -> Self {
        Self(number)
    }

    /// The latest number.
    pub(crate) const fn last(&self) -> u32 {
        self.0
    }

    pub(crate) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(1);
        self.0
    }
}
