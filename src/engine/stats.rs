//! Metrics and channel statistics as numbers, which the package names.

use alloc::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::abi::counter::{ChannelCounter as Counter, Metric, RoundTripTime};
use crate::core::state::State;
use crate::core::time::Instant;
use crate::web::Driver;

fn push(array: &Array, numbers: &[f64]) {
    for number in numbers {
        array.push(&(*number).into());
    }
}

fn known(number: Option<u64>) -> f64 {
    number.map_or(f64::NAN, |number| number as f64)
}

/// The numbers of `Metric`, then those of `RoundTripTime`.
pub(crate) fn metrics(driver: &Rc<Driver>) -> Array {
    driver.with(|client, now| {
        let (record, traffic) = (client.connection().record(), client.traffic());
        let rtt = client.connection().round_trip();
        let wall = |at: Option<Instant>| at.map_or(f64::NAN, |at| driver.wall_ms(at));
        let current = record.current_uptime_ms(now);
        let is_connected = client.connection().state() == State::Ready;
        let mut numbers = [0.0; Metric::ALL.len()];
        numbers[Metric::ConnectTime as usize] = wall(record.up_at);
        numbers[Metric::DisconnectTime as usize] = wall(record.down_at);
        numbers[Metric::TotalUptime as usize] = (record.uptime_ms + current) as f64;
        numbers[Metric::CurrentUptime as usize] = current as f64;
        numbers[Metric::ConnectionAttempts as usize] = record.attempts.into();
        numbers[Metric::SuccessfulConnections as usize] = record.successes.into();
        numbers[Metric::Reconnects as usize] = record.successes.saturating_sub(1).into();
        numbers[Metric::Errors as usize] = record.errors.into();
        numbers[Metric::SubscriberCount as usize] = client.channels().subscriber_count() as f64;
        numbers[Metric::ChannelCount as usize] = client.channels().iter().count() as f64;
        numbers[Metric::IsConnected as usize] = if is_connected { 1.0 } else { 0.0 };
        numbers[Metric::MessagesReceived as usize] = traffic.messages_received as f64;
        numbers[Metric::MessagesSent as usize] = traffic.messages_sent as f64;
        numbers[Metric::BytesReceived as usize] = traffic.bytes_received as f64;
        numbers[Metric::BytesSent as usize] = traffic.bytes_sent as f64;
        numbers[Metric::DuplicatesDropped as usize] = traffic.duplicates as f64;
        numbers[Metric::Gaps as usize] = traffic.gaps as f64;
        numbers[Metric::Recovered as usize] = traffic.recovered as f64;
        numbers[Metric::QueueDepth as usize] = client.queue_depth() as f64;
        numbers[Metric::InvalidFrames as usize] = traffic.invalid_frames as f64;
        let mut times = [0.0; RoundTripTime::ALL.len()];
        times[RoundTripTime::Last as usize] = known(rtt.last);
        times[RoundTripTime::P50 as usize] = known(rtt.p50);
        times[RoundTripTime::P99 as usize] = known(rtt.p99);
        times[RoundTripTime::Jitter as usize] = known(rtt.jitter);
        let array = Array::new();
        push(&array, &numbers);
        push(&array, &times);
        array
    })
}

/// An array for each channel: its name, and the numbers of `ChannelCounter`.
pub(crate) fn channels(driver: &Rc<Driver>) -> Array {
    driver.with(|client, _| {
        let channels = client.channels().iter();
        channels
            .map(|channel| {
                let stats = channel.stats();
                let mut numbers = [0.0; Counter::ALL.len()];
                numbers[Counter::State as usize] = f64::from(channel.state() as u8);
                numbers[Counter::Continuity as usize] = f64::from(channel.continuity() as u8);
                numbers[Counter::ReferenceCount as usize] = channel.subscribers().into();
                numbers[Counter::CreatedAt as usize] = driver.wall_ms(stats.created_at);
                numbers[Counter::LastAccessedAt as usize] = driver.wall_ms(stats.last_accessed_at);
                numbers[Counter::MessagesReceived as usize] = stats.received as f64;
                numbers[Counter::DuplicatesDropped as usize] = stats.duplicates as f64;
                numbers[Counter::Recovered as usize] = stats.recovered as f64;
                numbers[Counter::MessagesSent as usize] = stats.sent as f64;
                numbers[Counter::Joins as usize] = stats.joins.into();
                numbers[Counter::Errors as usize] = stats.errors.into();
                numbers[Counter::Gaps as usize] = stats.gaps.into();
                let array = Array::of1(&JsValue::from(&**channel.name()));
                push(&array, &numbers);
                array
            })
            .collect()
    })
}
