//! The options that the engine reads, by their names. The defaults are those of [`Config`].

use crate::core::config::Config;

/// Returns the field of [`Config`] that an option's number is written to.
#[derive(Debug, Clone, Copy)]
pub enum Setter {
    /// The option always has a value.
    Always(fn(&mut Config) -> &mut u64),
    /// `false`, or no value, is none.
    Optional(fn(&mut Config) -> &mut Option<u64>),
}
use Setter::{Always, Optional};

/// The options that are numbers: `(group, name, least value, setter)`; no group is the options object itself.
pub const NUMBERS: [(&str, &str, u64, Setter); 24] = [
    ("", "connectTimeoutMs", 1, Always(|c| &mut c.connect_timeout_ms)),
    ("", "lingerMs", 0, Always(|c| &mut c.linger_ms)),
    ("", "idleChannelTtlMs", 0, Always(|c| &mut c.idle_channel_ttl_ms)),
    ("", "ackTimeoutMs", 1, Always(|c| &mut c.ack_timeout_ms)),
    ("", "joinTimeoutMs", 1, Always(|c| &mut c.join_timeout_ms)),
    ("", "dedup", 0, Always(|c| &mut c.dedup)),
    ("", "reorder", 1, Always(|c| &mut c.reorder)),
    ("", "batchMs", 0, Always(|c| &mut c.batch_ms)),
    ("", "maxChannels", 1, Always(|c| &mut c.max_channels)),
    ("", "maxFrameBytes", 1, Always(|c| &mut c.max_frame_bytes)),
    ("", "rejoin", 1, Always(|c| &mut c.rejoin_window)),
    ("", "probeTimeoutMs", 1, Optional(|c| &mut c.probe_timeout_ms)),
    ("heartbeat", "everyMs", 1, Optional(|c| &mut c.heartbeat_every_ms)),
    ("heartbeat", "timeoutMs", 1, Always(|c| &mut c.heartbeat_timeout_ms)),
    ("reconnect", "baseMs", 1, Always(|c| &mut c.reconnect_base_ms)),
    ("reconnect", "maxMs", 1, Always(|c| &mut c.reconnect_max_ms)),
    ("reconnect", "resetMs", 0, Always(|c| &mut c.reconnect_reset_ms)),
    ("reconnect", "maxAttempts", 0, Optional(|c| &mut c.reconnect_max_attempts)),
    ("visibility", "pauseAfterMs", 0, Optional(|c| &mut c.pause_after_ms)),
    ("queue", "maxMessages", 1, Always(|c| &mut c.queue_max_messages)),
    ("queue", "maxBytes", 1, Always(|c| &mut c.queue_max_bytes)),
    ("queue", "ttlMs", 0, Optional(|c| &mut c.queue_ttl_ms)),
    ("refresh", "percent", 1, Always(|c| &mut c.refresh_percent)),
    ("refresh", "minIntervalMs", 1, Always(|c| &mut c.refresh_min_interval_ms)),
];

/// The groups of options.
pub const GROUPS: [&str; 5] = ["heartbeat", "reconnect", "visibility", "queue", "refresh"];

/// The groups of options that are switched off by `false`.
pub const SWITCHABLE: [&str; 2] = ["heartbeat", "visibility"];

/// The other options of a client that the engine reads.
pub const OTHERS: [&str; 10] = [
    "url",
    "protocol",
    "vsn",
    "apiKey",
    "exactNumbers",
    "getToken",
    "auth",
    "params",
    "protocols",
    "identity",
];

/// The options of a channel that the engine reads, and their members.
pub const CHANNEL: [(&str, &[&str]); 5] = [
    ("", &["persistent", "idleTtlMs", "params", "private", "dedupKey"]),
    ("broadcast", &["ack", "self"]),
    ("broadcast.replay", &["since", "limit"]),
    ("presence", &["key"]),
    ("postgresChanges", &["event", "schema", "table", "filter", "select"]),
];
