//! A message being published, and its position in the channel's log.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::accepted::Effect;
use crate::account::Requester;
use crate::nesting;
use crate::rejection::Rejection;

/// A message to be accepted.
#[derive(Debug)]
pub struct Publication<'a> {
    /// The channel it is published in.
    pub channel: &'a str,
    /// Unique in the channel; without one the hub generates it.
    pub id: Option<String>,
    /// The event's name.
    pub event: Option<String>,
    /// Any JSON.
    pub payload: Box<RawValue>,
    /// The sender's user, if known.
    pub user: Option<String>,
    /// The received text of a message without an envelope.
    pub verbatim: Option<Arc<str>>,
    /// Who sends it; none for the server itself.
    pub requester: Option<&'a Requester>,
}

/// The position of an accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Its id.
    pub id: String,
    /// Its number in the log.
    pub seq: u64,
    /// The log's epoch.
    pub epoch: String,
    /// What accepting it did.
    pub effect: Effect,
}

impl Publication<'_> {
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        check_id(self.id.as_deref())?;
        check_event(self.event.as_deref())?;
        nesting::check("the payload", self.payload.get())
    }
}

/// Rejects an invalid channel name.
pub fn check_name(name: &str) -> Result<(), Rejection> {
    if name.is_empty() || name.len() > 256 {
        return Err(Rejection::invalid("a channel's name has 1 to 256 bytes"));
    }
    Ok(())
}

/// Rejects an invalid message id.
pub(crate) fn check_id(id: Option<&str>) -> Result<(), Rejection> {
    if id.is_some_and(|id| id.is_empty() || id.len() > 128) {
        return Err(Rejection::invalid("an `id` has 1 to 128 bytes"));
    }
    Ok(())
}

/// Rejects an invalid event name.
pub(crate) fn check_event(event: Option<&str>) -> Result<(), Rejection> {
    if event.is_some_and(|event| event.len() > 256) {
        return Err(Rejection::invalid("an `event` has at most 256 bytes"));
    }
    Ok(())
}
