//! The state shared by all Realtime channels: settings, tokens, limits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::auth::Keys;
use crate::clock::now_ms;
use crate::hub::Hub;
use crate::phoenix::{Engine, Place, Realm};
use crate::supabase::accounts::Accounts;
use crate::supabase::meter::Meter;
use crate::supabase::outbox::Outbox;
use crate::supabase::replication::Replication;
use crate::supabase::settings::SupabaseSettings;
use crate::supabase::token::{Token, TokenFault};
use crate::tables::RowChange;

/// The prefix of a channel's name in its topic.
pub(super) const PREFIX: &str = "realtime:";

/// The application's state.
pub(crate) struct Realtime {
    pub(crate) engine: Arc<Engine>,
    pub(crate) settings: Mutex<SupabaseSettings>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) replication: Replication,
    pub(crate) outbox: Outbox,
    pub(crate) accounts: Accounts,
    keys: Arc<Keys>,
    /// Revoked tokens, and when they were revoked.
    revoked: Mutex<BTreeMap<String, Instant>>,
    /// Counts the joins of all sockets.
    pub(super) joins: Mutex<Meter>,
    messages: Mutex<Meter>,
}

impl Realtime {
    pub(crate) fn new(
        settings: SupabaseSettings,
        keys: Arc<Keys>,
        hub: Arc<Hub>,
        accounts: Accounts,
    ) -> Self {
        Self {
            engine: Arc::new(Engine::new(&hub.limits)),
            settings: Mutex::new(settings),
            hub,
            replication: Replication::default(),
            outbox: Outbox::default(),
            accounts,
            keys,
            revoked: Mutex::default(),
            joins: Mutex::default(),
            messages: Mutex::default(),
        }
    }

    /// The place of the channel of this name.
    pub(crate) fn place(name: &str, private: bool) -> Place {
        let realm = if private { Realm::Private } else { Realm::Public };
        Place { topic: format!("{PREFIX}{name}").into(), realm }
    }

    /// Checks a token. If any key is accepted, a text that is not a JWT is valid too.
    pub(crate) fn check_token(&self, text: &str) -> Result<Token, TokenFault> {
        if let Some(at) = self.revoked.lock().get(text) {
            return Err(TokenFault::Expired { seconds: at.elapsed().as_secs() });
        }
        match Token::check(&self.keys, text) {
            Err(TokenFault::Malformed) if self.settings.lock().any_key => {
                Ok(Token::of_any_key(text))
            }
            checked => checked,
        }
    }

    /// Revokes a token, which is no longer accepted.
    pub(super) fn revoke(&self, token: &mut Token) {
        let now = Instant::now();
        token.expires_at = now;
        self.revoked.lock().entry(token.text.clone()).or_insert(now);
    }

    /// Counts a sent or delivered broadcast; returns whether it is within the limit.
    pub(crate) fn admit_message(&self) -> bool {
        let (most, span) = {
            let settings = self.settings.lock();
            let span = Duration::from_millis(settings.message_window_ms);
            (settings.messages_per_second as f64 * span.as_secs_f64(), span)
        };
        self.messages.lock().admit(Instant::now(), most as usize, span)
    }
}

/// Sends every change to its subscribers, after a delay, for as long as the server runs.
pub(crate) async fn deliver_changes(
    realtime: Arc<Realtime>,
    hub: Arc<Hub>,
    mut changes: mpsc::UnboundedReceiver<RowChange>,
) {
    while let Some(change) = changes.recv().await {
        let due = change.at + realtime.settings.lock().change_delay_ms;
        tokio::time::sleep(Duration::from_millis(due.saturating_sub(now_ms()))).await;
        realtime.replication.deliver(&hub, &change).await;
    }
}
