//! Tokens of Supabase, which require a role and an expiry.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use tokio::time::Instant;

use crate::auth::{Keys, Unverified};

/// A valid token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) role: String,
    pub(crate) subject: Option<String>,
    pub(crate) expires_at: Instant,
}

/// Why a token is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFault {
    Malformed,
    Signature,
    MissingClaims,
    Expired { seconds: u64 },
}

#[derive(Clone, Deserialize)]
struct Claims {
    role: Option<String>,
    exp: Option<f64>,
    sub: Option<String>,
}

impl TokenFault {
    /// The message for a channel.
    pub(crate) fn message(self) -> String {
        match self {
            Self::Malformed => "The token provided is not a valid JWT".into(),
            Self::Signature => "Failed to validate JWT signature".into(),
            Self::MissingClaims => "Fields `role` and `exp` are required in JWT".into(),
            Self::Expired { seconds } => format!("Token has expired {seconds} seconds ago"),
        }
    }

    /// The reason for a rejected join.
    pub(crate) fn reason(self) -> String {
        let code = match self {
            Self::Malformed => "MalformedJWT",
            Self::Signature => "JwtSignatureError",
            Self::MissingClaims | Self::Expired { .. } => "InvalidJWTToken",
        };
        format!("{code}: {}", self.message())
    }

    /// The message for a rejected handshake.
    pub(crate) fn handshake(self) -> String {
        match self {
            Self::Expired { .. } => "Token has expired".into(),
            other => other.message(),
        }
    }
}

impl Token {
    /// Checks a token.
    pub(crate) fn check(keys: &Keys, text: &str) -> Result<Self, TokenFault> {
        let claims: Claims = keys.verify(text).map_err(|unverified| match unverified {
            Unverified::Malformed => TokenFault::Malformed,
            Unverified::Unknown => TokenFault::Signature,
        })?;
        let (Some(role), Some(exp)) = (claims.role, claims.exp) else {
            return Err(TokenFault::MissingClaims);
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        if exp <= now {
            return Err(TokenFault::Expired { seconds: (now - exp) as u64 });
        }
        // At most ten years: an `Instant` cannot represent every number that a token can contain.
        let left = Duration::from_secs_f64((exp - now).min(315_360_000.0));
        let expires_at = Instant::now() + left;
        Ok(Self { text: text.to_owned(), role, subject: claims.sub, expires_at })
    }

    /// The token, unless it has expired.
    pub(crate) fn alive(&self) -> Result<&Self, TokenFault> {
        let over = Instant::now().checked_duration_since(self.expires_at);
        over.map_or(Ok(self), |over| Err(TokenFault::Expired { seconds: over.as_secs() }))
    }

    /// The token of an arbitrary key, if any key is accepted.
    pub(crate) fn of_any_key(text: &str) -> Self {
        let expires_at = Instant::now() + Duration::from_secs(315_360_000);
        Self { text: text.to_owned(), role: "anon".into(), subject: None, expires_at }
    }
}
