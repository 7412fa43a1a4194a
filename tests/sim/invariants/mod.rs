//! What must hold, each under its name.

pub(crate) mod order;
pub(crate) mod quiescence;
pub(crate) mod rows;
pub(crate) mod tokens;

/// Each subscriber saw a channel's messages once, in order, and all of them except those that a
/// gap was reported for.
pub(crate) const ORDER_ONCE: &str = "order-once";
/// A channel that has a place in the log is joined again from there.
pub(crate) const RESUMES: &str = "resumes";
/// No message is in the log twice, however often it was sent.
pub(crate) const ONCE_IN_LOG: &str = "once-in-log";
/// An acknowledged message is in the log, unless the server lost it later.
pub(crate) const ACKED_IN_LOG: &str = "acked-in-log";
/// One client's messages are in a channel's log in the order of their sending.
pub(crate) const SEND_ORDER: &str = "send-order";
/// Every send ends once: acknowledged, handed over or failed.
pub(crate) const SENDS_END: &str = "sends-end";
/// A send that failed because it was never handed to a socket, or was refused, is in no log; one
/// that failed because nobody knows what became of it was not delivered to its own client.
pub(crate) const HONEST_FAILURE: &str = "honest-failure";
/// Everybody sees in a channel whom the server has there, and nobody twice.
pub(crate) const PRESENCE_AGREES: &str = "presence-agrees";
/// What a client shows of its user is shown until it takes it back, whatever the connection does.
pub(crate) const PRESENCE_KEPT: &str = "presence-kept";
/// Who stopped typing is not shown as typing for long.
pub(crate) const TYPING_ENDS: &str = "typing-ends";
/// A quiet collection shows the server's table, row for row.
pub(crate) const ROWS_AGREE: &str = "rows-agree";
/// No view shows a key twice, nor an inserted row beside its temporary self.
pub(crate) const NO_DOUBLE_ROW: &str = "no-double-row";
/// What is inserted shows at once and as long as it is not settled; what is removed does not.
pub(crate) const SHOWN_AT_ONCE: &str = "shown-at-once";
/// A row that was confirmed shows for as long as the server has it.
pub(crate) const NO_FLICKER: &str = "no-flicker";
/// A field shows no earlier value of this app's again, once a later one is confirmed and shows.
pub(crate) const NO_STEP_BACK: &str = "no-step-back";
/// Rows show in one order, by key, in every tab.
pub(crate) const SAME_ORDER: &str = "same-order";
/// A row is the very same value for as long as it says the same.
pub(crate) const ROW_IDENTITY: &str = "row-identity";
/// Nothing is sent that the server did not agree to.
pub(crate) const AGREED: &str = "agreed";
/// A client with demand and a healthy network is ready in time, and so are its channels.
pub(crate) const LIVENESS: &str = "liveness";
/// Without demand there is no socket, once the linger time is over.
pub(crate) const QUIET: &str = "quiet";
/// What one call leads to, and what a client holds, is bounded.
pub(crate) const NO_GROWTH: &str = "no-growth";
/// No token is in anything that is told or printed.
pub(crate) const NO_TOKEN_LEAKED: &str = "no-token-leaked";
/// What an engine had sent when it crashed is not sent by the one that replaces it.
pub(crate) const NO_RESEND_AFTER_CRASH: &str = "no-resend-after-crash";
/// A token that the server refused is never sent again.
pub(crate) const REJECTED_ONCE: &str = "rejected-once";
/// No token is renewed before its time, whatever the device's clock says.
pub(crate) const CALM_RENEWAL: &str = "calm-renewal";
/// In a healed world no token ends on an open connection, if its client can know when it ends.
pub(crate) const RENEWED_IN_TIME: &str = "renewed-in-time";
/// Within a minute a client opens, asks and joins so often at most, whatever fails.
pub(crate) const BOUNDED_TRIES: &str = "bounded-tries";
/// What ends each connection it is sent on is not sent for ever, and everything else goes on.
pub(crate) const POISON_ENDS: &str = "poison-ends";
/// Nothing that came before the connection was authenticated is delivered.
pub(crate) const NOTHING_EARLY: &str = "nothing-early";
/// Nothing without its place is delivered on a channel that counts.
pub(crate) const PLACED_ONLY: &str = "placed-only";
/// A message that is too large is a gap of that message alone.
pub(crate) const GAP_EXACT: &str = "gap-exact";
/// The client never panics.
pub(crate) const NO_PANIC: &str = "no-panic";
