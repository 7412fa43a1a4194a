//! A request to join, and an application's answer.

use std::time::Duration;

use serde_json::json;

use crate::phoenix::channel_handle::Place;

/// A request to join.
#[derive(Debug)]
pub(crate) struct JoinRequest<'a> {
    pub(crate) topic: &'a str,
    /// JSON text.
    pub(crate) payload: &'a str,
    /// Other channels this socket has joined.
    pub(crate) joined: usize,
}

/// An accepted join.
pub(crate) struct JoinAccepted<C> {
    /// The reply's response, as JSON.
    pub(crate) response: String,
    pub(crate) place: Place,
    pub(crate) receives_presence: bool,
    pub(crate) channel: C,
}

/// A rejected or failed join.
#[derive(Debug)]
pub(crate) enum JoinRejected {
    /// Nothing handles this topic.
    Unmatched,
    Crashed,
    Error {
        /// The reply's response, as JSON.
        response: String,
        /// How long the whole socket is blocked before the answer.
        wait: Duration,
        /// The code with which the socket is closed after the answer.
        closing: Option<u16>,
    },
}

impl JoinRejected {
    /// A rejection with a reason, sent at once.
    pub(crate) fn with_reason(reason: &str) -> Self {
        Self::after(reason, Duration::ZERO)
    }

    /// A rejection with a reason, sent after a delay.
    pub(crate) fn after(reason: &str, wait: Duration) -> Self {
        let response = json!({ "reason": reason }).to_string();
        Self::Error { response, wait, closing: None }
    }
}
