//! `echo:*`: each event name is a command.

use std::time::Duration;

use serde::Deserialize;
use tidewire_server_core::frame::{Fields, Object};

use crate::phoenix::application::ChannelOutcome;
use crate::phoenix::channel_handle::ChannelHandle;
use crate::phoenix::frame::{Body, Push};
use crate::phoenix::join::{JoinRejected, JoinRequest};
use crate::phoenix::outgoing::Status;
use crate::phoenix::topics::Topics;

#[derive(Deserialize)]
struct JoinPayload {
    deny: Option<String>,
    #[serde(default)]
    crash: bool,
}

/// The longest delay of a reply.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct SlowPayload {
    ms: u64,
}

/// Accepts a join unless its payload requests a rejection; the response echoes the payload.
pub(super) fn join(request: &JoinRequest<'_>) -> Result<String, JoinRejected> {
    let payload: Option<JoinPayload> = serde_json::from_str(request.payload).ok();
    match payload {
        Some(JoinPayload { crash: true, .. }) => Err(JoinRejected::Crashed),
        Some(JoinPayload { deny: Some(reason), .. }) => Err(JoinRejected::with_reason(&reason)),
        _ => Ok(Object::new().raw("echo", request.payload).text("topic", request.topic).end()),
    }
}

/// Handles an event by its name; an unknown name crashes the channel.
pub(super) fn receive(handle: &ChannelHandle, topics: &Topics, push: Push) -> ChannelOutcome {
    let Push { reference, event, body, .. } = push;
    let empty = || Body::json("{}");
    let sent = || Body::json(r#"{"sent":true}"#);
    match event.as_str() {
        "echo" => handle.reply(reference, Status::Ok, body),
        "error" => handle.reply(reference, Status::Error, body),
        "ok" => handle.reply(reference, Status::Ok, empty()),
        "noreply" => {}
        "shout" => {
            topics.broadcast(&handle.place, "shout", body, None);
            handle.reply(reference, Status::Ok, sent());
        }
        "shout_from" => {
            topics.broadcast(&handle.place, "shout", body, Some(handle.instance));
            handle.reply(reference, Status::Ok, sent());
        }
        "push_me" => {
            handle.push("pushed", body);
            handle.reply(reference, Status::Ok, empty());
        }
        "intercept_me" => topics.push_each(&handle.place, "intercepted", &intercepted(&body)),
        "slow" => {
            let payload =
                body.text().and_then(|text| serde_json::from_str::<SlowPayload>(text).ok());
            let wait =
                Duration::from_millis(payload.map_or(0, |payload| payload.ms)).min(LONGEST_WAIT);
            handle.reply_later(wait, reference, body);
        }
        "shout_binary" => {
            let length = if let Body::Binary(data) = &body { data.len() } else { 0 };
            topics.broadcast(&handle.place, "shout_binary", body, None);
            handle.reply(reference, Status::Ok, Body::Binary(format!("len={length}").into()));
        }
        "push_binary" => {
            handle.push("pushed_binary", body);
            handle.reply(reference, Status::Ok, empty());
        }
        "stop" | "stop_shutdown" => return ChannelOutcome::Close,
        "stop_reply" => {
            handle.reply(reference, Status::Ok, body);
            return ChannelOutcome::Close;
        }
        _ => return ChannelOutcome::Crash,
    }
    ChannelOutcome::Continue
}

/// The payload, marked as an echo.
fn intercepted(body: &Body) -> Body {
    let mut object = Object::new().text("by", "handle_out");
    if let Some(Ok(fields)) = body.text().map(Fields::parse) {
        for (name, value) in fields.iter() {
            object = object.raw(name, value.get());
        }
    }
    Body::json(object.end())
}
