//! Every bound and period of the server, with its default.

use serde::{Deserialize, Serialize};

/// Bounds and periods. In a config file the names are in camelCase. The README lists the error
/// that a client receives beyond each.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// How long accepted message ids are remembered, in ms; never less than
    /// `log_age_ms`. Default 120 000.
    pub ack_memory_ms: u64,
    /// Memory for all accepted ids and the rows in their acks, in bytes; a user may use half of
    /// it. Default 256 MiB.
    pub ack_memory_bytes: usize,
    /// The heartbeat period announced to clients, in ms. Default 30 000.
    pub heartbeat_ms: u64,
    /// A connection from which nothing is received for this long, in ms, is closed; transport pings
    /// are sent at half of it, and browsers answer those automatically. 0: never. Default 90 000.
    pub idle_timeout_ms: u64,
    /// How long a connection may take to authenticate, in ms. Default 10 000.
    pub auth_timeout_ms: u64,
    /// Messages kept per channel. Default 1 000.
    pub log_count: usize,
    /// How long a message is kept, in ms. Default 120 000.
    pub log_age_ms: u64,
    /// Bytes of messages kept per channel; the newest is kept in any case. Default 16 MiB.
    pub log_bytes: usize,
    /// Bytes of messages kept in all channels. Default 256 MiB.
    pub log_bytes_total: usize,
    /// How long presence remains after its connection is closed, in ms. Default 5 000.
    pub presence_grace_ms: u64,
    /// The largest meta of a presence, in bytes. Default 64 KiB.
    pub presence_meta_bytes: usize,
    /// Bytes of all presence of one channel. Default 4 MiB.
    pub presence_bytes: usize,
    /// Presences of one user in one channel. Default 1 000.
    pub presence_per_user: usize,
    /// The largest frame, in bytes, compressed or not. Default 16 MiB.
    pub max_frame_bytes: usize,
    /// The most bytes a connection may send before it is authenticated. Default 64 KiB.
    pub auth_bytes: usize,
    /// Channels one connection may be subscribed to. Default 200.
    pub max_channels: usize,
    /// Channels that exist on the server. Default 100 000.
    pub max_channels_total: usize,
    /// Channels created by one connection that still exist. Default 2 000.
    pub made_channels: usize,
    /// Channels created by one user that still exist. Default 20 000.
    pub user_made_channels: usize,
    /// Connections of one user. Default 20 000.
    pub user_connections: usize,
    /// Subscribes one connection may make within a second. Default 100.
    pub joins_per_second: u32,
    /// Channels one connection may create within a second. Default 100.
    pub made_channels_per_second: u32,
    /// Messages one connection may send within a second, ephemeral ones included. Default 5 000.
    pub messages_per_second: u32,
    /// Bytes one connection may send within a second, inflated. Default 32 MiB.
    pub bytes_per_second: u32,
    /// Bytes of all messages and requests that are not complete yet. Default 256 MiB.
    pub inbound_bytes_total: usize,
    /// Other requests one connection may make within a second. Default 500.
    pub requests_per_second: u32,
    /// `auth` frames one connection may send within a second. Default 10.
    pub auths_per_second: u32,
    /// The rates of all connections of one user together, as a multiple of those of one
    /// connection. Default 200.
    pub user_factor: u32,
    /// Rows of one table. Default 10 000.
    pub table_rows: usize,
    /// Bytes of one table's rows, as JSON. Default 16 MiB.
    pub table_bytes: usize,
    /// Bytes of the rows of all tables. Default 256 MiB.
    pub table_bytes_total: usize,
    /// Frames queued for one connection. Beyond it a connection that reads nothing is closed with
    /// 1013. Default 1 024.
    pub outbound_frames: usize,
    /// Bytes queued for one connection, likewise. At four times as many it is closed even if it
    /// reads. Default 4 MiB.
    pub outbound_bytes: usize,
    /// How long a connection beyond these bounds may read nothing, in ms. Default 2 000.
    pub slow_reader_ms: u64,
    /// Frames of at least this many bytes are compressed if `deflate` is negotiated. Default 1 024.
    pub deflate_from_bytes: usize,
    /// How long a closing handshake may take before the socket is dropped, in ms.
    /// Default 2 000.
    pub close_timeout_ms: u64,
    /// How often expired data is removed, in ms. Default 5 000.
    pub sweep_ms: u64,
    /// Channels whose messages and subscribes are counted for `GET /stats`. Default 10 000.
    pub counted_channels: usize,
    /// TCP connections at once, of all kinds; 0: as many as the file descriptors allow.
    /// Default 0.
    pub max_connections: usize,
    /// How long a connection that is not yet a WebSocket may send nothing, in ms. Default 60 000.
    pub http_idle_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ack_memory_ms: 120_000,
            ack_memory_bytes: 256 << 20,
            heartbeat_ms: 30_000,
            idle_timeout_ms: 90_000,
            auth_timeout_ms: 10_000,
            log_count: 1_000,
            log_age_ms: 120_000,
            log_bytes: 16 << 20,
            log_bytes_total: 256 << 20,
            presence_grace_ms: 5_000,
            presence_meta_bytes: 64 << 10,
            presence_bytes: 4 << 20,
            presence_per_user: 1_000,
            max_frame_bytes: 16 << 20,
            auth_bytes: 64 << 10,
            max_channels: 200,
            max_channels_total: 100_000,
            made_channels: 2_000,
            user_made_channels: 20_000,
            user_connections: 20_000,
            joins_per_second: 100,
            made_channels_per_second: 100,
            messages_per_second: 5_000,
            bytes_per_second: 32 << 20,
            inbound_bytes_total: 256 << 20,
            requests_per_second: 500,
            auths_per_second: 10,
            user_factor: 200,
            table_rows: 10_000,
            table_bytes: 16 << 20,
            table_bytes_total: 256 << 20,
            outbound_frames: 1_024,
            outbound_bytes: 4 << 20,
            slow_reader_ms: 2_000,
            deflate_from_bytes: 1_024,
            close_timeout_ms: 2_000,
            sweep_ms: 5_000,
            counted_channels: 10_000,
            max_connections: 0,
            http_idle_ms: 60_000,
        }
    }
}

