//! Rejections: error replies of the protocol.

use std::borrow::Cow;

/// A rejection that a client can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
    pub(crate) retryable: bool,
    pub(crate) retry_after_ms: Option<u64>,
}

impl Rejection {
    fn new(code: &'static str, message: impl Into<Cow<'static, str>>, retryable: bool) -> Self {
        Self { code, message: message.into(), retryable, retry_after_ms: None }
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid", message, false)
    }

    pub(crate) fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("unauthorized", message, false)
    }

    pub(crate) fn token_expired() -> Self {
        Self::new("token_expired", "the token has expired: send a newer one", true)
    }

    pub(crate) fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("forbidden", message, false)
    }

    pub(crate) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("not_found", message, false)
    }

    pub(crate) fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("conflict", message, false)
    }

    pub(crate) fn limit(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("limit", message, false)
    }

    pub(crate) fn rate_limited(message: impl Into<Cow<'static, str>>, retry_after_ms: u64) -> Self {
        Self { retry_after_ms: Some(retry_after_ms), ..Self::new("rate_limited", message, true) }
    }

    /// Too much data before authentication.
    pub(crate) fn early() -> Self {
        Self::limit("too much came before the connection was authenticated")
    }

    pub(crate) fn slow_reader() -> Self {
        Self::new(
            "slow_reader",
            "more waits for this connection than is kept, and it takes nothing",
            true,
        )
    }

    pub(crate) fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("internal", message, true)
    }
}
