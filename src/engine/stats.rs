//! Metrics and channel statistics as JavaScript objects.

use alloc::rc::Rc;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::error::object;
use crate::core::state::State;
use crate::core::time::Instant;
use crate::web::Driver;

fn count(number: u64) -> JsValue {
    (number as f64).into()
}

fn counts(number: usize) -> JsValue {
    (number as f64).into()
}

fn or_null(number: Option<u64>) -> JsValue {
    number.map_or(JsValue::NULL, count)
}

/// The object `Metrics` of the package's types.
pub(crate) fn metrics(driver: &Rc<Driver>) -> JsValue {
    driver.with(|client, now| {
        let (record, traffic) = (client.connection().record(), client.traffic());
        let rtt = client.connection().round_trip();
        let wall = |at: Option<Instant>| at.map_or(JsValue::NULL, |at| driver.wall_ms(at).into());
        let current = record.current_uptime_ms(now);
        object(&[
            ("connectTime", wall(record.up_at)),
            ("disconnectTime", wall(record.down_at)),
            ("totalUptime", count(record.uptime_ms + current)),
            ("currentUptime", count(current)),
            ("connectionAttempts", record.attempts.into()),
            ("successfulConnections", record.successes.into()),
            ("reconnects", record.successes.saturating_sub(1).into()),
            ("errors", record.errors.into()),
            ("subscriberCount", counts(client.channels().subscriber_count())),
            ("channelCount", counts(client.channels().iter().count())),
            ("isConnected", (client.connection().state() == State::Ready).into()),
            ("messagesReceived", count(traffic.messages_received)),
            ("messagesSent", count(traffic.messages_sent)),
            ("bytesReceived", count(traffic.bytes_received)),
            ("bytesSent", count(traffic.bytes_sent)),
            ("duplicatesDropped", count(traffic.duplicates)),
            ("gaps", count(traffic.gaps)),
            ("recovered", count(traffic.recovered)),
            ("queueDepth", counts(client.queue_depth())),
            (
                "rtt",
                object(&[
                    ("last", or_null(rtt.last)),
                    ("p50", or_null(rtt.p50)),
                    ("p99", or_null(rtt.p99)),
                    ("jitter", or_null(rtt.jitter)),
                ]),
            ),
            ("invalidFrames", count(traffic.invalid_frames)),
        ])
    })
}

/// The objects `ChannelStats` of the package's types, one for each channel.
pub(crate) fn channels(driver: &Rc<Driver>) -> Vec<JsValue> {
    driver.with(|client, _| {
        client
            .channels()
            .iter()
            .map(|channel| {
                let stats = channel.stats();
                object(&[
                    ("key", (&**channel.name()).into()),
                    ("state", channel.state().name().into()),
                    ("continuity", channel.continuity().name().into()),
                    ("referenceCount", channel.subscribers().into()),
                    ("createdAt", driver.wall_ms(stats.created_at).into()),
                    ("lastAccessedAt", driver.wall_ms(stats.last_accessed_at).into()),
                    ("messagesReceived", count(stats.received)),
                    ("duplicatesDropped", count(stats.duplicates)),
                    ("recovered", count(stats.recovered)),
                    ("messagesSent", count(stats.sent)),
                    ("joins", stats.joins.into()),
                    ("errors", stats.errors.into()),
                    ("gaps", stats.gaps.into()),
                ])
            })
            .collect()
    })
}
