//! Broadcasts in a Realtime channel.

use crate::phoenix::{Body, ChannelHandle, ChannelOutcome, Status};
use crate::supabase::channel::Channel;
use crate::supabase::realtime::Realtime;

/// Handles the client's push `broadcast`, as text or in a binary frame.
pub(super) fn receive(
    realtime: &Realtime,
    handle: &ChannelHandle,
    channel: &Channel,
    reference: Option<String>,
    body: Body,
) -> ChannelOutcome {
    // The real server sends a client without write access no reply, even if it requested one.
    if channel.private && !channel.rights.write {
        return ChannelOutcome::Continue;
    }
    let (status, response) = if body.bytes() > realtime.settings.lock().max_payload_bytes {
        (Status::Error, r#""payload_size_exceeded""#)
    } else {
        // A sent broadcast is counted, but never closes the sender's channel.
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
