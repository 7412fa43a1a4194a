//! Presence in a Realtime channel.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::phoenix::{Body, ChannelHandle, ChannelOutcome, Status};
use crate::supabase::channel::Channel;
use crate::supabase::realtime::Realtime;

#[derive(Deserialize)]
struct Call<'a> {
    event: Option<String>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// Handles the client's push `presence`.
pub(super) fn receive(
    realtime: &Realtime,
    handle: &ChannelHandle,
    channel: &mut Channel,
    reference: Option<&String>,
    body: &Body,
) -> ChannelOutcome {
    let (calls, span, largest) = {
        let settings = realtime.settings.lock();
        let span = Duration::from_millis(settings.presence_window_ms);
        (settings.presence_calls, span, settings.max_payload_bytes)
    };
    if !channel.presence.calls.admit(Instant::now(), calls, span) {
        return channel.close_with_error(handle, "Client presence rate limit exceeded");
    }
    let text = body.text().unwrap_or("{}");
    let call: Option<Call<'_>> = serde_json::from_str(text).ok();
    let (event, payload) = call.map_or((None, None), |call| (call.event, call.payload));
    let event = event.unwrap_or_default().to_lowercase();
    let topics = &realtime.engine.topics;
    let answer = |status, response: &str| {
        handle.reply(reference.cloned(), status, Body::json(response));
        ChannelOutcome::Continue
    };
    if channel.private && !channel.rights.write {
        return answer(Status::Error, "{}");
    }
    match event.as_str() {
        "track" => {
            let meta = payload.map_or("{}", RawValue::get);
            if meta.len() > largest {
                return channel.close_with_error(handle, "Track message size exceeded");
            }
            if !meta.starts_with('{') {
                let reason = r#"{"reason":"Presence track payload must be a map"}"#;
                return answer(Status::Error, reason);
            }
            let key = &channel.presence.key;
            if let Err(rejection) = topics.check_room(&handle.place, handle.instance, key, meta) {
                handle.reply(reference.cloned(), Status::Error, Body::rejection(&rejection));
                return ChannelOutcome::Continue;
            }
            if !channel.presence.enabled {
                channel.presence.enabled = true;
                topics.show_presence(&handle.place, handle.instance);
            }
            let outcome = answer(Status::Ok, "{}");
            let former = topics.tracked(&handle.place, handle.instance);
            if !former.is_some_and(|former| is_equal_json(&former, meta)) {
                topics.track(&handle.place, handle.instance, &channel.presence.key, meta);
            }
            outcome
        }
        "untrack" => {
            let outcome = answer(Status::Ok, "{}");
            topics.untrack(&handle.place, handle.instance);
            outcome
        }
        _ => answer(Status::Error, "{}"),
    }
}

fn is_equal_json(one: &str, other: &str) -> bool {
    let value = |text| serde_json::from_str::<Value>(text).ok();
    // Text that cannot be parsed is compared as text.
    match (value(one), value(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}
