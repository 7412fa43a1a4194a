//! Signed-in users, and the tokens of their sessions.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::clock::now_ms;
use crate::random;
use crate::timestamp::Timestamp;
use crate::token_signer::TokenSigner;

/// The sessions, and the signer of their tokens.
pub(crate) struct Accounts {
    /// `None` if no configured key can sign; signing in then fails.
    signer: Option<TokenSigner>,
    state: Mutex<Sessions>,
}

#[derive(Default)]
struct Sessions {
    /// User ids by email address.
    ids: BTreeMap<String, String>,
    /// Refresh tokens with the email address; each is valid once.
    refresh: VecDeque<(String, String)>,
}

/// Refresh tokens beyond this many are removed, the oldest first.
const MOST_SESSIONS: usize = 10_000;

impl Accounts {
    pub(crate) fn new(signer: Option<TokenSigner>) -> Self {
        Self { signer, state: Mutex::default() }
    }

    /// A key for clients that are not signed in.
    pub(crate) fn anonymous_key(&self) -> Option<String> {
        let now = now_ms() / 1_000;
        let claims = json!({ "role": "anon", "iat": now, "exp": now + 315_360_000 });
        self.signer.as_ref()?.sign(&claims)
    }

    /// Removes a refresh token and returns its email address.
    pub(super) fn take_refresh(&self, token: &str) -> Option<String> {
        let refresh = &mut self.state.lock().refresh;
        let at = refresh.iter().position(|(own, _)| own == token)?;
        refresh.remove(at).map(|(_, email)| email)
    }

    /// The user with this id, as JSON.
    pub(super) fn user(&self, id: &str) -> Option<Value> {
        let state = self.state.lock();
        let (email, id) = state.ids.iter().find(|(_, known)| *known == id)?;
        Some(user(id, email))
    }

    /// Ends the sessions of the user of this id.
    pub(super) fn sign_out(&self, id: &str) {
        let mut state = self.state.lock();
        let Sessions { ids, refresh } = &mut *state;
        refresh.retain(|(_, email)| ids.get(email).is_none_or(|known| known != id));
    }

    /// Opens a session; returns it as JSON, or `None` if tokens cannot be signed.
    pub(super) fn open_session(&self, email: &str, ttl_ms: u64) -> Option<Value> {
        let (id, refresh_token) = {
            let mut state = self.state.lock();
            let id = state.ids.entry(email.to_owned()).or_insert_with(random::uuid).clone();
            let token = random::token();
            if state.refresh.len() >= MOST_SESSIONS {
                state.refresh.pop_front();
            }
            state.refresh.push_back((token.clone(), email.to_owned()));
            (id, token)
        };
        let now = now_ms();
        let expires_at = (now + ttl_ms).div_ceil(1_000);
        let claims = json!({
            "aud": "authenticated", "role": "authenticated", "sub": id, "email": email,
            "iat": now / 1_000, "exp": expires_at, "session_id": random::uuid(),
        });
        Some(json!({
            "access_token": self.signer.as_ref()?.sign(&claims)?,
            "token_type": "bearer",
            "expires_in": ttl_ms.div_ceil(1_000),
            "expires_at": expires_at,
            "refresh_token": refresh_token,
            "user": user(&id, email),
        }))
    }
}

fn user(id: &str, email: &str) -> Value {
    let now = Timestamp::now().iso();
    json!({
        "id": id, "aud": "authenticated", "role": "authenticated", "email": email,
        "app_metadata": { "provider": "email", "providers": ["email"] }, "user_metadata": {},
        "identities": [], "created_at": now, "updated_at": now, "is_anonymous": false,
    })
}
