//! The invariants, by their names. `docs/simulation.md` lists them too.

pub(crate) mod order;
pub(crate) mod quiescence;
pub(crate) mod rows;
pub(crate) mod tokens;

/// Each subscriber saw a channel's messages once, in order, and all of them except those that a
/// gap was reported for.
pub(crate) const ORDER_ONCE: &str = "order-once";
/// A channel with a position in the log is joined again from there.
pub(crate) const RESUMES: &str = "resumes";
/// No message is in the log twice, however often it was sent.
pub(crate) const ONCE_IN_LOG: &str = "once-in-log";
/// An acknowledged message is in the log, unless the server lost it later.
pub(crate) const ACKED_IN_LOG: &str = "acked-in-log";
/// One client's messages are in a channel's log in the order of their sending.
pub(crate) const SEND_ORDER: &str = "send-order";
/// Every send ends once: acknowledged, sent or failed.
pub(crate) const SENDS_END: &str = "sends-end";
/// A send that failed because it was never written to a socket, or was rejected, is in no log; one
/// that failed because its outcome is unknown was not delivered to its own client.
pub(crate) const FAILURE_CAUSE: &str = "failure-cause";
/// Every client's presence of a channel equals the server's, without duplicates.
pub(crate) const PRESENCE_AGREES: &str = "presence-agrees";
/// Tracked presence is shown until it is untracked, whatever happens to the connection.
pub(crate) const PRESENCE_KEPT: &str = "presence-kept";
/// A user who stopped typing is not shown as typing for long.
pub(crate) const TYPING_ENDS: &str = "typing-ends";
/// A quiet collection shows the server's table, row for row.
pub(crate) const ROWS_AGREE: &str = "rows-agree";
/// No view shows a key twice, nor an inserted row together with its temporary row.
pub(crate) const NO_DOUBLE_ROW: &str = "no-double-row";
/// An inserted row shows at once and until it is settled; a removed row does not.
pub(crate) const SHOWN_AT_ONCE: &str = "shown-at-once";
/// A row that was confirmed shows for as long as the server has it.
pub(crate) const NO_FLICKER: &str = "no-flicker";
/// A field shows no earlier value of this app's again, once a later one is confirmed and shows.
pub(crate) const NO_STEP_BACK: &str = "no-step-back";
/// Rows show in one order, by key, in every tab.
pub(crate) const SAME_ORDER: &str = "same-order";
/// A row is the same object as long as its content is the same.
pub(crate) const ROW_IDENTITY: &str = "row-identity";
/// Only negotiated extensions are used.
pub(crate) const NEGOTIATED_ONLY: &str = "negotiated-only";
/// A client with demand and a healthy network is ready in time, and so are its channels.
pub(crate) const LIVENESS: &str = "liveness";
/// Without demand there is no socket, once the linger time is over.
pub(crate) const IDLE_CLOSES: &str = "idle-closes";
/// The outputs of one call, and the memory of a client, are bounded.
pub(crate) const NO_GROWTH: &str = "no-growth";
/// No token is in any event or printed text.
pub(crate) const NO_TOKEN_LEAKED: &str = "no-token-leaked";
/// Messages sent by an engine before a crash are not sent by its replacement.
pub(crate) const NO_RESEND_AFTER_CRASH: &str = "no-resend-after-crash";
/// A token that the server rejected is never sent again.
pub(crate) const REJECTED_ONCE: &str = "rejected-once";
/// No token is renewed before its time, whatever the device's clock is.
pub(crate) const CALM_RENEWAL: &str = "calm-renewal";
/// Without faults no token expires on an open connection, if its client can know its expiry.
pub(crate) const RENEWED_IN_TIME: &str = "renewed-in-time";
/// Connections opened, tokens requested and joins of a channel within a minute are bounded.
pub(crate) const BOUNDED_TRIES: &str = "bounded-tries";
/// A message that ends each connection it is sent on is not sent forever, and others are delivered.
pub(crate) const FATAL_MESSAGE_ENDS: &str = "fatal-message-ends";
/// Nothing received before the connection was authenticated is delivered.
pub(crate) const AUTHENTICATED_FIRST: &str = "authenticated-first";
/// Nothing without a position is delivered on a channel with positions.
pub(crate) const POSITION_REQUIRED: &str = "position-required";
/// A message that is too large is a gap of that message alone.
pub(crate) const GAP_EXACT: &str = "gap-exact";
/// The client never panics.
pub(crate) const NO_PANIC: &str = "no-panic";
