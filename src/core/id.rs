//! The types of ids, and a counter that generates them.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub u32);
    )*};
}

ids! {
    /// The id of a channel from its first subscriber until it is left; never reused.
    ChannelId;
    /// The id of a subscriber or handle. The caller creates it, because it exists before the
    /// engine.
    SubscriberId;
    /// The id of a send. The caller creates it, because it exists before the engine.
    SendId;
    /// The id of a WebSocket. It identifies late events of a former socket.
    SocketId;
    /// The id of a request to the app. It identifies late answers to a former request.
    RequestId;
    /// The id of a collection. The caller creates it.
    CollectionId;
    /// The index of a filter in a channel's latest join (Supabase, `postgres_changes`).
    FilterId;
    /// The id of a change of a collection. The caller creates it; never reused in one client.
    MutationId;
}

/// The origin of a message to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The app.
    App(SendId),
    /// A collection, whose change is to be stored by the server.
    Change(MutationId),
}

/// Generates successive numbers, from 1.
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
