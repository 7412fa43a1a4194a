//! Signing tokens, for the demo and for sign-in.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::Value;

use crate::config::{Config, KeyMaterial};

/// Signs tokens with the first HS256 key of the configuration.
pub(crate) struct TokenSigner {
    key: EncodingKey,
    kid: Option<String>,
}

impl TokenSigner {
    /// The signer of a configuration; `None` if no configured key can sign.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        config.keys.iter().find_map(|key| match &key.material {
            KeyMaterial::Hs256(secret) => {
                Some(Self { key: EncodingKey::from_secret(secret), kid: key.kid.clone() })
            }
            KeyMaterial::Rs256(_) => None,
        })
    }

    /// A token with these claims; `None` if it cannot be signed.
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let mut header = Header::new(Algorithm::HS256);
        header.kid.clone_from(&self.kid);
        encode(&header, claims, &self.key).ok()
    }
}
