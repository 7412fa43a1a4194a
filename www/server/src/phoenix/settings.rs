//! What can be set about Phoenix sockets.

use serde::{Deserialize, Serialize};

/// How plain Phoenix sockets behave.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PhoenixSettings {
    /// A socket whose client was silent for this long, in ms, is closed. Default 60 000.
    pub idle_timeout_ms: u64,
    /// Which web server's way of closing sockets is used. Default [`Adapter::Bandit`].
    pub adapter: Adapter,
    /// Channels one socket may have joined. Default 100.
    pub max_channels: usize,
}

impl Default for PhoenixSettings {
    fn default() -> Self {
        Self { idle_timeout_ms: 60_000, adapter: Adapter::Bandit, max_channels: 100 }
    }
}

/// The web servers Phoenix runs on close idle and drained sockets differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Adapter {
    /// Idle: 1002, on time.
    Bandit,
    /// Idle: 1000, a tenth late.
    Cowboy,
}
