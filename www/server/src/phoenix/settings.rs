//! The settings of Phoenix sockets.

use serde::{Deserialize, Serialize};

/// The behaviour of plain Phoenix sockets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PhoenixSettings {
    /// A socket that receives nothing for this long, in ms, is closed. Default 60 000.
    pub idle_timeout_ms: u64,
    /// The web server whose closing behaviour is emulated. Default [`Adapter::Bandit`].
    pub adapter: Adapter,
    /// Channels one socket may have joined. Default 100.
    pub max_channels: usize,
}

impl Default for PhoenixSettings {
    fn default() -> Self {
        Self { idle_timeout_ms: 60_000, adapter: Adapter::Bandit, max_channels: 100 }
    }
}

/// A web server for Phoenix. They close idle and drained sockets differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Adapter {
    /// Idle: 1002, on time.
    Bandit,
    /// Idle: 1000, 10 % later than configured.
    Cowboy,
}
