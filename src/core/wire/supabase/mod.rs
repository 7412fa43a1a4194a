//! What Supabase Realtime says over Phoenix (`lib/realtime_web/channels` of supabase/realtime).

mod bindings;
mod change;
mod columns;
mod config;
mod refusal;

use alloc::boxed::Box;
use alloc::vec::Vec;

pub use bindings::Bindings;
pub use change::change;
pub use config::{acks, config, covers, replay_from};
pub use refusal::{refusal, shutdown};

use super::Incoming;
use crate::core::error::Refusal;
use crate::core::io::Delivery;
use crate::core::payload::Payload;

/// What topics begin with. The server's own names of channels are without it.
pub const TOPIC_PREFIX: &str = "realtime:";

/// The event of what members say to each other; the app's own is within.
pub const BROADCAST: &str = "broadcast";

/// How long a refused join keeps all else on its connection waiting, in milliseconds
/// (`CHANNEL_ERROR_BACKOFF_MS`).
pub const REFUSAL_STALL_MS: u64 = 5_000;

/// A broadcast: the event and the payload its sender gave; from the database or the log with an
/// id.
pub fn broadcast<P: Payload>(payload: &P) -> Delivery<P> {
    let meta = payload.field("meta");
    let meta = |name| meta.as_ref().and_then(|meta| meta.field(name));
    let replayed = meta("replayed").and_then(|replayed| replayed.as_bool());
    Delivery {
        id: meta("id").filter(P::is_text),
        recovered: replayed == Some(true),
        ..Delivery::plain(
            payload.field("event").filter(P::is_text),
            payload.field("payload").unwrap_or_else(P::null),
        )
    }
}

/// What the server says about the channel itself, which the app hears too. Returns why the
/// channel will end, if that is what it says.
pub fn system<P: Payload>(
    channel: &str,
    payload: P,
    out: &mut Vec<Incoming<P>>,
) -> Option<Refusal> {
    let text = |name| payload.field(name).and_then(|value| value.as_text()).unwrap_or_default();
    let (extension, status, message) = (text("extension"), text("status"), text("message"));
    let is_ok = status == "ok";
    let parting = (extension == "system" && !is_ok).then(|| shutdown(&message));
    if extension == "postgres_changes" {
        let channel = channel.into();
        out.push(if is_ok {
            Incoming::Live { channel }
        } else {
            let refusal = Refusal { message, ..Refusal::default() };
            Incoming::ChannelError { channel, refusal }
        });
    }
    let delivery = Box::new(Delivery::plain(Some(P::text("system")), payload));
    out.push(Incoming::Message { channel: channel.into(), delivery });
    parting
}
