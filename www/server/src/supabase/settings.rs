//! The settings of the Supabase subset.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidewire_server_core::covers;

/// The behaviour of the subset. The defaults are those of the real server if it has them; the
/// control endpoint can change all settings at runtime.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SupabaseSettings {
    /// Whether any `apikey` is accepted, with the role `anon`. Default false: it must be a token
    /// signed with a configured key.
    pub any_key: bool,
    /// The delay before a rejected handshake is answered, in ms. Default 2 000.
    pub connect_rejection_delay_ms: u64,
    /// How long a rejected join blocks its whole socket, in ms. Default 5 000.
    pub join_rejection_delay_ms: u64,
    /// The time from a join or a new token to the active database subscription, in ms. Default 50.
    pub subscribe_delay_ms: u64,
    /// The time from a row's change to its message, in ms. Default 100.
    pub change_delay_ms: u64,
    /// A socket that receives nothing for this long and 10 % more, in ms, is closed. Default 60 000.
    pub idle_timeout_ms: u64,
    /// Channels of one socket. Default 100.
    pub max_channels: usize,
    /// Joins of all sockets within one second. Default 100.
    pub joins_per_second: usize,
    /// Broadcasts a second, sent and delivered, averaged over `message_window_ms`. Default 100.
    pub messages_per_second: usize,
    /// The window of `messages_per_second`, in ms. Default 60 000.
    pub message_window_ms: u64,
    /// Presence calls of one channel within `presence_window_ms`. Default 5.
    pub presence_calls: usize,
    /// The window of `presence_calls`, in ms. Default 30 000.
    pub presence_window_ms: u64,
    /// The largest broadcast, in bytes. Default 3 000 000.
    pub max_payload_bytes: usize,
    /// The largest frame, in bytes. Default 5 000 000.
    pub max_frame_bytes: usize,
    /// The lifetime of the tokens that sign-in issues, in ms. Default 3 600 000.
    pub token_ttl_ms: u64,
    /// Who may read and write private channels. The first policy that matches topic and role
    /// applies; without one `authenticated` and `service_role` may do both and others neither.
    pub policies: Vec<Policy>,
    /// Passwords by email address. Default none; the demo adds its own.
    pub users: BTreeMap<String, String>,
    /// Whether the role `anon` may change tables over REST. Default false, in the demo true.
    pub anonymous_writes: bool,
}

/// A rule for private channels.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// The channel's name without `realtime:`, or a prefix with `*`.
    pub topic: String,
    /// The roles; empty means all.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether they may join.
    #[serde(default)]
    pub read: bool,
    /// Whether they may send and be present.
    #[serde(default)]
    pub write: bool,
}

/// What a role may do in a private channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rights {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

impl Default for SupabaseSettings {
    fn default() -> Self {
        Self {
            any_key: false,
            connect_rejection_delay_ms: 2_000,
            join_rejection_delay_ms: 5_000,
            subscribe_delay_ms: 50,
            change_delay_ms: 100,
            idle_timeout_ms: 60_000,
            max_channels: 100,
            joins_per_second: 100,
            messages_per_second: 100,
            message_window_ms: 60_000,
            presence_calls: 5,
            presence_window_ms: 30_000,
            max_payload_bytes: 3_000_000,
            max_frame_bytes: 5_000_000,
            token_ttl_ms: 3_600_000,
            policies: Vec::new(),
            users: BTreeMap::new(),
            anonymous_writes: false,
        }
    }
}

impl SupabaseSettings {
    /// What a role may do in a private channel of this name.
    pub(crate) fn rights(&self, name: &str, role: &str) -> Rights {
        let matches_policy = |policy: &&Policy| {
            covers(&policy.topic, name)
                && (policy.roles.is_empty() || policy.roles.iter().any(|r| r == role))
        };
        let trusted = matches!(role, "authenticated" | "service_role");
        self.policies.iter().find(matches_policy).map_or(
            Rights { read: trusted, write: trusted },
            |policy| Rights { read: policy.read, write: policy.write },
        )
    }

    pub(crate) fn join_rejection_delay(&self) -> Duration {
        Duration::from_millis(self.join_rejection_delay_ms)
    }

    pub(crate) fn subscribe_delay(&self) -> Duration {
        Duration::from_millis(self.subscribe_delay_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_policy_for_topic_and_role_applies() {
        let policy = |topic: &str, roles: &[&str], read, write| Policy {
            topic: topic.into(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            read,
            write,
        };
        let settings = SupabaseSettings {
            policies: vec![policy("ro:*", &["anon"], true, false), policy("ro:*", &[], true, true)],
            ..SupabaseSettings::default()
        };
        let rights = |name, role| {
            let Rights { read, write } = settings.rights(name, role);
            (read, write)
        };
        assert_eq!(rights("ro:1", "anon"), (true, false));
        assert_eq!(rights("ro:1", "editor"), (true, true));
        assert_eq!(rights("x", "authenticated"), (true, true));
        assert_eq!(rights("x", "anon"), (false, false));
    }
}
