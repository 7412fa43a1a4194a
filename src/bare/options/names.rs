//! The names of all options. `pkg-template/src/option-names.ts` has those of the package; a test compares them.

/// Names of options, each with the names within its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names(pub(super) &'static [(&'static str, Option<Self>)]);

macro_rules! names {
    ($($name:literal $(: $within:expr)?),* $(,)?) => {
        Names(&[$(($name, names!(@ $($within)?))),*])
    };
    (@ $within:expr) => { Some($within) };
    (@) => { None };
}

const CAP: Names = names!["untilMs", "maxMs"];
const RECONNECT: Names = names!["baseMs", "maxMs", "resetMs", "maxAttempts", "caps": CAP];
const HEARTBEAT: Names = names!["everyMs", "timeoutMs"];
const VISIBILITY: Names = names!["pauseAfterMs"];
const QUEUE: Names = names!["maxMessages", "maxBytes", "ttlMs"];
const REFRESH: Names = names!["percent", "minIntervalMs"];

/// Of a client. All of the package's but `wasm`: this module is the engine.
pub(crate) const CLIENT: Names = names![
    "url", "protocol", "vsn", "apiKey", "exactNumbers", "getToken", "auth", "params", "protocols",
    "connectTimeoutMs", "heartbeat": HEARTBEAT, "reconnect": RECONNECT, "lingerMs",
    "idleChannelTtlMs", "maxChannels", "maxFrameBytes", "visibility": VISIBILITY, "dedup",
    "reorder", "batchMs", "identity", "queue": QUEUE, "ackTimeoutMs", "joinTimeoutMs",
    "probeTimeoutMs", "refresh": REFRESH, "rejoin", "debug", "logger",
];

const REPLAY: Names = names!["since", "limit"];
const BROADCAST: Names = names!["ack", "self", "replay": REPLAY];
const PRESENCE: Names = names!["key"];
const FILTER: Names = names!["event", "schema", "table", "filter", "select"];
const EVENTS: Names = names!["insert", "update", "delete"];

/// Of a channel.
pub(crate) const CHANNEL: Names = names![
    "persistent", "idleTtlMs", "params", "broadcast": BROADCAST, "presence": PRESENCE,
    "postgresChanges": FILTER, "private", "dedupKey", "onError", "onGap",
];

/// Of a collection, with those of its channel.
pub(crate) const COLLECTION: Names = names![
    "persistent", "idleTtlMs", "params", "broadcast": BROADCAST, "presence": PRESENCE,
    "postgresChanges": FILTER, "private", "dedupKey", "onError", "onGap",
    "key", "load", "persist", "events": EVENTS, "conflict", "version", "sort", "limit",
];

/// Of a send.
pub(crate) const SEND: Names = names!["ack", "event", "timeoutMs", "ttlMs", "ephemeral", "signal"];
