//! The client's options, with their defaults.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::named::named;

named! {
    /// How the token is sent (native protocol, "Base").
    pub enum AuthMode {
        /// as a subprotocol and in the `auth` frame
        Both = "both",
        /// in the `auth` frame only
        Message = "message",
        /// as a subprotocol only; the `auth` frame has no token
        Subprotocol = "subprotocol",
        /// no authentication: the connection is ready when the socket is open
        None = "none",
    }
}

named! {
    /// The server's protocol.
    pub enum ProtocolKind {
        /// the native protocol, base or extended
        Tidewire = "tidewire",
        /// Phoenix Channels
        Phoenix = "phoenix",
        /// Supabase Realtime
        Supabase = "supabase",
    }
}

named! {
    /// The version of Phoenix's serializer: how text frames are written.
    pub enum Serializer {
        /// objects; no binary frames, and the server never sends `join_ref`
        V1 = "1.0.0",
        /// arrays
        V2 = "2.0.0",
    }
}

/// The options of the client core. Times are milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The protocol of the server.
    pub protocol: ProtocolKind,
    /// How text frames are written (Phoenix).
    pub serializer: Serializer,
    /// The public key of the project, a parameter of its address (Supabase).
    pub api_key: Option<String>,
    /// Whether numbers of database changes that a JavaScript number cannot represent are delivered
    /// as strings (Supabase).
    pub exact_numbers: bool,
    /// The wall time, in milliseconds since 1970, at which the client's own clock began.
    pub clock_began_ms: u64,
    /// The host of the address, if it is known before the first connection.
    pub server_host: ServerHost,
    /// How the token is sent.
    pub auth: AuthMode,
    /// Whether tokens can be requested from the app.
    pub has_token_source: bool,
    /// The longest time from the start of an attempt until the connection is authenticated; also
    /// the longest time until the app returns a token.
    pub connect_timeout_ms: u64,
    /// The interval of pings; `None` sends none. A server's `heartbeatMs` takes precedence.
    pub heartbeat_every_ms: Option<u64>,
    /// The longest time until the answer to a ping.
    pub heartbeat_timeout_ms: u64,
    /// The longest time until the answer to the ping after a wake; `None` is max(1 500, 4 × round
    /// trip).
    pub probe_timeout_ms: Option<u64>,
    /// Full jitter is drawn from `0..=base · 2ⁿ`, up to [`Config::reconnect_range`].
    pub reconnect_base_ms: u64,
    /// The cap of that range in any case.
    pub reconnect_max_ms: u64,
    /// Lower caps for the beginning of an outage, as (until this age of the outage, cap), by age.
    pub reconnect_caps: Vec<(u64, u64)>,
    /// The time a connection or a membership must last to reset its failure count.
    pub reconnect_reset_ms: u64,
    /// Failed attempts in a row after which the client gives up; `None` is never.
    pub reconnect_max_attempts: Option<u64>,
    /// Time from the last unsubscribe until the channel is left, and from the last channel left
    /// until the socket is closed.
    pub linger_ms: u64,
    /// How long a persistent channel stays joined without a subscriber.
    pub idle_channel_ttl_ms: u64,
    /// The most channels at a time.
    pub max_channels: u64,
    /// Time for which the page may be hidden before the connection is paused; `None`: it is never
    /// paused for that.
    pub pause_after_ms: Option<u64>,
    /// The number of ids stored for each channel, to drop repeated messages; 0 stores none.
    pub dedup: u64,
    /// The most messages buffered in each channel while earlier ones are missing.
    pub reorder: u64,
    /// Changes of state (collections, presence) within this time are emitted together, in
    /// milliseconds.
    pub batch_ms: u64,
    /// The identity of the user, if the app sets it; else the server's `user` or the token's `sub`.
    pub identity: Option<String>,
    /// Whether the driver can decompress messages.
    pub inflates: bool,
    /// The most unsettled sends.
    pub queue_max_messages: u64,
    /// The most unsettled sends by their total size, in bytes of JSON.
    pub queue_max_bytes: u64,
    /// The longest time that a message without its own `ttlMs` is queued; `None` is unlimited.
    pub queue_ttl_ms: Option<u64>,
    /// The largest frame received or sent, in bytes. A server's `maxFrameBytes` takes precedence
    /// for sending.
    pub max_frame_bytes: u64,
    /// The longest time until an acknowledgement on an open connection.
    pub ack_timeout_ms: u64,
    /// The longest time until the answer to a join.
    pub join_timeout_ms: u64,
    /// The most pending joins at a time.
    pub rejoin_window: u64,
    /// The share of a token's lifetime after which it is renewed, in percent.
    pub refresh_percent: u64,
    /// The shortest time between two renewals.
    pub refresh_min_interval_ms: u64,
}

