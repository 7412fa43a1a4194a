//! `system` messages.

use tidewire_server_core::frame::Object;

use crate::phoenix::{Body, ChannelHandle, Status};

/// The extension that a `system` message is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extension {
    Postgres,
    System,
}

/// Sends a `system` message to a member.
pub(crate) fn send(
    handle: &ChannelHandle,
    extension: Extension,
    status: Status,
    message: &str,
    channel: &str,
) {
    let text = common(extension, status, message).text("channel", channel).end();
    handle.push("system", Body::json(text));
}

/// Sends the `system` message of a server that shuts down, which names no channel.
pub(crate) fn send_draining(handle: &ChannelHandle) {
    let text = common(Extension::System, Status::Ok, "Server requested disconnect").end();
    handle.push("system", Body::json(text));
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
