//! A message on its way into a channel, and the place it gets there.

use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use serde_json::value::RawValue;

use crate::accepted::Effect;
use crate::account::Party;
use crate::nesting;
use crate::refusal::Refusal;

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
    pub(crate) party: Option<&'a Party>,
}

/// Where a message has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) id: String,
    pub(crate) seq: u64,
    pub(crate) epoch: String,
    pub(crate) effect: Effect,
    /// Whether some reader has so much to take that the sender had better wait.
    pub(crate) crowded: bool,
    /// For how long it kept all others waiting.
    pub(crate) took: Duration,
}

impl Publication<'_> {
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        check_id(self.id.as_deref())?;
        check_event(self.event.as_deref())?;
        nesting::check("the payload", self.payload.get())
    }
}

/// Refuses what cannot be a channel's name.
pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.len() > 256 {
        return Err(Refusal::invalid("a channel's name has 1 to 256 bytes"));
    }
    Ok(())
}

/// Refuses what cannot be a message's id.
pub(crate) fn check_id(id: Option<&str>) -> Result<(), Refusal> {
    if id.is_some_and(|id| id.is_empty() || id.len() > 128) {
        return Err(Refusal::invalid("an `id` has 1 to 128 bytes"));
    }
    Ok(())
}

/// Refuses what cannot be the name of an event.
pub(crate) fn check_event(event: Option<&str>) -> Result<(), Refusal> {
    if event.is_some_and(|event| event.len() > 256) {
        return Err(Refusal::invalid("an `event` has at most 256 bytes"));
    }
    Ok(())
}
