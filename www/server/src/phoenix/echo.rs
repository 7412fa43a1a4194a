//! `echo:*`: does what it is told.

use std::time::Duration;

use serde::Deserialize;

use crate::frame::{Fields, Object};
use crate::phoenix::application::Fate;
use crate::phoenix::channel_handle::Line;
use crate::phoenix::frame::{Body, Push};
use crate::phoenix::join::{JoinRequest, Refused};
use crate::phoenix::outgoing::Status;
use crate::phoenix::topics::Exchange;

#[derive(Deserialize)]
struct JoinPayload {
    deny: Option<String>,
    #[serde(default)]
    crash: bool,
}

/// The longest a reply is put off.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct SlowPayload {
    ms: u64,
}

/// Lets in who does not ask to be refused; the answer holds what came.
pub(super) fn join(request: &JoinRequest<'_>) -> Result<String, Refused> {
    let wish: Option<JoinPayload> = serde_json::from_str(request.payload).ok();
    match wish {
        Some(JoinPayload { crash: true, .. }) => Err(Refused::Crashed),
        Some(JoinPayload { deny: Some(reason), .. }) => Err(Refused::because(&reason)),
        _ => Ok(Object::new().raw("echo", request.payload).text("topic", request.topic).end()),
    }
}

/// Handles an event by its name; one that has none of these names crashes the channel.
pub(super) fn receive(line: &Line, exchange: &Exchange, push: Push) -> Fate {
    let Push { reference, event, body, .. } = push;
    let empty = || Body::json("{}");
    let sent = || Body::json(r#"{"sent":true}"#);
    match event.as_str() {
        "echo" => line.reply(reference, Status::Ok, body),
        "error" => line.reply(reference, Status::Error, body),
        "ok" => line.reply(reference, Status::Ok, empty()),
        "noreply" => {}
        "shout" => {
            exchange.broadcast(&line.place, "shout", body, None);
            line.reply(reference, Status::Ok, sent());
        }
        "shout_from" => {
            exchange.broadcast(&line.place, "shout", body, Some(line.instance));
            line.reply(reference, Status::Ok, sent());
        }
        "push_me" => {
            line.push("pushed", body);
            line.reply(reference, Status::Ok, empty());
        }
        "intercept_me" => exchange.push_each(&line.place, "intercepted", &intercepted(&body)),
        "slow" => {
            let wish = body.text().and_then(|text| serde_json::from_str::<SlowPayload>(text).ok());
            let wait = Duration::from_millis(wish.map_or(0, |wish| wish.ms)).min(LONGEST_WAIT);
            line.reply_later(wait, reference, body);
        }
        "shout_binary" => {
            let length = if let Body::Binary(data) = &body { data.len() } else { 0 };
            exchange.broadcast(&line.place, "shout_binary", body, None);
            line.reply(reference, Status::Ok, Body::Binary(format!("len={length}").into()));
        }
        "push_binary" => {
            line.push("pushed_binary", body);
            line.reply(reference, Status::Ok, empty());
        }
        "stop" | "stop_shutdown" => return Fate::Closes,
        "stop_reply" => {
            line.reply(reference, Status::Ok, body);
            return Fate::Closes;
        }
        _ => return Fate::Crashes,
    }
    Fate::Stays
}

/// What was said, with a mark on it.
fn intercepted(body: &Body) -> Body {
    let mut object = Object::new().text("by", "handle_out");
    if let Some(Ok(fields)) = body.text().map(Fields::parse) {
        for (name, value) in fields.iter() {
            object = object.raw(name, value.get());
        }
    }
    Body::json(object.end())
}
