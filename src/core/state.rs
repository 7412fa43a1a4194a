//! The states that the app sees.

/// The connection's state, as the app sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// Nobody wants a connection.
    Idle,
    /// A first attempt is under way.
    Connecting,
    /// The socket is open; the server has not accepted it yet.
    Authenticating,
    /// Messages flow.
    Ready,
    /// It was lost or could not be made, and is tried again.
    Reconnecting,
    /// The page is hidden or put away.
    Paused,
    /// The browser has no network.
    Offline,
    /// It ended for a reason that trying again cannot mend.
    Failed,
    /// `destroy()`.
    Closed,
}

/// The grade of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Quality {
    /// As good as it gets.
    Excellent,
    /// Nobody will notice.
    Good,
    /// People will notice.
    Poor,
    /// There is no connection.
    Offline,
}

/// A channel's state, as the app sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ChannelState {
    /// Not in yet, or not any more and coming back.
    Joining,
    /// The server confirmed the membership.
    Joined,
    /// Everything requested of the channel is live, and what was missed has been delivered.
    Ready,
    /// The server rejected the join for good.
    Failed,
    /// Nobody wants it.
    Left,
}

/// Whether anything was missed between the last two memberships.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Continuity {
    /// There was no earlier membership.
    Fresh,
    /// Everything missed is delivered.
    Recovered,
    /// Something was missed.
    Gap,
    /// It cannot be known.
    Unknown,
}
