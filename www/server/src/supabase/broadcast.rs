//! Broadcasts in a Realtime channel.

use crate::phoenix::{Body, Fate, Line, Status};
use crate::supabase::channel::Channel;
use crate::supabase::realtime::Realtime;

/// The client pushed `broadcast`, as text or in a binary frame.
pub(super) fn receive(
    realtime: &Realtime,
    line: &Line,
    channel: &Channel,
    reference: Option<String>,
    body: Body,
) -> Fate {
    // Who may not write gets no answer, even if one was asked for.
    if channel.private && !channel.rights.write {
        return Fate::Stays;
    }
    let (status, response) = if body.bytes() > realtime.settings.lock().max_payload_bytes {
        (Status::Error, r#""payload_size_exceeded""#)
    } else {
        // The sender is never shut out for what it sends, only counted.
        realtime.admit_message();
        let except = (!channel.echo).then_some(line.instance);
        realtime.engine.exchange.broadcast(&line.place, "broadcast", body, except);
        (Status::Ok, "{}")
    };
    if channel.ack {
        line.reply(reference, status, Body::json(response));
    }
    Fate::Stays
}
