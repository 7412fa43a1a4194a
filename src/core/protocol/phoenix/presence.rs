//! The presence frames of Phoenix (`assets/js/phoenix/presence.js`): a whole state after the join,
//! and differences, some of which may be received before it.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::core::payload::Payload;
use crate::core::protocol::frames::Incoming;

/// The most differences buffered until the state is received. A server with presence off (Supabase)
/// never sends one.
const MAX_EARLY: usize = 256;

/// Whether the presence state of a join was received.
#[derive(Debug)]
pub(super) enum PresenceTracker<P> {
    /// Not yet. These differences were received before it, and are applied after it.
    Awaited(Vec<(P, P)>),
    /// It was received.
    Known,
}

impl<P> Default for PresenceTracker<P> {
    fn default() -> Self {
        Self::Awaited(Vec::new())
    }
}

impl<P: Payload> PresenceTracker<P> {
    pub(super) fn state(&mut self, channel: &str, state: &P, out: &mut Vec<Incoming<P>>) {
        out.push(Incoming::PresenceState { channel: channel.into(), state: metas(state) });
        if let Self::Awaited(early) = core::mem::replace(self, Self::Known) {
            out.extend(early.into_iter().map(|(joins, leaves)| difference(channel, joins, leaves)));
        }
    }

    pub(super) fn diff(&mut self, channel: &str, diff: &P, out: &mut Vec<Incoming<P>>) {
        let part =
            |name| diff.field(name).map_or_else(|| P::object(Vec::new()), |part| metas(&part));
        let (joins, leaves) = (part("joins"), part("leaves"));
        match self {
            Self::Known => out.push(difference(channel, joins, leaves)),
            Self::Awaited(early) => {
                if early.len() == MAX_EARLY {
                    early.remove(0);
                }
                early.push((joins, leaves));
            }
        }
    }
}

fn difference<P>(channel: &str, joins: P, leaves: P) -> Incoming<P> {
    Incoming::PresenceDiff { channel: channel.into(), joins, leaves }
}

/// Converts `{key: {metas: [{phx_ref, …}]}}` to `{key: [{ref, …}]}`.
fn metas<P: Payload>(keys: &P) -> P {
    let known = keys.keys().into_iter().filter_map(|key| {
        let metas = keys.member(&key)?.field("metas")?.items()?;
        Some((key, P::array(metas.iter().map(meta).collect())))
    });
    P::object(Vec::new()).merged(known.collect())
}

fn meta<P: Payload>(meta: &P) -> P {
    let own = |key: &String| key != "phx_ref" && key != "phx_ref_prev";
    let mut members: Vec<_> = meta
        .keys()
        .into_iter()
        .filter(own)
        .filter_map(|key| meta.member(&key).map(|value| (key, value)))
        .collect();
    members.extend(meta.field("phx_ref").map(|reference| (String::from("ref"), reference)));
    P::object(vec![]).merged(members)
}
