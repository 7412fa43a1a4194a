//! Verification of tokens, and the grants they contain.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tidewire_server_core::{Grant, Rejection, TokenMark};

use crate::clock::uptime;
use crate::config::{KeyConfig, KeyMaterial};

/// Why a token's claims cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unverified {
    /// It is not a JWT.
    Malformed,
    /// No key of this server signed it.
    Unknown,
}

#[derive(Clone, Deserialize)]
struct Claims {
    sub: Option<String>,
    // A NumericDate may have a fraction.
    exp: Option<f64>,
    #[serde(default)]
    forbidden: bool,
    channels: Option<Vec<String>>,
}

struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// The keys tokens are checked against.
pub(crate) struct Keys {
    keys: Vec<Key>,
    anonymous: bool,
    personal: Arc<[String]>,
    marks: RandomState,
}

impl Keys {
    /// Reads the keys. `personal` are the prefixes of channels that belong to one user each.
    pub(crate) fn new(
        configs: &[KeyConfig],
        anonymous: bool,
        personal: Vec<String>,
    ) -> Result<Self, String> {
        let keys = configs
            .iter()
            .map(|config| {
                let (algorithm, decoding) = match &config.material {
                    KeyMaterial::Hs256(secret) => {
                        (Algorithm::HS256, DecodingKey::from_secret(secret))
                    }
                    KeyMaterial::Rs256(pem) => (
                        Algorithm::RS256,
                        DecodingKey::from_rsa_pem(pem)
                            .map_err(|_| "an RS256 key is not a public key as PEM".to_owned())?,
                    ),
                };
                Ok(Key { kid: config.kid.clone(), algorithm, decoding })
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { keys, anonymous, personal: personal.into(), marks: RandomState::new() })
    }

    /// Whether no connection could be authenticated.
    pub(crate) fn admits_nobody(&self) -> bool {
        self.keys.is_empty() && !self.anonymous
    }

    /// Checks a token, or its absence.
    pub(crate) fn check(&self, token: Option<&str>) -> Result<Grant, Rejection> {
        let Some(token) = token else {
            return if self.anonymous {
                Ok(Grant { personal: Arc::clone(&self.personal), ..Grant::default() })
            } else {
                Err(Rejection::unauthorized("a token is needed"))
            };
        };
        // The cause is not sent, because it would only help an attacker.
        let claims: Claims = self
            .verify(token)
            .map_err(|_| Rejection::unauthorized("the token is not one this server accepts"))?;
        let expires_at = match claims.exp {
            Some(exp) => Some(uptime_of(exp).ok_or_else(Rejection::token_expired)?),
            None => None,
        };
        if claims.forbidden {
            return Err(Rejection::forbidden("this user may not connect"));
        }
        let mark = Some(TokenMark(self.marks.hash_one(token)));
        let personal = Arc::clone(&self.personal);
        Ok(Grant { user: claims.sub, expires_at, channels: claims.channels, personal, mark })
    }

    /// Verifies a token's signature and returns its claims, which are not checked.
    pub(crate) fn verify<C: DeserializeOwned + Clone>(&self, token: &str) -> Result<C, Unverified> {
        let header = decode_header(token).map_err(|_| Unverified::Malformed)?;
        self.keys
            .iter()
            // A key is used with its own algorithm only: a public key must not be used as a secret.
            .filter(|key| key.algorithm == header.alg)
            .filter(|key| key.kid.is_none() || header.kid.is_none() || key.kid == header.kid)
            .find_map(|key| {
                let mut validation = Validation::new(key.algorithm);
                validation.required_spec_claims.clear();
                validation.validate_exp = false;
                validation.validate_nbf = true;
                validation.validate_aud = false;
                validation.leeway = 0;
                decode::<C>(token, &key.decoding, &validation).ok().map(|data| data.claims)
            })
            .ok_or(Unverified::Unknown)
    }
}

/// The uptime of a NumericDate, if it is in the future.
fn uptime_of(seconds: f64) -> Option<Duration> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let left = seconds - now;
    // At most ten years: an uptime cannot represent every number that a token can contain.
    (left > 0.0).then(|| uptime() + Duration::from_secs_f64(left.min(315_360_000.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_token_is_accepted_only_if_anonymous() {
        let open = Keys::new(&[], true, Vec::new()).expect("no keys");
        let closed = Keys::new(&[], false, Vec::new()).expect("no keys");
        assert!(open.check(None).is_ok());
        assert_eq!(closed.check(None).expect_err("rejected").code, "unauthorized");
        assert_eq!(open.check(Some("x.y.z")).expect_err("rejected").code, "unauthorized");
    }
}
