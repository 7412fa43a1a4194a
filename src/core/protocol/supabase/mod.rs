//! The payloads of Supabase Realtime over Phoenix (`lib/realtime_web/channels` of
//! supabase/realtime).

mod column_types;
mod defined;
mod errors;
mod filters;
mod join_config;
mod names;
mod row_change;

use alloc::string::String;
use alloc::vec::Vec;

pub use column_types::Numbers;
pub use errors::{rejection, shutdown};
pub use filters::{Bindings, filters};
pub use join_config::{acks, config, covers, part, replay_from, set_option};
pub use names::{BROADCAST, POSTGRES_CHANGES, SYSTEM, TOPIC_PREFIX};
pub use row_change::change;

use crate::core::error::Rejection;
use crate::core::message::{LiveCause, Message};
use crate::core::payload::Payload;
use crate::core::protocol::frames::Incoming;

/// The message of a broadcast, with the event and payload of its sender. One from the database or
/// the log has an id, which the server sends in `meta`.
pub fn broadcast<P: Payload>(payload: &P, meta: Option<&P>) -> Message<P> {
    let meta = |name| meta.and_then(|meta| meta.field(name));
    let replayed = meta("replayed").and_then(|replayed| replayed.as_bool());
    Message {
        id: meta("id").filter(P::is_string),
        recovered: replayed == Some(true),
        ..Message::plain(
            payload.field("event").filter(P::is_string),
            payload.field("payload").unwrap_or_else(P::null),
        )
    }
}

/// Decodes a `system` message about the channel itself, which the app receives as well. `cause`:
/// the cause of the next report that the database subscription is live, if the channel has one.
/// Returns the rejection with which the channel ends, if it does.
pub fn system<P: Payload>(
    channel: String,
    payload: P,
    cause: Option<&mut LiveCause>,
    out: &mut Vec<Incoming<P>>,
) -> Option<Rejection> {
    let text = |name| payload.field(name).and_then(|value| value.as_text()).unwrap_or_default();
    let (extension, status, message) = (text("extension"), text("status"), text("message"));
    let is_ok = status == "ok";
    let close_rejection = (extension == "system" && !is_ok).then(|| shutdown(&message));
    if extension == "postgres_changes" {
        let channel = channel.clone();
        let rejection = Rejection { message, ..Rejection::default() };
        let cause = cause.map(|cause| core::mem::replace(cause, LiveCause::Server));
        out.extend(match (is_ok, cause) {
            (true, cause) => cause.map(|cause| Incoming::Live { channel, cause }),
            (false, Some(_)) => Some(Incoming::NotLive { channel, rejection }),
            (false, None) => Some(Incoming::ChannelError { channel, rejection }),
        });
    }
    out.push(Incoming::System { channel, event: "system", payload });
    close_rejection
}
