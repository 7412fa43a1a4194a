//! The interface to an application that keeps state behind channels.

use serde_json::value::RawValue;

use crate::accepted::Effect;
use crate::publication::Publication;
use crate::rejection::Rejection;

/// An application whose state changes with the messages of some channels, such as tables. It
/// validates a change before the message is accepted and applies it with the message, so that its
/// state always equals the log up to the head.
pub trait Application: Send {
    /// A validated change, ready to be applied.
    type Change;

    /// Whether a channel has state and therefore must not be removed.
    fn has_state(&self, channel: &str) -> bool;

    /// Whether a message with this event changes the channel's state.
    fn is_change(&self, channel: &str, event: &str) -> bool;

    /// Prepares the state of a new channel.
    fn open(&mut self, channel: &str);

    /// Removes the state of a channel that is unchanged and no longer needed.
    fn close(&mut self, channel: &str);

    /// Validates the change that a message makes; `None` if it makes none.
    ///
    /// # Errors
    /// When the change is not allowed.
    fn plan(&self, publication: &Publication<'_>) -> Result<Option<Self::Change>, Rejection>;

    /// The payload of the broadcast message with this id.
    ///
    /// # Errors
    /// When it cannot be serialized.
    fn payload(&self, change: &Self::Change, id: &str) -> Result<Box<RawValue>, Rejection>;

    /// What the change does, for the sender's ack.
    fn effect(&self, change: &Self::Change) -> Effect;

    /// Applies a change whose message was accepted at `at` (ms since 1970).
    fn apply(&mut self, channel: &str, change: Self::Change, at: u64);

    /// The messages that follow from the change applied last. They are accepted right after it,
    /// with those that follow from them, before anything else.
    fn derive(&mut self) -> Vec<DerivedMessage>;
}

/// A message of the server itself that follows from a change.
#[derive(Debug, Clone)]
pub struct DerivedMessage {
    /// The channel it is published in.
    pub channel: String,
    /// The event's name; it may be a change itself.
    pub event: String,
    /// Any JSON.
    pub payload: Box<RawValue>,
}

/// An application without state: every message is only relayed.
#[derive(Debug, Clone, Copy, Default)]
pub struct RelayOnly;

impl Application for RelayOnly {
    type Change = std::convert::Infallible;

    fn has_state(&self, _: &str) -> bool {
        false
    }

    fn is_change(&self, _: &str, _: &str) -> bool {
        false
    }

    fn open(&mut self, _: &str) {}

    fn close(&mut self, _: &str) {}

    fn plan(&self, _: &Publication<'_>) -> Result<Option<Self::Change>, Rejection> {
        Ok(None)
    }

    fn payload(&self, change: &Self::Change, _: &str) -> Result<Box<RawValue>, Rejection> {
        match *change {}
    }

    fn effect(&self, change: &Self::Change) -> Effect {
        match *change {}
    }

    fn apply(&mut self, _: &str, change: Self::Change, _: u64) {
        match change {}
    }

    fn derive(&mut self) -> Vec<DerivedMessage> {
        Vec::new()
    }
}
