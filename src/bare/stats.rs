//! Metrics and channel statistics, as serde writes them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::session::Session;
use super::view::View;
use crate::core::state::State;
use crate::core::time::Instant;

#[derive(Serialize)]
struct Rtt {
    last: Option<u64>,
    p50: Option<u64>,
    p99: Option<u64>,
    jitter: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    connect_time: Option<f64>,
    disconnect_time: Option<f64>,
    total_uptime: u64,
    current_uptime: u64,
    connection_attempts: u32,
    successful_connections: u32,
    reconnects: u32,
    errors: u32,
    subscriber_count: usize,
    channel_count: usize,
    is_connected: bool,
    messages_received: u64,
    messages_sent: u64,
    bytes_received: u64,
    bytes_sent: u64,
    duplicates_dropped: u64,
    gaps: u64,
    recovered: u64,
    queue_depth: usize,
    rtt: Rtt,
    invalid_frames: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Counters {
    messages_received: u64,
    duplicates_dropped: u64,
    recovered: u64,
    messages_sent: u64,
    joins: u32,
    errors: u32,
    gaps: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChannelStats {
    key: String,
    state: &'static str,
    continuity: &'static str,
    reference_count: u32,
    created_at: f64,
    last_accessed_at: f64,
    #[serde(flatten)]
    counters: Option<Counters>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Registry {
    total_channels: usize,
    channels: Vec<ChannelStats>,
}

fn to_js(value: &impl Serialize) -> JsValue {
    // Plain objects with null for what is not known, as in JSON. Structs of numbers and texts: this cannot fail.
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}

/// The object `Metrics` of `types.d.ts`.
pub(super) fn metrics(session: &Session) -> JsValue {
    let driver = &session.driver;
    to_js(&driver.with(|client, now| {
        let (record, traffic) = (client.connection().record(), client.traffic());
        let rtt = client.connection().round_trip();
        let wall = |at: Option<Instant>| at.map(|at| driver.wall_ms(at));
        let current = record.current_uptime_ms(now);
        Metrics {
            connect_time: wall(record.up_at),
            disconnect_time: wall(record.down_at),
            total_uptime: record.uptime_ms + current,
            current_uptime: current,
            connection_attempts: record.attempts,
            successful_connections: record.successes,
            reconnects: record.successes.saturating_sub(1),
            errors: record.errors,
            subscriber_count: client.channels().subscriber_count(),
            channel_count: client.channels().iter().count(),
            is_connected: client.connection().state() == State::Ready,
            messages_received: traffic.messages_received,
            messages_sent: traffic.messages_sent,
            bytes_received: traffic.bytes_received,
            bytes_sent: traffic.bytes_sent,
            duplicates_dropped: traffic.duplicates,
            gaps: traffic.gaps,
            recovered: traffic.recovered,
            queue_depth: client.queue_depth(),
            rtt: Rtt { last: rtt.last, p50: rtt.p50, p99: rtt.p99, jitter: rtt.jitter },
            invalid_frames: traffic.invalid_frames,
        }
    }))
}

fn channels(session: &Session) -> Vec<ChannelStats> {
    let driver = &session.driver;
    driver.with(|client, _| {
        let of = |channel: &crate::core::channel::Channel<_>| {
            let stats = channel.stats();
            ChannelStats {
                key: channel.name().to_string(),
                state: channel.state().name(),
                continuity: channel.continuity().name(),
                reference_count: channel.subscribers(),
                created_at: driver.wall_ms(stats.created_at),
                last_accessed_at: driver.wall_ms(stats.last_accessed_at),
                counters: Some(Counters {
                    messages_received: stats.received,
                    duplicates_dropped: stats.duplicates,
                    recovered: stats.recovered,
                    messages_sent: stats.sent,
                    joins: stats.joins,
                    errors: stats.errors,
                    gaps: stats.gaps,
                }),
            }
        };
        client.channels().iter().map(of).collect()
    })
}

/// The registry's `{ totalChannels, channels }`.
pub(super) fn registry(session: &Session) -> JsValue {
    let channels = channels(session);
    to_js(&Registry { total_channels: channels.len(), channels })
}

/// One channel's `ChannelStats`, also after it was left.
pub(super) fn channel(session: &Session, key: &str, view: &View) -> JsValue {
    let found = channels(session).into_iter().find(|stats| stats.key == key);
    to_js(&found.unwrap_or_else(|| ChannelStats {
        key: key.to_string(),
        state: view.state.name(),
        continuity: view.continuity.name(),
        reference_count: 0,
        created_at: 0.0,
        last_accessed_at: 0.0,
        counters: None,
    }))
}
