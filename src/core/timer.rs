//! Deadlines with their reasons.

use core::num::NonZeroU64;

use super::time::Instant;

/// The reason of a deadline, which a debug log can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TimerReason {
    /// The app's answer to a token request is overdue.
    TokenFetch,
    /// The socket has not opened in time.
    SocketOpen,
    /// The server has not accepted the connection in time.
    Authentication,
    /// The next attempt to connect.
    Reconnect,
    /// The next ping.
    Ping,
    /// The answer to a ping is overdue.
    Pong,
    /// The connection has lasted long enough to reset the failure count.
    Stable,
    /// The token in use is to be renewed.
    TokenRefresh,
    /// The server has not accepted the new token in time.
    Reauthentication,
    /// A loss no longer counts in the connection's quality.
    Quality,
    /// The connection is closed, because there is no demand.
    ConnectionLinger,
    /// The connection is closed, because the page is hidden.
    HiddenPause,
    /// The next join that the rate limit permits.
    JoinRate,
    /// A channel is left, because it has no subscriber.
    ChannelLinger,
    /// An idle persistent channel is left.
    IdleEviction,
    /// The answer to a join is overdue.
    Join,
    /// The answer to a leave is overdue.
    Leave,
    /// A channel that could not be joined is joined again.
    Rejoin,
    /// Missing messages are requested, or their arrival is overdue.
    MissingMessages,
    /// The acknowledgement of a message is overdue.
    Ack,
    /// A message that waits to be sent expires.
    MessageExpiry,
    /// A presence request, the timeout of one, or an emission of changes is due.
    Presence,
    /// A typing message or the expiry of one is due.
    Typing,
    /// A deadline of a collection is due.
    Collection,
    /// Messages received since the last render tick are to be rendered.
    RenderTick,
}

/// A deadline with its reason, packed into one number, because all parts return one in each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer(NonZeroU64);

/// The number of bits of a reason.
const REASON_BITS: u32 = 8;

/// The latest deadline, in milliseconds, which is never reached.
const MAX_MS: u64 = (u64::MAX >> REASON_BITS) - 1;

impl Timer {
    /// A deadline with this reason.
    #[must_use]
    pub fn new(at: Instant, reason: TimerReason) -> Self {
        let bits = (at.as_ms().min(MAX_MS) + 1) << REASON_BITS;
        Self(NonZeroU64::MIN.saturating_add((bits | u64::from(reason as u8)) - 1))
    }

    /// The time of the deadline.
    #[must_use]
    pub const fn at(self) -> Instant {
        Instant::from_ms((self.0.get() >> REASON_BITS) - 1)
    }

    /// The number by which timers are ordered.
    pub(crate) const fn bits(self) -> u64 {
        self.0.get()
    }

    /// The timer of this number; `u64::MAX` is none.
    pub(crate) fn from_bits(bits: u64) -> Option<Self> {
        NonZeroU64::new(bits).filter(|_| bits < u64::MAX).map(Self)
    }

    /// The number at or below which all timers are that are due.
    pub(crate) const fn latest_bits(now: Instant) -> u64 {
        ((now.as_ms() + 2) << REASON_BITS) - 1
    }

    /// The reason of the deadline.
    #[must_use]
    pub fn reason(self) -> TimerReason {
        let number = self.0.get() & ((1 << REASON_BITS) - 1);
        let has_number = |reason: &&TimerReason| **reason as u64 == number;
        TimerReason::ALL.iter().find(has_number).copied().unwrap_or(TimerReason::RenderTick)
    }
}

impl TimerReason {
    const ALL: [Self; 25] = [
        Self::TokenFetch,
        Self::SocketOpen,
        Self::Authentication,
        Self::Reconnect,
        Self::Ping,
        Self::Pong,
        Self::Stable,
        Self::TokenRefresh,
        Self::Reauthentication,
        Self::Quality,
        Self::ConnectionLinger,
        Self::HiddenPause,
        Self::JoinRate,
        Self::ChannelLinger,
        Self::IdleEviction,
        Self::Join,
        Self::Leave,
        Self::Rejoin,
        Self::MissingMessages,
        Self::Ack,
        Self::MessageExpiry,
        Self::Presence,
        Self::Typing,
        Self::Collection,
        Self::RenderTick,
    ];
}

/// The earlier of two deadlines; `None` is never.
#[must_use]
pub fn earliest(a: Option<Timer>, b: Option<Timer>) -> Option<Timer> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}

/// A deadline with this reason; `None` is never.
pub(crate) fn timer(at: Option<Instant>, reason: TimerReason) -> Option<Timer> {
    Some(Timer::new(at?, reason))
}

#[cfg(test)]
mod tests {
    use super::{Timer, TimerReason, earliest};
    use crate::core::time::Instant;

    fn at(ms: u64, reason: TimerReason) -> Option<Timer> {
        Some(Timer::new(Instant::from_ms(ms), reason))
    }

    #[test]
    fn earlier_deadline_is_kept_with_its_reason() {
        let (ping, pong) = (at(5, TimerReason::Ping), at(4, TimerReason::Pong));
        assert_eq!(earliest(ping, pong), pong);
        assert_eq!(earliest(pong, ping), pong);
        assert_eq!(earliest(None, ping), ping);
    }

    #[test]
    fn timer_returns_the_instant_and_the_reason_of_its_creation() {
        for reason in TimerReason::ALL {
            for ms in [0, 1, 1_767_225_600_000, (1 << 55) - 1] {
                let timer = Timer::new(Instant::from_ms(ms), reason);
                assert_eq!((timer.at(), timer.reason()), (Instant::from_ms(ms), reason));
            }
        }
    }

    #[test]
    fn deadline_over_the_maximum_is_later_than_all_others() {
        let never = at(u64::MAX, TimerReason::TokenFetch);
        assert_eq!(
            earliest(never, at(1 << 50, TimerReason::RenderTick)).map(Timer::reason),
            Some(TimerReason::RenderTick)
        );
    }
}
