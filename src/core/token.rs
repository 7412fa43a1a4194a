//! Tokens, their lifetime and their user.

use alloc::string::String;
use core::fmt;

/// An authentication token. Its debug output does not contain it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a token.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The token itself, to be sent only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A token with its lifetime and its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The token.
    pub token: Token,
    /// The known lifetime.
    pub lifetime: TokenLifetime,
    /// The user that it identifies (`sub`).
    pub subject: Option<String>,
}

/// The lifetime of a token when it is received, from two sources. A wrong clock can make each of
/// them wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenLifetime {
    /// The time from `iat` to `exp`, by the issuer's clock, in milliseconds. It is too long for a
    /// token that was not just issued.
    pub claimed_ms: Option<i64>,
    /// The time from receipt to `exp` or `expiresAt`, by the device's clock, in milliseconds.
    pub left_ms: Option<i64>,
}

impl TokenLifetime {
    /// The shorter one of the positive values, in milliseconds. A value that is not positive is
    /// from a wrong clock, because a token just received has not expired. `None` is unknown: the
    /// server decides.
    #[must_use]
    pub fn known_ms(self) -> Option<u64> {
        let lifetimes = [self.claimed_ms, self.left_ms].into_iter().flatten();
        lifetimes.filter_map(|ms| u64::try_from(ms).ok()).filter(|ms| *ms > 0).min()
    }
}
