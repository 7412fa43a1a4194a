//! Rejections: error replies of the protocol.

use std::borrow::Cow;

/// A rejection that a client can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The protocol's error code.
    pub code: &'static str,
    /// A description for developers.
    pub message: Cow<'static, str>,
    /// Whether the same request may be accepted later.
    pub retryable: bool,
    /// After how long it may be retried, in ms, if that is known.
    pub retry_after_ms: Option<u64>,
}

impl Rejection {
    fn new(code: &'static str, message: impl Into<Cow<'static, str>>, retryable: bool) -> Self {
        Self { code, message: message.into(), retryable, retry_after_ms: None }
    }

    /// A request that is never accepted.
    #[must_use]
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid", message, false)
    }

    /// A token that is not accepted.
    #[must_use]
    pub fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("unauthorized", message, false)
    }

    /// A token that has expired.
    #[must_use]
    pub fn token_expired() -> Self {
        Self::new("token_expired", "the token has expired: send a newer one", true)
    }

    /// A request that this user may not make.
    #[must_use]
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("forbidden", message, false)
    }

    /// A request for something that does not exist.
    #[must_use]
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("not_found", message, false)
    }

    /// A change that conflicts with another one.
    #[must_use]
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("conflict", message, false)
    }

    /// A request that exceeds a limit.
    #[must_use]
    pub fn limit(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("limit", message, false)
    }

    /// A request that exceeds a rate.
    #[must_use]
    pub fn rate_limited(message: impl Into<Cow<'static, str>>, retry_after_ms: u64) -> Self {
        Self { retry_after_ms: Some(retry_after_ms), ..Self::new("rate_limited", message, true) }
    }

    /// Too much data before authentication.
    #[must_use]
    pub fn early() -> Self {
        Self::limit("too much came before the connection was authenticated")
    }

    /// Too much is queued for a reader that reads nothing.
    #[must_use]
    pub fn slow_reader() -> Self {
        Self::new(
            "slow_reader",
            "more waits for this connection than is kept, and it takes nothing",
            true,
        )
    }

    /// A failure of the server.
    #[must_use]
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("internal", message, true)
    }
}
