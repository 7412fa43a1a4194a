//! Broadcasts in a Realtime channel.

use crate::phoenix::{Body, ChannelHandle, ChannelOutcome, Status};
use crate::supabase::channel::Channel;
use crate::supabase::realtime::Realtime;

/// The client pushed `broadcast`, as text or in a binary frame.
pub(super) fn receive(
    realtime: &Realtime,
    handle: &ChannelHandle,
    channel: &Channel,
    reference: Option<String>,
    body: Body,
) -> ChannelOutcome {
    // A client that may not write gets no answer, even if it requested one.
    if channel.private && !channel.rights.write {
        return ChannelOutcome::Continue;
    }
    let (status, response) = if body.bytes() > realtime.settings.lock().max_payload_bytes {
        (Status::Error, r#""payload_size_exceeded""#)
    } else {
        // The sender's channel is never closed for what it sends; it is only counted.
        realtime.admit_message();
        let except = (!channel.echo).then_some(handle.instance);
        realtime.engine.topics.broadcast(&handle.place, "broadcast", body, except);
        (Status::Ok, "{}")
    };
    if channel.ack {
        handle.reply(reference, status, Body::json(response));
    }
    ChannelOutcome::Continue
}
