//! Tokens and what is known of them.

use alloc::string::String;
use core::fmt;

/// A token. Its text can be passed on, but is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Wraps a token.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The token itself, for the wire only.
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

/// A token with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The token.
    pub token: Token,
    /// What is known of its lifetime.
    pub lifetime: TokenLifetime,
    /// The user that it identifies (`sub`).
    pub subject: Option<String>,
}

/// What is known of a token's lifetime when it is received. A wrong clock makes either wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenLifetime {
    /// From `iat` to `exp`, by the clock of who issued it, in milliseconds: too long for a token
    /// that is not fresh.
    pub claimed_ms: Option<i64>,
    /// From receipt to `exp` or `expiresAt`, by the device's clock, in milliseconds.
    pub left_ms: Option<i64>,
}

impl TokenLifetime {
    /// The shorter one of those that are positive, in milliseconds. A token just received has not
    /// ended: where one is not positive a clock is wrong. `None` is unknown: the server decides.
    #[must_use]
    pub fn known_ms(self) -> Option<u64> {
        let lifetimes = [self.claimed_ms, self.left_ms].into_iter().flatten();
        lifetimes.filter_map(|ms| u64::try_from(ms).ok()).filter(|ms| *ms > 0).min()
    }
}
