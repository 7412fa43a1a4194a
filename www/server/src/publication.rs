//! A message being published, and its position in the channel's log.

use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use serde_json::value::RawValue;

use crate::accepted::Effect;
use crate::account::Requester;
use crate::nesting;
use crate::rejection::Rejection;

/// A message to be accepted.
pub(crate) struct Publication<'a> {
    pub(crate) channel: &'a str,
    pub(crate) id: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) payload: Box<RawValue>,
    pub(crate) user: Option<String>,
    /// The text it came as, when that was the spread form.
    pub(crate) verbatim: Option<Utf8Bytes>,
    /// Who sends it; none for the server itself.
    pub(crate) requester: Option<&'a Requester>,
}

/// The position of an accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) id: String,
    pub(crate) seq: u64,
    pub(crate) epoch: String,
    pub(crate) effect: Effect,
    /// Whether some reader is so far behind that the sender should wait.
    pub(crate) crowded: bool,
    /// For how long it held the hub's lock.
    pub(crate) took: Duration,
}

impl Publication<'_> {
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        check_id(self.id.as_deref())?;
        check_event(self.event.as_deref())?;
        nesting::check("the payload", self.payload.get())
    }
}

/// Rejects what cannot be a channel's name.
pub(crate) fn check_name(name: &str) -> Result<(), Rejection> {
    if name.is_empty() || name.len() > 256 {
        return Err(Rejection::invalid("a channel's name has 1 to 256 bytes"));
    }
    Ok(())
}

/// Rejects what cannot be a message's id.
pub(crate) fn check_id(id: Option<&str>) -> Result<(), Rejection> {
    if id.is_some_and(|id| id.is_empty() || id.len() > 128) {
        return Err(Rejection::invalid("an `id` has 1 to 128 bytes"));
    }
    Ok(())
}

/// Rejects what cannot be the name of an event.
pub(crate) fn check_event(event: Option<&str>) -> Result<(), Rejection> {
    if event.is_some_and(|event| event.len() > 256) {
        return Err(Rejection::invalid("an `event` has at most 256 bytes"));
    }
    Ok(())
}
