//! `system` messages.

use crate::frame::Object;
use crate::phoenix::{Body, Line, Status};

/// What a message is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extension {
    Postgres,
    System,
}

/// Tells a member of a channel.
pub(crate) fn say(line: &Line, extension: Extension, status: Status, message: &str, channel: &str) {
    let text = common(extension, status, message).text("channel", channel).end();
    line.push("system", Body::json(text));
}

/// The farewell of a server that goes down names no channel.
pub(crate) fn say_drained(line: &Line) {
    let text = common(Extension::System, Status::Ok, "Server requested disconnect").end();
    line.push("system", Body::json(text));
}

fn common(extension: Extension, status: Status, message: &str) -> Object {
    let extension = match extension {
        Extension::Postgres => "postgres_changes",
        Extension::System => "system",
    };
    Object::new()
        .text("message", message)
        .text("status", status.name())
        .text("extension", extension)
}