impl Limits {
    /// The effective time for which ids are remembered, in ms: at least the age of the log.
    #[must_use]
    pub fn effective_ack_memory_ms(&self) -> u64 {
        self.ack_memory_ms.max(self.log_age_ms)
    }

    /// Sets the limit that a config file calls `name`.
    ///
    /// # Errors
    /// A message, when there is no such limit or the value does not fit.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), String> {
        self.merge(&serde_json::json!({ name: value }))
    }

    /// Sets the limits that an object names; the others stay unchanged.
    pub fn merge(&mut self, patch: &serde_json::Value) -> Result<(), String> {
        let Some(patch) = patch.as_object() else {
            return Err("limits must be an object".into());
        };
        let mut all = serde_json::to_value(&*self).map_err(|e| e.to_string())?;
        if let Some(all) = all.as_object_mut() {
            all.extend(patch.clone());
        }
        *self = serde_json::from_value(all).map_err(|e| format!("limits: {e}"))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_patch_changes_only_named_limits() {
        let mut limits = Limits::default();
        limits.set("logCount", 5).expect("a limit");
        limits.set("heartbeatMs", 7).expect("a limit");
        assert_eq!((limits.log_count, limits.heartbeat_ms), (5, 7));
        assert_eq!(limits.log_age_ms, 120_000);
        assert!(limits.set("nope", 1).expect_err("no limit").contains("nope"));
        assert!(limits.set("joinsPerSecond", u64::MAX).is_err(), "it does not fit");
        assert!(limits.merge(&serde_json::json!([])).is_err());
    }

    #[test]
    fn readme_lists_every_limit_with_its_default() {
        let readme = include_str!("../../README.md");
        let all = serde_json::to_value(Limits::default()).expect("JSON");
        for (name, default) in all.as_object().expect("an object") {
            let default = shown(default.as_u64().expect("a number"));
            let row = format!("| `{name}` | {default} |");
            assert!(readme.contains(&row), "the README has no row that begins with {row}");
        }
    }

    /// A number as the README writes it.
    fn shown(number: u64) -> String {
        match number {
            n if n > 0 && n % (1 << 20) == 0 => format!("{} MiB", n >> 20),
            n if n > 0 && n % (1 << 10) == 0 && n != 1_024 => format!("{} KiB", n >> 10),
            n if n >= 1_000_000 => {
                format!("{} {:03} {:03}", n / 1_000_000, n / 1_000 % 1_000, n % 1_000)
            }
            n if n >= 1_000 => format!("{} {:03}", n / 1_000, n % 1_000),
            n => n.to_string(),
        }
    }
}
