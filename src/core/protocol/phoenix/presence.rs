//! Presence as Phoenix sends it (`assets/js/phoenix/presence.js`): a whole state after the
//! join, and differences, some of which may come before it.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::core::payload::Payload;
use crate::core::protocol::frames::Incoming;

/// Differences kept for a state that is still to come. A server that never sends one (Supabase
/// with presence off) is not waited for with more.
const MAX_EARLY: usize = 256;

/// Tracks the presence of one join: whether its state came.
#[derive(Debug)]
pub(super) enum PresenceTracker<P> {
    /// Not yet: these differences came before it, and apply after it.
    Awaited(Vec<(P, P)>),
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

/// `{key: {metas: [{phx_ref, …}]}}` as `{key: [{ref, …}]}`.
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
