//! The numbers in the arguments with which the package calls the engine.

use crate::core::named::named;

named! {
    /// The commands of `run`, each with its subject.
    pub enum Command {
        /// Connect, and stay connected without any channel.
        Connect,
        /// Disconnect until there is new demand.
        Disconnect,
        /// Destroy: every unsettled send fails with `destroyed`.
        Destroy,
        /// Remove a subscriber (its id) from its channel; unknown ids are ignored.
        Unsubscribe,
        /// Cancel a send (its id): it fails with `aborted`.
        Cancel,
        /// Close a collection (its id), and its subscription with it: pending changes fail with `aborted`.
        CloseCollection,
        /// Load a collection again.
        Reload,
    }
}

named! {
    /// Bits of the `flags` of `send`.
    pub enum SendFlag {
        /// Request an acknowledgement. Without this flag and `NoAck` the protocol decides.
        Ack,
        /// Request no acknowledgement.
        NoAck,
        /// Never queue or repeat it.
        Ephemeral,
    }
}

named! {
    /// The actions of `presence`.
    pub enum PresenceAction {
        /// Track this client's presence.
        Track,
        /// Replace the tracked meta.
        Update,
        /// Untrack it.
        Untrack,
    }
}