/// Whether a change of the options ends the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconnect {
    /// Only if an option changed with which it was opened.
    IfNeeded,
    /// In any case.
    Always,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            protocol: ProtocolKind::Tidewire,
            serializer: Serializer::V2,
            api_key: None,
            exact_numbers: false,
            clock_began_ms: 0,
            server_host: ServerHost::Remote,
            auth: AuthMode::Both,
            has_token_source: false,
            connect_timeout_ms: 10_000,
            heartbeat_every_ms: Some(30_000),
            heartbeat_timeout_ms: 10_000,
            probe_timeout_ms: None,
            reconnect_base_ms: 250,
            reconnect_max_ms: 30_000,
            reconnect_caps: vec![(30_000, 2_000), (120_000, 5_000)],
            reconnect_reset_ms: 5_000,
            reconnect_max_attempts: None,
            linger_ms: 1_000,
            idle_channel_ttl_ms: 1_800_000,
            max_channels: 50,
            pause_after_ms: Some(5_000),
            dedup: 1_024,
            reorder: 256,
            batch_ms: 100,
            identity: None,
            inflates: false,
            queue_max_messages: 1_000,
            queue_max_bytes: 8 << 20,
            queue_ttl_ms: None,
            max_frame_bytes: 16 << 20,
            ack_timeout_ms: 10_000,
            join_timeout_ms: 10_000,
            rejoin_window: 25,
            refresh_percent: 80,
            refresh_min_interval_ms: 30_000,
        }
    }
}

impl Config {
    /// The range of the delay after `failures` failures in an outage of this age, in milliseconds.
    /// The caps limit its growth: the first range is `reconnect_base_ms` in any case.
    #[must_use]
    pub fn reconnect_range(&self, failures: u32, outage_ms: u64) -> u64 {
        let base = self.reconnect_base_ms;
        let cap = self.reconnect_caps.iter().find(|(until, _)| outage_ms < *until);
        let cap = cap.map_or(self.reconnect_max_ms, |(_, cap)| *cap);
        doubled(base, failures).min(cap.max(base)).min(self.reconnect_max_ms)
    }
}

/// The host of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerHost {
    /// This device (`localhost`, `*.localhost`, 127.0.0.0/8, `[::1]`): no network is needed.
    Local,
    /// Another device.
    Remote,
}

impl ServerHost {
    /// The host of an absolute address.
    #[must_use]
    pub fn of(address: &str) -> Self {
        if is_local(address) { Self::Local } else { Self::Remote }
    }
}

fn is_local(address: &str) -> bool {
    // With characters and without parsing: anything else costs 1 KB of the engine.
    let rest = address.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//"));
    let Some(rest) = rest else { return false };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = last_part(rest.get(..end).unwrap_or_default(), '@');
    let name = host.split_once(':').map_or(host, |(name, _)| name).trim_end_matches('.');
    let is_ip = || name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    host.starts_with("[::1]")
        || last_part(name, '.').eq_ignore_ascii_case("localhost")
        || name.starts_with("127.") && is_ip()
}

/// What follows the last separator.
fn last_part(mut text: &str, separator: char) -> &str {
    while let Some((_, rest)) = text.split_once(separator) {
        text = rest;
    }
    text
}

/// `base · 2ⁿ`
#[must_use]
pub fn doubled(base: u64, n: u32) -> u64 {
    base.saturating_mul(1 << n.min(32))
}

/// How long a server with `ack` remembers the ids of accepted messages if it sends no
/// `ackMemoryMs`, in milliseconds (native protocol, `ack`).
pub const ACK_MEMORY_MS: u64 = 120_000;

/// The smallest safety margin for time limits of the server, because of the network's latency, in
/// milliseconds; also the margin before the first round trip is known.
pub const LEAST_MARGIN_MS: u64 = 250;

/// The name sent in the `auth` frame.
pub const CLIENT_NAME: &str = concat!("tidewire/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_loopback_addresses_are_local() {
        for (address, expected) in [
            ("ws://localhost/ws", true),
            ("ws://LOCALHOST:4400/ws", true),
            ("wss://app.localhost", true),
            ("ws://a.b.localhost.:80/", true),
            ("ws://127.0.0.1:4400", true),
            ("ws://127.8.9.255?x=1", true),
            ("ws://127.1/", true),
            ("ws://[::1]:4400/ws", true),
            ("ws://user:word@localhost/", true),
            ("ws://localhost.example.com", false),
            ("ws://mylocalhost", false),
            ("ws://127.example.com", false),
            ("ws://127.0.0.1.nip.io", false),
            ("ws://128.0.0.1", false),
            ("ws://[::2]/", false),
            ("ws://example.com/localhost", false),
            ("ws://localhost@example.com", false),
            ("/ws/realtime", false),
            ("", false),
        ] {
            assert_eq!(is_local(address), expected, "{address}");
        }
    }
}
